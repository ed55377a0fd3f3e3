//! Reading the ledger from its beginning, line by line. Takes no lock: the ledger may grow meanwhile.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::vec::IntoIter;

use chrono::{DateTime, Utc};

use super::folder::{self, Segment};
use super::{Entry, LedgerError, line};
use crate::clock;

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those about this control.
    pub control: Option<String>,
    /// Those from this point of time on.
    pub since: Option<DateTime<Utc>>,
    /// Those of this run.
    pub run: Option<String>,
    /// Those that say that their control is in this state ([`super::Event::state`]).
    pub state: Option<String>,
}

impl Filter {
    fn wants(&self, entry: &Entry) -> bool {
        let of_control = self.control.as_deref().is_none_or(|id| entry.event.control() == Some(id));
        // A time that cannot be read is not known to be earlier.
        let late_enough = self.since.is_none_or(|since| time_of(entry).is_none_or(|time| time >= since));
        let of_run = self.run.as_ref().is_none_or(|run| entry.run == *run);
        let of_state = self.state.as_deref().is_none_or(|state| entry.event.state() == Some(state));
        of_control && late_enough && of_run && of_state
    }

    /// Whether it wants what cannot be read: not where it asks for what only a line can say.
    fn wants_unread(&self) -> bool {
        self.control.is_none() && self.run.is_none() && self.state.is_none()
    }
}

/// When the entry was written, where its time can be read.
#[must_use]
pub fn time_of(entry: &Entry) -> Option<DateTime<Utc>> {
    clock::read(&entry.time)
}

/// Why a line says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A crash cut it short, and the agent closed it ([`line::CLOSED`]). Whether it is marked as torn too, `verify` tells.
    #[error("torn by a crash, kept")]
    Torn,
    /// Anything else, in words: nothing that the agent writes or leaves.
    #[error("{0}")]
    Other(String),
}

/// One line of the ledger, as a reader meets it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The segment's file name.
    pub segment: String,
    /// Line number in the segment, from 1.
    pub line: u64,
    /// Its bytes as they stand in the segment, without the line break; the first 8192 of them.
    pub raw: Vec<u8>,
    /// What the line says, or why it says nothing.
    pub entry: Result<Entry, Unread>,
}

/// The lines of a ledger, in order. A line that cannot be read is handed out as such, unless a control, a run or a state is asked
/// for.
pub struct Rows {
    segments: IntoIter<Segment>,
    open: Option<(Segment, BufReader<File>, u64)>,
    filter: Filter,
}

/// The lines of the ledger in `folder` that `filter` wants, oldest first; none where there is no ledger.
///
/// # Errors
/// [`LedgerError`] where the folder cannot be listed; a segment that cannot be read is an error of the iteration, and ends it.
pub fn rows(folder: &Path, filter: Filter) -> Result<Rows, LedgerError> {
    let segments = folder::list(folder)?.segments(folder);
    Ok(Rows { segments: segments.into_iter(), open: None, filter })
}

impl Rows {
    fn step(&mut self) -> Result<Option<Row>, LedgerError> {
        loop {
            let Some((segment, reader, lines)) = &mut self.open else {
                let Some(segment) = self.segments.next() else { return Ok(None) };
                let file = folder::open_to_read(&segment.path)?;
                self.open = Some((segment, BufReader::new(file), 0));
                continue;
            };
            let Some(raw) = line::next(reader).map_err(LedgerError::io("reading", &segment.path))? else {
                self.open = None;
                continue;
            };
            *lines += 1;
            if !raw.ended && segment.first.is_none() {
                // Being written at this moment, or torn and not marked yet: not a line so far.
                continue;
            }
            let is_closed = raw.is_closed();
            let entry = raw.decode().map_err(|why| if is_closed { Unread::Torn } else { Unread::Other(why) });
            if entry.as_ref().map_or(self.filter.wants_unread(), |entry| self.filter.wants(entry)) {
                return Ok(Some(Row { segment: segment.name.clone(), line: *lines, raw: raw.bytes, entry }));
            }
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Row, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.step().transpose();
        if matches!(row, Some(Err(_))) {
            self.open = None;
            self.segments = Vec::new().into_iter();
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::ledger::testing::{NOON, Place, found, put};
    use crate::ledger::{CURRENT, Event};

    #[test]
    fn lines_come_in_order_over_all_segments() {
        let place = Place::with_lines(50, 4000);
        let rows: Vec<_> = rows(&place.folder, Filter::default()).unwrap().map(Result::unwrap).collect();
        let numbers: Vec<_> = rows.iter().map(|row| row.entry.as_ref().unwrap().seq).collect();
        assert!(numbers.len() >= 50 && numbers.iter().copied().eq(1..=numbers.len() as u64));
        assert_eq!((rows[0].segment.as_str(), rows[0].line), ("compliance.000000000001.ndjson", 1));
        assert_eq!(rows.last().unwrap().segment, CURRENT);
    }

    #[test]
    fn one_control_or_a_stretch_of_time_can_be_asked_for() {
        let place = Place::with_lines(50, 4000);
        let count =
            |filter| rows(&place.folder, filter).unwrap().map(|row| row.unwrap().entry.unwrap()).collect::<Vec<_>>();
        let control = count(Filter { control: Some("control_1".to_owned()), ..Filter::default() });
        assert!(!control.is_empty() && control.iter().all(|entry| entry.event.control() == Some("control_1")));
        assert!(count(Filter { control: Some("control_9".to_owned()), ..Filter::default() }).is_empty());
        let all = count(Filter::default()).len();
        assert_eq!(count(Filter { since: Some(NOON.0), ..Filter::default() }).len(), all);
        assert_eq!(count(Filter { since: Some(NOON.0 + TimeDelta::milliseconds(1)), ..Filter::default() }).len(), 0);
    }

    #[test]
    fn one_run_or_one_state_can_be_asked_for() {
        let place = Place::with_lines(10, 1 << 20);
        let options = crate::ledger::LedgerOptions { run: "r2".to_owned(), ..place.options(1 << 20) };
        let mut ledger = crate::ledger::Ledger::open(options, crate::ledger::IfBusy::Fail).unwrap();
        let fixed = Event::Fixed { control: "control_1".to_owned(), seen: String::new() };
        crate::ledger::Journal::append(&mut ledger, fixed).unwrap();
        drop(ledger);
        let count = |run: Option<&str>, state: Option<&str>| {
            let filter = Filter { run: run.map(str::to_owned), state: state.map(str::to_owned), ..Filter::default() };
            rows(&place.folder, filter).unwrap().count()
        };
        assert_eq!([count(Some("r1"), None), count(Some("r2"), None), count(Some("r3"), None)], [10, 1, 0]);
        assert_eq!([count(None, Some("drifted")), count(None, Some("fixed"))], [5, 1]);
        assert_eq!(count(Some("r2"), Some("drifted")), 0);
    }

    #[test]
    fn what_cannot_be_read_is_shown_and_what_is_being_written_is_not() {
        let place = Place::with_lines(3, 1 << 20);
        let bytes = std::fs::read(place.current()).unwrap();
        put(&place.current(), &[bytes.as_slice(), b"{\"v\n", b"{\"v\x18\n", b"{\"v\":1,"].concat());
        let read = |filter| rows(&place.folder, filter).unwrap().map(Result::unwrap).collect::<Vec<_>>();
        let all = read(Filter::default());
        assert_eq!(all.len(), 5);
        assert!(matches!(&all[3].entry, Err(Unread::Other(_))) && all[3].line == 4);
        assert_eq!((all[4].line, all[4].entry.as_ref().err()), (5, Some(&Unread::Torn)));
        let raw: Vec<u8> = all[..3].iter().flat_map(|row| [row.raw.as_slice(), b"\n"].concat()).collect();
        assert_eq!(raw, bytes);
        assert!(
            read(Filter { control: Some("control_1".to_owned()), ..Filter::default() })
                .iter()
                .all(|row| row.entry.is_ok())
        );
    }

    #[test]
    fn no_ledger_has_no_lines_and_an_unreadable_segment_is_an_error() {
        let place = Place::new();
        assert_eq!(rows(&place.folder, Filter::default()).unwrap().count(), 0);
        let place = Place::with_lines(60, 4000);
        let second = place.segments()[1].0.clone();
        crate::ledger::testing::remove(&place.folder.join(&second));
        #[allow(clippy::disallowed_methods)] // the test's part is to do what a reader must notice
        std::fs::create_dir(place.folder.join(&second)).unwrap();
        let rows: Vec<_> = rows(&place.folder, Filter::default()).unwrap().collect();
        assert!(rows.last().unwrap().is_err() && rows.iter().filter(|row| row.is_err()).count() == 1);
        let first = rows[0].as_ref().unwrap().entry.clone().unwrap();
        assert_eq!(first.event, found(1));
        assert!(!matches!(first.event, Event::Foreign));
    }
}
