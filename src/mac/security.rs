//! `security authorizationdb`: who must prove what before macOS does something. The right's rule comes on standard output,
//! whether it could be read on standard error.

use serde::Serialize;

use super::changes::Single;
use super::lines::{Reply, misread};
use super::{Change, Invocation, Misread, Output, Question, xml};

const PROGRAM: &str = "/usr/bin/security";

/// The right by which a locked screen is unlocked.
pub const SCREENSAVER: &str = "system.login.screensaver";

/// What a right, or a rule that rights refer to, asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum Right {
    /// What these rules ask for.
    Rule {
        /// Their names, in order.
        rules: Vec<String>,
    },
    /// Somebody who proves to be such a user.
    User {
        /// Of which group.
        group: String,
        /// Whether what was proved for one right holds for others.
        shared: bool,
        /// Whether the user must prove it with a password.
        authenticate_user: bool,
        /// Whether the session's owner is enough.
        session_owner: bool,
    },
    /// Something else: mechanisms, everybody, nobody.
    Other,
}

/// What does the right or rule `name` ask for?
#[must_use]
pub fn right(name: &str) -> Question<Right> {
    Question::closed(Invocation::new(PROGRAM, &["authorizationdb", "read", name]), parse_right)
}

/// Has [`SCREENSAVER`] ask for what the rule `rule` asks for, and nothing else.
#[must_use]
pub fn set_screensaver(rule: &str) -> Change {
    Change { run: Invocation::new(PROGRAM, &["authorizationdb", "write", SCREENSAVER, rule]), read: parse_write }
}

/// What the agent calls the one right that it changes.
#[must_use]
pub fn screensaver_setting() -> String {
    format!("authorization right {SCREENSAVER}")
}

/// Whether `name` can be a rule's: nothing that the program could take for an option or a file.
#[must_use]
pub fn is_rule_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(plain)
}

/// The command `args` as a change of the agent's own.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let ["authorizationdb", "write", SCREENSAVER, rule] = args else { return None };
    if !is_rule_name(rule) {
        return None;
    }
    let run = Invocation::new(PROGRAM, &["authorizationdb", "read", SCREENSAVER]);
    let mut holds = Question::about(run, rule, |wanted, output| {
        Ok(parse_right(output)? == Right::Rule { rules: vec![wanted.to_owned()] })
    });
    holds.ends = super::Ends::ByItself;
    Some(vec![Single::new(screensaver_setting(), set_screensaver(rule), vec![holds])])
}

/// Reads the answer of `authorizationdb read`.
///
/// # Errors
/// [`Misread`] for anything but a whole rule, for another word than `YES (0)` beside it, and where a user's rule lacks one of its marks: macOS prints them
/// all, so one that is missing was lost.
pub(crate) fn parse_right(output: &Output) -> Result<Right, Misread> {
    const EXPECTED: &str = "a rule, and nothing but \"YES (0)\" on standard error";
    allowed(output, EXPECTED)?;
    let rule = xml::dictionary(&output.stdout)?;
    let fail = |what: &str| Misread::new(format!("a rule with {what}"), "a rule without it");
    let text = |key: &str| rule.get(key).and_then(plist::Value::as_string);
    let flag = |key: &'static str| rule.get(key).and_then(plist::Value::as_boolean).ok_or_else(|| fail(key));
    match text("class").ok_or_else(|| fail("its class"))? {
        "rule" => {
            let names = match rule.get("rule") {
                Some(plist::Value::String(name)) => Some(vec![name.clone()]),
                Some(plist::Value::Array(names)) => {
                    names.iter().map(|name| name.as_string().map(str::to_owned)).collect()
                }
                _ => None,
            };
            let rules = names.filter(|names: &Vec<String>| !names.is_empty()).ok_or_else(|| fail("its rules"))?;
            Ok(Right::Rule { rules })
        }
        "user" => Ok(Right::User {
            group: text("group").ok_or_else(|| fail("its group"))?.to_owned(),
            shared: flag("shared")?,
            authenticate_user: flag("authenticate-user")?,
            session_owner: flag("session-owner")?,
        }),
        _ => Ok(Right::Other),
    }
}

/// Reads the answer of `authorizationdb write`.
fn parse_write(output: &Output) -> Result<(), Misread> {
    const EXPECTED: &str = "\"YES (0)\"";
    allowed(output, EXPECTED)?;
    if output.stdout.trim_ascii().is_empty() { Ok(()) } else { Err(misread(EXPECTED, &output.both()?)) }
}

/// Refuses everything but exit status 0 with `YES (0)` or nothing on standard error. That `YES (0)` comes on every macOS is not
/// proven, and what was asked for is proof enough.
fn allowed(output: &Output, expected: &str) -> Result<(), Misread> {
    let beside = Reply::of(&Output { status: output.status, stdout: Vec::new(), stderr: output.stderr.clone() })?;
    beside.status_in(&[0], expected)?;
    if beside.lines.is_empty() { Ok(()) } else { beside.choose(&[("YES (0)", ())]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(keys: &str, stderr: &str) -> Output {
        let list = format!("<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n<dict>{keys}</dict>\n</plist>\n");
        Output { status: 0, stdout: list.into(), stderr: stderr.into() }
    }

    fn rules(names: &[&str]) -> Right {
        Right::Rule { rules: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    const ONE: &str =
        "<key>class</key><string>rule</string><key>rule</key><array><string>use-login-window-ui</string></array>";
    const USER: &str = "<key>authenticate-user</key><true/><key>class</key><string>user</string><key>group</key>\
                        <string>admin</string><key>session-owner</key><false/><key>shared</key><true/>";

    #[test]
    fn a_right_is_read_with_all_that_counts() {
        assert_eq!(parse_right(&said(ONE, "YES (0)\n")), Ok(rules(&["use-login-window-ui"])));
        let old = ONE.replace("<array>", "").replace("</array>", "");
        assert_eq!(parse_right(&said(&old, "YES (0)\n")), Ok(rules(&["use-login-window-ui"])));
        let (group, authenticate_user) = ("admin".to_owned(), true);
        let user = Right::User { group, shared: true, authenticate_user, session_owner: false };
        assert_eq!(parse_right(&said(USER, "YES (0)\n")), Ok(user));
        let other = "<key>class</key><string>allow</string>";
        assert_eq!(parse_right(&said(other, "YES (0)\n")), Ok(Right::Other));
    }

    #[test]
    fn what_lacks_a_mark_or_a_yes_is_no_right() {
        for key in ["authenticate-user", "session-owner", "shared", "group", "class"] {
            let less = USER.replace(&format!("<key>{key}</key>"), "<key>x</key>");
            assert!(parse_right(&said(&less, "YES (0)\n")).is_err(), "{key}");
        }
        assert!(parse_right(&said(&ONE.replace("use-login-window-ui", ""), "YES (0)\n")).is_ok());
        assert!(
            parse_right(&said("<key>class</key><string>rule</string><key>rule</key><array/>", "YES (0)\n")).is_err()
        );
        assert!(parse_right(&said(ONE, "")).is_ok());
        for stderr in ["NO (-60005)\n", "YES (0)\nNO (-60005)\n"] {
            assert!(parse_right(&said(ONE, stderr)).is_err(), "{stderr}");
        }
        assert!(parse_right(&Output { stderr: b"YES (0)\n".to_vec(), ..Output::default() }).is_err());
        let mut refused = said(ONE, "YES (0)\n");
        refused.status = 1;
        assert!(parse_right(&refused).is_err());
    }

    #[test]
    fn a_write_says_yes() {
        let change = set_screensaver("authenticate-session-owner");
        let words = ["authorizationdb", "write", "system.login.screensaver", "authenticate-session-owner"];
        assert_eq!(change.run.argv[1..], words);
        let answer = |stderr: &str| (change.read)(&Output { stderr: stderr.into(), ..Output::default() });
        for good in ["", "YES (0)\n"] {
            assert_eq!(answer(good), Ok(()), "{good}");
        }
        assert!(answer("NO (-60005)\n").is_err());
        for name in ["-q", "", "a b", "/tmp/x", "a/../b"] {
            assert!(own(&["authorizationdb", "write", SCREENSAVER, name]).is_none(), "{name}");
        }
        assert!(own(&["authorizationdb", "write", "system.preferences", "allow"]).is_none());
    }
}
