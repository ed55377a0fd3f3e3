//! The state file tells of a sign-out as soon as it is delivered, and of nothing else anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use plist::Value;

fn holdfast(dir: &Path, arguments: &[&str]) -> String {
    let place = ["--sim-dir", dir.to_str().unwrap()];
    let output =
        Command::new(env!("CARGO_BIN_EXE_holdfast")).args(arguments).args(place).stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn state(dir: &Path) -> BTreeMap<String, Value> {
    let folder = dir.join("Library/Application Support/Holdfast");
    let list = Value::from_file(folder.join("status.plist")).unwrap().into_dictionary().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("status.json")).unwrap()).unwrap();
    for (key, value) in &list {
        let same = match value {
            Value::String(text) => json[key] == text.as_str(),
            Value::Integer(number) => json[key] == number.as_signed().unwrap(),
            _ => false,
        };
        assert!(same, "{key}: {value:?} and {}", json[key]);
    }
    assert_eq!(list.len(), json.as_object().unwrap().len());
    list.into_iter().collect()
}

#[test]
fn a_sign_out_between_two_passes_is_told_and_everything_else_stays() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("mac");
    holdfast(&dir, &["check", "--simulate", "hardened"]);
    // Before the first pass there is no state that it could be put into.
    assert!(holdfast(&dir, &["sign-out", "--now"]).contains("delivered"));
    assert_eq!(holdfast(&dir, &["fact", "last_sign_out"]), "never_run\n");
    holdfast(&dir, &["enforce"]);
    let before = state(&dir);
    assert_ne!(before["LastSignOutTime"], Value::from(""));
    assert!(holdfast(&dir, &["sign-out", "--now"]).contains("delivered"));
    let after = state(&dir);
    let changed: Vec<&String> = after.keys().filter(|key| before.get(*key) != after.get(*key)).collect();
    assert!(changed.contains(&&"LastSignOutTime".to_owned()), "{changed:?}");
    assert!(changed.iter().all(|key| key.starts_with("LastSignOut")), "{changed:?}");
    assert_eq!(before.len(), after.len());
    assert!(holdfast(&dir, &["ea", "last_sign_out"]).starts_with("<result>20"));
}
