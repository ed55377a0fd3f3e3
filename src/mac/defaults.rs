//! `defaults`: preferences through `cfprefsd`, so that reads and writes agree with what programs see.

use serde::Serialize;

use super::changes::Single;
use super::lines::{self, Reply, after, clean, said, unstopped};
use super::{Change, Invocation, Misread, Output, Question, nextstep};

const PROGRAM: &str = "/usr/bin/defaults";

/// A preference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Preference {
    /// It is set.
    Set {
        /// As printed: a boolean is `1` or `0`, a string `YES` is `YES`.
        value: String,
    },
    /// The key, or its whole domain, is not there.
    Missing {
        /// Always true.
        missing: bool,
    },
}

impl Preference {
    const MISSING: Self = Self::Missing { missing: true };

    /// What it is set to, as printed.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Set { value } => Some(value),
            Self::Missing { .. } => None,
        }
    }
}

/// What is `key` of `domain` set to, for root? `domain` may be a path without `.plist`.
#[must_use]
pub fn read(domain: &str, key: &str) -> Question<Preference> {
    Question::lines(Invocation::new(PROGRAM, &["read", domain, key]), parse_read)
}

/// The program run as user `uid`, on that user's settings everywhere or for this Mac alone.
fn of_user(uid: u32, host: bool, args: &[&str]) -> Invocation {
    let args = [if host { &["-currentHost"][..] } else { &[] }, args].concat();
    Invocation::new(PROGRAM, &args).as_user(uid)
}

/// What is `key` of `domain` set to for user `uid`, everywhere or for this Mac alone?
#[must_use]
pub fn read_of_user(uid: u32, host: bool, domain: &str, key: &str) -> Question<Preference> {
    Question::lines(of_user(uid, host, &["read", domain, key]), parse_read)
}

/// The same change of a user's own settings, everywhere or for this Mac alone: run as user `uid`, its domain a name, no path.
#[must_use]
pub fn by_user(change: Change, uid: u32, host: bool) -> Change {
    let args: Vec<&str> = change.run.argv.iter().skip(1).map(String::as_str).collect();
    Change { run: of_user(uid, host, &args), read: change.read }
}

fn write(domain: &str, key: &str, kind: &str, value: &str) -> Change {
    Change { run: Invocation::new(PROGRAM, &["write", domain, key, kind, value]), read: lines::silence }
}

/// Sets `key` of `domain` to a truth value.
#[must_use]
pub fn write_bool(domain: &str, key: &str, value: bool) -> Change {
    write(domain, key, "-bool", if value { "true" } else { "false" })
}

/// Sets `key` of `domain` to a whole number.
#[must_use]
pub fn write_int(domain: &str, key: &str, value: i64) -> Change {
    write(domain, key, "-int", &value.to_string())
}

/// Sets `key` of `domain` to a number that need not be whole.
#[must_use]
pub fn write_float(domain: &str, key: &str, value: f64) -> Change {
    write(domain, key, "-float", &value.to_string())
}

/// Sets `key` of `domain` to text.
#[must_use]
pub fn write_string(domain: &str, key: &str, value: &str) -> Change {
    write(domain, key, "-string", value)
}

/// Removes `key` from `domain`. That it was not there is no objection.
#[must_use]
pub fn delete(domain: &str, key: &str) -> Change {
    Change { run: Invocation::new(PROGRAM, &["delete", domain, key]), read: parse_delete }
}

/// The command `args` as a change of the agent's own: one key of one domain of the whole Mac's, not the agent's policy.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let ["write" | "delete", path, key, value @ ..] = args else { return None };
    let domain = path.strip_prefix("/Library/Preferences/")?;
    if !is_ours_to_set(domain, key) {
        return None;
    }
    let run = |args: &[&str]| Invocation::new(PROGRAM, args);
    one(&run, args.first()?, (path, key), value, format!("{path} {key}"))
}

/// The same run as user `uid`: one key of one domain of that user's, everywhere or on this Mac alone.
pub(super) fn own_of_user(uid: u32, args: &[&str]) -> Option<Vec<Single>> {
    let (host, verb, domain, key, value) = match args {
        ["-currentHost", verb, domain, key, value @ ..] => (true, verb, domain, key, value),
        [verb, domain, key, value @ ..] => (false, verb, domain, key, value),
        _ => return None,
    };
    if uid == 0 || !is_ours_to_set(domain, key) {
        return None;
    }
    let run = |args: &[&str]| of_user(uid, host, args);
    let place = if host { " on this Mac" } else { "" };
    let setting = format!("user {uid}: {domain} {key}{place}");
    one(&run, verb, (domain, key), value, setting)
}

/// Whether domain and key are plain names, and none of the agent's own.
fn is_ours_to_set(domain: &str, key: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && !text.starts_with(['-', '.'])
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    // The program takes a domain with its file's ending, too.
    let is_ours = domain.to_ascii_lowercase().starts_with("org.holdfast.");
    // The one domain whose file is hidden.
    (plain(domain) || domain == ".GlobalPreferences") && !is_ours && plain(key)
}

/// What the `verb` with its `value` does to the `key` of a `domain`; `run` makes the program start of some arguments.
fn one(
    run: &dyn Fn(&[&str]) -> Invocation,
    verb: &str,
    (domain, key): (&str, &str),
    value: &[&str],
    setting: String,
) -> Option<Vec<Single>> {
    let read = || run(&["read", domain, key]);
    let is =
        |value: &str| Question::about(read(), value, |wanted, output| Ok(is_printed(&parse_read(output)?, wanted)));
    let written =
        |kind: &str, text: &str| Change { run: run(&["write", domain, key, kind, text]), read: lines::silence };
    let (change, holds) = match (verb, value) {
        ("write", ["-bool", flag @ ("true" | "false")]) => {
            (written("-bool", flag), is(if *flag == "true" { "1" } else { "0" }))
        }
        ("write", ["-int", number]) => {
            let number = number.parse::<i64>().ok()?.to_string();
            (written("-int", &number), is(&number))
        }
        ("write", ["-float", number]) => {
            let number = number.parse().ok().filter(|number: &f64| number.is_finite())?.to_string();
            (written("-float", &number), is(&number))
        }
        ("write", ["-string", text]) => (written("-string", text), is(text)),
        ("delete", []) => (
            Change { run: run(&["delete", domain, key]), read: parse_delete },
            Question::lines(read(), |output| Ok(parse_read(output)?.value().is_none())),
        ),
        _ => return None,
    };
    Some(vec![Single::new(setting, change, vec![holds])])
}

/// Whether `seen` is what a value is printed as, numbers in whatever form.
fn is_printed(seen: &Preference, wanted: &str) -> bool {
    let Some(seen) = seen.value().map(str::trim) else { return false };
    let number = |text: &str| text.parse::<f64>().ok();
    seen == wanted.trim() || number(seen).is_some_and(|seen| number(wanted) == Some(seen))
}

/// Reads the answer of `defaults read`: the value, or that there is none in the words up to macOS 26 or those of 27.
///
/// # Errors
/// [`Misread`] for nothing at all, for a value beside words on standard error, and for a cut collection.
pub(crate) fn parse_read(output: &Output) -> Result<Preference, Misread> {
    const EXPECTED: &str = "a value, or that the key does not exist";
    let reply = Reply::merged(output)?;
    if is_missing(&reply) {
        reply.status_in(&[0, 1], EXPECTED)?;
        return Ok(Preference::MISSING);
    }
    reply.status_in(&[0], EXPECTED)?;
    let text = output.stdout()?;
    if text.is_empty() || !output.stderr()?.trim().is_empty() || text.lines().any(is_complaint) {
        return Err(reply.misread(EXPECTED));
    }
    let value = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    let collection = matches!(value.lines().next(), Some("{" | "("));
    if collection && nextstep::whole(value).is_none() {
        return Err(reply.misread(EXPECTED));
    }
    Ok(Preference::Set { value: value.to_owned() })
}

/// Whether the answer says, in one of the known sentences and nothing else, that key or domain is not there.
fn is_missing(reply: &Reply) -> bool {
    let [line] = reply.lines.as_slice() else { return false };
    let line = unstopped(line);
    let pair = after(line, "The domain/default pair of (").and_then(|rest| rest.strip_suffix(") does not exist"));
    let domain = after(line, "Domain ").and_then(|rest| rest.strip_suffix(" does not exist"));
    let deleted = after(line, "Domain (").and_then(|rest| rest.strip_suffix(") not found"));
    let new_key = after(line, "Error: Could not find key '").and_then(|rest| rest.strip_suffix('\''));
    let new_domain = after(line, "Error: Domain '").and_then(|rest| rest.strip_suffix("' not found"));
    pair.is_some_and(|pair| pair.contains(", "))
        || new_key.is_some_and(|rest| rest.contains("' in domain '"))
        || [domain, deleted, new_domain].iter().any(|name| name.is_some_and(|name| !name.is_empty()))
}

/// Whether a line looks like `defaults` talking about itself: no value that this agent reads does.
fn is_complaint(line: &str) -> bool {
    let prefixed = lines::strip_log_prefix(line).is_some();
    let line = clean(line);
    prefixed
        || said(line, "Rep argument is not a dictionary")
        || ["The domain/default pair of (", "Error: ", "Could not "].iter().any(|head| after(line, head).is_some())
}

/// Reads the answer of `defaults delete`.
fn parse_delete(output: &Output) -> Result<(), Misread> {
    let reply = Reply::merged(output)?;
    if is_missing(&reply) {
        return reply.status_in(&[0, 1], "silence, or that the key does not exist");
    }
    lines::silence(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    fn value(text: &str) -> Option<String> {
        parse_read(&out(text)).ok()?.value().map(str::to_owned)
    }

    #[test]
    fn a_value_is_given_as_printed() {
        assert_eq!(value("1\n").as_deref(), Some("1"));
        assert_eq!(value("YES").as_deref(), Some("YES"));
        assert_eq!(value("\n").as_deref(), Some(""));
        assert_eq!(value("{\n    A = 1;\n}\n").as_deref(), Some("{\n    A = 1;\n}"));
        for bad in ["", "{\n    A = 1;\n", "(\n    a,\n", "Error: something\n"] {
            assert_eq!(value(bad), None, "{bad}");
        }
        assert!(parse_read(&out_with(1, "1\n")).is_err());
        let mut output = out("1\n");
        output.stderr = b"2026-01-02 03:04:05.678 defaults[1:2] odd\n".to_vec();
        assert!(parse_read(&output).is_err());
    }

    #[test]
    fn every_wording_of_a_missing_key_is_known() {
        for words in [
            "2026-01-02 03:04:05.678 defaults[12:34] \nThe domain/default pair of (com.x, Key) does not exist\n",
            "2026-01-02 03:04:05.678 defaults[12:34] The domain/default pair of (kCFPreferencesAnyApplication, Key) does not exist\n",
            "Domain com.x does not exist\n",
            "Error: Could not find key 'Key' in domain 'com.x'.\n",
            "Error: Domain 'com.x' not found.\n",
        ] {
            assert_eq!(parse_read(&err(1, words)), Ok(Preference::MISSING), "{words}");
            assert!(parse_read(&err(99, words)).is_err(), "{words}");
            assert!(parse_read(&err(1, &words[..words.len() - 4])).is_err(), "{words}");
            assert_eq!(parse_delete(&err(1, words)), Ok(()), "{words}");
        }
        for bad in ["the file does not exist\n", "2026-01-02 03:04:05.678 defaults[12:34] \n", ""] {
            assert!(parse_read(&err(1, bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn writes_are_silent_or_refused() {
        let change = write_int("/Library/Preferences/com.x", "Key", -5);
        assert_eq!(change.run.argv[1..], ["write", "/Library/Preferences/com.x", "Key", "-int", "-5"]);
        assert_eq!((change.read)(&Output::default()), Ok(()));
        let refused = "2026-01-02 03:04:05.678 defaults[12:34] Could not write domain com.x; exiting\n";
        assert!(matches!((change.read)(&err(1, refused)), Err(Misread::Refused { .. })));
        assert!(matches!((change.read)(&err(0, refused)), Err(Misread::Refused { .. })));
        assert_eq!(write_bool("d", "k", true).run.argv[4..], ["-bool", "true"]);
        assert_eq!(write_float("d", "k", 0.5).run.argv[4..], ["-float", "0.5"]);
        assert!((delete("d", "k").read)(&out_with(1, "")).is_err());
    }
}
