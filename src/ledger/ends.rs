//! Whether the ledger's end is the one that was recorded, as far as start-up and `status` look.

use std::path::Path;

use serde_json::Value;

use super::head::{self, Head, Witness};
use super::history::History;
use super::load::{self, Loaded, Scan};
use super::{Event, LedgerError};
use crate::host::files;
use crate::mac::FileAnswer;

/// How often [`look`] looks, where a writer may be at work: the record and the segments are not read at one moment.
const LOOKS: u32 = 3;

/// What was found to differ.
pub(super) struct Difference<'a> {
    recorded: Option<&'a Head>,
    /// What is there instead.
    seen: String,
}

impl Difference<'_> {
    /// It, as it goes on record.
    pub(super) fn event(self) -> Event {
        Event::EndDiffers {
            recorded_seq: self.recorded.map(|head| head.seq),
            recorded_hash: self.recorded.map(|head| head.hash.clone()),
            seen: self.seen,
        }
    }
}

/// What differs where the ledger's end is not as it was left. `expected` is a run that is on record elsewhere. A line that is
/// older than what was read is pinned by the chain, and left to `verify`.
pub(super) fn difference<'a>(witness: &'a Witness, loaded: &Loaded, expected: Option<&str>) -> Option<Difference<'a>> {
    let last_seq = loaded.scans.last().map_or(0, Scan::last_seq);
    let differs = |recorded, seen| Some(Difference { recorded, seen });
    match (witness, expected) {
        (Witness::Absent, None) if loaded.scans.is_empty() => None,
        (Witness::Absent, Some(run)) if loaded.scans.is_empty() => {
            differs(None, format!("there is no ledger, and the agent's state tells of run {run}"))
        }
        // The agent was removed, the record with it, and is here again.
        (Witness::Absent, None) if loaded.history.removed => None,
        (Witness::Absent, _) => differs(None, "the record of the end is missing".to_owned()),
        (Witness::Unreadable(why), _) => differs(None, format!("the record of the end is unreadable: {why}")),
        (Witness::Known(head), _) if head.seq > last_seq => {
            differs(Some(head), format!("the ledger ends with line number {last_seq}"))
        }
        (Witness::Known(head), _) => {
            let was_read = loaded.scans.first().is_some_and(|scan| head.seq >= scan.first_seq);
            let found = loaded.scans.iter().find_map(|scan| scan.asked.as_ref());
            if !was_read || found == Some(&head.hash) {
                return None;
            }
            let seen = found.map_or("has no readable line of that number".to_owned(), |hash| {
                format!("has another line of that number, of SHA-256 {hash}")
            });
            differs(Some(head), format!("the ledger {seen}"))
        }
    }
}

/// The ledger folded, and whether its end holds.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What it comes to.
    pub history: History,
    /// In words, what disproves it, where anything does. Not a full check: [`super::verify::verify`] is.
    pub disproved: Option<String>,
}

/// What the ledger in `folder` comes to, and whether the record `head` and the lines since the last checkpoint bear it out.
/// `expected` is a run that is on record elsewhere. Takes no lock.
///
/// # Errors
/// [`LedgerError`] where a segment or the record cannot be read.
pub fn look(folder: &Path, head: &Path, expected: Option<&str>) -> Result<Looked, LedgerError> {
    let mut looks = 1;
    loop {
        // The record first: the ledger only grows after it.
        let witness = head::read(head)?;
        let asked = if let Witness::Known(head) = &witness { Some(head.seq) } else { None };
        let loaded = match load::load(folder, asked) {
            Err(error) if error.is_not_found() && looks < LOOKS => {
                looks += 1;
                continue;
            }
            other => other?,
        };
        let broken = loaded.scans.iter().find_map(|scan| Some((&scan.segment.name, scan.unchained?)));
        let disproved = match (difference(&witness, &loaded, expected), broken) {
            (Some(difference), _) => Some(difference.seen),
            (None, Some((name, line))) => Some(format!("{name}:{line}: is not chained to the line before it")),
            (None, None) => None,
        };
        if disproved.is_none() || looks == LOOKS {
            return Ok(Looked { history: loaded.history, disproved });
        }
        looks += 1;
    }
}

/// The run that the agent's state file `status` (`status.json`) tells of, where there is such a file: a ledger must then have
/// been there. A file that is there and not understood tells of a run, too.
#[must_use]
pub fn run_on_record(status: &Path) -> Option<String> {
    let unnamed = || "that it does not name".to_owned();
    match files::read(status) {
        Ok(FileAnswer::Absent) => None,
        Ok(FileAnswer::Present { bytes, .. }) => {
            let state: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            Some(state.get("LastRunId").and_then(Value::as_str).map_or_else(unnamed, crate::text::excerpt))
        }
        Err(_) => Some(unnamed()),
    }
}

#[cfg(test)]
mod tests;
