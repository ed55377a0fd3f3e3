//! The ledger under crashes: cut at any byte, stopped at any step, killed at any moment.

#![allow(clippy::disallowed_methods, reason = "a test does to files what an attacker or a crash would")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)] // clippy.toml allows them in tests, but does not know a test target's own functions

mod cli;
mod crash;
mod kill;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use holdfast::clock::FixedClock;
use holdfast::ledger::query::{Filter, rows};
use holdfast::ledger::verify::verify;
use holdfast::ledger::{CURRENT, Cause, Event, IfBusy, Ledger, LedgerOptions};

static NOON: FixedClock = FixedClock(DateTime::<Utc>::UNIX_EPOCH);

/// Where a ledger is.
struct Place {
    folder: PathBuf,
    head: PathBuf,
    max: u64,
}

impl Place {
    fn new(dir: &std::path::Path, max: u64) -> Self {
        Self { folder: dir.join("log"), head: dir.join("state/head.json"), max }
    }

    fn open(&self) -> Ledger<'static> {
        let options = LedgerOptions {
            folder: self.folder.clone(),
            head: self.head.clone(),
            max_segment_bytes: self.max,
            simulated: true,
            boot: None,
            run: "r1".to_owned(),
            expected: None,
            clock: &NOON,
        };
        Ledger::open(options, IfBusy::Fail).unwrap()
    }

    fn current(&self) -> PathBuf {
        self.folder.join(CURRENT)
    }

    fn events(&self) -> Vec<Event> {
        let rows = rows(&self.folder, Filter::default()).unwrap();
        rows.filter_map(|row| row.unwrap().entry.ok()).map(|entry| entry.event).collect()
    }

    fn assert_sound(&self, after: &str) {
        let report = verify(&self.folder, &self.head).unwrap();
        assert!(report.ok, "{after}: {:#?}", report.problems);
    }
}

fn run_started() -> Event {
    Event::RunStarted {
        command: "enforce".to_owned(),
        cause: Cause { kind: "schedule".to_owned(), user: None, detail: None },
        agent: "0.1.0".to_owned(),
        mac: None,
        policy: "00".to_owned(),
        partial: false,
        items: Vec::new(),
    }
}

fn fixed(n: u64) -> Event {
    Event::Fixed { control: format!("control_{}", n % 9), seen: format!("number {n}") }
}

/// The numbers that [`fixed`] was given, of all such events in `events`.
fn numbers(events: &[Event]) -> Vec<u64> {
    let number = |event: &Event| match event {
        Event::Fixed { seen, .. } => seen.strip_prefix("number ")?.parse().ok(),
        _ => None,
    };
    events.iter().filter_map(number).collect()
}
