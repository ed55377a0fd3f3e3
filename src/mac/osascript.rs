//! `osascript`: a notice in Notification Center.

use super::{Change, Invocation, lines};

/// Shows `message` under `title` in the login session of user `uid`.
///
/// Both reach the script as arguments of its `run` handler (osascript(1): what follows the script is passed to it), never
/// as part of its text, so nothing in them is ever executed. That the notice was seen cannot be told: a Mac that does not
/// let Script Editor notify shows nothing and reports no error.
#[must_use]
pub fn notify(uid: u32, title: &str, message: &str) -> Change {
    const SCRIPT: [&str; 3] =
        ["on run argv", "display notification (item 1 of argv) with title (item 2 of argv)", "end run"];
    // An argument that began with a dash could be taken for an option; in a text the blank before it does no harm.
    let (message, title) = (plain(message), plain(title));
    let args = ["-e", SCRIPT[0], "-e", SCRIPT[1], "-e", SCRIPT[2], &message, &title];
    Change { run: Invocation::new("/usr/bin/osascript", &args).as_user(uid), read: lines::silence }
}

/// `text` so that no option parser takes it for an option.
pub(crate) fn plain(text: &str) -> String {
    if text.starts_with('-') { format!(" {text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::err;
    use crate::mac::{Misread, Output};

    #[test]
    fn texts_are_arguments_whatever_is_in_them() {
        let change = notify(501, "-e", "\" & (do shell script \"id\") & \"");
        let argv = &change.run.argv;
        assert_eq!(argv[..2], ["/usr/bin/osascript", "-e"]);
        assert_eq!(argv[7..], ["\" & (do shell script \"id\") & \"", " -e"]);
        assert!(!argv[..7].iter().any(|part| part.contains("shell")));
        assert_eq!(change.run.as_user, Some(501));
    }

    #[test]
    fn silence_is_success_and_nothing_else() {
        let change = notify(501, "t", "m");
        assert_eq!((change.read)(&Output::default()), Ok(()));
        let failed = err(1, "0:0: execution error: Not authorized to send Apple events. (-1743)\n");
        assert!(matches!((change.read)(&failed), Err(Misread::Refused { .. })));
    }
}
