//! What only the daemon writes.

use super::*;
use crate::ledger::Stage;

const T: [&str; 6] = [
    "2026-03-31T08:00:00.000Z",
    "2026-03-31T08:00:10.000Z",
    "2026-03-31T08:00:20.000Z",
    "2026-03-31T08:00:30.000Z",
    "2026-04-01T08:00:05.000Z",
    "2026-04-01T08:00:15.000Z",
];

fn a() -> String {
    "a".to_owned()
}

fn intends() -> Event {
    Event::Intends { control: a(), changes: Vec::new() }
}

fn fixed() -> Event {
    Event::Fixed { control: a(), seen: String::new() }
}

fn not_fixed(refused: bool) -> Event {
    Event::NotFixed { control: a(), state: "drifted".to_owned(), why: String::new(), refused }
}

fn standing<'a>(events: impl IntoIterator<Item = (&'a str, Event)>) -> Standing {
    fold(events).controls["a"].clone()
}

#[test]
fn mends_of_the_last_day_are_counted_and_a_refusal_is_none() {
    let drifted = || found("a", "drifted");
    let twice = [(T[0], drifted()), (T[0], intends()), (T[1], fixed()), (T[2], drifted()), (T[2], intends())];
    let standing_of = |rest: Vec<(&'static str, Event)>| standing(twice.clone().into_iter().chain(rest));
    let set_back = standing_of(vec![(T[3], not_fixed(false))]);
    assert_eq!((set_back.mended.as_slice(), set_back.failures), ([T[1].to_owned(), T[3].to_owned()].as_slice(), 1));
    assert_eq!(set_back.tried_at.as_deref(), Some(T[2]));
    let refused = standing_of(vec![(T[3], not_fixed(true))]);
    assert_eq!((refused.mended.as_slice(), refused.failures), ([T[1].to_owned()].as_slice(), 1));
    // A day and a bit later the first no longer counts.
    let later = standing_of(vec![(T[3], fixed()), (T[4], drifted()), (T[5], intends()), (T[5], fixed())]);
    assert_eq!((later.mended.as_slice(), later.failures), ([T[3].to_owned(), T[5].to_owned()].as_slice(), 0));
}

#[test]
fn a_plan_that_cannot_be_made_is_a_try() {
    let standing = standing([(T[0], found("a", "drifted")), (T[1], not_fixed(true)), (T[2], not_fixed(true))]);
    assert_eq!((standing.failures, standing.tried_at.as_deref()), (2, Some(T[2])));
}

#[test]
fn a_change_whose_result_is_not_on_record_counts_as_a_mend_once() {
    let begun = [(T[0], found("a", "drifted")), (T[1], intends()), (T[1], intends())];
    let crashed = standing(begun.clone());
    assert!(crashed.trying && crashed.failures == 1 && crashed.mended.is_empty());
    for state in ["drifted", "compliant", "unknown"] {
        let next = standing(begun.clone().into_iter().chain([(T[2], found("a", state)), (T[3], found("a", state))]));
        assert_eq!(next.mended, [T[1]], "{state}");
        assert_eq!(next.failures, u32::from(state != "compliant"), "{state}");
    }
}

#[test]
fn a_contested_setting_knows_who_is_suspected_and_by_which_policy_until_it_is_re_armed() {
    let contested = Event::Contested {
        control: a(),
        mended: vec![T[0].to_owned()],
        suspects: (0..20).map(|n| format!("suspect {n} {}", "é".repeat(100))).collect(),
    };
    let events = [
        (T[0], found("a", "drifted")),
        (T[0], fixed()),
        (T[1], run_started("enforce")),
        (T[1], found("a", "drifted")),
        (T[2], contested),
    ];
    let standing_now = standing(events.clone());
    assert_eq!(standing_now.contested.as_deref(), Some(T[2]));
    assert_eq!(standing_now.contested_policy.as_deref(), Some("00"));
    assert_eq!(standing_now.suspects.len(), MOST_SUSPECTS);
    assert!(standing_now.is_bounded());
    let rearmed = Event::Rearmed { control: a(), because: String::new() };
    let again = standing(events.into_iter().chain([(T[3], rearmed)]));
    assert_eq!((again.contested, again.contested_policy, again.suspects.len()), (None, None, 0));
    assert_eq!((again.mended.len(), again.fixes), (0, 1));
}

#[test]
fn a_control_that_was_as_it_is_on_record_was_looked_at_all_the_same() {
    let ended = Event::RunEnded {
        counts: Counts::default(),
        interrupted: false,
        partial: false,
        unchanged: vec![a(), "b".into()],
    };
    let history = fold([(T[0], found("a", "drifted")), (T[1], ended)]);
    assert_eq!((history.controls["a"].since.as_str(), history.controls["a"].seen_at.as_str()), (T[0], T[1]));
    assert_eq!(history.controls.len(), 1);
}

fn scheduled(item: &str, anchor: &str) -> Event {
    Event::Scheduled { item: item.to_owned(), form: "every 15 minutes".to_owned(), anchor: anchor.to_owned() }
}

fn run_over(items: &[&str]) -> Event {
    let Event::RunStarted { command, cause, agent, mac, policy, partial, .. } = run_started("enforce") else {
        panic!()
    };
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    Event::RunStarted { command, cause, agent, mac, policy, partial, items }
}

#[test]
fn a_run_settles_its_items_and_its_counts_are_theirs() {
    let before = [(T[0], scheduled("checks", T[0])), (T[0], scheduled("passes", T[0])), (T[1], run_over(&["checks"]))];
    let running = fold(before.clone());
    let item = &running.schedule["checks"];
    assert_eq!((item.settled.as_deref(), item.last_run.as_deref(), item.last_counts), (Some(T[1]), Some(T[1]), None));
    assert_eq!(running.schedule["passes"].settled, None);
    let ended = fold(before.into_iter().chain([(T[2], run_ended(7))]));
    assert_eq!(ended.schedule["checks"].last_counts.map(|counts| counts.compliant), Some(7));
    assert_eq!(ended.schedule["passes"].last_counts, None);
    // The next run has no result yet.
    let again = fold([(T[1], run_over(&["checks"])), (T[2], run_ended(7)), (T[3], run_over(&["checks"]))]);
    assert_eq!((again.schedule["checks"].last_counts, again.schedule["checks"].settled.as_deref()), (None, Some(T[3])));
}

#[test]
fn a_schedule_has_an_anchor_and_the_boot_session_that_it_began_in() {
    let mut history = History::default();
    let mut of_boot = entry(T[0], "r", scheduled("checks", T[0]));
    of_boot.boot = Some("5B1E".to_owned());
    history.apply(&of_boot);
    let item = &history.schedule["checks"];
    assert_eq!((item.anchor.as_str(), item.anchor_boot.as_deref()), (T[0], Some("5B1E")));
    assert_eq!(item.form, form("every 15 minutes"));
    let long = |end: &str| form(&format!("{}{end}", "at 08:00 ".repeat(400)));
    assert_ne!(long("1"), long("2"));
    assert_eq!(form(&long("1")), long("1"));
}

fn missed(item: &str, made_up: bool, user: Option<&str>) -> Event {
    Event::Missed {
        item: item.to_owned(),
        first: T[0].to_owned(),
        last: T[1].to_owned(),
        count: 3,
        why: vec!["asleep".to_owned()],
        made_up,
        user: user.map(str::to_owned),
    }
}

#[test]
fn what_was_let_go_is_settled_and_what_is_made_up_is_settled_by_the_run() {
    let let_go = fold([(T[2], missed("checks", false, None))]);
    let item = &let_go.schedule["checks"];
    assert_eq!((item.settled.as_deref(), item.missed), (Some(T[1]), 3));
    assert_eq!(
        item.last_missed.as_ref().map(|missed| (missed.due.as_str(), missed.made_up.is_none())),
        Some((T[1], true))
    );
    let made_up = fold([(T[2], missed("checks", true, None)), (T[2], missed("checks", true, None))]);
    let item = &made_up.schedule["checks"];
    assert_eq!((item.settled.as_deref(), item.missed), (None, 6));
    assert_eq!(item.last_missed.as_ref().and_then(|missed| missed.made_up.as_deref()), Some(T[2]));
    let of_user = fold([(T[2], missed("sign_out", false, Some("ada")))]);
    assert_eq!((of_user.schedule["sign_out"].missed, of_user.schedule["sign_out"].settled.as_deref()), (3, None));
    assert_eq!(of_user.sign_out("ada").and_then(|user| user.settled.as_deref()), Some(T[1]));
}

fn step(stage: Stage, due: &str) -> Event {
    Event::SignOut {
        stage,
        user: "ada".to_owned(),
        due: due.to_owned(),
        triggers: Vec::new(),
        detail: "in words".to_owned(),
        until: None,
    }
}

fn signed_out<'a>(steps: impl IntoIterator<Item = (&'a str, Stage, &'a str)>) -> SignOutHistory {
    fold(steps.into_iter().map(|(time, stage, due)| (time, step(stage, due)))).sign_out("ada").unwrap().clone()
}

#[test]
fn a_request_settles_and_a_refusal_takes_that_back() {
    use Stage::{Delivered, GivenUp, NotDone, Postponed, Requested, Unconfirmed};
    let asked = signed_out([(T[1], Requested, T[0])]);
    assert_eq!((asked.settled.as_deref(), asked.delivered), (Some(T[1]), 0));
    // A time that lies ahead, as after the clock was set back, is settled too.
    assert_eq!(signed_out([(T[1], Requested, T[2])]).settled.as_deref(), Some(T[2]));
    let refused =
        signed_out([(T[1], Requested, T[0]), (T[2], NotDone, T[0]), (T[3], Requested, T[0]), (T[3], NotDone, T[0])]);
    assert_eq!((refused.settled.as_deref(), refused.refusals, refused.refused_since.as_deref()), (None, 2, Some(T[1])));
    let first = [(T[0], Requested, T[0]), (T[1], Delivered, T[0])];
    let back = signed_out(first.into_iter().chain([(T[4], Requested, T[3]), (T[4], NotDone, T[3])]));
    assert_eq!((back.settled.as_deref(), back.delivered, back.delivered_at.as_deref()), (Some(T[0]), 1, Some(T[1])));
    // A request that nothing followed stays settled: it may have been made.
    let crashed = signed_out([(T[1], Requested, T[0]), (T[2], Unconfirmed, T[0])]);
    assert_eq!((crashed.settled.as_deref(), crashed.before, crashed.delivered), (Some(T[1]), None, 0));
    let up = signed_out([(T[1], Requested, T[0]), (T[2], NotDone, T[0]), (T[3], GivenUp, T[0])]);
    assert_eq!((up.settled.as_deref(), up.refusals, up.refused_since), (Some(T[3]), 0, None));
    let later = signed_out([(T[0], Postponed, T[0]), (T[1], Postponed, T[0])]);
    assert_eq!((later.postponed, later.settled), (2, None));
    let then = signed_out([(T[0], Postponed, T[0]), (T[1], Requested, T[0]), (T[2], Delivered, T[0])]);
    assert_eq!((then.postponed, then.stage, then.detail.as_str()), (0, Delivered, "in words"));
}

#[test]
fn what_came_of_one_sign_out_is_not_counted_against_another() {
    use Stage::{NotDone, Postponed, Requested};
    // The first was let go for all users, which is no line of theirs.
    let refused = signed_out([(T[0], NotDone, T[0]), (T[3], NotDone, T[3])]);
    assert_eq!((refused.refusals, refused.refused_since.as_deref()), (1, Some(T[3])));
    let later = signed_out([(T[0], Postponed, T[0]), (T[1], Postponed, T[0]), (T[3], Postponed, T[3])]);
    assert_eq!(later.postponed, 1);
    let mixed = signed_out([(T[0], Postponed, T[0]), (T[1], Requested, T[0]), (T[2], NotDone, T[0])]);
    assert_eq!((mixed.postponed, mixed.refusals), (1, 1));
    // What crashed may have been made, whatever another is refused without being asked for.
    let crashed = signed_out([(T[1], Requested, T[0]), (T[3], NotDone, T[3])]);
    assert_eq!(crashed.settled.as_deref(), Some(T[1]));
}

#[test]
fn the_users_that_are_kept_are_the_latest() {
    let mut history = History::default();
    for n in 0..=MOST_USERS {
        let Event::SignOut { stage, due, triggers, detail, until, .. } = step(Stage::Delivered, T[0]) else { panic!() };
        let user = format!("user{n}");
        let time = format!("2026-03-31T08:{:02}:{:02}.000Z", n / 60, n % 60);
        history.apply(&entry(&time, "r", Event::SignOut { stage, user, due, triggers, detail, until }));
    }
    assert_eq!(history.sign_outs.len(), MOST_USERS);
    assert!(history.sign_out("user0").is_none() && history.sign_out("user1").is_some());
}

#[test]
fn the_daemon_runs_from_its_start_to_its_stop() {
    let started = || Event::DaemonStarted { agent: "0.1.0".to_owned(), pid: 7 };
    let stopped = || Event::DaemonStopped { because: "SIGTERM".to_owned() };
    assert_eq!(fold([(T[0], started())]).daemon_since.as_deref(), Some(T[0]));
    assert_eq!(fold([(T[0], started()), (T[1], stopped())]).daemon_since, None);
}
