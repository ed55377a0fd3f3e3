//! What a row of passes remembers of what it has put on record, so that what has not changed needs no line of its own.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::{INTERRUPTED, Left, Line, Outcome, found};
use crate::control::Control;
use crate::ledger::Event;
use crate::ledger::history::Standing;

/// After so long a control gets a line of its own although nothing has changed.
const FULL_AFTER: TimeDelta = TimeDelta::days(1);

/// So many lines within [`TOLD_WITHIN`] an event can have written about one control that nothing is to be done about: who
/// sets a file back and forth must not fill the disk. The next look on schedule tells how it stands.
const MOST_TOLD: usize = 12;
const TOLD_WITHIN: TimeDelta = TimeDelta::hours(1);

/// How the controls stood when they were last looked at, and what of it is on record.
#[derive(Debug, Default)]
pub struct Known {
    controls: BTreeMap<&'static str, Remembered>,
}

#[derive(Debug)]
struct Remembered {
    /// `None` where another run has looked since.
    line: Option<Line>,
    /// The event that has it on record, and when that was written.
    recorded: Option<(Event, DateTime<Utc>)>,
    /// When events had lines written about it.
    told: VecDeque<DateTime<Utc>>,
}

impl Known {
    /// How `control` stood when it was last looked at; `None` where it was not yet.
    #[must_use]
    pub fn line(&self, control: &Control) -> Option<&Line> {
        self.controls.get(control.id)?.line.as_ref()
    }

    /// Another run has looked at controls and put on record how they stand, so that what is remembered is no longer what was
    /// last seen.
    pub fn forget(&mut self) {
        for remembered in self.controls.values_mut() {
            (remembered.line, remembered.recorded) = (None, None);
        }
    }

    /// Whether `line` says what is not on record, or was put there more than a day ago. `standing` is what the ledger comes
    /// to: another run may have written since.
    pub(super) fn is_news(&self, line: &Line, standing: Option<&Standing>, now: DateTime<Utc>) -> bool {
        let recorded = self.controls.get(line.control.id).and_then(|remembered| remembered.recorded.as_ref());
        let is_on_record = recorded.is_some_and(|(event, at)| {
            let age = now.signed_duration_since(*at);
            *event == found(line) && age < FULL_AFTER && age > -FULL_AFTER
        });
        !is_on_record || standing.is_none_or(|standing| standing.state != line.outcome.word())
    }

    /// Whether one more line about `line`'s control may be written for an event.
    pub(super) fn may_tell(&self, line: &Line, now: DateTime<Utc>) -> bool {
        let recent = |at: &&DateTime<Utc>| now.signed_duration_since(**at).abs() < TOLD_WITHIN;
        self.controls
            .get(line.control.id)
            .is_none_or(|remembered| remembered.told.iter().filter(recent).count() < MOST_TOLD)
    }

    /// One more was written.
    pub(super) fn told(&mut self, line: &Line, now: DateTime<Utc>) {
        if let Some(remembered) = self.controls.get_mut(line.control.id) {
            remembered.told.push_back(now);
            if remembered.told.len() > MOST_TOLD {
                remembered.told.pop_front();
            }
        }
    }

    /// Why `control` was left as it is, where it had drifted at the last look.
    pub(super) fn left(&self, control: &Control) -> Option<&Left> {
        match &self.line(control)?.outcome {
            Outcome::Drifted { left, .. } => Some(left),
            _ => None,
        }
    }

    /// `line` was looked at; where that is on disk in lines of its own, `recorded` is when they were written.
    pub(super) fn remember(&mut self, line: &Line, recorded: Option<DateTime<Utc>>) {
        // What a run that was told to stop did not come to says nothing.
        if matches!(&line.outcome, Outcome::Unknown { why } if why == INTERRUPTED) {
            return;
        }
        let known = self.controls.entry(line.control.id).or_insert_with(|| Remembered {
            line: None,
            recorded: None,
            told: VecDeque::new(),
        });
        known.line = Some(line.clone());
        if let Some(at) = recorded {
            known.recorded = Some((on_record(line), at));
        }
    }
}

/// A line as the next look would find it, if nothing changes: what was mended is then compliant.
fn on_record(line: &Line) -> Event {
    match &line.outcome {
        Outcome::Fixed { seen, .. } => {
            let outcome = Outcome::Compliant { seen: seen.clone() };
            found(&Line { outcome, ..line.clone() })
        }
        _ => found(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Mode;

    #[test]
    fn other_words_of_the_same_state_are_news() {
        let control = crate::controls::find("firewall_on").unwrap();
        let line = |seen: &str| {
            let outcome = Outcome::Compliant { seen: seen.to_owned() };
            Line { control, mode: Mode::Enforce, outcome, steps: Vec::new() }
        };
        let (standing, now) = (Standing { state: "compliant".to_owned(), ..Standing::default() }, DateTime::UNIX_EPOCH);
        let mut known = Known::default();
        assert!(known.is_news(&line("on"), Some(&standing), now), "nothing is on record yet");
        known.remember(&line("on"), Some(now));
        assert!(!known.is_news(&line("on"), Some(&standing), now));
        assert!(known.is_news(&line("on for all"), Some(&standing), now));
        assert!(known.is_news(&line("on"), None, now), "the ledger has no such line");
        assert!(known.is_news(&line("on"), Some(&standing), now + FULL_AFTER));
        known.forget();
        assert!(known.line(control).is_none() && known.is_news(&line("on"), Some(&standing), now));
    }
}
