//! `bioutil`: what fingerprints may be used for on the whole Mac.

use serde::Serialize;

use super::lines::{Reply, after, said};
use super::{Invocation, Misread, Output, Question};

/// What fingerprints may be used for on the whole Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Biometrics {
    /// Whether they may be used at all.
    pub functionality: bool,
    /// Whether they may unlock the screen.
    pub unlock: bool,
}

/// What may fingerprints be used for on the whole Mac? Every Apple silicon Mac answers, also one without a sensor: it is the
/// Secure Enclave that is asked.
#[must_use]
pub fn system() -> Question<Biometrics> {
    Question::lines(Invocation::new("/usr/bin/bioutil", &["-r", "-s"]), parse_system)
}

/// Reads the answer: a heading, a line for each setting, and that it went well.
///
/// # Errors
/// [`Misread`] where the heading, one of the two settings or the last line is missing, or a setting is neither 0 nor 1.
pub(crate) fn parse_system(output: &Output) -> Result<Biometrics, Misread> {
    const EXPECTED: &str = "\"System Touch ID configuration:\", its settings, and that it was performed successfully";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let [heading, settings @ .., done] = reply.lines.as_slice() else { return Err(fail()) };
    if !said(heading, "System Touch ID configuration:") || !said(done, "Operation performed successfully") {
        return Err(fail());
    }
    let switch = |label: &str| {
        let mut values = settings.iter().filter_map(|line| after(line.trim(), label));
        match (values.next().map(str::trim), values.next()) {
            (Some("1"), None) => Ok(true),
            (Some("0"), None) => Ok(false),
            _ => Err(fail()),
        }
    };
    Ok(Biometrics { functionality: switch("Biometrics functionality:")?, unlock: switch("Biometrics for unlock:")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    const ON: &str = "System Touch ID configuration:\n\tBiometrics functionality: 1\n\tBiometrics for unlock: 1\n\
                      \tBiometric timeout (in seconds): 172800\nOperation performed successfully.\n";

    #[test]
    fn both_settings_are_read() {
        assert_eq!(parse_system(&out(ON)), Ok(Biometrics { functionality: true, unlock: true }));
        let off = ON.replace("unlock: 1", "unlock: 0");
        assert_eq!(parse_system(&out(&off)), Ok(Biometrics { functionality: true, unlock: false }));
    }

    #[test]
    fn an_answer_that_lacks_a_line_is_refused() {
        for line in ["System Touch ID", "\tBiometrics functionality", "\tBiometrics for unlock", "Operation"] {
            let less: String = ON.split_inclusive('\n').filter(|whole| !whole.starts_with(line)).collect();
            assert!(less.len() < ON.len(), "{line}");
            assert!(parse_system(&out(&less)).is_err(), "{line}");
        }
        assert!(parse_system(&out(&ON.replace("unlock: 1", "unlock: 2"))).is_err());
        assert!(parse_system(&out(&ON.replace("unlock: 1", "unlock: 1\n\tBiometrics for unlock: 0"))).is_err());
        assert!(parse_system(&out_with(1, ON)).is_err());
        assert!(parse_system(&out("")).is_err());
    }
}
