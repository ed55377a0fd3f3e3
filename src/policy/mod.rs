//! What this Mac is to be held to: which controls, how firmly, with which values, and from which file each came.
//!
//! Policy is a property list in two layers that stay apart, one forced by an MDM ([`MANAGED_FILE`]) over one set on the Mac
//! ([`LOCAL_FILE`]), over built-in defaults. [`read()`] turns the bytes into a [`Policy`] and a list of [`Problem`]s: a value
//! that is wrong costs that value, never the rest. Nothing here reads a file or a clock.

mod aim;
pub mod assign;
mod checks;
pub mod exemptions;
mod keys;
mod layer;
mod merge;
pub mod ncsc;
mod parse;
pub mod presets;
mod rows;
pub mod tables;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::control::{Control, Level, Setting, Settings};
use crate::text;
use presets::Preset;

pub use aim::Instead;
pub use checks::shortest_interval;
pub use exemptions::{EXEMPTIONS, Exemption};
pub use keys::{BOOKKEEPING, CONTROLS, EXEMPTION_WARNING_DAYS, LEVEL, MODE, MODE_OF_ALL, PRESET, TOP};
pub use merge::{read, read_instead, validate, validate_at};
pub use parse::{MAX_BYTES, is_well_formed};
pub use rows::Row;

/// The layer that an MDM forces, as macOS writes it out of the installed profiles.
pub const MANAGED_FILE: &str = "/Library/Managed Preferences/org.holdfast.agent.plist";
/// The layer that an administrator of the Mac sets.
pub const LOCAL_FILE: &str = "/Library/Preferences/org.holdfast.agent.plist";

/// How firmly a control is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Not looked at.
    Off,
    /// Looked at and reported, never changed.
    Audit,
    /// Looked at, and set where root can.
    Enforce,
}

impl Mode {
    /// All modes, firmest first.
    pub const ALL: [Self; 3] = [Self::Enforce, Self::Audit, Self::Off];

    /// The word in policy, in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Audit => "audit",
            Self::Enforce => "enforce",
        }
    }

    /// The mode with this word; `None` for any other spelling.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }

    /// The mode of a control that policy does not name: audit where holding it can get in somebody's way, else enforce.
    #[must_use]
    pub fn default_for(control: &Control) -> Self {
        if control.disruptive.is_some() { Self::Audit } else { Self::Enforce }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One of the two files that policy is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// [`MANAGED_FILE`].
    Managed,
    /// [`LOCAL_FILE`].
    Local,
}

impl Layer {
    /// The word in the ledger: `managed` or `local`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Local => "local",
        }
    }
}

/// Where a value in force came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The managed layer as it is now.
    Managed,
    /// The last good copy of the managed layer, which cannot be read now.
    ManagedLastGood,
    /// The local layer as it is now.
    Local,
    /// The last good copy of the local layer, which cannot be read now.
    LocalLastGood,
    /// A value of the preset.
    Preset,
    /// Asked for on the command line.
    CommandLine,
    /// Built in.
    Default,
}

impl Origin {
    /// In words, for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::ManagedLastGood => "managed (last good copy)",
            Self::Local => "local",
            Self::LocalLastGood => "local (last good copy)",
            Self::Preset => "preset",
            Self::CommandLine => "command line",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What policy says about one control.
#[derive(Clone, Debug)]
pub struct ControlPolicy {
    /// The control.
    pub control: &'static Control,
    /// How firmly it is held.
    pub mode: Mode,
    /// Where the mode came from.
    pub mode_from: Origin,
    /// Whether policy names the mode of this very control, which has it looked at whatever the level.
    pub named: bool,
    /// The values of its settings, those of [`tables::TIMING`] included.
    pub settings: Settings,
    /// Where each of them came from, by policy key; every one of them is in it.
    pub settings_from: BTreeMap<&'static str, Origin>,
    /// Whether it is looked at: the policy's level or preset includes it or policy names its mode, and it is not off.
    pub selected: bool,
}

impl ControlPolicy {
    /// What holds for `control` at `level` where neither layer names it.
    #[must_use]
    pub fn built_in(control: &'static Control, level: Level) -> Self {
        Self {
            control,
            mode: Mode::default_for(control),
            mode_from: Origin::Default,
            named: false,
            settings: Settings::of(settings_of(control)),
            settings_from: settings_of(control).map(|setting| (setting.key, Origin::Default)).collect(),
            selected: control.level <= level,
        }
    }
}

/// What policy may adjust in `control`: its own settings, then its schedule.
fn settings_of(control: &Control) -> impl Iterator<Item = &'static Setting> {
    control.settings.iter().copied().chain(tables::TIMING)
}

/// How the compliance log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerPolicy {
    /// Size at which a new segment is begun, in bytes.
    pub max_segment_bytes: u64,
    /// Where that came from.
    pub max_segment_bytes_from: Origin,
    /// Days after which a whole segment may go; 0 keeps all for ever.
    pub retention_days: u32,
    /// Where that came from.
    pub retention_days_from: Origin,
}

impl LedgerPolicy {
    /// What the section [`tables::LEDGER`] comes to.
    fn of(sections: &BTreeMap<&'static str, SectionPolicy>) -> Self {
        let said = sections.get(tables::LEDGER.name).cloned().unwrap_or_default();
        let from = |setting: &Setting| said.settings_from.get(setting.key).copied().unwrap_or(Origin::Default);
        Self {
            max_segment_bytes: said.settings.integer(&tables::MAXIMUM_SEGMENT_SIZE).unsigned_abs(),
            max_segment_bytes_from: from(&tables::MAXIMUM_SEGMENT_SIZE),
            retention_days: u32::try_from(said.settings.integer(&tables::RETENTION_DAYS)).unwrap_or(0),
            retention_days_from: from(&tables::RETENTION_DAYS),
        }
    }
}

/// What this Mac is held to. Made by [`read()`].
#[derive(Clone, Debug)]
pub struct Policy {
    /// What stands in place of the level; `None` goes by that.
    pub preset: Option<&'static Preset>,
    /// Where that came from.
    pub preset_from: Origin,
    /// How far the Mac is hardened; with a preset, how far that goes where it has levels.
    pub level: Level,
    /// Where the level came from.
    pub level_from: Origin,
    /// The mode of controls that policy does not name: [`Mode::Enforce`] or [`Mode::Audit`].
    pub mode: Mode,
    /// Where that came from.
    pub mode_from: Origin,
    /// How many days before an exemption ends the ledger says so; 0 never.
    pub warning_days: u32,
    /// Where that came from.
    pub warning_days_from: Origin,
    /// What the managed layer exempts, in its order, what is over included: when that is, the clock tells.
    pub exemptions: Vec<Exemption>,
    /// Where they came from: the managed layer, or its last good copy.
    pub exemptions_from: Origin,
    /// Every control of the catalogue, by id.
    pub controls: BTreeMap<&'static str, ControlPolicy>,
    /// How the compliance log is kept: the section [`tables::LEDGER`], typed.
    pub ledger: LedgerPolicy,
    /// The dictionaries beside `Controls`, by name; every section of [`tables::SECTIONS`] is in it.
    pub sections: BTreeMap<&'static str, SectionPolicy>,
}

/// What policy says in one section of [`tables::SECTIONS`].
#[derive(Clone, Debug, Default)]
pub struct SectionPolicy {
    /// The values of its settings.
    pub settings: Settings,
    /// Where each of them came from, by policy key.
    pub settings_from: BTreeMap<&'static str, Origin>,
}

impl Policy {
    /// The policy of a Mac with neither layer.
    #[must_use]
    pub fn built_in(catalogue: &[&'static Control]) -> Self {
        read(&Layers::default(), catalogue, &Enrolled::No).0
    }

    /// The values in force of a section.
    #[must_use]
    pub fn section(&self, section: &tables::Section) -> Cow<'_, Settings> {
        self.sections
            .get(section.name)
            .map_or_else(|| Cow::Owned(Settings::default()), |said| Cow::Borrowed(&said.settings))
    }

    /// Has `control` looked at whatever the level or preset, as the command line asked, unless policy switched it off.
    pub fn select(&mut self, control: &Control) {
        if let Some(policy) = self.controls.get_mut(control.id) {
            policy.selected = policy.mode != Mode::Off;
        }
    }

    /// What holds for `control`: the defaults where the policy was made without it.
    #[must_use]
    pub fn of(&self, control: &'static Control) -> Cow<'_, ControlPolicy> {
        match self.controls.get(control.id) {
            Some(policy) => Cow::Borrowed(policy),
            None => Cow::Owned(ControlPolicy {
                selected: self.includes(control),
                ..ControlPolicy::built_in(control, self.level)
            }),
        }
    }

    /// What is wrong with the exemptions that are over, as `is_over` tells: they stay in the layer until somebody takes them out,
    /// and count for nothing.
    #[must_use]
    pub fn problems_over(&self, is_over: impl Fn(&Exemption) -> bool) -> Vec<Problem> {
        let over = self.exemptions.iter().filter(|exemption| is_over(exemption)).map(Exemption::is_over);
        merge::kept(&over.collect::<Vec<_>>(), Layer::Managed)
    }
}

/// What was found where a layer's file belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LayerText {
    /// There is no such file: the layer says nothing.
    #[default]
    Absent,
    /// The file's content.
    Bytes(Vec<u8>),
    /// The file could not be read, or is not to be trusted: why.
    Unreadable(String),
}

/// The bytes that policy is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// [`MANAGED_FILE`].
    pub managed: LayerText,
    /// [`LOCAL_FILE`].
    pub local: LayerText,
    /// The managed layer's bytes when it was last well-formed, used only where it is there and cannot be used.
    pub managed_last_good: LayerText,
    /// The same of the local layer.
    pub local_last_good: LayerText,
}

/// Whether an MDM manages this Mac. On a Mac that is not known to be free of one, the local layer cannot weaken anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// It is enrolled.
    Yes,
    /// It is not.
    No,
    /// It could not be told: why.
    Unknown(String),
}

/// Something wrong with a layer, and what is done instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// In which layer.
    pub layer: Layer,
    /// The key's path as the layer spells it, `Controls.firewall_on.Mode`, made safe to show; empty for the layer as a whole.
    pub key: String,
    /// What is wrong, and what is done instead.
    pub what: String,
    /// Only what is wrong.
    #[serde(skip)]
    fault: String,
}

impl Problem {
    fn new(layer: Layer, path: &str, fault: String, instead: &str) -> Self {
        // Not trimmed, as an excerpt is: a space too many may be just what is wrong with the key.
        let key = text::visible(path).chars().take(text::EXCERPT).collect();
        let what = if instead.is_empty() { fault.clone() } else { format!("{fault}; {instead}") };
        Self { layer, key, what, fault }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.key.is_empty() { "the file as a whole" } else { &self.key };
        write!(f, "{} policy, {place}: {}", self.layer.word(), self.what)
    }
}

/// Something wrong with a policy file that no Mac has yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// As in [`Problem`].
    pub key: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.key, self.what) }
    }
}
