//! Whether nobody but root can put something else in a file's or folder's place: every fault on the way, not only the first.
//!
//! Owner and mode are judged by the permission bits. An access control list that gives more is not seen.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{ToolError, files};

/// What a file's owner and mode must be.
const FILE: &str = "root and no write permission for its group or others";

/// A file or folder that somebody else than root could have put there, or could exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file or folder.
    pub path: PathBuf,
    /// Whose it is, where that could be read.
    pub owner: Option<u32>,
    /// Its permission bits, where they could be read.
    pub mode: Option<u32>,
    /// What is wrong with it, and what was expected.
    pub why: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl Fault {
    fn of(path: &Path, found: &Metadata) -> Self {
        let (owner, mode) = (found.uid(), found.mode() & 0o7777);
        let why = format!("belongs to uid {owner} with mode {mode:04o}; expected {FILE}");
        Self { path: path.to_owned(), owner: Some(owner), mode: Some(mode), why }
    }

    fn unread(path: &Path, why: impl Into<String>) -> Self {
        Self { path: path.to_owned(), owner: None, mode: None, why: why.into() }
    }
}

/// Who may own what is trusted, beside root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody: on a Mac.
    Root,
    /// This user: who runs a simulated Mac.
    Or(u32),
}

impl Owner {
    fn uid(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Or(uid) => uid,
        }
    }

    /// Whether the user `uid` is one of them.
    #[must_use]
    pub fn is(self, uid: u32) -> bool {
        uid == 0 || uid == self.uid()
    }
}

/// What is wrong with `folder` and each folder above it below `base`. `base` itself is vouched for by the caller, unless it is
/// `/`. A folder that is not there yet is fine: whoever makes it makes it right. A folder on the way that is root's, writable
/// and sticky is fine too, as in [`files::check_folder`].
#[must_use]
pub fn folder(folder: &Path, base: &Path, owner: Owner) -> Vec<Fault> {
    let us = owner.uid();
    let mut faults = Vec::new();
    let mut judge = |path: &Path, found: &Metadata, is_last: bool| {
        if files::fault(found, is_last, us).is_some() {
            faults.push(Fault::of(path, found));
        }
        Ok(())
    };
    let top = if base == Path::new("/") { base.metadata().map(Some) } else { Ok(None) };
    let walked = match top {
        Ok(Some(found)) => judge(base, &found, folder == base),
        Ok(None) => Ok(()),
        Err(why) => Err(ToolError::File { path: base.to_owned(), source: Arc::new(why) }),
    };
    let walked = walked.and_then(|()| files::walk(folder, base, judge));
    match walked {
        Ok(()) => {}
        Err(ToolError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        Err(ToolError::UnsafeFile { path, why }) => {
            faults.push(Fault::unread(&path, format!("{why}; expected a folder")))
        }
        Err(ToolError::File { path, source }) => {
            faults.push(Fault::unread(&path, format!("could not be read: {source}")))
        }
        Err(other) => faults.push(Fault::unread(folder, other.chain())),
    }
    faults
}

/// What is wrong with the file at `path`; that there is none is fine. The folders above it are another matter.
#[must_use]
pub fn file(path: &Path, owner: Owner) -> Option<Fault> {
    match path.symlink_metadata() {
        Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(why) => Some(Fault::unread(path, format!("could not be read: {why}"))),
        Ok(found) if !found.is_file() => Some(Fault::unread(path, "is not a regular file; expected one")),
        Ok(found) if !owner.is(found.uid()) || found.mode() & 0o022 != 0 => Some(Fault::of(path, &found)),
        Ok(_) => None,
    }
}
