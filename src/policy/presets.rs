//! Named policies to start from. Data only: each is a level and what differs from the defaults at that level.

use crate::control::Level;

/// A named policy.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, as one sentence.
    pub doc: &'static str,
    /// How far the Mac is hardened.
    pub level: Level,
    /// What it says beside the level: key, as `config show` prints it, and value, as `--set` takes it. Every key is there once.
    pub overrides: &'static [(&'static str, &'static str)],
}

/// All presets, in the order that documents have.
pub const ALL: &[Preset] = &[
    Preset {
        name: "level-1",
        doc: "What every managed Mac should hold: no user has to change how they work.",
        level: Level::L1,
        overrides: &[],
    },
    Preset {
        name: "level-2",
        doc: "For Macs that see sensitive data, at some cost in comfort.",
        level: Level::L2,
        overrides: &[],
    },
    Preset { name: "level-3", doc: "For Macs that are worth a targeted attack.", level: Level::L3, overrides: &[] },
];

/// The preset with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// The names of all presets, joined by commas, for messages.
#[must_use]
pub fn names() -> String {
    ALL.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ")
}
