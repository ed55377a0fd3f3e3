//! What the package puts on a Mac. `scripts/build-pkg` stages it, `uninstall` and `scripts/uninstall.sh` remove it; tests hold
//! the lists equal.

/// The launchd label; also the package's id, by which its receipt goes, and the identifier that the program is signed with.
pub const LABEL: &str = "org.holdfast.agent";

/// The program.
pub const PROGRAM: &str = "/Library/Holdfast/bin/holdfast";

/// What launchd starts it by.
pub const JOB: &str = "/Library/LaunchDaemons/org.holdfast.agent.plist";

/// Where launchd puts the daemon's standard error, as [`JOB`] says. Not of the package: launchd makes it.
///
/// Its folder is on every Mac and only root's, and launchd can open the file before the agent has looked at the folders of its
/// own. On a Mac that is well the file is empty: the daemon says there only why it does not run, or what it could not put on
/// record.
pub const COMPLAINTS: &str = "/private/var/log/org.holdfast.agent.log";

/// Every file of the package with its permission bits, the program last; all are root's.
pub const FILES: [(&str, u32); 11] = [
    (JOB, 0o644),
    ("/private/etc/paths.d/holdfast", 0o644),
    ("/private/etc/manpaths.d/holdfast", 0o644),
    ("/Library/Holdfast/share/man/man8/holdfast.8", 0o644),
    ("/Library/Holdfast/share/man/man5/holdfast-policy.5", 0o644),
    ("/Library/Holdfast/share/zsh/site-functions/_holdfast", 0o644),
    ("/Library/Holdfast/share/bash-completion/completions/holdfast", 0o644),
    ("/Library/Holdfast/share/fish/vendor_completions.d/holdfast.fish", 0o644),
    ("/Library/Holdfast/share/doc/LICENSE", 0o644),
    ("/Library/Holdfast/uninstall.sh", 0o755),
    (PROGRAM, 0o755),
];

/// The package's own folders, each behind those in it.
pub const FOLDERS: [&str; 13] = [
    "/Library/Holdfast/share/man/man8",
    "/Library/Holdfast/share/man/man5",
    "/Library/Holdfast/share/man",
    "/Library/Holdfast/share/zsh/site-functions",
    "/Library/Holdfast/share/zsh",
    "/Library/Holdfast/share/bash-completion/completions",
    "/Library/Holdfast/share/bash-completion",
    "/Library/Holdfast/share/fish/vendor_completions.d",
    "/Library/Holdfast/share/fish",
    "/Library/Holdfast/share/doc",
    "/Library/Holdfast/share",
    "/Library/Holdfast/bin",
    "/Library/Holdfast",
];

/// The folders of macOS's own that something of the agent's is in.
pub const SHARED: [&str; 7] = [
    "/Library/Application Support",
    "/Library/LaunchDaemons",
    "/Library/Logs",
    "/Library/Preferences",
    "/private/etc/paths.d",
    "/private/etc/manpaths.d",
    "/private/var/log",
];

/// What the agent keeps in its state folder, beside what was moved out of the way.
pub const STATE: [&str; 8] = [
    "status.plist",
    "posture.json",
    "status.json",
    "head.json",
    "alive.json",
    "daemon.lock",
    "policy.last-good.managed.plist",
    "policy.last-good.local.plist",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_lies_in_a_folder_of_ours_or_of_macos_and_each_folder_comes_before_the_one_it_is_in() {
        for (file, _) in FILES {
            let folder = file.rsplit_once('/').unwrap().0;
            assert!(FOLDERS.contains(&folder) || SHARED.contains(&folder), "{file}");
        }
        for (n, folder) in FOLDERS.iter().enumerate() {
            let above = folder.rsplit_once('/').unwrap().0;
            assert!(above == "/Library" || FOLDERS[n + 1..].contains(&above), "{folder}");
        }
        assert_eq!(FILES.last().unwrap().0, PROGRAM);
    }
}
