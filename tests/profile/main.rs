//! What an MDM is given: that each profile says what was asked for and nothing else, and says it where macOS and the agent read it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // clippy.toml allows them in tests, but does not know a test target's own functions

mod cli;
mod companion;
mod page;
mod policy;
mod read_back;

use std::collections::BTreeSet;

use holdfast::profile::payload::Profile;
use plist::{Dictionary, Value};

/// The profile as a program reads it that knows nothing of this one.
fn reread(profile: &Profile) -> Dictionary {
    let text = profile.to_xml().unwrap();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") && text.ends_with("</plist>\n"), "{text}");
    plist::from_bytes::<Value>(text.as_bytes()).unwrap().into_dictionary().unwrap()
}

fn payloads(root: &Dictionary) -> Vec<&Dictionary> {
    root["PayloadContent"].as_array().unwrap().iter().map(|payload| payload.as_dictionary().unwrap()).collect()
}

fn text<'a>(dictionary: &'a Dictionary, key: &str) -> &'a str {
    dictionary[key].as_string().unwrap()
}

/// What holds of every profile: Apple's frame, no identifier and no UUID twice.
fn assert_frame(root: &Dictionary, role: &str) {
    let identifier = format!("org.holdfast.profile.{role}");
    assert_eq!(
        (text(root, "PayloadType"), text(root, "PayloadScope"), text(root, "PayloadIdentifier")),
        ("Configuration", "System", identifier.as_str())
    );
    let (mut identifiers, mut uuids) = (BTreeSet::new(), BTreeSet::new());
    for part in payloads(root).into_iter().chain([root]) {
        assert_eq!(part["PayloadVersion"].as_signed_integer(), Some(1));
        assert!(!text(part, "PayloadDisplayName").is_empty());
        assert!(text(part, "PayloadIdentifier").starts_with(&identifier), "{part:?}");
        assert!(identifiers.insert(text(part, "PayloadIdentifier")), "an identifier twice: {root:?}");
        assert!(uuids.insert(text(part, "PayloadUUID")), "a UUID twice: {root:?}");
    }
}

/// The preferences that a payload `com.apple.ManagedClient.preferences` forces in `domain`.
fn forced<'a>(payload: &'a Dictionary, domain: &str) -> &'a Dictionary {
    assert_eq!(text(payload, "PayloadType"), "com.apple.ManagedClient.preferences");
    let domains = payload["PayloadContent"].as_dictionary().unwrap();
    assert_eq!(domains.keys().collect::<Vec<_>>(), [domain]);
    let how = domains[domain].as_dictionary().unwrap();
    assert_eq!(how.keys().collect::<Vec<_>>(), ["Forced"]);
    let [settings] = how["Forced"].as_array().unwrap().as_slice() else { panic!("not one dictionary of settings") };
    settings.as_dictionary().unwrap()["mcx_preference_settings"].as_dictionary().unwrap()
}
