//! What holds under every single fault of every call, on every Mac: a drifted Mac is never on record as compliant or fixed, a
//! hardened Mac is never changed, a refusal is on record in the tool's own words, a look that goes wrong is always on record,
//! nothing panics.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::host::Look;
use holdfast::ledger::Event;
use holdfast::mac::{Answer, Ask};
use holdfast::sim::{SimMac, World};

use crate::bench::*;
use crate::trial::*;

#[test]
fn every_fault_of_every_call_is_survived_and_on_record() {
    let policy = everything();
    let mut tried_faults = 0;
    for world in [World::Neglected, World::Hardened] {
        for (name, mac) in every_mac(world) {
            for control in controls::all() {
                let clean = {
                    let copy = mac.copy().unwrap();
                    enforce(&copy, &copy, &[control], &policy).0.lines.remove(0).outcome
                };
                for at in 0..calls(&mac, control, &policy) {
                    let (kinds, _, _) = faults_at(&mac, control, &policy, at);
                    for fault in kinds {
                        let what = format!("{} on {}@{}, call {at}, {fault:?}", control.id, world.name(), name.name());
                        let Some(tried) = attempt(&mac, control, &policy, at, fault.clone()) else {
                            panic!("{what}: the call did not come")
                        };
                        tried_faults += 1;
                        let what = format!("{what}, {:?}", tried.call);
                        judge(&tried, &clean, &policy, &what);
                        if world == World::Hardened {
                            let changed = tried.mac.snapshot() != mac.snapshot();
                            assert!(!tried.touched && !changed, "{what}: a hardened Mac was changed");
                        }
                        match &tried.call {
                            Call::Look(_) => judge_look(&tried, &fault, &what),
                            Call::Touch(_) => judge_touch(&tried, &fault, &what),
                        }
                    }
                }
            }
        }
    }
    assert!(tried_faults > 5_000, "{tried_faults}");
}

fn judge_look(tried: &Tried, fault: &Fault, what: &str) {
    assert!(is_on_record(tried), "{what}: not on record: {:?}", tried.summary.lines[0].outcome);
    if let Call::Look(Ask::Run(_)) = &tried.call {
        says(tried, words_of(fault), what);
    }
}

fn judge_touch(tried: &Tried, fault: &Fault, what: &str) {
    let outcome = &tried.summary.lines[0].outcome;
    assert!(!matches!(outcome, Outcome::Fixed { .. }), "{what}: {outcome:?}");
    says(tried, words_of(fault), what);
    let recorded = tried.events.iter().any(|event| matches!(event, Event::NotFixed { .. } | Event::Managed { .. }));
    assert!(recorded, "{what}: not on record: {:?}", tried.events);
}

/// What a fault says of itself, which must be on record in these words.
fn words_of(fault: &Fault) -> &'static str {
    match fault {
        Fault::Refusal | Fault::RefusalWithStatus => REFUSAL.trim(),
        Fault::Managed => MANAGED.trim(),
        Fault::Hang => "was killed",
        Fault::Missing => "no such program",
        Fault::Killed => "signal 9",
        // These say nothing of their own: what was seen afterwards is the record.
        _ => "",
    }
}

fn says(tried: &Tried, words: &str, what: &str) {
    let whys = tried.whys();
    assert!(whys.iter().any(|why| why.contains(words)), "{what}: \"{words}\" is not on record: {whys:?}");
}

#[test]
fn an_answer_cut_at_any_byte_never_turns_weak_into_strong() {
    let policy = everything();
    let tried = Mutex::new((0_usize, HashSet::new(), HashSet::new()));
    let forced = Mutex::new(HashSet::new());
    std::thread::scope(|scope| {
        for world in [World::Neglected, World::Hardened] {
            for (name, mac) in every_mac(world) {
                let (policy, tried, forced) = (&policy, &tried, &forced);
                scope.spawn(move || {
                    let facts = facts(&mac);
                    let mut by: HashMap<Ask, &str> = HashMap::new();
                    for control in controls::all() {
                        // What cannot be changed cannot be changed wrongly.
                        if world == World::Hardened && !is_automatic(control, &facts) {
                            continue;
                        }
                        let clean = {
                            let copy = mac.copy().unwrap();
                            enforce(&copy, &copy, &[control], policy).0.lines.remove(0).outcome
                        };
                        for at in 0..calls(&mac, control, policy) {
                            let (_, length, call) = faults_at(&mac, control, policy, at);
                            // The two questions about the kind of Mac come first for every control: tried with one.
                            let survey = at < 2;
                            if survey && !tried.lock().unwrap().1.insert((mac.origin(), at)) {
                                continue;
                            }
                            // One function reads whatever a control is forced to: each file of it is tried with one.
                            if !control.forced.is_empty()
                                && !survey
                                && !forced.lock().unwrap().insert((mac.origin(), format!("{call:?}")))
                            {
                                continue;
                            }
                            // What several controls ask has one parser; and to Macs of one macOS that answer alike and are found alike
                            // a probe does the same: tried at every byte with the first of them.
                            let first = match &call {
                                Call::Look(ask) => {
                                    let whole = mac.look(ask);
                                    let of = (control.id, facts.macos.major(), at);
                                    let alike = format!("{world:?} {of:?} {ask:?} {whole:?} {clean:?}");
                                    *by.entry(ask.clone()).or_insert(control.id) == control.id
                                        && tried.lock().unwrap().2.insert(alike)
                                }
                                Call::Touch(_) => true,
                            };
                            let tried_at = |n: &usize| first || n.is_multiple_of(97) || length - n < 4;
                            for n in (0..length).filter(tried_at) {
                                let what =
                                    format!("{} on {}@{}, {call:?} cut at {n}", control.id, world.name(), name.name());
                                let one = attempt(&mac, control, policy, at, Fault::Cut(n)).unwrap();
                                judge(&one, &clean, policy, &what);
                                assert!(world != World::Hardened || !one.touched, "{what}: changed");
                                let outcome = &one.summary.lines[0].outcome;
                                assert!(
                                    is_on_record(&one) || same(outcome, &clean),
                                    "{what}: {outcome:?}, whole: {clean:?}"
                                );
                                tried.lock().unwrap().0 += 1;
                            }
                        }
                    }
                });
            }
        }
    });
    let cuts = tried.into_inner().unwrap().0;
    assert!(cuts > 100_000, "{cuts}");
}

#[test]
fn with_every_tool_silent_or_missing_nothing_is_compliant() {
    struct All<'a>(&'a SimMac, Fault);
    impl Look for All<'_> {
        fn look(&self, ask: &Ask) -> Result<Answer, holdfast::host::ToolError> {
            match ask {
                Ask::Run(_) => Faulty::new(self.0, 0, self.1.clone()).look(ask),
                Ask::File(_) | Ask::Status(_) | Ask::Folder(_) | Ask::UserFile(_) => self.0.look(ask),
            }
        }
    }
    for world in World::ALL {
        for (name, mac) in every_mac(world) {
            for fault in LOOK_FAULTS.into_iter().filter(|fault| *fault != Fault::Unreadable) {
                let all = All(&mac, fault.clone());
                let (summary, _, touches) = enforce(&all, &mac, &controls::all(), &everything());
                assert!(touches.is_empty());
                for line in summary.lines {
                    let unknown = matches!(line.outcome, Outcome::Unknown { .. });
                    assert!(unknown, "{} on {} with {fault:?}: {:?}", line.control.id, name.name(), line.outcome);
                }
            }
        }
    }
}

#[test]
fn a_set_that_came_about_in_part_is_taken_back_whole() {
    /// Makes only the first pair of each `pmset` command, as a Mac that ignores keys would, and says nothing.
    struct Half<'a>(&'a SimMac, std::sync::atomic::AtomicBool);
    impl holdfast::host::Touch for Half<'_> {
        fn touch(&self, change: &holdfast::mac::Change) -> Result<(), holdfast::host::ToolError> {
            let mut change = change.clone();
            if !self.1.swap(true, std::sync::atomic::Ordering::Relaxed) {
                change.run.argv.truncate(4);
            }
            self.0.touch(&change)
        }
    }
    let control = controls::find("filevault_key_destroyed_on_standby").unwrap();
    let (world, model) = holdfast::sim::parse("neglected@intel-laptop-14").unwrap();
    let mac = SimMac::in_memory(world, model);
    let before = mac.snapshot();
    let half = Half(&mac, false.into());
    let (summary, events, touches) = enforce(&mac, &half, &[control], &everything());
    assert_eq!(touches[0][..4], ["/usr/bin/pmset", "-a", "destroyfvkeyonstandby", "1"]);
    assert!(matches!(summary.lines[0].outcome, Outcome::Drifted { left: Left::NotFixed { .. }, .. }));
    assert!(events.iter().any(|event| matches!(event, Event::TakesBack { .. })));
    assert!(events.iter().any(|event| matches!(event, Event::TakenBack { whole: true, .. })));
    assert_eq!(mac.snapshot(), before);
}
