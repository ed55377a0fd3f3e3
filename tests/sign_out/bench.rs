//! A simulated Mac over time: what is on record is folded as the ledger folds it.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use holdfast::clock::{Clock, Moment, stamp};
use holdfast::host::{Look, ToolError};
use holdfast::ledger::history::History;
use holdfast::ledger::{Entry, Event, Journal, LedgerError, Stage};
use holdfast::mac::{Answer, Ask};
use holdfast::policy::{self, Enrolled, LayerText, Layers, Policy};
use holdfast::schedule::{Absence, Item, Why, items};
use holdfast::sign_out::notice::Scripted;
use holdfast::sign_out::{Keeper, Record, Round};
use holdfast::sim::state::User;
use holdfast::sim::{Mac, SimMac, World};
use tempfile::TempDir;

/// 06:00 in London on a Monday in winter.
pub fn start() -> DateTime<Utc> {
    at("2026-01-05 06:00:00")
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{}Z", text.replace(' ', "T"))).unwrap().to_utc()
}

pub fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

/// A clock that stands still until it is moved.
pub struct TestClock {
    pub now: Mutex<DateTime<Utc>>,
    pub booted: Mutex<DateTime<Utc>>,
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    fn moment(&self) -> Moment {
        let (wall, booted) = (self.now(), *self.booted.lock().unwrap());
        Moment { wall, booted: Some(booted), awake: wall - booted }
    }
}

/// How a life of the agent ends.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// At which line from now on, from 1.
    pub at: usize,
    /// Whether that line is still written.
    pub written: bool,
}

/// The ledger, in memory.
pub struct Book {
    pub history: History,
    pub events: Vec<Event>,
    pub clock: Arc<TestClock>,
    pub boot: String,
    /// Whether the boot session could not be told as lines were written.
    pub no_boot: bool,
    pub death: Option<Death>,
    /// Done once, as another process would, when the ledger is waited for.
    pub meanwhile: Vec<Event>,
}

impl Book {
    fn put(&mut self, event: Event) {
        let entry = Entry {
            v: 1,
            seq: self.events.len() as u64 + 1,
            time: stamp(self.clock.now()),
            boot: Some(self.boot.clone()).filter(|_| !self.no_boot),
            run: "r1".to_owned(),
            simulated: true,
            event: event.clone(),
            prev: String::new(),
        };
        self.history.apply(&entry);
        self.events.push(event);
    }
}

impl Journal for Book {
    fn append(&mut self, event: Event) -> Result<(), LedgerError> {
        if let Some(death) = &mut self.death {
            death.at -= 1;
            if death.at == 0 {
                if death.written {
                    self.put(event);
                }
                let source = io::Error::from(io::ErrorKind::BrokenPipe);
                return Err(LedgerError::Io { doing: "living on", path: PathBuf::from("memory"), source });
            }
        }
        self.put(event);
        Ok(())
    }
}

impl Record for Book {
    fn history(&mut self) -> Result<&History, LedgerError> {
        for event in std::mem::take(&mut self.meanwhile) {
            self.put(event);
        }
        Ok(&self.history)
    }
}

/// The Mac, some of whose programs fail.
pub struct Flawed<'a> {
    pub mac: &'a SimMac,
    pub fails: &'a [&'static str],
}

impl Look for Flawed<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        if self.fails.iter().any(|part| ask.to_string().contains(part)) {
            return Err(ToolError::Missing { command: ask.to_string() });
        }
        self.mac.look(ask)
    }
}

/// A Mac, its ledger and a life of the agent.
pub struct Bench {
    pub mac: SimMac,
    pub clock: Arc<TestClock>,
    pub book: Book,
    pub keeper: Keeper,
    pub policy: Policy,
    pub item: Item,
    pub zone: Tz,
    pub dir: TempDir,
    pub notifier: Scripted,
    pub absences: Vec<Absence>,
    pub woke_at: Option<DateTime<Utc>>,
    /// Parts of questions that are not answered.
    pub fails: Vec<&'static str>,
    /// Whether everybody has signed in again by the next round.
    pub reconnects: bool,
    rounds: usize,
}

/// The policy with this section.
pub fn policy_of(section: &[(&str, plist::Value)]) -> Policy {
    let section: plist::Dictionary = section.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let mut root = plist::Dictionary::new();
    root.insert("SignOut".into(), section.into());
    let mut bytes = Vec::new();
    plist::Value::from(root).to_writer_xml(&mut bytes).unwrap();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (policy, problems) = policy::read(&layers, &[], &Enrolled::Yes);
    assert_eq!(problems, Vec::new());
    policy
}

/// Every day at this time.
pub fn daily(time: &str) -> (&'static str, plist::Value) {
    ("Times", plist::Value::Array(vec![time.into()]))
}

impl Bench {
    /// Alice at the screen since before the start, Jamf Trust running and connected.
    pub fn new(section: &[(&str, plist::Value)]) -> Self {
        let policy = policy_of(section);
        let item = items(&policy, "").into_iter().find(|item| item.name == "sign_out").unwrap();
        let booted = start() - TimeDelta::hours(1);
        let clock = Arc::new(TestClock { now: Mutex::new(start()), booted: Mutex::new(booted) });
        let mut book = Book {
            history: History::default(),
            events: Vec::new(),
            clock: Arc::clone(&clock),
            boot: "B1".to_owned(),
            no_boot: false,
            death: None,
            meanwhile: Vec::new(),
        };
        let (name, form) = (item.name.clone(), item.words.clone());
        book.append(Event::Scheduled { item: name, form, anchor: stamp(start()) }).unwrap();
        Self {
            mac: SimMac::in_memory(World::Hardened, Mac::default()),
            clock,
            book,
            keeper: Keeper::new(),
            policy,
            item,
            zone: chrono_tz::Europe::London,
            dir: tempfile::tempdir().unwrap(),
            notifier: Scripted::default(),
            absences: Vec::new(),
            woke_at: None,
            fails: Vec::new(),
            reconnects: true,
            rounds: 0,
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// One round.
    pub fn round(&mut self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.rounds += 1;
        assert!(self.rounds < 200_000, "the keeper never rests");
        let look = Flawed { mac: &self.mac, fails: &self.fails };
        let root = self.dir.path().canonicalize().unwrap();
        let history = self.book.history.clone();
        let boot = self.book.boot.clone();
        let round = Round {
            look: &look,
            touch: &self.mac,
            clock: &*self.clock,
            policy: &self.policy,
            item: &self.item,
            history: &history,
            zone: &self.zone,
            absences: &self.absences,
            boot: Some(&boot),
            moment: self.clock.moment(),
            woke_at: self.woke_at,
            root: &root,
            notifier: &self.notifier,
        };
        self.keeper.round(&round, &mut self.book)
    }

    /// Lets time pass until `end`, with a round whenever the keeper wants one, and one at the end.
    pub fn until(&mut self, end: DateTime<Utc>) {
        loop {
            let wake = self.round().unwrap();
            let next = wake.unwrap_or(end).max(self.now() + TimeDelta::milliseconds(1));
            if self.reconnects && wake.is_none_or(|wake| wake > self.now() + minutes(1)) {
                self.mac.edit(|state| state.jamf_trust.vpn = Some("Connected".into())).unwrap();
            }
            if next >= end {
                break;
            }
            *self.clock.now.lock().unwrap() = next;
        }
        *self.clock.now.lock().unwrap() = end;
        self.round().unwrap();
    }

    /// Lets time pass with the lid shut.
    pub fn sleep_until(&mut self, end: DateTime<Utc>) {
        self.absences.push(Absence { from: self.now(), to: end, why: Why::Asleep });
        *self.clock.now.lock().unwrap() = end;
        self.woke_at = Some(end);
    }

    /// Starts the Mac anew, and the agent with it.
    pub fn reboot_at(&mut self, end: DateTime<Utc>) {
        self.absences.push(Absence { from: self.now(), to: end, why: Why::PoweredOff });
        *self.clock.now.lock().unwrap() = end;
        *self.clock.booted.lock().unwrap() = end - TimeDelta::seconds(20);
        self.mac.reboot().unwrap();
        self.book.boot.push('+');
        self.restart();
        self.woke_at = None;
    }

    /// Another life of the agent.
    pub fn restart(&mut self) {
        self.keeper = Keeper::new();
        self.book.death = None;
    }

    /// Logs somebody in at the screen, with Jamf Trust running.
    pub fn log_in(&self, name: &str) {
        self.mac
            .edit(|state| {
                state.log_in(name);
                state.jamf_trust.running.push(name.to_owned());
                state.jamf_trust.vpn = Some("Connected".into());
            })
            .unwrap();
    }

    pub fn log_out(&self, name: &str) {
        self.mac.edit(|state| state.log_out(name)).unwrap();
    }

    /// Another account.
    pub fn add_user(&self, name: &str, full_name: &str, uid: i64) {
        self.mac
            .edit(|state| {
                let user = User { name: name.into(), full_name: full_name.into(), uid, ..state.users[4].clone() };
                state.users.push(user);
            })
            .unwrap();
    }

    /// The sign-outs on record, as `user stage` and what they were due for.
    pub fn steps(&self) -> Vec<(String, Stage, DateTime<Utc>)> {
        let step = |event: &Event| match event {
            Event::SignOut { stage, user, due, .. } => {
                Some((user.clone(), *stage, DateTime::parse_from_rfc3339(due).unwrap().to_utc()))
            }
            _ => None,
        };
        self.book.events.iter().filter_map(step).collect()
    }

    /// The stages on record of one user's sign-outs, in order.
    pub fn stages(&self, user: &str) -> Vec<Stage> {
        self.steps().into_iter().filter(|(name, _, _)| name == user).map(|(_, stage, _)| stage).collect()
    }

    /// What is on record with a stage: the last line's words.
    pub fn words(&self, wanted: Stage) -> String {
        let words = |event: &Event| match event {
            Event::SignOut { stage, detail, .. } if *stage == wanted => Some(detail.clone()),
            _ => None,
        };
        self.book.events.iter().rev().find_map(words).unwrap()
    }

    /// The times on record as missed: whose, how many, why, and whether they were made up.
    pub fn missed(&self) -> Vec<(Option<String>, u64, Vec<String>, bool)> {
        let missed = |event: &Event| match event {
            Event::Missed { user, count, why, made_up, .. } => Some((user.clone(), *count, why.clone(), *made_up)),
            _ => None,
        };
        self.book.events.iter().filter_map(missed).collect()
    }

    /// To whom the app was handed the request.
    pub fn handed(&self) -> Vec<String> {
        self.mac.state().jamf_trust.delivered
    }

    /// The compatibility log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("Library/Logs/JamfTrustSignOut.log")).unwrap_or_default()
    }
}
