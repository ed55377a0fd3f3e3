//! What a value may not be though it fits its setting: because of where it stands, or of what stands beside it.

use chrono::TimeDelta;

use super::tables::{
    COMPATIBILITY_LOG_PATH, CRON, DEFERRALS, INTERVAL, NOTICE_MINUTES, RETENTION_DAYS, SIGN_OUT, Section,
};
use super::{LOCAL_FILE, MANAGED_FILE};
use crate::control::{Laxer, Setting, Settings, Value, shortest_distance};
use crate::installed::{COMPLAINTS, FILES, FOLDERS};
use crate::text;

/// Where a setting stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Directly in the layer.
    Top,
    /// In one of the sections.
    Section(&'static Section),
    /// In a control.
    Control,
}

/// Sign-outs may not be planned closer together than this: who is signed out more often gets no work done, so it is a slip.
const BETWEEN_SIGN_OUTS: TimeDelta = TimeDelta::minutes(5);
/// Looks may not be planned closer together than this: the daemon does not look oftener by itself either.
const BETWEEN_LOOKS: TimeDelta = TimeDelta::minutes(1);

/// The agent's own files and folders beside those of the package. Nothing else may write there.
const OWN: [&str; 5] =
    ["/Library/Logs/Holdfast", "/Library/Application Support/Holdfast", COMPLAINTS, MANAGED_FILE, LOCAL_FILE];

impl Place {
    fn is(self, section: &Section) -> bool {
        matches!(self, Self::Section(own) if std::ptr::eq(own, section))
    }
}

/// What is wrong with `value` at this place, where those of `settled` are in force beside it; `None` where nothing is.
pub(super) fn objection(place: Place, setting: &Setting, value: &Value, settled: &Settings) -> Option<String> {
    // By its key: a section has its own where it only adds.
    let is = |other: &Setting| setting.key == other.key;
    match value {
        Value::Integer(0) => None,
        Value::Integer(seconds) if is(&INTERVAL) => too_often(place, TimeDelta::seconds(*seconds)),
        Value::Text(cron) if is(&CRON) => too_often(place, shortest_distance(cron)?),
        Value::Integer(_) if is(&DEFERRALS) && settled.integer(&NOTICE_MINUTES) == 0 => {
            Some(format!("nobody can put off what nobody is told of: {} is 0", NOTICE_MINUTES.key))
        }
        Value::Text(path) if is(&COMPATIBILITY_LOG_PATH) => {
            is_own(path).then(|| format!("\"{}\" is one of the agent's own files", text::excerpt(path)))
        }
        _ => None,
    }
}

/// The shortest `Interval` above 0 that a schedule may have, in seconds: of a `section`, or of a control where there is none.
#[must_use]
pub fn shortest_interval(section: Option<&Section>) -> i64 {
    least_between(section.is_some_and(|section| std::ptr::eq(section, &SIGN_OUT))).num_seconds()
}

fn least_between(are_sign_outs: bool) -> TimeDelta {
    if are_sign_outs { BETWEEN_SIGN_OUTS } else { BETWEEN_LOOKS }
}

fn too_often(place: Place, distance: TimeDelta) -> Option<String> {
    let least = least_between(place.is(&SIGN_OUT));
    let seconds = |time: TimeDelta| text::count(usize::try_from(time.num_seconds()).unwrap_or(0), "second", "seconds");
    (distance < least).then(|| {
        format!("it is due again after {}, and at least {} must lie between", seconds(distance), seconds(least))
    })
}

/// Whether the file at `path` is, or would be in a folder, of the agent's own. macOS does not tell letters by case there, and
/// has second names for some folders.
fn is_own(path: &str) -> bool {
    let plain = |path: &str| {
        let path = path.to_lowercase();
        let path = path.strip_prefix("/system/volumes/data").unwrap_or(&path);
        path.strip_prefix("/private").unwrap_or(path).to_owned()
    };
    let path = plain(path);
    let packaged = FILES.iter().map(|(file, _)| file).chain(&FOLDERS);
    OWN.iter()
        .chain(packaged)
        .any(|own| path.strip_prefix(&plain(own)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// How `value` weakens the Mac against `default`, as a verb; `None` where it does not.
pub(super) fn weakens(setting: &Setting, value: &Value, default: &Value) -> Option<&'static str> {
    // Of all retentions nought is the longest.
    let for_ever = std::ptr::eq(setting, &RETENTION_DAYS) && *value == Value::Integer(0);
    (!for_ever && setting.is_laxer(value, default)).then_some(match setting.laxer {
        Laxer::Any => "counts as weaker than",
        _ => "is weaker than",
    })
}
