//! The slots of one item: the next one, the last one, and how many there are within a time.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::absence::in_force;
use super::pattern::{GRAIN, Pattern};
use super::wall::{Shown, Wall, is_within_range};
use super::{Absence, Form, Item, Trigger, Why};

/// The last instant before `at`: with it, what begins at `at` is after something.
pub(super) fn just_before(at: DateTime<Utc>) -> DateTime<Utc> {
    at.checked_sub_signed(TimeDelta::nanoseconds(1)).unwrap_or(at)
}

/// The most slots of local times that are counted one by one.
const MOST: usize = 10_000;

/// The slots of an item that are times; [`Form::Boot`] has none.
pub(super) struct Slots<'a, Z> {
    pub item: &'a Item,
    /// What intervals count from.
    pub anchor: DateTime<Utc>,
    /// Whether they count only from there on. Not where the clock was set back to before it.
    pub begins: bool,
    pub zone: &'a Z,
}

/// Some slots, none of them counted twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
    /// How many; of those at local times no more than [`MOST`] for each form.
    pub count: u64,
    /// What made them, in order.
    pub triggers: BTreeSet<Trigger>,
}

impl<Z: TimeZone> Slots<'_, Z> {
    /// The first slot after `after`.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.item.forms.iter().filter_map(|form| self.next_of(form, after)).min()
    }

    /// Those after `after` and up to `until`, itself included; `None` where there are none.
    pub fn tally(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Option<Tally> {
        let mut tally: Option<Tally> = None;
        for form in &self.item.forms {
            let first = self.next_of(form, after).filter(|first| *first <= until);
            let Some((first, last)) = first.zip(self.last_of(form, until)) else { continue };
            let tally = tally.get_or_insert_with(|| Tally { first, last, count: 0, triggers: BTreeSet::new() });
            tally.first = tally.first.min(first);
            tally.last = tally.last.max(last);
            tally.triggers.insert(form.trigger());
        }
        tally.map(|tally| Tally { count: self.count(after, until), ..tally })
    }

    /// Why the agent could not do anything at the slots after `after` and up to `until`, without repetition.
    pub fn reasons(&self, after: DateTime<Utc>, until: DateTime<Utc>, absences: &[Absence]) -> Vec<Why> {
        let holds = |from: DateTime<Utc>, to: DateTime<Utc>| self.next(from).is_some_and(|slot| slot <= to);
        let mut covering = in_force(absences);
        covering.retain(|absence| holds(just_before(absence.from).max(after), absence.to.min(until)));
        covering.sort_by_key(|absence| absence.from);
        let mut reasons: BTreeSet<Why> = covering.iter().map(|absence| absence.why).collect();
        let mut covered = after;
        for absence in covering {
            if holds(covered, just_before(absence.from).min(until)) {
                reasons.insert(Why::Busy);
            }
            covered = covered.max(absence.to);
        }
        if holds(covered, until) {
            reasons.insert(Why::Busy);
        }
        reasons.into_iter().collect()
    }

    fn next_of(&self, form: &Form, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let splay = self.item.splay;
        if let Some((start, length)) = self.interval(form) {
            let after = if self.begins { after.max(start) } else { after };
            return nth(start, length, passed(start, length, after).checked_add(1)?);
        }
        let after = after.checked_sub_signed(splay)?;
        pattern(form).and_then(|pattern| self.next_at(pattern, after)?.checked_add_signed(splay))
    }

    fn last_of(&self, form: &Form, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let splay = self.item.splay;
        if let Some((start, length)) = self.interval(form) {
            let passed = passed(start, length, until);
            return nth(start, length, passed).filter(|_| passed > 0 || !self.begins);
        }
        let until = until.checked_sub_signed(splay)?;
        pattern(form).and_then(|pattern| self.last_at(pattern, until)?.checked_add_signed(splay))
    }

    /// Where an interval starts, and how many seconds it has.
    fn interval(&self, form: &Form) -> Option<(DateTime<Utc>, i64)> {
        match form {
            Form::Interval(length) if length.num_seconds() > 0 => {
                Some((self.anchor.checked_add_signed(self.item.splay)?, length.num_seconds()))
            }
            _ => None,
        }
    }

    fn count(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
        let mut interval: Option<(DateTime<Utc>, i64)> = None;
        let mut count: u64 = 0;
        let mut walked = BTreeSet::new();
        for form in &self.item.forms {
            if let Some((start, length)) = self.interval(form) {
                let after = if self.begins { after.max(start) } else { after };
                let slots = passed(start, length, until).saturating_sub(passed(start, length, after));
                count = count.saturating_add(slots.try_into().unwrap_or(0));
                interval = Some((start, length));
            } else {
                let slots = std::iter::successors(self.next_of(form, after), |slot| self.next_of(form, *slot));
                walked.extend(slots.take_while(|slot| *slot <= until).take(MOST));
            }
        }
        let on_interval = |slot: &&DateTime<Utc>| {
            interval.is_some_and(|(start, length)| {
                nth(start, length, passed(start, length, **slot)) == Some(**slot) && !(self.begins && **slot <= start)
            })
        };
        let alone = walked.len().saturating_sub(walked.iter().filter(on_interval).count());
        count.saturating_add(u64::try_from(alone).unwrap_or(u64::MAX))
    }

    /// The first instant after `after` that `pattern` names.
    fn next_at(&self, pattern: Pattern<'_>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wall = Wall(self.zone);
        let mut local = wall.local(after);
        if pattern.is_hourly() {
            // Times that the clock has shown, and will show once more.
            local -= wall.doubled(after);
        }
        let mut again: Option<DateTime<Utc>> = None;
        loop {
            local = match pattern.next(local) {
                Some(local) if is_within_range(local) => local,
                _ => return again,
            };
            let Shown { first, second } = wall.shown(local);
            if first > after {
                return Some(again.map_or(first, |again| again.min(first)));
            }
            if pattern.is_hourly() && again.is_none() {
                again = second.filter(|second| *second > after);
            }
        }
    }

    /// The last instant up to `until` that `pattern` names.
    fn last_at(&self, pattern: Pattern<'_>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wall = Wall(self.zone);
        // Where the clock was put back, it has shown later times before.
        let mut local = wall.local(until) + wall.doubled(until);
        let mut before: Option<DateTime<Utc>> = None;
        loop {
            local = match pattern.last(local) {
                Some(local) if is_within_range(local) => local,
                _ => return before,
            };
            let Shown { first, second } = wall.shown(local);
            let second = second.filter(|_| pattern.is_hourly());
            before = before.max(Some(first).max(second).filter(|at| *at <= until));
            before = before.max(Some(first).filter(|at| *at <= until));
            // Only a time that is yet to be shown again leaves it open whether an earlier one already was.
            if before.is_some() && second.is_none_or(|second| second <= until) {
                return before;
            }
            local -= GRAIN;
        }
    }
}

fn pattern(form: &Form) -> Option<Pattern<'_>> {
    match form {
        Form::Times(times) => Some(Pattern::Daily(times)),
        Form::Cron(cron) => Some(Pattern::Cron(cron)),
        Form::Interval(_) | Form::Boot => None,
    }
}

/// How many intervals of `length` seconds have passed at `at` since `start`; less than zero before it.
fn passed(start: DateTime<Utc>, length: i64, at: DateTime<Utc>) -> i64 {
    let since = at - start;
    let seconds = since.num_seconds();
    let whole = if since < TimeDelta::seconds(seconds) { seconds - 1 } else { seconds };
    whole.div_euclid(length)
}

fn nth(start: DateTime<Utc>, length: i64, n: i64) -> Option<DateTime<Utc>> {
    start.checked_add_signed(TimeDelta::try_seconds(n.checked_mul(length)?)?)
}
