//! How the Mac stands, as an exit status: for script runners that look at nothing else.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::{Reading, Value, find};
use crate::text::count;

/// What an audit comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All holds.
    Compliant,
    /// Something is not as policy wants it.
    Drifted,
    /// It cannot be told, for whatever reason.
    CannotTell,
}

impl Verdict {
    /// The exit status.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Compliant => 0,
            Self::Drifted => 1,
            Self::CannotTell => 2,
        }
    }
}

/// An audit, and what there is to say about it.
#[derive(Clone, Debug)]
pub struct Audit {
    /// What it comes to.
    pub verdict: Verdict,
    state: String,
    last_run: Option<String>,
    failing: Option<Vec<String>>,
    unknown: Option<Vec<String>>,
    contested: Option<Vec<String>>,
}

/// Judges a state at the time `now`.
#[must_use]
pub fn audit(reading: &Reading, now: DateTime<Utc>) -> Audit {
    let value = |name: &str| find(name).map(|fact| fact.value(reading, now));
    let ids = |name: &str| match value(name) {
        Some(Value::Ids(ids)) => Some(ids),
        _ => None,
    };
    let state = value("compliance_state").map(|value| value.bare()).unwrap_or_default();
    let last_run = value("last_run").filter(|value| matches!(value, Value::Date(_))).map(|value| value.bare());
    let (failing, unknown) = (ids("failing_controls"), ids("unknown_controls"));
    // A list that cannot be read makes the whole no verdict.
    let is_told = failing.is_some() && unknown.is_some();
    let verdict = match state.as_str() {
        "compliant" if is_told => Verdict::Compliant,
        "drifted" if is_told => Verdict::Drifted,
        _ => Verdict::CannotTell,
    };
    let state = if is_told || !matches!(state.as_str(), "compliant" | "drifted") { state } else { "unreadable".into() };
    Audit { verdict, state, last_run, failing, unknown, contested: ids("contested_controls") }
}

impl Audit {
    /// On one line, without its end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = self.state.clone();
        for (ids, what) in [(&self.failing, "drifted"), (&self.unknown, "unknown")] {
            if let Some(ids) = ids.as_ref().filter(|ids| !ids.is_empty()) {
                out.push_str(&format!("; {} {what}: {}", count(ids.len(), "control", "controls"), ids.join(", ")));
            }
        }
        match &self.last_run {
            Some(at) => out.push_str(&format!("; last run {at}")),
            None => out.push_str("; no run that can be told of"),
        }
        out
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self, simulated: Option<&str>) -> Json {
        json!({
            "v": 1,
            "simulated": simulated,
            "state": self.state,
            "exit_status": self.verdict.status(),
            "last_run": self.last_run,
            "failing_controls": self.failing,
            "unknown_controls": self.unknown,
            "contested_controls": self.contested,
        })
    }
}
