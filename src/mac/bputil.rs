//! `bputil -d`: the startup security policy of an Apple silicon Mac, one block per volume group. Needs root.

use serde::Serialize;

use super::lines::{Reply, after, said};
use super::{Invocation, Misread, Output, Question};

/// Policies of all volume groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policies {
    /// In the order printed.
    pub volumes: Vec<Policy>,
}

/// The policy of one volume group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The security mode.
    pub security_mode: SecurityMode,
}

/// Security mode of a volume group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityMode {
    /// Full Security.
    Full,
    /// Reduced Security.
    Reduced,
    /// Permissive Security.
    Permissive,
    /// The block has no mode line, or the policy could not be read.
    Unknown,
}

/// What policies are there? Reports only: `-d` changes nothing.
#[must_use]
pub fn display() -> Question<Policies> {
    Question::lines(Invocation::new("/usr/bin/bputil", &["-d"]), parse)
}

/// What macOS 14 prints above the policy of the running system, instead of a volume group's UUID and without a warning.
const CURRENT: &str = "Current local policy:";

/// A block while it is read: whose it is, and its mode.
type Group = (String, Option<SecurityMode>);

/// Reads the answer. Whole sentences before the first block are the tool's warning and are passed over.
///
/// # Errors
/// [`Misread`] where there is no block, a line in one is no `label: value`, a mode line is not a known one, or a line tells
/// of another error than that a policy could not be shown.
pub(crate) fn parse(output: &Output) -> Result<Policies, Misread> {
    const EXPECTED: &str = "\"Local policy for volume group\" and its lines";
    let reply = Reply::of(output)?;
    let fail = || reply.misread(EXPECTED);
    let mut groups: Vec<Group> = Vec::new();
    let mut failed = false;
    for line in reply.lines.iter().map(|line| line.trim_start()) {
        if said(line, CURRENT) {
            groups.push((CURRENT.to_owned(), None));
        } else if let Some(group) = after(line, "Local policy for volume group ") {
            let group = group.strip_prefix("UUID ").unwrap_or(group).strip_suffix(':').ok_or_else(fail)?;
            groups.push((group.to_owned(), None));
        } else if let Some(group) = unreadable(line) {
            failed = true;
            if !groups.iter().any(|(name, _)| name.starts_with(group)) {
                groups.push((group.to_owned(), Some(SecurityMode::Unknown)));
            }
        } else if after(line, "error").is_some() {
            return Err(fail());
        } else if let Some((_, slot)) = groups.last_mut() {
            if !line.contains(':') {
                return Err(fail());
            }
            if let Some(mode) = mode_line(line)
                && slot.replace(mode.ok_or_else(fail)?).is_some()
            {
                return Err(fail());
            }
        } else if !line.ends_with(['.', '!']) {
            return Err(fail());
        }
    }
    reply.status_in(if failed { &[0, 1] } else { &[0] }, EXPECTED)?;
    if groups.is_empty() {
        return Err(fail());
    }
    let policy = |(_, mode): &Group| Policy { security_mode: mode.unwrap_or(SecurityMode::Unknown) };
    Ok(Policies { volumes: groups.iter().map(policy).collect() })
}

/// The group that a line says could not be shown.
fn unreadable(line: &str) -> Option<&str> {
    let group = after(line, "Can't get local policy for Volume Group UUID ")
        .or_else(|| after(line, "Failed to display local policy for volume group "))?;
    Some(super::lines::unstopped(group.trim()))
}

/// The mode in `Security Mode: Full (smb0): absent`; `None` for another line, `Some(None)` for an unknown mode.
fn mode_line(line: &str) -> Option<Option<SecurityMode>> {
    let words: Vec<&str> = after(line, "Security Mode:")?.split_whitespace().collect();
    Some(match words.as_slice() {
        ["Full", "(smb0):", "absent" | "0"] => Some(SecurityMode::Full),
        ["Reduced", "(smb0):", "1"] => Some(SecurityMode::Reduced),
        ["Permissive", "(smb0", "&&", "smb1):", "1"] => Some(SecurityMode::Permissive),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn read(body: &str) -> Option<Vec<SecurityMode>> {
        modes(&format!("Use at your own risk!\n\nLocal policy for volume group A1:\nOS environment:\n{body}"))
    }

    fn modes(text: &str) -> Option<Vec<SecurityMode>> {
        parse(&out(text)).ok().map(|read| read.volumes.iter().map(|volume| volume.security_mode).collect())
    }

    #[test]
    fn every_mode_is_read() {
        use SecurityMode::{Full, Permissive, Reduced, Unknown};
        assert_eq!(
            read("Security Mode                 (CSEC): 1\nSecurity Mode:      Full   (smb0): absent\n"),
            Some(vec![Full])
        );
        assert_eq!(read("Security Mode: Reduced (smb0): 1\n"), Some(vec![Reduced]));
        assert_eq!(read("Security Mode: Permissive (smb0 && smb1): 1\n"), Some(vec![Permissive]));
        let second = "Security Mode: Full (smb0): absent\nCan't get local policy for Volume Group UUID B2\nFailed to display local policy for volume group B2\n";
        assert_eq!(read(second), Some(vec![Full, Unknown]));
        assert_eq!(read("OS Type : macOS\n"), Some(vec![Unknown]));
        let indented =
            "\t\tUse at your own risk!\n\t\tLocal policy for volume group A:\n\t\tSecurity Mode: Full (smb0): absent\n";
        assert_eq!(modes(indented), Some(vec![Full]));
    }

    #[test]
    fn the_policy_of_the_running_system_has_a_header_without_a_volume_group() {
        let text = "\nCurrent local policy:\nOS environment:\nOS Type          : macOS\n\nLocal policy:\nPairing Integrity    : Valid\nSecurity Mode        (CSEC): 1\nSecurity Mode:      Reduced   (smb0): 1\n";
        assert_eq!(modes(text), Some(vec![SecurityMode::Reduced]));
        assert_eq!(modes("bputil is not yet supported on this platform\n"), None);
        assert_eq!(modes("Local policy:\nSecurity Mode: Full (smb0): absent\n"), None);
    }

    #[test]
    fn unclear_modes_are_refused() {
        for bad in [
            "Security Mode: Full (smb0): 1\n",
            "Security Mode: Reduced (smb0): absent\n",
            "Security Mode: Full\n",
            "Security Mode: Full (smb0): absent\nSecurity Mode: Reduced (smb0): 1\n",
            "Security Mode: Vollständig (smb0): absent\n",
            "garbage\n",
            "Security Mode: Full (smb0): absent\nError: x\n",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(
            parse(&out("garbage\nLocal policy for volume group A:\nSecurity Mode: Full (smb0): absent\n")).is_err()
        );
        assert!(parse(&out("Use at your own risk!\n")).is_err());
        assert!(
            parse(&out_with(99, "Local policy for volume group A:\nSecurity Mode: Full (smb0): absent\n")).is_err()
        );
    }
}
