//! What the agent changed is put back from what is on record alone, and nothing is claimed that is not so.

use std::sync::atomic::{AtomicBool, Ordering};

use holdfast::control::{Control, Value};
use holdfast::controls;
use holdfast::enforce::Pass;
use holdfast::enforce::undo::{Became, Undone, Wish};
use holdfast::host::{Look, Once, ToolError, Touch};
use holdfast::ledger::history::{History, Made};
use holdfast::ledger::memory::MemoryJournal;
use holdfast::ledger::{Entry, Event};
use holdfast::mac::Change;
use holdfast::mac::changes::{single, singles};
use holdfast::policy::Policy;
use holdfast::sim::{SimMac, World};

use crate::bench::*;
use crate::trial::{LOOK_FAULTS, TOUCH_FAULTS};

/// The ledger folded, line by line.
#[derive(Default)]
struct Record {
    history: History,
    seq: u64,
}

impl Record {
    fn write(&mut self, events: Vec<Event>) {
        for event in events {
            self.seq += 1;
            let time = format!("2026-03-31T08:{:02}:{:02}.000Z", self.seq / 60 % 60, self.seq % 60);
            let (boot, prev, run) = (None, String::new(), "r".to_owned());
            self.history.apply(&Entry { v: 1, seq: self.seq, time, boot, run, simulated: true, event, prev });
        }
    }

    /// Enforces, and takes down what was said.
    fn enforce(&mut self, mac: &SimMac, all: &[&'static Control], policy: &Policy) {
        let (_, events, _) = enforce(mac, mac, all, policy);
        self.write(events);
    }

    /// Puts everything back, and takes down what was said. Judges that it was said before it was done.
    fn undo(&mut self, look: &dyn Look, touch: &dyn Touch, policy: &Policy) -> Vec<Undone> {
        let witness = Witness::of(touch);
        let all = controls::all();
        let undone =
            pass(look, &all, policy).undo(&self.history.made, &Wish::all(), &witness, &mut Pen(&witness)).unwrap();
        judge_order(&witness.seen.lock().unwrap());
        self.write(witness.events());
        undone
    }
}

fn is_back(undone: &Undone) -> bool {
    matches!(undone.became, Became::Back { .. } | Became::Already)
}

#[test]
fn undoing_all_that_is_on_record_gives_the_state_back() {
    let mut put_back = 0;
    for (name, mac) in every_mac(World::Neglected) {
        let (before, policy, mut record) = (mac.snapshot(), everything(), Record::default());
        record.enforce(&mac, &controls::all(), &policy);
        assert_ne!(mac.snapshot(), before);
        let changed = mac.snapshot();
        let would = pass(&mac, &controls::all(), &policy).would_undo(&record.history.made, &Wish::all());
        assert!(would.iter().all(|undone| undone.became == Became::Would), "{}: {would:?}", name.name());
        assert_eq!(mac.snapshot(), changed, "only asked what would be done");
        let undone = record.undo(&mac, &mac, &policy);
        put_back += undone.len();
        assert!(
            undone.iter().all(|undone| matches!(undone.became, Became::Back { .. })),
            "{}: {undone:?}",
            name.name()
        );
        assert_eq!(would.len(), undone.len());
        assert_eq!(mac.snapshot(), before, "{}", name.name());
        // Nothing stands any more, and nothing is done twice.
        assert!(record.history.made.is_empty(), "{:?}", record.history.made);
        assert_eq!(record.undo(&mac, &mac, &policy), Vec::new());
    }
    assert!(put_back > 50, "{put_back}");
}

#[test]
fn however_often_policy_changed_the_way_back_leads_before_the_first_change() {
    for (name, mac) in every_mac(World::Neglected) {
        let facts = facts(&mac);
        for control in controls::all().into_iter().filter(|control| is_automatic(control, &facts)) {
            for setting in control.settings {
                let mac = mac.copy().unwrap();
                let (before, mut record) = (mac.snapshot(), Record::default());
                let mut values = extremes(control, setting.key);
                values.reverse();
                for value in values {
                    let policy = policy_with(Some("enforce"), |of, key| {
                        (of.id == control.id && key == setting.key).then(|| value.clone())
                    });
                    record.enforce(&mac, &[control], &policy);
                }
                let undone = record.undo(&mac, &mac, &everything());
                assert!(undone.iter().all(is_back), "{} on {}: {undone:?}", control.id, name.name());
                assert_eq!(mac.snapshot(), before, "{} {} on {}", control.id, setting.key, name.name());
            }
        }
    }
}

/// The recorded changes of one control enforced on a copy, the copy, and the record.
fn enforced(mac: &SimMac, control: &'static Control) -> Option<(SimMac, Record)> {
    let (copy, mut record) = (mac.copy().unwrap(), Record::default());
    record.enforce(&copy, &[control], &everything());
    (!record.history.made.is_empty()).then_some((copy, record))
}

#[test]
fn under_every_single_fault_nothing_is_claimed_that_is_not_so() {
    let policy = everything();
    let mut tried = 0;
    for (name, mac) in every_mac(World::Neglected) {
        let before = mac.snapshot();
        for control in controls::all() {
            let Some((changed, record)) = enforced(&mac, control) else { continue };
            let calls = {
                let (copy, mut record) = (changed.copy().unwrap(), again(&record));
                let faulty = Faulty::never(&copy);
                record.undo(&faulty, &faulty, &policy);
                faulty.count()
            };
            for at in 0..calls {
                let kinds = {
                    let (copy, mut record) = (changed.copy().unwrap(), again(&record));
                    let faulty = Faulty::new(&copy, at, Fault::Hang);
                    record.undo(&faulty, &faulty, &policy);
                    let hit = faulty.hit.lock().unwrap().clone().unwrap();
                    match hit {
                        Call::Touch(_) => TOUCH_FAULTS.to_vec(),
                        Call::Look(holdfast::mac::Ask::Run(_)) => {
                            LOOK_FAULTS.into_iter().filter(|fault| *fault != Fault::Unreadable).collect()
                        }
                        Call::Look(_) => vec![Fault::Unreadable],
                    }
                };
                for fault in kinds {
                    let (copy, mut record) = (changed.copy().unwrap(), again(&record));
                    let faulty = Faulty::new(&copy, at, fault.clone());
                    let undone = record.undo(&faulty, &faulty, &policy);
                    let what = format!("{} on {}, call {at}, {fault:?}: {undone:?}", control.id, name.name());
                    drop(faulty);
                    if undone.iter().all(is_back) {
                        assert_eq!(copy.snapshot(), before, "{what}");
                    }
                    // What the ledger says is put back is: trying again completes it.
                    let rest = record.undo(&copy, &copy, &policy);
                    assert!(rest.iter().all(is_back), "{what}, then {rest:?}");
                    assert_eq!(copy.snapshot(), before, "{what}, then {rest:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}

/// The same record once more.
fn again(record: &Record) -> Record {
    Record { history: record.history.clone(), seq: record.seq }
}

/// Sets the flag once so many changes were made.
struct Stopping<'a> {
    mac: &'a SimMac,
    left: std::sync::atomic::AtomicUsize,
    stop: &'a AtomicBool,
}

impl Touch for Stopping<'_> {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.mac.touch(change)
    }
}

#[test]
fn told_to_stop_it_stops_between_two_and_the_next_time_goes_on() {
    let (all, policy) = (controls::all(), everything());
    for (name, mac) in every_mac(World::Neglected) {
        let (before, mut whole) = (mac.snapshot(), Record::default());
        whole.enforce(&mac, &all, &policy);
        for n in 1..whole.history.made.len() {
            let (copy, mut record) = (mac.copy().unwrap(), again(&whole));
            let stop = AtomicBool::new(false);
            let touch = Stopping { mac: &copy, left: n.into(), stop: &stop };
            let mut journal = MemoryJournal::default();
            let pass = Pass::new(Once::new(&copy), &all, &policy, now(), &stop);
            let undone = pass.undo(&record.history.made, &Wish::all(), &touch, &mut journal).unwrap();
            assert_eq!(undone.iter().filter(|undone| is_back(undone)).count(), n, "{}", name.name());
            assert!(undone[n..].iter().all(|undone| undone.became == Became::Interrupted));
            record.write(journal.events);
            assert_eq!(record.history.made.len(), whole.history.made.len() - n);
            assert!(record.undo(&copy, &copy, &policy).iter().all(is_back));
            assert_eq!(copy.snapshot(), before, "{} after {n}", name.name());
        }
    }
}

#[test]
fn without_a_ledger_nothing_is_put_back() {
    let (all, policy) = (controls::all(), everything());
    for (_, mac) in every_mac(World::Neglected) {
        let mut record = Record::default();
        record.enforce(&mac, &all, &policy);
        for n in 1..=record.history.made.len() * 2 {
            let copy = mac.copy().unwrap();
            let witness = Witness::of(&copy);
            let mut journal = MemoryJournal::failing_at(n);
            let undone = pass(&copy, &all, &policy).undo(&record.history.made, &Wish::all(), &witness, &mut journal);
            assert!(undone.is_err(), "went on without event {n}");
            // Each was announced, and none was made after that.
            assert_eq!(witness.touches().len(), n / 2);
        }
    }
}

#[test]
fn what_somebody_put_back_already_is_no_work_and_what_they_set_is_theirs() {
    let policy = everything();
    for (name, mac) in every_mac(World::Neglected) {
        for control in controls::all() {
            let Some((copy, mut record)) = enforced(&mac, control) else { continue };
            // By hand, in the order of an undo.
            let mut back: Vec<Made> = record.history.made.values().cloned().collect();
            back.sort_by_key(|made| (std::cmp::Reverse(made.step), made.place));
            for made in back {
                let setting = record.history.made.iter().find(|(_, other)| **other == made).unwrap().0;
                copy.touch(&single(&made.back.unwrap(), setting).unwrap().change).unwrap();
            }
            let before = copy.snapshot();
            let undone = record.undo(&copy, &copy, &policy);
            assert!(undone.iter().all(|undone| undone.became == Became::Already), "{}: {undone:?}", name.name());
            // It is found drifted, policy only looks, and somebody sets it as the agent had it.
            let audit = policy_with(Some("audit"), |_, _| None);
            record.enforce(&copy, &[control], &audit);
            enforce(&copy, &copy, &[control], &policy);
            let theirs = copy.snapshot();
            assert_ne!(theirs, before);
            record.enforce(&copy, &[control], &audit);
            let undone = record.undo(&copy, &copy, &policy);
            let is_theirs = |undone: &Undone| matches!(undone.became, Became::Others { .. } | Became::Changed);
            assert!(undone.iter().all(is_theirs), "{} on {}: {undone:?}", control.id, name.name());
            assert_eq!(copy.snapshot(), theirs);
        }
    }
}

#[test]
fn every_command_of_the_catalogue_is_known_for_what_it_is() {
    let mut seen = 0;
    for (name, mac) in every_mac(World::Neglected) {
        let facts = facts(&mac);
        for control in controls::all().into_iter().filter(|control| is_automatic(control, &facts)) {
            let values: Vec<Option<(&str, Value)>> = control
                .settings
                .iter()
                .flat_map(|setting| extremes(control, setting.key).into_iter().map(|value| Some((setting.key, value))))
                .chain([None])
                .collect();
            for wanted in values {
                let policy = policy_with(Some("enforce"), |of, key| {
                    wanted.as_ref().filter(|(of_key, _)| of.id == control.id && key == *of_key).map(|(_, v)| v.clone())
                });
                for step in pass(&mac, &[control], &policy).plan().lines.remove(0).steps {
                    let what = format!("{} on {}: {}", control.id, name.name(), step.change);
                    let settings = |argv: &[String], of: Option<&str>| {
                        let all = singles(argv, of).unwrap_or_else(|| panic!("{what}: {argv:?} is not known"));
                        all.into_iter().map(|single| single.setting).collect::<Vec<_>>()
                    };
                    let mut changed = settings(&step.change.run.line(), None);
                    let of = changed.first().filter(|_| changed.len() == 1).cloned();
                    let mut put_back: Vec<String> =
                        step.undo.iter().flat_map(|undo| settings(&undo.run.line(), of.as_deref())).collect();
                    changed.sort();
                    put_back.sort();
                    // For all sources, a source without the key keeps none.
                    changed.retain(|setting| put_back.contains(setting) || !setting.starts_with("pmset "));
                    assert_eq!(changed, put_back, "{what}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn a_line_that_is_none_of_the_agents_is_never_run() {
    let mac = every_mac(World::Neglected).next().unwrap().1;
    let (before, policy) = (mac.snapshot(), everything());
    for (left, back) in [
        (vec!["/usr/bin/defaults", "write", "/Library/Preferences/d", "K", "-int", "1"], vec!["/bin/sh", "-c", "true"]),
        (vec!["/bin/sh", "-c", "true"], vec!["/usr/bin/defaults", "delete", "/Library/Preferences/d", "K"]),
        (vec!["/usr/bin/defaults", "write", "/Library/Preferences/d", "K", "-int", "1"], vec![]),
        (vec![], vec![]),
    ] {
        let argv = |line: &[&str]| line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let change = holdfast::ledger::Announced {
            argv: argv(&left),
            prior: [].into(),
            undo: if back.is_empty() { vec![] } else { vec![argv(&back)] },
        };
        let mut record = Record::default();
        record.write(vec![Event::Intends { control: "firewall_on".into(), changes: vec![change] }]);
        let undone = record.undo(&mac, &mac, &policy);
        assert_eq!(undone.len(), 1, "{left:?}");
        assert!(!is_back(&undone[0]), "{undone:?}");
        assert_eq!(mac.snapshot(), before);
    }
}
