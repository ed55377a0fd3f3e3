//! Whose a file or folder must be and who may do what with it, and the steps that make it so.
//!
//! Owner, group and mode are judged. An access control list that gives more is not seen.

use super::{Plan, Step};
use crate::host::ToolError;
use crate::mac::{FileStatus, owners};

/// Most steps that one plan makes: what they change, and how each is put back, must fit one line of the ledger.
const MOST_STEPS: usize = 24;
/// Most paths that are named in what was seen.
const MOST_NAMED: usize = 5;

/// A path, and what stands there.
pub type At = (String, FileStatus);

/// How a file or folder must be.
#[derive(Clone, Copy, Debug)]
pub struct Owned {
    /// Owner and group, where both must be so.
    pub ids: Option<(u32, u32)>,
    /// The permission bits that it may have.
    pub at_most: u32,
    /// The permission bits that are left where it has others.
    pub leave: u32,
}

impl Owned {
    /// Root's and `wheel`'s, with these permission bits at most.
    #[must_use]
    pub const fn by_root(at_most: u32) -> Self {
        Self { ids: Some((0, 0)), at_most, leave: at_most }
    }

    fn is_held(&self, found: &FileStatus) -> bool {
        self.ids.is_none_or(|ids| ids == (found.owner, found.group)) && found.mode & !self.at_most == 0
    }

    /// Where it is not so: the path with what stands there.
    #[must_use]
    pub fn broken_at(&self, path: &str, found: FileStatus) -> Option<At> {
        (!self.is_held(&found)).then(|| (path.to_owned(), found))
    }

    /// The steps that make it so at `path`. The group and the others lose first what they may do, then it changes hands.
    ///
    /// # Errors
    /// [`ToolError::Unsupported`] where what is there could not be put back: then it is not changed.
    pub fn steps(&self, (path, found): &At) -> Result<Vec<Step>, ToolError> {
        if !owners::is_ours_to_set(path) || !owners::is_plain_mode(found.mode) {
            let path = crate::text::visible(path);
            let what = format!("how to put back {path}, which is {found}; it is left alone");
            return Err(ToolError::Unsupported { what });
        }
        let mut steps = Vec::new();
        if found.mode & !self.at_most != 0 {
            steps.push(Step {
                change: owners::set_mode(path, found.mode & self.leave),
                undo: vec![owners::set_mode(path, found.mode)],
                prior: [(format!("mode of {path}"), format!("{:04o}", found.mode).into())].into(),
            });
        }
        if let Some((owner, group)) = self.ids.filter(|ids| *ids != (found.owner, found.group)) {
            let was = format!("{}:{}", found.owner, found.group);
            steps.push(Step {
                change: owners::set_owner(path, owner, group),
                undo: vec![owners::set_owner(path, found.owner, found.group)],
                prior: [(format!("owner of {path}"), was.into())].into(),
            });
        }
        Ok(steps)
    }
}

impl Plan {
    /// These steps now, if they are not too many to be recorded together.
    ///
    /// # Errors
    /// [`ToolError::Unsupported`] where they are.
    pub fn bounded(steps: Vec<Step>) -> Result<Self, ToolError> {
        if steps.len() > MOST_STEPS {
            let what = format!(
                "how to record {} changes of owners and modes together; they are left to an administrator",
                steps.len()
            );
            return Err(ToolError::Unsupported { what });
        }
        Ok(Self::Now(steps))
    }
}

/// The paths in words, the first few of them, with owner, group and mode of each.
#[must_use]
pub fn listed(all: &[At]) -> String {
    let named: Vec<String> =
        all.iter().take(MOST_NAMED).map(|(path, found)| format!("{} {found}", crate::text::visible(path))).collect();
    let more = all.len().saturating_sub(MOST_NAMED);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::FileKind;

    fn at(path: &str, owner: u32, group: u32, mode: u32) -> At {
        (path.to_owned(), FileStatus { kind: FileKind::File, owner, group, mode })
    }

    fn commands(steps: &[Step]) -> Vec<String> {
        steps.iter().map(|step| format!("{} / {}", step.change, step.undo[0])).collect()
    }

    #[test]
    fn only_what_is_wrong_is_changed_and_what_was_there_is_put_back() {
        let rule = Owned::by_root(0o440);
        let path = "/private/etc/security/audit_control";
        assert_eq!(rule.broken_at(path, at(path, 0, 0, 0o400).1), None);
        for (found, expected) in [
            ((0, 0, 0o644), vec![format!("/bin/chmod -h 0440 {path} / /bin/chmod -h 0644 {path}")]),
            ((501, 0, 0o400), vec![format!("/usr/sbin/chown -h 0:0 {path} / /usr/sbin/chown -h 501:0 {path}")]),
            (
                (0, 80, 0o1777),
                vec![
                    format!("/bin/chmod -h 0440 {path} / /bin/chmod -h 1777 {path}"),
                    format!("/usr/sbin/chown -h 0:0 {path} / /usr/sbin/chown -h 0:80 {path}"),
                ],
            ),
        ] {
            let broken = rule.broken_at(path, at(path, found.0, found.1, found.2).1).unwrap();
            assert_eq!(commands(&rule.steps(&broken).unwrap()), expected);
        }
    }

    #[test]
    fn what_could_not_be_put_back_or_recorded_is_not_changed() {
        let rule = Owned::by_root(0o440);
        for broken in [at("/private/var/audit/x", 0, 0, 0o4755), at("/private/var/log/x", 0, 0, 0o644)] {
            assert!(rule.steps(&broken).is_err(), "{broken:?}");
        }
        let step = || rule.steps(&at("/private/var/audit/x", 0, 0, 0o644)).unwrap().remove(0);
        let steps = |count: usize| Plan::bounded((0..count).map(|_| step()).collect());
        assert!(steps(MOST_STEPS).is_ok() && steps(MOST_STEPS + 1).is_err());
    }

    #[test]
    fn many_paths_are_counted() {
        let all: Vec<At> = (0..7).map(|n| at(&format!("/{n}"), 0, 20, 0o644)).collect();
        assert_eq!(listed(&all[..1]), "/0 0:20 0644");
        assert!(listed(&all).ends_with("/4 0:20 0644 and 2 more"), "{}", listed(&all));
    }
}
