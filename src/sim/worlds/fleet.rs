//! Device management, the Jamf Pro client, power and radio.

use super::super::state::fleet::Profile;
use super::super::state::{Form, Processor};
use super::{Content, State, set_power};

const JAMF: &str = "com.jamfsoftware.jamf";
const DIAGNOSTICS: &str = "/Library/Application Support/CrashReporter/DiagnosticMessagesHistory.plist";

/// The lines of a log.
fn log(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn location(state: &State, content: &mut Content, on: bool) {
    let uuid = &state.hardware.uuid;
    let path = format!("/private/var/db/locationd/Library/Preferences/ByHost/com.apple.locationd.{uuid}.plist");
    content.set(&path, "LocationServicesEnabled", on);
}

fn enrollment_profile(locked: bool) -> Profile {
    Profile {
        name: "MDM Profile".into(),
        identifier: "com.example.mdm".into(),
        locked,
        payloads: vec!["com.apple.mdm".into(), "com.apple.security.scep".into()],
    }
}

/// Everything in its weak state.
pub fn neglected(state: &mut State, content: &mut Content) {
    state.fleet.profiles = vec![enrollment_profile(false)];
    content.local(JAMF, "jss_url", "http://jamf.example.com:8080/");
    content.local(JAMF, "verifySSLCert", "never");
    content.put("/private/var/log/jamf.log", log(&[
        "Mon Mar  2 08:59:58 Alice’s Mac jamf[411]: Checking for policies triggered by \"recurring check-in\" for user \"alice\"...",
        "Mon Mar  2 09:00:04 Alice’s Mac jamf[411]: No policies were found for the \"recurring check-in\" trigger.",
    ]));
    content.set(DIAGNOSTICS, "AutoSubmit", true);
    content.set(DIAGNOSTICS, "ThirdPartyDataSubmit", true);
    location(state, content, false);
    set_power(state, &[("womp", 1)]);
    if state.hardware.processor == Processor::Intel {
        set_power(state, &[("powernap", 1)]);
    }
}

/// As unpacked.
pub fn factory(state: &mut State, content: &mut Content) {
    location(state, content, true);
}

/// Everything as the controls want it. Another MDM than Jamf Pro manages this Mac: a log that is always fresh needs a clock, which
/// the simulation has not.
pub fn hardened(state: &mut State, content: &mut Content) {
    state.fleet.profiles = vec![enrollment_profile(true)];
    content.set(DIAGNOSTICS, "AutoSubmit", false);
    content.set(DIAGNOSTICS, "ThirdPartyDataSubmit", false);
    location(state, content, true);
    if state.hardware.form != Form::Virtual {
        set_power(state, &[("womp", 0)]);
    }
}
