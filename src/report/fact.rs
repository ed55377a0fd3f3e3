//! Facts for MDMs: one name, one value, told from the state file alone. Jamf's extension attributes, `holdfast ea` and
//! `holdfast fact` all come from this one table.
//!
//! No text of the state file is ever passed on: a value is a word of a closed list, ids of controls, a number, a time or a
//! version, each checked against its own narrow form. What has not that form is `unreadable`.

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};

use crate::control::Control;
use crate::controls;
use crate::report::local;
use crate::report::status::STATES;

mod audit;
pub mod jamf;
mod state;

pub use audit::{Audit, Verdict, audit};
use state::{Age, Unreadable};
pub use state::{LARGEST, Reading, State};

/// The word where no pass has written a state yet.
pub const NEVER_RUN: &str = "never_run";
/// The word where the state is there and cannot be read, or says something that it cannot say.
pub const UNREADABLE: &str = "unreadable";
/// The word where the state is too old, or from the future: how the Mac stands now cannot be told.
pub const STALE: &str = "stale";
/// The word for a name that is no fact's.
pub const UNKNOWN_FACT: &str = "unknown_fact";
/// The word of an MDM's script where there is no program to ask.
pub const NOT_INSTALLED: &str = "not_installed";
/// The word for an empty list.
pub const NONE: &str = "none";
/// The word for a sign-out where there was none.
pub const NEVER: &str = "never";
/// What a number is where it cannot be told.
pub const CANNOT_TELL: i64 = -2;
/// What an MDM's script says for a number where there is no program to ask.
pub const NOTHING_TO_ASK: i64 = -1;

/// What a value of a fact looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One of these words, or of those for what cannot be told.
    Word(&'static [&'static str]),
    /// Ids of controls, sorted; or one word.
    Ids,
    /// A version, or a word.
    Version,
    /// A count, or a negative number.
    Count,
    /// A time, or nothing.
    Date,
}

impl Shape {
    /// Jamf Pro's data type for it.
    #[must_use]
    pub fn data_type(self) -> &'static str {
        match self {
            Self::Word(_) | Self::Ids | Self::Version => "String",
            Self::Count => "Integer",
            Self::Date => "Date",
        }
    }
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One of the fact's words, or of those for what cannot be told.
    Word(&'static str),
    /// Ids of controls, sorted.
    Ids(Vec<String>),
    /// A version.
    Version(String),
    /// A count, or a negative number.
    Count(i64),
    /// A time.
    Date(DateTime<Utc>),
    /// No time, and why.
    NoDate(&'static str),
}

impl Value {
    /// As an extension attribute of Jamf Pro has it: ids one a line, times as its type Date wants them, in the local time of
    /// `zone`. No time is empty: any date in its place would be one to a smart group.
    #[must_use]
    pub fn for_jamf<Z: TimeZone>(&self, zone: &Z) -> String {
        match self {
            Self::Date(at) => local::seconds(*at, zone),
            Self::NoDate(_) => String::new(),
            other => other.words("\n"),
        }
    }

    /// Bare, on one line: ids joined by commas, times as RFC 3339 in UTC and whole seconds.
    #[must_use]
    pub fn bare(&self) -> String {
        self.words(",")
    }

    fn words(&self, between: &str) -> String {
        match self {
            Self::Word(word) | Self::NoDate(word) => (*word).to_owned(),
            Self::Ids(ids) if ids.is_empty() => NONE.to_owned(),
            Self::Ids(ids) => ids.join(between),
            Self::Version(version) => version.clone(),
            Self::Count(count) => count.to_string(),
            Self::Date(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}

/// How a fact is told from a state.
#[derive(Clone, Copy, Debug)]
enum Source {
    State(fn(&State) -> Result<Value, Unreadable>),
    /// The control of the fact's name.
    Control,
}

/// One fact.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Its name: `[a-z_]+`, or a control's id.
    pub name: &'static str,
    /// What it is called where people choose it.
    pub title: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// What its values look like.
    pub shape: Shape,
    /// Whether it says `stale` of an old state; otherwise it is a fact about the state and not about the Mac.
    pub ages: bool,
    source: Source,
}

const fn fact(name: &'static str, title: &'static str, shape: Shape, source: Source, doc: &'static str) -> Fact {
    Fact { name, title, doc, shape, ages: true, source }
}

/// The words for how the Mac stands as a whole.
const STANDS: &[&str] = &["compliant", "drifted", "unknown", "bad_policy"];
/// The words about the bootstrap token.
const TOKEN: &[&str] = &["escrowed", "not_escrowed", "not_applicable", "not_checked", "unknown"];

/// Every fact that is no single control's, in the order in which they are listed.
pub static FACTS: [Fact; 11] = [
    fact(
        "compliance_state",
        "Compliance State",
        Shape::Word(STANDS),
        Source::State(|state| state.stands().map(Value::Word)),
        "How the Mac stands as a whole. bad_policy: all holds, but the policy has problems, so that it may not be what was \
         meant.",
    ),
    fact(
        "failing_controls",
        "Failing Controls",
        Shape::Ids,
        Source::State(|state| state.listed("DriftedControls", "Drifted").map(Value::Ids)),
        "The controls that are not as policy wants them.",
    ),
    fact(
        "failing_count",
        "Failing Count",
        Shape::Count,
        Source::State(|state| {
            state.listed("DriftedControls", "Drifted")?;
            state.count("Drifted").map(Value::Count)
        }),
        "How many controls are not as policy wants them.",
    ),
    fact(
        "unknown_controls",
        "Unknown Controls",
        Shape::Ids,
        Source::State(|state| state.listed("UnknownControls", "Unknown").map(Value::Ids)),
        "The controls of which it could not be told how they stand.",
    ),
    fact(
        "contested_controls",
        "Contested Controls",
        Shape::Ids,
        Source::State(|state| state.listed("ContestedControls", "Contested").map(Value::Ids)),
        "Those of the failing controls that are left alone because something keeps setting them back.",
    ),
    Fact {
        ages: false,
        ..fact(
            "last_run",
            "Last Run",
            Shape::Date,
            Source::State(|state| state.last_run().map(Value::Date)),
            "When the last pass ended that the other facts come from.",
        )
    },
    Fact {
        ages: false,
        ..fact(
            "last_sign_out",
            "Last Jamf Trust Sign-Out",
            Shape::Date,
            Source::State(|state| state.last_sign_out().map(|at| at.map_or(Value::NoDate(NEVER), Value::Date))),
            "When somebody was last signed out of Jamf Trust, as far as the request reached the app.",
        )
    },
    fact(
        "agent_health",
        "Agent Health",
        Shape::Word(&["ok", "bad_policy"]),
        Source::State(|state| {
            state.stands()?;
            Ok(Value::Word(if state.count("PolicyProblems")? > 0 { "bad_policy" } else { "ok" }))
        }),
        "Whether the agent works and its policy is understood, however the Mac stands.",
    ),
    fact(
        "bootstrap_token",
        "Bootstrap Token",
        Shape::Word(TOKEN),
        Source::State(|state| state.word("BootstrapToken", TOKEN).map(Value::Word)),
        "Whether the bootstrap token is escrowed to the MDM, so that it can be used. not_checked: policy leaves the control \
         bootstrap_token out.",
    ),
    fact(
        "exemption_count",
        "Exemption Count",
        Shape::Count,
        Source::State(|state| {
            state.listed("ExemptControls", "Exempt")?;
            state.count("Exempt").map(Value::Count)
        }),
        "How many controls are exempt, the whole Mac or for those users for whom they do not hold: looked at and left alone.",
    ),
    Fact {
        ages: false,
        ..fact(
            "agent_version",
            "Agent Version",
            Shape::Version,
            Source::State(|state| state.version().map(Value::Version)),
            "The version of the agent that made the last pass.",
        )
    },
];

/// The fact of this name: one of [`FACTS`]; or how one control stands, by its id or its rule id in NIST's macOS Security
/// Compliance Project. `None` where there is neither.
#[must_use]
pub fn find(name: &str) -> Option<Fact> {
    FACTS.iter().find(|fact| fact.name == name).copied().or_else(|| controls::find(name).map(of_control))
}

/// How one control stands.
fn of_control(control: &'static Control) -> Fact {
    fact(control.id, control.title, Shape::Word(&STATES), Source::Control, "How this control stands.")
}

impl Fact {
    /// Its value at the time `now`.
    #[must_use]
    pub fn value(&self, reading: &Reading, now: DateTime<Utc>) -> Value {
        match reading {
            Reading::NeverRun => self.cannot(NEVER_RUN),
            Reading::Unreadable => self.cannot(UNREADABLE),
            Reading::Read(state) => match self.of(state, now) {
                Ok(value) => value,
                Err(Unreadable) => self.cannot(UNREADABLE),
            },
        }
    }

    fn of(&self, state: &State, now: DateTime<Utc>) -> Result<Value, Unreadable> {
        if self.ages && state.age(now)? == Age::Stale {
            return Ok(self.cannot(STALE));
        }
        match self.source {
            Source::State(read) => read(state),
            Source::Control => state.control(self.name).map(Value::Word),
        }
    }

    /// The value where it cannot be told, with the word for why.
    fn cannot(&self, why: &'static str) -> Value {
        match self.shape {
            Shape::Count => Value::Count(CANNOT_TELL),
            Shape::Date => Value::NoDate(why),
            _ => Value::Word(why),
        }
    }

    /// The words for what cannot be told that a String fact can say.
    #[must_use]
    pub fn excuses(&self) -> &'static [&'static str] {
        if self.ages { &[NEVER_RUN, UNREADABLE, STALE] } else { &[NEVER_RUN, UNREADABLE] }
    }

    /// What it says where it can be told, in words.
    #[must_use]
    pub fn says(&self) -> String {
        match self.shape {
            Shape::Word(words) => words.join(" "),
            Shape::Ids => format!("{NONE}, or ids of controls"),
            Shape::Version => "a version".to_owned(),
            Shape::Count => "a count".to_owned(),
            Shape::Date => "a time".to_owned(),
        }
    }
}

/// Every name that can be asked for, one a line, with type and values; and what they say where they cannot be told.
#[must_use]
pub fn list() -> String {
    let controls = controls::all().into_iter().filter(|control| FACTS.iter().all(|fact| fact.name != control.id));
    let all = FACTS.iter().copied().chain(controls.map(of_control));
    let mut out: String =
        all.map(|fact| format!("{:<36} {:<8} {}\n", fact.name, fact.shape.data_type(), fact.says())).collect();
    out.push_str(&format!(
        "\nWhat cannot be told: {NEVER_RUN}, {UNREADABLE}, {STALE}; a count is {CANNOT_TELL}, a time of ea empty.\n"
    ));
    out
}

#[cfg(test)]
mod tests;
