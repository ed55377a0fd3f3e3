//! `ps`: which programs run, and as whom.

use super::{Invocation, Misread, Output, Question};

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// User id of its owner.
    pub uid: u32,
    /// Its program's path, as the process itself was started with it: whoever starts a program may put anything here, so
    /// it says what honest programs are and proves nothing. May hold blanks, and may be empty.
    pub path: String,
}

/// The first process of every Mac: an answer without it is not whole.
const LAUNCHD: &str = "/sbin/launchd";

/// Which processes are there?
#[must_use]
pub fn processes() -> Question<Vec<Process>> {
    Question::lines(Invocation::new("/bin/ps", &["-axo", "uid=,comm="]), parse)
}

/// Reads the answer: a line for each process, its owner's user id and its program.
///
/// That `comm` is the whole path on a Mac is seen in many published answers and not documented; nor is what `ps` makes of
/// a name with a line break or with bytes that are no text. Any user can give a process such a name, so these are let
/// pass (a line that begins with no number belongs to the name before it) instead of making the answer unreadable.
///
/// # Errors
/// [`Misread`] for words on standard error, another exit status than 0, and an answer without root's `launchd`.
pub(crate) fn parse(output: &Output) -> Result<Vec<Process>, Misread> {
    const EXPECTED: &str = "a user id and a program a line, root's /sbin/launchd among them";
    super::lines::quiet(output, EXPECTED)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut processes: Vec<Process> = Vec::new();
    for line in text.lines() {
        if let Some(process) = process(line) {
            processes.push(process);
        } else if let Some(before) = processes.last_mut() {
            before.path.push('\n');
            before.path.push_str(line);
        } else {
            return Err(Misread::new(EXPECTED, line));
        }
    }
    let whole = processes.iter().any(|process| process.uid == 0 && process.path == LAUNCHD);
    if whole { Ok(processes) } else { Err(Misread::new(EXPECTED, &*text)) }
}

/// Blanks, a number, one blank, the program. Accounts such as `nobody` have ids that are printed with a minus sign.
fn process(line: &str) -> Option<Process> {
    let line = line.trim_start_matches(' ');
    let (uid, path) = line.split_once(' ').unwrap_or((line, ""));
    let digits = uid.strip_prefix('-').unwrap_or(uid);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let uid = uid.parse::<u32>().ok().or_else(|| uid.parse::<i32>().ok().map(i32::cast_unsigned))?;
    Some(Process { uid, path: path.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    fn read(text: &str) -> Vec<(u32, String)> {
        parse(&out(text)).unwrap().into_iter().map(|process| (process.uid, process.path)).collect()
    }

    #[test]
    fn owners_and_whole_paths_are_read() {
        let rows = read(
            "    0 /sbin/launchd\n  501 /Applications/Jamf Trust.app/Contents/MacOS/Jamf Trust\n   -2 /x y\n  501 \n",
        );
        let expected = [
            (0, "/sbin/launchd"),
            (501, "/Applications/Jamf Trust.app/Contents/MacOS/Jamf Trust"),
            (4_294_967_294, "/x y"),
            (501, ""),
        ];
        assert_eq!(rows, expected.map(|(uid, path)| (uid, path.to_owned())));
    }

    #[test]
    fn no_name_of_a_process_makes_the_others_unreadable() {
        assert_eq!(
            read("0 /sbin/launchd\n501 a\nb\n502 /c\n")[1..],
            [(501, "a\nb".to_owned()), (502, "/c".to_owned())]
        );
        let mut bytes = b"0 /sbin/launchd\n501 ".to_vec();
        bytes.extend([0xff, b'\n']);
        assert_eq!(parse(&Output { status: 0, stdout: bytes, stderr: Vec::new() }).unwrap().len(), 2);
    }

    #[test]
    fn anything_but_a_whole_list_is_refused() {
        for bad in ["", "\n", "501 /bin/zsh\n", "/sbin/launchd\n", "x\n0 /sbin/launchd\n", "501 /sbin/launchd\n"] {
            assert!(parse(&out(bad)).is_err(), "{bad}");
        }
        assert!(parse(&out_with(1, "0 /sbin/launchd\n")).is_err());
        assert!(parse(&err(0, "ps: time: requires entitlement\n")).is_err());
    }
}
