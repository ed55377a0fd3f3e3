//! What the simulated Mac is and how it is set: plain fields, kept as `mac.json`. Preferences and policies are not here:
//! they are property lists in the Mac's own folders, as on a real one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// `idleTime` of `com.apple.screensaver` in the user's own settings for this Mac; `None` where never set.
    pub idle_time: Option<i64>,
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

/// The application firewall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firewall {
    /// On.
    pub on: bool,
    /// Lets nothing but essential services in. Counts only while the firewall is on.
    pub block_all: bool,
    /// Does not answer probes.
    pub stealth: bool,
    /// Lets software that comes with macOS in without asking.
    pub allow_built_in: bool,
    /// Lets downloaded signed software in without asking.
    pub allow_downloaded: bool,
    /// Logs (macOS 14 and older).
    pub logging: bool,
    /// What it logs: `throttled`, `brief`, `detail`.
    pub logging_option: String,
    /// Programs with a rule of their own.
    pub apps: Vec<FirewallApp>,
}

/// A program with a firewall rule of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirewallApp {
    /// Shown name.
    pub name: String,
    /// Bundle identifier, for apps.
    pub bundle_id: Option<String>,
    /// Where it is.
    pub path: String,
    /// Let in, or blocked.
    pub allowed: bool,
}

/// Which way a volume is being converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Being encrypted.
    Encrypting,
    /// Being decrypted.
    Decrypting,
}

/// A conversion that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// Which way.
    pub direction: Direction,
    /// How far, as printed: `33.33`; `None` while it waits for power.
    pub percent: Option<String>,
}

/// A change of FileVault that only a restart completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Started, and a restart finishes it.
    Finishes,
    /// Asked for, and a restart begins it.
    Enables,
}

/// An enablement that waits for a user to log out or in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// For whom; `None` is whoever comes first.
    pub user: Option<String>,
    /// Profile that asked for it.
    pub profile: String,
}

/// Disk encryption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVault {
    /// On.
    pub on: bool,
    /// Going on.
    pub conversion: Option<Conversion>,
    /// Waits for a restart.
    pub restart: Option<Restart>,
    /// Waits for a user.
    pub deferral: Option<Deferral>,
    /// There is a personal recovery key.
    pub personal_key: bool,
    /// There is an institutional recovery key.
    pub institutional_key: bool,
    /// There is a FileVault master keychain in `/Library/Keychains`.
    pub master_keychain: bool,
}

/// What a cryptographic user of a volume is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CryptoKind {
    /// A local account, by its GeneratedUID.
    LocalUser,
    /// The personal recovery key.
    PersonalRecovery,
    /// An iCloud account.
    ICloudUser,
    /// The key held in iCloud.
    ICloudKey,
    /// The key held by the MDM.
    BootstrapToken,
}

/// Somebody or something that can unlock the startup volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CryptoUser {
    /// Its UUID.
    pub uuid: String,
    /// What it is.
    pub kind: CryptoKind,
    /// May change the Mac's start-up security and install updates (macOS 11 and later).
    pub owner: bool,
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
}

/// The settings for one source of power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerSource {
    /// `AC Power`, `Battery Power`.
    pub name: String,
    /// Key and value, in printing order.
    pub settings: Map<String, Value>,
}

/// How strictly the firmware checks what it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecureBoot {
    /// Full security.
    Full,
    /// Medium security on Intel, reduced security on Apple silicon.
    Medium,
    /// No security on Intel, permissive security on Apple silicon.
    Off,
}

/// System Integrity Protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sip {
    /// On, whole.
    Enabled,
    /// Off.
    Disabled,
    /// Part of it: each protection and whether it is on.
    Custom(Vec<(String, bool)>),
}

/// The signature over the system volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// Whole.
    Sealed,
    /// Taken off.
    Unsealed,
    /// Not matching.
    Broken,
}

/// What guards the start-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Startup {
    /// A firmware password is set (Intel).
    pub firmware_password: bool,
    /// A Recovery Lock is set (Apple silicon).
    pub recovery_lock: bool,
    /// Secure boot; `None` on Macs that have neither a T2 chip nor Apple silicon.
    pub secure_boot: Option<SecureBoot>,
    /// Third-party kernel extensions are allowed (Apple silicon).
    pub kernel_extensions: bool,
    /// Version of the local policy's system, as `bputil` prints it.
    pub local_policy_version: String,
    /// System Integrity Protection.
    pub sip: Sip,
    /// The sealed system volume is demanded at start-up.
    pub authenticated_root: bool,
    /// Its seal now.
    pub seal: Seal,
}

/// Gatekeeper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gatekeeper {
    /// Software is assessed before it runs.
    pub assessments: bool,
    /// Developers known to Apple pass.
    pub developer_id: bool,
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
