//! One on-or-off switch of software update, and which of its sources decides.

use plist::Value;

use super::{DECLARATION, odd, truth};
use crate::control::{Can, Finding, Plan, Reach, Remedy, Step, Variant, View};
use crate::host::ToolError;
use crate::mac::plist_file;

/// Where declarative management keeps its state (mSCP's macOS 26 and 27 rules read the same file).
const DECLARED: &str = "/private/var/db/softwareupdate/SoftwareUpdateDDMStatePersistence.plist";

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
    /// What macOS does where the local key is absent.
    pub absent_is_on: bool,
}

/// What decides, and how.
enum Decided {
    Declaration(Value),
    Profile(Value),
    Local(Option<Value>),
    Undeclared,
}

impl Switch {
    fn decided(&self, view: &View<'_>) -> Result<Decided, ToolError> {
        let major = view.facts.macos.major();
        if let Some(key) = self.declared
            && let Some(value) = declared(view, key)?
        {
            return Ok(Decided::Declaration(value));
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
            Decided::Declaration(value) => (value, "by a declaration"),
            Decided::Profile(value) => (value, "by a profile"),
            Decided::Local(Some(value)) => (value, "set locally"),
            Decided::Local(None) if self.absent_is_on => {
                return Ok(Finding::compliant("on, the default of this macOS (not set)"));
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
            Err(_) => Finding::drifted(format!("{}, {whose}", odd(&value)), "on"),
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
            Decided::Local(prior) => Plan::Now(vec![Step::flag(self.domain, self.key, true, prior.as_ref())]),
        })
    }
}

/// The state that a declaration left for `key`. No file, or no such dictionary, is no declaration.
fn declared(view: &View<'_>, key: &str) -> Result<Option<Value>, ToolError> {
    let Some(state) = view.ask(&plist_file::file(DECLARED))? else { return Ok(None) };
    let settings = state
        .get("SUCorePersistedStatePolicyFields")
        .and_then(Value::as_dictionary)
        .and_then(|fields| fields.get("SUCoreDDMDeclarationGlobalSettings"))
        .and_then(Value::as_dictionary);
    Ok(settings.and_then(|settings| settings.get(key)).cloned())
}

/// A variant in which root sets the local preference.
pub const fn writable(macos: (u32, u32), can: Can, plan: fn(&View<'_>) -> Result<Plan, ToolError>) -> Variant {
    Variant {
        macos,
        processor: None,
        forms: &[],
        reach: Reach::Applies {
            can,
            remedy: Remedy::Automatic {
                how: "defaults write /Library/Preferences/DOMAIN KEY -bool true, with the domain and key of the check",
                plan,
                side_effects: "none",
                all_or_nothing: false,
            },
        },
    }
}

/// The variant of macOS 27, where only a declaration counts.
pub const fn declared_only(payload: &'static str) -> Variant {
    Variant {
        macos: (27, 27),
        processor: None,
        forms: &[],
        reach: Reach::Applies { can: Can::DetectOnly, remedy: Remedy::Profile { payload } },
    }
}
