//! Reading the ledger from its beginning, line by line. Takes no lock: the ledger may grow meanwhile.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::vec::IntoIter;

use chrono::{DateTime, Utc};

use super::folder::{self, Segment};
use super::{Entry, LedgerError, line};

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those about this control.
    pub control: Option<String>,
    /// Those from this point of time on.
    pub since: Option<DateTime<Utc>>,
}

impl Filter {
    fn wants(&self, entry: &Entry) -> bool {
        let of_control = self.control.as_deref().is_none_or(|id| entry.event.control() == Some(id));
        // A time that cannot be read is not known to be earlier.
        let late_enough = self.since.is_none_or(|since| time_of(entry).is_none_or(|time| time >= since));
        of_control && late_enough
    }
}

/// When the entry was written, where its time can be read.
#[must_use]
pub fn time_of(entry: &Entry) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(&entry.time).ok().map(|time| time.to_utc())
}

/// One line of the ledger, as a reader meets it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The segment's file name.
    pub segment: String,
    /// Line number in the segment, from 1.
    pub line: u64,
    /// What the line says, or in words why it cannot be read.
    pub entry: Result<Entry, String>,
}

/// The lines of a ledger, in order. A line that cannot be read is handed out as such, unless one control is asked for.
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
            let entry = raw.decode();
            if entry.as_ref().map_or(self.filter.control.is_none(), |entry| self.filter.wants(entry)) {
                return Ok(Some(Row { segment: segment.name.clone(), line: *lines, entry }));
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
        let control = count(Filter { control: Some("control_1".to_owned()), since: None });
        assert!(!control.is_empty() && control.iter().all(|entry| entry.event.control() == Some("control_1")));
        assert!(count(Filter { control: Some("control_9".to_owned()), since: None }).is_empty());
        let all = count(Filter::default()).len();
        assert_eq!(count(Filter { control: None, since: Some(NOON.0) }).len(), all);
        assert_eq!(count(Filter { control: None, since: Some(NOON.0 + TimeDelta::milliseconds(1)) }).len(), 0);
    }

    #[test]
    fn what_cannot_be_read_is_shown_and_what_is_being_written_is_not() {
        let place = Place::with_lines(3, 1 << 20);
        let bytes = std::fs::read(place.current()).unwrap();
        put(&place.current(), &[bytes.as_slice(), b"{\"v\n", b"{\"v\":1,"].concat());
        let read = |filter| rows(&place.folder, filter).unwrap().map(Result::unwrap).collect::<Vec<_>>();
        let all = read(Filter::default());
        assert_eq!(all.len(), 4);
        assert_eq!((all[3].line, all[3].entry.is_err()), (4, true));
        assert!(
            read(Filter { control: Some("control_1".to_owned()), since: None }).iter().all(|row| row.entry.is_ok())
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
