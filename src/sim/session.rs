//! What runs in the sessions of those who are logged in: `ps`, `open`, `osascript`, swiftDialog.

use plist::Dictionary;

use super::Machine;
use super::state::{DialogAnswer, Notice};
use super::tools::{Call, Reply, complained, ended, said};
use crate::host::ToolError;
use crate::mac::FileAnswer;

/// Jamf Trust's app.
pub(super) const JAMF_TRUST: &str = "/Applications/Jamf Trust.app/Contents/Info.plist";
/// swiftDialog's app.
pub(super) const DIALOG: &str = "/Library/Application Support/Dialog/Dialog.app/Contents/Info.plist";

const LOGINWINDOW: &str = "/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow";

/// The property list of an app.
pub(super) fn app(identifier: &str, version: &str) -> Dictionary {
    [("CFBundleIdentifier", identifier), ("CFBundleShortVersionString", version)]
        .map(|(key, text)| (key.to_owned(), plist::Value::from(text)))
        .into_iter()
        .collect()
}

fn is_there(mac: &Machine, path: &str) -> Result<bool, ToolError> {
    Ok(matches!(mac.files.read(path)?, FileAnswer::Present { .. }))
}

/// The user ids stand at the right of their column. At the login window `loginwindow` is root's.
pub(super) fn ps(mac: &Machine, call: &Call<'_>) -> Reply {
    let state = &mac.state;
    if call.args != ["-axo", "uid=,comm="] {
        return Ok(None);
    }
    let mut rows: Vec<(i64, &str)> = vec![
        (0, "/sbin/launchd"),
        (0, "/usr/libexec/logd"),
        (88, "/System/Library/PrivateFrameworks/SkyLight.framework/Resources/WindowServer"),
    ];
    if state.console_user.is_none() {
        rows.push((0, LOGINWINDOW));
    }
    for name in state.sessions() {
        let Some(user) = state.user(name) else { continue };
        rows.push((user.uid, LOGINWINDOW));
        rows.push((user.uid, "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder"));
        if state.jamf_trust.running.iter().any(|running| running == name) {
            rows.push((user.uid, "/Applications/Jamf Trust.app/Contents/MacOS/Jamf Trust"));
        }
    }
    rows.extend(state.processes.iter().map(|process| (process.uid, process.path.as_str())));
    said(rows.iter().map(|(uid, path)| format!("{uid:>5} {path}\n")).collect::<String>())
}

/// Hands Jamf Trust the URL for signing out. The words for a caller without a session are not proven.
pub(super) fn open(mac: &mut Machine, call: &Call<'_>) -> Reply {
    const URL: &str = "com.jamf.trust://?action=sign_out";
    let (app, url) = match call.args.as_slice() {
        ["-g", "-a", app, url] | ["-a", app, url] => (*app, *url),
        _ => return Ok(None),
    };
    if app != "Jamf Trust" || !is_there(mac, JAMF_TRUST)? {
        return complained(1, format!("Unable to find application named '{app}'\n"));
    }
    if url != URL {
        return Ok(None);
    }
    let Some(name) = call.uid.and_then(|uid| mac.state.in_session(uid)).map(str::to_owned) else {
        let words = "_LSOpenURLsWithCompletionHandler() failed with error -10810 for the URL";
        return complained(1, format!("{words} {url}.\n"));
    };
    let trust = &mut mac.state.jamf_trust;
    if let Some(words) = &trust.refuses {
        return complained(1, format!("{words}\n"));
    }
    if !trust.running.contains(&name) {
        trust.running.push(name.clone());
    }
    trust.delivered.push(name);
    if !trust.ignores
        && let Some(vpn) = &mut trust.vpn
    {
        "Disconnected".clone_into(vpn);
    }
    said("")
}

/// A script that shows a notice. It gets its texts as arguments; a script with a text in it is not known here. The words
/// for a caller without a session are not proven.
pub(super) fn osascript(mac: &mut Machine, call: &Call<'_>) -> Reply {
    const SCRIPT: [&str; 3] =
        ["on run argv", "display notification (item 1 of argv) with title (item 2 of argv)", "end run"];
    let ["-e", first, "-e", second, "-e", third, message, title] = call.args.as_slice() else { return Ok(None) };
    if [*first, *second, *third] != SCRIPT || message.starts_with('-') {
        return Ok(None);
    }
    let Some(user) = call.uid.and_then(|uid| mac.state.in_session(uid)).map(str::to_owned) else {
        return complained(1, "0:0: execution error: An error of type -10810 has occurred. (-10810)\n");
    };
    mac.state.notices.push(Notice { user, title: (*title).to_owned(), message: (*message).to_owned() });
    said("")
}

/// swiftDialog answers at once as the person at the screen would in the end. The launcher's words are not proven.
pub(super) fn dialog(mac: &Machine, call: &Call<'_>) -> Reply {
    let args = &call.args;
    let value = |option: &str| args.iter().position(|arg| *arg == option).and_then(|at| args.get(at + 1));
    if value("--title").is_none() || value("--message").is_none() {
        return Ok(None);
    }
    if !is_there(mac, DIALOG)? {
        return complained(255, "ERROR: Cannot find swiftDialog binary\n");
    }
    // As root the launcher goes into the session at the screen by itself.
    let shown = call.uid.map_or(mac.state.console_user.is_some(), |uid| mac.state.in_session(uid).is_some());
    if !shown {
        return complained(1, "ERROR: no user is logged in\n");
    }
    match mac.state.dialog {
        DialogAnswer::First => said(""),
        DialogAnswer::Second if value("--button2text").is_some() => ended(2, ""),
        DialogAnswer::Second | DialogAnswer::Quit => ended(10, ""),
        DialogAnswer::Nothing if value("--timer").is_some() => ended(20, ""),
        // It would stand there for ever.
        DialogAnswer::Nothing => Ok(None),
    }
}
