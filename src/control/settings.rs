//! What policy may adjust in a control: typed, bounded, with a default and a direction in which it gets weaker.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

use super::timing::{objection_to_cron, objection_to_times};
use crate::facts::Version;

/// Longest text that policy may give, in characters.
pub const LONGEST_TEXT: usize = 500;

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
    /// Local times of day, `HH:MM`, each once and at most 48; none by default.
    Times,
    /// A cron expression of at most 200 characters, as the crate `cron` reads it: seconds first, days of the week by name,
    /// due where day of the month and day of the week both fit. Empty by default, which is none.
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
            (Kind::Times, Value::List(list)) => objection_to_times(list),
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

fn objection_to_text(text: &str) -> Option<String> {
    if text.chars().any(crate::text::is_unsafe) {
        return Some("it has control characters".to_owned());
    }
    (text.chars().count() > LONGEST_TEXT).then(|| format!("it has more than {LONGEST_TEXT} characters"))
}

fn objection_to_path(text: &str) -> Option<String> {
    // By its letters: `Path` passes over what it holds to be no matter, such as a `.` at the end.
    let plain = text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|part| !matches!(part, "" | "." | "..")));
    if !plain {
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
pub struct Settings {
    given: BTreeMap<&'static str, Value>,
    /// The keys that policy can give here; `None` where nobody said.
    declared: Option<Vec<&'static str>>,
}

impl Settings {
    /// All at their defaults, of which policy can give those in `declared`.
    #[must_use]
    pub fn of(declared: impl IntoIterator<Item = &'static Setting>) -> Self {
        let declared = declared.into_iter().map(|setting| setting.key).collect();
        Self { declared: Some(declared), ..Self::default() }
    }

    /// Sets one value. The caller has made sure that it fits ([`Setting::objection`]).
    pub fn set(&mut self, setting: &Setting, value: Value) {
        self.given.insert(setting.key, value);
    }

    /// The value in force for `setting`. Of one that is not declared this would be the default, whatever policy says: a control
    /// that asks for such a one has forgotten it, and in a build for tests that ends the program.
    #[must_use]
    pub fn value(&self, setting: &Setting) -> Value {
        debug_assert!(
            self.declared.as_ref().is_none_or(|declared| declared.contains(&setting.key)),
            "{} is asked for and not declared: name it in `settings`",
            setting.key
        );
        self.given.get(setting.key).cloned().unwrap_or_else(|| setting.default())
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn setting(kind: Kind, laxer: Laxer) -> Setting {
        Setting { key: "Key", doc: "d", kind, laxer }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    const CHOICE: Kind = Kind::Choice { default: "once", words: &["once", "skip"] };
    const TEXT: Kind = Kind::Text { default: "" };
    const PATH: Kind = Kind::Path { default: "/Library/Logs/a.log" };

    #[test]
    fn each_kind_takes_values_of_its_own_type_only() {
        let values = [Value::Integer(1), Value::Flag(true), list(&["26.5"]), text("once")];
        for (kind, takes) in [
            (Kind::Integer { default: 1, min: 0, max: 1, unit: "times" }, 0),
            (Kind::Flag { default: true }, 1),
            (Kind::Versions { default: &["26.5"] }, 2),
            (Kind::Names, 2),
            (CHOICE, 3),
            (TEXT, 3),
        ] {
            let setting = setting(kind, Laxer::Never);
            for (n, value) in values.iter().enumerate() {
                let expected = format!("expected {}", setting.kind.word());
                assert_eq!(setting.objection(value), (n != takes).then_some(expected), "{setting:?} {value:?}");
            }
        }
        assert_eq!(
            setting(Kind::Times, Laxer::Any).objection(&text("13:00")).unwrap(),
            "expected a list of local times of day, HH:MM"
        );
        assert_eq!(
            setting(Kind::Cron, Laxer::Any).objection(&list(&[])).unwrap(),
            "expected a cron expression with seconds first"
        );
        assert_eq!(
            setting(PATH, Laxer::Any).objection(&Value::Flag(true)).unwrap(),
            "expected the absolute path of a file"
        );
    }

    #[test]
    fn a_choice_is_refused_with_the_words_that_there_are() {
        let choice = setting(CHOICE, Laxer::Any);
        for word in ["once", "skip"] {
            assert_eq!(choice.objection(&text(word)), None);
        }
        for word in ["", "Once", "once ", "on\u{202e}ce", "never"] {
            let shown = crate::text::excerpt(word);
            assert_eq!(choice.objection(&text(word)).unwrap(), format!("\"{shown}\" is none of once, skip"));
        }
    }

    #[test]
    fn a_text_is_short_and_has_nothing_that_hides() {
        let setting = setting(TEXT, Laxer::Never);
        for good in ["", "In {minutes} Minuten: abmelden. ä 日本 👩", "-e \"$(id)\" `id` \\ 'x'", &"ä".repeat(500)]
        {
            assert_eq!(setting.objection(&text(good)), None, "{good}");
        }
        for bad in ["a\nb", "a\0b", "\u{1b}[31m", "\u{202e}", "\u{200b}", "\t"] {
            assert_eq!(setting.objection(&text(bad)).unwrap(), "it has control characters", "{bad:?}");
        }
        assert_eq!(setting.objection(&text(&"ä".repeat(501))).unwrap(), "it has more than 500 characters");
    }

    #[test]
    fn a_path_is_absolute_and_says_plainly_which_file() {
        let setting = setting(PATH, Laxer::Any);
        for good in ["/a", "/Library/Logs/Jamf Trust.log", "/a/..b/...", "/a/.hidden", "/a/~"] {
            assert_eq!(setting.objection(&text(good)), None, "{good}");
        }
        for bad in
            ["", "a", "a/b", "./a", "~/a", "/", "//a", "/a/", "/a//b", "/a/.", "/a/..", "/./a", "/a/../b", "/..", " /a"]
        {
            let what = setting.objection(&text(bad)).unwrap_or_default();
            assert_eq!(what, format!("\"{}\" is not the absolute path of a file", bad.trim()), "{bad}");
        }
        assert_eq!(setting.objection(&text("/a\nb")).unwrap(), "it has control characters");
        assert_eq!(
            setting.objection(&text(&format!("/{}", "a".repeat(500)))).unwrap(),
            "it has more than 500 characters"
        );
    }

    #[test]
    fn what_is_laxer_than_what() {
        let times = [list(&[]), list(&["09:00"]), list(&["09:00", "13:00"]), list(&["13:00", "09:00"])];
        let words = [text("once"), text("skip"), text("")];
        for (kind, values) in
            [(Kind::Times, &times[..]), (Kind::Cron, &words), (CHOICE, &words), (TEXT, &words), (PATH, &words)]
        {
            let (any, never) = (Laxer::Any, Laxer::Never);
            let mut setting = setting(kind, any);
            for a in values {
                for b in values {
                    setting.laxer = any;
                    assert_eq!(setting.is_laxer(a, b), a != b, "{a} {b}");
                    setting.laxer = never;
                    assert!(!setting.is_laxer(a, b), "{a} {b}");
                }
            }
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "Key is asked for and not declared")]
    fn a_setting_that_is_not_declared_is_not_to_be_asked_for() {
        static OTHER: Setting = Setting { key: "Other", doc: "d", kind: Kind::Names, laxer: Laxer::Any };
        let settings = Settings::of([&OTHER]);
        assert_eq!(settings.list(&OTHER), Vec::<String>::new());
        let _ = settings.list(&setting(Kind::Names, Laxer::Any));
    }

    #[test]
    fn settings_give_what_was_set_and_else_the_default() {
        let (choice, path, times) =
            (setting(CHOICE, Laxer::Any), setting(PATH, Laxer::Any), setting(Kind::Times, Laxer::Any));
        let mut settings = Settings::default();
        assert_eq!(settings.text(&choice), "once");
        assert_eq!(settings.text(&path), "/Library/Logs/a.log");
        assert_eq!(settings.list(&times), Vec::<String>::new());
        settings.set(&times, list(&["09:00"]));
        assert_eq!(settings.list(&times), ["09:00"]);
        assert_eq!(settings.text(&times), "", "a list is no text");
    }
}
