//! A policy as a list of values, and the digest of it.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::keys::{self, EXEMPTION_WARNING_DAYS, LEVEL, MODE_OF_ALL, PRESET};
use super::{Origin, Policy, presets, settings_of, tables};
use crate::control::{Control, Setting, Value};
use crate::text;

/// One effective value, as `config show` lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The key's path, `Controls.firewall_on.Mode`.
    pub key: String,
    /// The value, typed.
    pub value: serde_json::Value,
    /// The value as text for people, made safe to show.
    #[serde(skip)]
    pub text: String,
    /// Where it came from.
    pub from: Origin,
    /// False for the values of a control that is not looked at.
    pub in_force: bool,
}

impl Policy {
    /// Every effective value with where it came from: the preset, the level, the mode, the exemptions, the sections, then the controls by id. Of the schedules of
    /// controls only what policy says: they would be most of the list, and all of them empty.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let said = |(is_timing, row): (bool, Row)| (!is_timing || row.from != Origin::Default).then_some(row);
        self.values().into_iter().filter_map(said).collect()
    }

    /// Every effective value, and of each whether it belongs to a control's own schedule.
    fn values(&self) -> Vec<(bool, Row)> {
        let level = u8::from(self.level);
        let mode = Value::Text(self.mode.word().to_owned());
        let days = Value::Integer(self.warning_days.into());
        let preset = Value::Text(self.preset.map_or(presets::NONE, |preset| preset.name).to_owned());
        let is_leveled = self.preset.is_none_or(presets::Preset::has_levels);
        let mut rows = vec![
            (false, row(PRESET.key.to_owned(), &preset, self.preset_from, true)),
            (false, row(LEVEL.key.to_owned(), &Value::Integer(level.into()), self.level_from, is_leveled)),
            (false, row(MODE_OF_ALL.key.to_owned(), &mode, self.mode_from, true)),
            (false, row(EXEMPTION_WARNING_DAYS.key.to_owned(), &days, self.warning_days_from, true)),
        ];
        rows.extend(self.exemptions.iter().map(|exemption| {
            let in_force = self.controls.get(exemption.control).is_some_and(|of| of.selected);
            let text = text::visible(&format!("{} {}", exemption.control, exemption.words()));
            (false, Row { key: exemption.path(), value: exemption.json(), text, from: self.exemptions_from, in_force })
        }));
        let from = |origins: &BTreeMap<&'static str, Origin>, key| origins.get(key).copied().unwrap_or(Origin::Default);
        for section in tables::SECTIONS {
            let Some(said) = self.sections.get(section.name) else { continue };
            rows.extend(section.settings.iter().map(|setting| {
                let path = keys::section_path(section, setting.key);
                (false, row(path, &said.settings.value(setting), from(&said.settings_from, setting.key), true))
            }));
        }
        for policy in self.controls.values() {
            let path = |key| keys::control_path(policy.control.id, key);
            let mode = Value::Text(policy.mode.word().to_owned());
            rows.push((false, row(path(keys::MODE), &mode, policy.mode_from, policy.selected)));
            rows.extend(settings_of(policy.control).map(|setting| {
                let origin = from(&policy.settings_from, setting.key);
                let value = policy.settings.value(setting);
                (is_timing(setting), row(path(setting.key), &value, origin, policy.selected))
            }));
        }
        rows
    }

    /// SHA-256, in hexadecimal, of every effective value: the same for two Macs that are held to the same, wherever the
    /// values came from.
    #[must_use]
    pub fn digest(&self) -> String {
        let rows =
            self.values().into_iter().map(|(_, row)| serde_json::json!([row.key, row.value, row.in_force])).collect();
        let canonical = serde_json::Value::Array(rows).to_string();
        sha256(&canonical)
    }

    /// SHA-256, in hexadecimal, of what `control` is held to: its mode and its own settings. Neither the level nor its schedule
    /// counts: they say whether and when it is looked at.
    #[must_use]
    pub fn digest_of(&self, control: &'static Control) -> String {
        let policy = self.of(control);
        let values = control.settings.iter().map(|setting| (setting.key, json(&policy.settings.value(setting))));
        let values: Vec<_> = [(keys::MODE, policy.mode.word().into())].into_iter().chain(values).collect();
        sha256(&serde_json::json!([control.id, values]).to_string())
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_timing(setting: &Setting) -> bool {
    tables::TIMING.iter().any(|timing| std::ptr::eq(*timing, setting))
}

fn row(key: String, value: &Value, from: Origin, in_force: bool) -> Row {
    Row { key, value: json(value), text: text::visible(&value.to_string()), from, in_force }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(list) => list.clone().into(),
        Value::Text(text) => text.clone().into(),
    }
}
