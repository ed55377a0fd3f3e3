//! Which tools the simulated Mac has, and how a call finds its tool.

use super::{Machine, SimError};
use super::{
    audit, bputil, csrutil, defaults, diskutil, dscl, fdesetup, firmwarepasswd, guard, launchctl, mdmclient, moved,
    owners, pkgutil, pmset, profiles, pwpolicy, security, services, session, small, socketfilterfw, softwareupdate,
    spctl, sshd, sudo, sysadminctl, system_profiler, systemsetup,
};
use crate::mac::Output;

/// One call of a tool.
pub(super) struct Call<'a> {
    /// The arguments, without the program.
    pub args: Vec<&'a str>,
    /// As whom; `None` is root.
    pub uid: Option<u32>,
}

impl Call<'_> {
    pub fn is_root(&self) -> bool {
        self.uid.is_none()
    }
}

/// `None`: this tool does not know these arguments, or not in this half.
pub(super) type Reply = Result<Option<Output>, SimError>;

/// The two halves of a tool. What only reports is handed a Mac that it cannot change.
struct Tool {
    path: &'static str,
    answer: fn(&Machine, &Call<'_>) -> Reply,
    change: Option<fn(&mut Machine, &Call<'_>) -> Reply>,
    /// It works on files alone, or on nothing: where the Mac's files lie at their own paths, the host system's program of that
    /// name does.
    on_files: bool,
}

const fn reports(path: &'static str, answer: fn(&Machine, &Call<'_>) -> Reply) -> Tool {
    Tool { path, answer, change: None, on_files: false }
}

const fn sets(
    path: &'static str,
    answer: fn(&Machine, &Call<'_>) -> Reply,
    change: fn(&mut Machine, &Call<'_>) -> Reply,
) -> Tool {
    Tool { path, answer, change: Some(change), on_files: false }
}

const fn acts(path: &'static str, change: fn(&mut Machine, &Call<'_>) -> Reply) -> Tool {
    sets(path, |_, _| Ok(None), change)
}

const TOOLS: &[Tool] = &[
    acts("/bin/chmod", owners::chmod),
    sets("/bin/launchctl", launchctl::answer, launchctl::change),
    Tool { on_files: true, ..reports("/bin/date", small::date) },
    Tool { on_files: true, ..acts("/bin/mv", moved::mv) },
    reports("/bin/ps", session::ps),
    reports("/sbin/mount", guard::mount),
    reports("/usr/bin/bioutil", small::bioutil),
    reports("/sbin/pfctl", services::pfctl),
    sets("/usr/bin/AssetCacheManagerUtil", services::asset_cache, services::set_asset_cache),
    reports("/usr/bin/bputil", bputil::answer),
    reports("/usr/bin/csrutil", csrutil::answer),
    sets("/usr/bin/defaults", defaults::answer, defaults::change),
    sets("/usr/bin/dscl", dscl::answer, dscl::change),
    reports("/usr/bin/fdesetup", fdesetup::answer),
    reports("/usr/bin/id", small::id),
    acts("/usr/bin/open", session::open),
    acts("/usr/bin/osascript", session::osascript),
    sets("/usr/bin/pmset", pmset::answer, pmset::change),
    reports("/usr/bin/profiles", profiles::answer),
    reports("/usr/bin/pwpolicy", pwpolicy::answer),
    sets("/usr/bin/security", security::answer, security::change),
    reports("/usr/bin/stat", small::stat),
    reports("/usr/bin/sudo", sudo::answer),
    reports("/usr/bin/sw_vers", small::sw_vers),
    reports("/usr/local/bin/dialog", session::dialog),
    reports("/usr/bin/xprotect", guard::xprotect),
    reports("/usr/libexec/mdmclient", mdmclient::answer),
    sets("/usr/libexec/ApplicationFirewall/socketfilterfw", socketfilterfw::answer, socketfilterfw::change),
    reports("/usr/sbin/audit", audit::answer),
    acts("/usr/sbin/chown", owners::chown),
    sets("/usr/sbin/cupsctl", services::cupsctl, services::set_cupsctl),
    reports("/usr/sbin/diskutil", diskutil::answer),
    reports("/usr/sbin/firmwarepasswd", firmwarepasswd::answer),
    reports("/usr/sbin/nvram", small::nvram),
    sets("/usr/sbin/pkgutil", pkgutil::answer, pkgutil::change),
    reports("/usr/sbin/scutil", small::scutil),
    reports("/usr/sbin/softwareupdate", softwareupdate::answer),
    sets("/usr/sbin/spctl", spctl::answer, spctl::change),
    reports("/usr/sbin/sshd", sshd::answer),
    sets("/usr/sbin/sysadminctl", sysadminctl::answer, sysadminctl::change),
    reports("/usr/sbin/sysctl", small::sysctl),
    reports("/usr/sbin/system_profiler", system_profiler::answer),
    sets("/usr/sbin/systemsetup", systemsetup::answer, systemsetup::change),
];

/// The absolute path of every simulated tool that is a program of its own where the Mac's files lie at their own paths.
pub fn paths() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().filter(|tool| !tool.on_files).map(|tool| tool.path)
}

fn split(argv: &[String], uid: Option<u32>) -> Option<(&'static Tool, Call<'_>)> {
    let (program, args) = argv.split_first()?;
    let tool = TOOLS.iter().find(|tool| tool.path == program)?;
    Some((tool, Call { args: args.iter().map(String::as_str).collect(), uid }))
}

/// What `argv` reports.
pub(super) fn answer(machine: &Machine, argv: &[String], uid: Option<u32>) -> Reply {
    let Some((tool, call)) = split(argv, uid) else { return Ok(None) };
    (tool.answer)(machine, &call)
}

/// What `argv` says on changing the Mac, which it does.
pub(super) fn change(machine: &mut Machine, argv: &[String], uid: Option<u32>) -> Reply {
    let Some((tool, call)) = split(argv, uid) else { return Ok(None) };
    tool.change.map_or(Ok(None), |change| change(machine, &call))
}

/// `text` on standard output, status 0.
pub(super) fn said(text: impl Into<Vec<u8>>) -> Reply {
    ended(0, text)
}

/// `text` on standard output and an exit status.
pub(super) fn ended(status: i32, text: impl Into<Vec<u8>>) -> Reply {
    Ok(Some(Output { status, stdout: text.into(), stderr: Vec::new() }))
}

/// `text` on standard error and an exit status.
pub(super) fn complained(status: i32, text: impl Into<Vec<u8>>) -> Reply {
    Ok(Some(Output { status, stdout: Vec::new(), stderr: text.into() }))
}

/// A line as `NSLog` writes it for `program`, with a time and process that stand still.
pub(super) fn logged(program: &str, text: &str) -> String {
    format!("2026-11-22 09:00:00.000 {program}[812:6021] {text}\n")
}
