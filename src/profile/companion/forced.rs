//! What the catalogue's forced keys give: each follows from its control alone, so that a control more needs nothing here.

use std::collections::BTreeMap;

use plist::Dictionary;

use super::super::payload::Payload;
use super::table::{Carrier, FRAMES};
use super::{Part, Request, payload};
use crate::control::{self, Control, Forced};

/// A forced key as notes name it.
pub(super) fn words(key: &Forced) -> String {
    format!("{} {}", key.domain, key.key)
}

/// What the forced keys of one control give on the wanted macOS, and what is to be said about them; `instead` says what takes
/// the place of one that does not count there, or will not for long.
pub(super) fn parts(request: &Request<'_>, control: &'static Control, instead: &str) -> (Vec<Part>, Vec<String>) {
    let (mut parts, mut notes) = (Vec::new(), Vec::new());
    let policy = request.policy.of(control);
    for key in control.forced {
        let words = words(key);
        if request.macos > key.last {
            notes.push(format!("{words} does not count in a profile above macOS {}; {instead}", key.last));
            continue;
        }
        if let Some((_, version)) = key.deprecated.filter(|(since, _)| request.macos >= *since) {
            notes.push(format!("{words} is given, but deprecated since macOS {version}; {instead}"));
        }
        let values = [(key.key.to_owned(), key.wanted.value(&policy.settings))].into_iter().collect();
        parts.push(Part { control: control.id, carrier: carrier(key), words, values });
    }
    (parts, notes)
}

fn carrier(key: &Forced) -> Carrier {
    match key.carrier {
        control::Carrier::Payload => Carrier::Payload(key.domain),
        control::Carrier::Preferences => Carrier::Preferences(key.domain),
    }
}

/// The payloads for what has no frame of its own, one for each type or domain. Their identifiers are made of its name alone,
/// so that they stay what they are whatever else the catalogue comes to hold.
pub(super) fn unframed(given: &[Part]) -> Vec<Payload> {
    let mut keys: BTreeMap<String, (Carrier, &'static str, Dictionary)> = BTreeMap::new();
    for part in given.iter().filter(|part| FRAMES.iter().all(|frame| frame.carrier != part.carrier)) {
        let (role, name) = match part.carrier {
            Carrier::Payload(kind) => (kind.to_owned(), kind),
            Carrier::Preferences(domain) => (format!("preferences.{domain}"), domain),
            Carrier::Declaration(_) => continue,
        };
        let (_, _, keys) = keys.entry(role).or_insert_with(|| (part.carrier, name, Dictionary::new()));
        keys.extend(part.values.clone());
    }
    let payloads = keys.into_iter();
    payloads
        .filter_map(|(role, (carrier, name, keys))| {
            payload(carrier, role.into(), format!("Forced: {name}").into(), keys)
        })
        .collect()
}
