//! The command, as a program.

use std::path::Path;
use std::process::{Command, Output};

use holdfast::sim::{Mac, SimMac, World};
use serde_json::Value;

/// What it prints and how it ends, on the simulated Mac in `dir`.
fn holdfast(dir: &Path, args: &[&str]) -> (String, i32) {
    #[allow(clippy::disallowed_methods, reason = "a test starts the program that it tests")]
    let Output { stdout, stderr, status } = Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .args(args)
        .arg("--sim-dir")
        .arg(dir)
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let text = [stdout, stderr].concat();
    (String::from_utf8(text).unwrap(), status.code().unwrap())
}

fn json(dir: &Path, args: &[&str]) -> (Value, i32) {
    let (text, status) = holdfast(dir, &[args, &["--json"]].concat());
    (serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")), status)
}

fn mac() -> (tempfile::TempDir, SimMac) {
    let dir = tempfile::tempdir().unwrap();
    let mac = SimMac::create(dir.path(), World::Hardened, Mac::default()).unwrap();
    (dir, mac)
}

#[test]
fn signing_out_now_says_how_far_it_came() {
    let (dir, mac) = mac();
    let (text, status) = holdfast(dir.path(), &["sign-out", "--now"]);
    assert_eq!(status, 0, "{text}");
    let words: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(words[1..4], ["requested", "delivered", "confirmed"], "{text}");
    assert_eq!(mac.state().jamf_trust.delivered, ["alice"]);
    let log = std::fs::read_to_string(dir.path().join("Library/Logs/JamfTrustSignOut.log")).unwrap();
    assert_eq!((log.lines().count(), log.split_whitespace().count()), (1, 10));

    // The VPN is down now, so nothing can confirm a second one.
    let (said, status) = json(dir.path(), &["sign-out", "--now", "--user", "alice"]);
    assert_eq!((said["outcome"].as_str(), said["v"].as_u64(), status), (Some("unconfirmed"), Some(1), 2));

    let (text, status) = holdfast(dir.path(), &["sign-out", "history"]);
    assert!(status == 0 && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let (all, _) = json(dir.path(), &["sign-out", "history"]);
    let outcomes: Vec<_> = all["sign_outs"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["confirmed", "unconfirmed"]);
    let (stands, status) = json(dir.path(), &["sign-out"]);
    let alice = &stands["users"][0];
    assert_eq!((alice["user"].as_str(), alice["logged_in"].as_bool(), status), (Some("alice"), Some(true), 0));
    assert_eq!((alice["last"]["stage"].as_str(), alice["delivered"].as_u64()), (Some("unconfirmed"), Some(2)));
    let (text, status) = holdfast(dir.path(), &["log", "verify"]);
    assert_eq!(status, 0, "{text}");
}

#[test]
fn a_refusal_and_nobody_there_are_told_from_success() {
    let (dir, mac) = mac();
    mac.edit(|state| state.jamf_trust.refuses = Some("not today".into())).unwrap();
    let (text, status) = holdfast(dir.path(), &["sign-out", "--now"]);
    assert!(status == 1 && text.contains("refused") && text.contains("not today"), "{text}");
    let (text, status) = holdfast(dir.path(), &["sign-out", "--now", "--user", "bob"]);
    assert!(status == 1 && text.contains("bob is not logged in: nothing was asked"), "{text}");
    mac.edit(|state| state.console_user = None).unwrap();
    let (text, status) = holdfast(dir.path(), &["sign-out", "--now"]);
    assert!(status == 1 && text.contains("nobody is logged in at the screen"), "{text}");
    mac.edit(|state| state.log_in("alice")).unwrap();
    mac.install_jamf_trust(None).unwrap();
    let (text, status) = holdfast(dir.path(), &["sign-out", "--now"]);
    assert!(status == 0 && text.contains("not applicable"), "{text}");
    assert!(!dir.path().join("Library/Logs/JamfTrustSignOut.log").exists());
    assert_eq!(holdfast(dir.path(), &["sign-out", "--user", "alice"]).1, 64);
}

#[test]
fn a_schedule_that_a_bad_policy_lost_is_not_told_as_none_was_wanted() {
    let (dir, _mac) = mac();
    let policy = "<plist version=\"1.0\"><dict><key>SignOut</key><dict><key>Times</key><array><string>7:30</string></array>\
                  </dict></dict></plist>";
    #[allow(clippy::disallowed_methods, reason = "a test writes the policy that it is about")]
    std::fs::write(dir.path().join("Library/Managed Preferences/org.holdfast.agent.plist"), policy).unwrap();
    let (text, status) = holdfast(dir.path(), &["sign-out"]);
    assert!(status == 78 && text.contains("\nproblem: managed policy, SignOut.Times"), "{text}");
    let (said, status) = json(dir.path(), &["sign-out"]);
    assert_eq!((said["problems"][0]["key"].as_str(), status), (Some("SignOut.Times"), 78));
}

#[test]
fn a_mac_without_any_says_so() {
    let (dir, _mac) = mac();
    let (text, status) = holdfast(dir.path(), &["sign-out", "history"]);
    assert!(status == 0 && text.contains("no sign-out is on record"), "{text}");
    let (text, status) = holdfast(dir.path(), &["sign-out"]);
    assert!(status == 0 && text.contains("no schedule") && text.contains("no sign-out on record"), "{text}");
}
