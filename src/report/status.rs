//! The state file for other tools: flat, integers and strings only, because osquery and Jamf read booleans and dates each in
//! their own way.

use serde_json::{Map, Value};

use super::run::exit_status;
use crate::enforce::{Outcome, Summary};
use crate::policy::{Policy, Problem};

/// What the state file says beside the pass.
#[derive(Debug)]
pub struct Written<'a> {
    /// When the pass ended, RFC 3339.
    pub time: &'a str,
    /// The run's id in the ledger.
    pub run: &'a str,
    /// What started it.
    pub command: &'a str,
    /// The policy in force.
    pub policy: &'a Policy,
    /// What is wrong with it.
    pub problems: &'a [Problem],
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<&'a str>,
}

/// The state after a pass.
#[must_use]
pub fn flat(summary: &Summary, written: &Written<'_>) -> Map<String, Value> {
    let counts = summary.counts();
    let named = |wanted: fn(&Outcome) -> bool| {
        let ids: Vec<&str> =
            summary.lines.iter().filter(|line| wanted(&line.outcome)).map(|line| line.control.id).collect();
        Value::from(ids.join(","))
    };
    let state = match exit_status(summary, written.problems) {
        2 if counts.drifted > 0 => "drifted",
        2 => "unknown",
        78 => "bad_policy",
        _ => "compliant",
    };
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    put("FormatVersion", 1.into());
    put("AgentVersion", env!("CARGO_PKG_VERSION").into());
    put("LastRunTime", written.time.into());
    put("LastRunId", written.run.into());
    put("LastRunCommand", written.command.into());
    put("State", state.into());
    put("Controls", counts.total().into());
    put("Compliant", counts.compliant.into());
    put("Fixed", counts.fixed.into());
    put("Drifted", counts.drifted.into());
    put("Unknown", counts.unknown.into());
    put("NotApplicable", counts.not_applicable.into());
    put("Off", counts.off.into());
    put("DriftedControls", named(|outcome| matches!(outcome, Outcome::Drifted { .. })));
    put("UnknownControls", named(|outcome| matches!(outcome, Outcome::Unknown { .. })));
    put("FixedControls", named(|outcome| matches!(outcome, Outcome::Fixed { .. })));
    put("Mac", summary.facts.as_ref().map_or_else(|_| "unknown".to_owned(), ToString::to_string).into());
    put("PolicyLevel", u8::from(written.policy.level).into());
    put("PolicyDigest", written.policy.digest().into());
    put("PolicyProblems", written.problems.len().into());
    put("Simulated", written.simulated.unwrap_or_default().into());
    map
}

/// The state as an XML property list.
#[must_use]
pub fn plist(map: &Map<String, Value>) -> Vec<u8> {
    let mut dictionary = plist::Dictionary::new();
    for (key, value) in map {
        let value = match value {
            Value::Number(number) => plist::Value::from(number.as_u64().unwrap_or_default()),
            Value::String(text) => plist::Value::from(text.as_str()),
            _ => continue,
        };
        dictionary.insert(key.clone(), value);
    }
    let mut bytes = Vec::new();
    // Writing scalars to memory cannot fail; an empty file would say so to every reader.
    if plist::Value::Dictionary(dictionary).to_writer_xml(&mut bytes).is_err() {
        bytes.clear();
    }
    bytes.push(b'\n');
    bytes
}
