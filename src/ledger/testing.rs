//! What the tests of this module share: a ledger in a folder of its own.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use super::{CURRENT, Cause, Counts, Event, IfBusy, Journal, Ledger, LedgerOptions};
use crate::clock::FixedClock;

pub(super) const NOON: FixedClock = FixedClock(DateTime::<Utc>::UNIX_EPOCH);

/// A place for a ledger, removed when dropped.
pub(super) struct Place {
    _dir: TempDir,
    pub(super) folder: PathBuf,
    pub(super) head: PathBuf,
}

impl Place {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (folder, head) = (dir.path().join("log"), dir.path().join("state/head.json"));
        Self { _dir: dir, folder, head }
    }

    pub(super) fn options(&self, max_segment_bytes: u64) -> LedgerOptions<'static> {
        LedgerOptions {
            folder: self.folder.clone(),
            head: self.head.clone(),
            max_segment_bytes,
            simulated: true,
            boot: Some("5B1E".to_owned()),
            run: "r1".to_owned(),
            expected: None,
            clock: &NOON,
        }
    }

    pub(super) fn open(&self, max_segment_bytes: u64) -> Ledger<'static> {
        Ledger::open(self.options(max_segment_bytes), IfBusy::Fail).unwrap()
    }

    /// A closed ledger of `lines` lines; fewer of them are events where it is rotated.
    pub(super) fn with_lines(lines: u64, max_segment_bytes: u64) -> Self {
        let place = Self::new();
        let mut ledger = place.open(max_segment_bytes);
        for n in 1.. {
            if ledger.last_seq() >= lines {
                break;
            }
            ledger.append(found(n)).unwrap();
        }
        ledger.close().unwrap();
        place
    }

    pub(super) fn current(&self) -> PathBuf {
        self.folder.join(CURRENT)
    }

    /// The segments' names and bytes, oldest first.
    pub(super) fn segments(&self) -> Vec<(String, Vec<u8>)> {
        let segments = super::folder::list(&self.folder).unwrap().segments(&self.folder);
        segments.into_iter().map(|s| (s.name, std::fs::read(s.path).unwrap())).collect()
    }
}

pub(super) fn found(n: u64) -> Event {
    let state = if n.is_multiple_of(2) { "drifted" } else { "compliant" };
    Event::Found {
        control: format!("control_{}", n % 5),
        state: state.to_owned(),
        mode: "enforce".to_owned(),
        seen: format!("(State = {n})"),
        wanted: None,
    }
}

pub(super) fn run_started(command: &str) -> Event {
    Event::RunStarted {
        command: command.to_owned(),
        cause: Cause { kind: "schedule".to_owned(), user: None, detail: None },
        agent: "0.1.0".to_owned(),
        mac: None,
        policy: "00".to_owned(),
        partial: false,
        items: Vec::new(),
    }
}

pub(super) fn run_ended(compliant: u32) -> Event {
    Event::RunEnded {
        counts: Counts { compliant, ..Counts::default() },
        interrupted: false,
        partial: false,
        unchanged: Vec::new(),
    }
}

/// Puts `bytes` in place of a file's, past all that the ledger does to keep it. Not emptied first: some file systems then take
/// it for a replacement and write it to disk at once, which thousands of times is slow.
pub(super) fn put(path: &Path, bytes: &[u8]) {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
}

#[allow(clippy::disallowed_methods)] // the tests' part is to do what the ledger must notice
pub(super) fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

#[allow(clippy::disallowed_methods)] // see above
pub(super) fn rename(from: &Path, to: &Path) {
    std::fs::rename(from, to).unwrap();
}
