//! What holds under every single fault of every call, on every Mac: a drifted Mac is never on record as compliant or fixed, a
//! hardened Mac is never changed, a refusal is on record in the tool's own words, a look that goes wrong is always on record,
//! nothing panics.

use std::collections::HashSet;
use std::sync::Mutex;

use holdfast::control::Control;
use holdfast::controls;
use holdfast::enforce::{Left, Outcome, Summary};
use holdfast::host::Look;
use holdfast::ledger::Event;
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::policy::Policy;
use holdfast::sim::{SimMac, World};

use crate::bench::*;

const LOOK_FAULTS: [Fault; 9] = [
    Fault::Missing,
    Fault::Hang,
    Fault::Killed,
    Fault::Empty,
    Fault::Garbage,
    Fault::Refusal,
    Fault::RefusalWithStatus,
    Fault::WrongStatus,
    Fault::Unreadable,
];

const TOUCH_FAULTS: [Fault; 9] = [
    Fault::Missing,
    Fault::Hang,
    Fault::Killed,
    Fault::Ignored,
    Fault::Garbage,
    Fault::Refusal,
    Fault::RefusalWithStatus,
    Fault::Managed,
    Fault::WrongStatus,
];

/// One enforcing pass over one control with one fault, on a copy of `mac`.
struct Tried {
    summary: Summary,
    events: Vec<Event>,
    call: Call,
    /// The Mac afterwards.
    mac: SimMac,
    touched: bool,
}

impl Tried {
    /// The state that a look without a fault finds afterwards.
    fn truth(&self, policy: &Policy) -> Outcome {
        pass(&self.mac, &[self.summary.lines[0].control], policy).check().lines.remove(0).outcome
    }
}

fn attempt(mac: &SimMac, control: &'static Control, policy: &Policy, at: usize, fault: Fault) -> Option<Tried> {
    let copy = mac.copy().unwrap();
    let faulty = Faulty::new(&copy, at, fault);
    let (summary, events, touches) = enforce(&faulty, &faulty, &[control], policy);
    let call = faulty.hit.lock().unwrap().clone()?;
    drop(faulty);
    Some(Tried { summary, events, call, mac: copy, touched: !touches.is_empty() })
}

/// The kinds of fault that make sense for the call with this number, and the length of its answer.
fn faults_at(mac: &SimMac, control: &'static Control, policy: &Policy, at: usize) -> (Vec<Fault>, usize, Call) {
    // Any fault shows which call it is.
    let copy = mac.copy().unwrap();
    let faulty = Faulty::new(&copy, at, Fault::Hang);
    enforce(&faulty, &faulty, &[control], policy);
    let call = faulty.hit.lock().unwrap().clone().unwrap();
    match &call {
        Call::Touch(_) => (TOUCH_FAULTS.to_vec(), 0, call),
        Call::Look(ask) => {
            let length = match mac.look(ask).unwrap() {
                Answer::Ran(output) => output.stdout.len() + output.stderr.len(),
                Answer::File(FileAnswer::Present { bytes, .. }) => bytes.len(),
                Answer::File(FileAnswer::Absent) => 0,
            };
            let run = matches!(ask, Ask::Run(_));
            // A file has no status and starts no program; an empty one is a cut at byte 0.
            let kinds = LOOK_FAULTS
                .into_iter()
                .filter(|fault| {
                    if run { *fault != Fault::Unreadable } else { matches!(fault, Fault::Unreadable | Fault::Garbage) }
                })
                .collect();
            (kinds, length, call)
        }
    }
}

fn calls(mac: &SimMac, control: &'static Control, policy: &Policy) -> usize {
    let copy = mac.copy().unwrap();
    let faulty = Faulty::never(&copy);
    enforce(&faulty, &faulty, &[control], policy);
    faulty.count()
}

/// The laws that hold for every fault.
fn judge(tried: &Tried, clean: &Outcome, policy: &Policy, what: &str) {
    let outcome = &tried.summary.lines[0].outcome;
    assert!(!format!("{outcome:?}").contains("failed from within"), "{what}: a panic: {outcome:?}");
    let said_fine = matches!(outcome, Outcome::Compliant { .. } | Outcome::Fixed { .. });
    if said_fine {
        let truth = tried.truth(policy);
        assert!(matches!(truth, Outcome::Compliant { .. }), "{what}: on record as {outcome:?}, in truth {truth:?}");
    }
    let fixed = tried.events.iter().any(|event| matches!(event, Event::Fixed { .. }));
    assert_eq!(fixed, matches!(outcome, Outcome::Fixed { .. }), "{what}: the ledger and the report differ");
    // A control that applies is never on record as not applying.
    if !matches!(clean, Outcome::NotApplicable { .. }) {
        assert!(!matches!(outcome, Outcome::NotApplicable { .. }), "{what}: {outcome:?}");
    }
}

/// A look that went wrong is on record: as unknown, or as a plan or a look afterwards that could not be made.
fn is_on_record(tried: &Tried) -> bool {
    match &tried.summary.lines[0].outcome {
        Outcome::Unknown { .. } => true,
        Outcome::Drifted { left: Left::NotFixed { .. }, .. } => true,
        _ => tried.events.iter().any(|event| matches!(event, Event::NotFixed { .. })),
    }
}

fn same(a: &Outcome, b: &Outcome) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

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
                            Call::Look(_) => {
                                assert!(
                                    is_on_record(&tried),
                                    "{what}: not on record: {:?}",
                                    tried.summary.lines[0].outcome
                                );
                            }
                            Call::Touch(_) => judge_touch(&tried, &fault, &what),
                        }
                    }
                }
            }
        }
    }
    assert!(tried_faults > 5_000, "{tried_faults}");
}

fn judge_touch(tried: &Tried, fault: &Fault, what: &str) {
    let outcome = &tried.summary.lines[0].outcome;
    assert!(!matches!(outcome, Outcome::Fixed { .. }), "{what}: {outcome:?}");
    let all = format!("{:?}", tried.events);
    let words = match fault {
        Fault::Refusal | Fault::RefusalWithStatus => "You need administrator access",
        Fault::Managed => "cannot be modified from command line on managed Mac",
        Fault::Hang => "was killed",
        Fault::Missing => "no such program",
        Fault::Killed => "signal 9",
        // These say nothing of their own: what was seen afterwards is the record.
        _ => "",
    };
    assert!(all.contains(words), "{what}: \"{words}\" is not on record: {all}");
    let recorded = tried.events.iter().any(|event| matches!(event, Event::NotFixed { .. } | Event::Managed { .. }));
    assert!(recorded, "{what}: not on record: {all}");
}

#[test]
fn an_answer_cut_at_any_byte_never_turns_weak_into_strong() {
    let policy = everything();
    let tried = Mutex::new((0_usize, HashSet::new()));
    std::thread::scope(|scope| {
        for world in [World::Neglected, World::Hardened] {
            for (name, mac) in every_mac(world) {
                let (policy, tried) = (&policy, &tried);
                scope.spawn(move || {
                    let facts = facts(&mac);
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
                            for n in 0..length {
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
    assert!(cuts > 20_000, "{cuts}");
}

#[test]
fn with_every_tool_silent_or_missing_nothing_is_compliant() {
    struct All<'a>(&'a SimMac, Fault);
    impl Look for All<'_> {
        fn look(&self, ask: &Ask) -> Result<Answer, holdfast::host::ToolError> {
            match ask {
                Ask::Run(_) => Faulty::new(self.0, 0, self.1.clone()).look(ask),
                Ask::File(_) => self.0.look(ask),
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
