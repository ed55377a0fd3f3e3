//! The policy itself as a profile: Holdfast's preference domain, forced.

use plist::{Dictionary, Value};

use super::payload::{Payload, Profile};
use crate::control::Control;
use crate::policy::assign::{Assignments, Refused};
use crate::policy::presets::Preset;

/// The preference domain that policy is read from.
pub const DOMAIN: &str = "org.holdfast.agent";
/// The payload that forces preferences of any domain.
pub(super) const PREFERENCES: &str = "com.apple.ManagedClient.preferences";

/// What the managed layer says with `preset` and, over it, `set`: the level, what differs from the defaults in the preset, and
/// all of `set`, so that a default that was asked for by name holds against the local layer too.
///
/// # Errors
/// [`Refused`] for what is no key or no value of policy.
pub fn policy<'a>(
    preset: &Preset,
    set: impl IntoIterator<Item = &'a str>,
    catalogue: &[&'static Control],
) -> Result<Dictionary, Refused> {
    let mut assignments = Assignments::at(preset.level);
    let own: Vec<String> = preset.overrides.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assignments.add(own.iter().map(String::as_str), catalogue)?;
    assignments.add(set, catalogue)?;
    assignments.policy(catalogue)
}

/// The profile that forces `policy`, which is [`policy()`]'s.
#[must_use]
pub fn profile(preset: &Preset, policy: Dictionary, organization: Option<&str>) -> Profile {
    Profile {
        role: "policy",
        name: format!("Holdfast: policy ({})", preset.name),
        description: format!("What Holdfast holds this Mac to. {}", preset.doc),
        organization: organization.map(str::to_owned),
        payloads: vec![Payload {
            kind: PREFERENCES,
            role: "preferences".into(),
            name: "Holdfast: policy".into(),
            keys: forced(DOMAIN, policy),
        }],
    }
}

/// The keys of a payload [`PREFERENCES`] that forces `keys` of `domain`.
pub(super) fn forced(domain: &str, keys: Dictionary) -> Dictionary {
    let forced = one("Forced", Value::Array(vec![one("mcx_preference_settings", Value::Dictionary(keys))]));
    [("PayloadContent".to_owned(), one(domain, forced))].into_iter().collect()
}

fn one(key: &str, value: Value) -> Value {
    Value::Dictionary([(key.to_owned(), value)].into_iter().collect())
}
