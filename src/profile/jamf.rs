//! The form that Jamf Pro shows for the policy: a custom schema for its payload "Application & Custom Settings".
//!
//! JSON Schema of draft 4, in the dialect of the form editor that Jamf Pro builds on. Every key is a choice between "Not
//! Configured", which is null and the first, and "Configured": a form that nobody touched makes an empty policy, and a default is
//! shown without being forced on a Mac. `remove_empty_properties` stands at the root alone: older editors take `false` and 0
//! for empty, and both are values here.

use serde_json::{Map, Value, json};

use super::edition::Edition;
use super::patterns;
use super::policy::DOMAIN;
use super::words::{self, default_json, help, label};
use crate::control::{Control, Kind, LONGEST_CRON, LONGEST_TEXT, Level, MOST_TIMES, Setting};
use crate::policy::tables::{DEFERRALS, INTERVAL, NOTICE_MINUTES, SECTIONS, SIGN_OUT, Section, TIMING};
use crate::policy::{CONTROLS, EXEMPTION_WARNING_DAYS, LEVEL, MODE, MODE_OF_ALL, Mode, PRESET, TOP, shortest_interval};

/// Where a control's own settings end in the order of its form and its schedule begins.
const TIMING_ORDER: usize = 100;

/// The schema.
#[must_use]
pub fn schema(catalogue: &[&Control], edition: &Edition) -> Value {
    let mut properties = Map::new();
    properties.insert(PRESET.key.to_owned(), of_setting(&PRESET, PRESET.key, None, 1));
    properties.insert(LEVEL.key.to_owned(), choice(level(), &label(&LEVEL), &help(&LEVEL), LEVEL.key, 2));
    properties.insert(MODE_OF_ALL.key.to_owned(), of_setting(&MODE_OF_ALL, MODE_OF_ALL.key, None, 3));
    let days = &EXEMPTION_WARNING_DAYS;
    properties.insert(days.key.to_owned(), of_setting(days, days.key, None, 4));
    for (n, section) in SECTIONS.iter().enumerate() {
        properties.insert(section.name.to_owned(), of_section(section, n + TOP.len() + 1));
    }
    let controls: Map<String, Value> =
        catalogue.iter().enumerate().map(|(n, control)| (control.id.to_owned(), of_control(control, n + 1))).collect();
    let help =
        "How firmly single controls are held, and how strictly. Of a control that is not configured the level decides.";
    properties.insert(
        CONTROLS.to_owned(),
        choice(object(controls), "Controls", help, CONTROLS, SECTIONS.len() + TOP.len() + 1),
    );
    let definitions: Map<String, Value> = TIMING
        .iter()
        .enumerate()
        .map(|(n, setting)| (setting.key.to_owned(), of_setting(setting, setting.key, None, TIMING_ORDER + n)))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": format!("Holdfast ({DOMAIN})"),
        "description": "What Holdfast holds a Mac to. What is not configured here keeps its default; holdfast config show lists \
                        on a Mac what is in force. The manual page holdfast-policy(5) has all keys.",
        "__preferencedomain": DOMAIN,
        "__version": edition.number.to_string(),
        "type": "object",
        "options": { "remove_empty_properties": true },
        "additionalProperties": false,
        "properties": properties,
        "definitions": definitions,
    })
}

/// A dictionary with these keys and no others.
fn object(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A key that is not configured until somebody chooses so; then it is `configured`.
fn choice(configured: Value, title: &str, help: &str, path: &str, order: usize) -> Value {
    let mut configured = configured;
    if let Some(fields) = configured.as_object_mut() {
        fields.insert("title".to_owned(), "Configured".into());
    }
    json!({
        "title": title,
        "description": help,
        "property_order": order,
        "options": { "infoText": format!("Key: {path}") },
        "anyOf": [{ "title": "Not Configured", "type": "null" }, configured],
    })
}

fn level() -> Value {
    let levels: Vec<Level> = (1..=3).filter_map(|number| Level::try_from(number).ok()).collect();
    json!({
        "type": "integer",
        "enum": levels.iter().map(|level| u8::from(*level)).collect::<Vec<_>>(),
        "default": default_json(&LEVEL),
        "options": { "enum_titles": levels.into_iter().map(words::level).collect::<Vec<_>>() },
    })
}

fn of_section(section: &Section, order: usize) -> Value {
    let properties = section
        .settings
        .iter()
        .enumerate()
        .map(|(n, setting)| {
            let path = format!("{}.{}", section.name, setting.key);
            (setting.key.to_owned(), of_setting(setting, &path, Some(section), n + 1))
        })
        .collect();
    let mut configured = object(properties);
    let mut help = section.doc.to_owned();
    if std::ptr::eq(section, &SIGN_OUT) {
        help.push_str(&format!(" {} need a {} above 0.", DEFERRALS.key, NOTICE_MINUTES.key));
        if let Some(fields) = configured.as_object_mut() {
            fields.insert("not".to_owned(), deferrals_without_notice());
        }
    }
    choice(configured, section.name, &help, section.name, order)
}

/// Nobody can put off what nobody is told of.
fn deferrals_without_notice() -> Value {
    json!({
        "required": [DEFERRALS.key],
        "properties": {
            DEFERRALS.key: { "type": "integer", "minimum": 1 },
            NOTICE_MINUTES.key: { "not": { "type": "integer", "minimum": 1 } },
        },
    })
}

fn of_control(control: &Control, order: usize) -> Value {
    let path = |key: &str| format!("{CONTROLS}.{}.{key}", control.id);
    let mode = json!({
        "type": "string",
        "enum": Mode::ALL.map(Mode::word),
        "default": Mode::default_for(control).word(),
        "options": { "enum_titles": Mode::ALL.map(words::mode) },
    });
    let help = format!("How firmly it is held. Default: {}.", Mode::default_for(control).word());
    let mut properties = Map::new();
    properties.insert(MODE.to_owned(), choice(mode, MODE, &help, &path(MODE), 1));
    for (n, setting) in control.settings.iter().enumerate() {
        properties.insert(setting.key.to_owned(), of_setting(setting, &path(setting.key), None, n + 2));
    }
    for setting in TIMING {
        properties.insert(setting.key.to_owned(), json!({ "$ref": format!("#/definitions/{}", setting.key) }));
    }
    let disruptive =
        control.disruptive.map(|what| format!(" It can get in somebody's way: {what}.")).unwrap_or_default();
    let help = format!("{} Level {}.{disruptive}", control.why, u8::from(control.level));
    let title = format!("{}: {}", control.area.title(), control.title);
    choice(object(properties), &title, &help, &format!("{CONTROLS}.{}", control.id), order)
}

fn of_setting(setting: &Setting, path: &str, section: Option<&Section>, order: usize) -> Value {
    let mut fields = fields(&setting.kind);
    // 0 is "not by interval"; what is above it but too short is refused.
    let shortest = shortest_interval(section);
    if setting.key == INTERVAL.key {
        fields.insert("not".to_owned(), json!({ "minimum": 1, "maximum": shortest - 1 }));
    }
    fields.insert("default".to_owned(), default_json(setting));
    let mut help = help(setting);
    if setting.key == INTERVAL.key {
        help.push_str(&format!(" Not from 1 to {}.", shortest - 1));
    }
    choice(Value::Object(fields), &label(setting), &help, path, order)
}

/// Type and bounds.
fn fields(kind: &Kind) -> Map<String, Value> {
    let fields = match kind {
        Kind::Integer { min, max, default, .. } => json!({
            "type": "integer", "minimum": min, "maximum": max,
            "options": { "inputAttributes": { "placeholder": default.to_string() } },
        }),
        Kind::Flag { .. } => json!({ "type": "boolean" }),
        Kind::Choice { words, .. } => json!({ "type": "string", "enum": words }),
        Kind::Versions { .. } => {
            json!({ "type": "array", "minItems": 1, "uniqueItems": true, "items": text(kind, "Version", None) })
        }
        Kind::Names => json!({ "type": "array", "items": text(kind, "Short name", None) }),
        Kind::Times => {
            json!({ "type": "array", "maxItems": MOST_TIMES, "uniqueItems": true, "items": text(kind, "Time", None) })
        }
        Kind::Cron => text(kind, "", Some(LONGEST_CRON)),
        Kind::Text { .. } | Kind::Path { .. } => text(kind, "", Some(LONGEST_TEXT)),
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A string, or each one of a list under its `title`.
fn text(kind: &Kind, title: &str, longest: Option<usize>) -> Value {
    let mut fields = json!({ "type": "string" });
    let Some(object) = fields.as_object_mut() else { return fields };
    if !title.is_empty() {
        object.insert("title".to_owned(), title.into());
    }
    if let Some(pattern) = patterns::of(kind) {
        object.insert("pattern".to_owned(), pattern.into());
    }
    if let Some(longest) = longest {
        object.insert("maxLength".to_owned(), longest.into());
    }
    if let Some(example) = words::example(kind) {
        object.insert("options".to_owned(), json!({ "inputAttributes": { "placeholder": example } }));
    }
    fields
}
