//! What stands at a path and in a folder is told without opening it and without following a link.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::Path;

use holdfast::host::status::{MOST, names_in, of};
use holdfast::host::{Look, Real, ToolError};
use holdfast::mac::{Answer, Ask, FileKind, FileStatus};
use nix::sys::stat::Mode;
use nix::unistd::{getgid, getuid, mkfifo};

use crate::scratch;

/// One of each kind, none of which can be opened by anybody but root.
fn filled(folder: &Path) -> Vec<(&'static str, FileKind)> {
    fs::write(folder.join("file"), "content").unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    symlink("file", folder.join("link")).unwrap();
    symlink("/nonexistent", folder.join("loose")).unwrap();
    mkfifo(&folder.join("pipe"), Mode::S_IRUSR).unwrap();
    for name in ["file", "folder", "pipe"] {
        fs::set_permissions(folder.join(name), Permissions::from_mode(0o200)).unwrap();
    }
    let link = FileKind::Link;
    vec![
        ("file", FileKind::File),
        ("folder", FileKind::Folder),
        ("link", link),
        ("loose", link),
        ("pipe", FileKind::Other),
    ]
}

#[test]
fn whatever_stands_there_is_told_of_and_not_opened() {
    let (_keep, folder) = scratch();
    let real = Real::new("/own".into());
    let ids = if getuid().is_root() { (12_345, 54_321) } else { (getuid().as_raw(), getgid().as_raw()) };
    for (name, kind) in filled(&folder) {
        let path = folder.join(name);
        lchown(&path, Some(ids.0), Some(ids.1)).unwrap();
        let Answer::Status(Some(found)) = real.look(&Ask::Status(path.clone())).unwrap() else { panic!("{name}") };
        // A link has a mode of its own, which Linux does not keep.
        let mode = if kind == FileKind::Link { found.mode } else { 0o200 };
        assert_eq!(found, FileStatus { kind, owner: ids.0, group: ids.1, mode }, "{name}");
        assert_eq!(of(&path).unwrap(), Some(found));
    }
}

#[test]
fn the_names_in_a_folder_come_sorted_each_with_what_it_is() {
    let (_keep, folder) = scratch();
    let expected = filled(&folder);
    let Answer::Folder(Some(entries)) = Real::new("/own".into()).look(&Ask::Folder(folder.clone())).unwrap() else {
        panic!("no names")
    };
    let found: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.status.kind)).collect();
    assert_eq!(found, expected);
    for entry in entries {
        assert_eq!(of(&folder.join(&entry.name)).unwrap(), Some(entry.status), "{}", entry.name);
    }
}

#[test]
fn what_is_not_there_is_absent_and_what_is_no_folder_is_an_error() {
    let (_keep, folder) = scratch();
    filled(&folder);
    for name in ["nothing", "nothing/below", "pipe/below"] {
        assert_eq!(of(&folder.join(name)).unwrap(), None, "{name}");
        assert_eq!(names_in(&folder.join(name)).unwrap(), None, "{name}");
    }
    symlink("folder", folder.join("to-folder")).unwrap();
    for name in ["file", "to-folder", "loose", "pipe"] {
        assert!(matches!(names_in(&folder.join(name)), Err(ToolError::UnsafeFile { .. })), "{name}");
    }
    for relative in ["file", ""] {
        assert!(of(Path::new(relative)).is_err() && names_in(Path::new(relative)).is_err(), "{relative}");
    }
}

#[test]
fn a_folder_of_too_many_names_is_not_read_in_part() {
    let (_keep, folder) = scratch();
    let file = folder.join("0");
    fs::write(&file, "").unwrap();
    for n in 1..MOST {
        fs::hard_link(&file, folder.join(n.to_string())).unwrap();
    }
    assert_eq!(names_in(&folder).unwrap().unwrap().len(), MOST);
    fs::write(folder.join("one more"), "").unwrap();
    assert!(matches!(names_in(&folder), Err(ToolError::UnsafeFile { .. })));
}
