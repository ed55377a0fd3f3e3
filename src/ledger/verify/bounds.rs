//! The ledger's two ends: whether its first line may be the first, and its last one the last.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Check, Place, Removed, lines};
use crate::ledger::folder::CURRENT;
use crate::ledger::head::Witness;
use crate::ledger::line::NO_HASH;

/// What a `flushed` line says, and where.
pub(super) struct Flush {
    pub(super) place: Place,
    pub(super) segments: Vec<String>,
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) last_hash: String,
    pub(super) time: String,
    pub(super) because: String,
    pub(super) problems: u64,
}

/// The beginning of what is there.
pub(super) struct Start {
    pub(super) segment: String,
    pub(super) seq: u64,
    /// The first line's `prev`; `None` where that line is torn.
    pub(super) prev: Option<String>,
}

impl Check {
    /// Whether the first line may be the first.
    pub(super) fn beginning(&mut self) {
        let Some(start) = self.start.take() else { return };
        // Where a segment that was announced as flushed is still there, the announcement must name its end.
        for flush in std::mem::take(&mut self.flushes) {
            let there = self.ends.get(&flush.last_seq);
            if flush.last_seq >= start.seq && there != Some(&flush.last_hash) {
                let what = format!("announces a flush up to line number {}, which ends no segment so", flush.last_seq);
                self.problem(&flush.place.segment, flush.place.line, what);
            }
            self.flushes.push(flush);
        }
        let justifies = |flush: &Flush| {
            let all_gone = flush.last_seq.checked_add(1) == Some(start.seq)
                && start.prev.as_ref().is_none_or(|prev| *prev == flush.last_hash);
            // Interrupted: the older ones are gone already.
            let some_gone =
                (flush.first_seq..=flush.last_seq).contains(&start.seq) && flush.segments.contains(&start.segment);
            all_gone || some_gone
        };
        let is_first = start.seq == 1 && start.prev.as_ref().is_none_or(|prev| prev == NO_HASH);
        if !is_first && !self.flushes.iter().any(justifies) {
            let what = format!("is the first line, number {}, and no flush accounts for what was before it", start.seq);
            self.problem(&start.segment, 1, what);
        }
    }

    /// What flushes took before the first line that is there. One that was interrupted and completed later is told once.
    pub(super) fn removed(&mut self) {
        let mut by_end = BTreeMap::<u64, Removed>::new();
        for flush in self.flushes.iter().filter(|flush| flush.first_seq < self.report.first_seq) {
            let last_seq = flush.last_seq.min(self.report.first_seq.saturating_sub(1));
            let removed = by_end.entry(last_seq).or_insert_with(|| Removed {
                first_seq: flush.first_seq,
                last_seq,
                time: flush.time.clone(),
                because: flush.because.clone(),
                problems: 0,
            });
            removed.first_seq = removed.first_seq.min(flush.first_seq);
            removed.problems = removed.problems.max(flush.problems);
        }
        self.report.removed = by_end.into_values().collect();
    }

    /// Whether the last line may be the last.
    pub(super) fn end(&mut self, witness: &Witness, head_path: &Path) {
        let record = head_path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let last_seq = self.next_seq.map_or(0, |next| next.saturating_sub(1));
        match witness {
            Witness::Absent if self.report.segments.is_empty() => {}
            Witness::Absent => self.problem(&record, 0, "the record of the ledger's end is missing".to_owned()),
            Witness::Unreadable(why) => self.problem(&record, 0, format!("is unreadable: {why}")),
            Witness::Known(head) if head.seq > last_seq => {
                let Place { segment, line } =
                    self.last.take().map_or(Place { segment: CURRENT.to_owned(), line: 0 }, |(_, place)| place);
                let missing = head.seq - last_seq;
                let what = format!(
                    "the ledger ends here, at number {last_seq}, and once reached number {}: {} missing",
                    head.seq,
                    lines(missing)
                );
                self.problem(&segment, line, what);
            }
            Witness::Known(head) if head.seq.saturating_add(1) < self.report.first_seq => {
                let what = format!("names number {}, which is before the ledger's first line", head.seq);
                self.problem(&record, 0, what);
            }
            Witness::Known(_) => {}
        }
    }
}
