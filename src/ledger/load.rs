//! Reading back what a writer must know to go on: the fold, the end of the chain, and what a crash left unmarked.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::folder::{self, Segment};
use super::history::History;
use super::{Event, LedgerError, line};

/// What one segment holds.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) segment: Segment,
    pub(super) lines: u64,
    pub(super) bytes: u64,
    /// Its first line's number, as the first readable line shows it, or else as the segment before it does.
    pub(super) first_seq: u64,
    /// SHA-256 of its last line.
    pub(super) last_hash: Option<String>,
    /// Whether it ends with a line break, or is empty.
    pub(super) ended: bool,
    /// Lines at its end that must be marked as torn: unreadable ones that are not, and a last one without a line break.
    pub(super) unmarked: Vec<u64>,
    /// Where its checkpoint ends, in bytes from its start; `None` where it has no complete one.
    pub(super) checkpoint_end: Option<u64>,
    /// SHA-256 of the line that was asked for by number, if it is here.
    pub(super) asked: Option<String>,
}

impl Scan {
    /// Its last line's number; the one before its first where it is empty.
    pub(super) fn last_seq(&self) -> u64 {
        self.first_seq.saturating_add(self.lines).saturating_sub(1)
    }
}

/// The ledger's end, as far back as the last checkpoint.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) history: History,
    /// The segments that were read, oldest first; the last is the ledger's last.
    pub(super) scans: Vec<Scan>,
    /// The newest full segment's name.
    pub(super) last_rotated: Option<String>,
}

/// Reads the segments of `folder` from the last complete checkpoint on, or all where there is none. `asked` is the number of a
/// line whose hash is wanted.
pub(super) fn load(folder: &Path, asked: Option<u64>) -> Result<Loaded, LedgerError> {
    let listing = folder::list(folder)?;
    let segments = listing.segments(folder);
    let mut from = segments.len();
    for (n, segment) in segments.iter().enumerate().rev() {
        from = n;
        if n > 0 && has_checkpoint(segment)? {
            break;
        }
    }
    let mut history = History::default();
    let mut scans: Vec<Scan> = Vec::new();
    for segment in segments.into_iter().skip(from) {
        let follows = scans.last().map_or(0, Scan::last_seq).saturating_add(1);
        scans.push(scan(segment, follows, &mut history, asked)?);
    }
    Ok(Loaded { history, scans, last_rotated: listing.rotated.last().map(|segment| segment.name.clone()) })
}

fn has_checkpoint(segment: &Segment) -> Result<bool, LedgerError> {
    let mut lines = open(segment)?;
    let mut history = History::default();
    while let Some(raw) = line::next(&mut lines).map_err(LedgerError::io("reading", &segment.path))? {
        if raw.decode().is_ok_and(|entry| history.apply(&entry)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn open(segment: &Segment) -> Result<BufReader<File>, LedgerError> {
    Ok(BufReader::new(folder::open_to_read(&segment.path)?))
}

fn scan(segment: Segment, follows: u64, history: &mut History, asked: Option<u64>) -> Result<Scan, LedgerError> {
    let mut lines = open(&segment)?;
    let mut scan = Scan {
        first_seq: segment.first.unwrap_or(follows),
        segment,
        lines: 0,
        bytes: 0,
        last_hash: None,
        ended: true,
        unmarked: Vec::new(),
        checkpoint_end: None,
        asked: None,
    };
    let mut numbered = false;
    while let Some(raw) = line::next(&mut lines).map_err(LedgerError::io("reading", &scan.segment.path))? {
        scan.lines += 1;
        scan.bytes += raw.length + u64::from(raw.ended);
        scan.ended = raw.ended;
        match raw.decode() {
            Err(_) => scan.unmarked.push(scan.lines),
            Ok(entry) => {
                match entry.event {
                    Event::Torn { line } => scan.unmarked.retain(|n| *n != line),
                    // What is unreadable before an ordinary line was not torn by the last crash, and is left for `verify`.
                    _ => scan.unmarked.clear(),
                }
                if !numbered {
                    scan.first_seq = entry.seq.checked_sub(scan.lines - 1).unwrap_or(scan.first_seq);
                    numbered = true;
                }
                if history.apply(&entry) {
                    scan.checkpoint_end = Some(scan.bytes);
                }
                if asked == Some(entry.seq) {
                    scan.asked = Some(raw.hash.clone());
                }
            }
        }
        scan.last_hash = Some(raw.hash);
    }
    if !scan.ended && scan.unmarked.last() != Some(&scan.lines) {
        scan.unmarked.push(scan.lines);
    }
    Ok(scan)
}
