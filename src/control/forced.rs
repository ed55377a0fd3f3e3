//! Preferences that count only where a profile forces them.

use plist::Value;

use super::preference::{LOCAL, number, shown, truth};
use super::{Finding, Setting, View};
use crate::host::ToolError;
use crate::mac::plist_file;

/// One key that a profile forces for the whole Mac.
#[derive(Debug)]
pub struct Forced {
    /// The preference domain, which is the payload's type, too, where [`Forced::carrier`] is a payload.
    pub domain: &'static str,
    /// The key.
    pub key: &'static str,
    /// What it must be.
    pub wanted: Wanted,
    /// How a profile delivers it.
    pub carrier: Carrier,
}

/// What a forced key must be.
#[derive(Debug)]
pub enum Wanted {
    /// This.
    Flag(bool),
    /// Exactly this.
    Number(i64),
    /// Exactly this.
    Text(&'static str),
    /// A number from 1 to what this integer setting says.
    AtMost(&'static Setting),
}

/// How a profile delivers a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In a payload whose type is the domain's name, and whose schema lists the key.
    Payload,
    /// In a payload `com.apple.ManagedClient.preferences`, as no payload's schema lists it.
    Preferences,
}

impl Forced {
    /// A key of a payload that must be this flag.
    #[must_use]
    pub const fn flag(domain: &'static str, key: &'static str, wanted: bool) -> Self {
        Self { domain, key, wanted: Wanted::Flag(wanted), carrier: Carrier::Payload }
    }

    /// Looks at what a profile forces. What is only set on the Mac itself is named and counts for nothing: macOS does not heed
    /// it there, or its user can take it back.
    ///
    /// # Errors
    /// [`ToolError`] where the managed preferences cannot be read.
    pub fn probe(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        let wanted = format!("{}, forced by a profile", self.wanted.words(view));
        Ok(match view.forced(self.domain, self.key)? {
            Some(value) => {
                let seen = format!("{}, forced by a profile", shown(&value));
                Finding::judge(self.wanted.is_met_by(view, &value), seen, wanted)
            }
            None => Finding::drifted(self.unforced(view), wanted),
        })
    }

    /// That nothing forces it, and what is set locally instead.
    fn unforced(&self, view: &View<'_>) -> String {
        let local = view.ask(&plist_file::file(format!("{LOCAL}/{}.plist", self.domain)));
        match local.ok().flatten().and_then(|mut local| local.remove(self.key)) {
            Some(value) => {
                format!("not forced by a profile (set locally to {}, which counts for nothing)", shown(&value))
            }
            None => "not forced by a profile".to_owned(),
        }
    }
}

impl Wanted {
    /// Whether `value` is so. The type counts, as far as macOS minds it.
    fn is_met_by(&self, view: &View<'_>, value: &Value) -> bool {
        match self {
            Self::Flag(wanted) => truth(value).is_ok_and(|is| is == *wanted),
            Self::Number(wanted) => number(value).is_ok_and(|is| is == *wanted),
            Self::Text(wanted) => value.as_string() == Some(wanted),
            Self::AtMost(setting) => number(value).is_ok_and(|is| (1..=view.settings.integer(setting)).contains(&is)),
        }
    }

    /// In words.
    fn words(&self, view: &View<'_>) -> String {
        match self {
            Self::Flag(wanted) => wanted.to_string(),
            Self::Number(wanted) => wanted.to_string(),
            Self::Text(wanted) => format!("\"{wanted}\""),
            Self::AtMost(setting) => format!("1 to {}", view.settings.integer(setting)),
        }
    }
}
