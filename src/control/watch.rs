//! When a control is looked at: how often, and which files tell at once that it may have changed.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::preference::{LOCAL, MANAGED};

/// How often the safety net looks, where policy says nothing about the control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Files and tools that answer in milliseconds: every 15 minutes by default.
    Cheap,
    /// A tool that takes seconds, or wakes something up: every hour by default.
    Slow,
}

/// A file whose change may mean that the setting changed. Only a hint: the next look tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// One file, or everything in one folder where it ends in `/`; an absolute path.
    File(&'static str),
    /// The files of one folder whose paths begin so; an absolute path.
    Beginning(&'static str),
    /// A preference domain of the whole Mac: set locally, and forced by a profile.
    Domain(&'static str),
    /// A preference domain of a user: forced by a profile for that user, and the user's own (this Mac's `ByHost` included).
    UserDomain(&'static str),
    /// Somebody logging in or out.
    Session,
}

/// What macOS keeps of logins (`utmpx(5)`); it is written when somebody logs in or out.
pub const SESSIONS: &str = "/private/var/run/utmpx";

const USERS: &str = "/Users";

impl Watch {
    /// Whether a change of `path` (absolute, as the Mac names it) is one that this waits for.
    #[must_use]
    pub fn concerns(self, path: &Path) -> bool {
        match self {
            Self::File(folder) if folder.ends_with('/') => path.starts_with(folder),
            Self::File(file) => path == Path::new(file),
            Self::Beginning(start) => {
                let (folder, name) = parts(start);
                path.parent() == Some(folder)
                    && path.file_name().and_then(|own| own.to_str()).is_some_and(|own| own.starts_with(name))
            }
            Self::Session => path == Path::new(SESSIONS),
            Self::Domain(domain) => {
                [LOCAL, MANAGED].iter().any(|folder| path == Path::new(folder).join(format!("{domain}.plist")))
            }
            Self::UserDomain(domain) => is_of_user(path, domain),
        }
    }

    /// The folders to be told about, none of them recursive. Those of users are not in it: [`user_folders`] is.
    #[must_use]
    pub fn folders(self) -> Vec<PathBuf> {
        match self {
            Self::File(folder) if folder.ends_with('/') => vec![folder.trim_end_matches('/').into()],
            Self::File(file) => Path::new(file).parent().map(Path::to_owned).into_iter().collect(),
            Self::Beginning(start) => vec![parts(start).0.to_owned()],
            Self::Session => Path::new(SESSIONS).parent().map(Path::to_owned).into_iter().collect(),
            Self::Domain(_) => vec![LOCAL.into(), MANAGED.into()],
            Self::UserDomain(_) => vec![MANAGED.into()],
        }
    }

    /// What is watched, in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::File(folder) if folder.ends_with('/') => format!("the files in {folder}"),
            Self::File(file) => {
                let (folder, name) = parts(file);
                format!("{name} in {}", folder.display())
            }
            Self::Beginning(start) => {
                let (folder, name) = parts(start);
                format!("{name}* in {}", folder.display())
            }
            Self::Domain(domain) => format!("the preferences {domain}"),
            Self::UserDomain(domain) => format!("the user's preferences {domain}"),
            Self::Session => "logins and logouts".to_owned(),
        }
    }
}

/// The folder of a path, and its last part.
fn parts(path: &'static str) -> (&'static Path, &'static str) {
    path.rsplit_once('/').map_or((Path::new("/"), path), |(folder, name)| (Path::new(folder), name))
}

/// The folders of the preferences of user `name` whose home is `home`, none of them recursive.
#[must_use]
pub fn user_folders(name: &str, home: &Path) -> [PathBuf; 3] {
    [Path::new(MANAGED).join(name), home.join("Library/Preferences"), home.join("Library/Preferences/ByHost")]
}

fn is_of_user(path: &Path, domain: &str) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let own = name.strip_prefix(domain).and_then(|rest| rest.strip_suffix(".plist"));
    // `ByHost` files carry the hardware's UUID between the two.
    let by_host = folder.ends_with("Library/Preferences/ByHost") && own.is_some_and(|middle| middle.starts_with('.'));
    let plain = own == Some("");
    by_host && folder.starts_with(USERS)
        || plain && folder.starts_with(USERS) && folder.ends_with("Library/Preferences")
        || plain && folder.parent() == Some(Path::new(MANAGED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_concerns_the_files_of_its_domain_and_no_others() {
        let concerns = |watch: Watch, path: &str| watch.concerns(Path::new(path));
        let update = Watch::Domain("com.apple.SoftwareUpdate");
        assert!(concerns(update, "/Library/Preferences/com.apple.SoftwareUpdate.plist"));
        assert!(concerns(update, "/Library/Managed Preferences/com.apple.SoftwareUpdate.plist"));
        assert!(!concerns(update, "/Library/Preferences/com.apple.SoftwareUpdate.plist.x"));
        assert!(!concerns(update, "/Library/Managed Preferences/ada/com.apple.SoftwareUpdate.plist"));
        let saver = Watch::UserDomain("com.apple.screensaver");
        assert!(concerns(saver, "/Library/Managed Preferences/ada/com.apple.screensaver.plist"));
        assert!(concerns(saver, "/Users/ada/Library/Preferences/com.apple.screensaver.plist"));
        assert!(concerns(saver, "/Users/ada/Library/Preferences/ByHost/com.apple.screensaver.0B7C6E5D.plist"));
        for other in [
            "/Library/Managed Preferences/com.apple.screensaver.plist",
            "/Users/ada/Library/Preferences/com.apple.screensaverx.plist",
            "/Users/ada/Library/Preferences/ByHost/com.apple.screensaver.plist",
            "/tmp/Library/Preferences/com.apple.screensaver.plist",
        ] {
            assert!(!concerns(saver, other), "{other}");
        }
        assert!(concerns(Watch::File("/private/var/db/softwareupdate/"), "/private/var/db/softwareupdate/x.plist"));
        assert!(!concerns(Watch::File("/private/var/db/softwareupdate/"), "/private/var/db/softwareupdates/x"));
        assert!(concerns(Watch::Session, SESSIONS));
        let power = Watch::Beginning("/Library/Preferences/com.apple.PowerManagement.");
        assert!(concerns(power, "/Library/Preferences/com.apple.PowerManagement.0B7C6E5D.plist"));
        assert!(!concerns(power, "/Library/Preferences/com.apple.PowerManagementx.plist"));
        assert!(!concerns(power, "/Library/Preferences/x/com.apple.PowerManagement.plist"));
        assert_eq!(power.folders(), [Path::new("/Library/Preferences")]);
    }
}
