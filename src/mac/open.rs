//! `open`: the URL by which Jamf Trust is told to sign out.

use super::lines::Reply;
use super::{Change, Invocation, Misread, Output};

/// Tells Jamf Trust to sign out, in the login session of user `uid`. The app is named beside the URL, so that no other
/// program that claims the scheme gets it, and stays in the background.
///
/// That `open` succeeds means that the app was handed the URL, not that it signed out.
#[must_use]
pub fn sign_out(uid: u32) -> Change {
    let args = ["-g", "-a", "Jamf Trust", "com.jamf.trust://?action=sign_out"];
    Change { run: Invocation::new("/usr/bin/open", &args).as_user(uid), read: parse }
}

/// Reads the answer: nothing and exit status 0, or a refusal in words.
///
/// Seen in published reports, none of it documented: `Unable to find application named 'Jamf Trust'` with status 1, and
/// `_LSOpenURLsWithCompletionHandler() failed with error -600 ...`. Whatever `open` says as it fails is taken for its
/// refusal, since the words are for people.
///
/// # Errors
/// [`Misread::Refused`] for words with status 1; [`Misread::Unexpected`] for anything else that is not silence and 0.
pub(crate) fn parse(output: &Output) -> Result<(), Misread> {
    const EXPECTED: &str = "silence, or words that say why not";
    let reply = Reply::merged(output)?;
    match (output.status, reply.lines.as_slice()) {
        (0, []) => Ok(()),
        (1, [_, ..]) => Err(Misread::refused(&reply.lines.join(" "))),
        _ => {
            reply.status_in(&[0, 1], EXPECTED)?;
            Err(reply.misread(EXPECTED))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out};

    #[test]
    fn the_url_goes_to_the_named_app_in_the_users_session() {
        let change = sign_out(501);
        assert_eq!(change.run.argv, ["/usr/bin/open", "-g", "-a", "Jamf Trust", "com.jamf.trust://?action=sign_out"]);
        assert_eq!(change.run.as_user, Some(501));
    }

    #[test]
    fn silence_is_success_and_words_with_a_failure_are_a_refusal() {
        assert_eq!(parse(&Output::default()), Ok(()));
        for words in [
            "Unable to find application named 'Jamf Trust'",
            "_LSOpenURLsWithCompletionHandler() failed with error -600 for the URL com.jamf.trust://?action=sign_out.",
        ] {
            let refused = parse(&err(1, &format!("{words}\n")));
            assert_eq!(refused, Err(Misread::Refused { words: words.to_owned() }));
        }
        for other in [err(1, ""), err(0, "Unable to find application\n"), out("done\n"), err(99, "x\n")] {
            assert!(matches!(parse(&other), Err(Misread::Unexpected { .. })), "{other:?}");
        }
    }
}
