//! `pkgutil`: the receipts of what `installer` has put on the startup volume.

use serde::Serialize;

use super::lines::{Reply, said};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/sbin/pkgutil";

/// A package's receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The version that was installed; `None` where there is no receipt.
    pub version: Option<String>,
}

/// Is there a receipt for package `id` (letters, digits, dots, hyphens and underscores)?
#[must_use]
pub fn receipt(id: &str) -> Question<Receipt> {
    Question::about(Invocation::new(PROGRAM, &["--pkg-info", id]), id, parse_info)
}

/// Removes the receipt of package `id`; the files that it tells of stay.
#[must_use]
pub fn forget(id: &str) -> Change {
    Change { run: Invocation::new(PROGRAM, &["--forget", id]), read: parse_forget }
}

/// Reads the answer of `pkgutil --pkg-info ID`: the receipt's fields, or that there is none (exit status 1).
///
/// # Errors
/// [`Misread`] for anything else, another package's receipt included.
pub(crate) fn parse_info(id: &str, output: &Output) -> Result<Receipt, Misread> {
    const EXPECTED: &str = "package-id, version, volume, location and install-time, or that there is no receipt";
    let reply = Reply::of(output)?;
    if let [line] = reply.lines.as_slice()
        && said(line, &format!("No receipt for '{id}' found at '/'"))
    {
        reply.status_in(&[1], EXPECTED)?;
        return Ok(Receipt { version: None });
    }
    reply.status_in(&[0], EXPECTED)?;
    let field = |name: &str| {
        let mut found = reply.lines.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        match (found.next(), found.next()) {
            (Some(value), None) => Ok(value.trim()),
            _ => Err(reply.misread(EXPECTED)),
        }
    };
    // The last field shows that the answer is whole.
    let (of, version, volume) = (field("package-id")?, field("version")?, field("volume")?);
    let is_time = field("install-time")?.bytes().all(|byte| byte.is_ascii_digit());
    if of != id || version.is_empty() || volume != "/" || !is_time {
        return Err(reply.misread(EXPECTED));
    }
    Ok(Receipt { version: Some(version.to_owned()) })
}

/// Reads the answer of `pkgutil --forget ID`. That there was no receipt is no objection: whether it is gone is looked at
/// afterwards.
fn parse_forget(output: &Output) -> Result<(), Misread> {
    const EXPECTED: &str = "Forgot package 'ID' on '/'.";
    let reply = Reply::of(output)?;
    let line = reply.only(EXPECTED)?;
    if line.starts_with("No receipt for '") {
        return reply.status_in(&[0, 1], EXPECTED);
    }
    reply.status_in(&[0], EXPECTED)?;
    if line.starts_with("Forgot package '") { Ok(()) } else { Err(reply.misread(EXPECTED)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out};

    const ID: &str = "org.holdfast.agent";
    const INFO: &str =
        "package-id: org.holdfast.agent\nversion: 0.1.0\nvolume: /\nlocation: \ninstall-time: 1795341600\n";

    #[test]
    fn a_receipt_is_read_whole_or_not_at_all() {
        assert_eq!(parse_info(ID, &out(INFO)).unwrap().version.as_deref(), Some("0.1.0"));
        let none = "No receipt for 'org.holdfast.agent' found at '/'.\n";
        assert_eq!(parse_info(ID, &err(1, none)).unwrap().version, None);
        assert!(parse_info(ID, &err(0, none)).is_err());
        assert!(parse_info("org.other", &err(1, none)).is_err());
        assert!(parse_info("org.other", &out(INFO)).is_err());
        let times = INFO.len() - "install-time: 1795341600\n".len();
        for end in 0..=times {
            assert!(parse_info(ID, &out(&INFO[..end])).is_err(), "{end}");
        }
        for bad in [INFO.replace("volume: /", "volume: /Volumes/x"), format!("{INFO}{INFO}"), "x\n".to_owned()] {
            assert!(parse_info(ID, &out(&bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn forgetting_says_so_or_is_refused() {
        let change = forget(ID);
        assert_eq!(change.run.argv, ["/usr/sbin/pkgutil", "--forget", ID]);
        assert_eq!((change.read)(&out("Forgot package 'org.holdfast.agent' on '/'.\n")), Ok(()));
        assert_eq!((change.read)(&err(1, "No receipt for 'org.holdfast.agent' found at '/'.\n")), Ok(()));
        for bad in [out(""), out("done\n"), err(1, "Operation not permitted\n")] {
            assert!((change.read)(&bad).is_err(), "{bad:?}");
        }
    }
}
