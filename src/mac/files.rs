//! Files of which only their place matters: whether one is there, and moving it out of the way so that it can be put back.

use super::changes::{Single, is_plain_path};
use super::{Change, FileAnswer, Invocation, Question, lines};

/// Is there a file at `path`, whatever is in it and whoever owns it?
#[must_use]
pub fn is_there(path: &str) -> Question<bool> {
    Question::file(path, |file| Ok(matches!(file, FileAnswer::Present { .. })))
}

/// Moves the file at `from` to `to`, both absolute paths, and overwrites nothing.
///
/// mv(1): `-n` leaves a file that is at `to` alone, without a word and with exit status 0. So silence is no proof here,
/// less than anywhere; look again.
#[must_use]
pub fn move_aside(from: &str, to: &str) -> Change {
    Change { run: Invocation::new("/bin/mv", &["-n", from, to]), read: lines::silence }
}

/// Where the agent keeps what it moves out of the way.
pub const REPLACED: &str = "/Library/Application Support/Holdfast/replaced";

/// The command `args` as a change of the agent's own: a file somewhere below `/Library` moved to [`REPLACED`], or back.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let ["-n", from, to] = args else { return None };
    let is_aside = |path: &str| {
        let name = path.strip_prefix(REPLACED).and_then(|rest| rest.strip_prefix('/'));
        name.is_some_and(|name| !name.contains('/')) && is_plain_path(path)
    };
    let is_place = |path: &str| {
        let lower = path.to_ascii_lowercase();
        let ours = ["/library/holdfast/", "/library/application support/holdfast/"];
        path.starts_with("/Library/") && is_plain_path(path) && !ours.iter().any(|folder| lower.starts_with(folder))
    };
    let place = match (is_aside(from), is_aside(to)) {
        (true, false) if is_place(to) => *to,
        (false, true) if is_place(from) => *from,
        _ => return None,
    };
    let is_gone = Question::file(from, |file| Ok(*file == FileAnswer::Absent));
    Some(vec![Single::new(format!("file {place}"), move_aside(from, to), vec![is_gone, is_there(to)])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::err;
    use crate::mac::{Misread, Output};

    #[test]
    fn a_change_is_silent_or_refused() {
        let change = move_aside("/Library/a b", "/Library/c");
        assert_eq!(change.run.argv, ["/bin/mv", "-n", "/Library/a b", "/Library/c"]);
        assert_eq!((change.read)(&Output::default()), Ok(()));
        let denied = err(1, "mv: rename /Library/a b to /Library/c: Operation not permitted\n");
        assert!(matches!((change.read)(&denied), Err(Misread::Refused { .. })));
        assert!((change.read)(&err(1, "mv: /Library/a b: No such file or directory\n")).is_err());
    }
}
