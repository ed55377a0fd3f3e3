//! What the laws are tried with: policies, a Mac that counts and a Mac that fails in one chosen way.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use holdfast::control::{Control, Kind, Remedy, Setting, Value};
use holdfast::controls;
use holdfast::enforce::{Outcome, Pass, Summary};
use holdfast::facts::Facts;
use holdfast::host::survey::survey;
use holdfast::host::{Look, Once, ToolError, Touch};
use holdfast::ledger::{Event, Journal, LedgerError};
use holdfast::mac::{Answer, Ask, Change, FileAnswer};
use holdfast::policy::{self, Enrolled, LayerText, Layers, Policy};
use holdfast::sim::{Mac, SimMac, World};

/// No law is ever interrupted.
pub static GO_ON: AtomicBool = AtomicBool::new(false);

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_341_600, 0).unwrap()
}

/// A managed policy made of `mode` and setting values for every control, at level 3.
pub fn policy_with(mode: Option<&str>, value: impl Fn(&Control, &'static str) -> Option<Value>) -> Policy {
    let mut by_id = plist::Dictionary::new();
    for control in controls::all() {
        let mut keys = plist::Dictionary::new();
        if let Some(mode) = mode {
            keys.insert("Mode".into(), mode.into());
        }
        for setting in control.settings {
            if let Some(value) = value(control, setting.key).or_else(|| given(setting)) {
                assert_eq!(setting.objection(&value), None, "{} {}", control.id, setting.key);
                keys.insert(setting.key.into(), as_plist(value));
            }
        }
        by_id.insert(control.id.into(), keys.into());
    }
    let mut root = plist::Dictionary::new();
    root.insert("Level".into(), 3.into());
    root.insert("Controls".into(), by_id.into());
    let mut bytes = Vec::new();
    plist::Value::from(root).to_writer_xml(&mut bytes).unwrap();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (policy, problems) = policy::read(&layers, &controls::all(), &Enrolled::Yes);
    assert_eq!(problems, Vec::new());
    policy
}

/// What policy must say before there is anything to hold: a text, where none is given by default.
fn given(setting: &Setting) -> Option<Value> {
    let needed = matches!(setting.kind, Kind::Text { default: "" });
    needed.then(|| Value::Text("Property of Example Company.".to_owned()))
}

/// A setting's value as a policy file has it.
pub fn as_plist(value: Value) -> plist::Value {
    match value {
        Value::Integer(number) => plist::Value::from(number),
        Value::Flag(flag) => plist::Value::from(flag),
        Value::Text(text) => plist::Value::from(text),
        Value::List(list) => plist::Value::Array(list.into_iter().map(plist::Value::from).collect()),
    }
}

/// Everything enforced, the disruptive ones too.
pub fn everything() -> Policy {
    policy_with(Some("enforce"), |_, _| None)
}

/// The smallest, default and largest value of each integer setting, both values of each flag, each word of a choice.
pub fn extremes(control: &Control, key: &str) -> Vec<Value> {
    let setting = control.settings.iter().find(|setting| setting.key == key).unwrap();
    match setting.kind {
        Kind::Integer { default, min, max, .. } => [min, default, max].map(Value::Integer).to_vec(),
        Kind::Flag { .. } => [false, true].map(Value::Flag).to_vec(),
        Kind::Choice { words, .. } => words.iter().map(|word| Value::Text((*word).to_owned())).collect(),
        Kind::Text { .. } => vec![given(setting).unwrap_or_else(|| setting.default())],
        Kind::Versions { .. } | Kind::Names | Kind::Times | Kind::Cron | Kind::Path { .. } => {
            vec![setting.default()]
        }
    }
}

pub fn pass<'a>(look: &'a dyn Look, catalogue: &'a [&'static Control], policy: &'a Policy) -> Pass<'a> {
    Pass::new(Once::new(look), catalogue, policy, now(), &GO_ON)
}

pub fn facts(mac: &SimMac) -> Facts {
    survey(mac).unwrap()
}

/// Whether the agent sets `control` on such a Mac.
pub fn is_automatic(control: &Control, facts: &Facts) -> bool {
    matches!(control.remedy(facts), Some(Remedy::Automatic { .. }))
}

/// Every Mac in `world`.
pub fn every_mac(world: World) -> impl Iterator<Item = (Mac, SimMac)> {
    Mac::ALL.into_iter().map(move |mac| (mac, SimMac::in_memory(world, mac)))
}

pub fn states(summary: &Summary) -> Vec<(&'static str, &'static str)> {
    summary.lines.iter().map(|line| (line.control.id, line.outcome.word())).collect()
}

pub fn state_of(summary: &Summary, id: &str) -> Outcome {
    summary.lines.iter().find(|line| line.control.id == id).unwrap().outcome.clone()
}

/// What happened, in order: lines of the ledger and touches of the Mac.
#[derive(Clone, Debug)]
pub enum Happened {
    Wrote(Box<Event>),
    Touched(Vec<String>),
}

/// Journal and Touch in one, so that the order of saying and doing is seen.
pub struct Witness<'a> {
    pub mac: &'a dyn Touch,
    pub seen: Mutex<Vec<Happened>>,
}

impl<'a> Witness<'a> {
    pub fn of(mac: &'a dyn Touch) -> Self {
        Self { mac, seen: Mutex::default() }
    }

    pub fn events(&self) -> Vec<Event> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter_map(|h| if let Happened::Wrote(e) = h { Some((**e).clone()) } else { None }).collect()
    }

    pub fn touches(&self) -> Vec<Vec<String>> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter_map(|h| if let Happened::Touched(t) = h { Some(t.clone()) } else { None }).collect()
    }
}

impl Touch for Witness<'_> {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        self.seen.lock().unwrap().push(Happened::Touched(change.run.line()));
        self.mac.touch(change)
    }
}

/// The journal's end of a [`Witness`].
pub struct Pen<'a, 'b>(pub &'a Witness<'b>);

impl Journal for Pen<'_, '_> {
    fn append(&mut self, event: Event) -> Result<(), LedgerError> {
        self.0.seen.lock().unwrap().push(Happened::Wrote(Box::new(event)));
        Ok(())
    }
}

/// Asserts that every touch was announced before and not yet done: by *Intends*, or by *TakesBack* where a set is taken back. What
/// was announced and not done counts no longer once the control's end is on record.
pub fn judge_order(seen: &[Happened]) {
    let mut announced: Vec<Vec<String>> = Vec::new();
    for happened in seen {
        match happened {
            Happened::Wrote(event) => match &**event {
                Event::Intends { changes, .. } => {
                    announced = changes.iter().map(|change| change.argv.clone()).collect()
                }
                Event::TakesBack { changes, .. } => announced.clone_from(changes),
                Event::Fixed { .. }
                | Event::NotFixed { .. }
                | Event::Managed { .. }
                | Event::Deferred { .. }
                | Event::TakenBack { .. } => announced.clear(),
                _ => {}
            },
            Happened::Touched(argv) => {
                assert_eq!(announced.first(), Some(argv), "touched without a word");
                announced.remove(0);
            }
        }
    }
}

/// Runs one enforcing pass and gives back what was said and done.
pub fn enforce(
    look: &dyn Look,
    touch: &dyn Touch,
    catalogue: &[&'static Control],
    policy: &Policy,
) -> (Summary, Vec<Event>, Vec<Vec<String>>) {
    let witness = Witness::of(touch);
    let summary = pass(look, catalogue, policy).enforce(&witness, &mut Pen(&witness)).unwrap();
    judge_order(&witness.seen.lock().unwrap());
    (summary, witness.events(), witness.touches())
}

/// One way to fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    Missing,
    Hang,
    Killed,
    Empty,
    Garbage,
    Refusal,
    RefusalWithStatus,
    WrongStatus,
    Unreadable,
    /// Only so many bytes of the answer.
    Cut(usize),
    /// Something else printed.
    Says {
        stdout: Vec<u8>,
        stderr: Vec<u8>,
    },
    /// A change that is answered as if made, and is not.
    Ignored,
    /// A setter's refusal on a managed Mac.
    Managed,
}

pub const REFUSAL: &str = "You need administrator access to run this tool... exiting!\n";
pub const MANAGED: &str = "Firewall settings cannot be modified from command line on managed Mac computers.\n";

/// A Mac whose `at`-th call (looks and touches counted together, from 0) fails.
pub struct Faulty<'a> {
    pub mac: &'a SimMac,
    pub at: usize,
    pub fault: Fault,
    pub calls: AtomicUsize,
    /// What the failing call was.
    pub hit: Mutex<Option<Call>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Look(Ask),
    Touch(Vec<String>),
}

impl<'a> Faulty<'a> {
    pub fn new(mac: &'a SimMac, at: usize, fault: Fault) -> Self {
        Self { mac, at, fault, calls: AtomicUsize::new(0), hit: Mutex::new(None) }
    }

    /// One that never fails, to count calls.
    pub fn never(mac: &'a SimMac) -> Self {
        Self::new(mac, usize::MAX, Fault::Missing)
    }

    pub fn count(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn is_hit(&self, call: Call) -> bool {
        let hit = self.calls.fetch_add(1, Ordering::Relaxed) == self.at;
        if hit {
            *self.hit.lock().unwrap() = Some(call);
        }
        hit
    }

    /// How a program's start fails, for the faults that are no answer.
    fn failed(&self, command: String) -> Option<ToolError> {
        match self.fault {
            Fault::Missing => Some(ToolError::Missing { command }),
            Fault::Hang => Some(ToolError::TimedOut { command, limit: std::time::Duration::from_secs(1) }),
            Fault::Killed => Some(ToolError::Signalled { command, signal: 9 }),
            _ => None,
        }
    }
}

impl Look for Faulty<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let answer = self.mac.look(ask);
        if !self.is_hit(Call::Look(ask.clone())) {
            return answer;
        }
        if let Some(error) = self.failed(ask.to_string()) {
            return Err(error);
        }
        match answer? {
            Answer::Ran(mut output) => {
                let text = |text: &str| text.as_bytes().to_vec();
                match self.fault {
                    Fault::Empty => (output.stdout, output.stderr) = (Vec::new(), Vec::new()),
                    Fault::Garbage => {
                        output.stdout = text("%$#\u{7f}\u{1b}[2J 1 enabled On YES = {\n");
                        output.stderr = output.stdout.clone();
                    }
                    Fault::Refusal => (output.status, output.stdout, output.stderr) = (0, text(REFUSAL), Vec::new()),
                    Fault::RefusalWithStatus => {
                        (output.status, output.stdout, output.stderr) = (1, Vec::new(), text(REFUSAL));
                    }
                    Fault::WrongStatus => output.status = 99,
                    Fault::Cut(n) => {
                        let n_err = n.saturating_sub(output.stdout.len());
                        output.stdout.truncate(n);
                        output.stderr.truncate(n_err);
                    }
                    Fault::Says { ref stdout, ref stderr } => {
                        output.stdout.clone_from(stdout);
                        output.stderr.clone_from(stderr);
                    }
                    ref other => panic!("{other:?} is not a fault of a tool's answer"),
                }
                Ok(Answer::Ran(output))
            }
            Answer::File(FileAnswer::Present { mut bytes, owner, mode }) => {
                let path = ask.path().unwrap();
                match self.fault {
                    Fault::Empty => bytes.clear(),
                    Fault::Garbage => bytes = b"not a property list <true/>".to_vec(),
                    Fault::Cut(n) => bytes.truncate(n),
                    _ => {
                        let source = std::sync::Arc::new(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
                        return Err(ToolError::File { path, source });
                    }
                }
                Ok(Answer::File(FileAnswer::Present { bytes, owner, mode }))
            }
            whole @ (Answer::File(FileAnswer::Absent) | Answer::Status(_) | Answer::Folder(_)) => match &self.fault {
                Fault::Cut(_) | Fault::Empty => Ok(whole),
                _ => {
                    let source = std::sync::Arc::new(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
                    Err(ToolError::File { path: ask.path().unwrap(), source })
                }
            },
        }
    }
}

impl Touch for Faulty<'_> {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        if !self.is_hit(Call::Touch(change.run.line())) {
            return self.mac.touch(change);
        }
        if let Some(error) = self.failed(change.to_string()) {
            return Err(error);
        }
        let answer = |status, stdout: &str, stderr: &str| {
            let output = holdfast::mac::Output {
                status,
                stdout: stdout.as_bytes().to_vec(),
                stderr: stderr.as_bytes().to_vec(),
            };
            (change.read)(&output).map_err(|why| ToolError::from_misread(change.to_string(), Some(status), why))
        };
        match self.fault {
            Fault::Ignored | Fault::Empty => answer(0, "", ""),
            Fault::Garbage => answer(0, "%$#\u{7f} done?\n", "%$#\n"),
            Fault::Refusal => answer(0, REFUSAL, ""),
            Fault::RefusalWithStatus => answer(1, "", REFUSAL),
            Fault::Managed => answer(0, MANAGED, ""),
            // Made, and answered as if not.
            Fault::WrongStatus => self.mac.touch(change).and_then(|()| answer(99, "", "")),
            ref other => panic!("{other:?} is not a fault of a change"),
        }
    }
}
