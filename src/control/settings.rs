//! What policy may adjust in a control: typed, bounded, with a default and a direction in which it gets weaker.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use chrono::NaiveTime;
use serde::Serialize;

use crate::facts::Version;

/// Longest text that policy may give, in characters.
const LONGEST_TEXT: usize = 500;

/// One adjustable value of a control. Declared as data, so that documents, validation and profiles come from one table.
#[derive(Debug)]
pub struct Setting {
    /// Policy key, `UpperCamelCase`.
    pub key: &'static str,
    /// What it means, as one sentence.
    pub doc: &'static str,
    /// Type, bounds and default.
    pub kind: Kind,
    /// In which direction the value weakens the Mac.
    pub laxer: Laxer,
}

/// Type, bounds and default of a [`Setting`].
#[derive(Debug)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// Where policy says nothing.
        default: i64,
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
        /// The unit, in the plural.
        unit: &'static str,
    },
    /// Yes or no.
    Flag {
        /// Where policy says nothing.
        default: bool,
    },
    /// macOS versions, at most one for each major version.
    Versions {
        /// Where policy says nothing.
        default: &'static [&'static str],
    },
    /// Account short names; empty by default.
    Names,
    /// Local times of day, `HH:MM`; none by default.
    Times,
    /// A cron expression with seconds first, as the crate `cron` reads it; empty by default, which is none.
    Cron,
    /// One of some words.
    Choice {
        /// Where policy says nothing.
        default: &'static str,
        /// The words.
        words: &'static [&'static str],
    },
    /// A text of at most 500 characters without control characters.
    Text {
        /// Where policy says nothing.
        default: &'static str,
    },
    /// The absolute path of a file, without `.` and `..`.
    Path {
        /// Where policy says nothing.
        default: &'static str,
    },
}

/// In which direction a value weakens the Mac, so that a weakening value from the wrong layer can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Laxer {
    /// A larger number is weaker.
    Higher,
    /// A smaller number (or an older version) is weaker.
    Lower,
    /// `false` is weaker.
    False,
    /// `true` is weaker.
    True,
    /// Any value other than the default counts as weaker.
    Any,
    /// No value is weaker than another.
    Never,
}

/// The value of a [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Of [`Kind::Integer`].
    Integer(i64),
    /// Of [`Kind::Flag`].
    Flag(bool),
    /// Of [`Kind::Versions`], [`Kind::Names`] and [`Kind::Times`].
    List(Vec<String>),
    /// Of [`Kind::Cron`], [`Kind::Choice`], [`Kind::Text`] and [`Kind::Path`].
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::List(list) if list.is_empty() => f.write_str("none"),
            Self::List(list) => f.write_str(&list.join(", ")),
            Self::Text(text) if text.is_empty() => f.write_str("none"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Setting {
    /// The value where policy says nothing.
    #[must_use]
    pub fn default(&self) -> Value {
        match self.kind {
            Kind::Integer { default, .. } => Value::Integer(default),
            Kind::Flag { default } => Value::Flag(default),
            Kind::Versions { default } => Value::List(default.iter().map(|v| (*v).to_owned()).collect()),
            Kind::Names | Kind::Times => Value::List(Vec::new()),
            Kind::Cron => Value::Text(String::new()),
            Kind::Choice { default, .. } | Kind::Text { default } | Kind::Path { default } => {
                Value::Text(default.to_owned())
            }
        }
    }

    /// What is wrong with `value` for this setting; `None` where it fits.
    #[must_use]
    pub fn objection(&self, value: &Value) -> Option<String> {
        match (&self.kind, value) {
            (Kind::Integer { min, max, unit, .. }, Value::Integer(number)) => {
                (!(min..=max).contains(&number)).then(|| format!("{number} is not between {min} and {max} {unit}"))
            }
            (Kind::Flag { .. }, Value::Flag(_)) => None,
            (Kind::Versions { .. }, Value::List(list)) => {
                let mut majors = Vec::new();
                for text in list {
                    let Some(version) = Version::parse(text) else {
                        return Some(format!("\"{}\" is not a macOS version", crate::text::excerpt(text)));
                    };
                    if majors.contains(&version.major()) {
                        return Some(format!("macOS {} is named more than once", version.major()));
                    }
                    majors.push(version.major());
                }
                list.is_empty().then(|| "the list is empty".to_owned())
            }
            (Kind::Names, Value::List(list)) => list.iter().any(String::is_empty).then(|| "a name is empty".to_owned()),
            (Kind::Times, Value::List(list)) => list.iter().find_map(|text| objection_to_time(text)),
            (Kind::Cron, Value::Text(text)) => objection_to_cron(text),
            (Kind::Choice { words, .. }, Value::Text(text)) => (!words.contains(&text.as_str()))
                .then(|| format!("\"{}\" is none of {}", crate::text::excerpt(text), words.join(", "))),
            (Kind::Text { .. }, Value::Text(text)) => objection_to_text(text),
            (Kind::Path { .. }, Value::Text(text)) => objection_to_path(text),
            (kind, _) => Some(format!("expected {}", kind.word())),
        }
    }

    /// Whether `value` is weaker than `than`.
    #[must_use]
    pub fn is_laxer(&self, value: &Value, than: &Value) -> bool {
        match (self.laxer, value, than) {
            (Laxer::Never, _, _) => false,
            (Laxer::Higher, Value::Integer(a), Value::Integer(b)) => a > b,
            (Laxer::Lower, Value::Integer(a), Value::Integer(b)) => a < b,
            (Laxer::False, Value::Flag(a), Value::Flag(b)) => !a & b,
            (Laxer::True, Value::Flag(a), Value::Flag(b)) => a & !b,
            (Laxer::Lower, Value::List(a), Value::List(b)) => laxer_versions(a, b),
            (_, a, b) => a != b,
        }
    }
}

/// A time of day as policy writes it.
#[must_use]
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.split_once(':')?;
    let number =
        |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?;
    NaiveTime::from_hms_opt(number(hour)?, number(minute)?, 0)
}

fn objection_to_time(text: &str) -> Option<String> {
    let shown = crate::text::excerpt(text);
    time_of_day(text).is_none().then(|| format!("\"{shown}\" is not a time of day between 00:00 and 23:59"))
}

fn objection_to_cron(text: &str) -> Option<String> {
    let why = (!text.is_empty()).then(|| cron::Schedule::from_str(text).err())??;
    Some(format!(
        "\"{}\" is not a cron expression: {}",
        crate::text::excerpt(text),
        crate::text::excerpt(&why.to_string())
    ))
}

fn objection_to_text(text: &str) -> Option<String> {
    if text.chars().any(crate::text::is_unsafe) {
        return Some("it has control characters".to_owned());
    }
    (text.chars().count() > LONGEST_TEXT).then(|| format!("it has more than {LONGEST_TEXT} characters"))
}

fn objection_to_path(text: &str) -> Option<String> {
    let path = Path::new(text);
    let plain =
        path.is_absolute() && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if !plain || text.ends_with('/') || text.contains("/./") || text.contains("//") {
        return Some(format!("\"{}\" is not the absolute path of a file", crate::text::excerpt(text)));
    }
    objection_to_text(text)
}

/// Whether the version list `a` asks less of some macOS than `b`: a lower version for a major, or a major left out.
fn laxer_versions(a: &[String], b: &[String]) -> bool {
    let parse = |list: &[String]| list.iter().filter_map(|text| Version::parse(text)).collect::<Vec<_>>();
    let (a, b) = (parse(a), parse(b));
    b.iter().any(|wanted| a.iter().find(|v| v.major() == wanted.major()).is_none_or(|v| v < wanted))
}

impl Kind {
    /// The type in words.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "a whole number",
            Self::Flag { .. } => "true or false",
            Self::Versions { .. } => "a list of macOS versions",
            Self::Names => "a list of account short names",
            Self::Times => "a list of local times of day, HH:MM",
            Self::Cron => "a cron expression with seconds first",
            Self::Choice { .. } => "a word",
            Self::Text { .. } => "a text",
            Self::Path { .. } => "the absolute path of a file",
        }
    }
}

/// The values of one control's settings: what policy gave, over the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<&'static str, Value>);

impl Settings {
    /// Sets one value. The caller has made sure that it fits ([`Setting::objection`]).
    pub fn set(&mut self, setting: &Setting, value: Value) {
        self.0.insert(setting.key, value);
    }

    /// The value in force for `setting`.
    #[must_use]
    pub fn value(&self, setting: &Setting) -> Value {
        self.0.get(setting.key).cloned().unwrap_or_else(|| setting.default())
    }

    /// The number in force for an integer setting.
    #[must_use]
    pub fn integer(&self, setting: &Setting) -> i64 {
        match self.value(setting) {
            Value::Integer(number) => number,
            _ => 0,
        }
    }

    /// The flag in force for a yes-or-no setting.
    #[must_use]
    pub fn flag(&self, setting: &Setting) -> bool {
        matches!(self.value(setting), Value::Flag(true))
    }

    /// The list in force for a list setting.
    #[must_use]
    pub fn list(&self, setting: &Setting) -> Vec<String> {
        match self.value(setting) {
            Value::List(list) => list,
            _ => Vec::new(),
        }
    }

    /// The text in force for a word, text, path or cron setting.
    #[must_use]
    pub fn text(&self, setting: &Setting) -> String {
        match self.value(setting) {
            Value::Text(text) => text,
            _ => String::new(),
        }
    }
}
