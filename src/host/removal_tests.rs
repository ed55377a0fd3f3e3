#![allow(clippy::disallowed_methods, reason = "a test makes the files, folders and links that it is about")]

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

fn base() -> tempfile::TempDir {
    let base = tempfile::tempdir().unwrap();
    fs::create_dir_all(base.path().join("a/b")).unwrap();
    fs::write(base.path().join("a/b/file"), b"ours").unwrap();
    fs::create_dir(base.path().join("elsewhere")).unwrap();
    fs::write(base.path().join("elsewhere/file"), b"precious").unwrap();
    base
}

#[test]
fn a_file_goes_and_that_there_is_none_is_fine() {
    let base = base();
    let path = base.path().join("a/b/file");
    assert_eq!(file(&path, base.path()).unwrap(), Removed::Gone);
    for absent in ["a/b/file", "a/c/file", "a/b/file/below", "x"] {
        assert_eq!(file(&base.path().join(absent), base.path()).unwrap(), Removed::Absent, "{absent}");
        assert_eq!(folder(&base.path().join(absent), base.path()).unwrap(), Removed::Absent, "{absent}");
    }
}

#[test]
fn a_link_goes_itself_and_is_never_followed() {
    let base = base();
    let precious = base.path().join("elsewhere/file");
    for (target, link) in [("elsewhere/file", "a/b/link"), ("elsewhere", "a/b/link"), ("nowhere", "a/b/link")] {
        let path = base.path().join(link);
        for remove in [file, folder] {
            symlink(base.path().join(target), &path).unwrap();
            assert_eq!(remove(&path, base.path()).unwrap(), Removed::Link, "{target}");
            assert!(path.symlink_metadata().is_err());
        }
        assert_eq!(fs::read(&precious).unwrap(), b"precious");
    }
    // A link on the way: what lies behind it is not what was meant.
    symlink(base.path().join("elsewhere"), base.path().join("way")).unwrap();
    assert_eq!(file(&base.path().join("way/file"), base.path()).unwrap(), Removed::Absent);
    assert_eq!(folder(&base.path().join("way/file"), base.path()).unwrap(), Removed::Absent);
    assert_eq!(names(&base.path().join("way"), base.path()).unwrap(), Vec::<OsString>::new());
    assert_eq!(fs::read(&precious).unwrap(), b"precious");
}

#[test]
fn a_folder_goes_only_where_it_is_empty_and_a_file_is_no_folder() {
    let base = base();
    let path = base.path().join("a/b");
    assert_eq!(folder(&path, base.path()).unwrap(), Removed::Holds(vec!["file".to_owned()]));
    assert!(file(&path, base.path()).is_err());
    assert!(folder(&path.join("file"), base.path()).is_err());
    assert_eq!(names(&path, base.path()).unwrap(), ["file"]);
    fs::remove_file(path.join("file")).unwrap();
    assert_eq!(folder(&path, base.path()).unwrap(), Removed::Gone);
    assert!(base.path().join("a").is_dir());
}

#[test]
fn only_what_lies_below_the_base_by_a_plain_path_is_removed() {
    let base = base();
    let below = base.path().join("a");
    for path in [base.path().join("elsewhere/file"), below.join("../elsewhere/file"), below.clone()] {
        assert!(file(&path, &below).is_err(), "{}", path.display());
        assert!(folder(&path, &below).is_err(), "{}", path.display());
    }
    assert!(base.path().join("elsewhere/file").exists());
}

/// Somebody exchanges a folder on the way for a link, back and forth, while files are removed below it.
#[test]
fn a_swap_behind_our_back_leads_nowhere_else() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let base = base();
    let (way, aside) = (base.path().join("a/b"), base.path().join("a/aside"));
    let elsewhere = base.path().join("elsewhere");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                fs::rename(&way, &aside).unwrap();
                symlink(&elsewhere, &way).unwrap();
                fs::remove_file(&way).unwrap();
                fs::rename(&aside, &way).unwrap();
            }
        });
        let mut gone = 0;
        for _ in 0..2000 {
            // Whether it was there at that moment or not: what is elsewhere stays.
            gone += u32::from(file(&way.join("file"), base.path()).is_ok_and(|removed| removed == Removed::Gone));
            assert_eq!(fs::read(elsewhere.join("file")).unwrap(), b"precious");
        }
        done.store(true, Ordering::Relaxed);
        assert!(gone <= 1);
    });
}

#[test]
fn a_half_written_file_is_told_by_its_name_and_by_its_process() {
    assert_eq!(temporary(b".status.json.12.3.tmp"), Some((&b"status.json"[..], 12, 3)));
    for other in [
        &b"status.json.12.3.tmp"[..],
        b".status.json.12.tmp",
        b".12.3.tmp",
        b"..12.3.tmp",
        b".a.012.3.tmp",
        b".a.+1.3.tmp",
        b".a.1.3.tmp.x",
        b".a.99999999999999.3.tmp",
    ] {
        assert_eq!(temporary(other), None, "{}", String::from_utf8_lossy(other));
    }
    let base = base();
    for name in [".f.7.0.tmp", ".f.8.0.tmp", ".g.7.0.tmp", "f", ".f.7.tmp"] {
        fs::write(base.path().join(name), b"").unwrap();
    }
    assert_eq!(left_over(base.path(), b"f", |pid| pid == 8), [PathBuf::from(".f.7.0.tmp")]);
}

#[test]
fn the_next_write_clears_away_what_a_killed_one_left() {
    let base = base();
    // No process has the highest id that fits.
    let dead = base.path().join(format!(".status.json.{}.0.tmp", i32::MAX));
    let (ours, others) = (format!(".status.json.{}.77.tmp", std::process::id()), ".other.json.2147483647.0.tmp");
    let trap = base.path().join(format!(".status.json.{}.1.tmp", i32::MAX));
    symlink(base.path().join("elsewhere/file"), &trap).unwrap();
    for name in [dead.as_path(), &base.path().join(&ours), &base.path().join(others)] {
        fs::write(name, b"half").unwrap();
    }
    crate::host::files::write_whole(&base.path().join("status.json"), b"whole", 0o644).unwrap();
    assert!(!dead.exists() && trap.symlink_metadata().is_err());
    assert!(base.path().join(ours).exists() && base.path().join(others).exists());
    assert_eq!(fs::read(base.path().join("elsewhere/file")).unwrap(), b"precious");
}
