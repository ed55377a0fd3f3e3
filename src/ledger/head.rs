//! The witness of the ledger's end: the last line's number and hash, kept in another folder.
//!
//! A chain shows what was changed before its end, never that lines are missing there. The witness does. It is written before
//! the first line is, when a segment is full, when a run ends and when the ledger is closed, always after the line it names
//! is on disk; so after a crash the ledger may have more lines than the witness knows, never fewer.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::line::NO_HASH;
use super::{LedgerError, folder};
use crate::host::files;

/// More than any witness has, in bytes.
const MOST: u64 = 4096;

/// The ledger's end as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Format version, 1.
    pub v: u32,
    /// The last line's number; 0 before the first.
    pub seq: u64,
    /// The last line's SHA-256, in hexadecimal; 64 zeros before the first.
    pub hash: String,
    /// The file name that the last line's segment had. For people: it may have been rotated since.
    pub segment: String,
}

/// What the record of the end says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// There is no record.
    Absent,
    /// There is one, and it is not to be understood; in words, why.
    Unreadable(String),
    /// The recorded end.
    Known(Head),
}

impl Head {
    /// Before the first line.
    #[must_use]
    pub fn before_the_first() -> Self {
        Self { v: 1, seq: 0, hash: NO_HASH.to_owned(), segment: folder::CURRENT.to_owned() }
    }
}

/// Reads the record at `path`.
///
/// # Errors
/// [`LedgerError`] where a file is there but cannot be read, or is not one to be trusted.
pub fn read(path: &Path) -> Result<Witness, LedgerError> {
    let file = match folder::open_to_read(path) {
        Err(error) if error.is_not_found() => return Ok(Witness::Absent),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(LedgerError::io("reading", path))?;
    Ok(match serde_json::from_slice(&bytes) {
        Ok(head) => Witness::Known(head),
        Err(error) => Witness::Unreadable(error.to_string()),
    })
}

/// Writes the record at `path`, whole or not at all.
pub(super) fn write(path: &Path, head: &Head) -> Result<(), LedgerError> {
    let mut json = serde_json::to_vec(head).map_err(|source| LedgerError::Json { source })?;
    json.push(b'\n');
    Ok(files::write_whole(path, &json, 0o644)?)
}
