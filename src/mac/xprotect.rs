//! `xprotect`: macOS's own malware protection (macOS 15 and later).

use serde::Serialize;

use super::lines::{Reply, after, either, integer};
use super::{Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/bin/xprotect";

/// Whether XProtect looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Whether it looks at software when that is started.
    pub launch_scans: bool,
    /// Whether it looks for known malware in the background.
    pub background_scans: bool,
}

/// What XProtect knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The version of its data: a number that only ever grows.
    pub version: i64,
    /// When it was installed, as printed.
    pub installed: String,
}

/// Does XProtect look?
#[must_use]
pub fn status() -> Question<Status> {
    Question::lines(Invocation::new(PROGRAM, &["status"]), parse_status)
}

/// How new is what XProtect knows?
#[must_use]
pub fn version() -> Question<Version> {
    Question::lines(Invocation::new(PROGRAM, &["version"]), parse_version)
}

/// Reads `status`: a line for each kind of scan (as quoted by scripts that match them on real Macs, and by notes from macOS 26).
///
/// # Errors
/// [`Misread`] for anything but the two lines.
pub(crate) fn parse_status(output: &Output) -> Result<Status, Misread> {
    const EXPECTED: &str = "\"XProtect launch scans:\" and \"XProtect background scans:\", each enabled or disabled";
    let reply = Reply::of(output)?;
    let fail = || reply.misread(EXPECTED);
    let [launch, background] = reply.lines.as_slice() else { return Err(fail()) };
    let flag = |line: &str, label: &str| {
        after(line, label).and_then(|word| either(word, ("enabled", true), ("disabled", false))).ok_or_else(fail)
    };
    let status = Status {
        launch_scans: flag(launch, "XProtect launch scans: ")?,
        background_scans: flag(background, "XProtect background scans: ")?,
    };
    reply.status_in(&[0], EXPECTED)?;
    Ok(status)
}

/// Reads `version`: `Version: 5346 Installed: 2026-05-28 08:53:39 +0000`.
///
/// # Errors
/// [`Misread`] for anything but that line.
pub(crate) fn parse_version(output: &Output) -> Result<Version, Misread> {
    const EXPECTED: &str = "\"Version: NUMBER Installed: DATE\"";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let line = reply.only(EXPECTED)?;
    let parts = after(line, "Version: ").and_then(|rest| rest.split_once(" Installed: "));
    let read = parts.and_then(|(version, installed)| {
        let whole = is_date(installed).then(|| installed.to_owned())?;
        Some(Version { version: integer(version).filter(|version| *version > 0)?, installed: whole })
    });
    read.ok_or_else(|| reply.misread(EXPECTED))
}

/// Whether `text` is a date as `NSDate` describes itself: `2026-05-28 08:53:39 +0000`.
fn is_date(text: &str) -> bool {
    let shape = b"dddd-dd-dd dd:dd:dd +dddd";
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            b'+' => byte == b'+' || byte == b'-',
            other => byte == *other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn both_kinds_of_scan_are_read_in_their_order() {
        let both = |launch: &str, background: &str| {
            parse_status(&out(&format!("XProtect launch scans: {launch}\nXProtect background scans: {background}\n")))
        };
        for (launch, background, read) in [
            ("enabled", "enabled", Some((true, true))),
            ("disabled", "enabled", Some((false, true))),
            ("enabled", "disabled", Some((true, false))),
            ("on", "enabled", None),
            ("enabled", "", None),
        ] {
            let is = both(launch, background).ok().map(|status| (status.launch_scans, status.background_scans));
            assert_eq!(is, read, "{launch} {background}");
        }
        for bad in [
            "",
            "XProtect launch scans: enabled\n",
            "XProtect background scans: enabled\nXProtect launch scans: enabled\n",
        ] {
            assert!(parse_status(&out(bad)).is_err(), "{bad}");
        }
        assert!(
            parse_status(&out_with(1, "XProtect launch scans: enabled\nXProtect background scans: enabled\n")).is_err()
        );
    }

    #[test]
    fn a_version_comes_with_its_date() {
        let read = parse_version(&out("Version: 5346 Installed: 2026-05-28 08:53:39 +0000\n")).unwrap();
        assert_eq!((read.version, read.installed.as_str()), (5346, "2026-05-28 08:53:39 +0000"));
        for bad in [
            "Version: 5346\n",
            "Version: 0 Installed: 2026-05-28 08:53:39 +0000\n",
            "Version: 53.46 Installed: 2026-05-28 08:53:39 +0000\n",
            "Version: 5346 Installed: 2026-05-28 08:53:39\n",
            "Version: 5346 Installed: 2026-05-28 08:53:39 +000\n",
            "Version: 5346 Installed: never\n",
            "",
        ] {
            assert!(parse_version(&out(bad)).is_err(), "{bad}");
        }
        assert!(parse_version(&out_with(64, "Version: 5346 Installed: 2026-05-28 08:53:39 +0000\n")).is_err());
    }
}
