//! `holdfast schedule` as it is run.

#![allow(clippy::disallowed_methods, reason = "a test starts the program and writes a policy")]

use std::process::{Command, Output};

use serde_json::Value;

struct Mac(tempfile::TempDir);

impl Mac {
    /// One that has this policy, forced by an MDM.
    fn new(policy: &str) -> Self {
        let mac = Self(tempfile::tempdir().unwrap());
        let made = mac.run(&["--simulate", "hardened", "config", "show"]);
        assert!(made.status.success(), "{made:?}");
        let file = mac.0.path().join("Library/Managed Preferences/org.holdfast.agent.plist");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let text = format!("<plist version=\"1.0\"><dict>{policy}</dict></plist>");
        std::fs::write(file, text).unwrap();
        mac
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_holdfast");
        let mut command = Command::new(program);
        // A zone that no machine needs files for.
        command.args(["--sim-dir", self.0.path().to_str().unwrap()]).args(arguments).env("TZ", "UTC0").output().unwrap()
    }
}

const POLICY: &str = "<key>SignOut</key><dict><key>Times</key><array><string>09:00</string></array></dict>";

#[test]
fn before_the_first_daemon_it_is_the_policy_alone() {
    let mac = Mac::new(POLICY);
    let text = mac.run(&["schedule"]);
    let shown = String::from_utf8(text.stdout).unwrap();
    assert_eq!(text.status.code(), Some(0), "{shown}{:?}", text.stderr);
    assert!(shown.starts_with("Simulated Mac hardened@"), "{shown}");
    for part in ["No daemon has run on this Mac yet.", "every 15 minutes", "daily at 09:00", ":00 +00:00"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");

    let json: Value = serde_json::from_slice(&mac.run(&["schedule", "--json"]).stdout).unwrap();
    assert_eq!(json["v"], 1);
    assert!(json["simulated"].as_str().unwrap().starts_with("hardened@"));
    assert_eq!((&json["daemon_since"], &json["ledger_problem"]), (&Value::Null, &Value::Null));
    let names: Vec<&str> =
        json["items"].as_array().unwrap().iter().map(|item| item["item"].as_str().unwrap()).collect();
    assert!(names.contains(&"checks") && names.contains(&"sign_out"), "{names:?}");
    let sign_out = json["items"].as_array().unwrap().last().unwrap();
    assert!(sign_out["next_due"].as_str().unwrap().ends_with("T09:00:00.000Z"), "{sign_out}");
    // Nothing was written.
    assert!(!mac.0.path().join("Library/Logs/Holdfast/compliance.ndjson").exists());
}

#[test]
fn a_bad_policy_and_a_ledger_that_does_not_hold_are_said() {
    let mac = Mac::new("<key>SignOut</key><dict><key>Times</key><array><string>25:00</string></array></dict>");
    let bad = mac.run(&["schedule"]);
    let shown = String::from_utf8(bad.stdout).unwrap();
    assert_eq!(bad.status.code(), Some(78), "{shown}");
    assert!(shown.contains("problem: managed policy, SignOut.Times"), "{shown}");
    let json: Value = serde_json::from_slice(&mac.run(&["schedule", "--json"]).stdout).unwrap();
    assert_eq!(json["problems"][0]["key"], "SignOut.Times");

    let state = mac.0.path().join("Library/Application Support/Holdfast/status.json");
    std::fs::create_dir_all(state.parent().unwrap()).unwrap();
    std::fs::write(state, r#"{"LastRunId":"r1"}"#).unwrap();
    let gone = mac.run(&["schedule"]);
    assert_eq!(gone.status.code(), Some(65));
    assert!(String::from_utf8(gone.stdout).unwrap().contains("The ledger does not hold: there is no ledger"));
}
