//! A setting that somebody keeps setting back, or that cannot be set.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::TimeDelta;
use holdfast::clock::stamp;
use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::host::ToolError;
use holdfast::ledger::Event;
use holdfast::report::run::left_words;
use holdfast::sim::World;

use crate::bench::{Bench, firewall, is_fixed, names, only, quiet, scheduled};

/// Has a rival set the firewall off every two seconds for `seconds`, with a look after each time. Returns when it was mended, in
/// seconds from the beginning.
fn rival(bench: &mut Bench, seconds: i64) -> Vec<i64> {
    let mut mended = Vec::new();
    for second in (0..seconds).step_by(2) {
        bench.set_firewall(false);
        if is_fixed(&bench.hold(&quiet(vec![firewall()]))) {
            mended.push(second);
        }
        bench.pass_seconds(2);
    }
    mended
}

/// What the first look after the rival's last change says.
fn left(bench: &mut Bench) -> Left {
    bench.set_firewall(false);
    match &only(&bench.hold(&quiet(vec![firewall()]))).outcome {
        Outcome::Drifted { left, .. } => left.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rival_is_answered_at_growing_distances_and_then_left_alone() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(controls::all()));
    let before = bench.lines();
    assert_eq!(rival(&mut bench, 4 * 3600), [0, 10, 30, 70, 150]);
    assert_eq!(bench.touches(), 5);
    let events = bench.events_since(before);
    let count = |wanted: &str| names(&events).iter().filter(|name| *name == wanted).count();
    let of = ["intends firewall_on", "fixed firewall_on", "contested firewall_on"].map(count);
    assert_eq!(of, [5, 5, 1]);
    // Each mend has its run, each coming back at most one more; four hours of rivalry are few lines.
    assert!(events.len() < 80, "{}", events.len());
    let contested = events.iter().find_map(|event| match event {
        Event::Contested { mended, .. } => Some(mended.clone()),
        _ => None,
    });
    assert_eq!(contested.unwrap().len(), 5);
    let standing = bench.standing("firewall_on");
    assert_eq!((standing.state.as_str(), standing.mended.len()), ("drifted", 5));
    let state = bench.state();
    assert_eq!((state["Contested"].as_u64(), state["ContestedControls"].as_str()), (Some(1), Some("firewall_on")));
    assert_eq!(state["State"], "drifted");
    bench.ledger_holds();
}

#[test]
fn while_it_waits_the_run_says_until_when() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    rival(&mut bench, 2);
    let mended_at = bench.now() - TimeDelta::seconds(2);
    bench.set_firewall(false);
    let run = bench.hold(&quiet(vec![firewall()]));
    let until = mended_at + TimeDelta::seconds(10);
    assert_eq!(run.retry_at, Some(until));
    assert!(matches!(&only(&run).outcome, Outcome::Drifted { left: Left::Waiting { until: at }, .. } if *at == until));
    // A look on schedule does not mend it before its time either.
    assert!(!is_fixed(&bench.hold(&scheduled(vec![firewall()]))));
    bench.pass_seconds(8);
    assert!(is_fixed(&bench.hold(&quiet(vec![firewall()]))));
}

#[test]
fn a_contested_setting_is_tried_again_after_a_day() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    rival(&mut bench, 300);
    let Left::Contested { since, times: 5, .. } = left(&mut bench) else { panic!("not contested") };
    assert_eq!(since, bench.standing("firewall_on").contested.unwrap());
    bench.pass_seconds(86_400 - 300);
    assert!(matches!(left(&mut bench), Left::Contested { .. }));
    bench.pass_seconds(300);
    let before = bench.lines();
    assert!(is_fixed(&bench.hold(&scheduled(vec![firewall()]))));
    assert_eq!(
        names(&bench.events_since(before)),
        [
            "run_started",
            "found firewall_on",
            "rearmed firewall_on",
            "intends firewall_on",
            "fixed firewall_on",
            "run_ended"
        ]
    );
    // It counts from the beginning again, and becomes contested again.
    bench.pass_seconds(2);
    assert_eq!(rival(&mut bench, 300).len(), 4);
    assert!(matches!(left(&mut bench), Left::Contested { .. }));
}

#[test]
fn another_policy_has_it_tried_again_at_once_and_sets_the_limit() {
    let mut bench = Bench::new(World::Hardened);
    let contested = |keys: &str| format!("<key>Contested</key><dict>{keys}</dict>");
    bench.set_policy(&contested(
        "<key>Limit</key><integer>2</integer><key>FirstDelay</key><integer>60</integer><key>RearmHours</key><integer>1</integer>",
    ));
    bench.hold(&scheduled(vec![firewall()]));
    assert_eq!(rival(&mut bench, 1000), [0, 60]);
    bench.set_policy(&contested("<key>Limit</key><integer>3</integer>"));
    bench.set_firewall(false);
    let before = bench.lines();
    assert!(is_fixed(&bench.hold(&quiet(vec![firewall()]))));
    assert!(names(&bench.events_since(before)).contains(&"rearmed firewall_on".to_owned()));
}

#[test]
fn enforce_by_hand_waits_for_nothing_and_has_it_tried_again() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    rival(&mut bench, 300);
    assert!(matches!(left(&mut bench), Left::Contested { .. }));
    let before = bench.lines();
    let run = bench.agent().enforce(&mut || {}).unwrap();
    let line = run.summary.lines.iter().find(|line| line.control.id == "firewall_on").unwrap();
    assert!(matches!(line.outcome, Outcome::Fixed { .. }));
    assert!(names(&bench.events_since(before)).contains(&"rearmed firewall_on".to_owned()));
    let standing = bench.standing("firewall_on");
    assert_eq!((standing.contested, standing.mended.len()), (None, 1));
    // And again at once, however short a time ago that was.
    bench.set_firewall(false);
    bench.agent().enforce(&mut || {}).unwrap();
    assert!(bench.firewall());
}

#[test]
fn a_crash_between_announcement_and_result_counts_as_a_mend() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    let mut tries = Vec::new();
    for second in 0..160 {
        bench.set_firewall(false);
        // The change is made, and then the program is gone.
        *bench.counted.answers.lock().unwrap() = Some(|_| panic!("killed"));
        bench.forgets();
        let touched = bench.touches();
        let _ = catch_unwind(AssertUnwindSafe(|| bench.hold(&quiet(vec![firewall()]))));
        if bench.touches() > touched {
            tries.push(second);
        }
        bench.pass_seconds(1);
    }
    assert_eq!(tries, [0, 10, 30, 70, 150]);
    assert!(bench.standing("firewall_on").contested.is_some());
    bench.ledger_holds();
}

#[test]
fn a_refusal_backs_off_to_an_hour_and_is_never_contested() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    *bench.counted.answers.lock().unwrap() =
        Some(|change| Err(ToolError::Refused { asked: change.to_string(), words: "no".to_owned() }));
    bench.set_firewall(false);
    let (mut tries, mut expected) = (Vec::new(), vec![0]);
    for delay in [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600] {
        expected.push(expected[expected.len() - 1] + delay);
    }
    for second in (0..=expected[expected.len() - 1]).step_by(10) {
        let touched = bench.touches();
        let run = bench.hold(&quiet(vec![firewall()]));
        if bench.touches() > touched {
            tries.push(second);
            let next = expected.iter().find(|at| **at > second).map(|at| bench.now() + TimeDelta::seconds(at - second));
            assert!(next.is_none() || run.retry_at == next, "{second}: {:?}", run.retry_at);
        }
        bench.pass_seconds(10);
    }
    assert_eq!(tries, expected);
    assert_eq!(bench.standing("firewall_on").contested, None);
}

#[test]
fn who_may_be_setting_it_is_named() {
    let mut bench = Bench::new(World::Hardened);
    let check = controls::find("update_config_data").unwrap();
    bench.hold(&scheduled(controls::all()));
    let jamf = "/usr/local/jamf/bin/jamf";
    bench
        .counted
        .mac
        .edit(|state| state.processes.push(holdfast::sim::state::Process { uid: 0, path: jamf.to_owned() }))
        .unwrap();
    let file = |on: bool| plist::Dictionary::from_iter([("ConfigDataInstall".to_owned(), plist::Value::from(on))]);
    let other = plist::Dictionary::from_iter([
        ("CatalogURL".to_owned(), plist::Value::from("https://example.org")),
        ("PayloadIdentifier".to_owned(), plist::Value::from("org.example.updates")),
    ]);
    bench.counted.mac.put_file("/Library/Managed Preferences/com.apple.SoftwareUpdate.plist", Some(other)).unwrap();
    let mut last = None;
    for _ in 0..200 {
        bench.counted.mac.put_file("/Library/Preferences/com.apple.SoftwareUpdate.plist", Some(file(false))).unwrap();
        last = Some(bench.hold(&quiet(vec![check])));
        bench.pass_seconds(2);
    }
    let last = last.unwrap();
    let Outcome::Drifted { left: Left::Contested { since, times, suspects }, .. } = &only(&last).outcome else {
        panic!("{:?}", only(&last).outcome)
    };
    let profile = "profile org.example.updates for com.apple.SoftwareUpdate";
    assert_eq!(suspects, &[profile, "Jamf Pro (/usr/local/jamf/bin/jamf)"]);
    let said = left_words(since, *times, suspects);
    assert!(said.contains(jamf) && said.contains("5 times"), "{said}");
    assert_eq!(&bench.standing("update_config_data").suspects, suspects);
    assert!(stamp(bench.now()) > *since);
}

#[test]
fn a_contested_setting_that_holds_is_not_told_as_contested() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(controls::all()));
    rival(&mut bench, 600);
    assert_eq!(bench.state()["Contested"].as_u64(), Some(1));
    bench.set_firewall(true);
    bench.hold(&scheduled(controls::all()));
    assert_eq!((bench.state()["Contested"].as_u64(), bench.state()["State"].as_str()), (Some(0), Some("compliant")));
    // It is still left alone should it go off again.
    bench.set_firewall(false);
    bench.hold(&scheduled(controls::all()));
    assert_eq!(bench.state()["ContestedControls"], "firewall_on");
}
