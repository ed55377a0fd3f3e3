//! `log` and `status` of the program itself, over ledgers that were harmed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const LEDGER: &str = "Library/Logs/Holdfast/compliance.ndjson";
const STATE: &str = "Library/Application Support/Holdfast";

/// A simulated Mac on which one run was made.
struct Mac(tempfile::TempDir);

impl Mac {
    fn new() -> Self {
        let mac = Self(tempfile::tempdir().unwrap());
        let made = mac.run(&["--simulate", "neglected@intel-laptop-14", "enforce"]);
        assert_eq!(made.status.code(), Some(2), "{}", text(&made));
        mac
    }

    #[allow(clippy::disallowed_methods)] // the program under test is started
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.arg("--sim-dir").arg(self.0.path()).args(arguments).output().unwrap()
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn ledger(&self) -> Vec<u8> {
        std::fs::read(self.path(LEDGER)).unwrap()
    }

    fn append(&self, bytes: &[u8]) {
        std::fs::OpenOptions::new().append(true).open(self.path(LEDGER)).unwrap().write_all(bytes).unwrap();
    }

    fn verify(&self) -> (Option<i32>, String) {
        let output = self.run(&["log", "verify"]);
        (output.status.code(), text(&output))
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[allow(clippy::disallowed_methods)] // what the ledger must notice
fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

#[test]
fn json_is_the_ledger_byte_for_byte_also_after_a_crash_and_of_a_newer_version() {
    let mac = Mac::new();
    let calm = mac.run(&["log", "--json"]);
    assert_eq!((calm.status.code(), calm.stdout.as_slice()), (Some(0), mac.ledger().as_slice()));
    let (before, torn) = (mac.ledger(), b"{\"v\":1,\"seq\":".as_slice());
    mac.append(torn);
    let (exit, said) = mac.verify();
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("cut short, probably by a crash; the next run closes and marks it"), "{said}");
    mac.run(&["enforce"]);
    let after = mac.ledger().split_off(before.len() + torn.len() + 2);
    let shown = mac.run(&["log", "--json"]);
    assert_eq!((shown.status.code(), &shown.stdout), (Some(0), &[before.clone(), after].concat()));
    assert!(String::from_utf8_lossy(&shown.stderr).contains("torn by a crash, kept"));
    let words = mac.run(&["log"]);
    assert_eq!(words.status.code(), Some(0));
    assert!(text(&words).contains("torn by a crash, kept"));
    assert_eq!(mac.verify().0, Some(0));
    // A line of a newer version, and one that is none.
    let last = String::from_utf8(before).unwrap().lines().last().unwrap().to_owned();
    let foreign = format!("{}\n", last.replace("\"event\":\"run_ended\"", "\"event\":\"newer\",\"x\":[1.50]"));
    mac.append(foreign.as_bytes());
    assert!(mac.run(&["log", "--json"]).stdout.ends_with(foreign.as_bytes()));
    mac.append(b"garbage\n");
    for form in [&["log", "--json"][..], &["log"]] {
        let shown = mac.run(form);
        assert_eq!(shown.status.code(), Some(65), "{}", text(&shown));
    }
    mac.run(&["enforce"]);
    assert_eq!(mac.verify().0, Some(65));
}

#[test]
fn a_ledger_that_is_gone_is_missed_and_one_that_never_was_is_not() {
    let fresh = Mac(tempfile::tempdir().unwrap());
    fresh.run(&["--simulate", "neglected@intel-laptop-14", "check"]);
    let (exit, said) = fresh.verify();
    assert_eq!((exit, said.contains("there is no ledger yet")), (Some(0), true), "{said}");

    let mac = Mac::new();
    std::fs::remove_dir_all(mac.path("Library/Logs/Holdfast")).unwrap();
    remove(&mac.path(&format!("{STATE}/head.json")));
    let (exit, said) = mac.verify();
    assert_eq!((exit, said.contains("status.json tells of run")), (Some(65), true), "{said}");
    let json: Value = serde_json::from_slice(&mac.run(&["log", "verify", "--json"]).stdout).unwrap();
    assert_eq!(json["state"], "missing");
    assert_eq!(mac.run(&["status"]).status.code(), Some(65));
    // And stays missed once there is another.
    mac.run(&["enforce"]);
    let (exit, said) = mac.verify();
    assert_eq!((exit, said.contains("there is no ledger, and")), (Some(65), true), "{said}");
}

#[test]
fn status_tells_a_cut_end_and_counts_what_stands() {
    let mac = Mac::new();
    let json: Value = serde_json::from_slice(&mac.run(&["status", "--json"]).stdout).unwrap();
    assert_eq!(json["counts"]["total"], json["controls"].as_object().unwrap().len());
    assert!(json["last_run"]["user"].is_string() && json["ledger_problem"].is_null());
    let whole = mac.ledger();
    let end = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(mac.path(LEDGER)).unwrap();
    file.set_len(end as u64 + 1).unwrap();
    let status = mac.run(&["status"]);
    assert_eq!(status.status.code(), Some(65));
    assert!(text(&status).contains("The ledger does not hold"), "{}", text(&status));
}

#[test]
fn one_state_or_run_can_be_asked_for_and_nothing_found_is_said() {
    let mac = Mac::new();
    mac.run(&["enforce"]);
    let lines = |arguments: &[&str]| -> Vec<Value> {
        let output = mac.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let fixed = lines(&["log", "--json", "--state", "fixed"]);
    assert!(!fixed.is_empty() && fixed.iter().all(|line| line["event"] == "fixed"));
    let run = fixed[0]["run"].as_str().unwrap();
    let of_run = lines(&["log", "--json", "--run", run]);
    assert!(of_run.len() > fixed.len() && of_run.iter().all(|line| line["run"] == run));
    assert_eq!(text(&mac.run(&["log", "--run", "nobody"])), "no entries\n");
    let all = text(&mac.run(&["log"]));
    assert_eq!(all.matches("\n\n").count(), 1, "{all}");
    assert!(all.contains("undo: ") && all.contains("before: "), "{all}");
    assert_eq!(mac.run(&["log", "--state", "odd"]).status.code(), Some(64));
}

#[test]
fn a_crafted_ledger_steers_no_terminal() {
    let mac = Mac::new();
    let evil = "\\u001b[2J\\r";
    mac.append(
        format!(
            "{{\"v\":1,\"seq\":1,\"time\":\"{evil}\",\"boot\":null,\"run\":\"{evil}\",\"event\":\"found\",\
             \"control\":\"{evil}\",\"state\":\"{evil}\",\"mode\":\"{evil}\",\"seen\":\"{evil}\",\"prev\":\"{evil}\"}}\n"
        )
        .as_bytes(),
    );
    mac.append(b"\x1b[2J\n");
    for arguments in [&["log"][..], &["log", "--json"], &["log", "verify"], &["status"]] {
        let output = mac.run(arguments);
        assert!(!text(&output).contains(['\u{1b}', '\r']), "{arguments:?}: {}", text(&output));
    }
}

#[test]
fn a_flush_with_nothing_to_remove_says_so() {
    let mac = Mac::new();
    let none = mac.run(&["log", "flush", "--older-than", "1d"]);
    assert_eq!((none.status.code(), text(&none)), (Some(0), "no whole segment is older than 1d\n".to_owned()));
    assert_eq!(mac.run(&["log", "flush", "--older-than", "soon"]).status.code(), Some(64));
}
