//! A simulated Mac, a clock that a test sets, and the ledger that comes of it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, TimeDelta, Utc};
use holdfast::agent::{Agent, Known, Order, Places, Run};
use holdfast::clock::Clock;
use holdfast::control::Control;
use holdfast::controls;
use holdfast::enforce::{Line, Outcome};
use holdfast::host::{Look, ToolError, Touch};
use holdfast::ledger::history::Standing;
use holdfast::ledger::query::{Filter, rows};
use holdfast::ledger::verify::verify;
use holdfast::ledger::{Cause, Entry, Event};
use holdfast::mac::{Answer, Ask, Change};
use holdfast::sim::{Mac, SimMac, World};
use serde_json::Value;

static GO_ON: AtomicBool = AtomicBool::new(false);

/// What time it is is what a test says.
pub struct Virtual(Mutex<DateTime<Utc>>);

impl Clock for Virtual {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// What is made of a change.
pub type Answers = fn(&Change) -> Result<(), ToolError>;

/// A Mac, and how often it was asked and changed.
pub struct Counted {
    pub mac: SimMac,
    asked: Mutex<Vec<Ask>>,
    touched: Mutex<usize>,
    /// What is made of each change; `None` makes it.
    pub answers: Mutex<Option<Answers>>,
}

impl Look for Counted {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        self.asked.lock().unwrap().push(ask.clone());
        self.mac.look(ask)
    }
}

impl Touch for Counted {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        *self.touched.lock().unwrap() += 1;
        let answer = *self.answers.lock().unwrap();
        match answer {
            Some(answer) => answer(change),
            None => self.mac.touch(change),
        }
    }
}

pub struct Bench {
    pub counted: Counted,
    clock: Virtual,
    home: tempfile::TempDir,
    pub known: Known,
}

/// One of the controls that root can mend.
pub fn firewall() -> &'static Control {
    controls::find("firewall_on").unwrap()
}

pub fn quiet(controls: Vec<&'static Control>) -> Order {
    Order { controls, items: Vec::new(), quiet: true }
}

pub fn scheduled(controls: Vec<&'static Control>) -> Order {
    Order { controls, items: vec!["checks".to_owned()], quiet: false }
}

impl Bench {
    pub fn new(world: World) -> Self {
        Self::on(SimMac::in_memory(world, Mac::default()))
    }

    pub fn on(mac: SimMac) -> Self {
        let counted = Counted { mac, asked: Mutex::default(), touched: Mutex::default(), answers: Mutex::default() };
        let clock = Virtual(Mutex::new(DateTime::from_timestamp(1_795_341_600, 0).unwrap()));
        Self { counted, clock, home: tempfile::tempdir().unwrap(), known: Known::default() }
    }

    pub fn agent(&self) -> Agent<'_> {
        agent(&self.counted, &self.clock, self.home.path())
    }

    /// The agent with another way to the Mac, and another flag that stops it.
    pub fn agent_by<'a, M: Look + Touch>(&'a self, mac: &'a M, stop: &'a AtomicBool) -> Agent<'a> {
        Agent { look: mac, touch: mac, stop, ..self.agent() }
    }

    pub fn hold(&mut self, order: &Order) -> Run {
        let run = agent(&self.counted, &self.clock, self.home.path())
            .hold(order, &mut self.known, &mut || panic!("nobody else is there"))
            .unwrap();
        assert!(run.afterwards.is_none(), "{:?}", run.afterwards);
        run
    }

    /// A daemon that was started anew.
    pub fn forgets(&mut self) {
        self.known = Known::default();
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn pass_seconds(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    /// Somebody else's hand on the firewall.
    pub fn set_firewall(&self, on: bool) {
        self.counted.mac.edit(|state| state.firewall.on = on).unwrap();
    }

    pub fn firewall(&self) -> bool {
        self.counted.mac.state().firewall.on
    }

    pub fn touches(&self) -> usize {
        *self.counted.touched.lock().unwrap()
    }

    /// How many questions were asked since this was last called.
    pub fn asked(&self) -> Vec<Ask> {
        std::mem::take(&mut *self.counted.asked.lock().unwrap())
    }

    fn folder(&self) -> PathBuf {
        Places::under(self.home.path()).ledger()
    }

    pub fn entries(&self) -> Vec<Entry> {
        rows(&self.folder(), Filter::default()).unwrap().map(|row| row.unwrap().entry.unwrap()).collect()
    }

    /// What was written since there were `before` lines.
    pub fn events_since(&self, before: usize) -> Vec<Event> {
        self.entries().into_iter().skip(before).map(|entry| entry.event).collect()
    }

    pub fn lines(&self) -> usize {
        self.entries().len()
    }

    pub fn standing(&self, control: &str) -> Standing {
        holdfast::ledger::history::read(&self.folder()).unwrap().controls[control].clone()
    }

    pub fn state(&self) -> Value {
        let places = Places::under(self.home.path());
        let json = std::fs::read(places.status("json")).unwrap();
        let list = plist::Value::from_file(places.status("plist")).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(list.as_dictionary().unwrap().len(), json.as_object().unwrap().len());
        json
    }

    pub fn ledger_holds(&self) {
        let report = verify(&self.folder(), &Places::under(self.home.path()).head()).unwrap();
        assert!(report.ok, "{report:?}");
    }

    pub fn set_policy(&self, text: &str) {
        let text = format!("<plist version=\"1.0\"><dict>{text}</dict></plist>");
        let policy = plist::from_bytes(text.as_bytes()).unwrap();
        self.counted.mac.put_file(holdfast::policy::MANAGED_FILE, Some(policy)).unwrap();
    }
}

fn agent<'a>(counted: &'a Counted, clock: &'a Virtual, home: &Path) -> Agent<'a> {
    Agent {
        look: counted,
        touch: counted,
        clock,
        places: Places::under(home),
        simulated: Some("in memory".to_owned()),
        cause: Cause { kind: "event".into(), user: None, detail: Some("a test".into()) },
        catalogue: controls::all(),
        instead: holdfast::policy::Instead::NOTHING,
        stop: &GO_ON,
    }
}

pub fn only(run: &Run) -> &Line {
    assert_eq!(run.summary.lines.len(), 1);
    &run.summary.lines[0]
}

pub fn is_fixed(run: &Run) -> bool {
    matches!(only(run).outcome, Outcome::Fixed { .. })
}

/// The event's name in the ledger, and its control.
pub fn names(events: &[Event]) -> Vec<String> {
    let name = |event: &Event| {
        let json = serde_json::to_value(event).unwrap();
        let control = event.control().map(|control| format!(" {control}")).unwrap_or_default();
        format!("{}{control}", json["event"].as_str().unwrap())
    };
    events.iter().map(name).collect()
}
