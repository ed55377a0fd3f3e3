//! `chmod` and `chown`: who may do what with a file, and whose it is. By number, one path at a time, and never through a link.
//!
//! chmod(1) and chown(8) of macOS: `-h` changes a symbolic link itself, not what it leads to. So whatever is put in the path's
//! place after it was looked at, nothing elsewhere is changed.

use super::changes::{Single, is_plain_path};
use super::{Change, FileKind, FileStatus, Invocation, Question, lines};

/// Gives the file or folder at `path` the permission bits `mode`.
#[must_use]
pub fn set_mode(path: &str, mode: u32) -> Change {
    Change { run: Invocation::new("/bin/chmod", &["-h", &format!("{mode:04o}"), path]), read: lines::silence }
}

/// Gives the file or folder at `path` to a user and a group, by their numbers.
#[must_use]
pub fn set_owner(path: &str, owner: u32, group: u32) -> Change {
    let ids = format!("{owner}:{group}");
    Change { run: Invocation::new("/usr/sbin/chown", &["-h", &ids, path]), read: lines::silence }
}

/// Whether the agent changes the owner and mode of what stands at `path`: audit's configuration, its trails, and homes.
#[must_use]
pub fn is_ours_to_set(path: &str) -> bool {
    let directly_in = |folder: &str| {
        path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.contains('/'))
    };
    let known = ["/private/etc/security/audit_control", "/private/var/audit"].contains(&path)
        || directly_in("/private/var/audit")
        || directly_in("/Users");
    known && is_plain_path(path)
}

/// Whether these are permission bits that the agent sets or puts back: none of them lends the owner's or the group's rights.
#[must_use]
pub fn is_plain_mode(mode: u32) -> bool {
    mode & !0o1777 == 0
}

/// The command `args` of `chmod` as a change of the agent's own.
pub(super) fn own_mode(args: &[&str]) -> Option<Vec<Single>> {
    let ["-h", digits, path] = args else { return None };
    let is_octal = digits.len() == 4 && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    let mode = u32::from_str_radix(digits, 8).ok().filter(|mode| is_octal && is_plain_mode(*mode))?;
    let holds =
        Question::status(path, *digits, |wanted, found| Ok(is_so(found, |is| format!("{:04o}", is.mode), wanted)));
    is_ours_to_set(path).then(|| vec![Single::new(format!("mode of {path}"), set_mode(path, mode), vec![holds])])
}

/// The command `args` of `chown` as a change of the agent's own.
pub(super) fn own_owner(args: &[&str]) -> Option<Vec<Single>> {
    let ["-h", ids, path] = args else { return None };
    let (owner, group) = ids.split_once(':')?;
    let change = set_owner(path, owner.parse().ok()?, group.parse().ok()?);
    let as_given = change.run.argv.get(2).is_some_and(|written| written == ids);
    let holds = Question::status(path, *ids, |wanted, found| {
        Ok(is_so(found, |is| format!("{}:{}", is.owner, is.group), wanted))
    });
    (as_given && is_ours_to_set(path)).then(|| vec![Single::new(format!("owner of {path}"), change, vec![holds])])
}

fn is_so(found: Option<FileStatus>, shown: fn(&FileStatus) -> String, wanted: &str) -> bool {
    found.is_some_and(|found| found.kind != FileKind::Link && shown(&found) == wanted)
}
