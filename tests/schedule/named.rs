//! Cases that have a name.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use holdfast::schedule::{Absence, BootSlot, CatchUp, Decision, Due, Form, Item, Missed, Trigger, Why, decide};

use super::{at, cron, daily, every, item, splayed};

const LONDON: Tz = Tz::Europe__London;

fn absence(from: &str, to: &str, why: Why) -> Absence {
    Absence { from: at(from), to: at(to), why }
}

/// What is decided at each time that something is to be done from `from` to `to`, by a daemon that is always there: the times.
fn runs(item: &Item, zone: Tz, from: &str, to: &str) -> Vec<DateTime<Utc>> {
    let (anchor, end) = (at(from), at(to));
    let (mut settled, mut now, mut runs) = (None, anchor, Vec::new());
    while now <= end {
        let decision = decide(item, anchor, settled, None, now, &zone, &[]);
        assert_eq!(decision.missed, None, "at {now}");
        if let Some(due) = decision.due {
            assert_eq!(due.slot, now);
            runs.push(now);
            settled = Some(now);
        }
        let Some(next) = decision.next else { break };
        assert!(next > now);
        now = next;
    }
    runs
}

fn times(texts: &[&str]) -> Vec<DateTime<Utc>> {
    texts.iter().map(|text| at(text)).collect()
}

#[test]
fn an_interval_of_8_h_and_a_sleep_of_10_h_have_one_catch_up_with_once_and_none_with_skip() {
    let (anchor, last) = (at("2026-03-02T06:00:00Z"), Some(at("2026-03-02T14:00:00Z")));
    let asleep = [absence("2026-03-02T21:00:00Z", "2026-03-03T07:00:00Z", Why::Asleep)];
    let woke = at("2026-03-03T07:00:00Z");
    for (catch_up, due) in [(CatchUp::Once, true), (CatchUp::Skip, false)] {
        let item = item(vec![every(8 * 3600)], catch_up);
        let slots = (at("2026-03-02T22:00:00Z"), at("2026-03-03T06:00:00Z"));
        let missed = Missed { first: slots.0, last: slots.1, count: 2, why: vec![Why::Asleep], made_up: due };
        let run = Due { slot: slots.1, triggers: vec![Trigger::Interval], made_up: true };
        let next = Some(at("2026-03-03T14:00:00Z"));
        let decision = decide(&item, anchor, last, None, woke, &LONDON, &asleep);
        assert_eq!(decision, Decision { due: due.then_some(run), missed: Some(missed), next });
        // Then it is settled: by the run, or up to what was let go.
        let settled = if due { woke } else { slots.1 };
        let decision = decide(&item, anchor, Some(settled), None, woke + TimeDelta::seconds(30), &LONDON, &asleep);
        assert_eq!(decision, Decision { due: None, missed: None, next });
    }
}

#[test]
fn a_daily_2359_that_is_missed_while_off_is_done_once_at_the_next_start() {
    let item = item(vec![daily(&["23:59"])], CatchUp::Once);
    let (anchor, started) = (at("2026-01-05T12:00:00Z"), at("2026-01-12T08:01:00Z"));
    let last = Some(at("2026-01-08T23:59:00Z"));
    let off = [absence("2026-01-09T18:00:00Z", "2026-01-12T08:00:30Z", Why::PoweredOff)];
    let decision = decide(&item, anchor, last, None, started, &LONDON, &off);
    let missed = decision.missed.unwrap();
    assert_eq!((missed.count, missed.why, missed.made_up), (3, vec![Why::PoweredOff], true));
    assert_eq!(missed.first, at("2026-01-09T23:59:00Z"));
    assert_eq!(decision.due.unwrap().slot, at("2026-01-11T23:59:00Z"));
    assert_eq!(decision.next, Some(at("2026-01-12T23:59:00Z")));
    assert_eq!(decide(&item, anchor, Some(started), None, started, &LONDON, &off).due, None);
}

#[test]
fn a_start_and_a_daily_time_that_coincide_are_one() {
    let started = at("2026-01-12T08:59:30Z");
    let boot = Some(BootSlot { at: started });
    for catch_up in [CatchUp::Once, CatchUp::Skip] {
        let item = item(vec![Form::Boot, daily(&["09:00"])], catch_up);
        let now = at("2026-01-12T09:00:10Z");
        let last = Some(at("2026-01-11T09:00:00Z"));
        let decision = decide(&item, at("2026-01-05T12:00:00Z"), last, boot, now, &LONDON, &[]);
        let triggers = vec![Trigger::Time, Trigger::Boot];
        assert_eq!(decision.due, Some(Due { slot: at("2026-01-12T09:00:00Z"), triggers, made_up: false }));
        assert_eq!(decision.missed, None);
    }
}

#[test]
fn a_start_is_due_until_it_is_done_and_never_late() {
    let item = splayed(item(vec![Form::Boot], CatchUp::Skip), 600);
    let (anchor, started) = (at("2026-01-05T12:00:00Z"), at("2026-01-12T08:00:00Z"));
    let boot = Some(BootSlot { at: started });
    for later in [0, 30, 121, 86_400] {
        let decision = decide(&item, anchor, None, boot, started + TimeDelta::seconds(later), &LONDON, &[]);
        let due = Due { slot: started, triggers: vec![Trigger::Boot], made_up: false };
        assert_eq!(decision, Decision { due: Some(due), missed: None, next: None });
    }
    let none = Decision { due: None, missed: None, next: None };
    assert_eq!(decide(&item, anchor, None, None, started, &LONDON, &[]), none);
    // A start that an item does not wait for is none of its business.
    let other = self::item(vec![daily(&["09:00"])], CatchUp::Once);
    assert_eq!(decide(&other, anchor, Some(started), boot, started, &LONDON, &[]).due, None);
}

#[test]
fn a_slot_is_on_time_for_two_minutes_and_no_longer() {
    let slot = at("2026-01-12T09:00:00Z");
    for (later, on_time) in [(0, true), (120, true), (121, false)] {
        let item = item(vec![daily(&["09:00"])], CatchUp::Skip);
        let now = slot + TimeDelta::seconds(later);
        let decision = decide(&item, at("2026-01-11T12:00:00Z"), None, None, now, &LONDON, &[]);
        assert_eq!((decision.due.is_some(), decision.missed.is_none()), (on_time, on_time), "{later}");
    }
}

#[test]
fn with_skip_what_is_on_time_is_done_and_what_is_older_let_go() {
    let item = item(vec![every(3600)], CatchUp::Skip);
    let anchor = at("2026-01-12T08:00:00Z");
    let asleep = [absence("2026-01-12T08:30:00Z", "2026-01-12T11:01:00Z", Why::Asleep)];
    let decision = decide(&item, anchor, None, None, at("2026-01-12T11:01:30Z"), &LONDON, &asleep);
    let due = Due { slot: at("2026-01-12T11:00:00Z"), triggers: vec![Trigger::Interval], made_up: false };
    assert_eq!(decision.due, Some(due));
    let missed = decision.missed.unwrap();
    assert_eq!((missed.count, missed.last, missed.made_up), (2, at("2026-01-12T10:00:00Z"), false));
}

#[test]
fn a_time_that_does_not_exist_is_done_once_at_the_first_instant_that_does() {
    let night = ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
    for form in [daily(&["01:30"]), cron("0 30 1 * * *")] {
        let item = item(vec![form], CatchUp::Once);
        assert_eq!(runs(&item, LONDON, night.0, night.1), times(&["2026-03-29T01:00:00Z"]));
        // And at its own time on the day after.
        assert_eq!(
            runs(&item, LONDON, night.0, "2026-03-30T12:00:00Z"),
            times(&["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"])
        );
    }
    // Several that do not exist, and the first that does, are one.
    let item = item(vec![daily(&["01:00", "01:30", "02:00"])], CatchUp::Once);
    assert_eq!(runs(&item, LONDON, night.0, night.1), times(&["2026-03-29T01:00:00Z"]));
}

#[test]
fn a_time_that_comes_twice_is_done_at_the_first_of_them() {
    for form in [daily(&["01:30"]), cron("0 30 1 * * *")] {
        let item = item(vec![form], CatchUp::Once);
        assert_eq!(
            runs(&item, LONDON, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
            times(&["2026-10-25T00:30:00Z"])
        );
    }
    // The end of the hour is not a part of it.
    let item = item(vec![daily(&["02:00"])], CatchUp::Once);
    assert_eq!(runs(&item, LONDON, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), times(&["2026-10-25T02:00:00Z"]));
}

#[test]
fn what_is_by_the_hour_follows_the_hours_that_pass() {
    let hourly = item(vec![cron("0 30 * * * *")], CatchUp::Once);
    assert_eq!(
        runs(&hourly, LONDON, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"),
        times(&["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"])
    );
    // Half an hour is doubled here, so the half past one in it comes twice.
    assert_eq!(
        runs(&hourly, Tz::Australia__Lord_Howe, "2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z"),
        times(&["2026-04-04T14:30:00Z", "2026-04-04T15:00:00Z", "2026-04-04T16:00:00Z"])
    );
    // One that has only some hours does not.
    let some = item(vec![cron("0 30 0-3 * * *")], CatchUp::Once);
    assert_eq!(
        runs(&some, LONDON, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"),
        times(&["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"])
    );
}

#[test]
fn a_day_that_a_zone_leaves_out_is_no_reason_to_stop() {
    let item = item(vec![daily(&["08:00"])], CatchUp::Once);
    assert_eq!(
        runs(&item, Tz::Pacific__Apia, "2011-12-29T12:00:00Z", "2012-01-01T00:00:00Z"),
        // The 29th, the 30th that never was as it ends, and the 31st.
        times(&["2011-12-29T18:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T18:00:00Z", "2011-12-31T18:00:00Z"])
    );
}

#[test]
fn a_clock_set_back_by_little_repeats_nothing() {
    let item = item(vec![every(60), daily(&["10:00"])], CatchUp::Once);
    let (anchor, settled) = (at("2026-01-12T08:00:00Z"), at("2026-01-12T10:00:05Z"));
    let mut now = settled - TimeDelta::minutes(5);
    while now < settled {
        let decision = decide(&item, anchor, Some(settled), None, now, &LONDON, &[]);
        assert_eq!((decision.due, decision.missed), (None, None), "{now}");
        assert_eq!(decision.next, Some(at("2026-01-12T10:01:00Z")));
        now += TimeDelta::seconds(7);
    }
}

#[test]
fn a_clock_set_back_by_much_repeats_a_slot_once_and_forgets_none_to_come() {
    let item = item(vec![daily(&["09:00", "10:00"])], CatchUp::Once);
    let anchor = at("2026-01-11T12:00:00Z");
    let mut settled = Some(at("2026-01-12T10:00:05Z"));
    let mut done = Vec::new();
    // At half past ten it is set back to half past eight.
    let mut now = at("2026-01-12T08:30:00Z");
    while now < at("2026-01-12T12:00:00Z") {
        let decision = decide(&item, anchor, settled, None, now, &LONDON, &[]);
        assert_eq!(decision.missed, None);
        if let Some(due) = decision.due {
            done.push(due.slot);
            settled = Some(now);
        }
        now += TimeDelta::seconds(29);
    }
    assert_eq!(done, times(&["2026-01-12T09:00:00Z", "2026-01-12T10:00:00Z"]));
}

#[test]
fn an_anchor_of_a_clock_that_was_wrong_stops_nothing() {
    let item = item(vec![every(3600)], CatchUp::Once);
    let anchor = at("2099-01-01T00:20:00Z");
    let (mut settled, mut done) = (None, Vec::new());
    let mut now = at("2026-01-12T08:30:00Z");
    while now < at("2026-01-12T12:00:00Z") {
        let decision = decide(&item, anchor, settled, None, now, &LONDON, &[]);
        assert_eq!(decision.missed, None);
        if let Some(due) = decision.due {
            done.push(due.slot);
            settled = Some(now);
        }
        now += TimeDelta::seconds(29);
    }
    let hours: Vec<String> = done.iter().map(|done| done.format("%H:%M").to_string()).collect();
    assert_eq!(hours, ["09:20", "10:20", "11:20"]);
}

#[test]
fn a_clock_set_forward_is_never_silent_and_the_work_it_makes_is_bounded() {
    let (anchor, settled) = (at("2026-01-12T08:00:00Z"), Some(at("2026-01-12T10:00:00Z")));
    let now = at("2099-06-01T00:00:00Z");
    let jump = [absence("2026-01-12T10:20:00Z", "2099-06-01T00:00:00Z", Why::ClockSetForward)];
    for (form, count) in [
        (every(60), 38_595_717),
        (daily(&["09:00"]), 10_000),
        (cron("* * * * * *"), 10_000),
        (cron("0 0 12 1 1 *"), 73),
    ] {
        let item = item(vec![form], CatchUp::Once);
        let decision = decide(&item, anchor, settled, None, now, &LONDON, &jump);
        let missed = decision.missed.unwrap();
        assert_eq!(missed.count, count, "{:?}", item.forms);
        assert!(missed.why.contains(&Why::ClockSetForward));
        assert!(missed.first < at("2027-01-02T00:00:00Z") && missed.last > at("2098-12-31T00:00:00Z"));
        assert!(decision.due.unwrap().made_up);
        // Back again, nothing is made up for, and nothing stops.
        let today = at("2026-01-12T10:30:00Z");
        let back = decide(&item, anchor, Some(now), None, today, &LONDON, &jump);
        assert_eq!(back.missed, None);
        assert!(back.next.unwrap() > today && back.next.unwrap() < at("2027-02-01T00:00:00Z"));
    }
}

#[test]
fn a_clock_that_has_lost_the_time_goes_on_from_there() {
    let item = item(vec![every(3600), daily(&["00:10"])], CatchUp::Once);
    let (anchor, settled) = (at("2026-01-12T08:00:00Z"), Some(at("2026-01-12T10:00:00Z")));
    let decision = decide(&item, anchor, settled, None, at("1970-01-01T00:05:00Z"), &LONDON, &[]);
    assert_eq!((decision.due, decision.missed), (None, None));
    assert!(decision.next.unwrap() <= at("1970-01-01T01:00:00Z"));
}

#[test]
fn no_clock_is_too_far_out() {
    let far =
        [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, at("0001-01-01T00:00:00Z"), at("9999-01-01T00:00:00Z")];
    let forms = vec![every(1), every(i64::MAX / 1000), daily(&["00:00", "23:59"]), cron("* * * * * *"), Form::Boot];
    let items = [item(forms.clone(), CatchUp::Once), splayed(item(forms, CatchUp::Skip), 86_400)];
    for item in &items {
        for (anchor, now) in far.iter().flat_map(|anchor| far.map(|now| (*anchor, now))) {
            for settled in far.map(Some).into_iter().chain([None]) {
                let boot = Some(BootSlot { at: now });
                let absences = [Absence { from: anchor, to: now, why: Why::Asleep }];
                let decision = decide(item, anchor, settled, boot, now, &Tz::Pacific__Apia, &absences);
                assert!(decision.due.is_some() && decision.next.is_none_or(|next| next > now));
            }
        }
    }
}

#[test]
fn every_reason_is_named_and_what_has_none_was_busy() {
    let item = item(vec![daily(&["01:00", "05:00", "09:00", "13:00", "17:00"])], CatchUp::Skip);
    let absences = [
        absence("2026-01-12T00:30:00Z", "2026-01-12T08:00:00Z", Why::Asleep),
        absence("2026-01-12T08:00:00Z", "2026-01-12T08:59:59Z", Why::Stalled),
        absence("2026-01-12T12:00:00Z", "2026-01-12T14:00:00Z", Why::NobodyLoggedIn),
    ];
    let decide = |now: &str| decide(&item, at("2026-01-12T00:00:00Z"), None, None, at(now), &LONDON, &absences);
    let why = |now: &str| decide(now).missed.unwrap().why;
    assert_eq!(why("2026-01-12T08:30:00Z"), [Why::Asleep]);
    assert_eq!(why("2026-01-12T09:30:00Z"), [Why::Asleep, Why::Busy]);
    assert_eq!(why("2026-01-12T23:30:00Z"), [Why::Asleep, Why::NobodyLoggedIn, Why::Busy]);
}

#[test]
fn slots_of_several_forms_at_one_time_are_counted_once() {
    let item = item(vec![every(3600), daily(&["09:00", "09:30"]), cron("0 0,30 9 * * *")], CatchUp::Skip);
    let decision = decide(&item, at("2026-01-12T07:00:00Z"), None, None, at("2026-01-12T12:30:00Z"), &LONDON, &[]);
    // 8, 9, 10, 11, 12 and half past nine.
    assert_eq!(decision.missed.unwrap().count, 6);
}

#[test]
fn a_splay_puts_every_time_off_by_the_same() {
    let plain = item(vec![daily(&["09:00"]), every(5400)], CatchUp::Once);
    let later = splayed(plain.clone(), 754);
    let (from, to) = ("2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z");
    let shifted = runs(&later, LONDON, from, to).into_iter().map(|at| at - TimeDelta::seconds(754));
    assert_eq!(shifted.collect::<Vec<_>>(), {
        let all = runs(&plain, LONDON, from, to);
        all.into_iter().filter(|run| *run + TimeDelta::seconds(754) <= at(to)).collect::<Vec<_>>()
    });
}

#[test]
fn three_hundred_days_have_three_hundred_daily_runs() {
    let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc();
    let end = start + TimeDelta::days(300);
    let item = item(vec![daily(&["02:15"])], CatchUp::Once);
    for zone in [LONDON, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Africa__Casablanca] {
        assert_eq!(runs(&item, zone, &start.to_rfc3339(), &end.to_rfc3339()).len(), 300, "{zone}");
    }
}

#[test]
fn who_wakes_while_the_clock_goes_over_an_hour_again_has_missed_all_of_the_first() {
    let anchor = at("2026-10-24T23:00:00Z");
    // 20 past one, for the second time.
    let woke = at("2026-10-25T01:20:00Z");
    for (form, count, last) in [
        (daily(&["01:10", "01:50", "02:00"]), 2, "2026-10-25T00:50:00Z"),
        (cron("0 10,50 1 * * *"), 2, "2026-10-25T00:50:00Z"),
        // By the hour: 0:10, 0:50, 1:10, 1:50, and once more 1:10.
        (cron("0 10,50 * * * *"), 5, "2026-10-25T01:10:00Z"),
    ] {
        let item = item(vec![form], CatchUp::Once);
        let decision = decide(&item, anchor, None, None, woke, &LONDON, &[]);
        let missed = decision.missed.unwrap();
        assert_eq!((missed.count, missed.last), (count, at(last)), "{:?}", item.forms);
        assert_eq!(decision.due.unwrap().slot, at(last));
    }
}
