//! One pass over one control with one fault, and what holds of it whatever the fault.

use holdfast::control::Control;
use holdfast::enforce::{Left, Outcome, Summary};
use holdfast::host::Look;
use holdfast::ledger::Event;
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::policy::Policy;
use holdfast::sim::SimMac;

use crate::bench::*;

pub const LOOK_FAULTS: [Fault; 9] = [
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

pub const TOUCH_FAULTS: [Fault; 9] = [
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
pub struct Tried {
    pub summary: Summary,
    pub events: Vec<Event>,
    pub call: Call,
    /// The Mac afterwards.
    pub mac: SimMac,
    pub touched: bool,
}

impl Tried {
    /// Everything that is on record about why something is not as it should be.
    pub fn whys(&self) -> Vec<&str> {
        let outcome = match &self.summary.lines[0].outcome {
            Outcome::Unknown { why } | Outcome::Drifted { left: Left::NotFixed { why }, .. } => Some(why.as_str()),
            Outcome::Drifted { left: Left::Managed { by }, .. } => Some(by.as_str()),
            _ => None,
        };
        let events = self.events.iter().filter_map(|event| match event {
            Event::NotFixed { why, .. } => Some(why.as_str()),
            Event::Managed { by, .. } => Some(by.as_str()),
            Event::Found { state, seen, .. } if state == "unknown" => Some(seen.as_str()),
            Event::TakenBack { whole: false, seen, .. } => Some(seen.as_str()),
            _ => None,
        });
        outcome.into_iter().chain(events).collect()
    }

    /// The state that a look without a fault finds afterwards.
    fn truth(&self, policy: &Policy) -> Outcome {
        pass(&self.mac, &[self.summary.lines[0].control], policy).check().lines.remove(0).outcome
    }
}

pub fn attempt(mac: &SimMac, control: &'static Control, policy: &Policy, at: usize, fault: Fault) -> Option<Tried> {
    let copy = mac.copy().unwrap();
    let faulty = Faulty::new(&copy, at, fault);
    let (summary, events, touches) = enforce(&faulty, &faulty, &[control], policy);
    let call = faulty.hit.lock().unwrap().clone()?;
    drop(faulty);
    Some(Tried { summary, events, call, mac: copy, touched: !touches.is_empty() })
}

/// Folders whose files are only looked for: whatever is in one says nothing.
const LOOKED_FOR: [&str; 2] = ["/Library/LaunchDaemons", "/Library/Scripts"];

/// The kinds of fault that make sense for the call with this number, and the length of its answer.
pub fn faults_at(mac: &SimMac, control: &'static Control, policy: &Policy, at: usize) -> (Vec<Fault>, usize, Call) {
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
                Answer::File(FileAnswer::Absent) | Answer::Status(_) | Answer::Folder(_) => 0,
            };
            let run = matches!(ask, Ask::Run(_));
            let read = matches!(ask, Ask::File(path) if !LOOKED_FOR.iter().any(|folder| path.starts_with(folder)));
            // A file has no status and starts no program; an empty one is a cut at byte 0.
            let kinds = LOOK_FAULTS
                .into_iter()
                .filter(|fault| {
                    if run {
                        *fault != Fault::Unreadable
                    } else {
                        *fault == Fault::Unreadable || read && *fault == Fault::Garbage
                    }
                })
                .collect();
            (kinds, length, call)
        }
    }
}

pub fn calls(mac: &SimMac, control: &'static Control, policy: &Policy) -> usize {
    let copy = mac.copy().unwrap();
    let faulty = Faulty::never(&copy);
    enforce(&faulty, &faulty, &[control], policy);
    faulty.count()
}

/// The laws that hold for every fault.
pub fn judge(tried: &Tried, clean: &Outcome, policy: &Policy, what: &str) {
    let outcome = &tried.summary.lines[0].outcome;
    let panicked = holdfast::host::ToolError::Panicked { message: String::new() }.to_string();
    assert!(!tried.whys().iter().any(|why| why.contains(&panicked)), "{what}: a panic: {outcome:?}");
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
pub fn is_on_record(tried: &Tried) -> bool {
    match &tried.summary.lines[0].outcome {
        Outcome::Unknown { .. } => true,
        Outcome::Drifted { left: Left::NotFixed { .. }, .. } => true,
        _ => tried.events.iter().any(|event| matches!(event, Event::NotFixed { .. })),
    }
}

/// Whether two outcomes say the same.
pub fn same(a: &Outcome, b: &Outcome) -> bool {
    fn said(outcome: &Outcome) -> (&'static str, Vec<&str>, Option<std::mem::Discriminant<Left>>) {
        let (texts, left) = match outcome {
            Outcome::Off { because } | Outcome::NotApplicable { because } => (vec![because.as_str()], None),
            Outcome::Compliant { seen } => (vec![seen.as_str()], None),
            Outcome::Unknown { why } => (vec![why.as_str()], None),
            Outcome::Drifted { seen, wanted, left } => {
                (vec![seen.as_str(), wanted], Some(std::mem::discriminant(left)))
            }
            Outcome::Fixed { before, seen } => (vec![before.as_str(), seen], None),
        };
        (outcome.word(), texts, left)
    }
    said(a) == said(b)
}
