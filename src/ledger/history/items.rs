//! How one item of the schedule stands.

use serde::{Deserialize, Serialize};

use super::{History, LONGEST_TEXT, LONGEST_WORD, is_plain, later};
use crate::ledger::line::{cut, escaped_len};
use crate::ledger::{Counts, Entry, Event, Stage};

/// Longest schedule in words that is kept, in bytes as written in a line.
const LONGEST_FORM: usize = 1500;
/// Most words of why times were missed.
const MOST_WHY: usize = 12;

/// How one item of the schedule stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemHistory {
    /// Its schedule, in words, as it was when it was last new ([`form`]).
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

/// A schedule's words as [`ItemHistory::form`] keeps them: a longer text is cut, and carries a hash of all of it, so that two
/// schedules never pass for one. To be compared with that, and to be what the event says.
#[must_use]
pub fn form(words: &str) -> String {
    bounded(words, LONGEST_FORM)
}

/// `text`, or its beginning and its hash where it is longer than `most` bytes as written in a line.
pub(super) fn bounded(text: &str, most: usize) -> String {
    /// ` #` and half of a SHA-256 in hexadecimal, behind a cut text.
    const TAIL: usize = 34;
    if escaped_len(text) <= most {
        return text.to_owned();
    }
    let hash = crate::ledger::line::hash(text.as_bytes());
    format!("{} #{}", cut(text, most.saturating_sub(TAIL)), hash.get(..TAIL - 2).unwrap_or_default())
}

impl History {
    /// A run over `items` began.
    pub(super) fn begun(&mut self, items: &[String], now: &str) {
        for name in items.iter().filter(|name| escaped_len(name) <= LONGEST_TEXT) {
            let item = self.schedule.entry(name.clone()).or_default();
            item.settled = Some(now.to_owned());
            item.last_run = Some(now.to_owned());
            item.last_counts = None;
        }
    }

    /// The run that began last ended.
    pub(super) fn ended(&mut self, counts: Counts) {
        let started = self.runs.begun.as_ref().map(|run| &run.started);
        for item in self.schedule.values_mut().filter(|item| item.last_run.is_some()) {
            if item.last_run.as_ref() == started {
                item.last_counts = Some(counts);
            }
        }
    }

    /// A schedule is new, or times were missed.
    pub(super) fn of_schedule(&mut self, entry: &Entry) {
        let (now, boot) = (entry.time.as_str(), self.boot.clone());
        match &entry.event {
            Event::Scheduled { item, form: words, anchor } if escaped_len(item) <= LONGEST_TEXT && is_plain(anchor) => {
                let item = self.schedule.entry(item.clone()).or_default();
                item.form = form(words);
                anchor.clone_into(&mut item.anchor);
                item.anchor_boot = boot;
            }
            Event::Missed { item, first: _, last, count, why, made_up, user }
                if escaped_len(item) <= LONGEST_TEXT && is_plain(last) =>
            {
                let settles = (!made_up).then(|| last.clone());
                let item = self.schedule.entry(item.clone()).or_default();
                item.missed = item.missed.saturating_add(*count);
                item.last_missed = Some(LastMissed {
                    due: last.clone(),
                    why: why.iter().take(MOST_WHY).map(|word| cut(word, LONGEST_WORD)).collect(),
                    made_up: made_up.then(|| now.to_owned()),
                });
                match (settles, user) {
                    (Some(settled), Some(user)) => self.let_go(user, settled, now),
                    (Some(settled), None) => item.settled = Some(settled),
                    (None, _) => {}
                }
            }
            _ => {}
        }
    }

    /// A sign-out of `user` that was due at `due` will not be made. The start of the Mac is never let go.
    fn let_go(&mut self, user: &str, due: String, now: &str) {
        let standing = self.of_user(user, Stage::GivenUp, &due, now);
        standing.settled = Some(due);
    }
}

impl ItemHistory {
    /// Whether it is one that the fold can have made.
    pub(super) fn is_bounded(&self) -> bool {
        let missed = self.last_missed.iter().flat_map(|missed| [Some(&missed.due), missed.made_up.as_ref()]);
        let times = [Some(&self.anchor), self.settled.as_ref(), self.last_run.as_ref()];
        times.into_iter().chain(missed).flatten().all(|time| is_plain(time))
            && escaped_len(&self.form) <= LONGEST_FORM
            && self.anchor_boot.as_ref().is_none_or(|boot| escaped_len(boot) <= LONGEST_TEXT)
            && self.last_missed.iter().all(|missed| {
                missed.why.len() <= MOST_WHY && missed.why.iter().all(|word| escaped_len(word) <= LONGEST_WORD)
            })
    }
}

/// Up to when a request settles the times: its own, or the one that it was due for, whichever is later.
pub(super) fn settled(due: &str, now: &str) -> String {
    later(due, now)
}
