//! swiftDialog: a question to the person at the Mac, where an administrator has installed it.

use std::time::Duration;

use super::lines::Reply as Words;
use super::osascript::plain;
use super::{Invocation, Misread, Output, Question, files};

/// The command line's launcher: a script up to version 2, since then a symbolic link into the app.
const PROGRAM: &str = "/usr/local/bin/dialog";

/// A file of the app that every version has. The launcher itself is no good sign: as a link it is not followed, and the
/// folder it lies in may be another user's.
const APP: &str = "/Library/Application Support/Dialog/Dialog.app/Contents/Info.plist";

/// How long the dialog may take to come up and go away, beside the time that it stands open.
const SLACK: Duration = Duration::from_secs(30);

/// What the person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The first button.
    Now,
    /// The second one, or Escape.
    Later,
    /// Nothing before the time was up.
    TimedOut,
    /// The dialog was closed without an answer: by Command-Q, or by a program that told it to quit.
    Dismissed,
}

/// Is swiftDialog installed?
#[must_use]
pub fn installed() -> Question<bool> {
    files::is_there(APP)
}

/// Asks `message` under `title` in the login session of user `uid`, for `timer` seconds; with a second button where
/// `can_put_off`.
///
/// The options are documented (swiftDialog's wiki, Command Line Options). Texts are arguments; swiftDialog shows them as
/// Markdown. With `--button1text` beside `--timer` the first button can be used once the first three seconds are over.
#[must_use]
pub fn ask(uid: u32, title: &str, message: &str, timer: u64, can_put_off: bool) -> Question<Reply> {
    let (title, message, seconds) = (plain(title), plain(message), timer.to_string());
    let mut args = vec![
        "--title",
        &title,
        "--message",
        &message,
        "--icon",
        "none",
        "--mini",
        "--ontop",
        "--timer",
        &seconds,
        "--button1text",
        "Sign out now",
    ];
    if can_put_off {
        args.extend(["--button2text", "Later"]);
    }
    let run = Invocation::new(PROGRAM, &args).as_user(uid).within(Duration::from_secs(timer).saturating_add(SLACK));
    Question::closed(run, if can_put_off { parse_two } else { parse_one })
}

/// Reads the answer of a dialog with both buttons.
fn parse_two(output: &Output) -> Result<Reply, Misread> {
    parse(output, true)
}

/// Reads the answer of a dialog with the first button only.
fn parse_one(output: &Output) -> Result<Reply, Misread> {
    parse(output, false)
}

/// Reads the exit status, which is the whole answer: 0 is the first button, 2 the second, 5 told to quit, 10 Command-Q
/// (wiki, Exit codes). For the timer one page of the wiki says 20 and another 4, so both are. What is printed is not
/// looked at: it may be a note of the launcher's.
///
/// # Errors
/// [`Misread`] for every other status, 1 (no login session) and 2 without a second button included.
fn parse(output: &Output, can_put_off: bool) -> Result<Reply, Misread> {
    match output.status {
        0 => Ok(Reply::Now),
        2 if can_put_off => Ok(Reply::Later),
        4 | 20 => Ok(Reply::TimedOut),
        5 | 10 => Ok(Reply::Dismissed),
        _ => {
            let expected = if can_put_off { "the answer of a button" } else { "the answer of the button" };
            let known: &[i32] = if can_put_off { &[0, 2, 4, 5, 10, 20] } else { &[0, 4, 5, 10, 20] };
            let words = Words::merged(output)?;
            words.status_in(known, expected)?;
            Err(words.misread(expected))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out_with};
    use crate::mac::{Answer, Ask, FileAnswer};

    fn argv(question: &Question<Reply>) -> &Invocation {
        match &question.ask {
            Ask::Run(run) => run,
            _ => unreachable!(),
        }
    }

    #[test]
    fn texts_are_arguments_and_the_limit_is_beyond_the_timer() {
        let question = ask(501, "--quit", "$(id)", 60, true);
        let run = argv(&question);
        assert_eq!(run.argv[1..5], ["--title", " --quit", "--message", "$(id)"]);
        assert_eq!(run.argv[run.argv.len() - 2..], ["--button2text", "Later"]);
        assert_eq!((run.as_user, run.limit), (Some(501), Duration::from_secs(90)));
        assert!(!argv(&ask(501, "t", "m", 60, false)).argv.contains(&"--button2text".to_owned()));
    }

    #[test]
    fn only_documented_exit_statuses_are_answers() {
        let read = |status, can_put_off| {
            let question = ask(501, "t", "m", 9, can_put_off);
            question.read(&Answer::Ran(out_with(status, "some note"))).ok()
        };
        for (status, reply) in [
            (0, Reply::Now),
            (4, Reply::TimedOut),
            (20, Reply::TimedOut),
            (5, Reply::Dismissed),
            (10, Reply::Dismissed),
        ] {
            assert_eq!((read(status, true), read(status, false)), (Some(reply), Some(reply)), "{status}");
        }
        assert_eq!((read(2, true), read(2, false)), (Some(Reply::Later), None));
        for status in [1, 3, 30, 99, 127, 201, 255, -1] {
            assert_eq!((read(status, true), read(status, false)), (None, None), "{status}");
        }
        assert!(parse(&err(1, "No GUI user\n"), true).unwrap_err().to_string().contains("No GUI user"));
    }

    #[test]
    fn it_is_installed_where_its_app_is() {
        let file = FileAnswer::Present { bytes: Vec::new(), owner: 0, mode: 0o644 };
        assert_eq!(installed().read(&Answer::File(file)), Ok(true));
        assert_eq!(installed().read(&Answer::File(FileAnswer::Absent)), Ok(false));
    }
}
