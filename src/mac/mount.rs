//! `mount`: which file systems are mounted, and how.

use serde::Serialize;

use super::lines::Reply;
use super::{Invocation, Misread, Output, Question};

/// How the file system at `/` is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Root {
    /// What is mounted: `/dev/disk3s1s1`.
    pub device: String,
    /// Its type and options, in order: `apfs`, `sealed`, `local`, `read-only`, `journaled`.
    pub options: Vec<String>,
}

/// How is the file system at `/` mounted?
#[must_use]
pub fn root() -> Question<Root> {
    Question::lines(Invocation::new("/sbin/mount", &[]), parse_root)
}

/// Reads the list: `DEVICE on PATH (TYPE, OPTION, ...)` a line.
///
/// # Errors
/// [`Misread`] where a line has another form, or not exactly one is about `/`: a volume's name can hold a line break, and must
/// not pass for a line of its own.
pub(crate) fn parse_root(output: &Output) -> Result<Root, Misread> {
    const EXPECTED: &str = "lines \"DEVICE on PATH (OPTIONS)\", one of them for /";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let mut found = Vec::new();
    for line in &reply.lines {
        let (mounted, options) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")).ok_or_else(fail)?;
        let (device, _) = mounted.split_once(" on /").ok_or_else(fail)?;
        if mounted.ends_with(" on /") {
            let options = options.split(", ").map(str::to_owned).collect();
            found.push(Root { device: device.to_owned(), options });
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(root), true) if root.device.starts_with("/dev/") => Ok(root),
        _ => Err(fail()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    const SEALED: &str = "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n";
    const REST: &str = "devfs on /dev (devfs, local, nobrowse)\nmap auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)\n";

    #[test]
    fn the_line_of_the_root_is_found_among_the_others() {
        let read = parse_root(&out(&format!("{SEALED}{REST}"))).unwrap();
        assert_eq!(read.device, "/dev/disk3s1s1");
        assert_eq!(read.options, ["apfs", "sealed", "local", "read-only", "journaled"]);
    }

    #[test]
    fn no_line_two_lines_and_other_lines_are_refused() {
        let forged = "/dev/disk9s1 on /Volumes/x\n/dev/disk9 on / (apfs, sealed, local, read-only)\n";
        for bad in [
            String::new(),
            REST.to_owned(),
            format!("{SEALED}{SEALED}"),
            format!("{SEALED}{forged}"),
            format!("{SEALED}garbage\n"),
            SEALED.replace("/dev/disk3s1s1", "//server/share"),
        ] {
            assert!(parse_root(&out(&bad)).is_err(), "{bad}");
        }
        assert!(parse_root(&out_with(1, SEALED)).is_err());
    }
}
