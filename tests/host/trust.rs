//! Files and folders that somebody else than root could exchange: each of them is named.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use holdfast::host::trust::{self, Owner};
use nix::unistd::geteuid;

use crate::scratch;

fn us() -> Owner {
    Owner::Or(geteuid().as_raw())
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A folder and the ones above it, from the top, all as they should be.
fn levels(base: &Path) -> Vec<PathBuf> {
    let mut levels = vec![base.join("Library")];
    for name in ["Application Support", "Holdfast"] {
        levels.push(levels.last().unwrap().join(name));
    }
    for level in &levels {
        fs::create_dir(level).unwrap();
        set(level, 0o755);
    }
    levels
}

#[test]
fn an_unsafe_mode_on_each_folder_of_the_way_is_named() {
    let (_keep, base) = scratch();
    let levels = levels(&base);
    let last = levels.last().unwrap();
    assert_eq!(trust::folder(last, &base, us()), []);
    for level in &levels {
        for mode in [0o775, 0o757, 0o777] {
            set(level, mode);
            let faults = trust::folder(last, &base, us());
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!((&faults[0].path, faults[0].mode), (level, Some(mode)));
            let words = faults[0].to_string();
            for word in [level.to_str().unwrap(), &format!("mode {mode:04o}"), "uid ", "expected root"] {
                assert!(words.contains(word), "{words}");
            }
        }
        set(level, 0o755);
    }
    for level in &levels {
        set(level, 0o770);
    }
    let named: Vec<_> = trust::folder(last, &base, us()).into_iter().map(|fault| fault.path).collect();
    assert_eq!(named, levels, "all of them at once");
}

#[test]
fn somebody_elses_folder_is_named() {
    let (_keep, base) = scratch();
    let levels = levels(&base);
    let last = levels.last().unwrap();
    let expected = if geteuid().is_root() {
        chown(&levels[1], Some(501), None).unwrap();
        vec![levels[1].clone()]
    } else {
        levels.clone()
    };
    let named: Vec<_> = trust::folder(last, &base, Owner::Root).into_iter().map(|fault| fault.path).collect();
    assert_eq!(named, expected);
}

#[test]
fn what_is_not_there_yet_is_fine_and_a_link_is_not() {
    let (_keep, base) = scratch();
    let levels = levels(&base);
    assert_eq!(trust::folder(&levels[2].join("not/there"), &base, us()), []);
    set(&levels[1], 0o777);
    assert_eq!(trust::folder(&levels[2].join("not/there"), &base, us()).len(), 1, "what there is counts all the same");
    set(&levels[1], 0o755);
    let link = base.join("Library/link");
    symlink(&levels[1], &link).unwrap();
    let faults = trust::folder(&link.join("Holdfast"), &base, us());
    assert!(faults.len() == 1 && faults[0].path == link && faults[0].why.contains("symbolic link"), "{faults:?}");
}

#[test]
fn the_root_folder_itself_counts() {
    // Nobody can be asked to spoil this machine's; that it is looked at shows in whose it is.
    let found = fs::metadata("/").unwrap();
    let faults = trust::folder(Path::new("/"), Path::new("/"), Owner::Root);
    assert_eq!(
        faults.is_empty(),
        std::os::unix::fs::MetadataExt::uid(&found) == 0 && found.permissions().mode() & 0o022 == 0
    );
}

#[test]
fn a_file_that_others_may_write_is_named() {
    let (_keep, base) = scratch();
    let path = base.join("policy.plist");
    assert_eq!(trust::file(&path, us()), None, "absent is fine");
    fs::write(&path, "").unwrap();
    for (mode, wrong) in [(0o644, false), (0o600, false), (0o664, true), (0o646, true), (0o666, true)] {
        set(&path, mode);
        assert_eq!(trust::file(&path, us()).is_some(), wrong, "{mode:o}");
    }
    fs::remove_file(&path).unwrap();
    symlink("/dev/null", &path).unwrap();
    assert!(trust::file(&path, us()).unwrap().why.contains("not a regular file"));
}
