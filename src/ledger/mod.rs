//! The compliance log: append-only JSON lines, each chained to the one before, synced before any change they announce.
//!
//! The lines live in segments of bounded size in one folder: `compliance.ndjson` is written, `compliance.<first seq>.ndjson`
//! are full. A line's `prev` is the SHA-256 of the line before it, over all segments, and its `seq` is its place in the whole
//! ledger; so an edited byte, a removed line and two swapped ones all break the chain. What a chain cannot show is lines
//! missing at its end: for that the last line's number and hash are kept in another folder ([`head`]) whenever a run ends.
//! Someone who is root can rewrite all of it; the ledger makes that work, not impossible.

mod counts;
mod ends;
mod entry;
mod error;
pub mod file;
mod flush;
mod folder;
pub mod head;
pub mod history;
pub mod line;
mod load;
mod lock;
pub mod memory;
pub mod query;
mod stage;
#[cfg(test)]
mod testing;
pub mod verify;
pub mod when;

pub use counts::Counts;
pub use ends::{Looked, look, run_on_record};
pub use entry::{Announced, Cause, Entry, Event};
pub use error::LedgerError;
pub use file::{Ledger, LedgerOptions};
pub use folder::{CURRENT, is_segment};
pub use lock::{IfBusy, LOCK};
pub use stage::Stage;

/// Where a pass writes what it does. No ledger, no change: an error here stops everything before the next change.
pub trait Journal {
    /// Appends one event; when this returns `Ok`, it is on disk.
    ///
    /// # Errors
    /// [`LedgerError`] where it could not be written whole and synced.
    fn append(&mut self, event: Event) -> Result<(), LedgerError>;
}
