//! The simulated tools against recorded ones: each row names a recording, the simulated Mac whose state it shows, and how the
//! two are compared. Run with `cargo test --test pairing`; it needs the recordings, and their absence is a failure.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "pairing/machine.rs"]
mod machine;
#[path = "pairing/passwords.rs"]
mod passwords;
#[path = "pairing/settings.rs"]
mod settings;
#[path = "pairing/unpaired.rs"]
mod unpaired;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use holdfast::sim::{self, SimMac, State};
use serde_json::Value;

/// How recorded and simulated bytes are compared. Everything but what is named here must be equal.
#[derive(Clone, Copy, Debug)]
enum Compare {
    /// Byte for byte.
    Exact,
    /// But for the time and process of each `NSLog` line.
    Stamps,
    /// The recording was written down without the `NSLog` prefix.
    NoStamps,
    /// The recording holds some lines of the whole, in order.
    Excerpt,
    /// The recording was cut at its end.
    Begins,
    /// The same, and but for the `NSLog` stamps.
    Cut,
    /// But for white space and blank lines at the end of a line or of the whole, which pasting adds or takes.
    Ends,
    /// The same, and a blank line in front.
    Blanks,
    /// But for the hashes and identifiers of a boot policy.
    Policy,
}

/// One pairing.
struct Row {
    recording: &'static str,
    origin: &'static str,
    tweak: fn(&mut State, &str),
    files: Vec<(&'static str, Value)>,
    argv: Option<&'static str>,
    uid: Option<u32>,
    compare: Compare,
}

/// `recording` shows the Mac `origin` after `tweak`, which is also handed the recording for lists that are only data.
fn row(recording: &'static str, origin: &'static str, tweak: fn(&mut State, &str)) -> Row {
    Row { recording, origin, tweak, files: Vec::new(), argv: None, uid: None, compare: Compare::Exact }
}

impl Row {
    /// With a preference file.
    fn file(mut self, path: &'static str, content: Value) -> Self {
        self.files.push((path, content));
        self
    }

    /// Asked with another argv than the sidecar's, where the sidecar's was shortened or names another's home.
    fn argv(mut self, line: &'static str) -> Self {
        self.argv = Some(line);
        self
    }

    /// Asked by a user.
    fn by(mut self, uid: u32) -> Self {
        self.uid = Some(uid);
        self
    }

    fn but(mut self, compare: Compare) -> Self {
        self.compare = compare;
        self
    }
}

// The Macs that the rows start from.
const INTEL: &str = "factory@intel-laptop-14";
const ARM15: &str = "factory@arm-laptop-15";
const ARM: &str = "factory@arm-laptop-26";
const ARM27: &str = "factory@arm-laptop-27";
const HARD: &str = "hardened@arm-laptop-26";
const HARD14: &str = "hardened@intel-laptop-14";
const WEAK: &str = "neglected@arm-laptop-26";

fn as_is(_: &mut State, _: &str) {}

fn old(state: &mut State, version: &str) {
    version.clone_into(&mut state.macos.version);
}

fn all_rows() -> Vec<Row> {
    machine::rows().into_iter().chain(passwords::rows()).chain(settings::rows()).collect()
}

#[allow(clippy::disallowed_methods)] // a test's own parameter
fn corpus() -> PathBuf {
    let shared = std::env::var_os("HOLDFAST_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let corpus = shared.join("corpus");
    assert!(corpus.is_dir(), "{} is not there: set HOLDFAST_SHARED", corpus.display());
    corpus
}

#[test]
fn simulated_outputs_equal_recorded_ones() {
    let corpus = corpus();
    let rows = all_rows();
    let wrong: Vec<String> = rows.iter().filter_map(|row| check(&corpus, row).err()).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// A recording of a documented question is paired, or its reason for not being so is written down.
#[test]
fn every_recording_of_a_documented_question_is_paired_or_says_why_not() {
    let corpus = corpus();
    let paired: BTreeSet<String> = all_rows().iter().map(|row| row.recording.to_owned()).collect();
    let excused: BTreeSet<String> = unpaired::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut there = BTreeSet::new();
    for tool in fs::read_dir(&corpus).unwrap() {
        let tool = tool.unwrap();
        if !tool.file_type().unwrap().is_dir() || tool.file_name() == "other" {
            continue;
        }
        for file in fs::read_dir(tool.path()).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            if let Some(name) = file.strip_suffix(".txt") {
                there.insert(format!("{}/{name}", tool.file_name().to_string_lossy()));
            }
        }
    }
    let missing: Vec<_> = there.iter().filter(|name| !paired.contains(*name) && !excused.contains(*name)).collect();
    assert!(missing.is_empty(), "neither paired nor excused: {missing:#?}");
    let gone: Vec<_> = excused.iter().filter(|name| !there.contains(*name) || paired.contains(*name)).collect();
    assert!(gone.is_empty(), "excused without need: {gone:#?}");
}

fn check(corpus: &Path, row: &Row) -> Result<(), String> {
    let name = row.recording;
    let recorded = fs::read(corpus.join(format!("{name}.txt"))).map_err(|e| format!("{name}: {e}"))?;
    let sidecar = fs::read(corpus.join(format!("{name}.json"))).map_err(|e| format!("{name}: {e}"))?;
    let sidecar: Value = serde_json::from_slice(&sidecar).map_err(|e| format!("{name}: {e}"))?;
    let (world, mac) = sim::parse(row.origin).map_err(|e| format!("{name}: {e}"))?;
    let sim = SimMac::in_memory(world, mac);
    let text = String::from_utf8_lossy(&recorded);
    sim.edit(|state| (row.tweak)(state, &text)).map_err(|e| format!("{name}: {e}"))?;
    for (path, content) in &row.files {
        let list = plist(content).into_dictionary().ok_or_else(|| format!("{name}: not a dictionary"))?;
        sim.put_file(path, Some(list)).map_err(|e| format!("{name}: {e}"))?;
    }
    let recorded_argv =
        || sidecar["invocation"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let argv: Vec<String> =
        row.argv.map_or_else(|| recorded_argv().collect(), |line| line.split(' ').map(str::to_owned).collect());
    let output = sim.run(&argv, row.uid).map_err(|e| format!("{name}: {e}"))?;
    let (stream, other) = match sidecar["stream"].as_str() {
        Some("stderr") => (&output.stderr, &output.stdout),
        _ => (&output.stdout, &output.stderr),
    };
    if !other.is_empty() {
        return Err(format!("{name}: also printed on the other stream: {:?}", String::from_utf8_lossy(other)));
    }
    // 0 is also what a sidecar says where its source is silent.
    let status = sidecar["status"].as_i64().unwrap_or(0);
    if status != 0 && status != i64::from(output.status) {
        return Err(format!("{name}: status {}, recorded {status}", output.status));
    }
    let simulated = String::from_utf8_lossy(stream);
    if same(row.compare, &text, &simulated) {
        return Ok(());
    }
    Err(format!("{name} ({:?}):\n  recorded  {text:?}\n  simulated {simulated:?}", row.compare))
}

fn same(compare: Compare, recorded: &str, simulated: &str) -> bool {
    match compare {
        Compare::Exact => recorded == simulated,
        Compare::Stamps => {
            let (recorded, found) = unstamped(recorded);
            found && recorded == unstamped(simulated).0
        }
        Compare::NoStamps => recorded == unstamped(simulated).0.replace("LOGGED ", ""),
        Compare::Excerpt => {
            let mut lines = simulated.lines();
            !recorded.is_empty() && recorded.lines().all(|line| lines.any(|other| other == line))
        }
        Compare::Begins => !recorded.is_empty() && simulated.starts_with(recorded),
        Compare::Cut => unstamped(simulated).0.starts_with(&unstamped(recorded).0),
        Compare::Ends => ends(recorded) == ends(simulated),
        Compare::Blanks => ends(recorded).trim_start() == ends(simulated),
        Compare::Policy => policy(recorded) == policy(simulated),
    }
}

fn ends(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// Each line's `2026-01-01 12:00:00.000 tool[1:2] ` as `LOGGED `, and whether there was one.
fn unstamped(text: &str) -> (String, bool) {
    let mut found = false;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let bytes = line.as_bytes();
        let dated = bytes.len() > 24 && bytes[4] == b'-' && bytes[10] == b' ' && bytes[19] == b'.' && bytes[23] == b' ';
        match line.find("] ").filter(|_| dated) {
            Some(end) => {
                found = true;
                out.push_str("LOGGED ");
                out.push_str(&line[end + 2..]);
            }
            None => out.push_str(line),
        }
    }
    (out, found)
}

fn policy(text: &str) -> String {
    let mask = |line: &str| {
        let identifies = ["Hash", "UUID", "ECID"].iter().any(|word| line.contains(word)) && !line.ends_with("absent");
        match line.split_once(": ") {
            Some((label, _)) if identifies => format!("{label}: ID"),
            _ if line.starts_with("Local policy for volume group ") => "Local policy for volume group ID:".to_owned(),
            _ => line.to_owned(),
        }
    };
    text.lines().map(mask).collect::<Vec<_>>().join("\n")
}

fn plist(value: &Value) -> plist::Value {
    match value {
        Value::Object(entries) => {
            plist::Value::Dictionary(entries.iter().map(|(key, value)| (key.clone(), plist(value))).collect())
        }
        Value::Array(items) => plist::Value::Array(items.iter().map(plist).collect()),
        Value::Bool(yes) => (*yes).into(),
        Value::Number(number) => number.as_i64().expect("a whole number").into(),
        Value::String(text) => text.clone().into(),
        Value::Null => panic!("null has no form in a property list"),
    }
}
