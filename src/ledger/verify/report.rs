//! What `verify` found, as data.

use serde::Serialize;

use crate::text::visible;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name.
    pub segment: String,
    /// Line number in it, from 1; 0 for the file as a whole.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Problem {
    /// On one line, safe to show whatever the ledger holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (segment, what) = (visible(&self.segment), visible(&self.what));
        match self.line {
            0 => write!(f, "{segment}: {what}"),
            line => write!(f, "{segment}:{line}: {what}"),
        }
    }
}

/// Lines that a flush removed from the ledger's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Number of the first.
    pub first_seq: u64,
    /// Number of the last.
    pub last_seq: u64,
    /// When, as the ledger says it.
    pub time: String,
    /// Why: the retention in days, or the command.
    pub because: String,
    /// How many problems there were in them.
    pub problems: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Lines read.
    pub lines: u64,
    /// The segments' file names, oldest first.
    pub segments: Vec<String>,
    /// Number of the first line; 0 where there is none. More than 1 where older segments were flushed.
    pub first_seq: u64,
    /// Number of the last line; 0 where there is none.
    pub last_seq: u64,
    /// Lines that a crash cut short and the next opening marked; nothing is wrong with them.
    pub torn: u64,
    /// What a crash, or a writer at work, has left after the recorded end, and the next run will complete. It is no problem: the
    /// record shows that nothing which was ever acknowledged is missing.
    pub unfinished: Option<Problem>,
    /// What flushes removed before the first line, oldest first, as far as lines that are still there say so.
    pub removed: Vec<Removed>,
    /// What is wrong: line by line, then what concerns the beginning and the end.
    pub problems: Vec<Problem>,
    /// How many more problems there are than are told.
    pub omitted: u64,
}

impl Report {
    /// Whether there is no ledger at all, and nothing in its place or in its record that tells of one.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.ok && self.segments.is_empty()
    }

    /// Whether there is no line, and nothing that tells of one: no ledger, or one that was begun and has nothing in it.
    #[must_use]
    pub fn has_nothing(&self) -> bool {
        self.ok && self.lines == 0 && self.unfinished.is_none()
    }
}
