//! What a remedy says it runs is what it runs.

use std::sync::atomic::AtomicBool;

use chrono::DateTime;
use holdfast::control::{Control, Reach, Remedy, Step, Variant};
use holdfast::controls;
use holdfast::enforce::Pass;
use holdfast::host::survey::survey;
use holdfast::policy::Policy;
use holdfast::sim::{Mac, SimMac, World};

use crate::fixtures::everything;

/// The steps planned on a neglected simulated Mac, with the variant that speaks about that Mac.
fn planned(control: &'static Control, mac: &SimMac, policy: &Policy) -> Option<(&'static Variant, Vec<Step>)> {
    use holdfast::control::{Plan, View};
    let facts = survey(mac).unwrap();
    let variant = control.variant(&facts)?;
    let Reach::Applies { remedy: Remedy::Automatic { plan, .. }, .. } = &variant.reach else { return None };
    let now = DateTime::from_timestamp(1_795_341_600, 0).unwrap();
    let settings = &policy.of(control).settings;
    let view = View { mac, facts: &facts, settings, exempt: &[], now, after_change: false };
    match plan(&view).unwrap() {
        Plan::Now(steps) => Some((variant, steps)),
        Plan::Later { .. } | Plan::Managed { .. } => None,
    }
}

/// The words of a command that `how` must name: the program, and what says what is set.
fn telling(argv: &[String]) -> Vec<&str> {
    let program = argv[0].rsplit('/').next().unwrap();
    let mut words = vec![program];
    let rest: Vec<&str> = argv[1..].iter().map(String::as_str).collect();
    match (program, rest.as_slice()) {
        ("socketfilterfw", [verb, _]) => words.push(verb),
        ("defaults", ["write", domain, key, kind, _]) => words.extend(["write", domain, key, kind]),
        ("defaults", ["-currentHost", "write", domain, key, kind, _]) => {
            words.extend(["-currentHost", "write", domain, key, kind]);
        }
        ("defaults", ["delete", domain, key]) => words.extend(["delete", domain, key]),
        ("sysadminctl", [verb, state]) => words.extend([*verb, *state]),
        ("dscl", [".", verb, path, key, ..]) => words.extend([*verb, *path, *key]),
        ("security", ["authorizationdb", verb, right, rule]) => words.extend([*verb, *right, *rule]),
        ("pmset", [source, pairs @ ..]) => {
            words.push(source);
            words.extend(pairs.chunks(2).flat_map(|pair| pair.iter().copied()));
        }
        ("launchctl", ["bootout", _]) => words.push("bootout"),
        ("launchctl", ["disable", _]) => words.push("disable"),
        ("cupsctl" | "AssetCacheManagerUtil", [verb]) => words.push(verb),
        ("systemsetup", ["-setusingnetworktime", word]) => words.extend(["-setusingnetworktime", word]),
        ("systemsetup", [verb, _]) => words.push(verb),
        ("mv", ["-n", _, _]) => words.push("-n"),
        ("spctl", [switch]) => words.push(switch),
        ("chmod" | "chown", ["-h", _, _]) => words.push("-h"),
        other => panic!("teach this test what is telling in {other:?}"),
    }
    words
}

fn names(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && !"-_./".contains(c))
        .any(|found| found.trim_end_matches(['.', ',']) == word || found.rsplit('/').next() == Some(word))
}

#[test]
fn how_a_remedy_works_is_what_its_plan_runs() {
    let (policy, macs) = (everything(), Mac::ALL.map(|mac| SimMac::in_memory(World::Neglected, mac)));
    for control in controls::all() {
        for variant in control.variants {
            let Reach::Applies { remedy: Remedy::Automatic { how, .. }, .. } = &variant.reach else { continue };
            let steps: Vec<Step> = macs
                .iter()
                .filter_map(|mac| planned(control, mac, &policy))
                .filter(|(matched, _)| std::ptr::eq(*matched, variant))
                .flat_map(|(_, steps)| steps)
                .collect();
            assert!(
                !steps.is_empty(),
                "{} plans nothing on any neglected simulated Mac of macOS {:?}: neglect one in src/sim/worlds.rs",
                control.id,
                variant.macos
            );
            for step in steps {
                for word in telling(&step.change.run.argv) {
                    // Controls that share a sentence about how leave the domain and the key to their check.
                    let base = word.rsplit('/').next().unwrap();
                    let shared = step.change.run.program().ends_with("/defaults") && names(control.check, base);
                    assert!(
                        names(how, word) || shared,
                        "{}: neither \"how\" nor \"check\" names {word:?} of what it runs, {}",
                        control.id,
                        step.change
                    );
                }
            }
        }
    }
}

/// Each step can be taken back, and says what was there before.
#[test]
fn every_step_has_its_undo_and_its_prior_value() {
    let (policy, go_on) = (everything(), AtomicBool::new(false));
    for mac in Mac::ALL.map(|mac| SimMac::in_memory(World::Neglected, mac)) {
        let all = controls::all();
        let now = DateTime::from_timestamp(1_795_341_600, 0).unwrap();
        for line in Pass::new(&mac, &all, &policy, now, &go_on).plan().lines {
            for step in &line.steps {
                assert!(!step.undo.is_empty(), "{}: {} cannot be undone", line.control.id, step.change);
                assert!(!step.prior.is_empty(), "{}: {} forgets what was there", line.control.id, step.change);
            }
        }
    }
}
