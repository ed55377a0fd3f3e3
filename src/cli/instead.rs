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
            (preset, level) => Ok(policy::Instead { preset, level, everything: false }),
        }
    }

    /// As it was given, for the ledger.
    pub fn words(&self) -> String {
        let preset = self.preset.as_ref().map(|name| format!(" --preset {name}")).unwrap_or_default();
        let level = self.level.map(|level| format!(" --level {level}")).unwrap_or_default();
        format!("{preset}{level}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_goes_with_a_preset_that_has_levels_and_with_no_other() {
        for preset in &presets::ALL {
            let asked = Instead { preset: Some(preset.name.to_owned()), level: Some(2) };
            assert_eq!(asked.words(), format!(" --preset {} --level 2", preset.name));
            match asked.parsed() {
                Ok(parsed) => {
                    assert!(preset.has_levels() && parsed.level == Some(Level::L2), "{}", preset.name);
                }
                Err(exit) => assert!(!preset.has_levels() && exit == Exit::Usage, "{}", preset.name),
            }
        }
        let nothing = Instead { preset: None, level: None };
        assert_eq!(nothing.words(), "");
        assert!(nothing.parsed().is_ok_and(|parsed| parsed.is_nothing()));
    }
}
