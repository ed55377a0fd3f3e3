//! What a Mac is held to as a whole: a level, or a preset in its place; and which controls that comes to.

use super::presets::Preset;
use super::{Enrolled, Layers, Mode, Policy, read_instead};
use crate::control::{Control, Level};

/// What the command line holds a run to instead of what policy has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instead {
    /// This preset.
    pub preset: Option<&'static Preset>,
    /// This level; without a preset in place of policy's, unless that has levels.
    pub level: Option<Level>,
    /// What the level or preset leaves out is looked at as well, with the values that they give; what policy itself switches off
    /// is not.
    pub everything: bool,
}

impl Instead {
    /// Nothing: what policy has.
    pub const NOTHING: Self = Self { preset: None, level: None, everything: false };

    /// Policy's own level or preset, and what it leaves out.
    pub const EVERYTHING: Self = Self { everything: true, ..Self::NOTHING };

    /// This level.
    #[must_use]
    pub fn level(level: Level) -> Self {
        Self { level: Some(level), ..Self::NOTHING }
    }

    /// This preset.
    #[must_use]
    pub fn preset(preset: &'static Preset) -> Self {
        Self { preset: Some(preset), ..Self::NOTHING }
    }

    /// Whether policy's own level or preset stands.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.preset.is_none() && self.level.is_none()
    }
}

impl Policy {
    /// The same, held to something else than level 1.
    #[must_use]
    pub fn built_in_at(catalogue: &[&'static Control], instead: &Instead) -> Self {
        read_instead(&Layers::default(), catalogue, &Enrolled::No, instead).0
    }

    /// Whether the level or preset includes `control`.
    #[must_use]
    pub fn includes(&self, control: &Control) -> bool {
        self.preset.map_or(control.level <= self.level, |preset| preset.has(control, self.level))
    }

    /// The level that the Mac is held to; `None` where a preset is in its place that is none.
    #[must_use]
    pub fn level_in_force(&self) -> Option<Level> {
        match self.preset {
            Some(preset) if !preset.has_levels() => preset.is_level(),
            _ => Some(self.level),
        }
    }

    /// What the Mac is held to, in words: `level 2`, `preset ncsc`.
    #[must_use]
    pub fn aim(&self) -> String {
        match self.preset {
            Some(preset) if preset.has_levels() => format!("preset {}, level {}", preset.name, u8::from(self.level)),
            Some(preset) => format!("preset {}", preset.name),
            None => format!("level {}", u8::from(self.level)),
        }
    }

    /// Why `control` is not looked at; `None` where it is.
    #[must_use]
    pub fn left_out(&self, control: &'static Control) -> Option<String> {
        let policy = self.of(control);
        if policy.selected {
            return None;
        }
        Some(match policy.mode {
            Mode::Off => format!("switched off by policy ({})", policy.mode_from),
            _ if self.preset.is_some_and(|preset| preset.is_level().is_none()) => {
                format!("does not belong to {} ({})", self.aim(), self.preset_from)
            }
            _ => format!(
                "belongs to level {}; policy asks for {} ({})",
                u8::from(control.level),
                self.aim(),
                if self.preset.is_some() { self.preset_from } else { self.level_from }
            ),
        })
    }
}
