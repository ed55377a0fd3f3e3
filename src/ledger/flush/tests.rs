use std::sync::Mutex;

use chrono::TimeDelta;

use super::*;
use crate::clock::Clock;
use crate::ledger::testing::{Place, found, put};
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

/// A ledger with one event a day, a few days a segment.
fn days<'a>(place: &Place, clock: &'a Moved, count: i64) -> Ledger<'a> {
    let mut ledger = open(place, clock);
    for n in 1..=count {
        clock.to_day(n);
        ledger.append(found(n.unsigned_abs())).unwrap();
    }
    ledger
}

fn assert_sound(place: &Place) -> Report {
    let report = verify(&place.folder, &place.head).unwrap();
    assert!(report.ok, "{:#?}", report.problems);
    report
}

#[test]
fn whole_old_segments_go_and_the_beginning_stays_provable() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    let mut ledger = days(&place, &clock, 60);
    let before = assert_sound(&place).segments;
    let removed = ledger.flush(day(30), "log flush --older-than 30d").unwrap();
    assert!(removed.len() > 1 && before.starts_with(&removed));
    let report = assert_sound(&place);
    assert_eq!(report.segments[..], before[removed.len()..]);
    assert!(report.first_seq > 1);
    let days: Vec<_> = crate::ledger::query::rows(&place.folder, crate::ledger::query::Filter::default())
        .unwrap()
        .map(|row| row.unwrap().entry.unwrap())
        .filter(|entry| entry.event.control().is_some())
        .map(|entry| time_of(&entry).unwrap())
        .collect();
    assert!((30..=60).all(|n| days.contains(&day(n))), "{days:?}");
    // Nothing older is left: nothing is said, nothing goes.
    let last = ledger.last_seq();
    assert!(ledger.flush(day(30), "again").unwrap().is_empty());
    assert_eq!(ledger.last_seq(), last);
    // All full ones, several times over, and after later openings.
    assert!(!ledger.flush(day(61), "all").unwrap().is_empty());
    drop(ledger);
    assert_eq!(assert_sound(&place).segments, [crate::ledger::CURRENT]);
    drop(days_more(&place, &clock));
    assert_sound(&place);
}

fn days_more<'a>(place: &Place, clock: &'a Moved) -> Ledger<'a> {
    let mut ledger = open(place, clock);
    for n in 61..90 {
        clock.to_day(n);
        ledger.append(found(n.unsigned_abs())).unwrap();
    }
    ledger.flush(day(80), "more").unwrap();
    ledger
}

#[test]
fn a_younger_segment_keeps_all_after_it() {
    let (place, clock) = (Place::new(), Moved::at_day(100));
    let mut ledger = open(&place, &clock);
    for n in 0..60 {
        // Time goes back by a day each time; the newest lines are the oldest by the clock.
        clock.to_day(100 - n);
        ledger.append(found(n.unsigned_abs())).unwrap();
    }
    assert!(ledger.flush(day(60), "old").unwrap().is_empty());
    assert_sound(&place);
}

#[test]
fn a_flush_that_a_crash_interrupts_is_sound_and_completed_by_the_next() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    drop(days(&place, &clock, 60));
    let all = place.segments();
    let mut ledger = open(&place, &clock);
    let removed = ledger.flush(day(50), "old").unwrap();
    drop(ledger);
    assert!(removed.len() > 2);
    // As after a crash before the n-th removal.
    for (name, bytes) in all.iter().take(removed.len()).rev() {
        put(&place.folder.join(name), bytes);
        assert_sound(&place);
    }
    let mut ledger = open(&place, &clock);
    assert_eq!(ledger.flush(day(50), "old").unwrap(), removed);
    drop(ledger);
    assert_sound(&place);
}

#[test]
fn what_was_wrong_with_what_goes_stays_on_record() {
    let (place, clock) = (Place::new(), Moved::at_day(0));
    drop(days(&place, &clock, 60));
    let (name, mut bytes) = place.segments().remove(1);
    bytes[40] ^= 1;
    put(&place.folder.join(name), &bytes);
    let mut ledger = open(&place, &clock);
    ledger.flush(day(50), "old").unwrap();
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
    let mut ledger = Ledger::open(LedgerOptions { clock: &clock, ..place.options(1) }, IfBusy::Fail).unwrap();
    for n in 0..120 {
        ledger.append(found(n)).unwrap();
    }
    assert_eq!(ledger.flush(day(1), "old").unwrap().len(), 119);
    drop(ledger);
    assert_sound(&place);
}
