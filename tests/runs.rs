//! The program as it is run: what each ending means, and what a run leaves behind for other tools.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test starts the program and edits its files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

struct Ended {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }
}

fn holdfast(arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_holdfast")).args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A simulated Mac in a folder of its own.
struct Mac {
    world: &'static str,
    _home: tempfile::TempDir,
    dir: PathBuf,
}

impl Mac {
    fn new(world: &'static str) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { world, dir: home.path().join("mac"), _home: home }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let place = ["--simulate", self.world, "--sim-dir", self.dir.to_str().unwrap()];
        holdfast(&[&place, arguments].concat())
    }

    fn state(&self) -> (Vec<u8>, Value) {
        let bytes = fs::read(self.dir.join("Library/Application Support/Holdfast/status.json")).unwrap();
        let value = serde_json::from_slice(&bytes).unwrap();
        (bytes, value)
    }

    fn ledger(&self) -> PathBuf {
        self.dir.join("Library/Logs/Holdfast/compliance.ndjson")
    }

    fn events(&self, name: &str) -> Vec<Value> {
        let lines = fs::read_to_string(self.ledger()).unwrap();
        let all = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        all.filter(|line| line["event"] == name).collect()
    }

    fn force_policy(&self, text: &str) {
        let path = self.dir.join("Library/Managed Preferences/org.holdfast.agent.plist");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit_mac(&self, from: &str, to: &str) {
        let path: &Path = &self.dir.join("mac.json");
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn part_of_a_run_never_speaks_for_the_whole_mac() {
    let mac = Mac::new("neglected");
    assert_eq!(mac.run(&["enforce"]).status, 2);
    let (before, value) = mac.state();
    assert_eq!(value["State"], "drifted");
    for part in [&["--control", "firewall_on"][..], &["--level", "3"], &["--level", "1", "--control", "firewall_on"]] {
        mac.run(&[&["enforce"], part].concat());
        assert_eq!(mac.state().0, before, "{part:?} wrote the state file");
    }
    let marks: Vec<bool> = mac.events("run_ended").iter().map(|line| line["partial"] == true).collect();
    assert_eq!(marks, [false, true, true, true]);
    // The last run saw one control, which holds; the Mac as a whole does not.
    assert_eq!(mac.run(&["status"]).status, 2);
}

#[test]
fn every_ending_has_its_published_status() {
    let mac = Mac::new("hardened");
    assert_eq!(mac.run(&["enforce"]).status, 0);
    assert_eq!(mac.run(&["status"]).status, 0);
    mac.edit_mac("\"stealth\": true", "\"stealth\": false");
    assert_eq!(mac.run(&["check"]).status, 2);
    assert_eq!(mac.run(&["enforce"]).status, 3);
    assert_eq!(mac.run(&["check"]).status, 0);
    for (arguments, status) in [
        (&["--help"][..], 0),
        (&["bogus"], 64),
        (&["check", "--control", "nope"], 64),
        (&["check", "--level", "4"], 64),
        (&["interpret", "--", "/usr/bin/fdesetup", "status"], 64),
        (&["interpret", "--stdout", "/dev/null", "--", "/usr/bin/fdesetup", "status"], 65),
        (&["config", "validate", "/dev/null"], 78),
        (&["config", "validate", "/nowhere/policy.plist"], 1),
    ] {
        let ended = holdfast(arguments);
        assert_eq!(ended.status, status, "{arguments:?}: {}{}", ended.stdout, ended.stderr);
    }
    let text = fs::read_to_string(mac.ledger()).unwrap();
    fs::write(mac.ledger(), text.replacen("compliant", "drifted!!", 1)).unwrap();
    assert_eq!(mac.run(&["log", "verify"]).status, 65);
}

#[test]
fn a_policy_that_went_bad_keeps_the_last_good_one_and_is_no_success() {
    const GOOD: &str = "<plist><dict><key>Level</key><integer>3</integer></dict></plist>";
    let mac = Mac::new("hardened");
    mac.run(&["check"]);
    mac.force_policy(GOOD);
    assert_eq!(mac.run(&["enforce"]).status, 0);
    mac.force_policy(&GOOD[..40]);
    let ended = mac.run(&["enforce", "--json"]);
    assert_eq!(ended.status, 78, "{}", ended.stderr);
    let report = ended.json();
    assert_eq!(report["exit_status"], 78);
    assert_eq!(report["policy"]["level"], 3);
    assert_eq!(report["policy"]["problems"][0]["layer"], "managed");
    assert_eq!(mac.state().1["State"], "bad_policy");
    assert_eq!(mac.events("policy_problem").len(), 1);
    let status = mac.run(&["status", "--json"]);
    assert_eq!((status.status, &status.json()["problems"]), (78, &report["policy"]["problems"]));
    // The profile is removed: that is no problem, and its copy goes with it.
    fs::remove_file(mac.dir.join("Library/Managed Preferences/org.holdfast.agent.plist")).unwrap();
    let report = mac.run(&["enforce", "--json"]).json();
    assert_eq!((&report["exit_status"], &report["policy"]["level"]), (&0.into(), &1.into()));
    assert!(!mac.dir.join("Library/Application Support/Holdfast/policy.last-good.managed.plist").exists());
}
