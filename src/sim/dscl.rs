//! `dscl`: local accounts.

use plist::{Dictionary, Value};

use super::Machine;
use super::files;
use super::state::User;
use super::tools::{Call, Reply, complained, said};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-plist", ".", "-readall", "/Users", keys @ ..] if !keys.is_empty() => {
            let mut records = Vec::new();
            for user in &mac.state.users {
                let Some(record) = record(mac, user, keys) else { return Ok(None) };
                records.push(Value::Dictionary(record));
            }
            said(files::xml(&Value::Array(records)))
        }
        [".", "-read", path, keys @ ..] | ["-q", ".", "-read", path, keys @ ..] if !keys.is_empty() => {
            read(mac, path, keys)
        }
        _ => Ok(None),
    }
}

/// Only how root proves to be root can be changed.
pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let values = match call.args.as_slice() {
        [".", "-delete", "/Users/root", "AuthenticationAuthority"] => Vec::new(),
        [".", "-create", "/Users/root", "AuthenticationAuthority", values @ ..] if !values.is_empty() => {
            values.iter().map(|value| (*value).to_owned()).collect()
        }
        _ => return Ok(None),
    };
    if !call.is_root() {
        let text = "<main> attribute status: eDSPermissionError\n<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n";
        return complained(40, text);
    }
    mac.state.access.root_authority = values;
    said("")
}

/// A user's attribute: how it is named in full, and its value where it has one. `IsHidden` is no attribute of the directory's
/// standard schema, and only hidden accounts have it (both not proven by a capture).
fn attribute(mac: &Machine, user: &User, key: &str) -> Option<(String, Option<String>)> {
    let (schema, value) = match key {
        "RecordName" => ("Standard", Some(user.name.clone())),
        "RealName" => ("Standard", Some(user.full_name.clone())),
        "UniqueID" => ("Standard", Some(user.uid.to_string())),
        "PrimaryGroupID" => ("Standard", Some(user.gid.to_string())),
        "GeneratedUID" => ("Standard", Some(user.generated_uid.clone())),
        "NFSHomeDirectory" => ("Standard", Some(user.home.clone())),
        "UserShell" => ("Standard", Some(user.shell.clone())),
        "AuthenticationAuthority" if user.name == "root" => {
            let values = &mac.state.access.root_authority;
            ("Standard", (!values.is_empty()).then(|| values.join(" ")))
        }
        "hint" => ("Native", mac.state.access.hints.get(&user.name).cloned()),
        "IsHidden" => ("Native", user.hidden.then(|| "1".to_owned())),
        _ => return None,
    };
    Some((format!("dsAttrType{schema}:{key}"), value))
}

fn record(mac: &Machine, user: &User, keys: &[&str]) -> Option<Dictionary> {
    let mut record = Dictionary::new();
    for key in keys {
        let (name, value) = attribute(mac, user, key)?;
        if let Some(value) = value {
            record.insert(name, Value::Array(vec![value.into()]));
        }
    }
    record.sort_keys();
    Some(record)
}

/// One record as text, its attributes in the order of the alphabet.
fn read(mac: &Machine, path: &str, keys: &[&str]) -> Reply {
    if (path, keys) == ("/Groups/admin", &["GroupMembership"][..]) {
        let admins = mac.state.users.iter().filter(|user| user.admin);
        let names: Vec<&str> = admins.map(|user| user.name.as_str()).collect();
        return said(format!("GroupMembership: {}\n", names.join(" ")));
    }
    let Some(name) = path.strip_prefix("/Users/") else { return Ok(None) };
    let Some(user) = mac.state.user(name) else {
        return complained(56, "<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)\n");
    };
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    let mut text = String::new();
    for key in keys {
        let Some((_, value)) = attribute(mac, user, key) else { return Ok(None) };
        match value {
            // Several values stand on the line one after the other, where none has a space.
            Some(value) if key == "AuthenticationAuthority" => text.push_str(&format!("{key}: {value}\n")),
            // A value with a space goes on a line of its own.
            Some(value) if value.contains(' ') => text.push_str(&format!("{key}:\n {value}\n")),
            Some(value) => text.push_str(&format!("{key}: {value}\n")),
            None => text.push_str(&format!("No such key: {key}\n")),
        }
    }
    said(text)
}
