//! Exemptions in passes of the daemon's and of the command line: left alone, counted apart, on record, and enforced again at
//! once.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use holdfast::enforce::Outcome;
use holdfast::ledger::Event;
use holdfast::report::fact::{self, Reading};
use holdfast::sim::{Mac, World};

use crate::bench::{Bench, firewall, names, only, quiet, scheduled};
use crate::program::Program;

/// A policy that exempts the firewall until then.
fn exempt(end: DateTime<Utc>) -> String {
    let end = end.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "<key>Exemptions</key><array><dict><key>Control</key><string>firewall_on</string><key>Reason</key><string>a lab</string>\
         <key>Approver</key><string>R. Roe</string><key>Ticket</key><string>SEC-12</string><key>Expires</key><string>{end}</string>\
         </dict></array>"
    )
}

fn in_days(bench: &Bench, days: i64) -> DateTime<Utc> {
    bench.now() + TimeDelta::days(days)
}

fn stages(events: &[Event]) -> Vec<String> {
    let stage = |event: &Event| match event {
        Event::Exemption { stage, .. } => Some(stage.clone()),
        _ => None,
    };
    events.iter().filter_map(stage).collect()
}

#[test]
fn an_exempt_control_is_looked_at_recorded_and_never_changed() {
    let mut bench = Bench::new(World::Hardened);
    bench.set_firewall(false);
    bench.set_policy(&exempt(in_days(&bench, 30)));
    let run = bench.agent().enforce(&mut || panic!()).unwrap();
    assert!(!bench.firewall());
    let line = run.summary.lines.iter().find(|line| line.control.id == "firewall_on").unwrap();
    assert!(matches!(&line.outcome, Outcome::Exempt { wanted: Some(_), .. }), "{line:?}");
    assert_eq!((run.summary.counts().exempt, run.problems.len()), (1, 0));
    assert_eq!(holdfast::report::run::exit_status(&run.summary, &run.problems), exit_without(&run));
    let entries = bench.entries();
    let events: Vec<Event> = entries.into_iter().map(|entry| entry.event).collect();
    assert_eq!(stages(&events), ["begins"]);
    assert!(!names(&events).contains(&"intends firewall_on".to_owned()));
    let state = bench.state();
    assert_eq!((&state["Exempt"], &state["ExemptControls"]), (&1.into(), &"firewall_on".into()));
    assert_eq!(state["Control_firewall_on"], "exempt");
    assert!(!state["DriftedControls"].as_str().unwrap().contains("firewall_on"));
    assert_eq!(bench.standing("firewall_on").state, "exempt");
    // The same by the daemon's passes, and no line more while nothing changes.
    bench.hold(&scheduled(vec![firewall()]));
    let before = bench.lines();
    bench.hold(&quiet(vec![firewall()]));
    assert_eq!((bench.lines(), bench.firewall()), (before, false));
    bench.set_firewall(true);
    let run = bench.hold(&quiet(vec![firewall()]));
    assert!(matches!(&only(&run).outcome, Outcome::Exempt { wanted: None, .. }), "it is exempt where it holds, too");
    bench.ledger_holds();
}

/// The exit status that the other lines come to.
fn exit_without(run: &holdfast::agent::Run) -> u8 {
    let counts = run.summary.counts();
    if counts.drifted + counts.unknown > 0 {
        2
    } else if counts.fixed > 0 {
        3
    } else {
        0
    }
}

#[test]
fn facts_and_the_audit_know_the_word() {
    let mut bench = Bench::new(World::Hardened);
    bench.set_firewall(false);
    bench.set_policy(&exempt(in_days(&bench, 30)));
    bench.hold(&scheduled(holdfast::controls::all()));
    let bytes = plist_of(&bench);
    let answer = holdfast::mac::FileAnswer::Present { bytes, owner: 0, mode: 0o644 };
    let reading = Reading::of(&answer, holdfast::host::trust::Owner::Root, true);
    let value = |name: &str| fact::find(name).unwrap().value(&reading, bench.now()).bare();
    assert_eq!((value("firewall_on"), value("exemption_count")), ("exempt".to_owned(), "1".to_owned()));
    assert!(!value("failing_controls").contains("firewall_on"));
    assert_ne!(value("compliance_state"), "unreadable");
}

fn plist_of(bench: &Bench) -> Vec<u8> {
    std::fs::read(bench.agent().places.status("plist")).unwrap()
}

#[test]
fn it_is_enforced_again_with_its_end_and_that_it_ends_is_said_once() {
    let mut bench = Bench::new(World::Hardened);
    bench.set_firewall(false);
    let end = in_days(&bench, 20);
    bench.set_policy(&exempt(end));
    bench.hold(&scheduled(vec![firewall()]));
    let before = bench.lines();
    bench.pass_seconds(5 * 86_400);
    bench.hold(&scheduled(vec![firewall()]));
    bench.pass_seconds(2 * 86_400);
    bench.hold(&quiet(vec![firewall()]));
    bench.pass_seconds(86_400);
    bench.forgets();
    bench.hold(&scheduled(vec![firewall()]));
    assert_eq!(
        stages(&bench.events_since(before)),
        ["ends_soon"],
        "once, and not again by a daemon that was started anew"
    );
    assert!(!bench.firewall());

    bench.pass_seconds((end - bench.now()).num_seconds());
    let before = bench.lines();
    let run = bench.hold(&quiet(vec![firewall()]));
    assert!(matches!(only(&run).outcome, Outcome::Fixed { .. }) && bench.firewall());
    assert_eq!(run.problems.len(), 1, "it is still in the layer");
    assert!(run.problems[0].what.contains("was over"), "{}", run.problems[0]);
    let events = bench.events_since(before);
    assert_eq!(stages(&events), ["expired"]);
    assert!(names(&events).iter().any(|name| name.starts_with("policy_problem")), "{:?}", names(&events));

    // Set back to when it counted: it does not count again.
    bench.set_firewall(false);
    bench.pass_seconds(-40 * 86_400);
    let run = bench.hold(&scheduled(vec![firewall()]));
    assert!(bench.firewall(), "{:?}", only(&run));
    assert_eq!(run.problems.len(), 1);
    // Nor for a look that only reads.
    bench.set_firewall(false);
    let check = bench.agent().check();
    let line = check.summary.lines.iter().find(|line| line.control.id == "firewall_on").unwrap();
    assert_eq!((line.outcome.word(), check.problems.len()), ("drifted", 1));
    bench.ledger_holds();
}

#[test]
fn what_was_contested_is_mended_at_once_when_its_exemption_ends() {
    let mut bench = Bench::new(World::Hardened);
    bench.set_policy("");
    for _ in 0..8 {
        bench.set_firewall(false);
        bench.hold(&quiet(vec![firewall()]));
        bench.pass_seconds(3600);
    }
    assert!(bench.standing("firewall_on").contested.is_some() && !bench.firewall());
    let end = in_days(&bench, 0) + TimeDelta::minutes(10);
    bench.set_policy(&exempt(end));
    bench.hold(&scheduled(vec![firewall()]));
    bench.pass_seconds(600);
    bench.hold(&quiet(vec![firewall()]));
    assert!(bench.firewall());
}

#[test]
fn what_cannot_be_told_is_unknown_and_no_exemption() {
    let mut bench = Bench::new(World::Hardened);
    bench.set_policy(&exempt(in_days(&bench, 30)));
    bench.counted.mac.edit(|state| state.firewall.on = false).unwrap();
    let blind = Blind(&bench.counted.mac);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let agent = bench.agent_by(&blind, &stop);
    let line = agent.check().summary.lines.into_iter().find(|line| line.control.id == "firewall_on").unwrap();
    assert_eq!(line.outcome.word(), "unknown");
    bench.forgets();
}

/// Sees no firewall.
struct Blind<'a>(&'a holdfast::sim::SimMac);

impl holdfast::host::Look for Blind<'_> {
    fn look(&self, ask: &holdfast::mac::Ask) -> Result<holdfast::mac::Answer, holdfast::host::ToolError> {
        if ask.to_string().contains("socketfilterfw") {
            return Err(holdfast::host::ToolError::Signalled { command: ask.to_string(), signal: 9 });
        }
        self.0.look(ask)
    }
}

impl holdfast::host::Touch for Blind<'_> {
    fn touch(&self, change: &holdfast::mac::Change) -> Result<(), holdfast::host::ToolError> {
        panic!("{change}");
    }
}

#[test]
fn the_program_explains_who_is_exempt_and_why() {
    let program = Program::on(World::Neglected, Mac::default());
    let one = |control: &str, user: &str, end: &str| {
        format!(
            "<dict><key>Control</key><string>{control}</string>{user}<key>Reason</key><string>a lab</string>\
             <key>Approver</key><string>R. Roe</string><key>Ticket</key><string>SEC-12</string>\
             <key>Expires</key><string>{end}</string></dict>"
        )
    };
    let (later, over) = ("2096-03-31T08:00:00Z", "2026-01-01T08:00:00Z");
    let ada = "<key>User</key><string>ada</string>";
    let all =
        [one("firewall_on", "", later), one("terminal_secure_input", ada, later), one("firewall_stealth", "", over)];
    let text =
        format!("<plist version=\"1.0\"><dict><key>Exemptions</key><array>{}</array></dict></plist>", all.concat());
    let policy = plist::from_bytes(text.as_bytes()).unwrap();
    program.mac.put_file(holdfast::policy::MANAGED_FILE, Some(policy)).unwrap();
    let explained = |id: &str| program.json(&["explain", id]).1["exempt"].clone();
    let (status, out, err) = program.run(&["explain", "firewall_stealth"]);
    assert!(status == 0 && !out.contains("exempt for") && err.contains("firewall_stealth was over at"), "{out}{err}");
    assert_eq!(explained("gatekeeper"), serde_json::json!([]));
    assert_eq!(explained("terminal_secure_input")[0]["user"], "ada");
    // As the pass has it.
    let (_, check, _) = program.run(&["check", "--control", "firewall_on", "--json"]);
    let check: serde_json::Value = serde_json::from_str(&check).unwrap();
    assert_eq!(explained("firewall_on"), check["controls"][0]["exempt"]);
    let (_, text, _) = program.run(&["explain", "firewall_on"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "Exempt left alone: exempt for the whole Mac, until 2096-03-31T08:00:00.000Z: a lab (approved by R. Roe, ticket SEC-12)";
    assert!(words.contains(told), "{text}");
}
