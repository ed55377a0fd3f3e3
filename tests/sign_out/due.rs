//! When a sign-out is made, and what becomes of times at which it could not be.

use chrono::TimeDelta;
use holdfast::ledger::Stage::{Confirmed, Deferred, Delivered, GivenUp, NotDone, Requested};

use crate::bench::{Bench, at, daily, minutes, start};

const WHOLE: [holdfast::ledger::Stage; 3] = [Requested, Delivered, Confirmed];

#[test]
fn a_time_of_day_makes_one_sign_out_a_day() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.until(at("2026-01-07 12:00:00"));
    assert_eq!(bench.stages("alice"), [WHOLE, WHOLE, WHOLE].concat());
    let due: Vec<_> = bench.steps().into_iter().filter(|step| step.1 == Requested).map(|step| step.2).collect();
    assert_eq!(due, ["2026-01-05 08:00:00", "2026-01-06 08:00:00", "2026-01-07 08:00:00"].map(at));
    assert_eq!((bench.missed().len(), bench.log().lines().count()), (0, 3));
}

#[test]
fn times_that_coincide_or_follow_closely_make_one_sign_out() {
    let times = plist::Value::Array(vec!["08:00".into(), "08:03".into(), "08:06".into()]);
    let mut bench = Bench::new(&[("Times", times), ("Interval", 7200.into()), ("Cron", "0 0 8 * * *".into())]);
    bench.until(at("2026-01-05 08:03:01"));
    assert_eq!(bench.handed().len(), 1);
    bench.until(at("2026-01-05 09:00:00"));
    // 08:03 falls into the five minutes after the first, 08:06 does not.
    assert_eq!(bench.stages("alice"), [WHOLE, WHOLE].concat());
    let triggers = bench.book.events.iter().find_map(|event| match event {
        holdfast::ledger::Event::SignOut { triggers, .. } => Some(triggers.clone()),
        _ => None,
    });
    assert_eq!(triggers.unwrap(), ["interval", "time", "cron"]);
}

#[test]
fn at_the_login_window_nothing_is_run_and_nothing_is_claimed() {
    let mut bench = Bench::new(&[("Interval", 3600.into())]);
    bench.log_out("alice");
    bench.until(start() + minutes(150));
    assert_eq!((bench.handed(), bench.log()), (Vec::new(), String::new()));
    assert_eq!(bench.steps().iter().map(|step| step.1).collect::<Vec<_>>(), [Deferred, Deferred]);
    bench.log_in("alice");
    bench.until(start() + minutes(150) + TimeDelta::seconds(59));
    assert_eq!(bench.handed(), Vec::<String>::new());
    bench.until(start() + minutes(152));
    assert_eq!(bench.handed(), ["alice"]);
    assert_eq!(bench.missed(), [(Some("alice".to_owned()), 2, vec!["nobody_logged_in".to_owned()], true)]);
    assert_eq!(bench.stages("alice"), WHOLE);
}

#[test]
fn where_missed_times_are_let_go_one_waits_for_a_login_as_long_as_for_a_refusal_to_end() {
    let mut bench = Bench::new(&[("Interval", 3600.into()), ("CatchUp", "skip".into())]);
    bench.log_out("alice");
    bench.until(start() + minutes(70));
    bench.log_in("alice");
    bench.until(start() + minutes(90));
    assert_eq!((bench.stages("alice"), bench.missed()), (WHOLE.to_vec(), Vec::new()));

    bench.log_out("alice");
    bench.until(start() + minutes(140));
    bench.log_in("alice");
    bench.until(start() + minutes(170));
    assert_eq!(bench.handed().len(), 1);
    assert_eq!(bench.missed(), [(None, 1, vec!["nobody_logged_in".to_owned()], false)]);
    bench.until(start() + minutes(190));
    assert_eq!(bench.handed().len(), 2);
}

#[test]
fn ten_hours_of_sleep_with_eight_between_make_one_or_none() {
    let mut bench = Bench::new(&[("Interval", 28_800.into())]);
    bench.round().unwrap();
    bench.sleep_until(start() + TimeDelta::hours(10));
    bench.until(start() + TimeDelta::hours(10) + TimeDelta::seconds(59));
    assert_eq!(bench.handed(), Vec::<String>::new(), "not in the first minute after the wake");
    bench.until(start() + TimeDelta::hours(11));
    assert_eq!(bench.stages("alice"), WHOLE);
    assert_eq!(bench.missed(), [(Some("alice".to_owned()), 1, vec!["asleep".to_owned()], true)]);

    let mut bench = Bench::new(&[("Interval", 28_800.into()), ("CatchUp", "skip".into())]);
    bench.sleep_until(start() + TimeDelta::hours(10));
    bench.until(start() + TimeDelta::hours(11));
    assert_eq!((bench.handed().len(), bench.stages("alice").len()), (0, 0));
    assert_eq!(bench.missed(), [(Some("alice".to_owned()), 1, vec!["asleep".to_owned()], false)]);
    bench.until(start() + TimeDelta::hours(17));
    assert_eq!(bench.stages("alice"), WHOLE);
}

#[test]
fn what_is_due_just_after_a_wake_is_made_at_once() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.round().unwrap();
    bench.sleep_until(at("2026-01-05 08:00:30"));
    bench.round().unwrap();
    assert_eq!(bench.handed(), ["alice"]);
}

#[test]
fn a_time_missed_while_switched_off_is_made_up_after_the_next_login() {
    let mut bench = Bench::new(&[daily("23:59")]);
    bench.until(at("2026-01-05 20:00:00"));
    bench.reboot_at(at("2026-01-06 08:00:00"));
    bench.until(at("2026-01-06 08:10:00"));
    assert_eq!(bench.handed().len(), 0);
    bench.log_in("alice");
    bench.until(at("2026-01-06 12:00:00"));
    assert_eq!(bench.stages("alice"), WHOLE);
    assert_eq!(bench.missed(), [(Some("alice".to_owned()), 1, vec!["powered_off".to_owned()], true)]);
}

#[test]
fn a_start_and_a_daily_time_make_one_and_each_start_makes_one() {
    let mut bench = Bench::new(&[daily("08:00"), ("AtBoot", true.into())]);
    bench.until(start() + minutes(30));
    assert_eq!(bench.handed().len(), 0, "the start that the schedule is as old as does not count");
    bench.reboot_at(at("2026-01-05 07:59:50"));
    bench.log_in("alice");
    bench.until(at("2026-01-05 12:00:00"));
    assert_eq!(bench.stages("alice"), WHOLE);
    bench.restart();
    bench.until(at("2026-01-05 13:00:00"));
    assert_eq!(bench.handed().len(), 1, "another life of the agent is no start of the Mac");
    for (n, time) in ["2026-01-05 14:00:00", "2026-01-05 14:20:00"].into_iter().enumerate() {
        bench.reboot_at(at(time));
        bench.log_in("alice");
        bench.until(at(time) + minutes(10));
        assert_eq!(bench.handed().len(), n + 2);
    }
}

#[test]
fn a_start_is_not_let_go_with_the_times_before_it() {
    let mut bench = Bench::new(&[("Interval", 3600.into()), ("AtBoot", true.into()), ("CatchUp", "skip".into())]);
    bench.until(start() + minutes(30));
    bench.reboot_at(start() + minutes(630));
    bench.mac.edit(|state| state.jamf_trust.refuses = Some("not now".into())).unwrap();
    bench.log_in("alice");
    bench.until(start() + minutes(632));
    bench.mac.edit(|state| state.jamf_trust.refuses = None).unwrap();
    bench.until(start() + minutes(640));
    assert_eq!(bench.handed(), ["alice"]);
    assert_eq!(bench.missed().len(), 1);
}

#[test]
fn a_clock_set_back_repeats_no_sign_out_more_than_once() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.until(at("2026-01-05 08:10:00"));
    assert_eq!(bench.handed().len(), 1);
    *bench.clock.now.lock().unwrap() = at("2026-01-05 07:57:00");
    bench.until(at("2026-01-05 12:00:00"));
    let after_one = bench.handed().len();
    assert!(after_one <= 2, "{after_one}");
    *bench.clock.now.lock().unwrap() = at("2026-01-05 11:56:00");
    bench.until(at("2026-01-05 13:00:00"));
    assert_eq!(bench.handed().len(), after_one);
    bench.until(at("2026-01-06 12:00:00"));
    assert_eq!(bench.handed().len(), after_one + 1);
}

#[test]
fn a_daily_time_in_the_hour_that_does_not_exist_or_comes_twice_is_made_once() {
    for (from, to) in [("2026-03-28 20:00:00", "2026-03-29 20:00:00"), ("2026-10-24 20:00:00", "2026-10-25 20:00:00")] {
        let mut bench = Bench::new(&[daily("01:30")]);
        bench.until(at(from));
        let before = bench.handed().len();
        bench.until(at(to));
        assert_eq!(bench.handed().len(), before + 1, "{from}");
    }
}

#[test]
fn without_a_schedule_on_record_nothing_is_asked() {
    let mut bench = Bench::new(&[daily("06:00")]);
    bench.book.history = holdfast::ledger::history::History::default();
    bench.fails = vec!["stat", "ps", "dscl"];
    assert_eq!(bench.round().unwrap(), None);
}

#[test]
fn who_is_logged_in_cannot_be_read_and_so_it_waits_and_says_so_once() {
    let mut bench = Bench::new(&[daily("08:00"), ("CatchUp", "skip".into())]);
    bench.fails = vec!["/usr/bin/stat"];
    bench.until(at("2026-01-05 08:05:00"));
    assert_eq!(bench.stages(""), [Deferred]);
    assert!(bench.words(Deferred).contains("could not be read"), "{}", bench.words(Deferred));
    bench.fails.clear();
    bench.until(at("2026-01-05 08:14:00"));
    assert_eq!(bench.handed(), ["alice"]);
}

#[test]
fn a_start_that_the_clock_puts_before_the_last_sign_out_is_retried_with_patience_too() {
    let mut bench = Bench::new(&[("AtBoot", true.into())]);
    bench.until(start() + minutes(30));
    bench.reboot_at(start() + minutes(60));
    bench.log_in("alice");
    bench.until(start() + minutes(65));
    assert_eq!(bench.handed(), ["alice"]);
    // Started anew at once, and then the network sets the clock back a little.
    bench.reboot_at(start() + minutes(62));
    *bench.clock.booted.lock().unwrap() = start() + minutes(59);
    bench.log_in("alice");
    bench.mac.edit(|state| state.jamf_trust.refuses = Some("not now".into())).unwrap();
    let before = bench.stages("alice").len();
    bench.until(start() + minutes(90));
    let stages = bench.stages("alice").split_off(before);
    assert_eq!(stages.iter().filter(|stage| **stage == NotDone).count(), 8, "{stages:?}");
    assert_eq!(stages.last(), Some(&GivenUp));
}

#[test]
fn a_start_whose_time_moves_is_still_one_start() {
    let mut bench = Bench::new(&[
        ("Interval", 86_400.into()),
        ("AtBoot", true.into()),
        ("NoticeMinutes", 5.into()),
        ("Deferrals", 1.into()),
    ]);
    bench.reboot_at(start() + minutes(60));
    bench.notifier = holdfast::sign_out::notice::Scripted::with([holdfast::sign_out::notice::Answer::Later]);
    for minute in 60..70 {
        bench.until(start() + minutes(minute));
        *bench.clock.booted.lock().unwrap() += TimeDelta::seconds(if minute % 2 == 0 { 1 } else { -2 });
    }
    assert_eq!(bench.stages("").len(), 1);
    bench.log_in("alice");
    for minute in 70..100 {
        bench.until(start() + minutes(minute));
        *bench.clock.booted.lock().unwrap() += TimeDelta::seconds(if minute % 2 == 0 { 2 } else { -1 });
    }
    assert_eq!((bench.handed().len(), bench.notifier.shown.lock().unwrap().len()), (0, 1), "it was put off");
    bench.until(start() + minutes(120));
    assert_eq!((bench.handed().len(), bench.notifier.shown.lock().unwrap().len()), (1, 2));
}

#[test]
fn a_start_that_is_not_named_on_record_is_one_start_all_the_same() {
    let mut bench = Bench::new(&[("Interval", 86_400.into()), ("AtBoot", true.into())]);
    bench.reboot_at(start() + minutes(60));
    bench.book.no_boot = true;
    bench.log_in("alice");
    bench.until(start() + minutes(100));
    assert_eq!(bench.handed(), ["alice"]);
}
