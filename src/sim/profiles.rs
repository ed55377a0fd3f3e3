//! `profiles`: enrolment and the bootstrap token.

use super::Machine;
use super::state::Mdm;
use super::tools::{Call, Reply, said};

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
        ["show", "-type", "configuration"] if enrollment.mdm == Mdm::No => {
            said("There are no configuration profiles installed in the system domain\n")
        }
        _ => Ok(None),
    }
}

fn yes(on: bool) -> &'static str {
    if on { "Yes" } else { "No" }
}
