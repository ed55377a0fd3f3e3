//! `profiles`: enrolment and the bootstrap token.

use plist::Value;

use super::state::Mdm;
use super::state::fleet::Profile;
use super::tools::{Call, Reply, said};
use super::{Machine, files};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let enrollment = &mac.state.enrollment;
    match call.args.as_slice() {
        ["status", "-type", "enrollment"] => {
            let mdm = match enrollment.mdm {
                Mdm::No => "No",
                Mdm::Yes => "Yes",
                Mdm::UserApproved => "Yes (User Approved)",
            };
            let mut text = format!("Enrolled via DEP: {}\nMDM enrollment: {mdm}\n", yes(enrollment.automated));
            // The third line came with 11, and only where enrolled.
            if let Some(server) = enrollment.server.as_ref().filter(|_| enrollment.mdm != Mdm::No) {
                text.push_str(&format!("MDM server: {server}\n"));
            }
            said(text)
        }
        ["status", "-type", "bootstraptoken"] if !call.is_root() => {
            said("profiles: this command requires root privileges\n")
        }
        ["status", "-type", "bootstraptoken"] => {
            let word = |on: bool| if on { "YES" } else { "NO" };
            let supported = enrollment.bootstrap_token_supported;
            let mut text = format!("profiles: Bootstrap Token supported on server: {}\n", word(supported));
            if supported {
                let escrowed = word(enrollment.bootstrap_token_escrowed);
                text.push_str(&format!("profiles: Bootstrap Token escrowed to server: {escrowed}\n"));
            }
            said(text)
        }
        ["list", "-all"] if !call.is_root() => said("this command requires root privileges\n"),
        // What an enrolled Mac lists is not simulated.
        ["list", "-all"] if enrollment.mdm == Mdm::No => said("There are no configuration profiles installed\n"),
        ["show", "-type", "configuration", "-output", "stdout-xml"] if !call.is_root() => {
            said("profiles: this command requires root privileges\n")
        }
        ["show", "-type", "configuration", "-output", "stdout-xml"] if enrollment.mdm != Mdm::No => {
            said(installed(&mac.state.fleet.profiles))
        }
        ["show", "-type", "configuration", ..] if enrollment.mdm == Mdm::No => {
            said("There are no configuration profiles installed in the system domain\n")
        }
        _ => Ok(None),
    }
}

/// The form of the tool's predecessor; no capture of a supported macOS was found.
fn installed(profiles: &[Profile]) -> Vec<u8> {
    let item = |payload: &String| {
        Value::Dictionary([("PayloadType".to_owned(), Value::from(payload.as_str()))].into_iter().collect())
    };
    let one = |profile: &Profile| {
        let locked = if profile.locked { "true" } else { "false" };
        let entries = [
            ("ProfileDisplayName", Value::from(profile.name.as_str())),
            ("ProfileIdentifier", Value::from(profile.identifier.as_str())),
            ("ProfileItems", Value::Array(profile.payloads.iter().map(item).collect())),
            ("ProfileRemovalDisallowed", Value::from(locked)),
        ];
        Value::Dictionary(entries.map(|(key, value)| (key.to_owned(), value)).into_iter().collect())
    };
    let list = Value::Array(profiles.iter().map(one).collect());
    files::xml(&Value::Dictionary([("_computerlevel".to_owned(), list)].into_iter().collect()))
}

fn yes(on: bool) -> &'static str {
    if on { "Yes" } else { "No" }
}
