//! The manifest of the policy for the ProfileManifests collection, which ProfileCreator and iMazing Profile Editor read and Jamf
//! schemas are made from: a property list whose keys say of each setting what it is.

use plist::{Dictionary, Value as Plist};

use super::edition::Edition;
use super::patterns;
use super::policy::DOMAIN;
use super::words::{self, help, label};
use crate::control::{Control, Kind, Level, MOST_TIMES, Setting, Value};
use crate::policy::tables::{SECTIONS, TIMING};
use crate::policy::{CONTROLS, EXEMPTION_WARNING_DAYS, LEVEL, MODE, MODE_OF_ALL, Mode, PRESET};

/// The collection's format, which has no other.
const FORMAT: i64 = 1;
/// The first macOS that the agent runs on.
const FIRST_MACOS: &str = "14.0";

/// A dictionary in the order given.
fn dict<const N: usize>(pairs: [(&str, Plist); N]) -> Dictionary {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn words(words: &[&str]) -> Plist {
    Plist::Array(words.iter().map(|word| Plist::from(*word)).collect())
}

/// The key of an edition's number.
pub(super) const VERSION: &str = "pfm_version";
/// The key of an edition's day.
pub(super) const LAST_MODIFIED: &str = "pfm_last_modified";
/// The key of what is said of the settings.
pub(super) const SUBKEYS: &str = "pfm_subkeys";

/// The manifest as an XML property list.
///
/// # Errors
/// In words, where the list cannot be written.
pub fn manifest(catalogue: &[&Control], edition: &Edition) -> Result<Vec<u8>, String> {
    let root = dict([
        ("pfm_description", "What Holdfast holds a Mac to.".into()),
        ("pfm_domain", DOMAIN.into()),
        ("pfm_format_version", FORMAT.into()),
        ("pfm_interaction", "combined".into()),
        (LAST_MODIFIED, Plist::Date(edition.day)),
        ("pfm_macos_min", FIRST_MACOS.into()),
        ("pfm_platforms", words(&["macOS"])),
        (SUBKEYS, Plist::Array(subkeys(catalogue))),
        ("pfm_targets", words(&["system"])),
        ("pfm_title", "Holdfast".into()),
        ("pfm_unique", true.into()),
        (VERSION, edition.number.into()),
    ]);
    xml(&Plist::Dictionary(root))
}

/// As an XML property list, with a line break at its end.
fn xml(value: &Plist) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    value.to_writer_xml(&mut bytes).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The keys that every payload has, then those of the policy: what the manifest says of the settings.
pub(super) fn subkeys(catalogue: &[&Control]) -> Vec<Plist> {
    let mut keys = payload();
    keys.push(of_setting(&PRESET));
    keys.push(level());
    keys.extend([&MODE_OF_ALL, &EXEMPTION_WARNING_DAYS].map(of_setting));
    for section in SECTIONS {
        keys.push(dictionary(
            section.name,
            section.name,
            section.doc,
            section.settings.iter().map(|s| of_setting(s)).collect(),
        ));
    }
    let controls = catalogue.iter().map(|control| of_control(control)).collect();
    let help =
        "How firmly single controls are held, and how strictly. Of a control that is not here the level decides.";
    keys.push(dictionary(CONTROLS, "Controls", help, controls));
    keys
}

/// The seven keys that describe a payload, in the order that the collection wants first.
fn payload() -> Vec<Plist> {
    let key = |name: &str, kind: &str, title: &str, help: &str, default: Option<Plist>, always: bool| {
        let mut key = dict([
            ("pfm_name", name.into()),
            ("pfm_title", title.into()),
            ("pfm_description", help.into()),
            ("pfm_type", kind.into()),
        ]);
        if let Some(default) = default {
            key.insert("pfm_default".to_owned(), default);
        }
        if always {
            key.insert("pfm_require".to_owned(), "always".into());
        }
        Plist::Dictionary(key)
    };
    let text = "string";
    vec![
        key(
            "PayloadDescription",
            text,
            "Payload description",
            "What the payload does.",
            Some("Configures Holdfast".into()),
            false,
        ),
        key("PayloadDisplayName", text, "Payload display name", "The payload's name.", Some("Holdfast".into()), true),
        key("PayloadIdentifier", text, "Payload identifier", "Unique among all payloads.", Some(DOMAIN.into()), true),
        key("PayloadType", text, "Payload type", "The preference domain.", Some(DOMAIN.into()), true),
        key("PayloadUUID", text, "Payload UUID", "Unique among all payloads.", None, true),
        key(
            "PayloadVersion",
            "integer",
            "Payload version",
            "The version of the payload's format.",
            Some(FORMAT.into()),
            true,
        ),
        key("PayloadOrganization", text, "Payload organization", "Whose payload it is.", None, false),
    ]
}

fn dictionary(name: &str, title: &str, help: &str, subkeys: Vec<Plist>) -> Plist {
    Plist::Dictionary(dict([
        ("pfm_name", name.into()),
        ("pfm_title", title.into()),
        ("pfm_description", help.into()),
        ("pfm_type", "dictionary".into()),
        (SUBKEYS, Plist::Array(subkeys)),
    ]))
}

fn level() -> Plist {
    let levels: Vec<Level> = (1..=3).filter_map(|number| Level::try_from(number).ok()).collect();
    let mut key = dict([
        ("pfm_name", LEVEL.key.into()),
        ("pfm_title", label(&LEVEL).into()),
        ("pfm_description", help(&LEVEL).into()),
        ("pfm_type", "integer".into()),
        ("pfm_default", plist(&LEVEL.default())),
    ]);
    let numbers = levels.iter().map(|level| Plist::from(i64::from(u8::from(*level)))).collect();
    key.insert("pfm_range_list".to_owned(), Plist::Array(numbers));
    let titles = levels.into_iter().map(|level| words::level(level).into()).collect();
    key.insert("pfm_range_list_titles".to_owned(), Plist::Array(titles));
    Plist::Dictionary(key)
}

fn of_control(control: &Control) -> Plist {
    let default = Mode::default_for(control).word();
    let mode = dict([
        ("pfm_name", MODE.into()),
        ("pfm_title", MODE.into()),
        ("pfm_description", format!("How firmly it is held. Default: {default}.").into()),
        ("pfm_type", "string".into()),
        ("pfm_default", default.into()),
        ("pfm_range_list", words(&Mode::ALL.map(Mode::word))),
        ("pfm_range_list_titles", words(&Mode::ALL.map(words::mode))),
    ]);
    let mut keys = vec![Plist::Dictionary(mode)];
    keys.extend(control.settings.iter().chain(&TIMING).map(|setting| of_setting(setting)));
    let help = format!("{}. {} Level {}.", control.title, control.why, u8::from(control.level));
    dictionary(control.id, control.title, &help, keys)
}

fn of_setting(setting: &Setting) -> Plist {
    let mut key = dict([
        ("pfm_name", setting.key.into()),
        ("pfm_title", label(setting).into()),
        ("pfm_description", help(setting).into()),
        ("pfm_type", kind_of(&setting.kind).into()),
        ("pfm_default", plist(&setting.default())),
    ]);
    let mut add = |name: &str, value: Plist| {
        key.insert(name.to_owned(), value);
    };
    match &setting.kind {
        Kind::Integer { min, max, unit, .. } => {
            add("pfm_range_min", (*min).into());
            add("pfm_range_max", (*max).into());
            add("pfm_value_unit", (*unit).into());
        }
        Kind::Flag { .. } => {}
        Kind::Choice { words: list, .. } => add("pfm_range_list", words(list)),
        Kind::Versions { .. } | Kind::Names | Kind::Times => {
            if matches!(setting.kind, Kind::Versions { .. }) {
                add("pfm_repetition_min", 1_i64.into());
            }
            if matches!(setting.kind, Kind::Times) {
                add("pfm_repetition_max", i64::try_from(MOST_TIMES).unwrap_or(i64::MAX).into());
            }
            add(SUBKEYS, Plist::Array(vec![item(setting)]));
        }
        Kind::Cron | Kind::Text { .. } | Kind::Path { .. } => {
            for (name, value) in as_text(&setting.kind) {
                add(&name, value);
            }
        }
    }
    Plist::Dictionary(key)
}

/// One of a list.
fn item(setting: &Setting) -> Plist {
    let mut item = dict([("pfm_title", label(setting).into()), ("pfm_type", "string".into())]);
    item.extend(as_text(&setting.kind));
    Plist::Dictionary(item)
}

/// How a text looks, and an example.
fn as_text(kind: &Kind) -> Dictionary {
    let mut fields = Dictionary::new();
    if let Some(pattern) = patterns::of(kind) {
        fields.insert("pfm_format".to_owned(), pattern.into());
    }
    if let Some(example) = words::example(kind) {
        fields.insert("pfm_value_placeholder".to_owned(), example.into());
    }
    fields
}

fn kind_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Integer { .. } => "integer",
        Kind::Flag { .. } => "boolean",
        Kind::Versions { .. } | Kind::Names | Kind::Times => "array",
        Kind::Cron | Kind::Choice { .. } | Kind::Text { .. } | Kind::Path { .. } => "string",
    }
}

fn plist(value: &Value) -> Plist {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(list) => Plist::Array(list.iter().map(|text| text.as_str().into()).collect()),
    }
}
