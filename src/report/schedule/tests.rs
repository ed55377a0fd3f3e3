use chrono_tz::Tz;

use super::*;
use crate::clock::{Clock, Moment, SystemClock};
use crate::control::{Setting, Value as Set};
use crate::controls;
use crate::ledger::Stage;
use crate::ledger::history::LastMissed;
use crate::policy::tables::{AT_BOOT, INTERVAL, SIGN_OUT, SPLAY, TIMES};

const NOW: &str = "2026-07-01T08:10:00Z";

fn now() -> DateTime<Utc> {
    clock::read(NOW).unwrap()
}

fn policy(settings: &[(&Setting, Set)]) -> Policy {
    let mut policy = Policy::built_in(&controls::all());
    for (setting, value) in settings {
        policy.sections.entry(SIGN_OUT.name).or_default().settings.set(setting, value.clone());
    }
    policy
}

fn daily(at: &str) -> (&'static Setting, Set) {
    (&TIMES, Set::List(vec![at.to_owned()]))
}

fn followed(form: &str) -> ItemHistory {
    ItemHistory { form: form.into(), anchor: "2026-06-01T00:00:07.000Z".into(), ..ItemHistory::default() }
}

fn shown(rows: &[Row<'_>], history: &History, zone: &Tz, style: &Style) -> String {
    text(rows, &daemon(history, None, now(), zone), zone, style)
}

fn find<'a, 'b>(rows: &'b [Row<'a>], name: &str) -> &'b Row<'a> {
    rows.iter().find(|row| row.item.name == name).unwrap()
}

fn user(stage: Stage) -> SignOutHistory {
    SignOutHistory {
        settled: None,
        settled_boot: None,
        stage,
        at: "2026-07-01T08:00:12.000Z".into(),
        due: "2026-07-01T08:00:00.000Z".into(),
        detail: String::new(),
        until: None,
        postponed: 0,
        refused_since: None,
        before: None,
        refusals: 0,
        delivered_at: None,
        delivered: 0,
    }
}

/// A history in which everything there is to show is there.
fn full() -> (Policy, History) {
    let policy = policy(&[daily("09:00"), (&AT_BOOT, Set::Flag(true))]);
    let mut history = History::default();
    history.daemon_since = Some("2026-06-30T22:00:00.000Z".into());
    let checks = ItemHistory {
        settled: Some("2026-07-01T07:45:08.000Z".into()),
        last_run: Some("2026-07-01T07:45:08.000Z".into()),
        last_counts: Some(Counts { compliant: 30, fixed: 1, not_applicable: 2, ..Counts::default() }),
        missed: 34,
        last_missed: Some(LastMissed {
            due: "2026-07-01T06:00:07.000Z".into(),
            why: vec!["asleep".into(), "clock_set_forward".into()],
            made_up: Some("2026-07-01T06:20:00.000Z".into()),
        }),
        ..followed("every 15 minutes")
    };
    history.schedule.insert("checks".into(), checks);
    let mut sign_out = followed("daily at 09:00; at each start of the Mac");
    sign_out.settled = Some("2026-07-01T08:00:00.000Z".into());
    history.schedule.insert("sign_out".into(), sign_out);
    let ada = SignOutHistory {
        delivered: 12,
        delivered_at: Some("2026-07-01T08:00:10.000Z".into()),
        ..user(Stage::Confirmed)
    };
    history.sign_outs.insert("ada".into(), ada);
    let refusal = "Unable to find application named 'Jamf Trust'".to_owned();
    let at = "2026-07-01T08:05:00.000Z".to_owned();
    history.sign_outs.insert("grace\u{1b}[2J".into(), SignOutHistory { detail: refusal, at, ..user(Stage::NotDone) });
    (policy, history)
}

#[test]
fn it_says_of_each_item_all_that_is_known_in_local_time() {
    let (policy, history) = full();
    let rows = rows(&policy, &history, now(), &Tz::Europe__London);
    let text = shown(&rows, &history, &Tz::Europe__London, &Style { colour: false, width: 80 });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "The daemon has run since 2026-06-30 23:00:00 +01:00.",
        "checks when every 15 minutes, ",
        "last run 2026-07-01 08:45:08 +01:00 result 30 compliant, 1 fixed, 2 not applicable",
        "due since 2026-07-01 09:00:07 +01:00, and not done yet next due 2026-07-01 09:15:07 +01:00",
        "missed 34, last 2026-07-01 07:00:07 +01:00 (asleep, clock set forward), made up 2026-07-01 07:20:00 +01:00",
        "sign_out when daily at 09:00; at each start of the Mac ada confirmed 2026-07-01 09:00:12 +01:00; delivered 12 times, \
         last 2026-07-01 09:00:10 +01:00",
        "grace\\u{1b}[2J not done 2026-07-01 09:05:00 +01:00, was due 2026-07-01 09:00:00 +01:00: Unable to find",
        "next due 2026-07-02 09:00:00 +01:00",
    ] {
        assert!(flat.contains(part), "{part}\n{text}");
    }
}

#[test]
fn json_has_the_same_in_utc() {
    let (policy, history) = full();
    let rows = rows(&policy, &history, now(), &Tz::Europe__London);
    let json = to_json(&rows);
    let checks = &json[0];
    assert_eq!(checks["item"], "checks");
    assert_eq!(checks["schedule"], "every 15 minutes");
    assert_eq!(checks["catch_up"], "once");
    assert_eq!(checks["followed_since"], "2026-06-01T00:00:07.000Z");
    assert_eq!(checks["last_run"], "2026-07-01T07:45:08.000Z");
    assert_eq!(checks["counts"]["fixed"], 1);
    assert_eq!(checks["due"], "2026-07-01T08:00:07.000Z");
    assert_eq!(checks["next_due"], "2026-07-01T08:15:07.000Z");
    assert_eq!(checks["missed"], 34);
    assert_eq!(checks["last_missed"]["why"][0], "asleep");
    assert_eq!(checks["last_missed"]["made_up"], "2026-07-01T06:20:00.000Z");
    assert_eq!(checks["users"], Value::Null);
    assert_eq!(
        checks["controls"].as_array().unwrap().len(),
        match &find(&rows, "checks").item.work {
            Work::Checks(controls) => controls.len(),
            Work::SignOut => 0,
        }
    );
    let sign_out = json.as_array().unwrap().iter().find(|row| row["item"] == "sign_out").unwrap();
    assert_eq!(sign_out["last_run"], "2026-07-01T08:00:10.000Z");
    assert_eq!(sign_out["controls"], Value::Null);
    assert_eq!(sign_out["due"], Value::Null);
    assert_eq!(sign_out["users"][0]["user"], "ada");
    assert_eq!(sign_out["users"][0]["stage"], "confirmed");
    assert_eq!(sign_out["users"][1]["stage"], "not_done");
}

#[test]
fn before_the_first_daemon_it_says_so_and_promises_no_time_that_is_not_known() {
    let policy = policy(&[daily("09:00")]);
    let history = History::default();
    let rows = rows(&policy, &history, now(), &Tz::Europe__London);
    assert_eq!(find(&rows, "checks").next, None);
    assert_eq!(find(&rows, "sign_out").next, clock::read("2026-07-02T08:00:00Z"));
    let text = shown(&rows, &history, &Tz::Europe__London, &Style::PLAIN);
    assert!(text.starts_with("No daemon has run on this Mac yet."), "{text}");
    for part in ["no daemon has followed this schedule yet", "never", "counts from the daemon's start"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_schedule_that_policy_has_changed_does_not_stand_as_the_old_one_did() {
    let (_, history) = full();
    let changed = policy(&[daily("10:00"), (&AT_BOOT, Set::Flag(true))]);
    let rows = rows(&changed, &history, now(), &Tz::Europe__London);
    assert!(find(&rows, "sign_out").standing.is_none());
    assert_eq!(find(&rows, "sign_out").next, clock::read("2026-07-01T09:00:00Z"));
    assert!(find(&rows, "checks").standing.is_some());
}

#[test]
fn a_splay_is_the_one_that_the_daemon_follows() {
    let policy = policy(&[daily("09:00"), (&SPLAY, Set::Integer(1800))]);
    let mut history = History::default();
    history.schedule.insert("sign_out".into(), followed("daily at 09:00, 754 s later on this Mac"));
    let rows = rows(&policy, &history, now(), &Tz::Europe__London);
    let row = find(&rows, "sign_out");
    assert_eq!(row.next, clock::read("2026-07-01T08:12:34Z"));
    assert_eq!(row_json(row)["splay"], 754);
}

#[test]
fn a_daemon_that_was_stopped_and_a_start_that_is_waited_for_are_said() {
    let policy = policy(&[(&AT_BOOT, Set::Flag(true))]);
    let mut history = History::default();
    history.schedule.insert("sign_out".into(), followed("at each start of the Mac"));
    let of = |history: &History, policy: &Policy| {
        shown(&rows(policy, history, now(), &Tz::UTC), history, &Tz::UTC, &Style::PLAIN)
    };
    let text = of(&history, &policy);
    for part in ["does not run: it was told to stop", "nobody was signed out yet", "with the next start of the Mac"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    history.sign_outs.insert(String::new(), user(Stage::Deferred));
    assert!(of(&history, &policy).contains("nobody      deferred 2026-07-01 08:00:12 +00:00\n"));
}

#[test]
fn what_the_ledger_has_instead_of_a_time_is_shown_as_it_stands() {
    let policy = policy(&[(&INTERVAL, Set::Integer(3600))]);
    let mut history = History::default();
    history.daemon_since = Some("yester\u{9b}day".into());
    let mut standing = followed("every hour");
    standing.anchor = "soon".into();
    standing.last_run = Some("just now".into());
    history.schedule.insert("sign_out".into(), standing);
    let rows = rows(&policy, &history, now(), &Tz::UTC);
    assert_eq!(find(&rows, "sign_out").next, None);
    assert!(shown(&rows, &history, &Tz::UTC, &Style::PLAIN).starts_with("The daemon has run since yester\\u{9b}day."));
}

#[test]
fn a_daemon_that_gives_no_sign_of_life_is_not_said_to_run() {
    let mut history = History::default();
    history.daemon_since = Some("2026-07-01T07:00:00.000Z".into());
    let said = |minutes: i64| {
        let wall = now() - TimeDelta::minutes(minutes);
        let moment = Moment { wall, ..SystemClock.moment() };
        daemon(&history, Some(&LastAlive { moment, boot: None, stopped: false }), now(), &Tz::UTC)
    };
    assert_eq!(said(10), "The daemon has run since 2026-07-01 07:00:00 +00:00.");
    assert!(said(12).contains("its last sign of life was 2026-07-01 07:58:00 +00:00"), "{}", said(12));
}

#[test]
fn counts_of_more_than_the_item_are_named_as_such() {
    let (policy, mut history) = full();
    let rows_of = |history: &History| {
        let rows = rows(&policy, history, now(), &Tz::UTC);
        shown(&rows, history, &Tz::UTC, &Style::PLAIN)
    };
    let with = "with what was due at the same time";
    assert!(rows_of(&history).contains(with));
    let n = match &find(&rows(&policy, &history, now(), &Tz::UTC), "checks").item.work {
        Work::Checks(controls) => u32::try_from(controls.len()).unwrap(),
        Work::SignOut => 0,
    };
    let checks = history.schedule.get_mut("checks").unwrap();
    checks.last_counts = Some(Counts { compliant: n, ..Counts::default() });
    assert!(!rows_of(&history).contains(with));
}
