//! What declarative management left in software update's own state.

use plist::{Dictionary, Value};

use crate::control::View;
use crate::control::preference::shown;
use crate::host::ToolError;
use crate::mac::{Misread, plist_file};

/// Where declarative management keeps its state (mSCP's macOS 26 and 27 rules read the same file).
pub const STATE: &str = "/private/var/db/softwareupdate/SoftwareUpdateDDMStatePersistence.plist";

/// The dictionaries on the way to what the settings declaration says.
const PATH: [&str; 2] = ["SUCorePersistedStatePolicyFields", "SUCoreDDMDeclarationGlobalSettings"];

/// The first macOS that takes the declaration `com.apple.configuration.softwareupdate.settings`.
const FIRST_MACOS: u32 = 15;

/// What the settings declaration left; `None` where there is none, or this macOS takes none.
///
/// # Errors
/// [`ToolError`] where the state is there and cannot be read, or is not of the known form.
pub fn settings(view: &View<'_>) -> Result<Option<Dictionary>, ToolError> {
    if view.facts.macos.major() < FIRST_MACOS {
        return Ok(None);
    }
    let Some(mut state) = view.ask(&plist_file::system_file(STATE))? else { return Ok(None) };
    for key in PATH {
        state = match state.remove(key) {
            None => return Ok(None),
            Some(Value::Dictionary(inner)) => inner,
            Some(other) => return Err(odd(key, "a dictionary", &other)),
        };
    }
    Ok(Some(state))
}

/// A switch that a declaration may hold: 1 is `AlwaysOn`, 0 is `AlwaysOff`; with `Allowed`, and without a declaration, the
/// key is not there.
///
/// # Errors
/// [`ToolError`] where the state cannot be read, or has another value there.
pub fn switch(view: &View<'_>, key: &str) -> Result<Option<bool>, ToolError> {
    match settings(view)?.and_then(|mut settings| settings.remove(key)) {
        None => Ok(None),
        Some(Value::Boolean(on)) => Ok(Some(on)),
        Some(Value::Integer(number)) if number.as_signed() == Some(1) => Ok(Some(true)),
        Some(Value::Integer(number)) if number.as_signed() == Some(0) => Ok(Some(false)),
        Some(other) => Err(odd(key, "0 or 1", &other)),
    }
}

/// The longest deferral that a declaration holds, in days. The state has one key each for major, minor and system updates
/// (`majorOSDeferralPeriod`, `minorOSDeferralPeriod`, `systemUpdatesDeferralPeriod`; their values are the declaration's
/// `MajorPeriodInDays` and so on). Any key with `Deferral` in its name counts, so that a new one is not passed over.
///
/// # Errors
/// [`ToolError`] where the state cannot be read, or one of the keys is no whole number.
pub fn longest_deferral(view: &View<'_>) -> Result<Option<i64>, ToolError> {
    let mut longest = None;
    for (key, value) in settings(view)?.unwrap_or_default() {
        if key.contains("Deferral") {
            let days = value.as_signed_integer().ok_or_else(|| odd(&key, "a whole number of days", &value))?;
            longest = longest.max(Some(days));
        }
    }
    Ok(longest)
}

fn odd(key: &str, expected: &str, saw: &Value) -> ToolError {
    ToolError::from_misread(format!("{key} in {STATE}"), None, Misread::new(expected, shown(saw)))
}
