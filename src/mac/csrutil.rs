//! `csrutil`: System Integrity Protection.

use serde::Serialize;

use super::lines::{Reply, after, either, said};
use super::{Invocation, Misread, Output, Question};

/// System Integrity Protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The state.
    pub sip: Sip,
}

/// State of System Integrity Protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sip {
    /// Wholly on.
    Enabled,
    /// Off.
    Disabled,
    /// Some other configuration; it may be wholly off although the line says `enabled`.
    Custom,
}

/// The sealed system volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AuthenticatedRoot {
    /// Whether the seal is enforced.
    pub authenticated_root: bool,
}

/// Is System Integrity Protection on? Needs no root.
#[must_use]
pub fn status() -> Question<Status> {
    Question::lines(Invocation::new("/usr/bin/csrutil", &["status"]), parse_status)
}

/// Reads the answer of `csrutil status`.
///
/// # Errors
/// [`Misread`] where the status line is missing or cut, or lines follow that do not belong to it.
pub(crate) fn parse_status(output: &Output) -> Result<Status, Misread> {
    const EXPECTED: &str =
        "\"System Integrity Protection status: enabled.\" or \"disabled.\", or a custom configuration";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    // Without line end and full stop, "enabled" may be the beginning of "enabled (Custom Configuration)."
    if !reply.ended && rest.is_empty() && !first.ends_with('.') {
        return Err(fail());
    }
    let word = after(first, "System Integrity Protection status: ").ok_or_else(fail)?;
    if let Some(sip) = either(word, ("enabled", Sip::Enabled), ("disabled", Sip::Disabled)) {
        return if rest.is_empty() { Ok(Status { sip }) } else { Err(fail()) };
    }
    let custom = super::lines::unstopped(word).strip_suffix(')').and_then(|body| body.split_once(" ("));
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == ' ');
    let known = custom.is_some_and(|(state, note)| plain(state) && !state.contains(' ') && plain(note));
    if known && is_configuration(rest) { Ok(Status { sip: Sip::Custom }) } else { Err(fail()) }
}

/// Whether lines are the list of a custom configuration. Its rows are indented, but a copy may have lost that: then only
/// below the list's title.
fn is_configuration(lines: &[String]) -> bool {
    let mut titled = false;
    lines.iter().all(|line| {
        if said(line, "Configuration:") {
            return !std::mem::replace(&mut titled, true);
        }
        let word = line.trim_start().split_once(": ").filter(|(name, _)| !name.contains("status"));
        let row = word.is_some_and(|(_, word)| either(word, ("enabled", ()), ("disabled", ())).is_some());
        row && (titled || line.starts_with(char::is_whitespace))
            || after(line, "This is an unsupported configuration, ").is_some()
    })
}

/// Reads the answer of `csrutil authenticated-root status`.
///
/// # Errors
/// [`Misread`] for anything but one known line; the question which installation is meant is such.
pub(crate) fn parse_authenticated_root(output: &Output) -> Result<AuthenticatedRoot, Misread> {
    let wordings = [("Authenticated Root status: enabled", true), ("Authenticated Root status: disabled", false)];
    let reply = Reply::of(output)?;
    reply.status_in(&[0], "the authenticated root status")?;
    reply.choose(&wordings).map(|authenticated_root| AuthenticatedRoot { authenticated_root })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn sip(words: &str) -> Option<Sip> {
        parse_status(&out(&format!("System Integrity Protection status: {words}"))).ok().map(|read| read.sip)
    }

    #[test]
    fn only_the_plain_words_are_on_or_off() {
        assert_eq!(sip("enabled.\n"), Some(Sip::Enabled));
        assert_eq!(sip("disabled\n"), Some(Sip::Disabled));
        let rows = "\nConfiguration:\n\tApple Internal: disabled\n\tKext Signing: enabled\n\nThis is an unsupported configuration, likely to break.\n";
        for first in
            ["enabled (Custom Configuration).", "unknown (Custom Configuration).", "disabled (Apple Internal)."]
        {
            assert_eq!(sip(&format!("{first}\n{rows}")), Some(Sip::Custom), "{first}");
            assert_eq!(sip(&format!("{first}\n")), Some(Sip::Custom), "{first}");
            let flat = rows.replace('\t', "");
            assert_eq!(sip(&format!("{first}\n{flat}")), Some(Sip::Custom), "{first}");
            assert_eq!(sip(&format!("{first}\n{flat}System Integrity Protection status: disabled.\n")), None);
            assert_eq!(sip(&format!("{first}\nKext Signing: enabled\n")), None);
        }
        for bad in [
            "",
            "enabled",
            "enabled (Custom",
            "enabled.\nConfiguration:\n\tKext Signing: disabled\n",
            "enabled.\nx\n",
            "maybe.\n",
        ] {
            assert_eq!(sip(bad), None, "{bad}");
        }
        assert!(parse_status(&out_with(99, "System Integrity Protection status: enabled.\n")).is_err());
        assert!(parse_status(&out("Configuration:\n\tKext Signing: enabled\n")).is_err());
    }

    #[test]
    fn the_prompt_for_an_installation_is_no_answer() {
        assert!(parse_authenticated_root(&out("Authenticated Root status: enabled\n")).unwrap().authenticated_root);
        let prompt = "This computer has several macOS installations:\n1: A\nPick a macOS installation (1..2): ";
        assert!(parse_authenticated_root(&out(prompt)).is_err());
        assert!(parse_authenticated_root(&out("Authenticated Root status: en")).is_err());
    }
}
