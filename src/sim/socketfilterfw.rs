//! `socketfilterfw`: the application firewall. Several getters in one call print one after another.

use super::Machine;
use super::tools::{Call, Reply, said};

/// Its settings may not be changed by hand while a profile governs them.
const PROFILE: &str = "/Library/Managed Preferences/com.apple.security.firewall.plist";
const REFUSAL: &str = "Firewall settings cannot be modified from command line on managed Mac computers.\n";

/// What it prints for an option that it does not have (not proven; the logging options went between 15.1 and 15.4).
const USAGE: &str = "\
usage: socketfilterfw [-d] [-l] [-t] [--getglobalstate] [--setglobalstate on | off] [--getblockall] [--setblockall on | off]
\t[--listapps] [--getappblocked <path>] [--getallowsigned] [--setallowsigned on | off] [--setallowsignedapp on | off]
\t[--getstealthmode] [--setstealthmode on | off] [--add <path>] [--remove <path>]
";

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    if call.args.as_slice() == ["--listapps"] {
        return said(apps(mac));
    }
    if let ["--getappblocked", path] = call.args.as_slice() {
        let allowed = mac.state.firewall.apps.iter().find(|app| app.path == *path).is_none_or(|app| app.allowed);
        let word = if allowed { "permitted" } else { "blocked" };
        return said(format!("Incoming connection to {path} is {word}.\n"));
    }
    let mut text = String::new();
    for option in &call.args {
        match getter(mac, option) {
            Some(line) => text.push_str(&line),
            None => return Ok(None),
        }
    }
    if text.is_empty() { Ok(None) } else { said(text) }
}

/// Global state, stealth and logging changed their words after 14, block-all after 13.
fn getter(mac: &Machine, option: &str) -> Option<String> {
    let firewall = &mac.state.firewall;
    let new = mac.state.at_least(&[15]);
    let caps = |on: bool| if on { "ENABLED" } else { "DISABLED" };
    let line = match option {
        "--getglobalstate" => match (firewall.on, firewall.block_all) {
            (false, _) => "Firewall is disabled. (State = 0)\n".to_owned(),
            (true, false) => "Firewall is enabled. (State = 1)\n".to_owned(),
            (true, true) if new => {
                "Firewall is blocking all non-essential incoming connections. (State = 2)\n".to_owned()
            }
            (true, true) => "Firewall is enabled. (State = 2)\n".to_owned(),
        },
        "--getblockall" if mac.state.at_least(&[14]) => {
            format!("Firewall has block all state set to {}.\n", caps(firewall.block_all).to_ascii_lowercase())
        }
        "--getblockall" => format!("Block all {}! \n", caps(firewall.block_all)),
        "--getstealthmode" if new => {
            format!("Firewall stealth mode is {}\n", if firewall.stealth { "on" } else { "off" })
        }
        "--getstealthmode" => format!("Stealth mode {}\n", caps(firewall.stealth).to_ascii_lowercase()),
        "--getallowsigned" => format!(
            "Automatically allow built-in signed software {}.\nAutomatically allow downloaded signed software {}.\n",
            caps(firewall.allow_built_in),
            caps(firewall.allow_downloaded)
        ),
        "--getloggingmode" | "--getloggingopt" if new => USAGE.to_owned(),
        "--getloggingmode" => format!("Log mode is {} \n", if firewall.logging { "on" } else { "off" }),
        "--getloggingopt" => format!("Log Option is {} \n", firewall.logging_option),
        _ => return None,
    };
    Some(line)
}

fn apps(mac: &Machine) -> String {
    let apps = &mac.state.firewall.apps;
    let mut text = format!("Total number of apps = {}\n", apps.len());
    for (n, app) in apps.iter().enumerate() {
        let verb = if app.allowed { "Allow" } else { "Block" };
        text.push_str(&format!("{} : {}\n             ({verb} incoming connections)\n", n + 1, app.path));
    }
    text
}

/// Only the reply to `--setglobalstate` and the refusal are recorded; the other replies are known words, not proven.
pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let (option, value) = match call.args.as_slice() {
        [option @ ("--unblock" | "--unblockapp" | "--blockapp" | "--add" | "--remove"), _] => (*option, None),
        [option, value @ ("on" | "off")] => (*option, Some(*value == "on")),
        _ => return Ok(None),
    };
    if !call.is_root() {
        return Ok(None);
    }
    if !mac.files.dictionary(PROFILE)?.is_empty() {
        return said(REFUSAL);
    }
    let Some(on) = value else { return Ok(None) };
    let new = mac.state.at_least(&[15]);
    let firewall = &mut mac.state.firewall;
    let able = if on { "Enabled" } else { "Disabled" };
    let reply = match option {
        "--setglobalstate" => {
            firewall.on = on;
            getter(mac, "--getglobalstate")
        }
        "--setblockall" => {
            firewall.block_all = on;
            getter(mac, "--getblockall")
        }
        "--setstealthmode" => {
            firewall.stealth = on;
            getter(mac, "--getstealthmode")
        }
        "--setallowsigned" => {
            firewall.allow_built_in = on;
            Some(format!("{able} allow signed built-in applications automatically\n"))
        }
        "--setallowsignedapp" => {
            firewall.allow_downloaded = on;
            Some(format!("{able} allow signed downloaded applications automatically\n"))
        }
        "--setloggingmode" if new => Some(USAGE.to_owned()),
        "--setloggingmode" => {
            firewall.logging = on;
            Some(format!("Turning {} log mode\n", if on { "on" } else { "off" }))
        }
        _ => None,
    };
    reply.map_or(Ok(None), said)
}
