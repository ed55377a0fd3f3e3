//! The daemon's sign of life, from which its next start tells for how long nobody was there.

use std::path::PathBuf;

use crate::agent::Places;
use crate::host::{ToolError, files};
use crate::mac::FileAnswer;
use crate::schedule::LastAlive;

/// The file, in the state folder.
pub const ALIVE: &str = "alive.json";

/// Why the last sign of life cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum AliveError {
    /// The file cannot be read.
    #[error(transparent)]
    Unread(#[from] ToolError),
    /// It does not say what it should.
    #[error("{}: is no sign of life", path.display())]
    Garbled {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

fn path(places: &Places) -> PathBuf {
    places.state().join(ALIVE)
}

/// The last sign; `None` where there never was one.
///
/// # Errors
/// [`AliveError`] where it cannot be told.
pub fn read(places: &Places) -> Result<Option<LastAlive>, AliveError> {
    let path = path(places);
    match files::read(&path)? {
        FileAnswer::Absent => Ok(None),
        FileAnswer::Present { bytes, .. } => {
            serde_json::from_slice(&bytes).map(Some).map_err(|source| AliveError::Garbled { path, source })
        }
    }
}

/// Leaves a sign, in the place of the last one.
///
/// # Errors
/// [`files::WriteError`] where it cannot be written.
pub fn write(places: &Places, alive: &LastAlive) -> Result<(), files::WriteError> {
    let path = path(places);
    let failed =
        |why: serde_json::Error| files::WriteError { path: path.clone(), action: "written", source: why.into() };
    let mut text = serde_json::to_vec(alive).map_err(failed)?;
    text.push(b'\n');
    files::write_whole(&path, &text, 0o644)
}
