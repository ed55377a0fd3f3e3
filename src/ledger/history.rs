//! The ledger folded: how each control, each item of the schedule and each user's sign-outs stand, and how the last run went.
//!
//! Only what the agent itself can have written is folded: a word, a time or a list that is longer than it writes is left out
//! or cut, so that a checkpoint of any history is made of lines that fit.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::line::cut;
use super::query::time_of;
use super::{Counts, Entry, Event, LedgerError, load};
use crate::clock::{self, stamp};

mod cache;
mod checkpoint;
mod exemptions;
mod items;
mod made;
mod set_back;
mod sign_outs;
mod standing;

pub(super) use cache::keep;
pub use cache::read_again;
use checkpoint::Parts;
pub use exemptions::{BEGINS, ENDS_SOON, EXPIRED, ExemptionHistory, WITHDRAWN, exemption_key, terms};
pub use items::{ItemHistory, LastMissed, form};
pub use made::Made;
pub use set_back::SET_BACK;
pub use sign_outs::{MOST_USERS, Settled, SignOutHistory, user_key};
pub use standing::{MOST_MENDED, MOST_SUSPECTS, Standing, suspect};

/// Longest id, state, time or word that is kept, in bytes. None that the agent writes is longer.
const LONGEST_WORD: usize = 64;
/// Longest text that is kept, in bytes as written in a line.
const LONGEST_TEXT: usize = 160;

/// How far one run can move on what the agent takes for the time. A Mac that was switched off for longer catches up within some
/// runs; a clock that is set to a far future must stay so for many.
const STEP: TimeDelta = TimeDelta::days(2);

/// One run of the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// SHA-256 of the policy that it worked by, in hexadecimal; empty where that is not on record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policy: String,
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
        clock::read(self.reckoned.as_deref()?)
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
    /// How each user's sign-outs stand, by short name ([`History::sign_out`] finds one).
    pub sign_outs: BTreeMap<String, SignOutHistory>,
    /// What the agent changed and nobody has put back since, by the setting's name.
    pub made: BTreeMap<String, Made>,
    /// The exemptions that count, and those that are over, by control and user ([`exemption_key`]).
    pub exemptions: BTreeMap<String, ExemptionHistory>,
    /// When the daemon last started, RFC 3339; `None` where it has stopped since, as far as it could say.
    pub daemon_since: Option<String>,
    /// The boot session of the last line.
    pub boot: Option<String>,
    /// Whether the last line says that the agent is about to be removed, which takes the record of the ledger's end with it.
    pub removed: bool,
    /// Parts of a checkpoint that is not complete yet.
    parts: Option<Parts>,
}

impl History {
    /// How the sign-outs of `user` stand.
    #[must_use]
    pub fn sign_out(&self, user: &str) -> Option<&SignOutHistory> {
        self.sign_outs.get(&user_key(user))
    }

    /// Takes the next line into account. Returns whether it completed a checkpoint, after which nothing before it matters.
    pub fn apply(&mut self, entry: &Entry) -> bool {
        self.removed = matches!(entry.event, Event::Removes { .. });
        self.boot = entry.boot.as_ref().map(|boot| cut(boot, LONGEST_TEXT));
        if let Event::Checkpoint { .. } = &entry.event {
            return self.checkpoint(entry);
        }
        if !is_plain(&entry.time) {
            return false;
        }
        let now = entry.time.as_str();
        match &entry.event {
            Event::RunStarted { items, .. } => {
                self.run_started(entry);
                self.begun(items, now);
            }
            Event::RunEnded { counts, unchanged, .. } => {
                if self.run_ended(entry) {
                    self.ended(*counts);
                }
                for control in unchanged {
                    if let Some(standing) = self.controls.get_mut(control) {
                        now.clone_into(&mut standing.seen_at);
                    }
                }
            }
            Event::DaemonStarted { .. } => self.daemon_since = Some(now.to_owned()),
            Event::DaemonStopped { .. } => self.daemon_since = None,
            Event::Scheduled { .. } | Event::Missed { .. } => self.of_schedule(entry),
            Event::SignOut { .. } => self.of_sign_out(entry),
            Event::Exemption { .. } => self.of_exemption(entry),
            Event::Gap { why, to, .. } if why == "clock_set_back" => self.set_back(to),
            event => {
                let policy = self.runs.begun.as_ref().filter(|run| run.run == id_of(entry)).map(|run| &run.policy);
                if let Some(control) = event.control().filter(|control| is_plain(control)) {
                    made::apply(&mut self.made, control, entry, &id_of(entry));
                    standing::apply(&mut self.controls, control, event, now, policy.filter(|digest| is_plain(digest)));
                }
            }
        }
        false
    }

    fn run_started(&mut self, entry: &Entry) {
        let Event::RunStarted { command, cause, policy, partial, .. } = &entry.event else { return };
        if let Some(time) = time_of(entry) {
            self.runs.reckon(time);
        }
        self.runs.begun = Some(Run {
            run: id_of(entry),
            command: cut(command, LONGEST_TEXT),
            cause: cut(&cause.kind, LONGEST_TEXT),
            user: cause.user.as_ref().map(|user| cut(user, LONGEST_TEXT)),
            detail: cause.detail.as_ref().map(|detail| cut(detail, LONGEST_TEXT)),
            policy: cut(policy, LONGEST_TEXT),
            started: entry.time.clone(),
            partial: *partial,
            ..Run::default()
        });
    }

    /// Whether the run that began last is the one that ended.
    fn run_ended(&mut self, entry: &Entry) -> bool {
        let Event::RunEnded { counts, interrupted, partial, .. } = &entry.event else { return false };
        let Some(run) = self.runs.begun.as_mut().filter(|run| run.run == id_of(entry)) else { return false };
        run.ended = Some(entry.time.clone());
        run.counts = Some(*counts);
        run.interrupted = *interrupted;
        run.partial |= *partial;
        self.runs.ended = Some(run.clone());
        true
    }
}

/// The run's id as it is kept.
fn id_of(entry: &Entry) -> String {
    cut(&entry.run, LONGEST_TEXT)
}

fn is_plain(word: &str) -> bool {
    word.len() <= LONGEST_WORD && word.bytes().all(|b| b.is_ascii_graphic())
}

/// The later of two times of the ledger; the second where they cannot be told apart.
fn later(first: &str, second: &str) -> String {
    let is_first = clock::read(first).zip(clock::read(second)).is_some_and(|(first, second)| first > second);
    if is_first { first } else { second }.to_owned()
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
