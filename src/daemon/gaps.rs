//! Times in which the daemon could not do anything: what of them goes on record, and what is remembered to say why something
//! was missed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Moment, stamp};
use crate::ledger::Event;
use crate::schedule::{Absence, LastAlive, REST, Why, at_start, between};

/// Shortest gap that goes on record.
pub const NOTABLE: TimeDelta = TimeDelta::seconds(90);
/// Shortest sleep that does: Macs doze off all the time.
const SLEEP: TimeDelta = TimeDelta::minutes(15);
/// Most absences that are remembered.
const MOST: usize = 200;

/// The absences of this life of the daemon, and of the time before it.
#[derive(Debug, Default)]
pub struct Gaps {
    absences: Vec<Absence>,
    /// While the battery was too low for some items.
    dark: Vec<Absence>,
    /// Since when it is.
    dark_since: Option<DateTime<Utc>>,
    /// When it woke, by the wall clock and in time awake.
    woke: Option<(DateTime<Utc>, TimeDelta)>,
}

impl Gaps {
    /// Takes into account what happened before the daemon's first moment `now`. Gives back what goes on record.
    pub fn begin(&mut self, last: &LastAlive, now: &Moment, boot: Option<&str>) -> Vec<Event> {
        self.keep(at_start(last, now, boot))
    }

    /// Takes into account what happened between two moments. Where it was `busy`, that it was is no absence.
    pub fn pass(&mut self, before: &Moment, now: &Moment, busy: bool) -> Vec<Event> {
        let mut absences = between(before, now);
        absences.retain(|absence| !(busy && absence.why == Why::Stalled));
        if absences.iter().any(|absence| absence.why == Why::Asleep) {
            self.woke = Some((now.wall, now.awake));
        }
        self.keep(absences)
    }

    /// Takes into account that the daemon got no time to run from `from` to `to`, in the middle of its work.
    pub fn stalled(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Event> {
        self.keep(vec![Absence { from, to, why: Why::Stalled }])
    }

    fn keep(&mut self, absences: Vec<Absence>) -> Vec<Event> {
        let events = absences.iter().filter_map(on_record).collect();
        self.absences.extend(absences);
        self.absences.drain(..self.absences.len().saturating_sub(MOST));
        events
    }

    /// The battery is, or is not, too low for an item that has been due since `slot`.
    pub fn battery(&mut self, is_low: bool, slot: DateTime<Utc>, now: DateTime<Utc>) {
        if is_low {
            let since = self.dark_since.get_or_insert(slot);
            *since = (*since).min(slot);
        } else if let Some(since) = self.dark_since.take() {
            self.dark.push(dark(since, now));
            self.dark.drain(..self.dark.len().saturating_sub(MOST));
        }
    }

    /// Why an item may have been missed.
    #[must_use]
    pub fn absences(&self, needs_power: bool, now: DateTime<Utc>) -> Vec<Absence> {
        let mut absences = self.absences.clone();
        if needs_power {
            absences.extend(&self.dark);
            absences.extend(self.dark_since.map(|since| dark(since, now)));
        }
        absences
    }

    /// When the Mac last woke, by the wall clock.
    #[must_use]
    pub fn woke_at(&self) -> Option<DateTime<Utc>> {
        self.woke.map(|(wall, _)| wall)
    }

    /// Until when the Mac is left alone, in time awake, where that is still to come.
    #[must_use]
    pub fn rests(&self, now: TimeDelta) -> Option<TimeDelta> {
        self.woke.and_then(|(_, awake)| awake.checked_add(&REST)).filter(|until| *until > now)
    }
}

/// The time in which the battery was low: from just before the item was first due.
fn dark(since: DateTime<Utc>, now: DateTime<Utc>) -> Absence {
    Absence { from: since - TimeDelta::seconds(1), to: now, why: Why::BatteryLow }
}

/// The line that an absence is worth.
fn on_record(absence: &Absence) -> Option<Event> {
    let least = if absence.why == Why::Asleep { SLEEP } else { NOTABLE };
    let length = absence.to.signed_duration_since(absence.from).abs();
    (length >= least).then(|| Event::Gap {
        from: stamp(absence.from),
        to: stamp(absence.to),
        why: absence.why.word().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, booted: i64, awake: i64) -> Moment {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds);
        Moment { wall: at(wall), booted: Some(at(booted)), awake: TimeDelta::seconds(awake) }
    }

    fn words(events: &[Event]) -> Vec<&str> {
        events.iter().map(|event| if let Event::Gap { why, .. } = event { why.as_str() } else { "" }).collect()
    }

    #[test]
    fn a_doze_is_no_gap_and_a_sleep_is() {
        let mut gaps = Gaps::default();
        assert!(gaps.pass(&moment(0, -100, 0), &moment(30, -100, 30), false).is_empty());
        assert_eq!(gaps.rests(TimeDelta::seconds(30)), None);
        assert!(gaps.pass(&moment(30, -100, 30), &moment(600, -100, 40), false).is_empty());
        assert_eq!(gaps.rests(TimeDelta::seconds(40)), Some(TimeDelta::seconds(100)), "it woke all the same");
        assert_eq!(gaps.rests(TimeDelta::seconds(100)), None);
        assert_eq!(words(&gaps.pass(&moment(600, -100, 40), &moment(2000, -100, 50), false)), ["asleep"]);
        assert_eq!(gaps.absences(false, moment(2000, 0, 0).wall).len(), 2, "both say why something was missed");
    }

    #[test]
    fn a_stall_is_a_gap_and_work_is_not() {
        let mut gaps = Gaps::default();
        assert_eq!(words(&gaps.pass(&moment(0, -100, 0), &moment(200, -100, 200), false)), ["stalled"]);
        assert!(gaps.pass(&moment(200, -100, 200), &moment(400, -100, 400), true).is_empty());
        assert_eq!(gaps.rests(TimeDelta::seconds(400)), None);
    }

    #[test]
    fn a_clock_that_was_set_is_told() {
        let mut gaps = Gaps::default();
        let set = |to: i64| gaps_of(&mut Gaps::default(), to);
        assert_eq!(set(3600), ["clock_set_forward"]);
        assert_eq!(set(-3600), ["clock_set_back"]);
        assert!(set(40).is_empty(), "a small one is not worth a line");
        assert!(gaps.pass(&moment(0, -100, 0), &moment(30, -101, 30), false).is_empty(), "the kernel's own rounding");
    }

    fn gaps_of(gaps: &mut Gaps, by: i64) -> Vec<String> {
        let events = gaps.pass(&moment(0, -100, 0), &moment(30 + by, -100 + by, 30), false);
        words(&events).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_low_battery_is_why_only_for_what_needs_power() {
        let mut gaps = Gaps::default();
        let at = |seconds| moment(seconds, 0, 0).wall;
        gaps.battery(true, at(0), at(10));
        gaps.battery(true, at(900), at(910));
        assert!(gaps.absences(false, at(910)).is_empty());
        let why = |slot, now, gaps: &Gaps| crate::schedule::why(at(slot), &gaps.absences(true, at(now)));
        assert_eq!(why(0, 910, &gaps), Why::BatteryLow);
        assert_eq!(why(900, 910, &gaps), Why::BatteryLow);
        gaps.battery(false, at(900), at(2000));
        assert_eq!(why(1800, 3000, &gaps), Why::BatteryLow);
        assert_eq!(why(2700, 3000, &gaps), Why::Busy, "the mains were back");
    }
}
