//! The ledger folded: how each control stands and since when, and how the last run went.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::line::cut;
use super::query::time_of;
use super::{Counts, Entry, Event, LedgerError, Stage, load};
use crate::clock::stamp;

/// Longest id, state or time that is kept, in bytes. None that the agent writes is longer; it bounds a checkpoint's line.
const LONGEST_WORD: usize = 64;
/// Longest text that is kept of a run, in bytes as written in a line.
const LONGEST_TEXT: usize = 160;
/// Bytes of standings that one checkpoint line holds, so that the whole stays below the longest line.
const PART: usize = 4000;

/// How far one run can move on what the agent takes for the time. A Mac that was switched off for longer catches up within some
/// runs; a clock that is set to a far future must stay so for many.
const STEP: TimeDelta = TimeDelta::days(2);

/// How one control stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The last known state: `compliant`, `drifted`, `not_applicable`, `unknown` or `off`.
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
    /// at most [`MOST_MENDED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended: Vec<String>,
    /// When a change was last announced, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<String>,
    /// How many changes in a row were tried and did not bring it about.
    #[serde(default)]
    pub failures: u32,
    /// Since when it is contested, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contested: Option<String>,
    /// Who may be setting it, where it is contested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<String>,
}

/// Most times that [`Standing::mended`] keeps: the highest limit that policy can set.
pub const MOST_MENDED: usize = 20;

/// How one item of the schedule stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemHistory {
    /// Its schedule, in words, as it was when it was last new.
    pub form: String,
    /// From when its times count, RFC 3339.
    pub anchor: String,
    /// The boot session that this was in: the start that it belongs to does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_boot: Option<String>,
    /// Up to when its times are settled: made, made up, or let go, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
    /// When it was last done, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<String>,
    /// How that ended, where it is a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_counts: Option<Counts>,
    /// How many of its times were missed.
    #[serde(default)]
    pub missed: u64,
    /// The last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_missed: Option<LastMissed>,
}

/// The last times that an item missed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMissed {
    /// The last of them, RFC 3339.
    pub due: String,
    /// Why, as in the event.
    pub why: Vec<String>,
    /// When it was made up, RFC 3339; `None` where it was let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_up: Option<String>,
}

/// How one user's sign-outs stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutHistory {
    /// Up to when the times are settled, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
    /// The boot session that this was in: the start that it belongs to is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_boot: Option<String>,
    /// The last stage on record.
    pub stage: Stage,
    /// When that was, RFC 3339.
    pub at: String,
    /// What it was due for, RFC 3339.
    pub due: String,
    /// In words, as in the event.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// For how long it was put off or held, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How often the user has put this one off.
    #[serde(default)]
    pub postponed: u32,
    /// When the first request was made that was refused since the last one that was not, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_since: Option<String>,
    /// How often in a row it was refused.
    #[serde(default)]
    pub refusals: u32,
    /// When one was last delivered, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// How many were delivered.
    #[serde(default)]
    pub delivered: u64,
}

/// One run of the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub run: String,
    /// `check`, `enforce` …
    pub command: String,
    /// What started it: `command_line`, `schedule` or `event`.
    pub cause: String,
    /// Who started it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The whole command, or what the event was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it began, RFC 3339.
    pub started: String,
    /// When it ended, RFC 3339; `None` while it runs, or where it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// How its controls ended; `None` as for `ended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// Whether it went over part of the catalogue only, or worked at another level than the policy's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Whether it ended because it was asked to stop.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
}

/// The last runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// The one that began last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Run>,
    /// The one that ended last; the same one unless that is running or was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Run>,
    /// What the agent takes for the time, RFC 3339: the start of the last run, but no run moves it back, or on by more than two
    /// days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reckoned: Option<String>,
}

impl Runs {
    /// [`Runs::reckoned`] as a point of time.
    #[must_use]
    pub fn reckoned(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(self.reckoned.as_deref()?).ok().map(|time| time.to_utc())
    }

    fn reckon(&mut self, now: DateTime<Utc>) {
        let reckoned = self.reckoned().map_or(now, |before| at_most(now, before).max(before));
        self.reckoned = Some(stamp(reckoned));
    }
}

/// `now`, but no later than one run can be after `before`.
pub(super) fn at_most(now: DateTime<Utc>, before: DateTime<Utc>) -> DateTime<Utc> {
    before.checked_add_signed(STEP).map_or(now, |latest| now.min(latest))
}

/// The ledger folded, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How each control stands that was ever looked at, by id.
    pub controls: BTreeMap<String, Standing>,
    /// The last runs.
    pub runs: Runs,
    /// How each item of the schedule stands, by name.
    pub schedule: BTreeMap<String, ItemHistory>,
    /// How each user's sign-outs stand, by short name.
    pub sign_outs: BTreeMap<String, SignOutHistory>,
    /// When the daemon last started, RFC 3339; `None` where it has stopped since, as far as it could say.
    pub daemon_since: Option<String>,
    /// The boot session of the last line.
    pub boot: Option<String>,
    /// Parts of a checkpoint that is not complete yet: how many, and what they say.
    parts: Option<(u32, BTreeMap<String, Standing>)>,
}

impl History {
    /// Takes the next line into account. Returns whether it completed a checkpoint, after which nothing before it matters.
    pub fn apply(&mut self, entry: &Entry) -> bool {
        let now = &entry.time;
        self.boot.clone_from(&entry.boot);
        match &entry.event {
            Event::Found { control, state, .. } | Event::NotFixed { control, state, .. } => {
                self.looked_at(control, state, now);
            }
            Event::Fixed { control, .. } => {
                self.looked_at(control, "compliant", now);
                if let Some(standing) = self.controls.get_mut(control).filter(|_| is_plain(now)) {
                    standing.fixed_at = Some(now.clone());
                    standing.fixes = standing.fixes.saturating_add(1);
                }
            }
            Event::RunStarted { command, cause, partial, .. } => {
                if let Some(time) = time_of(entry) {
                    self.runs.reckon(time);
                }
                self.runs.begun = Some(Run {
                    run: cut(&entry.run, LONGEST_TEXT),
                    command: cut(command, LONGEST_TEXT),
                    cause: cut(&cause.kind, LONGEST_TEXT),
                    user: cause.user.as_ref().map(|user| cut(user, LONGEST_TEXT)),
                    detail: cause.detail.as_ref().map(|detail| cut(detail, LONGEST_TEXT)),
                    started: cut(now, LONGEST_WORD),
                    ended: None,
                    counts: None,
                    partial: *partial,
                    interrupted: false,
                });
            }
            Event::RunEnded { counts, interrupted, partial, .. } => {
                if let Some(run) = self.runs.begun.as_mut().filter(|run| run.run == cut(&entry.run, LONGEST_TEXT)) {
                    run.ended = Some(cut(now, LONGEST_WORD));
                    run.counts = Some(*counts);
                    run.interrupted = *interrupted;
                    run.partial |= *partial;
                    self.runs.ended = Some(run.clone());
                }
            }
            Event::Checkpoint { part, parts, runs, state, .. } => return self.checkpoint(*part, *parts, runs, state),
            _ => {}
        }
        false
    }

    fn looked_at(&mut self, control: &str, state: &str, now: &str) {
        if ![control, state, now].into_iter().all(is_plain) {
            return;
        }
        let standing = self.controls.entry(control.to_owned()).or_default();
        if standing.state != state {
            state.clone_into(&mut standing.state);
            now.clone_into(&mut standing.since);
        }
        now.clone_into(&mut standing.seen_at);
    }

    fn checkpoint(&mut self, part: u32, parts: u32, runs: &Runs, state: &BTreeMap<String, Standing>) -> bool {
        let before = if part == 1 { Some((0, BTreeMap::new())) } else { self.parts.take() };
        let Some((_, mut all)) = before.filter(|(done, _)| done.checked_add(1) == Some(part)) else {
            self.parts = None;
            return false;
        };
        let bounded = |(id, standing): &(&String, &Standing)| {
            let times = [Some(&standing.since), Some(&standing.seen_at), standing.fixed_at.as_ref()];
            is_plain(id) && is_plain(&standing.state) && times.into_iter().flatten().all(|time| is_plain(time))
        };
        all.extend(state.iter().filter(bounded).map(|(id, standing)| (id.clone(), standing.clone())));
        if part < parts {
            self.parts = Some((part, all));
            return false;
        }
        *self = Self { controls: all, runs: runs.clone(), ..Self::default() };
        true
    }

    /// The checkpoint that stands for this history, as the events that a new segment begins with: each fits one line.
    #[must_use]
    pub(super) fn checkpoint_events(&self, after: Option<&str>) -> Vec<Event> {
        let mut states = vec![BTreeMap::new()];
        let mut used = 0;
        for (id, standing) in &self.controls {
            // Never 0 in earnest: a map of texts and a number can always be written.
            let size = id.len() + serde_json::to_string(standing).map_or(0, |json| json.len()) + 8;
            if used + size > PART {
                states.push(BTreeMap::new());
                used = 0;
            }
            used += size;
            if let Some(state) = states.last_mut() {
                state.insert(id.clone(), standing.clone());
            }
        }
        let parts = u32::try_from(states.len()).unwrap_or(u32::MAX);
        (1..=parts)
            .zip(states)
            .map(|(part, state)| Event::Checkpoint {
                after: after.map(str::to_owned),
                part,
                parts,
                runs: Box::new(self.runs.clone()),
                state,
            })
            .collect()
    }
}

fn is_plain(word: &str) -> bool {
    word.len() <= LONGEST_WORD && word.bytes().all(|b| b.is_ascii_graphic())
}

/// What the ledger in `folder` comes to; empty where there is none. Takes no lock, and reads only back to the last checkpoint.
///
/// # Errors
/// [`LedgerError`] where a segment cannot be read.
pub fn read(folder: &Path) -> Result<History, LedgerError> {
    Ok(load::load(folder, None)?.history)
}

#[cfg(test)]
mod tests;
