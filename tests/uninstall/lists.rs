//! The list of what is installed is what the package is made of.

use holdfast::installed::{FILES, LABEL, PROGRAM};

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
