//! `stat` of `/dev/console`: whose session is on the screen. Its owner is the safer name; `scutil` may give a login alias.

use serde::Serialize;

use super::lines::Reply;
use super::{Invocation, Misread, Output, Question};

/// Owners of `/dev/console` that are no person: nobody is logged in, or Setup Assistant runs.
const NOBODY: &[&str] = &["root", "_mbsetupuser", "loginwindow"];

/// Who sits at the Mac.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Console {
    /// Short name of the console user; `None` at the login window and in Setup Assistant.
    pub console_user: Option<String>,
}

/// Who is logged in at the console?
#[must_use]
pub fn console_user() -> Question<Console> {
    Question::lines(Invocation::new("/usr/bin/stat", &["-f", "%Su", "/dev/console"]), parse)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] for anything but one account name. A bare number is one whose account could not be found: not a name.
pub(crate) fn parse(output: &Output) -> Result<Console, Misread> {
    const EXPECTED: &str = "one account name";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let name = reply.only(EXPECTED)?;
    let plain = !name.contains(|c: char| c.is_whitespace() || c.is_control() || "/:%".contains(c));
    if !plain || name.starts_with('-') || name.bytes().all(|b| b.is_ascii_digit()) {
        return Err(reply.misread(EXPECTED));
    }
    Ok(Console { console_user: (!NOBODY.contains(&name)).then(|| name.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn a_person_is_told_from_nobody() {
        assert_eq!(parse(&out("ada.l\n")).unwrap().console_user.as_deref(), Some("ada.l"));
        for nobody in NOBODY {
            assert_eq!(parse(&out(&format!("{nobody}\n"))).unwrap().console_user, None);
        }
    }

    #[test]
    fn anything_but_a_name_is_refused() {
        assert!(parse(&out_with(1, "ada\n")).is_err());
        for bad in ["", "\n", "ada\nbob\n", "501\n", "stat: /dev/console: stat: No such file or directory\n", "ada l\n"]
        {
            assert!(parse(&out(bad)).is_err(), "{bad}");
        }
    }
}
