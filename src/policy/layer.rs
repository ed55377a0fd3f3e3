//! One layer's dictionary, sorted into what it says about each known key. Unknown keys and misplaced types are problems here;
//! which layer's word counts is decided in `merge`.

use std::collections::BTreeMap;

use plist::Dictionary;

use super::exemptions::{self, EXEMPTIONS, Exemption};
use super::keys::{self, Named, TOP};
use super::parse::{self, Parsed, kind_of};
use super::tables::{SECTIONS, Section, TIMING};
use super::{Layer, LayerText, Mode, Origin, Problem};
use crate::control::{Control, Kind, Setting, Value};
use crate::text;

/// What is done about a key that nothing can be made of.
const IGNORED: &str = "ignored";

/// What a layer gives for one key: the value, or what is wrong with it.
#[derive(Debug)]
pub(super) struct Leaf<T> {
    /// The key's path as the layer spells it.
    pub path: String,
    /// The value where it fits.
    pub value: Result<T, String>,
}

/// What a layer says about settings, by policy key.
pub(super) type Leaves = BTreeMap<&'static str, Leaf<Value>>;

/// What a layer says about one control.
#[derive(Debug, Default)]
pub(super) struct SaidControl {
    pub mode: Option<Leaf<Mode>>,
    pub settings: Leaves,
}

/// What a layer says.
#[derive(Debug)]
pub(super) struct Said {
    pub layer: Layer,
    pub origin: Origin,
    /// The keys that stand in no dictionary.
    pub top: Leaves,
    /// By name of the section.
    pub sections: BTreeMap<&'static str, Leaves>,
    /// By control id.
    pub controls: BTreeMap<&'static str, SaidControl>,
    /// What it exempts; of the local layer nothing.
    pub exemptions: Vec<Exemption>,
    /// Everything wrong that takes no value away from a known key.
    pub problems: Vec<Problem>,
}

impl Said {
    /// Sorts the bytes of `layer`, or its last good copy where they cannot be used.
    pub fn open(layer: Layer, text: &LayerText, last_good: &LayerText, catalogue: &[&'static Control]) -> Self {
        let (now, kept) = match layer {
            Layer::Managed => (Origin::Managed, Origin::ManagedLastGood),
            Layer::Local => (Origin::Local, Origin::LocalLastGood),
        };
        let empty = |origin| Self {
            layer,
            origin,
            top: Leaves::new(),
            sections: BTreeMap::new(),
            controls: BTreeMap::new(),
            exemptions: Vec::new(),
            problems: Vec::new(),
        };
        let why = match text {
            LayerText::Absent => return empty(now),
            LayerText::Unreadable(why) => format!("it could not be read: {}", text::excerpt(why)),
            LayerText::Bytes(bytes) => match parse::parse(bytes) {
                Ok(parsed) => return empty(now).sorted(&parsed, catalogue),
                Err(why) => why,
            },
        };
        let (mut said, instead) = match last_good {
            LayerText::Bytes(bytes) => match parse::parse(bytes) {
                Ok(parsed) => (empty(kept).sorted(&parsed, catalogue), "the last good copy is used instead".to_owned()),
                Err(again) => {
                    (empty(now), format!("the last good copy cannot be used either ({again}), so it counts as absent"))
                }
            },
            LayerText::Unreadable(why) => {
                let why = text::excerpt(why);
                (empty(now), format!("the last good copy could not be read ({why}), so it counts as absent"))
            }
            LayerText::Absent => (empty(now), "there is no last good copy, so it counts as absent".to_owned()),
        };
        said.problem("", why, &instead);
        said
    }

    fn problem(&mut self, path: &str, fault: String, instead: &str) {
        self.problems.push(Problem::new(self.layer, path, fault, instead));
    }

    fn sorted(mut self, parsed: &Parsed, catalogue: &[&'static Control]) -> Self {
        for path in &parsed.twice {
            self.problem(path, "the key is there more than once".to_owned(), "the last one counts");
        }
        for (key, value) in &parsed.root {
            match key.as_str() {
                keys::CONTROLS => {
                    if let Some(controls) = self.dictionary(key, value) {
                        self.controls(controls, catalogue);
                    }
                }
                EXEMPTIONS if self.layer == Layer::Local => {
                    let fault = "only the managed layer exempts, on a Mac without an MDM too".to_owned();
                    self.problem(key, fault, IGNORED);
                }
                EXEMPTIONS => {
                    let (exemptions, problems) = exemptions::read(value, &parsed.twice, catalogue);
                    self.exemptions = exemptions;
                    self.problems.extend(problems);
                }
                key if keys::BOOKKEEPING.contains(&key) => {}
                keys::PROFILE_CONTENT => self.problem(
                    key,
                    "this is a configuration profile, not the preference file that macOS makes of one".to_owned(),
                    IGNORED,
                ),
                key if let Some(setting) = TOP.into_iter().find(|setting| setting.key == key) => {
                    self.top.insert(setting.key, leaf(key.to_owned(), setting, value));
                }
                key if let Some(section) = SECTIONS.into_iter().find(|section| section.name == key) => {
                    if let Some(given) = self.dictionary(key, value) {
                        self.section(section, given);
                    }
                }
                key if !matches!(keys::named(catalogue, key), Named::Nothing) => {
                    self.problem(key, format!("controls are named inside {}", keys::CONTROLS), IGNORED);
                }
                key => {
                    let known = TOP.map(|setting| setting.key).into_iter().chain([keys::CONTROLS, EXEMPTIONS]);
                    self.unknown(key, key, known.chain(SECTIONS.map(|section| section.name)));
                }
            }
        }
        self
    }

    fn dictionary<'a>(&mut self, path: &str, value: &'a plist::Value) -> Option<&'a Dictionary> {
        let found = value.as_dictionary();
        if found.is_none() {
            self.problem(path, format!("expected a dictionary, found {}", kind_of(value)), IGNORED);
        }
        found
    }

    fn unknown<'a>(&mut self, path: &str, key: &str, known: impl IntoIterator<Item = &'a str>) {
        let meant = text::nearest(key, known).map(|known| format!(" (did you mean {known}?)")).unwrap_or_default();
        let key: String = text::visible(key).chars().take(text::EXCERPT).collect();
        self.problem(path, format!("there is no key \"{key}\"{meant}"), IGNORED);
    }

    fn section(&mut self, section: &Section, given: &Dictionary) {
        let mut leaves = Leaves::new();
        for (key, value) in given {
            let path = keys::section_path(section, key);
            match section.settings.iter().find(|setting| setting.key == key) {
                Some(setting) => {
                    leaves.insert(setting.key, leaf(path, setting, value));
                }
                None => self.unknown(&path, key, section.settings.iter().map(|setting| setting.key)),
            }
        }
        self.sections.insert(section.name, leaves);
    }

    fn controls(&mut self, controls: &Dictionary, catalogue: &[&'static Control]) {
        // Ids before aliases, so that a control named both ways follows its own id.
        let is_id = |name: &str| catalogue.iter().any(|control| control.id == name);
        let (ids, others): (Vec<_>, Vec<_>) = controls.iter().partition(|(name, _)| is_id(name));
        for (name, value) in ids.into_iter().chain(others) {
            let path = format!("{}.{name}", keys::CONTROLS);
            match keys::named(catalogue, name) {
                Named::Control(control) => {
                    if let Some(given) = self.dictionary(&path, value) {
                        self.control(control, name, given);
                    }
                }
                Named::Several(ids) => {
                    self.problem(
                        &path,
                        format!("several controls answer to this rule, name one: {}", ids.join(", ")),
                        IGNORED,
                    );
                }
                Named::Nothing => {
                    let ids = catalogue.iter().map(|control| control.id);
                    self.unknown(&path, name, ids.chain(catalogue.iter().filter_map(|control| control.refs.mscp)));
                }
            }
        }
    }

    fn control(&mut self, control: &'static Control, name: &str, given: &Dictionary) {
        let mut said = self.controls.remove(control.id).unwrap_or_default();
        for (key, value) in given {
            let path = keys::control_path(name, key);
            let mut settings = control.settings.iter().chain(&TIMING);
            let setting = settings.find(|setting| setting.key == key);
            let already = match setting {
                Some(setting) => said.settings.contains_key(setting.key),
                None => key == keys::MODE && said.mode.is_some(),
            };
            if already {
                let counts = keys::control_path(control.id, key);
                self.problem(&path, format!("the same key is also there as {counts}, which counts"), IGNORED);
            } else if let Some(setting) = setting {
                said.settings.insert(setting.key, leaf(path, setting, value));
            } else if key == keys::MODE {
                said.mode = Some(Leaf { path, value: mode(value) });
            } else {
                let settings = control.settings.iter().chain(&TIMING);
                self.unknown(&path, key, settings.map(|setting| setting.key).chain([keys::MODE]));
            }
        }
        self.controls.insert(control.id, said);
    }
}

fn mode(value: &plist::Value) -> Result<Mode, String> {
    let word = value.as_string().ok_or_else(|| format!("expected a word, found {}", kind_of(value)))?;
    Mode::parse(word).ok_or_else(|| {
        let known = Mode::ALL.map(Mode::word).join(", ");
        format!("\"{}\" is not a mode ({known})", text::excerpt(word))
    })
}

fn leaf(path: String, setting: &Setting, value: &plist::Value) -> Leaf<Value> {
    let value = typed(setting, value).and_then(|value| match setting.objection(&value) {
        Some(objection) => Err(objection),
        None => Ok(value),
    });
    Leaf { path, value }
}

/// `value` as the type that `setting` has. Nothing converts: a level of 2.0 is a slip in whatever wrote it.
fn typed(setting: &Setting, value: &plist::Value) -> Result<Value, String> {
    let expected = || format!("expected {}, found {}", setting.kind.word(), kind_of(value));
    match (&setting.kind, value) {
        (Kind::Integer { min, max, unit, .. }, plist::Value::Integer(number)) => number
            .as_signed()
            .map(Value::Integer)
            .ok_or_else(|| format!("{number} is not between {min} and {max} {unit}")),
        (Kind::Flag { .. }, plist::Value::Boolean(flag)) => Ok(Value::Flag(*flag)),
        (Kind::Cron | Kind::Choice { .. } | Kind::Text { .. } | Kind::Path { .. }, plist::Value::String(text)) => {
            Ok(Value::Text(text.clone()))
        }
        (Kind::Versions { .. } | Kind::Names | Kind::Times, plist::Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(n, item)| match item {
                plist::Value::String(text) => Ok(text.clone()),
                other => Err(format!("expected a string as item {}, found {}", n + 1, kind_of(other))),
            })
            .collect::<Result<_, _>>()
            .map(Value::List),
        _ => Err(expected()),
    }
}
