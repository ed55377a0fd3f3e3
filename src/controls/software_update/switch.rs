//! One on-or-off switch of software update, and which of its sources decides.

use plist::Value;

use super::{DECLARATION, declared};
use crate::control::preference::{shown, truth};
use crate::control::{Can, Finding, Plan, Remedy, Step, Variant, View};
use crate::host::ToolError;

/// The last macOS that heeds the profile payload `com.apple.SoftwareUpdate`.
const LAST_PAYLOAD_MACOS: u32 = 26;

/// The first macOS that takes the switches which a declaration covers from declarations alone.
const DECLARED_ONLY_MACOS: u32 = 27;

/// One on-or-off switch.
pub struct Switch {
    /// Domain of the local preference.
    pub domain: &'static str,
    /// Key of the local preference.
    pub key: &'static str,
    /// Key in the profile payload `com.apple.SoftwareUpdate`.
    pub forced_key: &'static str,
    /// Key in the state that a declaration leaves, where one covers the switch.
    pub declared: Option<&'static str>,
    /// Whether the local key's absence is known to mean on: the default `true` of the key in Apple's payload schema
    /// `com.apple.SoftwareUpdate`. Of these a Mac was seen to do so for the check alone.
    pub absent_is_on: bool,
}

/// What decides, and how.
enum Decided {
    Declaration(bool),
    Profile(Value),
    Local(Option<Value>),
    Undeclared,
}

impl Switch {
    fn decided(&self, view: &View<'_>) -> Result<Decided, ToolError> {
        let major = view.facts.macos.major();
        if let Some(key) = self.declared
            && let Some(on) = declared::switch(view, key)?
        {
            return Ok(Decided::Declaration(on));
        }
        if major <= LAST_PAYLOAD_MACOS
            && let Some(value) = view.forced("com.apple.SoftwareUpdate", self.forced_key)?
        {
            return Ok(Decided::Profile(value));
        }
        if major >= DECLARED_ONLY_MACOS && self.declared.is_some() {
            return Ok(Decided::Undeclared);
        }
        Ok(Decided::Local(view.local(self.domain, self.key)?))
    }

    /// Looks.
    ///
    /// # Errors
    /// [`ToolError`] where a source is there and cannot be read.
    pub fn probe(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        let (value, whose) = match self.decided(view)? {
            Decided::Declaration(on) => (on.into(), "by a declaration"),
            Decided::Profile(value) => (value, "by a profile"),
            Decided::Local(Some(value)) => (value, "set locally"),
            Decided::Local(None) if self.absent_is_on => {
                return Ok(Finding::compliant("not set: on by Apple's documented default"));
            }
            Decided::Local(None) => return Ok(Finding::drifted("not set", "on")),
            Decided::Undeclared => {
                return Ok(Finding::drifted(
                    "no declaration, and this macOS heeds nothing else",
                    "on, by a declaration",
                ));
            }
        };
        Ok(match truth(&value) {
            Ok(on) => Finding::judge(on, format!("{}, {whose}", if on { "on" } else { "off" }), "on"),
            Err(_) => Finding::drifted(format!("neither on nor off: {}, {whose}", shown(&value)), "on"),
        })
    }

    /// Plans to switch it on locally, unless something stronger decides.
    ///
    /// # Errors
    /// [`ToolError`] where a source is there and cannot be read.
    pub fn plan(&self, view: &View<'_>) -> Result<Plan, ToolError> {
        Ok(match self.decided(view)? {
            Decided::Declaration(_) => Plan::Managed { by: format!("a declaration, {DECLARATION}") },
            Decided::Profile(_) => {
                Plan::Managed { by: format!("a profile forces com.apple.SoftwareUpdate {}", self.forced_key) }
            }
            Decided::Undeclared => Plan::Managed { by: format!("only a declaration can, {DECLARATION}") },
            Decided::Local(prior) => Plan::Now(vec![Step::flag(self.domain, self.key, true, prior.as_ref())?]),
        })
    }
}

/// A variant in which root sets the local preference: `how`, with the command.
pub const fn writable(
    macos: (u32, u32),
    can: Can,
    how: &'static str,
    plan: fn(&View<'_>) -> Result<Plan, ToolError>,
) -> Variant {
    Variant { macos, ..Variant::everywhere(can, Remedy::sets(how, plan)) }
}

/// The variant of macOS 27, where only a declaration counts.
pub const fn declared_only(payload: &'static str) -> Variant {
    Variant { macos: (27, 27), ..Variant::everywhere(Can::DetectOnly, Remedy::Profile { payload }) }
}
