//! Malware protection, disks and backups.

use holdfast::sim::SimMac;
use serde_json::Value;

use crate::truths::in_file;

pub fn prior(mac: &SimMac, what: &str) -> Option<Value> {
    (what == "gatekeeper assessments").then(|| mac.state().gatekeeper.assessments.into())
}

pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    match id {
        "gatekeeper" => Some(mac.state().gatekeeper.assessments),
        "library_validation" => {
            let disabled = in_file(
                mac,
                "/Library/Preferences/com.apple.security.libraryvalidation.plist",
                "DisableLibraryValidation",
            );
            Some(disabled != true)
        }
        _ => None,
    }
}
