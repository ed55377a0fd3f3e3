//! The steps of one sign-out: refusals, notices, deferrals, holds, and what is said of the VPN.

use chrono::TimeDelta;
use holdfast::ledger::Stage::{
    self, Confirmed, Delivered, GivenUp, Held, NotApplicable, NotDone, Postponed, Requested, Unconfirmed,
};
use holdfast::sign_out::notice::{Answer, Scripted};
use holdfast::sim::state::Assertion;

use crate::bench::{Bench, at, daily, minutes};

fn eight() -> chrono::DateTime<chrono::Utc> {
    at("2026-01-05 08:00:00")
}

fn call(bench: &Bench, is_on: bool) {
    let held = Assertion {
        pid: 400,
        process: "zoom.us".into(),
        kind: "NoDisplaySleepAssertion".into(),
        name: "Video Call".into(),
    };
    bench.mac.edit(|state| state.power.assertions = is_on.then_some(held).into_iter().collect()).unwrap();
}

#[test]
fn a_mac_without_jamf_trust_has_nothing_to_sign_out_of_once_a_time() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.mac.install_jamf_trust(None).unwrap();
    bench.until(at("2026-01-06 12:00:00"));
    assert_eq!(bench.stages("alice"), [NotApplicable, NotApplicable]);
    assert_eq!((bench.handed().len(), bench.log()), (0, String::new()));
}

#[test]
fn a_refusal_is_on_record_in_its_own_words_and_tried_again_until_it_works() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.mac.edit(|state| state.jamf_trust.refuses = Some("it will not, \"now\"".into())).unwrap();
    bench.until(eight() + TimeDelta::seconds(80));
    // At once, and 10, 20 and 40 s after that.
    assert_eq!(bench.stages("alice"), [Requested, NotDone].repeat(4));
    assert!(bench.words(NotDone).contains("it will not, \"now\""), "{}", bench.words(NotDone));
    assert_eq!(bench.log(), "");
    bench.mac.edit(|state| state.jamf_trust.refuses = None).unwrap();
    bench.until(eight() + minutes(20));
    assert_eq!(bench.stages("alice")[8..], [Requested, Delivered, Confirmed]);
    assert_eq!((bench.handed().len(), bench.log().lines().count()), (1, 1));
}

#[test]
fn a_refusal_that_lasts_is_given_up_and_the_next_time_starts_anew() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.mac.edit(|state| state.jamf_trust.refuses = Some("no".into())).unwrap();
    bench.until(at("2026-01-05 20:00:00"));
    let stages = bench.stages("alice");
    assert_eq!(stages.last(), Some(&GivenUp));
    assert_eq!(stages.iter().filter(|stage| **stage == NotDone).count(), 8);
    assert!(bench.words(GivenUp).starts_with("refused 8 times since 2026-01-05T08:00:00"), "{}", bench.words(GivenUp));
    bench.until(at("2026-01-06 20:00:00"));
    assert_eq!(bench.stages("alice"), stages.repeat(2));

    let mut bench = Bench::new(&[daily("08:00"), ("RetryWindow", 0.into())]);
    bench.mac.edit(|state| state.jamf_trust.refuses = Some("no".into())).unwrap();
    bench.until(at("2026-01-05 20:00:00"));
    assert_eq!(bench.stages("alice"), [Requested, NotDone, GivenUp]);
}

#[test]
fn an_app_that_does_not_run_is_started_or_not_as_policy_says() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.mac.edit(|state| state.jamf_trust.running.clear()).unwrap();
    bench.until(eight() + minutes(1));
    assert_eq!(bench.handed(), ["alice"]);
    assert!(bench.words(Requested).contains("not running, started for it"), "{}", bench.words(Requested));

    let mut bench = Bench::new(&[daily("08:00"), ("LaunchApp", false.into())]);
    bench.mac.edit(|state| state.jamf_trust.running.clear()).unwrap();
    bench.until(eight() + minutes(1));
    assert_eq!((bench.handed().len(), bench.stages("alice").contains(&Requested)), (0, false));
    assert!(bench.words(NotDone).contains("not running"), "{}", bench.words(NotDone));
    bench.mac.edit(|state| state.jamf_trust.running.push("alice".into())).unwrap();
    bench.until(eight() + minutes(20));
    assert_eq!(bench.handed(), ["alice"]);
}

/// How a sign-out ends where the Mac is made so before it.
fn outcome(with: impl FnOnce(&mut Bench)) -> (Stage, String) {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.reconnects = false;
    with(&mut bench);
    bench.until(eight() + minutes(2));
    assert_eq!(bench.stages("alice")[..2], [Requested, Delivered]);
    assert_eq!(bench.log().lines().count(), 1);
    let last = *bench.stages("alice").last().unwrap();
    (last, bench.words(last))
}

#[test]
fn only_a_vpn_that_was_seen_to_go_down_confirms() {
    let vpn = |word: Option<&str>, ignores| {
        let word = word.map(str::to_owned);
        outcome(|bench| {
            bench.mac.edit(|state| (state.jamf_trust.vpn, state.jamf_trust.ignores) = (word, ignores)).unwrap();
        })
    };
    let confirmed = outcome(|_| {});
    assert_eq!(confirmed.0, Confirmed, "{}", confirmed.1);
    for (ended, words) in [
        (vpn(Some("Connected"), true), "still connected after 30 s"),
        (vpn(Some("Disconnected"), false), "not connected before (Disconnected)"),
        (vpn(Some("Connecting"), false), "not connected before (Connecting)"),
        (vpn(None, false), "no VPN service of Jamf Trust"),
        (outcome(|bench| bench.fails = vec!["scutil"]), "could not be read before"),
    ] {
        assert_eq!(ended.0, Unconfirmed);
        assert!(ended.1.contains(words), "{words}: {}", ended.1);
    }
}

#[test]
fn what_cannot_be_read_afterwards_confirms_nothing() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.reconnects = false;
    bench.mac.edit(|state| state.jamf_trust.ignores = true).unwrap();
    bench.until(eight() + TimeDelta::seconds(5));
    bench.mac.edit(|state| state.jamf_trust.vpn = None).unwrap();
    bench.until(eight() + minutes(2));
    assert!(bench.words(Unconfirmed).contains("not listed now"), "{}", bench.words(Unconfirmed));

    let mut bench = Bench::new(&[daily("08:00")]);
    bench.mac.edit(|state| state.jamf_trust.ignores = true).unwrap();
    bench.until(eight() + TimeDelta::seconds(5));
    bench.fails = vec!["scutil"];
    bench.until(eight() + minutes(2));
    assert!(bench.words(Unconfirmed).contains("could not be read after"), "{}", bench.words(Unconfirmed));
}

#[test]
fn a_vpn_that_goes_down_while_nobody_looks_confirms_nothing() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.reconnects = false;
    bench.mac.edit(|state| state.jamf_trust.ignores = true).unwrap();
    bench.until(eight() + TimeDelta::seconds(5));
    bench.mac.edit(|state| state.jamf_trust.vpn = Some("Disconnected".into())).unwrap();
    bench.sleep_until(eight() + minutes(60));
    bench.round().unwrap();
    assert_eq!(bench.stages("alice"), [Requested, Delivered, Unconfirmed]);
}

#[test]
fn the_user_is_told_before_it_and_it_is_made_on_time() {
    let mut bench = Bench::new(&[daily("08:00"), ("NoticeMinutes", 5.into()), ("NoticeText", "In {minutes}!".into())]);
    bench.until(eight() - TimeDelta::seconds(301));
    assert_eq!(bench.notifier.shown.lock().unwrap().len(), 0);
    bench.until(eight() - TimeDelta::seconds(1));
    let shown = bench.notifier.shown.lock().unwrap().clone();
    assert_eq!((shown.len(), shown[0].message.as_str(), shown[0].seconds), (1, "In 5!", 300));
    assert!(!shown[0].can_put_off);
    assert_eq!(bench.handed().len(), 0);
    bench.until(eight() + TimeDelta::seconds(1));
    assert_eq!(bench.handed().len(), 1);
    bench.until(at("2026-01-06 12:00:00"));
    assert_eq!((bench.notifier.shown.lock().unwrap().len(), bench.handed().len()), (2, 2));
}

#[test]
fn what_is_made_up_is_told_of_first() {
    let settings = [("Interval", 28_800.into()), ("NoticeMinutes", 10.into())];
    for catch_up in ["once", "skip"] {
        let mut bench = Bench::new(&[settings.to_vec(), vec![("CatchUp", catch_up.into())]].concat());
        bench.round().unwrap();
        bench.sleep_until(bench.now() + TimeDelta::hours(8) + TimeDelta::seconds(30));
        let woke = bench.now();
        bench.until(woke + minutes(10) - TimeDelta::seconds(1));
        assert_eq!((bench.notifier.shown.lock().unwrap().len(), bench.handed().len()), (1, 0), "{catch_up}");
        bench.until(woke + minutes(10) + TimeDelta::seconds(1));
        assert_eq!(bench.handed().len(), 1, "{catch_up}");
    }
}

#[test]
fn the_user_can_put_it_off_so_often_and_so_long() {
    let settings =
        [daily("08:00"), ("NoticeMinutes", 5.into()), ("Deferrals", 2.into()), ("DeferralMinutes", 30.into())];
    let mut bench = Bench::new(&settings);
    bench.notifier = Scripted::with([Answer::Later, Answer::Later, Answer::Later]);
    bench.until(eight() + minutes(59));
    assert_eq!((bench.stages("alice"), bench.handed().len()), (vec![Postponed, Postponed], 0));
    // The agent's memory of it is its record.
    bench.restart();
    bench.until(eight() + minutes(75));
    assert_eq!(bench.stages("alice"), [Postponed, Postponed, Requested, Delivered, Confirmed]);
    let shown = bench.notifier.shown.lock().unwrap().clone();
    assert_eq!(shown.iter().map(|notice| notice.can_put_off).collect::<Vec<_>>(), [true, true, false, false]);
    assert!(bench.steps().iter().all(|step| step.2 == eight()));
    assert_eq!(bench.missed().len(), 0);
}

#[test]
fn whoever_wants_it_now_has_it_now_and_not_again() {
    let mut bench = Bench::new(&[daily("08:00"), ("NoticeMinutes", 5.into())]);
    bench.notifier = Scripted::with([Answer::Now]);
    bench.until(eight() - minutes(4));
    assert_eq!((bench.handed().len(), bench.steps()[0].2), (1, eight()));
    bench.until(at("2026-01-05 20:00:00"));
    assert_eq!(bench.handed().len(), 1);
}

#[test]
fn a_notice_that_cannot_be_shown_stops_nothing_and_is_on_record() {
    let mut bench = Bench::new(&[daily("08:00"), ("NoticeMinutes", 5.into())]);
    bench.notifier = Scripted::with([Answer::Trouble("no notice could be shown: x".into())]);
    bench.until(eight() + minutes(1));
    assert_eq!(bench.handed().len(), 1);
    assert!(bench.words(Requested).contains("no notice could be shown: x"), "{}", bench.words(Requested));
}

#[test]
fn a_call_holds_it_up_to_its_limit() {
    let settings = [daily("08:00"), ("HoldMinutes", 30.into())];
    let mut bench = Bench::new(&settings);
    call(&bench, true);
    bench.until(eight() + minutes(29));
    assert_eq!((bench.stages("alice"), bench.handed().len()), (vec![Held], 0));
    assert!(bench.words(Held).contains("zoom.us (Video Call)"), "{}", bench.words(Held));
    bench.restart();
    bench.until(eight() + minutes(31));
    assert_eq!(bench.stages("alice"), [Held, Requested, Delivered, Confirmed]);

    let mut bench = Bench::new(&settings);
    call(&bench, true);
    bench.until(eight() + minutes(10));
    call(&bench, false);
    bench.until(eight() + minutes(11));
    assert_eq!(bench.handed().len(), 1);

    let mut bench = Bench::new(&settings);
    bench.fails = vec!["pmset"];
    bench.until(eight() + minutes(1));
    assert!(bench.words(Requested).contains("whether a call is on could not be read"), "{}", bench.words(Requested));
}

#[test]
fn what_another_process_did_meanwhile_is_not_done_again() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.until(eight() - TimeDelta::seconds(1));
    let step = |stage| holdfast::ledger::Event::SignOut {
        stage,
        user: "alice".into(),
        due: holdfast::clock::stamp(eight()),
        triggers: vec!["command_line".into()],
        detail: String::new(),
        until: None,
    };
    bench.book.meanwhile = vec![step(Requested), step(Delivered), step(Confirmed)];
    bench.until(eight() + minutes(10));
    assert_eq!((bench.handed().len(), bench.stages("alice").len()), (0, 3));
}

#[test]
fn a_refusal_on_the_command_line_is_not_tried_again() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.until(eight() - minutes(30));
    let step = |stage| holdfast::ledger::Event::SignOut {
        stage,
        user: "alice".into(),
        due: holdfast::clock::stamp(eight() - minutes(30)),
        triggers: vec!["command_line".into()],
        detail: "no".into(),
        until: None,
    };
    bench.book.meanwhile = vec![step(Requested), step(NotDone)];
    holdfast::sign_out::Record::history(&mut bench.book).unwrap();
    bench.until(eight() - minutes(1));
    assert_eq!((bench.handed().len(), bench.stages("alice").len()), (0, 2));
    bench.until(eight() + minutes(1));
    assert_eq!(bench.stages("alice")[2..], [Requested, Delivered, Confirmed]);
}

#[test]
fn a_refusal_before_it_takes_nothing_from_the_time_for_the_next() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.mac.edit(|state| state.jamf_trust.refuses = Some("no".into())).unwrap();
    bench.until(eight() - minutes(30));
    let step = |stage| holdfast::ledger::Event::SignOut {
        stage,
        user: "alice".into(),
        due: holdfast::clock::stamp(eight() - minutes(30)),
        triggers: vec!["command_line".into()],
        detail: "no".into(),
        until: None,
    };
    bench.book.meanwhile = vec![step(Requested), step(NotDone)];
    holdfast::sign_out::Record::history(&mut bench.book).unwrap();
    bench.until(at("2026-01-05 20:00:00"));
    assert_eq!(bench.stages("alice").iter().filter(|stage| **stage == NotDone).count(), 1 + 8);
    assert!(bench.words(GivenUp).starts_with("refused 8 times since 2026-01-05T08:00:00"), "{}", bench.words(GivenUp));
}

#[test]
fn what_the_command_line_did_after_a_notice_is_the_end_of_that_notice() {
    let mut bench = Bench::new(&[daily("08:00"), ("NoticeMinutes", 5.into())]);
    bench.until(eight() - minutes(2));
    let step = |stage| holdfast::ledger::Event::SignOut {
        stage,
        user: "alice".into(),
        due: holdfast::clock::stamp(eight() - minutes(2)),
        triggers: vec!["command_line".into()],
        detail: String::new(),
        until: None,
    };
    bench.book.meanwhile = vec![step(Requested), step(Delivered), step(Confirmed)];
    holdfast::sign_out::Record::history(&mut bench.book).unwrap();
    bench.until(eight() + TimeDelta::hours(24) - minutes(1));
    assert_eq!((bench.handed().len(), bench.notifier.shown.lock().unwrap().len()), (0, 2));
    bench.until(eight() + TimeDelta::hours(24) + minutes(1));
    assert_eq!(bench.handed().len(), 1);
}
