//! Removing what is old: whole full segments from the oldest on, announced in the ledger before they go.

use std::io::BufReader;

use chrono::{DateTime, TimeDelta, Utc};

use super::folder::{self, Segment};
use super::query::time_of;
use super::verify::{Report, verify};
use super::{Event, Journal, Ledger, LedgerError, line};
use crate::host::files;

/// Segments announced by one line: so many names always fit.
const BATCH: usize = 100;

/// A full segment that may go.
struct Old {
    segment: Segment,
    first_seq: u64,
    last_seq: u64,
    last_hash: String,
}

impl Ledger<'_> {
    /// Removes the full segments whose last line was written longer than `age` ago, from the oldest on, up to the first that is
    /// younger. Says so in the ledger first, `because` of what. Returns the removed segments' file names.
    ///
    /// What is gone cannot be brought back, so the clock alone is not believed: `age` counts from now or from two days after
    /// the time that the runs before this one reckoned with ([`super::history::Runs::reckoned`]), whichever is earlier; where
    /// there was no run before, nothing goes.
    ///
    /// After a crash between the announcement and the last removal `verify` finds nothing wrong, and the next flush takes the
    /// rest.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger could not be read or written, or a segment could not be removed.
    pub fn flush(&mut self, age: TimeDelta, because: &str) -> Result<Vec<String>, LedgerError> {
        let Some(older_than) = self.cautious_now().and_then(|now| now.checked_sub_signed(age)) else {
            return Ok(Vec::new());
        };
        let mut old = Vec::new();
        for segment in folder::list(self.folder())?.rotated {
            match look_at(segment, older_than)? {
                Some(segment) => old.push(segment),
                None => break,
            }
        }
        if old.is_empty() {
            return Ok(Vec::new());
        }
        let report = verify(self.folder(), self.head())?;
        let mut removed = Vec::new();
        for batch in old.chunks(BATCH) {
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else { continue };
            self.append(Event::Flushed {
                segments: batch.iter().map(|old| old.segment.name.clone()).collect(),
                first_seq: first.first_seq,
                last_seq: last.last_seq,
                last_hash: last.last_hash.clone(),
                because: line::cut(because, 500),
                problems: problems_in(&report, batch),
            })?;
            for old in batch {
                // A full segment, announced as flushed on disk, under the ledger's lock.
                files::remove(&old.segment.path)?;
                removed.push(old.segment.name.clone());
            }
            folder::sync(self.folder())?;
        }
        Ok(removed)
    }
}

/// What `segment` holds, where its last readable line is older than `older_than`.
fn look_at(segment: Segment, older_than: DateTime<Utc>) -> Result<Option<Old>, LedgerError> {
    let mut lines = BufReader::new(folder::open_to_read(&segment.path)?);
    let (mut count, mut last_hash, mut last) = (0_u64, None, None);
    while let Some(raw) = line::next(&mut lines).map_err(LedgerError::io("reading", &segment.path))? {
        count += 1;
        if let Ok(entry) = raw.decode() {
            last = Some((entry.seq, count, time_of(&entry)));
        }
        last_hash = Some(raw.hash);
    }
    let (Some(first_seq), Some(last_hash), Some((seq, line, Some(time)))) = (segment.first, last_hash, last) else {
        return Ok(None);
    };
    let last_seq = seq.saturating_add(count - line);
    Ok((time < older_than).then_some(Old { segment, first_seq, last_seq, last_hash }))
}

fn problems_in(report: &Report, batch: &[Old]) -> u64 {
    let goes = |name: &str| batch.iter().any(|old| old.segment.name == name);
    report.problems.iter().filter(|problem| goes(&problem.segment)).count() as u64
}

#[cfg(test)]
mod tests;
