//! `spctl`: Gatekeeper.

use serde::Serialize;

use super::changes::Single;
use super::lines::{Reply, either, silence};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/sbin/spctl";

/// Gatekeeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Whether software is assessed before it first runs.
    pub assessments: bool,
    /// Whether identified developers' software passes, besides the App Store's; told with `--verbose` only.
    pub developer_id: Option<bool>,
}

/// What does Gatekeeper let run?
#[must_use]
pub fn status() -> Question<Status> {
    Question::lines(Invocation::new(PROGRAM, &["--status", "--verbose"]), parse_status)
}

/// Has software assessed before it first runs, or not. From macOS 15 on the tool refuses at least to switch it off.
#[must_use]
pub fn assess(on: bool) -> Change {
    let flag = if on { "--global-enable" } else { "--global-disable" };
    Change { run: Invocation::new(PROGRAM, &[flag]), read: silence }
}

/// The command `args` as a change of the agent's own.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let on = match args {
        ["--global-enable"] => true,
        ["--global-disable"] => false,
        _ => return None,
    };
    let status = Invocation::new(PROGRAM, &["--status", "--verbose"]);
    let holds = Question::about(status, if on { "on" } else { "off" }, |word, output| {
        Ok(parse_status(output)?.assessments == (word == "on"))
    });
    Some(vec![Single::new("gatekeeper assessments", assess(on), vec![holds])])
}

/// Reads the answer of `spctl --status`, with or without `--verbose`.
///
/// # Errors
/// [`Misread`] for anything but the one or two known lines. It exits 1 where assessments are off.
pub(crate) fn parse_status(output: &Output) -> Result<Status, Misread> {
    const EXPECTED: &str = "\"assessments enabled\" or \"disabled\"";
    let reply = Reply::of(output)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    let assessments = either(first, ("assessments enabled", true), ("assessments disabled", false)).ok_or_else(fail)?;
    let developer_id = match rest {
        [] => None,
        [line] => {
            Some(either(line, ("developer id enabled", true), ("developer id disabled", false)).ok_or_else(fail)?)
        }
        _ => return Err(fail()),
    };
    reply.status_in(if assessments { &[0] } else { &[0, 1] }, EXPECTED)?;
    Ok(Status { assessments, developer_id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn both_lines_are_read_and_no_others() {
        let read = |output: &Output| parse_status(output).map(|read| (read.assessments, read.developer_id)).ok();
        assert_eq!(read(&out("assessments enabled\n")), Some((true, None)));
        assert_eq!(read(&out_with(1, "assessments disabled\n")), Some((false, None)));
        assert_eq!(read(&out("assessments enabled\ndeveloper id disabled\n")), Some((true, Some(false))));
        assert_eq!(read(&out_with(1, "assessments enabled\n")), None);
        assert_eq!(read(&out_with(99, "assessments disabled\n")), None);
        for bad in [
            "",
            "assessments en",
            "assessments enabled\nassessments disabled\n",
            "developer id enabled\n",
            "Operation not permitted\n",
        ] {
            assert_eq!(read(&out(bad)), None, "{bad}");
        }
    }
}
