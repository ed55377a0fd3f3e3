//! Settings in words, for the documents and forms that are made from the tables.

use crate::control::{Kind, LONGEST_TEXT, Laxer, Level, MOST_TIMES, Setting, Value};
use crate::policy::{Mode, presets};

/// Type and range.
#[must_use]
pub fn bounds(kind: &Kind) -> String {
    match kind {
        Kind::Integer { min, max, unit, .. } => format!("integer, {min} to {max} {unit}"),
        Kind::Flag { .. } => "boolean".to_owned(),
        Kind::Versions { .. } => "array of strings, macOS versions".to_owned(),
        Kind::Names => "array of strings, account short names".to_owned(),
        Kind::Times => format!("array of strings, HH:MM, at most {MOST_TIMES}"),
        Kind::Cron => "string, a cron expression".to_owned(),
        Kind::Choice { words, .. } => words.join(" or "),
        Kind::Text { .. } => format!("string, at most {LONGEST_TEXT} characters"),
        Kind::Path { .. } => "string, an absolute path".to_owned(),
    }
}

/// Which values are weaker than the default; `None` where none is.
#[must_use]
pub fn weaker(laxer: Laxer) -> Option<&'static str> {
    match laxer {
        Laxer::Higher => Some("more"),
        Laxer::Lower => Some("less"),
        Laxer::False => Some("false"),
        Laxer::True => Some("true"),
        Laxer::Any => Some("any other"),
        Laxer::Never => None,
    }
}

/// What a setting means, with its range, its default and what is weaker: all that a form can say beside its field.
#[must_use]
pub fn help(setting: &Setting) -> String {
    let range = match &setting.kind {
        Kind::Integer { min, max, unit, .. } => format!(" {min} to {max} {unit}."),
        _ => String::new(),
    };
    let weaker = weaker(setting.laxer).map(|word| format!(" Weaker: {word}.")).unwrap_or_default();
    format!("{}{range} Default: {}.{weaker}", setting.doc, setting.default())
}

/// A key as a label: `CheckInterval` is `Check interval`. With the unit where it has one.
#[must_use]
pub fn label(setting: &Setting) -> String {
    let unit = match setting.kind {
        Kind::Integer { unit, .. } if !setting.key.to_lowercase().ends_with(unit) => format!(" ({unit})"),
        _ => String::new(),
    };
    format!("{}{unit}", spaced(setting.key))
}

/// `UpperCamelCase` as words, the first with a capital.
fn spaced(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// What a field that takes text shows while it is empty; `None` for those that take something else.
#[must_use]
pub fn example(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Versions { default } => Some(default.first().copied().unwrap_or("26.5")),
        Kind::Names => Some("localadmin"),
        Kind::Times => Some("07:30"),
        Kind::Cron => Some("0 30 8 * * MON-FRI"),
        Kind::Text { .. } => Some("Jamf Trust signs you out in {minutes} minutes."),
        Kind::Path { default } => Some(default),
        Kind::Integer { .. } | Kind::Flag { .. } | Kind::Choice { .. } => None,
    }
}

/// What a level is for, in the words of the preset that is that level and nothing else.
#[must_use]
pub fn level(level: Level) -> String {
    let plain = presets::ALL.iter().find(|preset| preset.is_level() == Some(level));
    let doc = plain.map(|preset| format!(": {}", preset.doc.trim_end_matches('.'))).unwrap_or_default();
    format!("Level {}{doc}", u8::from(level))
}

/// What a mode does.
#[must_use]
pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "Enforce: look, and set what root can set",
        Mode::Audit => "Audit: look and report",
        Mode::Off => "Off: do not look",
    }
}

/// The default as JSON.
#[must_use]
pub fn default_json(setting: &Setting) -> serde_json::Value {
    match setting.default() {
        Value::Integer(number) => number.into(),
        Value::Flag(flag) => flag.into(),
        Value::List(list) => list.into(),
        Value::Text(text) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tables::{CHECK_INTERVAL, CONTESTED_REARM, RETENTION_DAYS};

    #[test]
    fn a_label_has_the_unit_once() {
        assert_eq!(label(&CHECK_INTERVAL), "Check interval (seconds)");
        assert_eq!(label(&RETENTION_DAYS), "Retention days");
        assert_eq!(label(&CONTESTED_REARM), "Rearm hours");
    }

    #[test]
    fn every_level_has_the_words_of_its_preset() {
        for (level, words) in
            [(Level::L1, "Level 1: What every managed Mac"), (Level::L3, "Level 3: For Macs that are worth")]
        {
            assert!(super::level(level).starts_with(words), "{}", super::level(level));
        }
    }

    #[test]
    fn the_help_says_range_default_and_what_is_weaker() {
        assert_eq!(
            help(&RETENTION_DAYS),
            "Days after which whole segments of the compliance log are removed; 0 keeps them for ever. 0 to 3650 days. \
             Default: 365. Weaker: less."
        );
    }
}
