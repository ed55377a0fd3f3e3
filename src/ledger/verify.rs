//! Finding what was done to the ledger: any edited byte, any line removed, added or moved, any segment missing, any end cut off.
//!
//! Takes no lock, and reads line by line. A line is pinned by the next one's `prev`, the last one by the recorded end. So a
//! finding about a broken link names the earlier of the two lines: it was altered, or something between them was.

mod bounds;
mod report;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::folder::{self, CURRENT, Segment};
use super::head::{self, Head, Witness};
use super::line::{self, Raw};
use super::{Entry, Event, LedgerError};

use bounds::{Flush, Start};
pub use report::{Problem, Removed, Report};

/// No more problems than this are told one by one.
const MOST_PROBLEMS: usize = 1000;

/// What looks unfinished may be at work: so often it is looked at again, after this pause.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(30);

/// Reads the whole ledger in `folder` and its recorded end in the file `head`. Neither being there is no problem
/// ([`Report::is_absent`]): whether there must be a ledger is the caller's to know.
///
/// # Errors
/// [`LedgerError`] where something cannot be read, so that it cannot be told whether anything is wrong.
pub fn verify(folder: &Path, head: &Path) -> Result<Report, LedgerError> {
    let mut look = 1;
    loop {
        let (report, is_settled) = match Check::of(folder, head) {
            // Flushed or put aside since the folder was listed.
            Err(error) if error.is_not_found() && look < LOOKS => (Report::default(), false),
            other => other?,
        };
        if is_settled || look == LOOKS {
            return Ok(report);
        }
        look += 1;
        #[allow(clippy::disallowed_methods)] // an appender that is at work is given its time
        std::thread::sleep(PAUSE);
    }
}

/// A place in the ledger.
#[derive(Clone, Debug)]
struct Place {
    segment: String,
    line: u64,
}

/// A line that a crash can have cut short.
struct Unread {
    why: String,
    /// The number that it has by its place.
    seq: u64,
    /// Whether the agent has closed it. Otherwise it has no line break.
    is_closed: bool,
}

#[derive(Default)]
struct Check {
    report: Report,
    head: Option<Head>,
    start: Option<Start>,
    /// The number that the next line must have.
    next_seq: Option<u64>,
    /// The last line's hash and place.
    last: Option<(String, Place)>,
    /// Lines of this segment that a crash can have cut short, and that no line marks so far.
    unmarked: BTreeMap<u64, Unread>,
    /// Whether this segment had a line that is neither unreadable nor a mark.
    has_begun: bool,
    /// Hash by number of each segment's last line.
    ends: BTreeMap<u64, String>,
    flushes: Vec<Flush>,
    is_unfinished: bool,
}

impl Check {
    /// The report, and whether it is sure that nothing was at work meanwhile.
    fn of(folder: &Path, head_path: &Path) -> Result<(Report, bool), LedgerError> {
        // The record first: the ledger only grows after it.
        let witness = head::read(head_path)?;
        let head = if let Witness::Known(head) = &witness { Some(head.clone()) } else { None };
        let mut check = Self { head, ..Self::default() };
        // Then the file that is written: if it is put aside before the listing, it is found there by its inode.
        let current_path = folder.join(CURRENT);
        let current = match folder::open_to_read(&current_path) {
            Err(error) if error.is_not_found() => None,
            other => Some(other?),
        };
        let inode = current.as_ref().map(|file| folder::stat(&current_path, file)).transpose()?.map(|m| m.ino());
        let is_current = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|m| Some(m.ino()) == inode);
        let listing = folder::list(folder)?;
        for name in listing.strays {
            check.problem(&name, 0, "is named like a segment, and is not one".to_owned());
        }
        for segment in listing.rotated.iter().take_while(|segment| !is_current(&segment.path)) {
            check.segment(segment, folder::open_to_read(&segment.path)?)?;
        }
        let is_missing = current.is_none() && !listing.rotated.is_empty();
        match current {
            Some(file) => check.segment(&Segment::current(folder), file)?,
            None if is_missing => check.lacks_a_beginning("is missing"),
            None => {}
        }
        check.beginning();
        check.removed();
        check.end(&witness, head_path);
        let is_settled = !check.is_unfinished && inode.is_none_or(|_| is_current(&current_path));
        check.report.ok = check.report.problems.is_empty();
        Ok((check.report, is_settled))
    }

    fn problem(&mut self, segment: &str, line: u64, what: String) {
        if self.report.problems.len() < MOST_PROBLEMS {
            self.report.problems.push(Problem { segment: segment.to_owned(), line, what });
        } else {
            self.report.omitted += 1;
        }
    }

    fn segment(&mut self, segment: &Segment, file: File) -> Result<(), LedgerError> {
        let before = self.report.segments.last().cloned();
        self.report.segments.push(segment.name.clone());
        self.has_begun = false;
        let is_written = segment.first.is_none();
        let mut lines = BufReader::new(file);
        let mut count = 0;
        while let Some(raw) = line::next(&mut lines).map_err(LedgerError::io("reading", &segment.path))? {
            count += 1;
            self.line(segment, count, &raw);
            if !raw.ended && raw.decode().is_ok() {
                let seq = self.next_seq.map_or(count, |next| next.saturating_sub(1));
                let why = "has no line break at its end".to_owned();
                self.unmarked.insert(count, Unread { why, seq, is_closed: false });
            }
        }
        if is_written {
            self.unmarked_may_be_unfinished(&segment.name);
        }
        self.unmarked_are_problems(&segment.name);
        if let (Some(next), Some((hash, _))) = (self.next_seq, &self.last) {
            self.ends.insert(next.saturating_sub(1), hash.clone());
        }
        if count == 0 {
            self.is_unfinished |= is_written;
            match before {
                Some(_) if is_written => self.lacks_a_beginning("is empty"),
                Some(before) => {
                    self.problem(&segment.name, 0, format!("is empty, and should go on from {before}"));
                }
                None if !is_written => self.problem(&segment.name, 0, "is empty".to_owned()),
                None => {}
            }
        }
        Ok(())
    }

    fn unfinished(&mut self, segment: &str, line: u64, what: String) {
        self.is_unfinished = true;
        self.report.unfinished.get_or_insert_with(|| Problem { segment: segment.to_owned(), line, what });
    }

    /// The segment that is written has nothing in it. A rotation that was interrupted leaves that, after it has recorded the end
    /// of the segment before; whatever was written after that is then missed by the record.
    fn lacks_a_beginning(&mut self, what: &str) {
        let last_seq = self.next_seq.map_or(0, |next| next.saturating_sub(1));
        self.is_unfinished = true;
        if self.head.as_ref().is_some_and(|head| head.seq == last_seq) {
            let what = format!("{what}, probably as a crash interrupted a rotation; the next run completes it");
            self.unfinished(CURRENT, 0, what);
        } else {
            self.problem(CURRENT, 0, format!("{what}, and should go on from number {last_seq}"));
        }
    }

    /// Lines at the very end that are past the recorded end are what a crash leaves, or a writer at work.
    fn unmarked_may_be_unfinished(&mut self, name: &str) {
        self.is_unfinished |= !self.unmarked.is_empty();
        let Some(recorded) = self.head.as_ref().map(|head| head.seq) else { return };
        let (unfinished, others): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.unmarked).into_iter().partition(|(_, unread)| unread.seq > recorded);
        self.unmarked = others;
        for line in BTreeMap::into_keys(unfinished) {
            let what = "is cut short, probably by a crash; the next run closes and marks it";
            self.unfinished(name, line, what.to_owned());
        }
    }

    fn line(&mut self, segment: &Segment, number: u64, raw: &Raw) {
        self.report.lines += 1;
        match raw.decode() {
            Ok(entry) => self.entry(segment, number, &entry),
            Err(why) => {
                self.next_seq = self.next_seq.map(|seq| seq.saturating_add(1));
                let seq = self.next_seq.map_or(number, |next| next.saturating_sub(1));
                let is_closed = raw.is_closed();
                if is_closed || raw.is_cut_short() {
                    self.unmarked.insert(number, Unread { why, seq, is_closed: is_closed && raw.ended });
                } else {
                    self.problem(&segment.name, number, format!("{why}; and no crash leaves such a line"));
                }
            }
        }
        let seq = self.next_seq.map(|seq| seq.saturating_sub(1));
        if let Some(head) = self.head_at(seq).filter(|head| head.hash != raw.hash) {
            let what =
                format!("is not the line that was recorded as the last one, number {}: it was altered", head.seq);
            self.problem(&segment.name, number, what);
        }
        self.last = Some((raw.hash.clone(), Place { segment: segment.name.clone(), line: number }));
    }

    fn head_at(&self, seq: Option<u64>) -> Option<Head> {
        self.head.clone().filter(|head| Some(head.seq) == seq)
    }

    fn entry(&mut self, segment: &Segment, number: u64, entry: &Entry) {
        let name = &segment.name;
        match self.next_seq {
            Some(expected) if entry.seq != expected => {
                let what = match entry.seq.checked_sub(expected) {
                    Some(missing) => {
                        format!("has number {}, not {expected}: {} missing before it", entry.seq, lines(missing))
                    }
                    None => format!("has number {}, not {expected}: it is out of order", entry.seq),
                };
                self.problem(name, number, what);
            }
            Some(_) => {}
            None => self.begins(segment, number, entry),
        }
        if let Some((hash, place)) = self.last.take()
            && hash != entry.prev
        {
            let next = if place.segment == *name { format!("line {number}") } else { format!("{name}:{number}") };
            let what =
                format!("is not the line that {next} was chained to: one of the two was altered, moved, or put in");
            self.problem(&place.segment, place.line, what);
        }
        self.next_seq = Some(entry.seq.saturating_add(1));
        if self.report.last_seq < entry.seq {
            self.report.last_seq = entry.seq;
        }
        if let Event::Torn { line } = entry.event {
            self.report.torn += 1;
            if self.unmarked.remove(&line).is_none_or(|unread| !unread.is_closed) {
                self.problem(
                    name,
                    number,
                    format!("marks line {line} as torn, which no crash cut short just before it"),
                );
            }
            return;
        }
        self.unmarked_are_problems(name);
        if !self.has_begun {
            self.begins_segment(segment, number, entry);
        }
        self.has_begun = true;
        self.event(name, number, entry);
    }

    /// The ledger's first readable line.
    fn begins(&mut self, segment: &Segment, number: u64, entry: &Entry) {
        let seq = entry.seq.saturating_sub(number - 1);
        let prev = (number == 1).then(|| entry.prev.clone());
        self.start = Some(Start { segment: segment.name.clone(), seq, prev });
        self.report.first_seq = seq;
    }

    /// A segment's first readable line that is not a mark.
    fn begins_segment(&mut self, segment: &Segment, number: u64, entry: &Entry) {
        let name = &segment.name;
        let first = entry.seq.saturating_sub(number - 1);
        if segment.first.is_some_and(|named| named != first) {
            self.problem(name, number, format!("has number {}, which does not fit the file's name", entry.seq));
        }
        let before = self.report.segments.iter().rev().nth(1).cloned();
        match &entry.event {
            Event::Checkpoint { after, .. } => {
                if let Some(after) =
                    after.as_ref().filter(|after| before.as_ref().is_some_and(|before| before != *after))
                {
                    let what =
                        format!("follows {after}, which is missing: {} is before it", before.unwrap_or_default());
                    self.problem(name, number, what);
                }
            }
            _ if first > 1 => {
                self.problem(name, number, "begins a segment, and is not a checkpoint".to_owned());
            }
            _ => {}
        }
    }

    fn event(&mut self, name: &str, number: u64, entry: &Entry) {
        match &entry.event {
            Event::EndDiffers { seen, .. } => {
                self.problem(
                    name,
                    number,
                    format!("records that the ledger's end was not as the agent had left it: {seen}"),
                );
            }
            Event::Flushed { segments, first_seq, last_seq, last_hash, because, problems } => {
                self.flushes.push(Flush {
                    place: Place { segment: name.to_owned(), line: number },
                    segments: segments.clone(),
                    first_seq: *first_seq,
                    last_seq: *last_seq,
                    last_hash: last_hash.clone(),
                    time: entry.time.clone(),
                    because: because.clone(),
                    problems: *problems,
                })
            }
            _ => {}
        }
    }

    fn unmarked_are_problems(&mut self, name: &str) {
        for (line, Unread { why, .. }) in std::mem::take(&mut self.unmarked) {
            self.problem(name, line, format!("{why}: it is cut short, and no line marks it as torn"));
        }
    }
}

/// So many lines, in words.
fn lines(n: u64) -> String {
    crate::text::count(usize::try_from(n).unwrap_or(usize::MAX), "line is", "lines are")
}

#[cfg(test)]
mod tests;
