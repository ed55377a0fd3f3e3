//! How one user's sign-outs of Jamf Trust stand.

use serde::{Deserialize, Serialize};

use super::items::{bounded, settled};
use super::{History, LONGEST_TEXT, is_plain};
use crate::ledger::line::{cut, escaped_len};
use crate::ledger::{Entry, Event, Stage};

/// Longest user name that is kept, in bytes as written in a line: any name of 255 bytes, whatever it is made of.
const LONGEST_USER: usize = 1530;

/// Most users that are kept. Of more, those go whose last line is the oldest; their times then count from the beginning of the
/// schedule, as a new user's do.
pub const MOST_USERS: usize = 100;

/// How one user's sign-outs stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutHistory {
    /// Up to when the times are settled, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
    /// The boot session that this was in: the start that it belongs to is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_boot: Option<String>,
    /// What these two were before a request whose outcome is not on record yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Settled>,
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

/// [`SignOutHistory::settled`] and [`SignOutHistory::settled_boot`] at an earlier time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The first, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
}

/// The name under which [`History::sign_outs`] keeps `user`: the name itself, unless it is longer than any that macOS takes.
#[must_use]
pub fn user_key(user: &str) -> String {
    bounded(user, LONGEST_USER)
}

impl History {
    /// The standing of `user`, made where there is none. Where there are too many, the oldest goes.
    pub(super) fn of_user(&mut self, user: &str, stage: Stage, due: &str, now: &str) -> &mut SignOutHistory {
        let key = user_key(user);
        if !self.sign_outs.contains_key(&key) {
            while self.sign_outs.len() >= MOST_USERS {
                let oldest = self.sign_outs.iter().min_by(|(_, a), (_, b)| a.at.cmp(&b.at)).map(|(key, _)| key.clone());
                self.sign_outs.remove(&oldest.unwrap_or_default());
            }
        }
        self.sign_outs.entry(key).or_insert_with(|| SignOutHistory::new(stage, due, now))
    }

    /// One step of one sign-out.
    pub(super) fn of_sign_out(&mut self, entry: &Entry) {
        let Event::SignOut { stage, user, due, detail, until, triggers: _ } = &entry.event else { return };
        if !is_plain(due) || !until.as_ref().is_none_or(|until| is_plain(until)) {
            return;
        }
        let (now, boot) = (entry.time.as_str(), self.boot.clone());
        let standing = self.of_user(user, *stage, due, now);
        standing.step(*stage, due, now, boot);
        standing.stage = *stage;
        now.clone_into(&mut standing.at);
        due.clone_into(&mut standing.due);
        standing.detail = cut(detail, LONGEST_TEXT);
        standing.until.clone_from(until);
    }
}

impl SignOutHistory {
    /// Of somebody who has none so far.
    fn new(stage: Stage, due: &str, now: &str) -> Self {
        Self {
            settled: None,
            settled_boot: None,
            before: None,
            stage,
            at: now.to_owned(),
            due: due.to_owned(),
            detail: String::new(),
            until: None,
            postponed: 0,
            refused_since: None,
            refusals: 0,
            delivered_at: None,
            delivered: 0,
        }
    }

    /// What a step does to everything but the words about it. Stage and time due are still those before.
    fn step(&mut self, stage: Stage, due: &str, now: &str, boot: Option<String>) {
        let is_another = self.due != due;
        if is_another && matches!(stage, Stage::Postponed | Stage::Held | Stage::Requested | Stage::NotDone) {
            // The one before was let go, or is at an end that is not on record. What it was asked for stays settled.
            self.is_over();
        }
        match stage {
            Stage::Deferred | Stage::Held => {}
            Stage::Postponed => self.postponed = self.postponed.saturating_add(1),
            Stage::Requested => {
                self.before = Some(Settled { at: self.settled.take(), boot: self.settled_boot.take() });
                self.settle(due, now, boot);
            }
            Stage::Delivered => {
                self.delivered_at = Some(now.to_owned());
                self.delivered = self.delivered.saturating_add(1);
                self.is_over();
            }
            Stage::Confirmed | Stage::Unconfirmed => self.is_over(),
            Stage::NotDone => {
                let asked = if self.stage == Stage::Requested { &self.at } else { now };
                self.refused_since.get_or_insert_with(|| asked.to_owned());
                self.refusals = self.refusals.saturating_add(1);
                if let Some(before) = self.before.take() {
                    (self.settled, self.settled_boot) = (before.at, before.boot);
                }
            }
            Stage::GivenUp | Stage::NotApplicable => {
                self.settle(due, now, boot);
                self.is_over();
            }
        }
    }

    fn settle(&mut self, due: &str, now: &str, boot: Option<String>) {
        self.settled = Some(settled(due, now));
        self.settled_boot = boot;
    }

    /// This sign-out will not be asked for again; the next one starts anew.
    fn is_over(&mut self) {
        self.before = None;
        self.postponed = 0;
        self.refused_since = None;
        self.refusals = 0;
    }

    /// Whether it is one that the fold can have made.
    pub(super) fn is_bounded(&self) -> bool {
        let before = self.before.as_ref();
        let times = [&self.settled, &self.until, &self.refused_since, &self.delivered_at];
        let boots = [self.settled_boot.as_ref(), before.and_then(|before| before.boot.as_ref())];
        [&self.at, &self.due]
            .into_iter()
            .chain(times.into_iter().flatten())
            .chain(before.and_then(|before| before.at.as_ref()))
            .all(|time| is_plain(time))
            && boots.into_iter().flatten().chain([&self.detail]).all(|text| escaped_len(text) <= LONGEST_TEXT)
    }
}

/// Whether `key` is one that [`user_key`] gives.
pub(super) fn is_key(key: &str) -> bool {
    escaped_len(key) <= LONGEST_USER
}
