//! Questions and answers written down, and answered again from what was written: a Mac on paper.
//!
//! ```json
//! {
//!   "macos": "26.0",
//!   "source": "documented wording",
//!   "asks": [
//!     { "ask": { "run": ["/usr/bin/csrutil", "status"] },
//!       "answer": { "status": 0, "stdout": "System Integrity Protection status: enabled.\n" } },
//!     { "ask": { "run": ["/usr/sbin/sysadminctl", "-screenLock", "status"], "as_user": 501 },
//!       "answer": { "error": "timed_out" } },
//!     { "ask": { "file": "/Library/Preferences/a.plist" }, "answer": { "file": "...", "owner": 0, "mode": "0644" } },
//!     { "ask": { "file": "/Library/Preferences/b.plist" }, "answer": { "absent": true } },
//!     { "ask": { "status": "/a" }, "answer": { "kind": "file", "owner": 0, "group": 0, "mode": "0440" } },
//!     { "ask": { "folder": "/Users" },
//!       "answer": { "names": { "ada": { "kind": "folder", "owner": 501, "group": 20, "mode": "0700" } } } }
//!   ]
//! }
//! ```
//!
//! Streams and contents are text, or `{"base16": "00ff"}` where the bytes are not UTF-8. Time limits are not part of a
//! question here. A question that is written down more than once is answered in that order, and with the last answer
//! from then on.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Look, ToolError};
use crate::mac::{Answer, Ask};

mod wire;

pub use wire::{Failure, Recorded};

/// A written-down conversation with a Mac.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// The macOS version that gives these answers.
    pub macos: String,
    /// What kind of source they were taken from.
    pub source: String,
    /// The questions with their answers, in the order of asking.
    pub asks: Vec<Exchange>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What was asked. Its time limit is not written down; read back, it is the usual one.
    #[serde(with = "wire::ask")]
    pub ask: Ask,
    /// What came.
    pub answer: Recorded,
}

impl Transcript {
    /// Reads a transcript.
    ///
    /// # Errors
    /// Where it is not of the form shown above, with line and column. Unknown fields are errors.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Writes it, indented, with a line break at the end.
    ///
    /// # Errors
    /// Where a file asked for has a path that is not UTF-8, which JSON cannot hold.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// A [`Look`] that writes down what is asked and answered.
pub struct Recorder<'a> {
    look: &'a dyn Look,
    asks: Mutex<Vec<Exchange>>,
}

impl<'a> Recorder<'a> {
    /// Around `look`, with nothing written yet.
    #[must_use]
    pub fn new(look: &'a dyn Look) -> Self {
        Self { look, asks: Mutex::default() }
    }

    /// What was written down so far, as a transcript of a Mac with version `macos`, taken from a `source` of that kind.
    #[must_use]
    pub fn transcript(&self, macos: &str, source: &str) -> Transcript {
        Transcript { macos: macos.to_owned(), source: source.to_owned(), asks: locked(&self.asks).clone() }
    }
}

impl Look for Recorder<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let answer = self.look.look(ask);
        let exchange = Exchange { ask: wire::without_limit(ask), answer: Recorded::from_answer(&answer) };
        locked(&self.asks).push(exchange);
        answer
    }
}

impl fmt::Debug for Recorder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("asks", &locked(&self.asks)).finish_non_exhaustive()
    }
}

/// A [`Look`] that answers from a transcript.
#[derive(Debug)]
pub struct Replay {
    answers: HashMap<Ask, Vec<Recorded>>,
    order: Vec<Ask>,
    asked: Mutex<HashMap<Ask, usize>>,
}

impl Replay {
    /// Answers from `transcript`.
    #[must_use]
    pub fn new(transcript: &Transcript) -> Self {
        let mut answers: HashMap<Ask, Vec<Recorded>> = HashMap::new();
        let mut order = Vec::new();
        for Exchange { ask, answer } in &transcript.asks {
            let ask = wire::without_limit(ask);
            if !answers.contains_key(&ask) {
                order.push(ask.clone());
            }
            answers.entry(ask).or_default().push(answer.clone());
        }
        Self { answers, order, asked: Mutex::default() }
    }

    /// The questions of the transcript that nobody asked, in its order: dead weight in a fixture.
    #[must_use]
    pub fn unasked(&self) -> Vec<Ask> {
        let asked = locked(&self.asked);
        self.order.iter().filter(|ask| !asked.contains_key(ask)).cloned().collect()
    }

    /// The questions that were asked and are not in the transcript, sorted.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Ask> {
        let mut asks: Vec<Ask> =
            locked(&self.asked).keys().filter(|ask| !self.answers.contains_key(ask)).cloned().collect();
        asks.sort();
        asks
    }
}

impl Look for Replay {
    /// # Errors
    /// The recorded error, or [`ToolError::NotSimulated`] for a question that is not in the transcript.
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let known = wire::without_limit(ask);
        let nth = {
            let mut asked = locked(&self.asked);
            let count = asked.entry(known.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let recorded = self.answers.get(&known).and_then(|answers| answers.get(nth).or(answers.last()));
        match recorded {
            Some(recorded) => recorded.to_answer(ask),
            None => Err(ToolError::NotSimulated { command: ask.to_string() }),
        }
    }
}

/// What is guarded here is whole at every moment, so a panic elsewhere does not spoil it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
