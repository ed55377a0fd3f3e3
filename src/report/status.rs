//! The state file for other tools: flat, integers and strings only, because osquery and Jamf read booleans and dates each in
//! their own way.

use serde_json::{Map, Value};

use crate::enforce::{Left, Line, Outcome};
use crate::policy::{Policy, Problem};

/// How one control stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The control's id.
    pub control: &'static str,
    /// Its state's word, as in a report.
    pub state: String,
    /// Whether it is left alone because it comes back.
    pub contested: bool,
}

impl From<&Line> for Stands {
    fn from(line: &Line) -> Self {
        let contested = matches!(line.outcome, Outcome::Drifted { left: Left::Contested { .. }, .. });
        Self { control: line.control.id, state: line.outcome.word().to_owned(), contested }
    }
}

/// What the state file says beside the pass.
#[derive(Debug)]
pub struct Written<'a> {
    /// When the pass ended, RFC 3339.
    pub time: &'a str,
    /// The run's id in the ledger.
    pub run: &'a str,
    /// Its command, `enforce` or `hold`.
    pub command: &'a str,
    /// The policy in force.
    pub policy: &'a Policy,
    /// What is wrong with it.
    pub problems: &'a [Problem],
    /// The Mac in words, where its kind could be told.
    pub mac: Option<&'a str>,
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<&'a str>,
}

/// The state, where the controls stand so.
#[must_use]
pub fn flat(stands: &[Stands], written: &Written<'_>) -> Map<String, Value> {
    let list = |which: &dyn Fn(&Stands) -> bool| {
        let ids: Vec<&str> = stands.iter().filter(|one| which(one)).map(|one| one.control).collect();
        (ids.len(), Value::from(ids.join(",")))
    };
    let of = |state: &'static str| list(&move |one| one.state == state);
    let known = ["compliant", "fixed", "drifted", "not_applicable", "off"];
    let (compliant, fixed, drifted) = (of("compliant").0, of("fixed"), of("drifted"));
    // A word that no version of this agent writes is not known to be good.
    let unknown = list(&|one| !known.contains(&one.state.as_str()));
    let contested = list(&|one| one.contested);
    let state = if drifted.0 > 0 {
        "drifted"
    } else if unknown.0 > 0 {
        "unknown"
    } else if !written.problems.is_empty() {
        "bad_policy"
    } else {
        "compliant"
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
    put("Controls", stands.len().into());
    put("Compliant", compliant.into());
    put("Fixed", fixed.0.into());
    put("Drifted", drifted.0.into());
    put("Unknown", unknown.0.into());
    put("NotApplicable", of("not_applicable").0.into());
    put("Off", of("off").0.into());
    put("Contested", contested.0.into());
    put("DriftedControls", drifted.1);
    put("UnknownControls", unknown.1);
    put("FixedControls", fixed.1);
    put("ContestedControls", contested.1);
    put("Mac", written.mac.unwrap_or("unknown").into());
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
