//! What stands at a path, without its content: what `lstat(2)` says.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Misread, Question};

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder; a bundle is one.
    Folder,
    /// A symbolic link, wherever it leads.
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// What stands at a path, whose it is, and who may do what with it. An access control list that gives more is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileStatus {
    /// What it is.
    pub kind: FileKind,
    /// User id of the owner.
    pub owner: u32,
    /// Group id.
    pub group: u32,
    /// Permission bits (07777).
    pub mode: u32,
}

impl fmt::Display for FileStatus {
    /// Owner, group and mode, as `0:0 0644`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {:04o}", self.owner, self.group, self.mode)
    }
}

/// One name in a folder, with what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderEntry {
    /// The name. Apple's file systems hold none that is not UTF-8.
    pub name: String,
    /// What stands there.
    pub status: FileStatus,
}

/// What stands at `path`?
#[must_use]
pub fn of(path: &str) -> Question<Option<FileStatus>> {
    Question::status(path, "", |_, found| Ok(found))
}

/// The names in the folder at `path`, each with its status; `None` where there is no such folder.
#[must_use]
pub fn names_in(path: &str) -> Question<Option<Vec<FolderEntry>>> {
    Question::folder(path, |entries| Ok::<_, Misread>(entries.map(<[FolderEntry]>::to_vec)))
}
