use std::sync::Mutex;

use chrono::TimeDelta;

use super::*;
use crate::clock::Clock;
use crate::ledger::testing::{Place, found, put, run_started};
use crate::ledger::{IfBusy, LedgerOptions};

/// A clock that a test moves.
struct Moved(Mutex<i64>);

impl Moved {
    fn at_day(day: i64) -> Self {
        Self(Mutex::new(day))
    }

    fn to_day(&self, day: i64) {
        *self.0.lock().unwrap() = day;
    }
}

impl Clock for Moved {
    fn now(&self) -> DateTime<Utc> {
        day(*self.0.lock().unwrap())
    }
}

fn day(n: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(n)
}

fn open<'a>(place: &Place, clock: &'a Moved) -> Ledger<'a> {
    Ledger::open(LedgerOptions { clock, ..place.options(3000) }, IfBusy::Fail).unwrap()
}

/// A ledger with one run a day, a few days a segment, opened on the last day.
fn days<'a>(place: &Place, clock: &'a Moved, days: impl Iterator<Item = i64>) -> Ledger<'a> {
    let mut ledger = open(place, clock);
    for n in days {
        clock.to_day(n);
        ledger.append(run_started("enforce")).unwrap();
        ledger.append(found(n.unsigned_abs())).unwrap();
    }
    drop(ledger);
    open(place, clock)
}

fn age(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

fn assert_sound(place: &Place) -> Report {
    let report = verify(&place.folder, &place.head).unwrap();
    assert!(report.ok, "{:#?}", report.problems);
    report
}

#[test]
fn whole_old_segments_go_and_the_beginning_stays_provable() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    let mut ledger = days(&place, &clock, 1..=60);
    let before = assert_sound(&place).segments;
    let removed = ledger.flush(age(30), "log flush --older-than 30d").unwrap();
    assert!(removed.len() > 1 && before.starts_with(&removed));
    let report = assert_sound(&place);
    assert_eq!(report.segments[..], before[removed.len()..]);
    assert!(report.first_seq > 1);
    let kept: Vec<_> = crate::ledger::query::rows(&place.folder, crate::ledger::query::Filter::default())
        .unwrap()
        .map(|row| row.unwrap().entry.unwrap())
        .filter(|entry| entry.event.control().is_some())
        .map(|entry| time_of(&entry).unwrap())
        .collect();
    assert!((30..=60).all(|n| kept.contains(&day(n))), "{kept:?}");
    // Nothing older is left: nothing is said, nothing goes.
    let last = ledger.last_seq();
    assert!(ledger.flush(age(30), "again").unwrap().is_empty());
    assert_eq!(ledger.last_seq(), last);
    // All full ones, several times over, and after later openings.
    assert!(!ledger.flush(age(-1), "all").unwrap().is_empty());
    drop(ledger);
    // At most the one that the announcement filled is left.
    assert!(assert_sound(&place).segments.len() <= 2);
    days(&place, &clock, 61..=90).flush(age(10), "more").unwrap();
    assert_sound(&place);
}

#[test]
fn what_was_removed_is_told_by_number_time_and_reason() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    let mut ledger = days(&place, &clock, 1..=60);
    assert!(assert_sound(&place).removed.is_empty());
    ledger.flush(age(30), "log flush --older-than 30d").unwrap();
    drop(ledger);
    let report = assert_sound(&place);
    let removed = &report.removed[..];
    assert!(matches!(removed, [r] if r.first_seq == 1 && r.last_seq + 1 == report.first_seq), "{removed:?}");
    assert_eq!((removed[0].time.as_str(), removed[0].problems), ("1970-03-02T00:00:00.000Z", 0));
    assert_eq!(removed[0].because, "log flush --older-than 30d");
}

#[test]
fn a_clock_set_far_ahead_flushes_nothing_that_is_young() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    drop(days(&place, &clock, 1..=60));
    let before = place.segments();
    assert!(before.len() > 3);
    clock.to_day(40_000);
    for round in 0..5 {
        let mut ledger = open(&place, &clock);
        ledger.append(run_started("enforce")).unwrap();
        assert!(ledger.flush(age(90), "retention of 90 days").unwrap().is_empty(), "run {round}");
    }
    // `log flush` is not a run: however often it is called, it does not move the time on.
    for _ in 0..100 {
        assert!(open(&place, &clock).flush(age(90), "log flush").unwrap().is_empty());
    }
    // A Mac that was off for long, its clock right: all that is old goes after some runs.
    for _ in 0..60 {
        open(&place, &clock).append(run_started("enforce")).unwrap();
    }
    assert!(!open(&place, &clock).flush(age(90), "retention").unwrap().is_empty());
}

#[test]
fn the_first_run_flushes_nothing() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    let mut ledger = open(&place, &clock);
    (0..60).for_each(|n| ledger.append(found(n)).unwrap());
    assert!(ledger.flush(age(-1), "all").unwrap().is_empty());
}

#[test]
fn a_younger_segment_keeps_all_after_it() {
    let (place, clock) = (Place::new(), Moved::at_day(100));
    let mut ledger = days(&place, &clock, 100..=100);
    for n in 0..60 {
        // Time goes back by a day each time; the newest lines are the oldest by the clock.
        clock.to_day(100 - n);
        ledger.append(found(n.unsigned_abs())).unwrap();
    }
    clock.to_day(100);
    assert!(ledger.flush(age(40), "old").unwrap().is_empty());
    assert_sound(&place);
}

#[test]
fn a_flush_that_a_crash_interrupts_is_sound_and_completed_by_the_next() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    drop(days(&place, &clock, 1..=60));
    let all = place.segments();
    let mut ledger = open(&place, &clock);
    let removed = ledger.flush(age(10), "old").unwrap();
    drop(ledger);
    assert!(removed.len() > 2);
    // As after a crash before the n-th removal.
    for (name, bytes) in all.iter().take(removed.len()).rev() {
        put(&place.folder.join(name), bytes);
        assert_sound(&place);
    }
    let mut ledger = open(&place, &clock);
    assert_eq!(ledger.flush(age(10), "old").unwrap(), removed);
    drop(ledger);
    assert_sound(&place);
}

#[test]
fn what_was_wrong_with_what_goes_stays_on_record() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    drop(days(&place, &clock, 1..=60));
    let (name, mut bytes) = place.segments().remove(1);
    bytes[40] ^= 1;
    put(&place.folder.join(name), &bytes);
    let mut ledger = open(&place, &clock);
    ledger.flush(age(10), "old").unwrap();
    drop(ledger);
    let flushed = crate::ledger::query::rows(&place.folder, crate::ledger::query::Filter::default()).unwrap();
    let problems = flushed.filter_map(|row| match row.unwrap().entry.unwrap().event {
        Event::Flushed { problems, .. } => Some(problems),
        _ => None,
    });
    assert!(problems.sum::<u64>() > 0);
}

#[test]
fn more_segments_than_a_line_can_name_go_in_several_batches() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    let open = || Ledger::open(LedgerOptions { clock: &clock, ..place.options(1) }, IfBusy::Fail).unwrap();
    let mut ledger = open();
    ledger.append(run_started("enforce")).unwrap();
    for n in 0..120 {
        ledger.append(found(n)).unwrap();
    }
    drop(ledger);
    clock.to_day(2);
    assert_eq!(open().flush(age(1), "old").unwrap().len(), 120);
    let ledger = open();
    drop(ledger);
    assert_sound(&place);
}
