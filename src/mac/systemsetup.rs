//! `systemsetup`: sharing switches and network time. It refuses on standard output with exit status 0, reads included.

use serde::Serialize;

use super::lines::{Reply, after, either};
use super::{Misread, Output};

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// Whether it is on.
    pub on: bool,
}

/// The label that each getter prints before its answer.
pub(crate) const LABELS: &[(&str, &str)] = &[
    ("-getremotelogin", "Remote Login: "),
    ("-getremoteappleevents", "Remote Apple Events: "),
    ("-getusingnetworktime", "Network Time: "),
];

/// Reads the answer of a getter that prints `label`.
///
/// # Errors
/// [`Misread`] for anything but one line with that label; a refusal is named.
pub(crate) fn parse(label: &str, output: &Output) -> Result<Switch, Misread> {
    let expected = format!("\"{label}On\" or \"{label}Off\"");
    let reply = Reply::of(output)?;
    reply.status_in(&[0], &expected)?;
    let word = after(reply.only(&expected)?, label);
    let on = word.and_then(|word| either(word, ("On", true), ("Off", false)));
    on.map(|on| Switch { on }).ok_or_else(|| reply.misread(&expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn a_switch_is_read_under_its_own_label_only() {
        let read = |output: &Output| parse("Remote Login: ", output).map(|read| read.on);
        assert_eq!(read(&out("Remote Login: On\n")), Ok(true));
        assert_eq!(read(&out("Remote Login: off\r\n")), Ok(false));
        let refused = read(&out("You need administrator access to run this tool... exiting!\n"));
        assert!(matches!(refused, Err(Misread::Refused { .. })));
        for bad in ["", "Remote Login: O", "Remote Apple Events: On\n", "Remote Login: On\nRemote Login: Off\n"] {
            assert!(read(&out(bad)).is_err(), "{bad}");
        }
        assert!(read(&out_with(99, "Remote Login: On\n")).is_err());
    }
}
