//! The state file, read with distrust: whoever could write into it decides nothing by that but which of the known words is said.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock;
use crate::host::trust::Owner;
use crate::mac::FileAnswer;
use crate::mac::plist_bounds::{self, Limits};
use crate::report::status::{CONTROL, LONGEST_FRESH, SHORTEST_FRESH, SIGN_OUT_EPOCH, SIGN_OUT_TIME, STATES};

/// The longest state file that is read, in bytes. It takes about 6 KiB.
pub const LARGEST: usize = 1 << 20;
/// The most controls that a list may have.
const MOST: usize = 1000;
/// The longest id, in bytes.
const LONGEST_ID: usize = 64;
/// The longest text of any other kind, in bytes.
const LONGEST: usize = 64;
/// By how much a state may be from the future: clocks are set.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// The last second of 2099: no time of the agent's is later.
const LATEST: i64 = 4_102_444_799;

/// One dictionary of single values.
struct Flat;

impl Limits for Flat {
    const DEPTH: usize = 1;
    const VALUES: usize = 4 * MOST;
    const BYTES: usize = LARGEST;
}

/// Some value is not what the agent writes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// How old a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    Stale,
}

/// What was found where the state file belongs.
#[derive(Clone, Debug)]
pub enum Reading {
    /// No pass has written one yet.
    NeverRun,
    /// One that cannot be read, or not be trusted.
    Unreadable,
    /// A state.
    Read(State),
}

impl Reading {
    /// Of the file `answer`, which must be its `owner`'s and nobody else's to write. It must be one that the agent wrote for such a Mac:
    /// what a simulated one showed says nothing of a real one.
    #[must_use]
    pub fn of(answer: &FileAnswer, owner: Owner, simulated: bool) -> Self {
        match answer {
            FileAnswer::Absent => Self::NeverRun,
            FileAnswer::Present { bytes, owner: whose, mode } => {
                let is_trusted = owner.is(*whose) && mode & 0o022 == 0;
                let state = if is_trusted { State::parse(bytes) } else { Err(Unreadable) };
                match state {
                    Ok(state) if state.is_of(simulated) => Self::Read(state),
                    _ => Self::Unreadable,
                }
            }
        }
    }
}

/// One value of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scalar {
    Integer(i64),
    Text(String),
    /// Anything else: a state has none.
    Other,
}

/// The values of a state file.
#[derive(Clone, Debug)]
pub struct State(BTreeMap<String, Scalar>);

impl State {
    fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let body = bytes.trim_ascii();
        // In any other form than the agent's own, or with something after the end, it is not the agent's.
        if bytes.len() > LARGEST || !body.starts_with(b"<?xml") || !body.ends_with(b"</plist>") {
            return Err(Unreadable);
        }
        let read = plist_bounds::read::<Flat>(body).map_err(|_| Unreadable)?;
        let dictionary = read.value.into_dictionary().filter(|_| read.twice.is_empty()).ok_or(Unreadable)?;
        let scalar = |value: plist::Value| match value {
            plist::Value::Integer(number) => number.as_signed().map_or(Scalar::Other, Scalar::Integer),
            plist::Value::String(text) => Scalar::Text(text),
            _ => Scalar::Other,
        };
        Ok(Self(dictionary.into_iter().map(|(key, value)| (key, scalar(value))).collect()))
    }

    /// Whether it is a state in a form that is known, of a simulated Mac or of a real one.
    fn is_of(&self, simulated: bool) -> bool {
        let of = self.text("Simulated").map(|name| !name.is_empty());
        self.integer("FormatVersion", 1, 1).is_ok() && of == Ok(simulated)
    }

    fn integer(&self, key: &str, least: i64, most: i64) -> Result<i64, Unreadable> {
        match self.0.get(key) {
            Some(Scalar::Integer(number)) if (least..=most).contains(number) => Ok(*number),
            _ => Err(Unreadable),
        }
    }

    fn text(&self, key: &str) -> Result<&str, Unreadable> {
        match self.0.get(key) {
            Some(Scalar::Text(text)) => Ok(text),
            _ => Err(Unreadable),
        }
    }

    /// A count.
    pub(super) fn count(&self, key: &str) -> Result<i64, Unreadable> {
        self.integer(key, 0, MOST as i64)
    }

    /// The one of `words` that stands under `key`.
    pub(super) fn word(&self, key: &str, words: &'static [&'static str]) -> Result<&'static str, Unreadable> {
        let text = self.text(key)?;
        words.iter().find(|word| **word == text).copied().ok_or(Unreadable)
    }

    /// The ids under `key`, sorted: as many as the count under `count` says, and none of them twice.
    pub(super) fn listed(&self, key: &str, count: &str) -> Result<Vec<String>, Unreadable> {
        let text = self.text(key)?;
        if text.len() > MOST * (LONGEST_ID + 1) {
            return Err(Unreadable);
        }
        let mut ids: Vec<String> = text.split(',').filter(|_| !text.is_empty()).map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        let says = usize::try_from(self.count(count)?).map_err(|_| Unreadable)?;
        if ids.len() == says && ids.iter().all(|id| is_id(id)) { Ok(ids) } else { Err(Unreadable) }
    }

    /// A time that stands there as text and as seconds, and is the same in both.
    fn time(&self, text: &str, epoch: &str) -> Result<DateTime<Utc>, Unreadable> {
        let (text, epoch) = (self.text(text)?, self.integer(epoch, 1, LATEST)?);
        let is_time = text.len() <= LONGEST && text.ends_with('Z');
        let time = clock::read(text).filter(|_| is_time).ok_or(Unreadable)?;
        if time.timestamp() == epoch { Ok(time) } else { Err(Unreadable) }
    }

    /// When the last pass ended.
    pub(super) fn last_run(&self) -> Result<DateTime<Utc>, Unreadable> {
        self.time("LastRunTime", "LastRunEpoch")
    }

    /// When a sign-out was last delivered; `None` where there was none.
    pub(super) fn last_sign_out(&self) -> Result<Option<DateTime<Utc>>, Unreadable> {
        if self.text(SIGN_OUT_TIME)?.is_empty() {
            return self.integer(SIGN_OUT_EPOCH, 0, 0).map(|_| None);
        }
        self.time(SIGN_OUT_TIME, SIGN_OUT_EPOCH).map(Some)
    }

    /// Whether it still says how the Mac stands.
    pub(super) fn age(&self, now: DateTime<Utc>) -> Result<Age, Unreadable> {
        let after = TimeDelta::seconds(self.integer("StaleAfter", SHORTEST_FRESH, LONGEST_FRESH)?);
        let age = now.signed_duration_since(self.last_run()?);
        Ok(if age > after || age < -AHEAD { Age::Stale } else { Age::Fresh })
    }

    /// How the Mac stands as a whole. The counts must come to the same: a state that contradicts itself says nothing.
    pub(super) fn stands(&self) -> Result<&'static str, Unreadable> {
        let said = self.word("State", super::STANDS)?;
        let (drifted, unknown) = (self.count("Drifted")?, self.count("Unknown")?);
        let is = match (drifted, unknown, self.count("PolicyProblems")?) {
            (1.., _, _) => "drifted",
            (_, 1.., _) => "unknown",
            (_, _, 1..) => "bad_policy",
            _ => "compliant",
        };
        if said == is { Ok(is) } else { Err(Unreadable) }
    }

    /// How one control stands.
    pub(super) fn control(&self, id: &str) -> Result<&'static str, Unreadable> {
        self.word(&format!("{CONTROL}{id}"), &STATES)
    }

    /// The version of the agent that wrote it.
    pub(super) fn version(&self) -> Result<String, Unreadable> {
        let text = self.text("AgentVersion")?;
        let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let begins = parts.len() == 3 && parts.iter().all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        if begins && is_plain && text.len() <= LONGEST { Ok(text.to_owned()) } else { Err(Unreadable) }
    }
}

fn is_id(id: &str) -> bool {
    let is_plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    !id.is_empty() && id.len() <= LONGEST_ID && is_plain
}
