//! `ea`, `fact` and `audit` as they are run. What they say of every kind of state file is held by the table's own tests and by
//! the rig.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

struct Ended {
    status: i32,
    stdout: String,
    stderr: String,
}

fn holdfast(arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_holdfast")).args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

struct Mac {
    _home: tempfile::TempDir,
    dir: PathBuf,
}

impl Mac {
    fn new(world: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mac = Self { dir: home.path().join("mac"), _home: home };
        let made = holdfast(&["--simulate", world, "--sim-dir", mac.dir.to_str().unwrap(), "check", "--json"]);
        assert!(made.status == 0 || made.status == 2, "{}", made.stderr);
        mac
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let ended = holdfast(&[arguments, &["--sim-dir", self.dir.to_str().unwrap()]].concat());
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    /// What a fact says, in both forms, with nothing on standard error.
    fn says(&self, name: &str) -> (String, String) {
        let [tagged, bare] = ["ea", "fact"].map(|command| self.run(&[command, name]));
        assert_eq!((tagged.status, bare.status), (0, 0));
        assert_eq!((tagged.stderr.as_str(), bare.stderr.as_str()), ("", ""));
        let inside = tagged.stdout.strip_prefix("<result>").and_then(|text| text.strip_suffix("</result>\n"));
        (inside.unwrap().to_owned(), bare.stdout.strip_suffix('\n').unwrap().to_owned())
    }
}

fn same(text: &str) -> (String, String) {
    (text.to_owned(), text.to_owned())
}

#[test]
fn a_fact_is_told_before_and_after_the_first_pass() {
    for (world, word, status) in [("hardened", "compliant", 0), ("neglected", "drifted", 1)] {
        let mac = Mac::new(world);
        assert_eq!(mac.says("compliance_state"), same("never_run"));
        assert_eq!(mac.says("failing_count"), same("-2"));
        assert_eq!(mac.says("last_run"), (String::new(), "never_run".to_owned()));
        assert_eq!(mac.run(&["audit"]).status, 2);
        mac.run(&["enforce"]);
        assert_eq!(mac.says("compliance_state"), same(word));
        assert_eq!(mac.says("firewall_on"), if world == "hardened" { same("compliant") } else { same("fixed") });
        let audit = mac.run(&["audit"]);
        assert_eq!((audit.status, audit.stdout.lines().count(), audit.stderr.as_str()), (status, 1, ""));
        assert!(audit.stdout.starts_with(&format!("{word}; ")), "{}", audit.stdout);
        let json: serde_json::Value = serde_json::from_str(&mac.run(&["audit", "--json"]).stdout).unwrap();
        assert_eq!((&json["v"], &json["exit_status"], &json["state"]), (&1.into(), &status.into(), &word.into()));
        let (listed, bare) = mac.says("failing_controls");
        assert_eq!(listed.replace('\n', ","), bare);
        assert_eq!(listed == "none", world == "hardened");
    }
}

#[test]
fn a_state_in_a_folder_that_others_can_write_is_not_believed() {
    let mac = Mac::new("hardened");
    mac.run(&["enforce"]);
    assert_eq!(mac.says("compliance_state"), same("compliant"));
    for folder in ["Library/Application Support/Holdfast", "Library/Application Support", "Library"] {
        let path = mac.dir.join(folder);
        let before = path.metadata().unwrap().permissions();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(mac.says("compliance_state"), same("unreadable"), "{folder}");
        assert_eq!(mac.run(&["audit"]).status, 2, "{folder}");
        std::fs::set_permissions(&path, before).unwrap();
    }
    assert_eq!(mac.says("compliance_state"), same("compliant"));
}

#[test]
fn wrong_usage_of_an_extension_attribute_is_a_value_too() {
    for arguments in [&["ea", "no_such"][..], &["ea"], &["ea", "a", "b"], &["ea", "--no-such"]] {
        let ended = holdfast(arguments);
        assert_eq!(
            (ended.status, ended.stdout.as_str(), ended.stderr.as_str()),
            (0, "<result>unknown_fact</result>\n", "")
        );
    }
    let ended = holdfast(&["fact", "no_such"]);
    assert_eq!((ended.status, ended.stdout.as_str(), ended.stderr.as_str()), (64, "unknown_fact\n", ""));
    assert_eq!(holdfast(&["fact"]).status, 64);
}

#[test]
fn the_list_has_every_name_once() {
    let [one, other] = ["ea", "fact"].map(|command| holdfast(&[command, "--list"]));
    assert_eq!((one.status, &one.stdout), (0, &other.stdout));
    for name in ["compliance_state", "last_sign_out", "bootstrap_token", "firewall_on", "secure_boot"] {
        let rows = one.stdout.lines().filter(|line| line.split_whitespace().next() == Some(name));
        assert_eq!(rows.count(), 1, "{name}");
    }
}
