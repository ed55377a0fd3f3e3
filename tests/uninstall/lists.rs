//! The lists of what is installed agree with what the package is made of, and with what removes it without the program.

use std::collections::BTreeSet;

use holdfast::agent::installed::{COMPLAINTS, FILES, LABEL, PROGRAM};

use crate::stage::LOCAL;

#[test]
fn the_package_is_exactly_this() {
    let expected = [
        ("/Library/Holdfast/bin/holdfast", 0o755),
        ("/Library/Holdfast/uninstall.sh", 0o755),
        ("/Library/Holdfast/share/man/man8/holdfast.8", 0o644),
        ("/Library/Holdfast/share/man/man5/holdfast-policy.5", 0o644),
        ("/Library/Holdfast/share/zsh/site-functions/_holdfast", 0o644),
        ("/Library/Holdfast/share/bash-completion/completions/holdfast", 0o644),
        ("/Library/Holdfast/share/fish/vendor_completions.d/holdfast.fish", 0o644),
        ("/Library/Holdfast/share/doc/LICENSE", 0o644),
        ("/Library/LaunchDaemons/org.holdfast.agent.plist", 0o644),
        ("/private/etc/paths.d/holdfast", 0o644),
        ("/private/etc/manpaths.d/holdfast", 0o644),
    ];
    let (mut files, mut wanted) = (FILES.to_vec(), expected.to_vec());
    files.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(files, wanted);
    assert_eq!((LABEL, PROGRAM), ("org.holdfast.agent", expected[0].0));
}

/// What removes it where the program is gone names the same files, and no others.
#[test]
fn the_script_without_the_program_removes_the_same() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/uninstall.sh");
    let script = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = script.lines().map(str::trim).collect();
    // "$1" FOLDER NAME, a line for each file outside of the agent's own folders.
    let named: BTreeSet<String> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("\"$1\" /"))
        .map(|rest| format!("/{}", rest.split_whitespace().collect::<Vec<_>>().join("/")))
        .collect();
    let outside = FILES.iter().map(|(file, _)| *file).filter(|file| !file.starts_with("/Library/Holdfast/"));
    assert_eq!(named, outside.chain([LOCAL]).map(str::to_owned).collect());
    let folders = ["/Library Holdfast", "'/Library/Application Support' Holdfast replaced", "/Library/Logs Holdfast"];
    for folder in folders {
        assert!(lines.contains(&format!("remove_folder {folder}").as_str()), "{folder}");
    }
    for (what, value) in [("label", LABEL), ("program", PROGRAM)] {
        assert!(lines.contains(&format!("{what}={value}").as_str()), "{what}");
    }
    assert!(script.contains(COMPLAINTS) && script.contains("/Library/Logs JamfTrustSignOut.log"));
}
