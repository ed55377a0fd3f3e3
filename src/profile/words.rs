//! Settings in words, for the documents that are made from the tables.

use crate::control::{Kind, LONGEST_TEXT, Laxer, MOST_TIMES};

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
