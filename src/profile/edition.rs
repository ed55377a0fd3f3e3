//! Which edition of the settings a manifest is.
//!
//! Consoles that hold several editions of a manifest take the one with the higher number, then the later day. So both must move
//! when the settings do, and stand still when only the program was built again: they follow from the manifest that there is.

use plist::{Date, Value as Plist};

use super::manifest::{self, LAST_MODIFIED, SUBKEYS, VERSION};
use crate::control::Control;

/// An edition of the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// One more than the edition's before it.
    pub number: i64,
    /// The day of the change.
    pub day: Date,
}

impl Edition {
    /// That of these settings: the edition of `manifest` where it says the same of them, otherwise the next one, of the day `today`,
    /// `YYYY-MM-DD`.
    ///
    /// # Errors
    /// In words, where `manifest` is none, or `today` no day.
    pub fn of(manifest: &[u8], catalogue: &[&Control], today: &str) -> Result<Self, String> {
        let lacks = |key: &str| format!("the manifest that there is lacks {key}");
        let root =
            plist::from_bytes::<Plist>(manifest).map_err(|error| format!("the manifest that there is: {error}"))?;
        let root = root.as_dictionary().ok_or("the manifest that there is is no dictionary")?;
        let number = root.get(VERSION).and_then(Plist::as_signed_integer).ok_or_else(|| lacks(VERSION))?;
        let day = root.get(LAST_MODIFIED).and_then(Plist::as_date).ok_or_else(|| lacks(LAST_MODIFIED))?;
        if root.get(SUBKEYS) == Some(&Plist::Array(manifest::subkeys(catalogue))) {
            return Ok(Self { number, day });
        }
        let today = Date::from_xml_format(&format!("{today}T00:00:00Z")).map_err(|_| format!("{today} is no day"))?;
        Ok(Self { number: number + 1, day: today })
    }
}
