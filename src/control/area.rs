//! By what controls are told apart: area, level, severity.

use serde::Serialize;

/// The catalogue's parts, in the order they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Locking the screen.
    ScreenLock,
    /// The login window, and who gets past it.
    Login,
    /// Accounts and what they may do.
    Accounts,
    /// What passwords must be like.
    PasswordPolicy,
    /// The application firewall and the packet filter.
    Firewall,
    /// What the Mac offers on the network.
    Network,
    /// Sharing and remote access.
    Sharing,
    /// Bluetooth and infrared.
    Radio,
    /// Energy settings that bear on security.
    Power,
    /// Automatic updates.
    SoftwareUpdate,
    /// Gatekeeper, XProtect and what else keeps bad software out.
    Malware,
    /// What guards the start-up of the Mac.
    StartupSecurity,
    /// Disk encryption and its key.
    #[serde(rename = "filevault")]
    FileVault,
    /// External media and accessories.
    Media,
    /// Backups.
    Backup,
    /// Secure tokens and the bootstrap token.
    Tokens,
    /// Audit and logs.
    Audit,
    /// `sudo`.
    Sudo,
    /// Permissions of files and folders.
    Files,
    /// iCloud.
    #[serde(rename = "icloud")]
    ICloud,
    /// What leaves the Mac about its user.
    Privacy,
    /// The clock.
    Time,
    /// Device management.
    Management,
    /// The Jamf Pro client.
    JamfPro,
    /// Settings of macOS's own applications.
    Applications,
    /// Signing out of Jamf Trust.
    SignOut,
}

impl Area {
    /// The area's name as a heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ScreenLock => "Screen lock",
            Self::Login => "Login",
            Self::Accounts => "Accounts",
            Self::PasswordPolicy => "Password policy",
            Self::Firewall => "Firewall",
            Self::Network => "Network services",
            Self::Sharing => "Sharing and remote access",
            Self::Radio => "Bluetooth and infrared",
            Self::Power => "Energy",
            Self::SoftwareUpdate => "Software update",
            Self::Malware => "Malware protection",
            Self::StartupSecurity => "Startup security",
            Self::FileVault => "FileVault",
            Self::Media => "External media",
            Self::Backup => "Backup",
            Self::Tokens => "Tokens",
            Self::Audit => "Audit and logs",
            Self::Sudo => "sudo",
            Self::Files => "File permissions",
            Self::ICloud => "iCloud",
            Self::Privacy => "Privacy",
            Self::Time => "Clock",
            Self::Management => "Device management",
            Self::JamfPro => "Jamf Pro client",
            Self::Applications => "Applications",
            Self::SignOut => "Jamf Trust sign-out",
        }
    }
}

/// How far a Mac is hardened; each level includes those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "u8")]
pub enum Level {
    /// What every managed Mac should hold.
    L1,
    /// For Macs that see sensitive data, at some cost in comfort.
    L2,
    /// For Macs that are worth a targeted attack.
    L3,
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::L1 => 1,
            Level::L2 => 2,
            Level::L3 => 3,
        }
    }
}

impl TryFrom<i64> for Level {
    type Error = ();

    fn try_from(number: i64) -> Result<Self, ()> {
        match number {
            1 => Ok(Self::L1),
            2 => Ok(Self::L2),
            3 => Ok(Self::L3),
            _ => Err(()),
        }
    }
}

/// How bad it is where the setting does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth mending soon.
    Medium,
    /// Worth mending today.
    High,
}

impl Severity {
    /// The word in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
