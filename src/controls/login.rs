//! The login window, and who gets past it.

use crate::control::preference::{MCX, number, shown};
use crate::control::{
    Aim, Area, Can, Control, Finding, Kind, Laxer, Level, Local, Plan, Refs, Remedy, Setting, Severity, Step, Variant,
    View, Watch,
};
use crate::host::ToolError;
use crate::mac::{dscl, status, sysadminctl};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[
    &AUTOMATIC_LOGIN,
    &GUEST_ACCOUNT,
    &NAME_AND_PASSWORD,
    &PASSWORD_HINTS,
    &HINTS_REMOVED,
    &FILEVAULT_AUTOMATIC_LOGIN,
    &HOST_INFO,
    &MESSAGE,
];

const DOMAIN: &str = "com.apple.loginwindow";
const FILES: &[Watch] = &[Watch::Domain(DOMAIN)];

/// The variant in which root sets a preference of the login window's.
const fn writable(how: &'static str, plan: fn(&View<'_>) -> Result<Plan, ToolError>) -> Variant {
    Variant::everywhere(Can::YesUnlessManaged, Remedy::sets(how, plan))
}

static AUTOMATIC_KEY: Local = Local::new(DOMAIN, "autoLoginUser", Aim::Absent);

/// What macOS logs in with: the password, by a known key. It is never read.
const PASSWORD_FILE: &str = "/private/etc/kcpassword";

static AUTOMATIC_LOGIN: Control = Control {
    id: "automatic_login",
    title: "Nobody is logged in by starting the Mac",
    why: "Otherwise whoever has the Mac has the session, and the password lies on the disk under a key that everybody knows.",
    check: "autoLoginUser of com.apple.loginwindow, neither forced by a profile nor set in /Library/Preferences; and \
            that there is no /private/etc/kcpassword, which is not opened. A profile that forbids automatic login only \
            greys the switch out, so it is not looked at",
    refs: Refs {
        cis_macos: &[(14, "2.12.3"), (15, "2.13.3"), (26, "2.13.3")],
        cis_v8: &["4.7"],
        nist_800_53r5: &["IA-2", "IA-5(13)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-002066"), (15, "APPL-15-002066"), (26, "APPL-26-002066")],
        mscp: Some("system_settings_automatic_login_disable"),
        cis_level: Some(1),
    },
    user_impact: "After a restart somebody has to log in; what runs in a session only waits for that.",
    watches: &[Watch::Domain(DOMAIN), Watch::File(PASSWORD_FILE)],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::sets(
            "defaults delete /Library/Preferences/com.apple.loginwindow autoLoginUser. The password's file is for \
             a person to remove, by sudo rm /private/etc/kcpassword: it could not be put back without being read",
            |view| match AUTOMATIC_KEY.value(view)? {
                Some(_) => AUTOMATIC_KEY.plan(view),
                None => {
                    let because = format!("{PASSWORD_FILE} is for a person to remove: it could not be put back unread");
                    Ok(Plan::Later { because })
                }
            },
        ),
    )],
    probe: |view| {
        let password = view.ask(&status::of(PASSWORD_FILE))?.is_some();
        let left = format!("the password is left in {PASSWORD_FILE}");
        Ok(match AUTOMATIC_KEY.probe(view)? {
            Finding::Compliant { .. } if password => {
                Finding::drifted(format!("off, but {left}"), "off, and no password left")
            }
            Finding::Compliant { .. } => Finding::compliant("off"),
            Finding::Drifted { seen, .. } if password => Finding::drifted(format!("on: {seen}; {left}"), "off"),
            Finding::Drifted { seen, .. } => Finding::drifted(format!("on: {seen}"), "off"),
            other @ Finding::NotApplicable { .. } => other,
        })
    },
    ..Control::of(Area::Login, Level::L1, Severity::High)
};

/// Where a profile says that there is no guest.
const GUEST_KEYS: &[(&str, &str)] =
    &[(MCX, "DisableGuestAccount"), (MCX, "EnableGuestAccount"), (DOMAIN, "GuestEnabled")];

static GUEST_ACCOUNT: Control = Control {
    id: "guest_account",
    title: "Nobody can log in as a guest",
    why: "A guest needs no password, leaves no trace, and may reach what is shared and the network.",
    check: "sysadminctl -guestAccount status",
    refs: Refs {
        cis_macos: &[(14, "2.12.1"), (15, "2.13.1"), (26, "2.13.1")],
        cis_v8: &["5.2", "6.2", "6.8"],
        nist_800_53r5: &["AC-2", "AC-2(9)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-002063"), (15, "APPL-15-002063"), (26, "APPL-26-002063")],
        mscp: Some("system_settings_guest_account_disable"),
        cis_level: Some(1),
    },
    user_impact: "Guests cannot log in; a finder of a lost Mac without FileVault cannot be lured into going online with it.",
    watches: &[Watch::Domain(DOMAIN), Watch::Domain(MCX)],
    variants: &[writable("sysadminctl -guestAccount off", |view| {
        if let Some(managed) = view.managed(GUEST_KEYS)? {
            return Ok(managed);
        }
        let on = view.ask(&sysadminctl::guest_account())?.guest_account;
        Ok(Plan::Now(vec![Step::switch(sysadminctl::set_guest_account, "guest account", on, false)]))
    })],
    probe: |view| {
        let on = view.ask(&sysadminctl::guest_account())?.guest_account;
        Ok(Finding::switch(on, false))
    },
    ..Control::of(Area::Login, Level::L1, Severity::Medium)
};

static NAME_KEY: Local = Local::new(DOMAIN, "SHOWFULLNAME", Aim::Flag(true));

static NAME_AND_PASSWORD: Control = Control {
    id: "login_window_name_and_password",
    title: "The login window asks for name and password and lists nobody",
    why: "A list of accounts gives away half of what somebody needs to get in.",
    check: "SHOWFULLNAME of com.apple.loginwindow: what a profile forces, otherwise /Library/Preferences; not set, the login \
            window lists the accounts. The screen before macOS starts, where FileVault is unlocked, lists them all the same",
    refs: Refs {
        cis_macos: &[(14, "2.10.4"), (15, "2.11.4"), (26, "2.11.4")],
        cis_v8: &["4.1"],
        nist_800_53r5: &["IA-2"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-005052"), (15, "APPL-15-005052"), (26, "APPL-26-005052")],
        mscp: Some("system_settings_loginwindow_prompt_username_password_enforce"),
        cis_level: Some(1),
    },
    user_impact: "Everybody types their account's name at the login window.",
    watches: FILES,
    variants: &[writable(
        "defaults write /Library/Preferences/com.apple.loginwindow SHOWFULLNAME -bool true",
        |view| NAME_KEY.plan(view),
    )],
    probe: |view| NAME_KEY.probe(view),
    ..Control::of(Area::Login, Level::L1, Severity::Low)
};

static HINTS_KEY: Local = Local::new(DOMAIN, "RetriesUntilHint", Aim::Number(0));

static PASSWORD_HINTS: Control = Control {
    id: "login_window_password_hints",
    title: "The login window shows no password hints",
    why: "A hint that helps its owner helps whoever stands in front of the Mac.",
    check: "RetriesUntilHint of com.apple.loginwindow: what a profile forces, otherwise /Library/Preferences. What macOS does \
            where it is not set is not on record, so 0 is written",
    refs: Refs {
        cis_macos: &[(14, "2.10.5"), (15, "2.11.5"), (26, "2.11.5")],
        cis_v8: &["4.1"],
        nist_800_53r5: &["IA-6"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003012"), (15, "APPL-15-003012"), (26, "APPL-26-003012")],
        mscp: Some("system_settings_password_hints_disable"),
        cis_level: Some(1),
    },
    user_impact: "None.",
    watches: FILES,
    variants: &[writable(
        "defaults write /Library/Preferences/com.apple.loginwindow RetriesUntilHint -int 0",
        |view| HINTS_KEY.plan(view),
    )],
    probe: |view| HINTS_KEY.probe(view),
    ..Control::of(Area::Login, Level::L1, Severity::Low)
};

static HINTS_REMOVED: Control = Control {
    id: "password_hints_removed",
    title: "No account has a password hint",
    why: "A hint often gives the password away to whoever can read the account's record.",
    check: "dscl -readall /Users RecordName hint: no local account has one. Of a hint only that it is there is kept",
    refs: Refs {
        cis_macos: &[(14, "2.11.1"), (15, "2.12.1"), (26, "2.12.1")],
        cis_v8: &["5.2"],
        nist_800_53r5: &["IA-6"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003014"), (15, "APPL-15-003014"), (26, "APPL-26-003014")],
        mscp: Some("os_password_hint_remove"),
        cis_level: Some(1),
    },
    user_impact: "None.",
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "For each named account: sudo dscl . -delete /Users/NAME hint. This agent does not: it takes back what \
                           it changes, and for that it would have to keep the hint, which may give the password away, on record.",
        },
    )
    .of_each_user()],
    probe: |view| {
        let with: Vec<String> = view
            .ask(&dscl::hints())?
            .into_iter()
            .filter(|account| account.has_hint && !view.exempt.contains(&account.name))
            .map(|account| account.name)
            .collect();
        Ok(Finding::judge(
            with.is_empty(),
            match with.as_slice() {
                [] => "no account has one".to_owned(),
                [one] => format!("{one} has one"),
                several => format!("{} have one", several.join(", ")),
            },
            "no account has one",
        ))
    },
    ..Control::of(Area::Login, Level::L1, Severity::Low)
};

static CARRY_THROUGH_KEY: Local = Local::new(DOMAIN, "DisableFDEAutoLogin", Aim::Flag(true));

static FILEVAULT_AUTOMATIC_LOGIN: Control = Control {
    id: "filevault_automatic_login",
    title: "Unlocking FileVault at start-up logs nobody in",
    why: "Otherwise whoever unlocks the disk is in the session too, past what the login window asks and records.",
    check: "DisableFDEAutoLogin of com.apple.loginwindow: what a profile forces, otherwise /Library/Preferences; not set, \
            unlocking the disk logs in",
    refs: Refs {
        cis_v8: &["3.3", "6.7"],
        nist_800_53r5: &["AC-2(11)", "AC-3", "IA-5(13)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000033"), (15, "APPL-15-000033"), (26, "APPL-26-000033")],
        mscp: Some("os_filevault_autologin_disable"),
        ..Refs::NONE
    },
    user_impact: "After a restart the password is asked for twice: to unlock the disk, and to log in.",
    watches: FILES,
    variants: &[writable(
        "defaults write /Library/Preferences/com.apple.loginwindow DisableFDEAutoLogin -bool true",
        |view| CARRY_THROUGH_KEY.plan(view),
    )],
    probe: |view| CARRY_THROUGH_KEY.probe(view),
    ..Control::of(Area::Login, Level::L2, Severity::Medium)
};

static HOST_KEY: Local = Local::new(DOMAIN, "AdminHostInfo", Aim::Absent);

static HOST_INFO: Control = Control {
    id: "login_window_host_info",
    title: "The login window tells nothing about the Mac",
    why: "The Mac's name, address and macOS version are nobody's business who has not logged in.",
    check: "AdminHostInfo of com.apple.loginwindow: neither forced by a profile nor set in /Library/Preferences, as any value \
            brings the information to the clock of the login window. From macOS 26 on the guidance writes -1 there, which \
            counts as not set",
    refs: Refs {
        nist_800_53r5: &["AC-11(1)"],
        soc2: &["CC6.1"],
        stig: &[(26, "APPL-26-000009")],
        mscp: Some("os_loginwindow_adminhostinfo_disabled"),
        ..Refs::NONE
    },
    user_impact: "The help desk cannot have the Mac's name read out from the login window.",
    watches: FILES,
    variants: &[writable("defaults delete /Library/Preferences/com.apple.loginwindow AdminHostInfo", |view| {
        HOST_KEY.plan(view)
    })],
    probe: |view| {
        if view.facts.macos.major() >= 26
            && let Some(value) = HOST_KEY.value(view)?
            && number(&value) == Ok(-1)
        {
            return Ok(Finding::compliant(format!("turned off by {}", shown(&value))));
        }
        HOST_KEY.probe(view)
    },
    ..Control::of(Area::Login, Level::L2, Severity::Low)
};

static TEXT: Setting = Setting {
    key: "Message",
    doc: "What the login window shows. Empty: whether it shows anything is not looked at.",
    kind: Kind::Text { default: "" },
    laxer: Laxer::Any,
};

static TEXT_KEY: Local = Local::new(DOMAIN, "LoginwindowText", Aim::Text(&TEXT));

static MESSAGE: Control = Control {
    id: "login_window_message",
    title: "The login window shows the organisation's message",
    why: "It says whose Mac it is before somebody uses it, and whom to give it back to.",
    check: "LoginwindowText of com.apple.loginwindow: what a profile forces, otherwise /Library/Preferences, compared with the \
            policy's Message",
    refs: Refs {
        cis_macos: &[(14, "2.10.3"), (15, "2.11.3"), (26, "2.11.3")],
        cis_v8: &["4.1"],
        soc2: &["CC6.1"],
        mscp: Some("system_settings_loginwindow_loginwindowtext_enable"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "A text at the login window. The screen before macOS starts shows it once macOS has renewed that screen.",
    settings: &[&TEXT],
    watches: FILES,
    variants: &[writable(
        "defaults write /Library/Preferences/com.apple.loginwindow LoginwindowText -string MESSAGE",
        |view| TEXT_KEY.plan(view),
    )],
    probe: |view| TEXT_KEY.probe(view),
    ..Control::of(Area::Login, Level::L1, Severity::Low)
};
