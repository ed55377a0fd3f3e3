//! Whether the Mac knows of the newest updates, and has them.

use chrono::{DateTime, TimeDelta, Utc};
use plist::{Dictionary, Value};

use crate::control::preference::{number, shown};
use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, Watch,
};
use crate::host::ToolError;
use crate::mac::{Misread, plist_file};

/// The controls.
pub const CONTROLS: &[&Control] = &[&UPDATE_CURRENT];

const DOMAIN: &str = "com.apple.SoftwareUpdate";
const STATE: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";

/// When the last whole look for updates went well.
const LAST: &str = "LastFullSuccessfulDate";
/// What it found and recommends; an older macOS, or one that found nothing, may give the number alone.
const FOUND: &str = "RecommendedUpdates";
const COUNT: &str = "LastRecommendedUpdatesAvailable";

static DAYS: Setting = Setting {
    key: "MaximumAge",
    doc: "Longest time since the last whole look for updates that went well.",
    kind: Kind::Integer { default: 30, min: 1, max: 365, unit: "days" },
    laxer: Laxer::Higher,
};

static UPDATE_CURRENT: Control = Control {
    id: "update_current",
    title: "A look for updates went well lately, and no recommended update is waiting",
    why: "A Mac that looks for no updates misses them without a word.",
    check: "LastFullSuccessfulDate, RecommendedUpdates and LastRecommendedUpdatesAvailable of \
            /Library/Preferences/com.apple.SoftwareUpdate, as the last look left them; Apple is not asked anew. Updates that an MDM \
            holds back are not among them",
    refs: Refs {
        cis_macos: &[(14, "1.1"), (15, "1.1"), (26, "1.1")],
        cis_level: Some(1),
        cis_v8: &["7.3", "7.4"],
        nist_800_53r5: &["SI-2"],
        soc2: &["CC7.1"],
        stig: &[(15, "APPL-15-999999"), (26, "APPL-26-999999")],
        mscp: Some("system_settings_softwareupdate_current"),
    },
    user_impact: "None.",
    settings: &[&DAYS],
    watches: &[Watch::Domain(DOMAIN)],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand {
            instructions: "In System Settings, General, Software Update: let it look, and install what it recommends. This agent \
                           starts neither: the look goes over the network and can take minutes, and on Apple silicon an update needs \
                           an owner's password or the MDM.",
        },
    )],
    probe: |view| {
        let days = view.settings.integer(&DAYS);
        let wanted = format!("a look within {days} days, and nothing waiting");
        let state = view.ask(&plist_file::file(STATE))?.unwrap_or_default();
        let Some(last) = last(&state)? else {
            return Ok(Finding::drifted("no whole look for updates is on record", wanted));
        };
        // The clock of the Mac that wrote it may have been a little ahead.
        if last > view.now + TimeDelta::days(1) {
            return Err(odd(&format!("a {LAST} that is not in the future"), &last.to_rfc3339()));
        }
        let waiting = waiting(&state)?;
        let lately = view.now - last <= TimeDelta::days(days);
        let seen = format!("the last look was on {}; {}", last.format("%Y-%m-%d"), waiting.words());
        Ok(Finding::judge(lately && waiting.number == 0, seen, wanted))
    },
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::Medium)
};

/// When the last whole look for updates went well; `None` where none is on record.
fn last(state: &Dictionary) -> Result<Option<DateTime<Utc>>, ToolError> {
    match state.get(LAST) {
        None => Ok(None),
        Some(Value::Date(date)) => Ok(Some(DateTime::from(std::time::SystemTime::from(*date)))),
        Some(other) => Err(odd(&format!("a date in {LAST}"), &shown(other))),
    }
}

/// What waits to be installed.
struct Waiting {
    number: i64,
    names: Vec<String>,
}

impl Waiting {
    fn words(&self) -> String {
        match (self.number, self.names.as_slice()) {
            (0, _) => "nothing is waiting".to_owned(),
            (1, []) => "1 update is waiting".to_owned(),
            (number, []) => format!("{number} updates are waiting"),
            (_, names) => format!("waiting: {}", names.join(", ")),
        }
    }
}

/// What waits by the longer of the two accounts. A state with neither does not say that nothing waits.
fn waiting(state: &Dictionary) -> Result<Waiting, ToolError> {
    let listed = match state.get(FOUND) {
        None => None,
        Some(Value::Array(list)) => Some(list.iter().map(name).collect::<Vec<_>>()),
        Some(other) => return Err(odd(&format!("a list in {FOUND}"), &shown(other))),
    };
    let counted = match state.get(COUNT) {
        None => None,
        Some(value) => Some(number(value).map_err(|why| ToolError::from_misread(format!("read {STATE}"), None, why))?),
    };
    let length = listed.as_ref().map(|list| i64::try_from(list.len()).unwrap_or(i64::MAX));
    let number = length.max(counted).ok_or_else(|| ToolError::Incomplete {
        asked: format!("read {STATE}"),
        lacks: format!("{FOUND} or {COUNT}"),
    })?;
    Ok(Waiting { number, names: listed.unwrap_or_default() })
}

/// An update's name and version, as far as they are told.
fn name(update: &Value) -> String {
    let text = |key: &str| update.as_dictionary()?.get(key)?.as_string();
    let words: Vec<&str> = ["Display Name", "Display Version"].into_iter().filter_map(text).collect();
    if words.is_empty() { "an update without a name".to_owned() } else { words.join(" ") }
}

fn odd(expected: &str, seen: &str) -> ToolError {
    ToolError::from_misread(format!("read {STATE}"), None, Misread::new(expected, seen))
}
