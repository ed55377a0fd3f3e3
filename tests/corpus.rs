//! Every recorded output of the real tools that lies beside the checkout gets exactly the reading that its sidecar gives.
//!
//! The recordings keep their sources' licences and are read in place: `../shared`, or the folder that `HOLDFAST_SHARED` names.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(clippy::panic, reason = "a failed expectation in a test")]

use std::fs;
use std::path::{Path, PathBuf};

use holdfast::mac::{Output, interpret};
use serde_json::{Value, json};

/// Fewer items than this mean that the walk went wrong.
const AT_LEAST: usize = 100;

#[expect(clippy::disallowed_methods, reason = "the environment says where the recordings are")]
fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    std::env::var_os("HOLDFAST_SHARED").map_or_else(beside, PathBuf::from)
}

/// All sidecars below `folder`.
fn sidecars(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            found.extend(sidecars(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The command line, which a sidecar gives as a list or as one text.
fn argv(sidecar: &Value) -> Vec<String> {
    match &sidecar["invocation"] {
        Value::Array(words) => words.iter().map(|word| word.as_str().expect("a word").to_owned()).collect(),
        line => line.as_str().expect("a command line").split(' ').map(str::to_owned).collect(),
    }
}

/// What is wrong with how this item is read; `None` where nothing is.
fn fault(path: &Path, sidecar: &Value) -> Option<String> {
    let bytes = fs::read(path.with_extension("txt")).expect("the recorded bytes");
    let status = sidecar["status"].as_i64().and_then(|status| i32::try_from(status).ok()).expect("an exit status");
    let (stdout, stderr) = match sidecar["stream"].as_str() {
        Some("stdout") => (bytes, Vec::new()),
        Some("stderr") => (Vec::new(), bytes),
        other => return Some(format!("stream {other:?}")),
    };
    let read = interpret(&argv(sidecar), &Output { status, stdout, stderr });
    let wanted = &sidecar["reading"];
    match read {
        Ok(reading) if reading == *wanted => None,
        Err(holdfast::mac::Interpret::Misread(_)) if *wanted == json!({"error": true}) => None,
        other => Some(format!("wanted {wanted}\n  got {other:?}")),
    }
}

#[test]
fn every_recorded_output_has_its_reading() {
    let (mut walked, mut faults) = (0_usize, Vec::new());
    for path in sidecars(&shared().join("corpus")) {
        let text = fs::read_to_string(&path).expect("a sidecar");
        let sidecar: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if sidecar["reading"].is_null() {
            continue;
        }
        walked += 1;
        if let Some(fault) = fault(&path, &sidecar) {
            faults.push(format!("{}: {fault}", path.display()));
        }
    }
    println!("{walked} recorded outputs walked, {} of them misread", faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(walked >= AT_LEAST, "only {walked} recorded outputs were found");
}
