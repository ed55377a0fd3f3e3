//! The compliance log: append-only JSON lines, each chained to the one before, synced before any change they announce.

mod entry;
pub mod history;

pub use entry::{Announced, Cause, Counts, Entry, Event};

/// Where a pass writes what it does. No ledger, no change: an error here stops everything before the next change.
pub trait Journal {
    /// Appends one event; when this returns `Ok`, it is on disk.
    ///
    /// # Errors
    /// [`LedgerError`] where it could not be written whole and synced.
    fn append(&mut self, event: Event) -> Result<(), LedgerError>;
}

/// Why the ledger could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file operation failed.
    #[error("{}: {doing} failed", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
