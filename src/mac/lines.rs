//! Reading line-oriented answers: whole lines, anchored, letter case aside, never a lucky substring.

use serde::Serialize;

use super::{Misread, Output};

/// What a line in a refusal says, in lower case. Only ever used to name an error better: no value comes from these.
const REFUSALS: &[&str] = &[
    "must be run as root",
    "must be root",
    "requires root",
    "root privileges",
    "need administrator access",
    "requires full disk access",
    "authorizationinteractionnotallowed",
    "operation not permitted",
    "permission denied",
    "disabled by your system administrator",
    "could not write domain",
    "edspermissionerror",
    "not authorized",
    "on managed mac computers",
];

/// An answer as its lines: without blank ones, line ends, trailing spaces and the prefix that `NSLog` puts before a line.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The lines that say something.
    pub(crate) lines: Vec<String>,
    /// Whether the last line ended in a line break.
    pub(crate) ended: bool,
    /// The exit status.
    status: i32,
    text: String,
}

impl Reply {
    /// The answer of a tool that answers on standard output. What frameworks log on standard error is left out; anything
    /// else there stays in, because it may contradict.
    pub(crate) fn of(output: &Output) -> Result<Self, Misread> {
        let out = output.stdout()?;
        let err: Vec<&str> = output.stderr()?.lines().filter(|line| !is_log_noise(line)).collect();
        Ok(Self::from_parts(out, &err.join("\n"), output))
    }

    /// The answer of a tool that answers on standard error as well.
    pub(crate) fn merged(output: &Output) -> Result<Self, Misread> {
        Ok(Self::from_parts(output.stdout()?, output.stderr()?, output))
    }

    fn from_parts(out: &str, err: &str, output: &Output) -> Self {
        let gap = if out.is_empty() || out.ends_with('\n') { "" } else { "\n" };
        let text = format!("{out}{gap}{err}");
        let lines = text.lines().map(clean).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let ended = [&output.stdout, &output.stderr].iter().all(|s| s.last().is_none_or(|last| *last == b'\n'));
        Self { lines, ended, status: output.status, text }
    }

    /// Refuses every exit status but these.
    pub(crate) fn status_in(&self, allowed: &[i32], expected: &str) -> Result<(), Misread> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        let known: Vec<String> = allowed.iter().map(i32::to_string).collect();
        let known = known.join(" or ");
        Err(self.misread(format!("{expected} with exit status {known} (it was {})", self.status)))
    }

    /// The answer's only line.
    pub(crate) fn only(&self, expected: &str) -> Result<&str, Misread> {
        match self.lines.as_slice() {
            [line] => Ok(line),
            _ => Err(self.misread(expected)),
        }
    }

    /// The value of the one wording that the answer's only line has.
    pub(crate) fn choose<T: Copy>(&self, wordings: &[(&str, T)]) -> Result<T, Misread> {
        let known = || wordings.iter().map(|(words, _)| format!("\"{words}\"")).collect::<Vec<_>>().join(" or ");
        let line = self.only(&known())?;
        let found = wordings.iter().find(|(words, _)| said(line, words));
        found.map(|(_, value)| *value).ok_or_else(|| self.misread(known()))
    }

    /// The error for an answer that is not `expected`; a refusal where a line is one.
    pub(crate) fn misread(&self, expected: impl Into<String>) -> Misread {
        misread(expected, &self.text)
    }
}

/// The error for `text` that is not `expected`; a refusal, in its words, where a line of it is one.
pub(crate) fn misread(expected: impl Into<String>, text: &str) -> Misread {
    let refusal = text.lines().map(clean).find(|line| {
        let line = line.to_ascii_lowercase();
        REFUSALS.iter().any(|words| line.contains(words))
    });
    refusal.map_or_else(|| Misread::new(expected, text), Misread::refused)
}

/// Reads the answer of a change made by a tool that says nothing when it obeys.
pub(crate) fn silence(output: &Output) -> Result<(), Misread> {
    let reply = Reply::of(output)?;
    reply.status_in(&[0], "silence")?;
    if reply.lines.is_empty() { Ok(()) } else { Err(reply.misread("silence")) }
}

/// Reads the answer of a change made by a tool whose words of assent are not all known: any, with exit status 0, but a
/// refusal. Whether the change came about is looked at afterwards.
pub(crate) fn unrefused(output: &Output) -> Result<(), Misread> {
    let reply = Reply::merged(output)?;
    reply.status_in(&[0], "no refusal")?;
    match reply.misread("no refusal") {
        refused @ Misread::Refused { .. } => Err(refused),
        _ => Ok(()),
    }
}

/// Refuses an exit status other than 0, and anything on standard error but what frameworks log there.
pub(crate) fn quiet(output: &Output, expected: &str) -> Result<(), Misread> {
    let beside = Reply::of(&Output { status: output.status, stdout: Vec::new(), stderr: output.stderr.clone() })?;
    if beside.lines.is_empty() && output.status == 0 {
        return Ok(());
    }
    Err(misread(format!("{expected} with exit status 0 and nothing on standard error"), &output.both()?))
}

/// `line` without the `NSLog` prefix, trailing spaces and carriage return.
pub(crate) fn clean(line: &str) -> &str {
    strip_log_prefix(line).unwrap_or(line).trim_end()
}

/// `line` without one full stop at its end.
pub(crate) fn unstopped(line: &str) -> &str {
    line.strip_suffix('.').unwrap_or(line)
}

/// Whether the cleaned `line` is `words`, letter case and one full stop aside.
pub(crate) fn said(line: &str, words: &str) -> bool {
    unstopped(line).eq_ignore_ascii_case(unstopped(words))
}

/// What follows `prefix` at the beginning of `line`, letter case aside.
pub(crate) fn after<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    let head = line.get(..prefix.len())?;
    if head.eq_ignore_ascii_case(prefix) { line.get(prefix.len()..) } else { None }
}

/// `first`'s value where `line` says `first`, `second`'s where it says that; `None` otherwise. Letter case aside.
pub(crate) fn either<T>(word: &str, first: (&str, T), second: (&str, T)) -> Option<T> {
    if said(word, first.0) {
        Some(first.1)
    } else if said(word, second.0) {
        Some(second.1)
    } else {
        None
    }
}

/// Whether `text` is a UUID: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What follows the prefix that `NSLog` puts before a line: date, time with milliseconds, `process[pid:thread]`, at most
/// one space. `None` where there is none.
pub(crate) fn strip_log_prefix(line: &str) -> Option<&str> {
    let stamp = line.get(..24)?;
    let shape = "dddd-dd-dd dd:dd:dd.ddd ";
    let fits = stamp.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'd' { b.is_ascii_digit() } else { b == s });
    if !fits {
        return None;
    }
    let (process, rest) = line.get(24..)?.split_once('[')?;
    let (ids, message) = rest.split_once(']')?;
    let (pid, thread) = ids.split_once(':')?;
    let named = !process.is_empty() && process.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let numbered = !pid.is_empty()
        && pid.bytes().all(|b| b.is_ascii_digit())
        && !thread.is_empty()
        && thread.bytes().all(|b| b.is_ascii_hexdigit());
    (named && numbered).then(|| message.strip_prefix(' ').unwrap_or(message))
}

/// Whether a line on standard error is what frameworks log there: an `NSLog` line, or the Objective-C runtime's note.
fn is_log_noise(line: &str) -> bool {
    let refusal = matches!(misread("", line), Misread::Refused { .. });
    !refusal && (strip_log_prefix(line).is_some() || line.starts_with("objc[") || line.trim().is_empty())
}

/// `### Error:-14090 File:/.../DSAuthenticator.m Line:94`: how a framework logs its own trouble beside a whole answer.
pub(crate) fn is_framework_error(line: &str) -> bool {
    let (number, place) = match after(line, "### Error:").and_then(|rest| rest.split_once(" File:")) {
        Some((number, place)) => (integer(number), place.rsplit_once(" Line:")),
        None => return false,
    };
    number.is_some() && place.is_some_and(|(file, line)| file.starts_with('/') && integer(line).is_some())
}

/// A number as a tool printed it: whole numbers stay whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Fraction(f64),
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Fraction(number) => number.fmt(f),
        }
    }
}

impl Number {
    /// Reads decimal digits with an optional sign and fraction; a fraction of zeros makes a whole number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if !digits(whole.strip_prefix('-').unwrap_or(whole)) || !digits(fraction) {
            return None;
        }
        if fraction.bytes().all(|b| b == b'0') {
            return whole.parse().ok().map(Self::Whole);
        }
        text.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Fraction)
    }

    /// The number as a float, for comparing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "percentages and seconds are far below 2^52")]
    pub fn value(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Fraction(number) => number,
        }
    }
}

/// Reads a whole number: digits with an optional minus sign, nothing else.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An output with only this on standard output, and exit status 0.
    pub(crate) fn out(text: &str) -> Output {
        Output { status: 0, stdout: text.into(), stderr: Vec::new() }
    }

    /// An output with only this on standard error.
    pub(crate) fn err(status: i32, text: &str) -> Output {
        Output { status, stdout: Vec::new(), stderr: text.into() }
    }

    /// An output with only this on standard output.
    pub(crate) fn out_with(status: i32, text: &str) -> Output {
        Output { status, stdout: text.into(), stderr: Vec::new() }
    }

    #[test]
    fn the_log_prefix_is_taken_off_only_where_it_is_whole() {
        assert_eq!(clean("2026-01-02 03:04:05.678 sysadminctl[12:3af] screenLock is off \r"), "screenLock is off");
        assert_eq!(strip_log_prefix("2015-08-20 11:44:23.212 defaults[1593:98737] "), Some(""));
        for line in ["2026-01-02 03:04:05.67 sysadminctl[12:3a] x", "2026-01-02 03:04:05.678 a b[1:2] x", "x"] {
            assert_eq!(strip_log_prefix(line), None, "{line}");
        }
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(Number::parse("33"), Some(Number::Whole(33)));
        assert_eq!(Number::parse("-1.000000"), Some(Number::Whole(-1)));
        assert_eq!(Number::parse("33.33"), Some(Number::Fraction(33.33)));
        for bad in ["", "-", "1.", ".5", "+1", "1e3", "##.##", "inf", "99999999999999999999"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn framework_log_lines_on_standard_error_are_left_out_and_other_lines_are_not() {
        let mut output = out("true\n");
        output.stderr = b"2026-01-02 03:04:05.678 tool[1:2] hello\nobjc[12]: Class A is in both\n".to_vec();
        assert_eq!(Reply::of(&output).unwrap().lines, ["true"]);
        output.stderr = b"Error: no\n".to_vec();
        assert_eq!(Reply::of(&output).unwrap().lines.len(), 2);
    }

    #[test]
    fn a_refusal_is_named() {
        let reply = Reply::of(&out("profiles: this command requires root privileges\n")).unwrap();
        assert!(matches!(reply.misread("x"), Misread::Refused { .. }));
    }
}
