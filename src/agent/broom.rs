//! Removes files and folders, and keeps account of it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::host::files::WriteError;
use crate::host::removal::{self, Removed};
use crate::report::removal::Item;

/// What is removed, below one folder that is vouched for.
pub(super) struct Broom<'a> {
    pub(super) root: &'a Path,
    pub(super) items: &'a mut Vec<Item>,
}

impl Broom<'_> {
    /// What stands at `path`, unless it is a folder.
    pub(super) fn file(&mut self, path: &Path) {
        let done = removal::file(path, self.root);
        self.account(path, done, "");
    }

    /// What lies in `folder` under names that are `own`.
    pub(super) fn files_in(&mut self, folder: &Path, own: impl Fn(&OsStr) -> bool) {
        match removal::names(folder, self.root) {
            Ok(names) => names.iter().filter(|name| own(name)).for_each(|name| self.file(&folder.join(name))),
            Err(error) => {
                let item = self.failed(folder, &error);
                self.items.push(item);
            }
        }
    }

    /// The folder at `path`; where it is not empty it is kept, because of `kept`.
    pub(super) fn folder(&mut self, path: &Path, kept: &str) {
        let done = removal::folder(path, self.root);
        self.account(path, done, kept);
    }

    /// What is at `path` stays, because of `why`, where it is there at all.
    pub(super) fn keep(&mut self, path: &Path, why: &str) {
        if path.symlink_metadata().is_ok() {
            let item = Item::kept(self.shown(path), why);
            self.items.push(item);
        }
    }

    fn account(&mut self, path: &Path, done: Result<Removed, WriteError>, kept: &str) {
        let item = match done {
            Ok(Removed::Absent) => return,
            Ok(Removed::Gone) => Item::gone(self.shown(path), "removed"),
            Ok(Removed::Link) => Item::gone(format!("{}, a symbolic link, itself", self.shown(path)), "removed"),
            Ok(Removed::Holds(names)) => Item::kept(self.shown(path), format!("{kept} ({})", names.join(", "))),
            Err(error) => self.failed(path, &error),
        };
        self.items.push(item);
    }

    fn failed(&self, path: &Path, error: &WriteError) -> Item {
        Item::left(self.shown(path), format!("could not be {}: {}", error.action, error.source))
    }

    /// The path as it is on the Mac.
    fn shown(&self, path: &Path) -> String {
        format!("/{}", path.strip_prefix(self.root).unwrap_or(path).display())
    }
}

/// The names of files that writes of `of` left behind.
pub(super) fn half_written(name: &OsStr, of: &[OsString]) -> bool {
    use std::os::unix::ffi::OsStrExt;
    removal::temporary(name.as_bytes()).is_some_and(|(whole, _, _)| of.iter().any(|own| own.as_bytes() == whole))
}
