//! Commands read back as the changes that they are: what the agent itself can have run, and nothing else.
//!
//! The ledger keeps changes and what puts them back as plain command lines. Each adapter that makes changes says which lines
//! are its own, takes each apart into settings, and how to see whether one is as the line leaves it. A line that none of them
//! knows is never run.

use super::ask::AS_USER;
use super::{
    Change, Question, asset_cache, cupsctl, defaults, dscl, files, launchctl, owners, pmset, security, socketfilterfw,
    spctl, sysadminctl, systemsetup,
};

/// One setting, put in one state by one command.
#[derive(Debug)]
pub struct Single {
    /// The setting's name: commands that change the same thing have the same.
    pub setting: String,
    /// The command that does this and nothing else.
    pub change: Change,
    /// Is it as the command leaves it? All of them must say so.
    pub holds: Vec<Question<bool>>,
    /// A setting that must be put back before this one.
    pub needs: Option<String>,
}

impl Single {
    /// One that needs nothing before it.
    pub(super) fn new(setting: impl Into<String>, change: Change, holds: Vec<Question<bool>>) -> Self {
        Self { setting: setting.into(), change, holds, needs: None }
    }
}

/// What the line `argv` ([`Invocation::line`](super::Invocation::line)) changes, setting by setting; `None` where it is no command of the agent's
/// own. `of` is the setting that it is known to be about, which not every command names.
#[must_use]
pub fn singles(argv: &[String], of: Option<&str>) -> Option<Vec<Single>> {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    let (program, args) = words.split_first()?;
    match *program {
        AS_USER => match args {
            [uid, "--", "/usr/bin/defaults", args @ ..] => defaults::own_of_user(uid.parse().ok()?, args),
            _ => None,
        },
        "/usr/bin/defaults" => defaults::own(args),
        "/usr/bin/pmset" => pmset::own(args),
        "/usr/libexec/ApplicationFirewall/socketfilterfw" => socketfilterfw::own(args),
        "/bin/launchctl" => launchctl::own(args, of),
        "/bin/mv" => files::own(args),
        "/usr/sbin/spctl" => spctl::own(args),
        "/bin/chmod" => owners::own_mode(args),
        "/usr/sbin/chown" => owners::own_owner(args),
        "/usr/sbin/sysadminctl" => sysadminctl::own(args),
        "/usr/bin/dscl" => dscl::own(args),
        "/usr/bin/security" => security::own(args),
        "/usr/bin/AssetCacheManagerUtil" => asset_cache::own(args),
        "/usr/sbin/cupsctl" => cupsctl::own(args),
        "/usr/sbin/systemsetup" => systemsetup::own(args),
        _ => None,
    }
}

/// What one command of the agent's does to `setting`, and nothing else; `None` where it is none.
#[must_use]
pub fn single(argv: &[String], setting: &str) -> Option<Single> {
    let mut all = singles(argv, Some(setting))?;
    let one = all.pop().filter(|one| all.is_empty() && one.setting == setting)?;
    (one.change.run.line() == argv).then_some(one)
}

/// Whether a label or file name is neither macOS's nor this agent's. File names do not tell letter cases apart.
#[must_use]
pub fn is_anothers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("com.apple.") && !name.starts_with("org.holdfast.")
}

/// Whether `path` is an absolute path of plain parts, nothing in it that could mean another one.
pub(super) fn is_plain_path(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control);
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
