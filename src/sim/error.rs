//! Why there is no simulated Mac, or why it cannot be kept.

use std::io;
use std::path::PathBuf;

use crate::host::ToolError;
use crate::host::files::WriteError;

/// Why there is no simulated Mac, or why it cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// No such world or Mac.
    #[error("there is no simulated {kind} \"{given}\"; {hint}")]
    Unknown {
        /// What was asked for.
        given: String,
        /// `world` or `Mac`.
        kind: &'static str,
        /// The one that may have been meant, or else all there are.
        hint: String,
    },
    /// The folder holds another one.
    #[error("{} holds {holds}, not {wanted}: name that one, or another folder", dir.display())]
    Another {
        /// The folder.
        dir: PathBuf,
        /// What it holds.
        holds: String,
        /// What was asked for.
        wanted: String,
    },
    /// The folder holds none.
    #[error("{} holds no simulated Mac", dir.display())]
    NoMac {
        /// The folder.
        dir: PathBuf,
    },
    /// A simulated Mac cannot live in this folder.
    #[error("{} cannot hold a simulated Mac: {why}", dir.display())]
    Unfit {
        /// The folder.
        dir: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file of the simulated Mac could not be read or written.
    #[error("{}: could not be read or written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The state file does not say what a Mac is.
    #[error("{}: is not the state of a simulated Mac, near \"{near}\"", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// The end of what was read before the fault.
        near: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A file or folder is not to be trusted.
    #[error(transparent)]
    Host(#[from] ToolError),
    /// The folder could not be made.
    #[error(transparent)]
    Made(#[from] WriteError),
}

impl SimError {
    /// A state file's content `text` that `source` objects to, with the place of the fault.
    pub(super) fn state(path: PathBuf, text: &[u8], source: serde_json::Error) -> Self {
        let line = text.split(|byte| *byte == b'\n').nth(source.line().saturating_sub(1)).unwrap_or_default();
        let read = line.get(..source.column()).unwrap_or(line);
        // Enough for a key and its value.
        let near = read.get(read.len().saturating_sub(60)..).unwrap_or_default();
        Self::State { path, near: crate::text::visible(String::from_utf8_lossy(near).trim()), source }
    }
}
