//! What stands at a path of the simulated Mac, and `chmod` and `chown`, which change whose it is and who may do what.

use std::collections::BTreeSet;

use super::Machine;
use super::state::permissions::{Mark, STAFF};
use super::tools::{Call, Reply, complained, said};
use crate::host::ToolError;
use crate::mac::{FileKind, FileStatus, FolderEntry};

impl Machine {
    /// What stands at `path`: what is marked there, a person's home, what has content, or a folder because of what is in it.
    ///
    /// # Errors
    /// [`ToolError`] where the simulation's own folder cannot be read.
    pub(super) fn status(&self, path: &str) -> Result<Option<FileStatus>, ToolError> {
        match self.state.permissions.marks.get(path) {
            Some(mark) => Ok(Some(mark.status())),
            None => self.unmarked(path),
        }
    }

    fn unmarked(&self, path: &str) -> Result<Option<FileStatus>, ToolError> {
        if let Some(home) = self.home(path) {
            return Ok(Some(home.status()));
        }
        if let Some(found) = self.files.status(path)? {
            return Ok(Some(found));
        }
        let below = format!("{}/", path.trim_end_matches('/'));
        let is_above = self.known().any(|known| known.starts_with(&below));
        Ok(is_above.then(|| Mark::folder(0, 0, 0o755).status()))
    }

    /// A home as macOS makes it: not for others, but for the group, in which everybody is.
    fn home(&self, path: &str) -> Option<Mark> {
        let user = self.state.users.iter().find(|user| user.home == path && user.uid >= 500)?;
        Some(Mark::folder(u32::try_from(user.uid).ok()?, STAFF, 0o750))
    }

    /// All paths at which something stands, beside content.
    fn known(&self) -> impl Iterator<Item = &str> {
        let homes = self.state.users.iter().filter(|user| user.uid >= 500).map(|user| user.home.as_str());
        self.state.permissions.marks.keys().map(String::as_str).chain(homes)
    }

    /// The names in the folder at `path`.
    ///
    /// # Errors
    /// [`ToolError::UnsafeFile`] where something else stands there; the others where the simulation's own folder cannot be read.
    pub(super) fn names_in(&self, path: &str) -> Result<Option<Vec<FolderEntry>>, ToolError> {
        match self.status(path)? {
            None => return Ok(None),
            Some(FileStatus { kind: FileKind::Folder, .. }) => {}
            Some(_) => {
                return Err(ToolError::UnsafeFile { path: path.into(), why: "it is not a folder".into() });
            }
        }
        let below = format!("{}/", path.trim_end_matches('/'));
        let first = |known: &str| known.strip_prefix(&below)?.split('/').next().map(str::to_owned);
        let mut names: BTreeSet<String> = self.known().filter_map(first).collect();
        names.extend(self.files.names_in(path)?);
        let mut entries = Vec::new();
        for name in names {
            if let Some(status) = self.status(&format!("{below}{name}"))? {
                entries.push(FolderEntry { name, status });
            }
        }
        Ok(Some(entries))
    }

    /// Every mark, those of homes included: what a file system that is to be this Mac's must be given.
    pub(super) fn marks(&self) -> Vec<(String, Mark)> {
        let homes = self.state.users.iter().filter_map(|user| Some((user.home.clone(), self.home(&user.home)?)));
        let marks = self.state.permissions.marks.iter().map(|(path, mark)| (path.clone(), *mark));
        let mut all: std::collections::BTreeMap<String, Mark> = homes.collect();
        all.extend(marks);
        all.into_iter().collect()
    }

    /// Puts `with` what stands at `path`; nothing is kept where that is how it would be anyway.
    fn set(&mut self, path: &str, with: FileStatus) -> Result<(), ToolError> {
        let marks = &mut self.state.permissions.marks;
        let FileStatus { kind, owner, group, mode } = with;
        marks.remove(path);
        if self.unmarked(path)? != Some(with) {
            self.state.permissions.mark(path, Mark { kind, owner, group, mode });
        }
        Ok(())
    }
}

impl Mark {
    fn status(self) -> FileStatus {
        FileStatus { kind: self.kind, owner: self.owner, group: self.group, mode: self.mode }
    }
}

/// `chmod -h MODE PATH...`, which changes a link itself and not what it leads to.
pub(super) fn chmod(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let ["-h", mode, paths @ ..] = call.args.as_slice() else { return Ok(None) };
    let octal = mode.len() == 4 && mode.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    let (true, Ok(mode)) = (octal && !paths.is_empty(), u32::from_str_radix(mode, 8)) else { return Ok(None) };
    each(mac, call, "chmod", "Unable to change file mode on ", paths, |status| FileStatus { mode, ..status })
}

/// `chown -h OWNER:GROUP PATH...`, both by number.
pub(super) fn chown(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let ["-h", ids, paths @ ..] = call.args.as_slice() else { return Ok(None) };
    let numbers = ids.split_once(':').map(|(owner, group)| (owner.parse::<u32>(), group.parse::<u32>()));
    let Some((Ok(owner), Ok(group))) = numbers.filter(|_| !paths.is_empty()) else { return Ok(None) };
    each(mac, call, "chown", "", paths, |status| FileStatus { owner, group, ..status })
}

/// Changes each path, as the tools do: one that is not there is named, and the others are changed all the same.
fn each(
    mac: &mut Machine,
    call: &Call<'_>,
    program: &str,
    refused: &str,
    paths: &[&str],
    change: impl Fn(FileStatus) -> FileStatus,
) -> Reply {
    let mut complaints = String::new();
    for path in paths {
        match mac.status(path)? {
            None => complaints += &format!("{program}: {path}: No such file or directory\n"),
            Some(_) if !call.is_root() => {
                complaints += &format!("{program}: {refused}{path}: Operation not permitted\n");
            }
            Some(status) => mac.set(path, change(status))?,
        }
    }
    if complaints.is_empty() { said("") } else { complained(1, complaints) }
}
