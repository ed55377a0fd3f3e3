//! What a file event is about: which controls may have drifted, whether policy changed, whether somebody logged in or out.
//! Only a hint each time: the next look tells. No IO.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::control::{Control, SESSIONS, Watch, user_folders};
use crate::policy;

/// Where macOS keeps the writable half of `/`. `/Library` and `/Users` are one folder under both names.
const DATA_VOLUME: &str = "/System/Volumes/Data";

/// The folders in `/` that are symbolic links to the same name in `/private`.
const IN_PRIVATE: [&str; 3] = ["/etc", "/tmp", "/var"];

/// What has happened since the last tick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// The controls that may have drifted, by id.
    pub controls: BTreeSet<&'static str>,
    /// A policy file may have changed.
    pub policy: bool,
    /// Somebody may have logged in or out.
    pub sessions: bool,
    /// Events were lost: anything may have changed.
    pub everything: bool,
    /// The policy is to be read again, whether its files changed or not.
    pub reload: bool,
    /// From when until when the daemon got no time to run although it had work to do, by the wall clock.
    pub stalls: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// The first file that it was about, as the Mac names it.
    pub first: Option<PathBuf>,
}

impl Happened {
    /// Whether nothing has.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let Self { controls, policy, sessions, everything, reload, stalls, first: _ } = self;
        controls.is_empty() && !policy && !sessions && !everything && !reload && stalls.is_empty()
    }

    /// Adds what else has happened.
    pub fn add(&mut self, more: Self) {
        let Self { controls, policy, sessions, everything, reload, stalls, first } = more;
        self.stalls.extend(stalls);
        self.controls.extend(controls);
        self.policy |= policy;
        self.sessions |= sessions;
        self.everything |= everything;
        self.reload |= reload;
        if self.first.is_none() {
            self.first = first;
        }
    }
}

/// What is waited for on one Mac.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interests {
    /// Where the Mac's files are: `/`, or the folder of a simulated Mac, canonical.
    root: PathBuf,
    watches: BTreeSet<(Watch, &'static str)>,
    /// The short names of those who are logged in.
    users: BTreeSet<String>,
}

impl Interests {
    /// Those of `controls` on the Mac whose files are below `root`, while `users` are logged in.
    #[must_use]
    pub fn new(root: &Path, controls: &[&'static Control], users: BTreeSet<String>) -> Self {
        let of =
            |control: &&'static Control| control.watches.iter().map(|watch| (*watch, control.id)).collect::<Vec<_>>();
        Self { root: root.to_owned(), watches: controls.iter().flat_map(of).collect(), users }
    }

    /// The folder above which nothing is watched.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folders to be told about, none of them recursive, where they really are.
    #[must_use]
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let own = [policy::MANAGED_FILE, policy::LOCAL_FILE, SESSIONS].map(Path::new);
        let mut folders: BTreeSet<PathBuf> = own.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
        folders.extend(self.watches.iter().flat_map(|(watch, _)| self.folders_of(*watch)));
        folders.iter().map(|folder| self.root.join(folder.strip_prefix("/").unwrap_or(folder))).collect()
    }

    /// The folders of one watch, those of the users who are logged in included, as the Mac names them.
    fn folders_of(&self, watch: Watch) -> Vec<PathBuf> {
        let mut folders = watch.folders();
        if matches!(watch, Watch::UserDomain(_)) {
            folders.extend(self.users.iter().flat_map(|name| user_folders(name, &Path::new("/Users").join(name))));
        }
        folders
    }

    /// What it means that something happened to the file or folder at `path`, as the system reported it. A folder stands for
    /// all that is watched in it.
    #[must_use]
    pub fn judge(&self, path: &Path) -> Happened {
        let Some(path) = self.on_mac(path) else { return Happened::default() };
        let above = |file: &str| Path::new(file).parent().is_some_and(|folder| folder.starts_with(&path));
        let is = |file: &str| path == Path::new(file) || above(file);
        let concerned = |watch: Watch| {
            watch.concerns(&path) || self.folders_of(watch).iter().any(|folder| folder.starts_with(&path))
        };
        let controls: BTreeSet<_> = self.watches.iter().filter(|(w, _)| concerned(*w)).map(|(_, id)| *id).collect();
        let policy = is(policy::MANAGED_FILE) || is(policy::LOCAL_FILE);
        let mut happened = Happened { controls, policy, sessions: is(SESSIONS), ..Happened::default() };
        if !happened.is_nothing() {
            happened.first = Some(path);
        }
        happened
    }

    /// The path as the Mac names it, whatever way the system came to it: macOS reports real paths, and the controls name
    /// those, but for the halves of `/`.
    fn on_mac(&self, path: &Path) -> Option<PathBuf> {
        let top = Path::new("/");
        let below = |path: &Path, prefix: &Path| path.strip_prefix(prefix).ok().map(|rest| top.join(rest));
        let path = below(path, &self.root)?;
        let path = below(&path, Path::new(DATA_VOLUME)).unwrap_or(path);
        let in_private = IN_PRIVATE.iter().any(|link| path.starts_with(link));
        Some(if in_private { Path::new("/private").join(path.strip_prefix(top).ok()?) } else { path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls;

    fn interests(root: &str) -> Interests {
        Interests::new(Path::new(root), &controls::all(), BTreeSet::from(["ada".to_owned()]))
    }

    fn judge(path: &str) -> Happened {
        interests("/").judge(Path::new(path))
    }

    #[test]
    fn the_policy_and_logins_are_always_waited_for() {
        let none = Interests::new(Path::new("/"), &[], BTreeSet::new());
        let folders = ["/Library/Managed Preferences", "/Library/Preferences", "/private/var/run"].map(PathBuf::from);
        assert_eq!(none.folders(), BTreeSet::from(folders));
        for file in [policy::MANAGED_FILE, policy::LOCAL_FILE] {
            let happened = none.judge(Path::new(file));
            assert!(happened.policy && !happened.sessions, "{file}: {happened:?}");
            assert_eq!(happened.first.as_deref(), Some(Path::new(file)));
        }
        assert!(none.judge(Path::new(SESSIONS)).sessions);
        assert!(none.judge(Path::new("/Library/Preferences/com.example.plist")).is_nothing());
    }

    #[test]
    fn a_path_means_the_same_by_whatever_name_the_system_calls_it() {
        for session in ["/private/var/run/utmpx", "/var/run/utmpx", "/System/Volumes/Data/private/var/run/utmpx"] {
            assert!(judge(session).sessions, "{session}");
        }
        assert!(judge("/System/Volumes/Data/Library/Preferences/org.holdfast.agent.plist").policy);
        let sim = interests("/private/var/folders/mac");
        assert!(sim.judge(Path::new("/private/var/folders/mac/private/var/run/utmpx")).sessions);
        assert!(
            sim.judge(Path::new("/private/var/run/utmpx")).is_nothing(),
            "this machine's own is not the simulation's"
        );
        assert!(sim.folders().iter().all(|folder| folder.starts_with("/private/var/folders/mac/")));
    }

    #[test]
    fn a_folder_stands_for_all_that_is_watched_in_it() {
        let happened = judge("/Library/Managed Preferences");
        assert!(happened.policy && !happened.sessions, "{happened:?}");
        let happened = judge("/private/var");
        assert!(happened.sessions && !happened.policy, "{happened:?}");
        assert!(judge("/Library/Logs").is_nothing());
    }

    #[test]
    fn nothing_is_lost_when_one_adds_to_the_other() {
        let mut all = judge(policy::LOCAL_FILE);
        all.add(judge(SESSIONS));
        let stalls = vec![(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH)];
        all.add(Happened { everything: true, reload: true, stalls: stalls.clone(), ..Happened::default() });
        assert!(all.policy && all.sessions && all.everything && all.reload && all.stalls == stalls);
        assert_eq!(all.first.as_deref(), Some(Path::new(policy::LOCAL_FILE)));
        assert!(Happened::default().is_nothing() && !all.is_nothing());
    }
}
