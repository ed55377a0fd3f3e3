//! The state file for other tools: flat, integers and strings only, because osquery and Jamf read booleans and dates each in
//! their own way.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::clock::{self, stamp};
use crate::enforce::{Left, Line, Outcome};
use crate::ledger::history::History;
use crate::policy::tables::{SCHEDULE, SLOW_CHECK_INTERVAL};
use crate::policy::{Policy, Problem};

/// Every state that a control can be in, and so every word of the keys `Control_ID`.
pub const STATES: [&str; 7] = ["compliant", "fixed", "drifted", "unknown", "not_applicable", "off", "exempt"];

/// Before what a control's own key stands its id.
pub const CONTROL: &str = "Control_";
/// The key of the last sign-out, RFC 3339, empty where there was none.
pub const SIGN_OUT_TIME: &str = "LastSignOutTime";
/// The same in seconds since 1970, 0 where there was none.
pub const SIGN_OUT_EPOCH: &str = "LastSignOutEpoch";

/// After fewer seconds than this no state is stale: a Mac may sleep for a night.
pub const SHORTEST_FRESH: i64 = 86_400;
/// After more seconds than this every state is: four times the longest interval of slow checks.
pub const LONGEST_FRESH: i64 = LOOKS * 7 * 86_400;
/// How many of the slow checks may be missed.
const LOOKS: i64 = 4;

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
    /// When the pass ended.
    pub time: DateTime<Utc>,
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
    /// When a sign-out of Jamf Trust was last delivered to anybody.
    pub signed_out: Option<DateTime<Utc>>,
}

/// When a sign-out was last delivered, to whomever.
#[must_use]
pub fn last_sign_out(history: &History) -> Option<DateTime<Utc>> {
    let delivered = history.sign_outs.values().filter_map(|user| user.delivered_at.as_deref());
    delivered.filter_map(clock::read).max()
}

/// After how many seconds without a pass the state says nothing any more: four times the interval of the slow checks, and
/// never less than a day.
#[must_use]
pub fn stale_after(policy: &Policy) -> i64 {
    let interval = policy.section(&SCHEDULE).integer(&SLOW_CHECK_INTERVAL);
    LOOKS.saturating_mul(interval).clamp(SHORTEST_FRESH, LONGEST_FRESH)
}

/// Puts the last sign-out into a state. Returns whether that is news.
pub fn put_sign_out(map: &mut Map<String, Value>, at: Option<DateTime<Utc>>) -> bool {
    let time = Value::from(at.map(stamp).unwrap_or_default());
    let epoch = Value::from(at.map_or(0, |at| at.timestamp()));
    let is_news = map.get(SIGN_OUT_TIME) != Some(&time) || map.get(SIGN_OUT_EPOCH) != Some(&epoch);
    map.insert(SIGN_OUT_TIME.to_owned(), time);
    map.insert(SIGN_OUT_EPOCH.to_owned(), epoch);
    is_news
}

/// What the state of the control `bootstrap_token` says about the token. One that is there but not where it counts is not
/// escrowed.
fn bootstrap_token(stands: &[Stands]) -> &'static str {
    let state = stands.iter().find(|one| one.control == "bootstrap_token").map(|one| one.state.as_str());
    match state {
        Some("compliant" | "fixed") => "escrowed",
        Some("drifted") => "not_escrowed",
        Some("not_applicable") => "not_applicable",
        Some("off") | None => "not_checked",
        // What was seen of an exempt one is not in its state.
        Some(_) => "unknown",
    }
}

/// The state, where the controls stand so.
#[must_use]
pub fn flat(stands: &[Stands], written: &Written<'_>) -> Map<String, Value> {
    let list = |which: &dyn Fn(&Stands) -> bool| {
        let ids: Vec<&str> = stands.iter().filter(|one| which(one)).map(|one| one.control).collect();
        (ids.len(), Value::from(ids.join(",")))
    };
    let of = |state: &'static str| list(&move |one| one.state == state);
    let (compliant, fixed, drifted) = (of("compliant").0, of("fixed"), of("drifted"));
    let unknown = list(&|one| word(one) == "unknown");
    let contested = list(&|one| one.contested);
    let exempt = of("exempt");
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
    put("LastRunTime", stamp(written.time).into());
    put("LastRunEpoch", written.time.timestamp().into());
    put("StaleAfter", stale_after(written.policy).into());
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
    put("PolicyLevel", written.policy.level_in_force().map_or(0, u8::from).into());
    put("PolicyPreset", written.policy.preset.map_or("", |preset| preset.name).into());
    put("PolicyDigest", written.policy.digest().into());
    put("PolicyProblems", written.problems.len().into());
    put("Simulated", written.simulated.unwrap_or_default().into());
    put("Exempt", exempt.0.into());
    put("ExemptControls", exempt.1);
    put("BootstrapToken", bootstrap_token(stands).into());
    for one in stands {
        put(&format!("{CONTROL}{}", one.control), word(one).into());
    }
    put_sign_out(&mut map, written.signed_out);
    map
}

/// The word for a control's state. One that no version of this agent writes is not known to be good.
fn word(one: &Stands) -> &'static str {
    STATES.into_iter().find(|state| *state == one.state).unwrap_or("unknown")
}

/// The state as JSON.
#[must_use]
pub fn json(map: &Map<String, Value>) -> Vec<u8> {
    format!("{:#}\n", Value::Object(map.clone())).into_bytes()
}

/// The state as an XML property list.
#[must_use]
pub fn plist(map: &Map<String, Value>) -> Vec<u8> {
    let mut dictionary = plist::Dictionary::new();
    for (key, value) in map {
        let value = match value {
            Value::Number(number) => plist::Value::from(number.as_i64().unwrap_or_default()),
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
