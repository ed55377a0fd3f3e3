//! What protects the Mac: firewall, disk encryption, start-up, Gatekeeper.

use serde::{Deserialize, Serialize};

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
    /// The institutional recovery key.
    InstitutionalRecovery,
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

/// Another macOS that this Mac can start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherSystem {
    /// Its volume group's UUID.
    pub volume_group: String,
    /// Its secure boot; `None` where `bputil` cannot show its policy.
    pub secure_boot: Option<SecureBoot>,
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
    /// Further installations of macOS on this Mac's disks (Apple silicon).
    #[serde(default)]
    pub other_systems: Vec<OtherSystem>,
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
