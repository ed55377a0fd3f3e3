//! A process that appends as fast as it can, killed at random moments.

use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use holdfast::ledger::Journal;

use crate::{Place, fixed, numbers, run_started};

const DIR: &str = "HOLDFAST_TEST_DIR";
const FIRST: &str = "HOLDFAST_TEST_FIRST";
const FLUSH: &str = "HOLDFAST_TEST_FLUSH";

/// The process that the other tests here start and kill. Run as one of the tests it appends a hundred lines and ends.
#[test]
#[allow(clippy::disallowed_methods)] // how a test tells its child process what to do
fn appender() {
    let Some(dir) = std::env::var_os(DIR) else {
        let dir = tempfile::tempdir().unwrap();
        append(dir.path(), 1..=100, true, &mut std::io::sink());
        assert_eq!(numbers(&Place::new(dir.path(), 5000).events()).last(), Some(&100));
        return;
    };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    append(&PathBuf::from(dir), first.., std::env::var_os(FLUSH).is_some(), &mut std::io::stderr());
}

fn append(dir: &Path, numbers: impl Iterator<Item = u64>, flush: bool, acknowledge: &mut dyn Write) {
    let mut ledger = Place::new(dir, 5000).open();
    ledger.append(run_started()).unwrap();
    for n in numbers {
        ledger.append(fixed(n)).unwrap();
        acknowledge.write_all(format!("{n}\n").as_bytes()).unwrap();
        if flush && n.is_multiple_of(40) {
            // The clock stands still: all full segments are older than tomorrow.
            ledger.flush(TimeDelta::days(-1), "test").unwrap();
        }
    }
}

/// A number below `end`, another one each time.
fn random(end: u64) -> u64 {
    RandomState::new().hash_one(0) % end
}

/// Starts and kills the appender `times` times. Returns how many appends were acknowledged.
#[allow(clippy::disallowed_methods)] // the child process is this test's own program
fn kill(times: u32, flush: bool) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(dir.path(), 5000);
    let (mut first, mut acknowledged) = (1, Vec::<u64>::new());
    for round in 0..times {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "kill::appender", "--nocapture", "--test-threads=1"]);
        command.env(DIR, dir.path()).env(FIRST, first.to_string());
        if flush {
            command.env(FLUSH, "1");
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stderr.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).unwrap();
            text
        });
        std::thread::sleep(Duration::from_millis(2 + random(150)));
        assert!(child.try_wait().unwrap().is_none(), "round {round}: ended by itself: {}", reader.join().unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        let text = reader.join().unwrap();
        // The last may be cut short by the kill.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        acknowledged
            .extend(whole.lines().map(|line| line.parse::<u64>().unwrap_or_else(|_| panic!("round {round}: {text}"))));

        let mut ledger = place.open();
        let there = numbers(&place.events());
        first = there.iter().chain(&acknowledged).max().map_or(1, |last| last + 1);
        ledger.append(fixed(first)).unwrap();
        acknowledged.push(first);
        first += 1;
        ledger.close().unwrap();
        place.assert_sound(&format!("round {round}"));
        let there = numbers(&place.events());
        let from = if flush { there.first().copied().unwrap_or(0) } else { 0 };
        let lost: Vec<_> = acknowledged.iter().filter(|n| **n >= from && !there.contains(n)).collect();
        assert!(lost.is_empty(), "round {round}: acknowledged and not in the ledger: {lost:?}");
        assert!(there.is_sorted_by(|a, b| a < b), "round {round}: something is there twice");
    }
    acknowledged.len()
}

#[test]
fn killed_at_random_nothing_acknowledged_is_lost() {
    assert!(kill(50, false) > 100);
}

#[test]
fn killed_at_random_while_flushing_the_rest_stays_provable() {
    assert!(kill(25, true) > 50);
}
