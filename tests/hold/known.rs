//! What is on record already needs no line, and is never older than a day.

use holdfast::control::Control;
use holdfast::controls;
use holdfast::enforce::Outcome;
use holdfast::ledger::history::History;
use holdfast::ledger::{Event, Journal};
use holdfast::sim::World;

use crate::bench::{Bench, firewall, is_fixed, names, only, quiet, scheduled};

fn unchanged(events: &[Event]) -> Vec<String> {
    let Some(Event::RunEnded { unchanged, .. }) = events.last() else { panic!("{events:?}") };
    unchanged.clone()
}

#[test]
fn a_quiet_run_that_finds_nothing_new_writes_nothing_and_asks_little() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(controls::all()));
    let (lines, state) = (bench.lines(), bench.state());
    bench.asked();
    bench.pass_seconds(600);
    let run = bench.hold(&quiet(vec![firewall()]));
    assert!(matches!(only(&run).outcome, Outcome::Compliant { .. }));
    assert_eq!((bench.lines(), bench.state(), run.retry_at), (lines, state, None));
    // What kind of Mac it is and whether it is enrolled is known; tools that take a second are not waited for.
    let asked: Vec<String> = bench.asked().iter().map(ToString::to_string).collect();
    let slow = ["system_profiler", "sw_vers", "profiles", "sysctl"];
    assert!(!asked.iter().any(|ask| slow.iter().any(|tool| ask.contains(tool))), "{asked:?}");
    assert!(asked.iter().any(|ask| ask.contains("socketfilterfw")), "{asked:?}");
}

#[test]
fn a_quiet_run_that_finds_drift_mends_it_and_says_so_in_full() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(controls::all()));
    let lines = bench.lines();
    bench.set_firewall(false);
    let run = bench.hold(&quiet(vec![firewall()]));
    assert!(is_fixed(&run) && bench.firewall());
    let events = bench.events_since(lines);
    assert_eq!(
        names(&events),
        ["run_started", "found firewall_on", "intends firewall_on", "fixed firewall_on", "run_ended"]
    );
    assert!(
        matches!(&events[0], Event::RunStarted { command, partial: true, items, .. } if command == "hold" && items.is_empty())
    );
    // The next look finds what was put on record when it was mended.
    let lines = bench.lines();
    bench.hold(&quiet(vec![firewall()]));
    assert_eq!(bench.lines(), lines);
    bench.ledger_holds();
}

#[test]
fn a_run_on_schedule_names_what_is_unchanged_and_settles_its_items() {
    let mut bench = Bench::new(World::Neglected);
    bench.hold(&scheduled(controls::all()));
    let before = bench.lines();
    let since = bench.standing("firewall_on");
    bench.pass_seconds(900);
    let run = bench.hold(&scheduled(controls::all()));
    let events = bench.events_since(before);
    assert_eq!(names(&events), ["run_started", "run_ended"], "{:?}", names(&events));
    assert_eq!(unchanged(&events).len(), run.summary.lines.len());
    assert!(matches!(&events[0], Event::RunStarted { items, partial: false, .. } if items == &["checks"]));
    let standing = bench.standing("firewall_on");
    assert_eq!(standing.since, since.since);
    assert_eq!(standing.seen_at, holdfast::clock::stamp(bench.now()));
    let history = bench.agent().history().unwrap();
    assert_eq!(history.schedule["checks"].last_run.as_deref(), Some(standing.seen_at.as_str()));
    assert_eq!(history.schedule["checks"].last_counts, Some(run.summary.counts()));
}

#[test]
fn once_a_day_everything_has_a_line_of_its_own() {
    let mut bench = Bench::new(World::Neglected);
    bench.hold(&scheduled(controls::all()));
    let mut full = 0;
    for quarter in 1..=100 {
        let before = bench.lines();
        bench.pass_seconds(900);
        bench.hold(&scheduled(controls::all()));
        let found = bench.events_since(before).iter().filter(|event| matches!(event, Event::Found { .. })).count();
        assert!(found == 0 || quarter == 96 && found == controls::all().len(), "{quarter}: {found}");
        full += usize::from(found > 0);
    }
    assert_eq!(full, 1);
}

#[test]
fn a_daemon_that_starts_anew_and_a_change_of_policy_are_told_in_full() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    bench.forgets();
    let before = bench.lines();
    bench.hold(&scheduled(vec![firewall()]));
    assert_eq!(names(&bench.events_since(before)), ["run_started", "found firewall_on", "run_ended"]);
    bench.set_policy(
        "<key>Controls</key><dict><key>firewall_on</key><dict><key>Mode</key><string>audit</string></dict></dict>",
    );
    let before = bench.lines();
    bench.hold(&quiet(vec![firewall()]));
    let events = bench.events_since(before);
    assert!(events.iter().any(|event| matches!(event, Event::Found { mode, .. } if mode == "audit")), "{events:?}");
}

#[test]
fn what_another_run_put_on_record_is_not_taken_for_known() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(vec![firewall()]));
    bench.set_firewall(false);
    // Drifted for as long as the policy has it in audit mode, and put on record so by hand.
    let agent = bench.agent();
    let audit =
        "<key>Controls</key><dict><key>firewall_on</key><dict><key>Mode</key><string>audit</string></dict></dict>";
    bench.set_policy(audit);
    agent.enforce(&mut || {}).unwrap();
    bench.set_policy("");
    bench.set_firewall(true);
    assert_eq!(bench.standing("firewall_on").state, "drifted");
    let before = bench.lines();
    bench.hold(&quiet(vec![firewall()]));
    assert!(names(&bench.events_since(before)).contains(&"found firewall_on".to_owned()));
    assert_eq!(bench.standing("firewall_on").state, "compliant");
}

#[test]
fn the_state_for_other_tools_is_not_older_than_what_another_run_found() {
    let mut bench = Bench::new(World::Hardened);
    bench.hold(&scheduled(controls::all()));
    bench.set_policy(
        "<key>Controls</key><dict><key>firewall_on</key><dict><key>Mode</key><string>audit</string></dict></dict>",
    );
    bench.set_firewall(false);
    bench.pass_seconds(60);
    bench.agent().enforce(&mut || {}).unwrap();
    assert_eq!(bench.state()["DriftedControls"], "firewall_on");
    bench.pass_seconds(60);
    bench.counted.mac.edit(|state| state.firewall.stealth = false).unwrap();
    bench.hold(&quiet(vec![controls::find("firewall_stealth").unwrap()]));
    assert_eq!(bench.state()["LastRunCommand"], "hold");
    assert_eq!(bench.state()["DriftedControls"], "firewall_on");
}

#[test]
fn the_state_for_other_tools_says_all_that_is_known_after_a_look_at_one() {
    let mut bench = Bench::new(World::Neglected);
    let of = |state: &serde_json::Value, key: &str| state[key].as_u64().unwrap();
    let total = controls::all().len() as u64;
    // Nobody has looked at the others yet.
    bench.hold(&scheduled(vec![firewall()]));
    let first = bench.state();
    assert_eq!((of(&first, "Controls"), of(&first, "Fixed")), (total, 1));
    assert!(of(&first, "Unknown") > 10 && first["State"] == "unknown", "{first}");
    bench.hold(&scheduled(controls::all()));
    let whole = bench.state();
    assert_eq!((of(&whole, "Unknown"), whole["State"].as_str()), (0, Some("drifted")));
    // A daemon that was started anew knows it from the ledger.
    bench.forgets();
    bench.set_firewall(false);
    bench.pass_seconds(60);
    bench.hold(&quiet(vec![firewall()]));
    let after = bench.state();
    assert_eq!(after["DriftedControls"], whole["DriftedControls"]);
    assert_eq!((of(&after, "Fixed"), after["FixedControls"].as_str()), (1, Some("firewall_on")));
    let sum = ["Compliant", "Fixed", "Drifted", "Unknown", "NotApplicable", "Off"].map(|key| of(&after, key));
    assert_eq!(sum.iter().sum::<u64>(), total);
    assert_eq!(after["LastRunCommand"], "hold");
}

#[test]
fn what_is_set_back_and_forth_in_audit_mode_does_not_fill_the_disk() {
    let mut bench = Bench::new(World::Hardened);
    let audit =
        "<key>Controls</key><dict><key>firewall_on</key><dict><key>Mode</key><string>audit</string></dict></dict>";
    bench.set_policy(audit);
    bench.hold(&scheduled(controls::all()));
    let before = bench.lines();
    for second in 0..1800 {
        bench.set_firewall(second % 2 == 0);
        bench.pass_seconds(1);
        bench.hold(&quiet(vec![firewall()]));
    }
    assert!(bench.lines() - before < 45, "{} lines", bench.lines() - before);
    assert_eq!(bench.touches(), 0);
    // The next look on schedule puts it right.
    bench.set_firewall(true);
    bench.hold(&scheduled(vec![firewall()]));
    bench.set_firewall(false);
    bench.hold(&scheduled(vec![firewall()]));
    assert_eq!(bench.standing("firewall_on").state, "drifted");
}

#[test]
fn everything_is_hardened_by_one_pass_of_either_kind() {
    let by = |order: &dyn Fn(Vec<&'static Control>) -> holdfast::agent::Order| {
        let mut bench = Bench::new(World::Neglected);
        bench.hold(&order(controls::all()));
        bench.ledger_holds();
        bench.counted.mac.snapshot()
    };
    let scheduled = by(&scheduled);
    assert_eq!(by(&quiet), scheduled);
    let bench = Bench::new(World::Neglected);
    bench.agent().enforce(&mut || {}).unwrap();
    assert_eq!(bench.counted.mac.snapshot(), scheduled);
}

#[test]
fn a_journal_opens_the_ledger_at_its_first_line_and_asks_nothing_before() {
    let bench = Bench::new(World::Hardened);
    let agent = bench.agent();
    let policy = holdfast::policy::Policy::built_in(&controls::all());
    drop(agent.journal(&policy));
    assert!(bench.asked().is_empty() && agent.history().unwrap() == History::default());
    let mut journal = agent.journal(&policy);
    assert!(journal.history().is_none());
    journal.append(Event::DaemonStarted { agent: "0.1.0".to_owned(), pid: 1 }).unwrap();
    assert_eq!(journal.history().unwrap().daemon_since, Some(holdfast::clock::stamp(bench.now())));
    journal.append(Event::DaemonStopped { because: "SIGTERM".to_owned() }).unwrap();
    // Seen by others before it is closed, and after.
    assert_eq!(agent.history().unwrap(), *journal.history().unwrap());
    journal.close().unwrap();
    assert_eq!(names(&bench.events_since(0)), ["daemon_started", "daemon_stopped"]);
    assert_eq!(agent.history().unwrap().daemon_since, None);
    bench.ledger_holds();
}
