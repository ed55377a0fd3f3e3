//! `--preset` and `--level`: what a run is held to instead of what policy has.

use super::arguments::Instead;
use super::exit::Exit;
use super::machine::complain;
use crate::control::Level;
use crate::policy::{self, presets};

impl Instead {
    /// What is asked for.
    pub fn parsed(&self) -> Result<policy::Instead, Exit> {
        let preset = self.preset.as_deref().and_then(presets::find);
        let level = self.level.and_then(|level| Level::try_from(level).ok());
        match (preset, level) {
            (Some(preset), Some(_)) if !preset.has_levels() => Err(complain(
                &format!("the preset {} stands in place of a level, and has no levels", preset.name),
                Exit::Usage,
            )),
            (preset, level) => Ok(policy::Instead { preset, level }),
        }
    }

    /// As it was given, for the ledger.
    pub fn words(&self) -> String {
        let preset = self.preset.as_ref().map(|name| format!(" --preset {name}")).unwrap_or_default();
        let level = self.level.map(|level| format!(" --level {level}")).unwrap_or_default();
        format!("{preset}{level}")
    }
}
