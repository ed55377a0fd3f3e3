//! `security authorizationdb`: the rights of the login window and of settings. The rule on standard output, whether it could be
//! had on standard error (both streams and the words are known, not captured).

use plist::{Dictionary, Value};

use super::Machine;
use super::files;
use super::tools::{Call, Reply};
use crate::mac::Output;

const SCREENSAVER: &str = "system.login.screensaver";

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let ["authorizationdb", "read", name] = call.args.as_slice() else { return Ok(None) };
    let access = &mac.state.access;
    let keys: Vec<(&str, Value)> = match (*name, access.settings_rights.get(*name)) {
        (SCREENSAVER, _) => vec![
            ("class", "rule".into()),
            ("created", 746_123_456.25.into()),
            ("modified", 746_123_456.25.into()),
            ("rule", Value::Array(vec![access.screensaver_rule.as_str().into()])),
            ("version", 0.into()),
        ],
        (_, Some(shared)) => vec![
            ("allow-root", true.into()),
            ("authenticate-user", true.into()),
            ("class", "user".into()),
            ("created", 746_123_456.25.into()),
            ("group", "admin".into()),
            ("modified", 746_123_456.25.into()),
            ("session-owner", false.into()),
            ("shared", (*shared).into()),
            ("timeout", 2_147_483_647.into()),
            ("tries", 10_000.into()),
            ("version", 1.into()),
        ],
        _ => return Ok(None),
    };
    let rule: Dictionary = keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    yes(files::xml(&Value::Dictionary(rule)))
}

pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["authorizationdb", "write", SCREENSAVER, rule] if call.is_root() => {
            (*rule).clone_into(&mut mac.state.access.screensaver_rule);
            yes(Vec::new())
        }
        _ => Ok(None),
    }
}

fn yes(stdout: Vec<u8>) -> Reply {
    Ok(Some(Output { status: 0, stdout, stderr: b"YES (0)\n".to_vec() }))
}
