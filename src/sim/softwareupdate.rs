//! `softwareupdate`: the schedule and what is on offer.

use plist::Value;

use super::tools::{Call, Reply, said};
use super::{Machine, SimError};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["--schedule"] => {
            let word = if automatic_check(mac)? { "on" } else { "off" };
            // The newer wording is documented from 12 on.
            if mac.state.at_least(&[12]) {
                said(format!("Automatic checking for updates is turned {word}\n"))
            } else {
                said(format!("Automatic check is {word}\n"))
            }
        }
        ["--list"] | ["-l"] => said(list(mac, "Finding available software\n")),
        ["--list", "--no-scan"] => said(list(mac, "")),
        _ => Ok(None),
    }
}

/// An absent key means that the check is on (26.5.1); the string `YES` and numbers occur.
fn automatic_check(mac: &Machine) -> Result<bool, SimError> {
    let domain = mac.files.dictionary("/Library/Preferences/com.apple.SoftwareUpdate.plist")?;
    Ok(match domain.get("AutomaticCheckEnabled") {
        None => true,
        Some(Value::Boolean(on)) => *on,
        Some(Value::Integer(number)) => number.as_signed() != Some(0),
        Some(Value::String(text)) => matches!(text.to_ascii_uppercase().as_str(), "YES" | "TRUE" | "1"),
        Some(_) => false,
    })
}

fn list(mac: &Machine, scan: &str) -> String {
    let mut text = format!("Software Update Tool\n\n{scan}");
    if mac.state.updates.is_empty() {
        text.push_str("No new software available.\n");
        return text;
    }
    text.push_str("Software Update found the following new or updated software:\n");
    for update in &mac.state.updates {
        let action = if update.restart { "Action: restart, " } else { "" };
        text.push_str(&format!(
            "* Label: {}\n\tTitle: {}, Version: {}, Size: {}, Recommended: YES, {action}\n",
            update.label, update.title, update.version, update.size
        ));
    }
    text
}
