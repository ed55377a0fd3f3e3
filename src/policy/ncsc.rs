//! What NCSC's macOS provisioning script set, all 36 settings, and what has become of each: the controls that look at it, or why
//! there is none. `docs/ncsc.md` and the preset `ncsc` are made of this.

use crate::control::Value;

/// One setting of the script.
#[derive(Debug)]
pub struct Row {
    /// Its number, from 1.
    pub number: u32,
    /// What the script set, in words.
    pub what: &'static str,
    /// The controls that look at it; empty where there is a reason for none.
    pub controls: &'static [&'static str],
    /// Why there is none; or `None`.
    pub reason: Option<Reason>,
    /// What is different today, or what else there is to know.
    pub note: &'static str,
}

/// Why a setting has no control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does nothing any more since this version of macOS.
    Obsolete(&'static str),
    /// It does harm.
    Harmful,
    /// It sets a Mac up and hardens nothing.
    Provisioning,
    /// It is a user's convenience, or nothing shows that it still works.
    LeftOut,
}

impl Reason {
    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Obsolete(since) => format!("obsolete since macOS {since}"),
            Self::Harmful => "harmful".to_owned(),
            Self::Provisioning => "provisioning, not hardening".to_owned(),
            Self::LeftOut => "left out".to_owned(),
        }
    }
}

const fn held(number: u32, what: &'static str, controls: &'static [&'static str], note: &'static str) -> Row {
    Row { number, what, controls, reason: None, note }
}

const fn not(number: u32, what: &'static str, reason: Reason, note: &'static str) -> Row {
    Row { number, what, controls: &[], reason: Some(reason), note }
}

/// The values that the script set, where they are not the defaults here.
pub static VALUES: [(&str, &[(&str, Value)]); 3] = [
    ("screen_lock_idle_timeout", &[("MaximumIdle", Value::Integer(600))]),
    ("screen_lock_password_delay", &[("MaximumDelay", Value::Integer(0))]),
    ("firewall_allow_signed", &[("BuiltIn", Value::Flag(true)), ("Downloaded", Value::Flag(true))]),
];

/// All of them.
pub static ROWS: [Row; 36] = [
    held(
        1,
        "FileVault is turned on, the recovery key shown",
        &["filevault_on", "filevault_recovery_key_escrowed", "filevault_disable_blocked"],
        "Only a user with a secure token or a profile turns it on; macOS 26 no longer prints the key.",
    ),
    not(
        2,
        "A separate hidden account unlocks the disk",
        Reason::Obsolete("10.13"),
        "On APFS those who unlock are those with a secure token; NCSC dropped it itself in 2021. `filevault_unlockers` names who can.",
    ),
    held(
        3,
        "A firmware password",
        &["firmware_password", "recovery_lock"],
        "Intel has the password, Apple silicon has Recovery Lock, which an MDM sets.",
    ),
    held(4, "System Integrity Protection is on, else the script stops", &["system_integrity_protection"], ""),
    held(5, "The system volume is authenticated, else the script stops", &["sealed_system_volume"], ""),
    held(6, "Gatekeeper is on", &["gatekeeper"], "Since macOS 15 only a profile turns it on."),
    held(
        7,
        "The clock is set from time.apple.com",
        &["network_time", "network_time_server"],
        "The script set it once and did not turn network time on.",
    ),
    not(
        8,
        "No fast user switching",
        Reason::LeftOut,
        "No rule of NIST's project asks for it, and whether macOS still heeds the key could not be established.",
    ),
    not(9, "Computer and host name", Reason::Provisioning, ""),
    held(
        10,
        "A standard account for the user",
        &["daily_user_not_administrator"],
        "To make the account is provisioning; the script had its password on the command line, where every process sees it.",
    ),
    held(
        11,
        "The user gets a secure token",
        &["secure_tokens", "bootstrap_token"],
        "An escrowed bootstrap token has macOS give it at the first login.",
    ),
    held(12, "Content caching is off", &["content_caching"], "The script's own test of it never saw that it was on."),
    not(
        13,
        "Setup Assistant's panes are marked as seen in the template for new users",
        Reason::Obsolete("10.15"),
        "The template is on the system volume, which is read-only since; a profile skips the panes.",
    ),
    not(
        14,
        "A restricted bash",
        Reason::Obsolete("10.15"),
        "The shell is zsh since, and a restricted shell is left with one command.",
    ),
    held(15, "Terminal's secure keyboard entry", &["terminal_secure_input"], ""),
    not(
        16,
        "The login keychain locks on sleep and after 6 hours",
        Reason::Harmful,
        "Single sign-on and every background service ask for the password again; no rule of NIST's project asks for it.",
    ),
    held(
        17,
        "The login window: no automatic login, name and password, a message, no hints, no guest, no administrators shown, no \
         restart, shut down and sleep",
        &[
            "automatic_login",
            "filevault_automatic_login",
            "login_window_name_and_password",
            "login_window_message",
            "login_window_password_hints",
            "guest_account",
        ],
        "Name and password leaves no list to hide an account from. To take away its buttons for restart, shut down and sleep keeps \
         nobody from the power button, and is left out.",
    ),
    held(
        18,
        "No password hints, in root's own preferences",
        &["login_window_password_hints"],
        "There it did nothing; the script put it right in 2021.",
    ),
    held(
        19,
        "The FileVault key is destroyed on standby, and the Mac hibernates",
        &["filevault_key_destroyed_on_standby", "filevault_standby", "hibernation_intel"],
        "",
    ),
    held(20, "No guests on file shares", &["guest_shared_folders"], "AFP is gone since macOS 11; SMB is left."),
    held(21, "Siri is off", &["siri"], "In root's own preferences it did nothing; a profile does it."),
    not(
        22,
        "IPv6 is off",
        Reason::Harmful,
        "Apple's services and IPv6-only networks need it. `ipv6_policy` can have it off for those who must.",
    ),
    not(
        23,
        "The infrared receiver is off",
        Reason::Obsolete("14"),
        "No Mac that runs a supported macOS has a receiver.",
    ),
    held(
        24,
        "Bluetooth is off, its menu shown",
        &["bluetooth", "bluetooth_menu"],
        "It takes keyboards and mice with it, so it is only looked at until policy names it.",
    ),
    not(
        25,
        "Wi-Fi is off, but for MacBooks",
        Reason::Harmful,
        "A Mac without another network can then be managed by nobody; whether to have Wi-Fi is the organisation's choice.",
    ),
    held(26, "No wake for network access", &["wake_on_network"], ""),
    held(27, "Updates are looked for on schedule", &["update_check"], ""),
    held(28, "Updates are looked for and downloaded", &["update_check", "update_download"], ""),
    held(
        29,
        "Protection data and security responses are installed",
        &["update_config_data", "update_security_responses"],
        "",
    ),
    held(
        30,
        "Updates of apps and of macOS are installed",
        &["update_app_store", "update_install_macos"],
        "The key for macOS that the script set has had another name since macOS 10.14.",
    ),
    held(
        31,
        "The display sleeps after 5 minutes",
        &["display_and_system_sleep"],
        "The control's own values are those of NIST's project; a display that sleeps does not lock by itself.",
    ),
    held(
        32,
        "The screen saver starts after 600 seconds and asks for the password at once",
        &["screen_lock_idle_timeout", "screen_lock_password_required", "screen_lock_password_delay"],
        "In root's own preferences it did nothing. The script's text says 5 minutes; NCSC's MDM table asks for the password after 5 \
         seconds.",
    ),
    held(
        33,
        "The firewall is on, logs, lets signed software through, and is in stealth mode",
        &["firewall_on", "firewall_logging", "firewall_allow_signed", "firewall_stealth"],
        "NCSC's MDM table has it block all incoming connections instead (`firewall_block_all`). Logging has no switch since macOS 15.",
    ),
    not(
        34,
        "All file extensions are shown",
        Reason::LeftOut,
        "Each user's own choice in the Finder; NIST's project has no rule for it on macOS 26.",
    ),
    held(35, "No diagnostic reports to Apple and developers", &["diagnostic_reports"], ""),
    held(36, "No Bonjour advertising", &["bonjour_advertising"], ""),
];
