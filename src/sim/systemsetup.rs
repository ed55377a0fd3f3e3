//! `systemsetup`: remote access and the clock. Refuses on standard output, with exit status 0.

use super::Machine;
use super::tools::{Call, Reply, ended, said};

const REFUSAL: &str = "You need administrator access to run this tool... exiting!\n";

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let sharing = &mac.state.sharing;
    let text = match call.args.as_slice() {
        ["-getremotelogin"] => format!("Remote Login: {}\n", word(sharing.remote_login)),
        ["-getremoteappleevents"] => format!("Remote Apple Events: {}\n", word(sharing.remote_apple_events)),
        ["-getusingnetworktime"] => format!("Network Time: {}\n", word(sharing.network_time)),
        ["-getnetworktimeserver"] => format!("Network Time Server: {}\n", sharing.network_time_server),
        _ => return Ok(None),
    };
    said(if call.is_root() { text } else { REFUSAL.to_owned() })
}

/// Remote Login needs Full Disk Access, which nothing on the simulated Mac has.
pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-setremotelogin", "on" | "off"] | ["-f", "-setremotelogin", "on" | "off"] if call.is_root() => {
            ended(1, "setremotelogin: Turning Remote Login on or off requires Full Disk Access privileges.\n")
        }
        ["-setusingnetworktime", state @ ("on" | "off")] if call.is_root() => {
            mac.state.sharing.network_time = *state == "on";
            said(format!("setUsingNetworkTime: {}\n", word(*state == "on")))
        }
        ["-setnetworktimeserver", server] if call.is_root() => {
            (*server).clone_into(&mut mac.state.sharing.network_time_server);
            said(format!("setNetworkTimeServer: {server}\n"))
        }
        _ => Ok(None),
    }
}

fn word(on: bool) -> &'static str {
    if on { "On" } else { "Off" }
}
