//! What holds where nothing fails.

use std::collections::BTreeMap;
use std::sync::Mutex;

use holdfast::agent::{Agent, Places};
use holdfast::clock::SystemClock;
use holdfast::control::{Level, Reach, Remedy};
use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::host::{Look, ToolError, Touch};
use holdfast::ledger::memory::MemoryJournal;
use holdfast::ledger::{Cause, Event};
use holdfast::mac::{Answer, Ask};
use holdfast::policy::Policy;
use holdfast::report::run::exit_status;
use holdfast::sim::{SimMac, World};

use crate::bench::*;

#[test]
fn one_pass_hardens_a_neglected_mac() {
    for (name, mac) in every_mac(World::Neglected) {
        let (facts, all, policy) = (facts(&mac), controls::all(), everything());
        let (summary, _, _) = enforce(&mac, &mac, &all, &policy);
        let mut fixed = 0;
        for line in &summary.lines {
            let automatic = is_automatic(line.control, &facts);
            match &line.outcome {
                Outcome::Fixed { .. } => fixed += 1,
                Outcome::Drifted { left: Left::NoAutomaticRemedy, .. } if !automatic => {}
                Outcome::NotApplicable { .. } | Outcome::Compliant { .. } => {}
                other => panic!("{} on {}: {other:?}", line.control.id, name.name()),
            }
        }
        assert!(fixed >= 5, "{}: only {fixed} fixed", name.name());
        // What an independent look sees afterwards is what the pass says.
        for line in &pass(&mac, &all, &policy).check().lines {
            if is_automatic(line.control, &facts) {
                assert!(matches!(line.outcome, Outcome::Compliant { .. }), "{}: {:?}", line.control.id, line.outcome);
            }
        }
    }
}

#[test]
fn a_neglected_mac_shows_every_control_weak_that_applies_to_it() {
    for (name, mac) in every_mac(World::Neglected) {
        for line in &pass(&mac, &controls::all(), &everything()).check().lines {
            let weak = matches!(line.outcome, Outcome::Drifted { .. } | Outcome::NotApplicable { .. });
            // macOS 27 has no version below its minimum yet.
            let newest = line.control.id == "update_minimum_macos" && name.name() == "arm-laptop-27";
            assert!(weak || newest, "{} on {}: {:?}", line.control.id, name.name(), line.outcome);
        }
    }
}

#[test]
fn a_second_pass_changes_nothing() {
    for (name, mac) in every_mac(World::Neglected) {
        let (all, policy) = (controls::all(), everything());
        enforce(&mac, &mac, &all, &policy);
        let between = mac.snapshot();
        let (_, events, touches) = enforce(&mac, &mac, &all, &policy);
        assert_eq!(touches, Vec::<Vec<String>>::new(), "{}", name.name());
        assert!(!events.iter().any(|event| matches!(event, Event::Intends { .. })));
        assert_eq!(mac.snapshot(), between);
    }
}

#[test]
fn a_hardened_mac_is_compliant_and_never_changed() {
    for policy in [everything(), Policy::built_in(&controls::all())] {
        for (name, mac) in every_mac(World::Hardened) {
            let before = mac.snapshot();
            let (summary, _, touches) = enforce(&mac, &mac, &controls::all(), &policy);
            assert_eq!(exit_status(&summary, &[]), 0, "{}: {:?}", name.name(), states(&summary));
            assert!(touches.is_empty());
            assert_eq!(mac.snapshot(), before);
        }
    }
}

#[test]
fn audit_check_and_plan_change_nothing() {
    for world in World::ALL {
        for (_, mac) in every_mac(world) {
            let (before, all) = (mac.snapshot(), controls::all());
            let audit = policy_with(Some("audit"), |_, _| None);
            let (summary, _, touches) = enforce(&mac, &mac, &all, &audit);
            assert!(touches.is_empty());
            assert!(!summary.lines.iter().any(|line| matches!(line.outcome, Outcome::Fixed { .. })));
            let _ = pass(&mac, &all, &everything()).check();
            let _ = pass(&mac, &all, &everything()).plan();
            assert_eq!(mac.snapshot(), before);
        }
    }
}

#[test]
fn the_plan_is_what_enforce_then_does() {
    for (_, mac) in every_mac(World::Neglected) {
        let (all, policy) = (controls::all(), everything());
        let plan = pass(&mac, &all, &policy).plan();
        let planned: BTreeMap<_, Vec<_>> = plan
            .lines
            .iter()
            .filter(|line| !line.steps.is_empty())
            .map(|line| (line.control.id, line.steps.iter().map(|step| step.change.run.line()).collect()))
            .collect();
        assert!(!planned.is_empty());
        let (done, _, touches) = enforce(&mac, &mac, &all, &policy);
        let in_order: Vec<_> =
            done.lines.iter().filter_map(|line| planned.get(line.control.id)).flatten().cloned().collect();
        assert_eq!(touches, in_order);
    }
}

#[test]
fn every_change_is_announced_first_with_what_was_there() {
    for (_, mac) in every_mac(World::Neglected) {
        let witness = Witness::of(&mac);
        pass(&mac, &controls::all(), &everything()).enforce(&witness, &mut Pen(&witness)).unwrap();
        let mut announced: Vec<Vec<String>> = Vec::new();
        let mut touched = 0;
        for happened in witness.seen.lock().unwrap().iter() {
            match happened {
                Happened::Wrote(event) => match &**event {
                    Event::Intends { changes, .. } => {
                        assert!(announced.is_empty(), "announced and not done: {announced:?}");
                        for change in changes {
                            assert!(!change.prior.is_empty(), "{:?} does not say what was there", change.argv);
                            assert!(!change.undo.is_empty(), "{:?} does not say how to undo it", change.argv);
                            announced.push(change.argv.clone());
                        }
                    }
                    Event::Fixed { .. } => assert!(announced.is_empty(), "not done: {announced:?}"),
                    _ => {}
                },
                Happened::Touched(argv) => {
                    touched += 1;
                    assert_eq!(announced.first(), Some(argv), "touched without a word");
                    announced.remove(0);
                }
            }
        }
        assert!(touched > 0);
    }
}

#[test]
fn without_a_ledger_nothing_is_changed() {
    for (_, mac) in every_mac(World::Neglected) {
        let (before, all) = (mac.snapshot(), controls::all());
        let announcements = {
            let copy = mac.copy().unwrap();
            let (_, events, _) = enforce(&copy, &copy, &all, &everything());
            events
        };
        for (n, event) in announcements.iter().enumerate() {
            let copy = mac.copy().unwrap();
            let mut journal = MemoryJournal::failing_at(n + 1);
            let witness = Witness::of(&copy);
            let stopped = pass(&copy, &all, &everything()).enforce(&witness, &mut journal);
            assert!(stopped.is_err(), "went on without event {n}");
            let intended =
                journal.events.iter().filter(|event| matches!(event, Event::Intends { .. })).flat_map(changes).count();
            assert_eq!(witness.touches().len(), intended, "at {event:?}");
            if intended == 0 {
                assert_eq!(copy.snapshot(), before);
            }
        }
    }
}

fn changes(event: &Event) -> Vec<Vec<String>> {
    match event {
        Event::Intends { changes, .. } => changes.iter().map(|change| change.argv.clone()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn undoing_every_fix_gives_the_state_back() {
    for (name, mac) in every_mac(World::Neglected) {
        for control in controls::all() {
            let mac = mac.copy().unwrap();
            let before = mac.snapshot();
            let (summary, _, _) = enforce(&mac, &mac, &[control], &everything());
            for line in &summary.lines {
                for change in line.steps.iter().rev().flat_map(|step| &step.undo) {
                    mac.touch(change).unwrap();
                }
            }
            assert_eq!(mac.snapshot(), before, "{} on {}", control.id, name.name());
        }
    }
}

#[test]
fn fixing_one_control_leaves_every_other_finding_as_it_was() {
    for (name, mac) in every_mac(World::Neglected) {
        let (all, policy) = (controls::all(), everything());
        let before = states(&pass(&mac, &all, &policy).check());
        for control in &all {
            let mac = mac.copy().unwrap();
            enforce(&mac, &mac, &[control], &policy);
            let after = states(&pass(&mac, &all, &policy).check());
            for (was, is) in before.iter().zip(&after) {
                // Blocking everything is a state of a firewall that is on.
                let same_switch = control.id == "firewall_block_all" && was.0 == "firewall_on";
                // The key cannot be destroyed with Power Nap on: the one brings the other with it.
                let brings =
                    control.id == "filevault_key_destroyed_on_standby" && was.0 == "power_nap" && is.1 == "compliant";
                assert!(
                    was == is || was.0 == control.id || same_switch || brings,
                    "{} on {}: {was:?} became {is:?}",
                    control.id,
                    name.name()
                );
            }
        }
    }
}

#[test]
fn settings_at_their_bounds_and_default_converge() {
    let mut tried = 0;
    for (name, mac) in every_mac(World::Neglected) {
        let facts = facts(&mac);
        for control in controls::all().into_iter().filter(|control| is_automatic(control, &facts)) {
            for setting in control.settings {
                for value in extremes(control, setting.key) {
                    let policy = policy_with(Some("enforce"), |of, key| {
                        (of.id == control.id && key == setting.key).then(|| value.clone())
                    });
                    let mac = mac.copy().unwrap();
                    let (first, _, _) = enforce(&mac, &mac, &[control], &policy);
                    let state = first.lines[0].outcome.word();
                    assert!(
                        matches!(state, "fixed" | "compliant"),
                        "{} {value}: {state} on {}",
                        control.id,
                        name.name()
                    );
                    let (_, _, touches) = enforce(&mac, &mac, &[control], &policy);
                    assert!(touches.is_empty(), "{} {} = {value} does not settle", control.id, setting.key);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

/// Counts every question that reaches the Mac.
struct Counting<'a> {
    mac: &'a SimMac,
    asked: Mutex<BTreeMap<Ask, usize>>,
}

impl Look for Counting<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        *self.asked.lock().unwrap().entry(ask.clone()).or_default() += 1;
        self.mac.look(ask)
    }
}

#[test]
fn each_distinct_question_is_asked_once_a_pass() {
    for (name, mac) in every_mac(World::Hardened) {
        let counting = Counting { mac: &mac, asked: Mutex::default() };
        let _ = pass(&counting, &controls::all(), &everything()).check();
        let asked = counting.asked.into_inner().unwrap();
        assert!(asked.len() > 15, "{}", name.name());
        for (ask, times) in asked {
            assert_eq!(times, 1, "{ask} on {}", name.name());
        }
    }
}

#[test]
fn each_distinct_question_is_asked_once_a_run_policy_included() {
    for (name, mac) in every_mac(World::Neglected) {
        let counting = Counting { mac: &mac, asked: Mutex::default() };
        let agent = Agent {
            look: &counting,
            touch: &mac,
            clock: &SystemClock,
            places: Places::under("/nowhere"),
            simulated: None,
            cause: Cause { kind: "command_line".into(), user: None, detail: None },
            catalogue: controls::all(),
            instead: holdfast::policy::Instead::level(Level::L3),
            stop: &GO_ON,
        };
        let _ = agent.check();
        let asked = counting.asked.into_inner().unwrap();
        assert!(asked.len() > 15, "{}", name.name());
        for (ask, times) in asked {
            assert_eq!(times, 1, "{ask} on {}", name.name());
        }
    }
}

#[test]
fn the_counts_add_up_and_every_line_says_something() {
    for world in World::ALL {
        for (_, mac) in every_mac(world) {
            for policy in [everything(), Policy::built_in(&controls::all())] {
                let copy = mac.copy().unwrap();
                let (summary, _, _) = enforce(&copy, &copy, &controls::all(), &policy);
                assert_eq!(summary.counts().total() as usize, controls::all().len());
                for line in &summary.lines {
                    let said = match &line.outcome {
                        Outcome::Off { because } | Outcome::NotApplicable { because } => because,
                        Outcome::Unknown { why } => why,
                        Outcome::Compliant { seen }
                        | Outcome::Drifted { seen, .. }
                        | Outcome::Exempt { seen, .. }
                        | Outcome::Fixed { seen, .. } => seen,
                    };
                    assert!(!said.trim().is_empty(), "{}", line.control.id);
                }
            }
        }
    }
}

#[test]
fn a_factory_mac_is_looked_at_without_anything_unknown() {
    for (name, mac) in every_mac(World::Factory) {
        let summary = pass(&mac, &controls::all(), &everything()).check();
        for line in &summary.lines {
            assert!(!matches!(line.outcome, Outcome::Unknown { .. }), "{}: {:?}", name.name(), line.outcome);
        }
    }
}

#[test]
fn a_profile_that_forces_a_setting_is_not_fought() {
    for (name, mac) in every_mac(World::Neglected) {
        let mut firewall = plist::Dictionary::new();
        firewall.insert("EnableFirewall".into(), false.into());
        mac.put_file("/Library/Managed Preferences/com.apple.security.firewall.plist", Some(firewall)).unwrap();
        let (summary, events, touches) = enforce(&mac, &mac, &controls::all(), &everything());
        assert!(!touches.iter().any(|argv| argv[0].ends_with("socketfilterfw")), "{touches:?}");
        let managed = events.iter().filter(|event| matches!(event, Event::Managed { .. })).count();
        assert!(managed >= 4, "{}: {managed}", name.name());
        for id in ["firewall_on", "firewall_stealth", "firewall_block_all", "firewall_allow_signed"] {
            let outcome = state_of(&summary, id);
            assert!(matches!(&outcome, Outcome::Drifted { left: Left::Managed { .. }, .. }), "{id}: {outcome:?}");
        }
    }
}

#[test]
fn what_is_set_only_locally_never_satisfies_a_control_that_needs_a_profile() {
    for (name, mac) in every_mac(World::Neglected) {
        // An administrator without an MDM writes everything that a profile would force, into the local layer.
        for (domain, keys) in [
            ("com.apple.MCX", vec![("dontAllowFDEDisable", true.into()), ("DestroyFVKeyOnStandby", true.into())]),
            ("com.apple.security.FDERecoveryKeyEscrow", vec![("Location", "here".into())]),
            (
                "com.apple.screensaver",
                vec![("askForPassword", 1.into()), ("askForPasswordDelay", 0.into()), ("idleTime", 300.into())],
            ),
            ("com.apple.applicationaccess", vec![("enforcedSoftwareUpdateDelay", 1.into())]),
            ("com.apple.security.firewall", vec![("EnableFirewall", true.into())]),
        ] {
            let dictionary: plist::Dictionary =
                keys.into_iter().map(|(key, value): (&str, plist::Value)| (key.to_owned(), value)).collect();
            mac.put_file(&format!("/Library/Preferences/{domain}.plist"), Some(dictionary)).unwrap();
        }
        let facts = facts(&mac);
        for line in &pass(&mac, &controls::all(), &everything()).check().lines {
            let profile = line
                .control
                .variant(&facts)
                .is_some_and(|variant| matches!(&variant.reach, Reach::Applies { remedy: Remedy::Profile { .. }, .. }));
            if profile && line.control.id != "update_minimum_macos" {
                assert!(
                    matches!(line.outcome, Outcome::Drifted { .. }),
                    "{} on {}: {:?}",
                    line.control.id,
                    name.name(),
                    line.outcome
                );
            }
        }
    }
}

#[test]
fn on_macos_27_a_profile_is_not_taken_for_a_declaration() {
    let mac = SimMac::in_memory(World::Neglected, holdfast::sim::parse("neglected@arm-laptop-27").unwrap().1);
    let mut forced = plist::Dictionary::new();
    for key in [
        "AutomaticDownload",
        "AutomaticallyInstallMacOSUpdates",
        "CriticalUpdateInstall",
        "ConfigDataInstall",
        "AutomaticallyInstallAppUpdates",
    ] {
        forced.insert(key.into(), true.into());
    }
    mac.put_file("/Library/Managed Preferences/com.apple.SoftwareUpdate.plist", Some(forced)).unwrap();
    let summary = pass(&mac, &controls::all(), &everything()).check();
    for id in [
        "update_download",
        "update_install_macos",
        "update_security_responses",
        "update_config_data",
        "update_app_store",
    ] {
        let outcome = state_of(&summary, id);
        assert!(matches!(outcome, Outcome::Drifted { .. }), "{id}: {outcome:?}");
    }
}
