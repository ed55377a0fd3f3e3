//! What texts of policy look like, as regular expressions for the forms of MDM consoles.
//!
//! They are of the kind that JavaScript, Python and PCRE have in common, whole (`^…$`), and as narrow as such an expression can
//! be: what one takes, policy takes, but for the few cases that each comment names.

use crate::control::Kind;

/// Characters that policy has in no text: controls, and what hides or reorders others. Those above U+FFFF are not in it, for not
/// all dialects can name them.
const UNSAFE: &str =
    r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb";

/// The expression for a string of this kind, or for each string of a list; `None` where every string fits, or where a list of
/// words is what there is.
#[must_use]
pub fn of(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Versions { .. } => Some(r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$".to_owned()),
        Kind::Times => Some("^([01][0-9]|2[0-3]):[0-5][0-9]$".to_owned()),
        Kind::Cron => Some(cron()),
        Kind::Text { .. } => Some(format!("^[^{UNSAFE}]*$")),
        Kind::Path { .. } => Some(path()),
        Kind::Names => Some("^.+$".to_owned()),
        Kind::Integer { .. } | Kind::Flag { .. } | Kind::Choice { .. } => None,
    }
}

/// Absolute, with no part that is empty, `.` or `..`. That it is none of the agent's own files is not in it.
fn path() -> String {
    let (any, first) = (format!("[^/{UNSAFE}]"), format!("[^/.{UNSAFE}]"));
    format!(r"^(/({first}{any}*|\.{first}{any}*|\.\.{any}+))+$")
}

/// Six fields or seven, each within its bounds, or one of the five names; or nothing. That a range goes upwards, that it is ever
/// due, and not too often, is not in it.
fn cron() -> String {
    let minute = numbers("[0-5]?[0-9]", "([1-9]|[1-5][0-9])", "");
    let hour = numbers("([01]?[0-9]|2[0-3])", "([1-9]|1[0-9]|2[0-3])", "");
    let day = numbers("(0?[1-9]|[12][0-9]|3[01])", "([1-9]|[12][0-9]|3[01])", ANY);
    let (month, weekday) = (any_case(&MONTHS), any_case(&WEEKDAYS));
    let month =
        format!("({}|{})", numbers("(0?[1-9]|1[0-2])", "([1-9]|1[0-2])", ""), names(&month, "([1-9]|1[0-2])", ""));
    let weekday = names(&weekday, "[1-7]", ANY);
    let year = numbers("(19[7-9][0-9]|20[0-9][0-9]|2100)", "[1-9][0-9]?", "");
    format!(
        "^(|@(hourly|daily|weekly|monthly|yearly)|{minute} +{minute} +{hour} +{day} +{month} +{weekday}( +{year})?)$"
    )
}

/// What a field for days has beside `*`.
const ANY: &str = r"|\?";

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// One of `names`, in capitals or not.
fn any_case(names: &[&str]) -> String {
    let one = |name: &&str| name.chars().map(|c| format!("[{}{c}]", c.to_ascii_uppercase())).collect::<String>();
    format!("({})", names.iter().map(one).collect::<Vec<_>>().join("|"))
}

/// A list of numbers and ranges, with a step or without.
fn numbers(number: &str, step: &str, any: &str) -> String {
    list(&format!(r"(\*{any}|{number}(-{number})?)(/{step})?"))
}

/// A list of names, and of ranges of them with a step or without.
fn names(name: &str, step: &str, any: &str) -> String {
    list(&format!(r"((\*{any}|{name}-{name})(/{step})?|{name})"))
}

fn list(item: &str) -> String {
    format!("{item}(,{item})*")
}
