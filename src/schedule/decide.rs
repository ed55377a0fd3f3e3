//! What is to be done about an item now, what was missed of it, and when it is due next.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::slots::{Slots, just_before};
use super::{Absence, CatchUp, Form, Item, Trigger, Why};
use crate::clock::stamp;
use crate::ledger::Event;
use crate::ledger::history::SET_BACK;

/// For how long after a slot a run is still on time.
const ON_TIME: TimeDelta = TimeDelta::seconds(120);

/// The start of the Mac that an item has not been done since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootSlot {
    /// When that was.
    pub at: DateTime<Utc>,
}

/// What [`decide`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The run to make now, which settles all slots up to now.
    pub due: Option<Due>,
    /// The slots that nothing was done at in time.
    pub missed: Option<Missed>,
    /// The first slot after now, where all up to now is settled; `None` where there is none.
    pub next: Option<DateTime<Utc>>,
}

/// A run to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last of the slots that it stands for.
    pub slot: DateTime<Utc>,
    /// What made them, in order, each once.
    pub triggers: Vec<Trigger>,
    /// Whether there are missed ones among them.
    pub made_up: bool,
}

/// Slots that were missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The first of them.
    pub first: DateTime<Utc>,
    /// The last of them.
    pub last: DateTime<Utc>,
    /// How many; of those at local times no more than 10,000 for each form are counted.
    pub count: u64,
    /// Everything that kept the agent from one of them, in the order of [`Why`], each once.
    pub why: Vec<Why>,
    /// Whether the run that is now due stands for them; else they are let go.
    pub made_up: bool,
}

impl Missed {
    /// The ledger's line about them: for `item`, and of whom, where each user has times of their own.
    #[must_use]
    pub fn event(&self, item: &str, user: Option<&str>) -> Event {
        Event::Missed {
            item: item.to_owned(),
            first: stamp(self.first),
            last: stamp(self.last),
            count: self.count,
            why: self.why.iter().map(|why| why.word().to_owned()).collect(),
            made_up: self.made_up,
            user: user.map(str::to_owned),
        }
    }
}

/// What is to be done about `item` at `now`.
///
/// Its times count from `anchor`, and are settled up to `settled`. `boot` is the current start of the Mac, where it is neither
/// the one of the anchor nor one that the item was done in. A settled time or an anchor that is more than five minutes in the
/// future tells that the clock was set back: then only slots that are on time count, until something is settled anew.
#[must_use]
pub fn decide<Z: TimeZone>(
    item: &Item,
    anchor: DateTime<Utc>,
    settled: Option<DateTime<Utc>>,
    boot: Option<BootSlot>,
    now: DateTime<Utc>,
    zone: &Z,
    absences: &[Absence],
) -> Decision {
    let soon = now.checked_add_signed(SET_BACK).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let late = now.checked_sub_signed(ON_TIME).map_or(DateTime::<Utc>::MIN_UTC, just_before);
    let begins = anchor <= soon;
    let slots = Slots { item, anchor, begins, zone };
    let known = settled.filter(|settled| *settled <= soon);
    let from = match (known, begins) {
        (Some(settled), true) => settled.max(anchor),
        (Some(settled), false) => settled,
        (None, true) if settled.is_none() => anchor,
        (None, true) => late.max(anchor),
        (None, false) => late,
    };

    let first = slots.next(from);
    let idle = first.is_none_or(|first| first > now);
    let (missed, fresh) = if idle { (None, None) } else { (slots.tally(from, late), slots.tally(from.max(late), now)) };
    let boot = boot.filter(|_| item.forms.iter().any(|form| matches!(form, Form::Boot))).map(|boot| boot.at.min(now));
    let made_up = missed.is_some() && item.catch_up == CatchUp::Once;

    let stood_for = [missed.as_ref().filter(|_| made_up), fresh.as_ref()];
    let timed = stood_for.into_iter().flatten();
    let mut triggers: Vec<Trigger> = timed.clone().flat_map(|tally| tally.triggers.iter().copied()).collect();
    triggers.extend(boot.map(|_| Trigger::Boot));
    triggers.sort_unstable();
    triggers.dedup();
    let slot = timed.map(|tally| tally.last).chain(boot).max();
    Decision {
        due: slot.map(|slot| Due { slot, triggers, made_up }),
        missed: missed.map(|tally| Missed {
            first: tally.first,
            last: tally.last,
            count: tally.count,
            why: slots.reasons(from, late, absences),
            made_up,
        }),
        next: if idle { first } else { slots.next(now) },
    }
}
