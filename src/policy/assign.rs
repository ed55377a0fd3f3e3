//! Policy out of single assignments, `KEY=VALUE`: each value typed as its key wants it, in the order of the tables.

use std::collections::BTreeMap;

use plist::{Dictionary, Value};

use super::keys::{self, Named, PRESET, TOP};
use super::presets::Preset;
use super::tables::{SECTIONS, TIMING};
use super::{Fault, validate};
use crate::control::{Control, Kind, Setting};

/// What is wrong with assignments.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is no assignment.
    #[error("\"{}\" is not KEY=VALUE", crate::text::excerpt(.0))]
    Form(String),
    /// There is no such key, or it is no key of a single value: as [`validate`] says it.
    #[error("{0}")]
    Key(Fault),
    /// The same key was given a value before, perhaps by another of its names.
    #[error("{0}: given more than once")]
    Twice(String),
    /// Values that policy would not take, as [`validate`] says it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Values(Vec<Fault>),
}

/// What a key stands for.
enum Slot {
    Setting(&'static Setting),
    Mode,
}

/// Single values of policy, by the path of their key.
#[derive(Clone, Debug, Default)]
pub struct Assignments(BTreeMap<Vec<&'static str>, Value>);

impl Assignments {
    /// A preset and nothing else.
    #[must_use]
    pub fn of(preset: &Preset) -> Self {
        Self([(vec![PRESET.key], Value::from(preset.name))].into())
    }

    /// Takes `KEY=VALUE` each of `texts`, over what is there. A key is what `config show` prints, with or without `Controls.`
    /// before a control; a control is known by its mSCP rule too. Lists are comma-separated, booleans `true` and `false`.
    ///
    /// # Errors
    /// [`Refused`] for a text of another form, a key that is not known, and one that `texts` has twice. Values are not judged
    /// here: what does not fit its key's type stays the text that it is.
    pub fn add<'a>(
        &mut self,
        texts: impl IntoIterator<Item = &'a str>,
        catalogue: &[&'static Control],
    ) -> Result<(), Refused> {
        let mut added = BTreeMap::new();
        for text in texts {
            let (key, value) = text.split_once('=').ok_or_else(|| Refused::Form(text.to_owned()))?;
            let Some((path, slot)) = locate(key, catalogue) else { return Err(unknown(key, value, catalogue)) };
            let value = match slot {
                Slot::Mode => Value::from(value),
                Slot::Setting(setting) => typed(setting, value),
            };
            if added.insert(path.clone(), value).is_some() {
                return Err(Refused::Twice(path.join(".")));
            }
        }
        self.0.append(&mut added);
        Ok(())
    }

    /// The policy, in the order of the tables: the preset, the level, the mode, the sections, the controls in the order of the catalogue.
    ///
    /// # Errors
    /// [`Refused::Values`] with everything that policy would not take.
    pub fn policy(&self, catalogue: &[&'static Control]) -> Result<Dictionary, Refused> {
        let mut root = Dictionary::new();
        let get = |path: &[&'static str]| self.0.get(path).cloned();
        for (key, value) in TOP.iter().filter_map(|setting| Some((setting.key, get(&[setting.key])?))) {
            root.insert(key.to_owned(), value);
        }
        for section in SECTIONS {
            let keys = section.settings.iter().map(|setting| setting.key);
            put(&mut root, section.name, keys.filter_map(|key| Some((key, get(&[section.name, key])?))));
        }
        let mut controls = Dictionary::new();
        for control in catalogue {
            let keys = [keys::MODE].into_iter().chain(settings_of(control).map(|setting| setting.key));
            let values = keys.filter_map(|key| Some((key, get(&[keys::CONTROLS, control.id, key])?)));
            put(&mut controls, control.id, values);
        }
        if !controls.is_empty() {
            root.insert(keys::CONTROLS.to_owned(), Value::Dictionary(controls));
        }
        let faults = faults(&root, catalogue);
        if faults.is_empty() { Ok(root) } else { Err(Refused::Values(faults)) }
    }
}

/// Adds a dictionary of `values` where there are any.
fn put(into: &mut Dictionary, name: &str, values: impl Iterator<Item = (&'static str, Value)>) {
    let values: Dictionary = values.map(|(key, value)| (key.to_owned(), value)).collect();
    if !values.is_empty() {
        into.insert(name.to_owned(), Value::Dictionary(values));
    }
}

fn settings_of(control: &Control) -> impl Iterator<Item = &'static Setting> {
    control.settings.iter().copied().chain(TIMING)
}

/// The path of `key` in the layer, and what stands there; `None` where no value does.
fn locate(key: &str, catalogue: &[&'static Control]) -> Option<(Vec<&'static str>, Slot)> {
    if let Some(setting) = TOP.into_iter().find(|setting| setting.key == key) {
        return Some((vec![setting.key], Slot::Setting(setting)));
    }
    let (place, key) = key.rsplit_once('.')?;
    if let Some(section) = SECTIONS.into_iter().find(|section| section.name == place) {
        let setting = section.settings.iter().find(|setting| setting.key == key)?;
        return Some((vec![section.name, setting.key], Slot::Setting(setting)));
    }
    let name = place.strip_prefix(keys::CONTROLS).and_then(|rest| rest.strip_prefix('.')).unwrap_or(place);
    let Named::Control(control) = keys::named(catalogue, name) else { return None };
    if key == keys::MODE {
        return Some((vec![keys::CONTROLS, control.id, keys::MODE], Slot::Mode));
    }
    let setting = settings_of(control).find(|setting| setting.key == key)?;
    Some((vec![keys::CONTROLS, control.id, setting.key], Slot::Setting(setting)))
}

/// `text` as a value for `setting`; as the text that it is where it cannot be one, for [`validate`] to refuse in its words.
fn typed(setting: &Setting, text: &str) -> Value {
    match setting.kind {
        Kind::Integer { .. } => {
            let signed = text.parse::<i64>().ok().map(Value::from);
            signed.or_else(|| text.parse::<u64>().ok().map(Value::from)).unwrap_or_else(|| text.into())
        }
        Kind::Flag { .. } => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
        Kind::Versions { .. } | Kind::Names | Kind::Times if text.trim().is_empty() => Value::Array(Vec::new()),
        Kind::Versions { .. } | Kind::Names | Kind::Times => {
            Value::Array(text.split(',').map(|item| item.trim().into()).collect())
        }
        Kind::Cron | Kind::Choice { .. } | Kind::Text { .. } | Kind::Path { .. } => text.into(),
    }
}

/// Why `key` is no key, in the words of [`validate`]: of a policy that has nothing but it.
fn unknown(key: &str, value: &str, catalogue: &[&'static Control]) -> Refused {
    let sections = SECTIONS.map(|section| section.name);
    let mut parts: Vec<&str> = key.split('.').collect();
    // A control may be named without the dictionary that it stands in.
    let first = parts.first().copied().unwrap_or_default();
    if parts.len() == 2
        && !sections.contains(&first)
        && first != keys::CONTROLS
        && TOP.iter().all(|setting| setting.key != first)
    {
        parts.insert(0, keys::CONTROLS);
    }
    let alone = parts
        .iter()
        .rev()
        .fold(Value::from(value), |inner, part| Value::Dictionary([((*part).to_owned(), inner)].into_iter().collect()));
    let fault = alone.as_dictionary().and_then(|root| faults(root, catalogue).into_iter().next());
    Refused::Key(fault.unwrap_or_else(|| Fault { key: key.to_owned(), what: "not a key of a single value".to_owned() }))
}

fn faults(root: &Dictionary, catalogue: &[&'static Control]) -> Vec<Fault> {
    let mut bytes = Vec::new();
    match Value::Dictionary(root.clone()).to_writer_xml(&mut bytes) {
        Ok(()) => validate(&bytes, catalogue),
        Err(error) => vec![Fault { key: String::new(), what: error.to_string() }],
    }
}
