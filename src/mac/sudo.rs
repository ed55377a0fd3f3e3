//! `sudo`: what sudoers sets for everybody.

use serde::Serialize;

use super::lines::{Number, Reply, after};
use super::{Invocation, Misread, Output, Question};

/// What sudoers sets for everybody, or what sudo does where it sets nothing. What `Defaults` for single users, hosts or commands
/// change is not told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Defaults {
    /// For how many minutes a password counts; below 0 it counts until the Mac restarts.
    pub timeout_minutes: Number,
    /// For what it counts.
    pub record: Record,
    /// Whether commands that are allowed are logged.
    pub logs_allowed: bool,
}

/// For what a password given to sudo counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Everything that the user starts.
    Global,
    /// The terminal that it was given in.
    Tty,
    /// What the same parent process starts.
    Ppid,
    /// The terminal, as the kernel keeps it.
    Kernel,
}

/// What does sudoers set? Asked by root, who alone is told.
#[must_use]
pub fn defaults() -> Question<Defaults> {
    Question::lines(Invocation::new("/usr/bin/sudo", &["-V"]), parse)
}

/// Reads the answer of `sudo -V` to root.
///
/// Switches that are off have no line, so only a whole answer says that one is off: it begins with sudo's version and ends with
/// that of its last plug-in, which is the same.
///
/// # Errors
/// [`Misread`] for anything else, for the short answer that others than root get, and for what is there twice.
pub(crate) fn parse(output: &Output) -> Result<Defaults, Misread> {
    const EXPECTED: &str = "\"Sudo version\", the settings of sudoers, and \"Sudoers audit plugin version\" at the end";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let [first, lines @ .., last] = reply.lines.as_slice() else { return Err(fail()) };
    let version = after(first, "Sudo version ").ok_or_else(fail)?;
    if after(last, "Sudoers audit plugin version ") != Some(version) {
        return Err(fail());
    }
    let one = |label: &str| {
        let mut found = lines.iter().filter_map(|line| after(line, label));
        found.next().filter(|_| found.next().is_none()).ok_or_else(|| reply.misread(format!("one line \"{label}\"")))
    };
    let minutes = one("Authentication timestamp timeout: ")?;
    let timeout_minutes = minutes.strip_suffix(" minutes").and_then(Number::parse).ok_or_else(fail)?;
    let record = match one("Type of authentication timestamp record: ")? {
        "global" => Record::Global,
        "tty" => Record::Tty,
        "ppid" => Record::Ppid,
        "kernel" => Record::Kernel,
        other => return Err(Misread::new("global, tty, ppid or kernel", other)),
    };
    let logs_allowed = match lines.iter().filter(|line| *line == "Log when a command is allowed by sudoers").count() {
        0 => false,
        1 => true,
        _ => return Err(fail()),
    };
    Ok(Defaults { timeout_minutes, record, logs_allowed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    /// Some lines of a whole answer, typed from a captured one and sudo's own texts.
    fn answer(timeout: &str, record: &str, more: &str) -> String {
        format!(
            "Sudo version 1.9.13p2\nConfigure options: --with-pam\nSudoers policy plugin version 1.9.13p2\n\
             Sudoers file grammar version 50\n\nSudoers path: /etc/sudoers\n\
             Authentication timestamp timeout: {timeout}\nEnvironment variables to check for safety:\n\tTZ\n\
             Type of authentication timestamp record: {record}\n{more}Log when a command is denied by sudoers\n\n\
             Local IP address and netmask pairs:\n\t192.0.2.1/255.255.255.0\n\n\
             Sudoers I/O plugin version 1.9.13p2\nSudoers audit plugin version 1.9.13p2\n"
        )
    }

    const LOGS: &str = "Log when a command is allowed by sudoers\n";

    #[test]
    fn a_switch_without_a_line_is_off_in_a_whole_answer() {
        let read = |text: &str| parse(&out(text)).unwrap();
        let strict = read(&answer("0.0 minutes", "tty", LOGS));
        assert_eq!(strict, Defaults { timeout_minutes: Number::Whole(0), record: Record::Tty, logs_allowed: true });
        let lax = read(&answer("-1.0 minutes", "global", ""));
        assert_eq!(lax, Defaults { timeout_minutes: Number::Whole(-1), record: Record::Global, logs_allowed: false });
        assert_eq!(read(&answer("2.5 minutes", "ppid", "")).timeout_minutes, Number::Fraction(2.5));
    }

    #[test]
    fn what_is_cut_short_doubled_or_of_another_kind_is_not_read() {
        let whole = answer("0.0 minutes", "tty", LOGS);
        for end in 0..whole.trim_end().len() {
            assert!(parse(&out(&whole[..end])).is_err(), "{}", &whole[..end]);
        }
        for bad in [
            format!("{whole}{whole}"),
            answer("0.0 minutes", "tty", &LOGS.repeat(2)),
            answer("0.0 seconds", "tty", LOGS),
            answer("0.0 minutes", "something", LOGS),
            answer("0.0 minutes", "tty", "Authentication timestamp timeout: 5.0 minutes\n"),
            whole.replace("audit plugin version 1.9.13p2", "audit plugin version 1.9.13p3"),
            // What others than root are told.
            "Sudo version 1.9.13p2\nSudoers policy plugin version 1.9.13p2\nSudoers audit plugin version 1.9.13p2\n"
                .into(),
        ] {
            assert!(parse(&out(&bad)).is_err(), "{bad}");
        }
        assert!(parse(&out_with(1, &whole)).is_err());
        let mut warned = out(&whole);
        warned.stderr = b"/etc/sudoers.d/x:1:9: syntax error\n".to_vec();
        assert!(parse(&warned).is_err());
    }
}
