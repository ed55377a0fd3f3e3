//! `id -u`: a user id by name.

use serde::Serialize;

use super::lines::Reply;
use super::{Invocation, Misread, Output, Question};

/// An account's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserId {
    /// The user id.
    pub uid: u32,
}

/// What is the user id of `user` (a short name)?
#[must_use]
pub fn uid(user: &str) -> Question<UserId> {
    Question::lines(Invocation::new("/usr/bin/id", &["-u", user]), parse)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] for anything but one number; an unknown user is such.
pub(crate) fn parse(output: &Output) -> Result<UserId, Misread> {
    let reply = Reply::of(output)?;
    reply.status_in(&[0], "a user id")?;
    let text = reply.only("a user id")?;
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let uid = digits.then(|| text.parse().ok()).flatten();
    uid.map(|uid| UserId { uid }).ok_or_else(|| reply.misread("a user id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    #[test]
    fn one_number_is_read_and_nothing_else() {
        assert_eq!(parse(&out("501\n")).unwrap().uid, 501);
        assert!(parse(&err(1, "id: ghost: no such user\n")).is_err());
        assert!(parse(&out_with(1, "501\n")).is_err());
        for bad in ["", "-2\n", "501 502\n", "501\n502\n", "99999999999\n"] {
            assert!(parse(&out(bad)).is_err(), "{bad}");
        }
    }
}
