//! `audit`, which tells whether the kernel audits. Deprecated since macOS 11, and off until set up since macOS 14 (audit(8)).

use serde::Serialize;

use super::lines::Reply;
use super::{Invocation, Misread, Output, Question};

/// Whether the kernel audits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// It does.
    pub auditing: bool,
}

/// The conditions that auditon(2) knows, as the tool names them.
const CONDITIONS: &[(&str, bool)] =
    &[("AUC_AUDITING", true), ("AUC_NOAUDIT", false), ("AUC_DISABLED", false), ("AUC_UNSET", false)];

/// Does the kernel audit?
#[must_use]
pub fn condition() -> Question<Condition> {
    Question::lines(Invocation::new("/usr/sbin/audit", &["-c"]), parse)
}

/// Reads the answer: one line that names one condition, and the exit status, which is 0 where there is auditing and only there
/// (audit(8)). What else stands in the line is not documented and does not count.
///
/// # Errors
/// [`Misread`] for anything else, and where condition and exit status contradict each other.
pub(crate) fn parse(output: &Output) -> Result<Condition, Misread> {
    const EXPECTED: &str = "one line with AUC_AUDITING and exit status 0, or with another condition and 1";
    let reply = Reply::merged(output)?;
    reply.status_in(&[0, 1], EXPECTED)?;
    let line = reply.only(EXPECTED)?;
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("AUC_"));
    let [word] = words.collect::<Vec<_>>()[..] else { return Err(reply.misread(EXPECTED)) };
    let known = CONDITIONS.iter().find(|(name, _)| *name == word).map(|(_, auditing)| *auditing);
    match known.filter(|auditing| *auditing == (output.status == 0)) {
        Some(auditing) => Ok(Condition { auditing }),
        None => Err(reply.misread(EXPECTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    #[test]
    fn a_condition_counts_with_its_exit_status() {
        assert_eq!(parse(&out("AUC_AUDITING\n")).ok(), Some(Condition { auditing: true }));
        for words in ["AUC_NOAUDIT\n", "AUC_DISABLED\n", "AUC_UNSET\n"] {
            assert_eq!(parse(&out_with(1, words)).ok(), Some(Condition { auditing: false }), "{words}");
            assert_eq!(parse(&err(1, words)).ok(), Some(Condition { auditing: false }), "{words}");
            assert!(parse(&out(words)).is_err(), "{words}");
        }
        for (status, words) in [
            (1, "AUC_AUDITING\n"),
            (99, "AUC_NOAUDIT\n"),
            (0, ""),
            (1, ""),
            (0, "AUC_AUDITING\nAUC_NOAUDIT\n"),
            (0, "AUC_AUDITING AUC_NOAUDIT\n"),
            (0, "AUC_AUDITINGS\n"),
            (0, "auditing\n"),
            (1, "audit: error\n"),
        ] {
            assert!(parse(&out_with(status, words)).is_err(), "{status} {words}");
        }
    }
}
