//! `cupsctl`: how the printing system is set. It needs root for all of it, and may start `cupsd`.

use serde::Serialize;

use super::changes::Single;
use super::lines::{self, Reply, misread};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/sbin/cupsctl";

/// Printers of this Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sharing {
    /// Whether they are offered to others.
    pub share_printers: bool,
}

/// Are printers offered to others?
#[must_use]
pub fn sharing() -> Question<Sharing> {
    Question::lines(Invocation::new(PROGRAM, &[]), parse)
}

/// Offers printers to others, or not.
#[must_use]
pub fn share_printers(on: bool) -> Change {
    let verb = if on { "--share-printers" } else { "--no-share-printers" };
    Change { run: Invocation::new(PROGRAM, &[verb]), read: lines::silence }
}

/// The command `args` as a change of the agent's own: [`share_printers`].
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let (on, word) = match args {
        ["--share-printers"] => (true, "1"),
        ["--no-share-printers"] => (false, "0"),
        _ => return None,
    };
    let is = |word: &str, output: &Output| Ok(parse(output)?.share_printers == (word == "1"));
    let holds = Question::about(Invocation::new(PROGRAM, &[]), word, is);
    Some(vec![Single::new("printer sharing", share_printers(on), vec![holds])])
}

/// Reads the answer: a line `KEY=VALUE` each (`cupsctl(8)` names the keys that begin with an underscore).
///
/// # Errors
/// [`Misread`] for other lines, and where `_share_printers` is not there once as 0 or 1.
pub(crate) fn parse(output: &Output) -> Result<Sharing, Misread> {
    const EXPECTED: &str = "lines KEY=VALUE, one of them \"_share_printers=0\" or \"=1\"";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || misread(EXPECTED, &reply.lines.join("\n"));
    let mut found = None;
    for line in &reply.lines {
        let (key, value) = line.split_once('=').ok_or_else(fail)?;
        let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !plain {
            return Err(fail());
        }
        let value = match (key, value) {
            ("_share_printers", "0") => false,
            ("_share_printers", "1") => true,
            ("_share_printers", _) => return Err(fail()),
            _ => continue,
        };
        if found.replace(value).is_some() {
            return Err(fail());
        }
    }
    found.map(|share_printers| Sharing { share_printers }).ok_or_else(fail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    #[test]
    fn the_switch_is_read_under_its_own_key_only() {
        let read = |text: &str| parse(&out(text)).map(|read| read.share_printers).ok();
        let text = "_debug_logging=0\n_remote_any=0\n_share_printers=1\nBrowseLocalProtocols=dnssd\n";
        assert_eq!(read(text), Some(true));
        assert_eq!(read(&text.replace("printers=1", "printers=0")), Some(false));
        for bad in [
            "",
            "_remote_any=1\n",
            "_share_printers=\n",
            "_share_printers=10\n",
            "_share_printers=0\n_share_printers=1\n",
            "not _share_printers=0\n",
            "cupsctl: Unauthorized\n_share_printers=0\n",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(parse(&out_with(1, text)).is_err());
        assert!((share_printers(false).read)(&err(1, "cupsctl: Forbidden\n")).is_err());
    }
}
