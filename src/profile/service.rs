//! The daemon as a managed background item, which users cannot switch off.

use plist::{Dictionary, Value};

use super::payload::{Payload, Profile};
use crate::installed::LABEL;

/// A team identifier: who signed a program, ten capital letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamId(String);

impl TeamId {
    /// Reads one; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 10 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

/// The profile. Without a team any job of the daemon's label matches, whoever signed it.
#[must_use]
pub fn profile(team: Option<&TeamId>, organization: Option<&str>) -> Profile {
    let mut rule = Dictionary::new();
    rule.insert("RuleType".into(), "Label".into());
    rule.insert("RuleValue".into(), LABEL.into());
    if let Some(TeamId(team)) = team {
        rule.insert("TeamIdentifier".into(), team.as_str().into());
    }
    rule.insert("Comment".into(), "The Holdfast daemon".into());
    let rules = Value::Array(vec![Value::Dictionary(rule)]);
    Profile {
        role: "service",
        name: "Holdfast: background item".into(),
        description: "Keeps the Holdfast daemon switched on: users cannot turn it off in Login Items.".into(),
        organization: organization.map(str::to_owned),
        payloads: vec![Payload {
            kind: "com.apple.servicemanagement",
            role: "rules".into(),
            name: "Holdfast: background item".into(),
            keys: [("Rules".to_owned(), rules)].into_iter().collect(),
        }],
    }
}
