//! What was put back stays so: no pass undoes the undo, until policy or a person says otherwise.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use holdfast::agent::restore::{RestoreError, Restored, Which};
use holdfast::control::{Control, Remedy};
use holdfast::controls;
use holdfast::enforce::undo::{Became, Undone};
use holdfast::enforce::{Left, Outcome};
use holdfast::facts::{Facts, Form, Processor};
use holdfast::host::{Look, ToolError, Touch};
use holdfast::ledger::Event;
use holdfast::mac::{Answer, Ask, Change};
use holdfast::sim::{Mac, SimMac, World};

use crate::bench::{Bench, firewall, names, quiet, scheduled};
use crate::shared::{KEY, NAP};

/// A policy that has every control mended, with this beside.
pub fn everything(beside: &str) -> String {
    let mode =
        |control: &Control| format!("<key>{}</key><dict><key>Mode</key><string>enforce</string></dict>", control.id);
    let controls: String = controls::all().into_iter().map(mode).collect();
    format!("<key>Level</key><integer>3</integer>{beside}<key>Controls</key><dict>{controls}</dict>")
}

/// A neglected Mac under a policy that has everything mended, before any pass.
pub fn neglected(mac: Mac) -> Bench {
    let bench = Bench::on(SimMac::in_memory(World::Neglected, mac));
    bench.set_policy(&everything(""));
    bench
}

pub fn enforce(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    let run = bench.agent().enforce(&mut || panic!("nobody else is there")).unwrap();
    assert!(run.afterwards.is_none() && run.problems.is_empty(), "{:?}", run.problems);
    run.summary.lines.into_iter().map(|line| (line.control.id, line.outcome)).collect()
}

pub fn restore(bench: &Bench, which: &Which, force: bool) -> Restored {
    let restored = bench.agent().restore(which, force, &mut || panic!("nobody else is there")).unwrap();
    assert!(restored.afterwards.is_none(), "{:?}", restored.afterwards);
    restored
}

pub fn is_back(undone: &Undone) -> bool {
    matches!(undone.became, Became::Back { .. } | Became::Already)
}

fn fixed(lines: &[(&'static str, Outcome)]) -> Vec<&'static str> {
    lines.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Fixed { .. })).map(|(id, _)| *id).collect()
}

pub fn only(id: &str) -> Which {
    Which::Controls(vec![controls::find(id).unwrap()])
}

#[test]
fn every_mac_is_as_before_and_no_pass_undoes_that_until_it_is_resumed() {
    for mac in Mac::ALL {
        let mut bench = neglected(mac);
        let before = bench.counted.mac.snapshot();
        let hardened = fixed(&enforce(&bench));
        let restored = restore(&bench, &Which::All, false);
        assert!(restored.undone.iter().all(is_back), "{mac:?}: {:?}", restored.undone);
        assert_eq!(bench.counted.mac.snapshot(), before, "{mac:?}");
        let mut held = hardened.clone();
        held.sort_unstable();
        assert_eq!(restored.held, held, "{mac:?}");
        let (lines, touches, state) = (bench.lines(), bench.touches(), bench.state());
        // The state tells how the Mac stands, and it stands badly.
        for id in &held {
            assert_eq!(state[format!("Control_{id}")], "drifted", "{id}");
            assert!(bench.standing(id).held.is_some() && bench.standing(id).state == "drifted", "{id}");
        }
        for _ in 0..2 {
            bench.pass_seconds(90_000);
            bench.hold(&scheduled(controls::all()));
            bench.hold(&quiet(controls::all()));
            bench.forgets();
            bench.hold(&quiet(controls::all()));
            for (id, outcome) in enforce(&bench) {
                let is_held = matches!(outcome, Outcome::Drifted { left: Left::Held { .. }, .. });
                assert_eq!(is_held, held.contains(&id), "{id}: {outcome:?}");
            }
        }
        assert!(bench.agent().plan().summary.lines.iter().all(|line| line.steps.is_empty()));
        assert_eq!((bench.touches(), bench.counted.mac.snapshot()), (touches, before.clone()), "{mac:?}");
        assert_eq!(bench.state()["DriftedControls"], state["DriftedControls"]);
        assert!(!names(&bench.events_since(lines)).iter().any(|name| name.starts_with("resumed")));
        bench.ledger_holds();
        // One of them, then the rest.
        let first = [controls::find(held[0]).unwrap()];
        assert_eq!(bench.agent().resume(Some(&first), &mut || panic!()).unwrap(), [held[0]]);
        assert_eq!(fixed(&enforce(&bench)), [held[0]], "{mac:?}");
        assert_eq!(bench.agent().resume(None, &mut || panic!()).unwrap(), held[1..]);
        assert_eq!(fixed(&enforce(&bench)).len(), held.len() - 1, "{mac:?}");
        assert!(
            enforce(&bench)
                .iter()
                .all(|(id, outcome)| !held.contains(id) || matches!(outcome, Outcome::Compliant { .. }))
        );
        assert_eq!(bench.agent().resume(None, &mut || panic!()).unwrap(), [""; 0]);
    }
}

#[test]
fn nothing_is_touched_before_it_is_on_record_as_held_and_announced() {
    let bench = neglected(Mac::default());
    enforce(&bench);
    let lines = bench.lines();
    restore(&bench, &only("firewall_on"), false);
    let events = names(&bench.events_since(lines));
    let first = ["run_started", "held firewall_on", "takes_back firewall_on", "taken_back firewall_on"];
    assert_eq!(events[..4], first);
    assert_eq!(events.len(), 4 + controls::all().len() + 1);
}

#[test]
fn only_the_named_control_is_put_back_and_a_change_of_its_policy_ends_the_hold() {
    let mut bench = neglected(Mac::default());
    enforce(&bench);
    let made = bench.agent().history().unwrap().made.len();
    let restored = restore(&bench, &only("firewall_on"), false);
    assert_eq!((restored.undone.len(), restored.held.as_slice()), (1, ["firewall_on"].as_slice()));
    assert!(!bench.firewall());
    assert_eq!(bench.agent().history().unwrap().made.len(), made - 1);
    // Another control's policy changes, and the level: no matter.
    bench.set_policy(&everything("<key>Contested</key><dict><key>Limit</key><integer>3</integer></dict>"));
    bench.hold(&scheduled(controls::all()));
    assert!(!bench.firewall());
    bench.set_policy(&everything("").replace(
        "<key>firewall_on</key><dict><key>Mode</key><string>enforce</string></dict>",
        "<key>firewall_on</key><dict><key>Mode</key><string>audit</string></dict>",
    ));
    let lines = bench.lines();
    bench.hold(&scheduled(controls::all()));
    assert!(!bench.firewall() && names(&bench.events_since(lines)).contains(&"resumed firewall_on".to_owned()));
    bench.set_policy(&everything(""));
    bench.hold(&scheduled(vec![firewall()]));
    assert!(bench.firewall() && bench.standing("firewall_on").held.is_none());
}

#[test]
fn a_hold_outlasts_rotation_and_a_daemon_that_starts_anew() {
    let mut bench = neglected(Mac::default());
    bench
        .set_policy(&everything("<key>Ledger</key><dict><key>MaximumSegmentSize</key><integer>65536</integer></dict>"));
    enforce(&bench);
    restore(&bench, &only("firewall_on"), false);
    let segments = |bench: &Bench| names(&bench.events_since(0)).iter().filter(|name| *name == "checkpoint").count();
    let before = segments(&bench);
    while segments(&bench) < before + 3 {
        bench.pass_seconds(90_000);
        bench.forgets();
        bench.hold(&scheduled(controls::all()));
        assert!(!bench.firewall());
    }
    assert!(bench.standing("firewall_on").held.is_some());
    bench.ledger_holds();
}

#[test]
fn of_a_run_only_its_own_changes_are_put_back() {
    let mut bench = neglected(Mac::default());
    let idle = |seconds: i64| {
        everything("").replace(
            "<key>screen_lock_login_window_idle</key><dict>",
            &format!(
                "<key>screen_lock_login_window_idle</key><dict><key>MaximumIdle</key><integer>{seconds}</integer>"
            ),
        )
    };
    bench.set_policy(&idle(600));
    enforce(&bench);
    let first = bench.entries().last().unwrap().run.clone();
    let hardened = bench.counted.mac.snapshot();
    bench.pass_seconds(60);
    bench.set_firewall(false);
    bench.hold(&quiet(vec![firewall()]));
    let second = bench.entries().last().unwrap().run.clone();
    bench.pass_seconds(60);
    bench.set_policy(&idle(300));
    enforce(&bench);
    let third = bench.entries().last().unwrap().run.clone();
    assert!(first != second && second != third);
    bench.pass_seconds(60);
    // The third found what the first had left: its way back leads further than itself.
    let restored = restore(&bench, &Which::Run(third), false);
    assert!(matches!(restored.undone.as_slice(), [Undone { became: Became::Earlier, .. }]), "{restored:?}");
    assert!(restored.held.is_empty());
    let restored = restore(&bench, &Which::Run(second), false);
    assert_eq!(restored.held, ["firewall_on"]);
    assert!(!bench.firewall());
    let restored = restore(&bench, &Which::Run(first), false);
    let later = restored.undone.iter().filter(|undone| matches!(undone.became, Became::Later { .. })).count();
    // The idle time; the firewall is put back, and so it is nobody's.
    assert_eq!(later, 1, "{restored:?}");
    assert!(restored.undone.iter().all(|undone| is_back(undone) || matches!(undone.became, Became::Later { .. })));
    assert_ne!(bench.counted.mac.snapshot(), hardened);
    let error = bench.agent().restore(&Which::Run("r".into()), false, &mut || panic!()).unwrap_err();
    assert!(matches!(error, RestoreError::NoSuchRun(_)));
}

#[test]
fn a_dry_run_tells_all_of_it_and_leaves_no_trace() {
    for mac in Mac::ALL {
        let bench = neglected(mac);
        enforce(&bench);
        let (lines, touches, state) = (bench.lines(), bench.touches(), bench.state());
        let would = bench.agent().would_restore(&Which::All, false).unwrap();
        assert!(would.undone.iter().all(|undone| undone.became == Became::Would && undone.back.is_some()));
        assert_eq!((bench.lines(), bench.touches(), bench.state()), (lines, touches, state));
        assert_eq!(restore(&bench, &Which::All, false).undone.len(), would.undone.len());
    }
}

#[test]
fn what_somebody_else_has_changed_is_skipped_unless_forced() {
    let bench = neglected(Mac::default());
    let before = bench.counted.mac.snapshot();
    enforce(&bench);
    let theirs = [("loginWindowIdleTime".to_owned(), plist::Value::from(300))].into_iter().collect();
    bench.counted.mac.put_file("/Library/Preferences/com.apple.screensaver.plist", Some(theirs)).unwrap();
    let restored = restore(&bench, &Which::All, false);
    let skipped: Vec<_> = restored.undone.iter().filter(|undone| !is_back(undone)).collect();
    assert!(
        matches!(skipped.as_slice(), [Undone { became: Became::Changed, control, .. }] if control == "screen_lock_login_window_idle")
    );
    assert!(!restored.held.contains(&"screen_lock_login_window_idle"));
    let restored = restore(&bench, &Which::All, true);
    assert_eq!(restored.held, ["screen_lock_login_window_idle"]);
    assert_eq!(bench.counted.mac.snapshot(), before);
    assert!(bench.agent().history().unwrap().made.is_empty());
}

/// A way to a Mac on which one call goes wrong, or that is told to stop after so many changes.
struct Trouble<'a> {
    mac: &'a SimMac,
    calls: AtomicUsize,
    at: usize,
    /// Whether a change that goes wrong is answered as if it were made.
    silent: bool,
    changes: AtomicUsize,
    stop: (&'a AtomicBool, usize),
}

impl<'a> Trouble<'a> {
    fn at(mac: &'a SimMac, at: usize, silent: bool, stop: &'a AtomicBool) -> Self {
        Self { mac, calls: 0.into(), at, silent, changes: 0.into(), stop: (stop, usize::MAX) }
    }

    fn is_hit(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) == self.at
    }
}

fn missing(command: &dyn std::fmt::Display) -> ToolError {
    ToolError::TimedOut { command: command.to_string(), limit: std::time::Duration::from_secs(1) }
}

impl Look for Trouble<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        if self.is_hit() { Err(missing(ask)) } else { self.mac.look(ask) }
    }
}

impl Touch for Trouble<'_> {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        if self.changes.fetch_add(1, Ordering::Relaxed) + 1 == self.stop.1 {
            self.stop.0.store(true, Ordering::Relaxed);
        }
        match (self.is_hit(), self.silent) {
            (true, true) => Ok(()),
            (true, false) => Err(missing(change)),
            _ => self.mac.touch(change),
        }
    }
}

#[test]
fn under_a_single_fault_nothing_is_claimed_and_nothing_that_is_back_is_mended_again() {
    let (mut at, mut tried) = (0, 0);
    let go_on = AtomicBool::new(false);
    loop {
        for silent in [false, true] {
            let bench = neglected(Mac::default());
            let mac = &bench.counted.mac;
            let before = mac.snapshot();
            enforce(&bench);
            let hardened = mac.snapshot();
            let trouble = Trouble::at(mac, at, silent, &go_on);
            let restored = bench.agent_by(&trouble, &go_on).restore(&Which::All, false, &mut || panic!()).unwrap();
            if trouble.calls.load(Ordering::Relaxed) <= at {
                assert!(tried > 8, "{tried}");
                return;
            }
            let what = format!("call {at}, {silent}: {restored:?}");
            if restored.undone.iter().all(is_back) {
                assert_eq!(mac.snapshot(), before, "{what}");
            }
            assert!(mac.snapshot() != hardened, "{what}");
            let put_back: Vec<_> = restored.undone.iter().filter(|undone| is_back(undone)).collect();
            assert!(put_back.iter().all(|undone| restored.held.contains(&undone.control.as_str())), "{what}");
            let fixed = fixed(&enforce(&bench));
            assert!(!put_back.iter().any(|undone| fixed.contains(&undone.control.as_str())), "{fixed:?}: {what}");
            // Another try completes it.
            restore(&bench, &Which::All, false);
            assert_eq!(mac.snapshot(), before, "{what}");
            tried += 1;
        }
        at += 23;
    }
}

#[test]
fn told_to_stop_it_holds_what_is_back_and_lets_the_rest_go_on() {
    let bench = neglected(Mac::default());
    let before = bench.counted.mac.snapshot();
    enforce(&bench);
    let lines = bench.lines();
    let stop = AtomicBool::new(false);
    let trouble = Trouble { stop: (&stop, 3), ..Trouble::at(&bench.counted.mac, usize::MAX, false, &stop) };
    let restored = bench.agent_by(&trouble, &stop).restore(&Which::All, false, &mut || panic!()).unwrap();
    assert_eq!(restored.undone.iter().filter(|undone| is_back(undone)).count(), 3);
    assert!(restored.undone[3..].iter().all(|undone| undone.became == Became::Interrupted));
    let of = |id: &str| bench.standing(id).held.is_some();
    for control in controls::all() {
        assert_eq!(of(control.id), restored.held.contains(&control.id), "{}", control.id);
    }
    assert!(matches!(bench.events_since(lines).last(), Some(Event::RunEnded { interrupted: true, .. })));
    assert_eq!(fixed(&enforce(&bench)), [""; 0]);
    restore(&bench, &Which::All, false);
    assert_eq!(bench.counted.mac.snapshot(), before);
}

#[test]
fn every_control_that_the_agent_sets_can_be_restored_alone_and_stays_so() {
    for mac in Mac::ALL {
        let mac = SimMac::in_memory(World::Neglected, mac);
        let facts = holdfast::host::survey::survey(&mac).unwrap();
        let bench = Bench::on(mac);
        bench.set_policy(&everything(""));
        let ids = fixed(&enforce(&bench));
        let mut left = Vec::new();
        for id in ids {
            assert!(matches!(controls::find(id).unwrap().remedy(&facts), Some(Remedy::Automatic { .. })));
            let touches = bench.touches();
            let restored = restore(&bench, &only(id), false);
            assert!(!restored.undone.is_empty(), "{id}: nothing is said of it");
            if restored.held.contains(&id) {
                assert!(restored.undone.iter().all(is_back), "{id}: {restored:?}");
            } else {
                // Another control needs it so, and is named.
                let with = restored.undone.iter().map(|undone| match &undone.became {
                    Became::Shared { with } => with.as_str(),
                    other => panic!("{id}: {other:?}"),
                });
                left.push((id, with.map(str::to_owned).collect::<BTreeSet<_>>()));
                assert_eq!((restored.held.len(), bench.touches()), (0, touches), "{id}");
            }
            let touches = bench.touches();
            let fixed = fixed(&enforce(&bench));
            assert_eq!((fixed.len(), bench.touches()), (0, touches), "{id}: {fixed:?}");
        }
        for (id, with) in &left {
            assert!(bench.standing(id).held.is_some(), "{id} went back with {with:?}");
        }
        let left: Vec<_> = left.iter().map(|(id, with)| (*id, with.iter().map(String::as_str).collect())).collect();
        let shared = vec![(NAP, vec![KEY])];
        assert_eq!(left, if mac_is_intel_laptop(&facts) { shared } else { Vec::new() });
    }
}

fn mac_is_intel_laptop(facts: &Facts) -> bool {
    facts.processor == Processor::Intel && facts.form == Form::Laptop
}
