//! `spctl`: Gatekeeper.

use super::Machine;
use super::tools::{Call, Reply, ended, said};

/// Disabled assessments make the tool exit 1 (Apple's source).
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let gatekeeper = &mac.state.gatekeeper;
    let word = |on: bool| if on { "enabled" } else { "disabled" };
    match call.args.as_slice() {
        ["--status", rest @ ..] if matches!(rest, [] | ["--verbose" | "-v"]) => {
            let mut text = format!("assessments {}\n", word(gatekeeper.assessments));
            if !rest.is_empty() && gatekeeper.assessments {
                text.push_str(&format!("developer id {}\n", word(gatekeeper.developer_id)));
            }
            ended(i32::from(!gatekeeper.assessments), text)
        }
        ["--disable-status"] if mac.state.at_least(&[26]) => {
            said("The option to globally disable the assessment system is currently not available in System Settings\n")
        }
        _ => Ok(None),
    }
}

/// From 15 on the command line may not switch assessments off, and on 26 not on either.
pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    if !call.is_root() {
        return Ok(None);
    }
    match call.args.as_slice() {
        ["--global-disable"] if mac.state.at_least(&[15]) => {
            ended(1, "Globally disabling the assessment system needs to be confirmed in System Settings.\n")
        }
        ["--global-enable"] if mac.state.at_least(&[26]) => said("Operation not permitted\n"),
        ["--global-enable"] => {
            mac.state.gatekeeper.assessments = true;
            said("")
        }
        ["--global-disable"] => {
            mac.state.gatekeeper.assessments = false;
            said("")
        }
        _ => Ok(None),
    }
}
