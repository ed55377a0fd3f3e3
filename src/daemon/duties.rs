//! What is to be done about each item now: its standing in the ledger and the schedule put together.

use chrono::{DateTime, TimeZone, Utc};

use super::gaps::Gaps;
use crate::clock::{self, stamp};
use crate::ledger::Event;
use crate::ledger::history::{self, History};
use crate::schedule::{Decision, Item, Work, decide};

/// What is to be done about one item of checks.
#[derive(Debug)]
pub struct Duty<'a> {
    /// The item.
    pub item: &'a Item,
    /// Its controls, by id.
    pub controls: &'a [&'static str],
    /// What is due, missed, and next.
    pub decision: Decision,
}

impl Duty<'_> {
    /// The event for what was missed.
    #[must_use]
    pub fn missed(&self) -> Option<Event> {
        Some(self.decision.missed.as_ref()?.event(&self.item.name, None))
    }
}

/// What is to be done about all items of checks whose schedule is on record.
#[must_use]
pub fn duties<'a, Z: TimeZone>(
    items: &'a [Item],
    history: &History,
    gaps: &Gaps,
    now: DateTime<Utc>,
    zone: &Z,
) -> Vec<Duty<'a>> {
    let duty = |item: &'a Item| {
        let Work::Checks(controls) = &item.work else { return None };
        let standing = history.schedule.get(&item.name)?;
        let settled = standing.settled.as_deref().and_then(clock::read);
        let absences = gaps.absences(item.needs_power, now);
        let decision = decide(item, clock::read(&standing.anchor)?, settled, None, now, zone, &absences);
        Some(Duty { item, controls, decision })
    };
    items.iter().filter_map(duty).collect()
}

/// The words of a schedule that policy does not have any more. Where it comes back, its times count from then on: nothing was
/// missed while there was none.
const NEVER: &str = "never";

/// The events for schedules that are new, not what they were, or gone: their times count from `now` on.
#[must_use]
pub fn news(items: &[Item], history: &History, now: DateTime<Utc>) -> Vec<Event> {
    let is_new = |item: &&Item| {
        let followed = history.schedule.get(&item.name).filter(|standing| clock::read(&standing.anchor).is_some());
        followed.is_none_or(|standing| standing.form != history::form(&item.words))
    };
    let gone = history.schedule.iter().filter(|(name, standing)| {
        let was_followed = !standing.form.is_empty() && standing.form != NEVER;
        was_followed && items.iter().all(|item| item.name != **name)
    });
    let event = |item: &str, form: &str| Event::Scheduled { item: item.into(), form: form.into(), anchor: stamp(now) };
    let new = items.iter().filter(is_new).map(|item| event(&item.name, &item.words));
    new.chain(gone.map(|(name, _)| event(name, NEVER))).collect()
}
