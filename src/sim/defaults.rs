//! `defaults`: preferences, as files in `/Library` and as the settings that a user has for this Mac.

use plist::{Dictionary, Value};

use super::nextstep;
use super::tools::{Call, Reply, complained, logged, said};
use super::{Machine, SimError};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["read", "-g", key] => missing_key(mac, "kCFPreferencesAnyApplication", key),
        ["-currentHost", "read", rest @ ..] => read(mac, call, true, rest),
        ["read", rest @ ..] => read(mac, call, false, rest),
        _ => Ok(None),
    }
}

pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        // A domain in a container that only its app may write.
        ["write", domain @ "com.apple.universalaccess", ..] => refused(domain),
        ["write", domain, ..] | ["delete", domain, ..] if domain.starts_with('/') && !call.is_root() => refused(domain),
        ["-currentHost", verb, domain, rest @ ..] => set(mac, call, true, (verb, domain), rest),
        [verb, domain, rest @ ..] => set(mac, call, false, (verb, domain), rest),
        _ => Ok(None),
    }
}

fn read(mac: &Machine, call: &Call<'_>, host: bool, rest: &[&str]) -> Reply {
    match rest {
        [domain] => whole(mac, domain, &dictionary(mac, call, host, domain)?),
        [domain, key] => one(mac, domain, key, &dictionary(mac, call, host, domain)?),
        _ => Ok(None),
    }
}

fn set(mac: &mut Machine, call: &Call<'_>, host: bool, (verb, domain): (&str, &str), rest: &[&str]) -> Reply {
    let Some(path) = file(mac, call, host, domain) else { return Ok(None) };
    match (verb, rest) {
        ("write", [key, kind, value]) => {
            let Some(value) = typed(kind, value) else { return Ok(None) };
            let mut dictionary = mac.files.dictionary(&path)?;
            dictionary.insert((*key).to_owned(), value);
            mac.files.put(&path, dictionary)?;
            said("")
        }
        ("delete", []) => {
            if mac.files.dictionary(&path)?.is_empty() {
                return complained(1, format!("Domain ({domain}) not found.\n"));
            }
            mac.files.remove(&path)?;
            said("")
        }
        ("delete", [key]) => {
            let mut dictionary = mac.files.dictionary(&path)?;
            if dictionary.remove(key).is_none() {
                return missing_key(mac, domain, key);
            }
            mac.files.put(&path, dictionary)?;
            said("")
        }
        _ => Ok(None),
    }
}

/// The file of a domain: given by its path, or by its name among the caller's own, everywhere or for this Mac alone. Of root's
/// own the simulated Mac keeps none.
fn file(mac: &Machine, call: &Call<'_>, host: bool, domain: &str) -> Option<String> {
    if domain.starts_with('/') {
        let domain = domain.replace("/./", "/");
        return (!host).then(|| format!("{}.plist", domain.strip_suffix(".plist").unwrap_or(&domain)));
    }
    let home = &mac.state.user_by_id(call.uid?)?.home;
    let folder = format!("{home}/Library/Preferences");
    Some(if host {
        format!("{folder}/ByHost/{domain}.{}.plist", mac.state.hardware.uuid)
    } else {
        format!("{folder}/{domain}.plist")
    })
}

/// What the domain says. In that of the screen saver a user has two entries that nobody set.
fn dictionary(mac: &Machine, call: &Call<'_>, host: bool, domain: &str) -> Result<Dictionary, SimError> {
    let mut dictionary = match file(mac, call, host, domain) {
        Some(path) => mac.files.dictionary(&path)?,
        None => Dictionary::new(),
    };
    if host && domain == "com.apple.screensaver" && call.uid.is_some() {
        for (key, value) in [("CleanExit", 1), ("tokenRemovalAction", 0)] {
            if !dictionary.contains_key(key) {
                dictionary.insert(key.to_owned(), value.into());
            }
        }
        dictionary.sort_keys();
    }
    Ok(dictionary)
}

fn typed(kind: &str, value: &str) -> Option<Value> {
    match kind {
        "-bool" | "-boolean" => match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true.into()),
            "false" | "no" | "0" => Some(false.into()),
            _ => None,
        },
        "-int" | "-integer" => value.parse::<i64>().ok().map(Value::from),
        "-float" => value.parse::<f64>().ok().map(Value::from),
        "-string" => Some(value.into()),
        _ => None,
    }
}

fn whole(mac: &Machine, domain: &str, dictionary: &Dictionary) -> Reply {
    if !dictionary.is_empty() {
        return said(format!("{}\n", nextstep::text(&Value::Dictionary(dictionary.clone()))));
    }
    if mac.state.at_least(&[27]) {
        return complained(1, format!("Error: Domain '{}' not found.\n", base(domain)));
    }
    complained(1, format!("Domain {domain} does not exist\n"))
}

fn one(mac: &Machine, domain: &str, key: &str, dictionary: &Dictionary) -> Reply {
    match dictionary.get(key) {
        Some(value) => said(format!("{}\n", nextstep::plain(value))),
        None => missing_key(mac, domain, key),
    }
}

/// macOS 27 names the domain without its folder; that it says the same where the whole domain is missing is not proven.
fn missing_key(mac: &Machine, domain: &str, key: &str) -> Reply {
    if mac.state.at_least(&[27]) {
        return complained(1, format!("Error: Could not find key '{key}' in domain '{}'.\n", base(domain)));
    }
    let text = format!("\nThe domain/default pair of ({domain}, {key}) does not exist");
    complained(1, logged("defaults", &text))
}

fn refused(domain: &str) -> Reply {
    complained(1, logged("defaults", &format!("Could not write domain {domain}; exiting")))
}

fn base(domain: &str) -> &str {
    let name = domain.rsplit('/').next().unwrap_or(domain);
    name.strip_suffix(".plist").unwrap_or(name)
}
