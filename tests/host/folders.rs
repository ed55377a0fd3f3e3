//! Whether everything above the agent's own files is out of others' reach.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use holdfast::host::ToolError;
use holdfast::host::files::check_folder;
use nix::unistd::{Uid, chown, getuid};
use tempfile::TempDir;

use crate::scratch;

const LEVELS: [&str; 3] = ["a", "a/b", "a/b/c"];

/// A folder with `a/b/c` in it, each with mode 0755.
fn tree() -> (TempDir, PathBuf) {
    let (keep, base) = scratch();
    fs::create_dir_all(base.join("a/b/c")).unwrap();
    for level in LEVELS {
        allow(&base.join(level), 0o755);
    }
    check_folder(&base.join("a/b/c"), &base).unwrap();
    (keep, base)
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Asserts that the folder at fault is `named`, and gives the reason.
fn refusal(base: &Path, named: &str) -> String {
    match check_folder(&base.join("a/b/c"), base) {
        Err(ToolError::UnsafeFile { path, why }) => {
            assert_eq!(path, base.join(named), "{why}");
            why
        }
        other => panic!("{named}: {other:?}"),
    }
}

#[test]
fn a_level_that_others_may_write_to_is_refused_by_name() {
    for level in LEVELS {
        for (mode, who) in [(0o775, "its group may"), (0o757, "everybody may"), (0o777, "its group and everybody may")]
        {
            let (_keep, base) = tree();
            allow(&base.join(level), mode);
            let why = refusal(&base, level);
            assert!(why.starts_with(who) && why.contains(&format!("{mode:04o}")), "{why}");
        }
    }
}

#[test]
fn a_level_that_is_a_link_or_a_file_is_refused_by_name() {
    for level in LEVELS {
        let (_keep, base) = tree();
        fs::rename(base.join(level), base.join("elsewhere")).unwrap();
        symlink(base.join("elsewhere"), base.join(level)).unwrap();
        assert!(refusal(&base, level).contains("symbolic link"));
        fs::remove_file(base.join(level)).unwrap();
        fs::write(base.join(level), "").unwrap();
        assert!(refusal(&base, level).contains("not a folder"));
    }
}

#[test]
fn a_level_that_is_somebody_elses_is_refused_by_name() {
    for level in LEVELS {
        let (_keep, base) = tree();
        let given = chown(&base.join(level), Some(Uid::from_raw(12_345)), None);
        // Only root can give a folder away; others try the check on what is not theirs already.
        assert_eq!(given.is_ok(), getuid().is_root());
        if given.is_ok() {
            assert_eq!(refusal(&base, level), "it belongs to user 12345");
        } else {
            check_folder(&base.join(level), &base).unwrap();
        }
    }
}

#[test]
fn a_sticky_folder_of_roots_may_be_on_the_way_but_not_be_the_end() {
    let (_keep, base) = tree();
    allow(&base.join("a"), 0o1777);
    // Where the tests are not root's, neither is the folder.
    assert_eq!(check_folder(&base.join("a/b/c"), &base).is_ok(), getuid().is_root());
    assert!(check_folder(&base.join("a"), &base).is_err());
}

#[test]
fn the_base_is_vouched_for_and_only_what_lies_below_is_judged() {
    let (_keep, base) = tree();
    allow(&base, 0o777);
    check_folder(&base.join("a/b/c"), &base).unwrap();
    allow(&base.join("a"), 0o777);
    check_folder(&base.join("a/b/c"), &base.join("a")).unwrap();
    assert!(check_folder(Path::new("/usr/bin"), &base).is_err());
    assert!(check_folder(&base.join("a/../a/b"), &base).is_err());
    assert!(check_folder(Path::new("a"), Path::new("")).is_err());
}

#[test]
fn what_is_missing_is_an_error_of_its_own() {
    let (_keep, base) = tree();
    let result = check_folder(&base.join("a/x/y"), &base);
    assert!(matches!(&result, Err(ToolError::File { path, .. }) if *path == base.join("a/x")), "{result:?}");
}

#[test]
fn the_systems_own_folders_pass() {
    check_folder(Path::new("/usr/bin"), Path::new("/")).unwrap();
}
