//! `fdesetup`: FileVault. Only verbs that report: this agent never runs one that changes anything.
//!
//! Exit statuses are those of its manual page: 0 well, 1 FileVault is off, 2 on but busy, 20 no deferral.

use serde::Serialize;

use super::lines::{Number, Reply, after, said};
use super::{Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/bin/fdesetup";

/// What `fdesetup status` says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Whether the startup volume is protected.
    pub filevault: State,
    /// Whether it will be turned on when the user logs out or in.
    pub deferred: bool,
    /// The short name of that user; left out by macOS 13 and later.
    pub deferred_user: Option<String>,
    /// Whether the volume is being converted.
    pub conversion: Conversion,
    /// How far, 0 to 100; `None` while paused (on battery), and where nothing is converted.
    pub percent: Option<Number>,
    /// Whether the change is only complete after a restart.
    pub restart_needed: bool,
    /// Whether `FileVaultMaster.keychain` lies on the Mac; the institutional key need not be in use.
    pub institutional_keychain: bool,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On.
    On,
    /// Off.
    Off,
}

/// What is being done to the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Nothing.
    None,
    /// It is being encrypted.
    Encrypting,
    /// It is being decrypted.
    Decrypting,
}

/// A yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The answer. The manual page warns that `false` is also printed on any error.
    pub answer: bool,
}

/// Is FileVault on? Needs no root.
#[must_use]
pub fn status() -> Question<Status> {
    Question::lines(Invocation::new(PROGRAM, &["status"]), parse_status)
}

/// Is there a personal recovery key? Never reads the key. Treat as root only.
#[must_use]
pub fn has_personal_recovery_key() -> Question<Truth> {
    Question::lines(Invocation::new(PROGRAM, &["haspersonalrecoverykey"]), parse_truth)
}

/// The first lines, what they say of the state, and whether a restart is needed.
const HEADLINES: &[(&str, (State, bool))] = &[
    ("FileVault is On.", (State::On, false)),
    ("FileVault is Off.", (State::Off, false)),
    ("FileVault is On, but needs to be restarted to finish.", (State::On, true)),
    ("FileVault is Off, but needs to be restarted to finish.", (State::Off, true)),
    ("FileVault is Off, but will be enabled after the next restart.", (State::Off, true)),
];

/// Reads the answer of `fdesetup status`.
///
/// # Errors
/// [`Misread`] where the headline is missing, a line is unknown, cut or there twice, or the status does not fit the words.
pub(crate) fn parse_status(output: &Output) -> Result<Status, Misread> {
    const EXPECTED: &str = "\"FileVault is On.\" or \"FileVault is Off.\", then known lines";
    let reply = Reply::of(output)?;
    let fail = || reply.misread(EXPECTED);
    let (headline, details) = reply.lines.split_first().ok_or_else(fail)?;
    // Without its line end and full stop, a line may be the beginning of a longer one that means something else. A progress
    // line has no longer form; there a full stop may be the beginning of a fraction.
    let stopped = |line: &String| line.ends_with('.') != conversion_line(line).is_some();
    if !reply.ended && !reply.lines.last().is_some_and(stopped) {
        return Err(fail());
    }
    let known = HEADLINES.iter().find(|(words, _)| said(headline, words));
    let (filevault, restart_needed) = known.map(|(_, meaning)| *meaning).ok_or_else(fail)?;
    let (mut keychain, mut deferral, mut conversion) = (None, None, None);
    for line in details {
        let repeated = if said(line, "FileVault master keychain appears to be installed.") {
            keychain.replace(()).is_some()
        } else if let Some(user) = deferral_line(line) {
            deferral.replace(user).is_some()
        } else {
            conversion.replace(conversion_line(line).ok_or_else(fail)?).is_some()
        };
        if repeated {
            return Err(fail());
        }
    }
    let busy = conversion.is_some() || restart_needed;
    let allowed: &[i32] = match (filevault, busy) {
        (State::On, false) => &[0],
        (State::On, true) => &[0, 2],
        (State::Off, false) => &[0, 1],
        (State::Off, true) => &[0, 1, 2],
    };
    reply.status_in(allowed, EXPECTED)?;
    let (conversion, percent) = conversion.unwrap_or((Conversion::None, None));
    Ok(Status {
        filevault,
        deferred: deferral.is_some(),
        deferred_user: deferral.flatten(),
        conversion,
        percent,
        restart_needed,
        institutional_keychain: keychain.is_some(),
    })
}

/// The user that a deferral line names, if it does; `None` where the line is another one.
fn deferral_line(line: &str) -> Option<Option<String>> {
    let rest = after(line, "Deferred enablement appears to be active")?;
    if matches!(rest, "" | ".") {
        return Some(None);
    }
    let quoted = after(rest, " for user '")?;
    let name = quoted.strip_suffix("'.").or_else(|| quoted.strip_suffix('\''))?;
    (!name.is_empty()).then(|| Some(name.to_owned()))
}

fn conversion_line(line: &str) -> Option<(Conversion, Option<Number>)> {
    let (conversion, rest) = if let Some(rest) = after(line, "Encryption in progress: ") {
        (Conversion::Encrypting, rest)
    } else {
        (Conversion::Decrypting, after(line, "Decryption in progress: ")?)
    };
    if said(rest, "Pending") {
        return Some((conversion, None));
    }
    let digits = after(rest, "Percent completed = ")?;
    let percent = Number::parse(digits).or_else(|| Number::parse(digits.strip_suffix('.')?))?;
    (0.0..=100.0).contains(&percent.value()).then_some((conversion, Some(percent)))
}

/// Reads `true` or `false`.
///
/// # Errors
/// [`Misread`] for anything else.
pub(crate) fn parse_truth(output: &Output) -> Result<Truth, Misread> {
    let reply = Reply::of(output)?;
    let answer = reply.choose(&[("true", true), ("false", false)])?;
    // `isactive` exits 1 where FileVault is off, and 2 while the volume is being converted, whichever way.
    reply.status_in(if answer { &[0, 2] } else { &[0, 1, 2] }, "\"true\" or \"false\"")?;
    Ok(Truth { answer })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn read(text: &str) -> Result<Status, Misread> {
        parse_status(&out(text))
    }

    #[test]
    fn headlines() {
        for (words, (state, restart)) in HEADLINES {
            let read = read(&format!("{words}\n")).unwrap();
            assert_eq!((read.filevault, read.restart_needed), (*state, *restart), "{words}");
        }
        assert_eq!(read("FILEVAULT IS OFF \r\n").unwrap().filevault, State::Off);
    }

    #[test]
    fn details() {
        let deferred =
            read("FileVault is Off.\nDeferred enablement appears to be active for user 'ada o'hara'.\n").unwrap();
        assert_eq!((deferred.deferred, deferred.deferred_user.as_deref()), (true, Some("ada o'hara")));
        let nameless = read("FileVault is Off.\nDeferred enablement appears to be active.\n").unwrap();
        assert_eq!((nameless.deferred, nameless.deferred_user), (true, None));
        let paused = read("FileVault is On.\nEncryption in progress: Pending\n").unwrap();
        assert_eq!((paused.conversion, paused.percent), (Conversion::Encrypting, None));
        let busy = read("FileVault is Off.\nFileVault master keychain appears to be installed.\nDecryption in progress: percent completed = 7.50\n").unwrap();
        assert_eq!((busy.conversion, busy.percent), (Conversion::Decrypting, Some(Number::Fraction(7.5))));
        assert!(busy.institutional_keychain);
    }

    #[test]
    fn no_other_text_is_read() {
        for bad in [
            "",
            "FileVault is",
            "FileVault is On",
            "FileVault is Off, but",
            "FileVault is Online.\n",
            "Note: FileVault is On.\n",
            "FileVault is On.\nFileVault is Off.\n",
            "FileVault is On.\nError: something\n",
            "FileVault is On.\nEncryption in progress: Percent completed = 101\n",
            "FileVault is On.\nEncryption in progress: Percent completed = -1\n",
            "FileVault is On.\nEncryption in progress: Percent completed = 3.",
            "FileVault is On.\nEncryption in progress: Percent completed =\n",
            "FileVault is On.\nEncryption in progress: Pending\nDecryption in progress: Pending\n",
            "FileVault is Off.\nDeferred enablement appears to be active for user 'ada\n",
            "Deferred enablement appears to be active.\nFileVault is Off.\n",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_exit_status_must_fit_the_words() {
        for (status, text, fits) in [
            (1, "FileVault is Off.\n", true),
            (1, "FileVault is On.\n", false),
            (2, "FileVault is On.\n", false),
            (2, "FileVault is On.\nEncryption in progress: Percent completed = 1\n", true),
            (99, "FileVault is Off.\n", false),
        ] {
            assert_eq!(parse_status(&out_with(status, text)).is_ok(), fits, "{status} {text}");
        }
        assert!(parse_truth(&out_with(1, "false\n")).is_ok());
        assert!(parse_truth(&out_with(1, "true\n")).is_err());
        assert!(parse_truth(&out_with(2, "true\n")).unwrap().answer);
        assert!(parse_truth(&out_with(3, "false\n")).is_err());
        assert!(parse_truth(&out("tru")).is_err());
        assert!(parse_truth(&out("true\nfalse\n")).is_err());
    }
}
