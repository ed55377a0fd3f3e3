//! `firmwarepasswd`: the firmware password of an Intel Mac. Apple silicon has none and says so.

use serde::Serialize;

use super::lines::{Reply, after, either, said};
use super::{Invocation, Misread, Output, Question};

/// Whether a firmware password is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The answer.
    pub firmware_password: Presence,
}

/// Whether there is a firmware password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// There is one.
    Set,
    /// There is none.
    NotSet,
    /// This Mac's firmware knows none.
    Unsupported,
}

/// When the firmware asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mode {
    /// `none`, `command` (starting from elsewhere) or `full` (every start).
    pub mode: String,
    /// Whether option ROMs run; `None` where not told.
    pub option_roms: Option<bool>,
}

/// Is a firmware password set? Needs root.
#[must_use]
pub fn check() -> Question<Check> {
    Question::lines(Invocation::new("/usr/sbin/firmwarepasswd", &["-check"]), parse_check)
}

/// Reads the answer of `-check`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_check(output: &Output) -> Result<Check, Misread> {
    const EXPECTED: &str = "\"Password Enabled: Yes\" or \"No\"";
    let reply = Reply::of(output)?;
    let line = reply.only(EXPECTED)?;
    if said(line, "ERROR | SetupTRBSettings | The firmware on this machine is not supported.") {
        reply.status_in(&[0, 1], EXPECTED)?;
        return Ok(Check { firmware_password: Presence::Unsupported });
    }
    reply.status_in(&[0], EXPECTED)?;
    let word = after(line, "Password Enabled: ");
    let presence = word.and_then(|word| either(word, ("Yes", Presence::Set), ("No", Presence::NotSet)));
    presence.map(|firmware_password| Check { firmware_password }).ok_or_else(|| reply.misread(EXPECTED))
}

/// Reads the answer of `-mode`.
///
/// # Errors
/// [`Misread`] for anything but the mode and, after it, the option ROM line.
pub(crate) fn parse_mode(output: &Output) -> Result<Mode, Misread> {
    const EXPECTED: &str = "\"Mode: none\", \"command\" or \"full\", then whether option ROMs are allowed";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    let word = after(first, "Mode: ").ok_or_else(fail)?;
    let mode = ["none", "command", "full"].into_iter().find(|known| said(word, known)).ok_or_else(fail)?;
    let option_roms = match rest {
        [] => None,
        [line] => {
            let allowed = either(line, ("Option roms allowed", true), ("Option roms not allowed", false));
            Some(allowed.ok_or_else(fail)?)
        }
        _ => return Err(fail()),
    };
    Ok(Mode { mode: mode.to_owned(), option_roms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    #[test]
    fn the_three_answers_are_read() {
        let read = |output: &Output| parse_check(output).map(|read| read.firmware_password).ok();
        assert_eq!(read(&out("Password Enabled: Yes\n")), Some(Presence::Set));
        assert_eq!(read(&out("password enabled: no.\n")), Some(Presence::NotSet));
        let unsupported = "ERROR | SetupTRBSettings | The firmware on this machine is not supported.\n";
        assert_eq!(read(&err(1, unsupported)), Some(Presence::Unsupported));
        assert_eq!(read(&out_with(99, unsupported)), None);
        assert_eq!(read(&out_with(1, "Password Enabled: Yes\n")), None);
        for bad in [
            "",
            "Password Enabled: Yesterday\n",
            "Password Enabled:\n",
            "Password Enabled: No\nPassword Enabled: Yes\n",
            "x: y\nPassword Enabled: No\n",
        ] {
            assert_eq!(read(&out(bad)), None, "{bad}");
        }
    }

    #[test]
    fn the_mode_is_read() {
        let read = |text: &str| parse_mode(&out(text)).map(|read| (read.mode, read.option_roms)).ok();
        assert_eq!(read("Mode: full\nOption roms not allowed\n\n"), Some(("full".into(), Some(false))));
        assert_eq!(read("Mode: none\n"), Some(("none".into(), None)));
        assert_eq!(read("Mode: comm"), None);
        assert_eq!(read("Mode: none\nOption roms"), None);
    }
}
