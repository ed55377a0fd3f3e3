//! A journal that only remembers, for tests.

use std::io;
use std::path::PathBuf;

use super::{Event, Journal, LedgerError};

/// Keeps every event, and fails where it was told to.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    /// What was appended, in order.
    pub events: Vec<Event>,
    fails_at: Option<usize>,
}

impl MemoryJournal {
    /// One whose `n`-th append (from 1) and all later ones fail.
    #[must_use]
    pub fn failing_at(n: usize) -> Self {
        Self { events: Vec::new(), fails_at: Some(n) }
    }
}

impl Journal for MemoryJournal {
    fn append(&mut self, event: Event) -> Result<(), LedgerError> {
        if self.fails_at.is_some_and(|n| self.events.len() + 1 >= n) {
            let source = io::Error::from(io::ErrorKind::StorageFull);
            return Err(LedgerError::Io { doing: "appending", path: PathBuf::from("memory"), source });
        }
        self.events.push(event);
        Ok(())
    }
}
