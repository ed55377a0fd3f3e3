//! Why the ledger could not be written or read.

use std::io;
use std::path::{Path, PathBuf};

use crate::host::{ToolError, files};

/// Why the ledger could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file operation failed.
    #[error("{}: {doing} failed", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or folder is not one that evidence may be written to.
    #[error("{}: not trusted: {why}", path.display())]
    Unsafe {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process is writing the ledger.
    #[error("{}: held by another process that is writing the ledger", lock.display())]
    Busy {
        /// The lock file.
        lock: PathBuf,
    },
    /// The wait for another process that is writing the ledger was broken off. Nothing was written.
    #[error("{}: the wait for another process that is writing the ledger was broken off", lock.display())]
    Interrupted {
        /// The lock file.
        lock: PathBuf,
    },
    /// A folder on the way could not be looked at.
    #[error(transparent)]
    Folder(ToolError),
    /// A file or folder beside the segments could not be written.
    #[error(transparent)]
    Beside(#[from] files::WriteError),
    /// A line was written in part only: the disk is full, or a limit was reached.
    #[error("{}: only {written} of {wanted} bytes were written", path.display())]
    Short {
        /// The segment.
        path: PathBuf,
        /// Bytes that were accepted.
        written: usize,
        /// Bytes of the line.
        wanted: usize,
    },
    /// The segment changed while it was open here, although its lock is held.
    #[error("{}: was changed by something else: {expected} bytes were expected, {seen} are there", path.display())]
    Changed {
        /// The segment.
        path: PathBuf,
        /// Bytes that this writer left.
        expected: u64,
        /// Bytes found; 0 also where the file is gone.
        seen: u64,
    },
    /// An earlier append failed, so what is on disk is not known until the ledger is opened anew.
    #[error("{}: an earlier append failed; nothing more is written until the ledger is opened anew", path.display())]
    Poisoned {
        /// The segment.
        path: PathBuf,
    },
    /// The event does not fit one line even with those of its texts shortened that may be. Nothing was written.
    #[error("an event of {bytes} bytes does not fit a line of {max} bytes, even shortened")]
    TooLong {
        /// Bytes of the line, unshortened.
        bytes: usize,
        /// The longest line allowed.
        max: usize,
    },
    /// The event cannot be told as JSON. Nothing was written.
    #[error("an event cannot be written as JSON")]
    Json {
        /// Why not.
        source: serde_json::Error,
    },
    /// The name that the full segment must take is taken.
    #[error("{}: is in the way: the full segment should get this name", path.display())]
    InTheWay {
        /// The name.
        path: PathBuf,
    },
}

impl LedgerError {
    /// A failure of `doing` on `path`, for `map_err`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    /// What [`files::check_folder`] found.
    pub(crate) fn folder(error: ToolError) -> Self {
        match error {
            ToolError::UnsafeFile { path, why } => Self::Unsafe { path, why },
            other => Self::Folder(other),
        }
    }

    /// Whether it says that a file is not there.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
