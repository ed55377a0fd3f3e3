//! What the simulated Mac is and how it is set: plain fields, kept as `mac.json`. Preferences and policies are not here:
//! they are property lists in the Mac's own folders, as on a real one.

pub mod access;
pub mod fleet;
pub mod guard;
pub mod passwords;
pub mod people;
pub mod permissions;
mod protection;
pub mod services;
mod session;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use protection::{
    Conversion, CryptoKind, CryptoUser, Deferral, Direction, FileVault, Firewall, FirewallApp, Gatekeeper, OtherSystem,
    Restart, Seal, SecureBoot, Sip, Startup,
};
pub use session::{Assertion, DialogAnswer, JamfTrust, Job, Notice, Process};

/// A whole Mac, but for its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// World and Mac that it was made from, `neglected@arm-laptop-26`.
    pub origin: String,
    /// The operating system.
    pub macos: MacOs,
    /// The machine.
    pub hardware: Hardware,
    /// Accounts, hidden ones and macOS's own included.
    pub users: Vec<User>,
    /// Short name of who is logged in at the screen; `None` at the login window.
    pub console_user: Option<String>,
    /// Short names of those who are logged in behind the screen, by fast user switching.
    pub behind: Vec<String>,
    /// The MDM.
    pub enrollment: Enrollment,
    /// The application firewall.
    pub firewall: Firewall,
    /// Disk encryption.
    pub filevault: FileVault,
    /// The startup volume's device; the running system is a snapshot of it.
    pub startup_volume: String,
    /// Who and what can unlock the startup volume, in the order that `diskutil` prints.
    pub crypto_users: Vec<CryptoUser>,
    /// Power management.
    pub power: Power,
    /// What guards the start-up.
    pub startup: Startup,
    /// Gatekeeper.
    pub gatekeeper: Gatekeeper,
    /// Services that let others in, and the clock.
    pub sharing: Sharing,
    /// Updates that Apple offers.
    pub updates: Vec<Update>,
    /// Services that were switched on or off by hand, in the order that `launchctl` prints.
    pub service_overrides: Vec<Override>,
    /// Receipts of installed packages beside macOS's own: the version by the package's id.
    #[serde(default)]
    pub receipts: BTreeMap<String, String>,
    /// Jobs that launchd has loaded into the system domain, beside macOS's own.
    pub jobs: Vec<Job>,
    /// Further processes, in the order that `ps` prints.
    pub processes: Vec<Process>,
    /// Jamf Trust.
    pub jamf_trust: JamfTrust,
    /// How swiftDialog is answered.
    pub dialog: DialogAnswer,
    /// What Notification Center was given, in order.
    pub notices: Vec<Notice>,
    /// Login window and accounts.
    #[serde(default)]
    pub access: access::Access,
    /// Device management, the Jamf Pro client, power and radio.
    #[serde(default)]
    pub fleet: fleet::Fleet,
    /// Malware protection, disks and backups.
    #[serde(default)]
    pub guard: guard::Guard,
    /// Password policy, sudo and the SSH server.
    #[serde(default)]
    pub passwords: passwords::Passwords,
    /// Settings of each person.
    #[serde(default)]
    pub people: people::People,
    /// Owners and modes of files, and the audit system.
    #[serde(default)]
    pub permissions: permissions::Permissions,
    /// Services, sharing and network.
    #[serde(default)]
    pub services: services::Services,
}

/// The operating system's name and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacOs {
    /// `macOS`; `Mac OS X` to 10.15.
    pub product: String,
    /// `26.5.2`.
    pub version: String,
    /// A rapid security response's letter, `(a)`.
    pub extra: Option<String>,
    /// `25F84`.
    pub build: String,
}

/// Processor family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Processor {
    /// Intel with a T2 chip.
    Intel,
    /// Apple silicon.
    AppleSilicon,
}

/// What the Mac is built as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// With a battery.
    Laptop,
    /// Without.
    Desktop,
    /// A virtual Mac.
    Virtual,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hardware {
    /// Processor family.
    pub processor: Processor,
    /// Laptop, desktop or virtual.
    pub form: Form,
    /// Model identifier, `Mac16,13`.
    pub model: String,
    /// Model name, `MacBook Air`.
    pub name: String,
    /// Chip or processor as About This Mac names it.
    pub chip: String,
    /// Hardware UUID.
    pub uuid: String,
    /// The running boot's UUID.
    pub boot_session: String,
}

/// One local account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Short name.
    pub name: String,
    /// Full name.
    pub full_name: String,
    /// User id; negative for `nobody`.
    pub uid: i64,
    /// Group id.
    pub gid: i64,
    /// Is in the group `admin`.
    pub admin: bool,
    /// Open Directory's UUID.
    pub generated_uid: String,
    /// Left out of the login window.
    pub hidden: bool,
    /// Home folder.
    pub home: String,
    /// Login shell.
    pub shell: String,
    /// Holds a secure token.
    pub secure_token: bool,
    /// Seconds until the password is demanded after the screen locked; `None` where it is not demanded at all.
    pub screen_lock_delay: Option<u32>,
}

/// How far the Mac is managed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mdm {
    /// Not enrolled.
    No,
    /// Enrolled, not approved by the user.
    Yes,
    /// Enrolled and approved.
    UserApproved,
}

/// The MDM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    /// Enrolled?
    pub mdm: Mdm,
    /// Enrolled by Automated Device Enrollment.
    pub automated: bool,
    /// The server's address.
    pub server: Option<String>,
    /// The server takes bootstrap tokens.
    pub bootstrap_token_supported: bool,
    /// The server has this Mac's.
    pub bootstrap_token_escrowed: bool,
}

/// Power management.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// `destroyfvkeyonstandby`; its line is printed only where it is not 0.
    pub destroy_key_on_standby: i64,
    /// `SleepDisabled`; its line is printed only where it is not 0.
    pub sleep_disabled: i64,
    /// The settings for each source of power, in the order that `pmset -g custom` prints.
    pub sources: Vec<PowerSource>,
    /// Name of the source in use now.
    pub current: String,
    /// The keys that `pmset -g` prints, in its order, where the source in use has them.
    pub live: Vec<String>,
    /// What keeps the Mac awake.
    pub sleep_prevented_by: Vec<String>,
    /// What keeps the display awake.
    pub display_sleep_prevented_by: Vec<String>,
    /// Charge of the battery in percent; `None` where there is none.
    pub charge: Option<u8>,
    /// What `pmset -g assertions` lists, beside what `powerd` always holds.
    pub assertions: Vec<Assertion>,
}

/// The settings for one source of power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerSource {
    /// `AC Power`, `Battery Power`.
    pub name: String,
    /// Key and value, in printing order.
    pub settings: Map<String, Value>,
}

/// Services that let others in, and the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Remote Login.
    pub remote_login: bool,
    /// Remote Apple Events.
    pub remote_apple_events: bool,
    /// Remote Management.
    pub remote_management: bool,
    /// Guests may use shared folders.
    pub smb_guests: bool,
    /// The clock is set by the network.
    pub network_time: bool,
    /// By whom.
    pub network_time_server: String,
}

/// An update on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Label for installing it.
    pub label: String,
    /// Title for people.
    pub title: String,
    /// Version.
    pub version: String,
    /// Size as printed, `868648KiB`.
    pub size: String,
    /// Needs a restart.
    pub restart: bool,
}

/// A service switched on or off by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The service's label.
    pub label: String,
    /// Switched off.
    pub disabled: bool,
}

impl State {
    /// Whether macOS is at least `version`, compared number by number.
    #[must_use]
    pub fn at_least(&self, version: &[u32]) -> bool {
        let have: Vec<u32> = self.macos.version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        have.as_slice() >= version
    }

    /// The account with this short name.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The account with this user id.
    #[must_use]
    pub fn user_by_id(&self, uid: u32) -> Option<&User> {
        self.users.iter().find(|user| user.uid == i64::from(uid))
    }

    /// Whether the processor is Apple silicon.
    #[must_use]
    pub fn apple_silicon(&self) -> bool {
        self.hardware.processor == Processor::AppleSilicon
    }
}
