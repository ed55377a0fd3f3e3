//! Reading back what a writer must know to go on: the fold, the end of the chain, and what a crash left unmarked.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::folder::{self, Segment};
use super::history::History;
use super::line::{CLOSED, Raw};
use super::{Event, LedgerError, line};

/// How a last line without a line break is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closing(pub(super) &'static [u8]);

impl Closing {
    /// For `raw`, and the hash that it then has. What a crash cut short gets [`CLOSED`], unless it has it already; what is whole
    /// but for its line break, and what is longer than a line of ours can be, gets the line break alone.
    fn of(raw: &Raw) -> Option<(Self, String)> {
        let needs_mark = raw.is_cut_short() && !raw.is_closed() && raw.decode().is_err();
        match &raw.hash_closed {
            None => None,
            Some(hash) if needs_mark => Some((Self(&[CLOSED, b'\n']), hash.clone())),
            Some(_) => Some((Self(b"\n"), raw.hash.clone())),
        }
    }
}

/// What one segment holds.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) segment: Segment,
    pub(super) lines: u64,
    pub(super) bytes: u64,
    /// Its first line's number, as the first readable line shows it, or else as the segment before it does.
    pub(super) first_seq: u64,
    /// SHA-256 of its last line, closed where that must be.
    pub(super) last_hash: Option<String>,
    /// What must be put behind its last line, where that has no line break. Only ever for the segment that is written.
    pub(super) closing: Option<Closing>,
    /// Lines at its end that a crash cut short, and that are not marked as torn yet.
    pub(super) unmarked: Vec<u64>,
    /// Where its checkpoint ends, in bytes from its start; `None` where it has no complete one.
    pub(super) checkpoint_end: Option<u64>,
    /// SHA-256 of the line that was asked for by number, if it is here.
    pub(super) asked: Option<String>,
    /// The first line that is not chained to the one before it.
    pub(super) unchained: Option<u64>,
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
        let scan = scan(segment, scans.last(), &mut history, asked)?;
        scans.push(scan);
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

fn scan(
    segment: Segment,
    before: Option<&Scan>,
    history: &mut History,
    asked: Option<u64>,
) -> Result<Scan, LedgerError> {
    let mut lines = open(&segment)?;
    let mut prev = before.and_then(|scan| scan.last_hash.clone());
    let mut scan = Scan {
        first_seq: segment.first.unwrap_or(before.map_or(0, Scan::last_seq).saturating_add(1)),
        segment,
        lines: 0,
        bytes: 0,
        last_hash: None,
        closing: None,
        unmarked: Vec::new(),
        checkpoint_end: None,
        asked: None,
        unchained: None,
    };
    let mut numbered = false;
    while let Some(raw) = line::next(&mut lines).map_err(LedgerError::io("reading", &scan.segment.path))? {
        scan.lines += 1;
        scan.bytes += raw.length + u64::from(raw.ended);
        match raw.decode() {
            Err(_) if raw.is_closed() || raw.is_cut_short() => scan.unmarked.push(scan.lines),
            // No crash of ours leaves that: it is left for `verify`, for ever.
            Err(_) => {}
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
                if prev.as_ref().is_some_and(|prev| *prev != entry.prev) && scan.unchained.is_none() {
                    scan.unchained = Some(scan.lines);
                }
                if asked == Some(entry.seq) {
                    scan.asked = Some(raw.hash.clone());
                }
            }
        }
        let closing = Closing::of(&raw).filter(|_| scan.segment.first.is_none());
        scan.closing = closing.as_ref().map(|(closing, _)| *closing);
        prev = Some(closing.map_or(raw.hash, |(_, hash)| hash));
        scan.last_hash.clone_from(&prev);
    }
    Ok(scan)
}
