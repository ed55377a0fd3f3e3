//! `defaults`: preferences, as files in `/Library` and as the settings that a user has for this Mac.

use plist::{Dictionary, Value};

use super::nextstep;
use super::state::User;
use super::tools::{Call, Reply, complained, logged, said};
use super::{Machine, SimError};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["read", "-g", key] => missing_key(mac, "kCFPreferencesAnyApplication", key),
        ["read", domain] => whole(mac, domain, &read(mac, domain)?),
        ["read", domain, key] => one(mac, domain, key, &read(mac, domain)?),
        ["-currentHost", "read", domain] => whole(mac, domain, &by_host(mac, call.uid, domain)),
        ["-currentHost", "read", domain, key] => one(mac, domain, key, &by_host(mac, call.uid, domain)),
        _ => Ok(None),
    }
}

pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        // A domain in a container that only its app may write.
        ["write", domain @ "com.apple.universalaccess", ..] => refused(domain),
        ["write", domain, ..] | ["delete", domain, ..] if domain.starts_with('/') && !call.is_root() => refused(domain),
        ["write", domain, key, kind, value] => {
            let (Some(path), Some(value)) = (path(domain), typed(kind, value)) else { return Ok(None) };
            let mut dictionary = mac.files.dictionary(&path)?;
            dictionary.insert((*key).to_owned(), value);
            mac.files.put(&path, dictionary)?;
            said("")
        }
        ["delete", domain] => {
            let Some(path) = path(domain) else { return Ok(None) };
            if mac.files.dictionary(&path)?.is_empty() {
                return complained(1, format!("Domain ({domain}) not found.\n"));
            }
            mac.files.remove(&path)?;
            said("")
        }
        ["delete", domain, key] => {
            let Some(path) = path(domain) else { return Ok(None) };
            let mut dictionary = mac.files.dictionary(&path)?;
            if dictionary.remove(key).is_none() {
                return missing_key(mac, domain, key);
            }
            mac.files.put(&path, dictionary)?;
            said("")
        }
        ["-currentHost", "write", "com.apple.screensaver", "idleTime", "-int", seconds] => {
            let Ok(seconds) = seconds.parse() else { return Ok(None) };
            let Some(user) = caller(mac, call.uid) else { return Ok(None) };
            user.idle_time = Some(seconds);
            said("")
        }
        ["-currentHost", "delete", domain @ "com.apple.screensaver", key @ "idleTime"] => {
            let Some(user) = caller(mac, call.uid) else { return Ok(None) };
            if user.idle_time.take().is_none() { missing_key(mac, domain, key) } else { said("") }
        }
        _ => Ok(None),
    }
}

/// The file of a domain given by its path; a bare name is the caller's own domain, of which the simulated Mac keeps none.
fn path(domain: &str) -> Option<String> {
    domain.starts_with('/').then(|| {
        let domain = domain.replace("/./", "/");
        format!("{}.plist", domain.strip_suffix(".plist").unwrap_or(&domain))
    })
}

fn read(mac: &Machine, domain: &str) -> Result<Dictionary, SimError> {
    path(domain).map_or_else(|| Ok(Dictionary::new()), |path| mac.files.dictionary(&path))
}

/// The settings for this Mac of whoever asks: of `com.apple.screensaver` only, and root has none.
fn by_host(mac: &Machine, uid: Option<u32>, domain: &str) -> Dictionary {
    let mut dictionary = Dictionary::new();
    if let Some(user) = uid.and_then(|uid| mac.state.user_by_id(uid)).filter(|_| domain == "com.apple.screensaver") {
        dictionary.insert("CleanExit".into(), 1.into());
        dictionary.insert("tokenRemovalAction".into(), 0.into());
        if let Some(seconds) = user.idle_time {
            dictionary.insert("idleTime".into(), seconds.into());
        }
    }
    dictionary
}

fn caller(mac: &mut Machine, uid: Option<u32>) -> Option<&mut User> {
    let uid = i64::from(uid?);
    mac.state.users.iter_mut().find(|user| user.uid == uid)
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
