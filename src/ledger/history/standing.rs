//! How one control stands, and how often it had to be mended.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{LONGEST_TEXT, is_plain};
use crate::clock;
use crate::ledger::Event;
use crate::ledger::line::{cut, escaped_len};

/// Most times that [`Standing::mended`] keeps: the highest limit that policy can set.
pub const MOST_MENDED: usize = 20;
/// Most of them that [`Standing::suspects`] keeps.
pub const MOST_SUSPECTS: usize = 8;

/// For how long a mend counts.
const DAY: TimeDelta = TimeDelta::days(1);

/// How one control stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The last known state: `compliant`, `drifted`, `not_applicable`, `unknown`, `off` or `exempt`.
    pub state: String,
    /// Since when it has been so, RFC 3339.
    pub since: String,
    /// When it was last looked at, RFC 3339.
    pub seen_at: String,
    /// When the agent last mended it, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_at: Option<String>,
    /// How often the agent has mended it.
    #[serde(default)]
    pub fixes: u64,
    /// When it was mended, or set back while it was being mended, within the day before the last time, RFC 3339, oldest first;
    /// at most [`MOST_MENDED`]. A change that was announced and whose result is not on record counts, as it may have been made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended: Vec<String>,
    /// When a change was last announced, or a plan for one could not be made, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<String>,
    /// Whether the result of that is not on record yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trying: bool,
    /// How many changes in a row were tried and did not bring it about.
    #[serde(default, skip_serializing_if = "is_none")]
    pub failures: u32,
    /// Since when it is contested, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contested: Option<String>,
    /// SHA-256 of the policy by which it became contested, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contested_policy: Option<String>,
    /// Who may be setting it, where it is contested; at most [`MOST_SUSPECTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<String>,
    /// Since when it is held in audit mode because what the agent had changed was put back, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// SHA-256 of what policy had for it then, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_policy: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_none(number: &u32) -> bool {
    *number == 0
}

/// A suspect's name as a standing keeps it: a longer one is cut.
#[must_use]
pub fn suspect(name: &str) -> String {
    cut(name, LONGEST_TEXT)
}

/// Takes what `event` says about `control` into account. `policy` is the digest of the run's policy, where it is on record.
pub(super) fn apply(
    controls: &mut BTreeMap<String, Standing>,
    control: &str,
    event: &Event,
    now: &str,
    policy: Option<&String>,
) {
    // Only a look makes a standing: what was never looked at has none.
    if let Event::Found { state, .. } | Event::NotFixed { state, .. } = event {
        if !is_plain(state) {
            return;
        }
        controls.entry(control.to_owned()).or_default();
    } else if let Event::Fixed { .. } = event {
        controls.entry(control.to_owned()).or_default();
    } else if let Event::Held { .. } = event {
        // A hold is never lost: without a look on record it is not known how the control stands.
        let unseen = || Standing {
            state: "unknown".to_owned(),
            since: now.to_owned(),
            seen_at: now.to_owned(),
            ..Standing::default()
        };
        controls.entry(control.to_owned()).or_insert_with(unseen);
    }
    let Some(standing) = controls.get_mut(control) else { return };
    match event {
        Event::Found { state, .. } => standing.found(state, now),
        Event::Intends { .. } => standing.intends(now),
        Event::Fixed { .. } => standing.fixed(now),
        Event::NotFixed { state, refused, .. } => standing.not_fixed(state, *refused, now),
        Event::Contested { suspects, .. } => {
            standing.contested = Some(now.to_owned());
            standing.contested_policy = policy.cloned();
            standing.suspects = suspects.iter().take(MOST_SUSPECTS).map(|name| suspect(name)).collect();
        }
        // The tool refused, because an MDM governs the setting.
        Event::Managed { .. } => standing.trying = false,
        Event::Rearmed { .. } => standing.rearmed(),
        Event::Held { policy, .. } => {
            standing.rearmed();
            standing.held = Some(now.to_owned());
            standing.held_policy = Some(policy.clone()).filter(|digest| is_plain(digest));
        }
        Event::Resumed { .. } => {
            standing.rearmed();
            (standing.held, standing.held_policy) = (None, None);
        }
        _ => {}
    }
}

impl Standing {
    fn looked_at(&mut self, state: &str, now: &str) {
        if self.state != state {
            state.clone_into(&mut self.state);
            now.clone_into(&mut self.since);
        }
        now.clone_into(&mut self.seen_at);
    }

    fn found(&mut self, state: &str, now: &str) {
        self.looked_at(state, now);
        if std::mem::take(&mut self.trying) {
            // The run that announced a change came to no end that is on record.
            let at = self.tried_at.clone();
            self.count(at.as_deref().unwrap_or(now));
        }
        match state {
            "compliant" => self.failures = 0,
            // What came of it before says nothing of how it is mended once the exemption is over.
            "exempt" => self.rearmed(),
            _ => {}
        }
    }

    fn intends(&mut self, now: &str) {
        // A long list of changes takes several lines, which are one try.
        if !std::mem::replace(&mut self.trying, true) {
            self.tried_at = Some(now.to_owned());
            self.failures = self.failures.saturating_add(1);
        }
    }

    fn fixed(&mut self, now: &str) {
        self.looked_at("compliant", now);
        self.fixed_at = Some(now.to_owned());
        self.fixes = self.fixes.saturating_add(1);
        self.trying = false;
        self.failures = 0;
        self.count(now);
    }

    fn not_fixed(&mut self, state: &str, refused: bool, now: &str) {
        self.looked_at(state, now);
        if !std::mem::take(&mut self.trying) {
            self.tried_at = Some(now.to_owned());
            self.failures = self.failures.saturating_add(1);
        }
        if !refused {
            self.count(now);
        }
    }

    /// One more mend. Only those of the last day are kept.
    fn count(&mut self, now: &str) {
        let within = |time: &String| {
            clock::read(time)
                .zip(clock::read(now))
                .is_some_and(|(time, now)| time <= now && now.signed_duration_since(time) < DAY)
        };
        self.mended.retain(within);
        self.mended.push(now.to_owned());
        let excess = self.mended.len().saturating_sub(MOST_MENDED);
        self.mended.drain(..excess);
    }

    fn rearmed(&mut self) {
        self.contested = None;
        self.contested_policy = None;
        self.suspects.clear();
        self.mended.clear();
        self.failures = 0;
    }

    /// Whether it is one that the fold can have made.
    pub(super) fn is_bounded(&self) -> bool {
        let times = [&self.fixed_at, &self.tried_at, &self.contested, &self.contested_policy];
        let times = times.into_iter().chain([&self.held, &self.held_policy]);
        let words = [&self.state, &self.since, &self.seen_at];
        words.into_iter().chain(times.flatten()).chain(&self.mended).all(|word| is_plain(word))
            && self.mended.len() <= MOST_MENDED
            && self.suspects.len() <= MOST_SUSPECTS
            && self.suspects.iter().all(|name| escaped_len(name) <= LONGEST_TEXT)
    }
}
