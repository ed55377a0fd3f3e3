//! `csrutil`: System Integrity Protection and the authenticated root.

use super::Machine;
use super::state::Sip;
use super::tools::{Call, Reply, said};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let startup = &mac.state.startup;
    match call.args.as_slice() {
        ["status"] => {
            let head = "System Integrity Protection status:";
            match &startup.sip {
                Sip::Enabled => said(format!("{head} enabled.\n")),
                Sip::Disabled => said(format!("{head} disabled.\n")),
                Sip::Custom(rows) => {
                    let mut text = format!("{head} unknown (Custom Configuration).\n\nConfiguration:\n");
                    for (name, on) in rows {
                        text.push_str(&format!("\t{name}: {}\n", word(*on)));
                    }
                    text.push_str("\nThis is an unsupported configuration, likely to break in the future and leave your machine in an unknown state.\n");
                    said(text)
                }
            }
        }
        ["authenticated-root", "status"] => {
            said(format!("Authenticated Root status: {}\n", word(startup.authenticated_root)))
        }
        _ => Ok(None),
    }
}

fn word(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}
