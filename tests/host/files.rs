//! Reading what somebody else may have put there, and writing our own files whole.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use holdfast::host::files::{CAP, make_dir, read, read_own, write_whole};
use holdfast::host::{Look, Real, ToolError};
use holdfast::mac::{Answer, Ask, FileAnswer, UserFile};
use nix::sys::stat::Mode;
use nix::unistd::{Uid, chown, getuid, mkfifo};

use crate::scratch;

fn content(answer: Result<FileAnswer, ToolError>) -> Vec<u8> {
    match answer {
        Ok(FileAnswer::Present { bytes, .. }) => bytes,
        other => panic!("{other:?}"),
    }
}

fn mode_of(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn content_owner_and_mode_are_given() {
    let (_keep, folder) = scratch();
    let path = folder.join("file");
    fs::write(&path, b"\x00content\xff").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o4640)).unwrap();
    // Only root can give a file away, so for others the owner is themselves.
    let owner = if getuid().is_root() { Uid::from_raw(12_345) } else { getuid() };
    chown(&path, Some(owner), None).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o4640)).unwrap();
    let answer = Real::new("/own".into()).look(&Ask::File(path)).unwrap();
    let expected = FileAnswer::Present { bytes: b"\x00content\xff".to_vec(), owner: owner.as_raw(), mode: 0o4640 };
    assert_eq!(answer, Answer::File(expected));
}

#[test]
fn what_is_not_there_is_absent_and_not_an_error() {
    let (_keep, folder) = scratch();
    fs::write(folder.join("file"), "").unwrap();
    for name in ["nothing", "nothing/below", "file/below"] {
        assert_eq!(read(&folder.join(name)).unwrap(), FileAnswer::Absent, "{name}");
    }
    assert_eq!(content(read(&folder.join("file"))), b"");
}

#[test]
fn only_a_regular_file_is_read() {
    let (_keep, folder) = scratch();
    fs::write(folder.join("target"), "secret").unwrap();
    symlink(folder.join("target"), folder.join("link")).unwrap();
    symlink(folder.join("nothing"), folder.join("dangling")).unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    let _socket = UnixListener::bind(folder.join("socket")).unwrap();
    for name in ["link", "dangling", "folder", "socket", "/dev/null"] {
        let path = folder.join(name);
        let Err(ToolError::UnsafeFile { path: named, .. }) = read(&path) else { panic!("{name}: read") };
        assert_eq!(named, path);
    }
}

#[test]
fn a_named_pipe_is_not_waited_for() {
    let (_keep, folder) = scratch();
    let path = folder.join("fifo");
    mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let (tell, told) = mpsc::channel();
    // On a thread of its own, which a failed test leaves waiting.
    std::thread::spawn(move || tell.send(read(&path)));
    let result = told.recv_timeout(Duration::from_secs(10)).expect("an answer in time");
    assert!(matches!(result, Err(ToolError::UnsafeFile { .. })), "{result:?}");
}

const OWN: &str = "Library/Preferences/d.plist";

/// A home with one file of preferences, and the question about it, the user being whoever runs the test.
fn home(folder: &Path) -> UserFile {
    let home = folder.join("home");
    fs::create_dir_all(home.join("Library/Preferences")).unwrap();
    fs::write(home.join(OWN), "own").unwrap();
    UserFile { home, below: OWN.into(), uid: getuid().as_raw() }
}

fn fault(file: &UserFile) -> (std::path::PathBuf, String) {
    match read_own(file) {
        Err(ToolError::UnsafeFile { path, why }) => (path, why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_users_own_file_is_read() {
    let (_keep, folder) = scratch();
    let file = home(&folder);
    assert_eq!(content(read_own(&file)), b"own");
    let Answer::File(FileAnswer::Present { bytes, owner, .. }) =
        Real::new("/own".into()).look(&Ask::UserFile(file.clone())).unwrap()
    else {
        panic!("no file")
    };
    assert_eq!((bytes.as_slice(), owner), (b"own".as_slice(), file.uid));
    for absent in ["Library/Preferences/other.plist", "Library/Nothing/d.plist"] {
        let file = UserFile { below: absent.into(), ..file.clone() };
        assert_eq!(read_own(&file).unwrap(), FileAnswer::Absent, "{absent}");
    }
    let gone = UserFile { home: folder.join("nobody"), ..file };
    assert_eq!(read_own(&gone).unwrap(), FileAnswer::Absent);
}

#[test]
fn below_a_home_no_link_is_followed() {
    for (link, at_fault) in [("Library", "Library"), ("Library/Preferences", "Library/Preferences"), (OWN, OWN)] {
        let (_keep, folder) = scratch();
        let file = home(&folder);
        // What root would be led to: the same names, elsewhere.
        let elsewhere = folder.join("root");
        fs::create_dir_all(elsewhere.join("Library/Preferences")).unwrap();
        fs::write(elsewhere.join(OWN), "secret").unwrap();
        let place = file.home.join(link);
        if place.is_dir() {
            fs::remove_dir_all(&place).unwrap()
        } else {
            fs::remove_file(&place).unwrap()
        }
        symlink(elsewhere.join(link), &place).unwrap();
        let (path, why) = fault(&file);
        assert_eq!(path, file.home.join(at_fault));
        assert!(why.contains("symbolic link") && !why.contains("secret"), "{why}");
    }
}

#[test]
fn what_only_looks_like_a_users_file_is_not_read() {
    let (_keep, folder) = scratch();
    let file = home(&folder);
    for below in ["../root/Library/d.plist", "Library/../../x", "", ".", "/etc/passwd"] {
        let file = UserFile { below: below.into(), ..file.clone() };
        assert!(fault(&file).1.contains("plain"), "{below}");
    }
    fs::remove_file(file.home.join(OWN)).unwrap();
    mkfifo(&file.home.join(OWN), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let (tell, told) = mpsc::channel();
    let asked = file.clone();
    // On a thread of its own, which a failed test leaves waiting.
    std::thread::spawn(move || tell.send(read_own(&asked)));
    let result = told.recv_timeout(Duration::from_secs(10)).expect("an answer in time");
    assert!(matches!(result, Err(ToolError::UnsafeFile { .. })), "{result:?}");
    // A pipe in a folder's place.
    fs::remove_dir_all(file.home.join("Library/Preferences")).unwrap();
    mkfifo(&file.home.join("Library/Preferences"), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    assert_eq!(fault(&file).0, file.home.join("Library/Preferences"));
}

#[test]
fn what_belongs_to_somebody_else_is_not_a_users_own() {
    let (_keep, folder) = scratch();
    let file = home(&folder);
    let another = UserFile { uid: file.uid + 1, ..file.clone() };
    assert_eq!(fault(&another).0, another.home);
    if !getuid().is_root() {
        return;
    }
    for (place, at_fault) in [("Library/Preferences", "Library/Preferences"), (OWN, OWN)] {
        let place = file.home.join(place);
        chown(&place, Some(Uid::from_raw(12_345)), None).unwrap();
        let (path, why) = fault(&file);
        assert_eq!(path, file.home.join(at_fault));
        assert!(why.contains("user 12345"), "{why}");
        chown(&place, Some(getuid()), None).unwrap();
    }
    // Another name of somebody else's file keeps its owner.
    let secret = folder.join("secret");
    fs::write(&secret, "secret").unwrap();
    chown(&secret, Some(Uid::from_raw(12_345)), None).unwrap();
    fs::remove_file(file.home.join(OWN)).unwrap();
    fs::hard_link(&secret, file.home.join(OWN)).unwrap();
    assert_eq!(fault(&file).0, file.home.join(OWN));
}

#[test]
fn a_relative_path_is_refused() {
    assert!(matches!(read(Path::new("Cargo.toml")), Err(ToolError::UnsafeFile { .. })));
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error_and_not_absent() {
    let (_keep, folder) = scratch();
    let long = folder.join("x".repeat(5000));
    assert!(matches!(read(&long), Err(ToolError::File { .. })));
    let closed = folder.join("closed");
    fs::write(&closed, "content").unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    let result = read(&closed);
    if getuid().is_root() {
        assert_eq!(content(result), b"content");
    } else {
        assert!(matches!(result, Err(ToolError::File { .. })), "{result:?}");
    }
}

#[test]
fn a_file_may_be_as_long_as_the_cap_and_no_longer() {
    let (_keep, folder) = scratch();
    let path = folder.join("long");
    fs::write(&path, vec![b'x'; CAP]).unwrap();
    assert_eq!(content(read(&path)).len(), CAP);
    for length in [CAP + 1, 5 * 1024 * 1024] {
        fs::write(&path, vec![b'x'; length]).unwrap();
        assert!(matches!(read(&path), Err(ToolError::UnsafeFile { .. })), "{length}");
    }
}

/// A file and a symbolic link to a secret take turns under one name.
#[test]
fn a_link_that_is_swapped_in_is_never_followed() {
    let (_keep, folder) = scratch();
    let (path, secret, next) = (folder.join("file"), folder.join("secret"), folder.join("next"));
    let plain_file = folder.join("plain");
    fs::write(&plain_file, "plain").unwrap();
    fs::write(&secret, "secret").unwrap();
    fs::hard_link(&plain_file, &path).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut swaps = 0;
            while swaps < 2000 || !stop.load(Ordering::Relaxed) {
                symlink(&secret, &next).unwrap();
                fs::rename(&next, &path).unwrap();
                fs::hard_link(&plain_file, &next).unwrap();
                fs::rename(&next, &path).unwrap();
                swaps += 1;
            }
        });
        let (mut plain, mut refused) = (0, 0);
        let started = Instant::now();
        // Until both were met, or else the race was never run.
        while !swapper.is_finished() && started.elapsed() < Duration::from_secs(30) {
            match read(&path) {
                Ok(FileAnswer::Present { bytes, .. }) => {
                    stop.fetch_or(bytes != b"plain", Ordering::Relaxed);
                    assert_eq!(bytes, b"plain");
                    plain += 1;
                }
                Err(ToolError::UnsafeFile { .. }) => refused += 1,
                other => panic!("{other:?}"),
            }
            stop.fetch_or(plain > 0 && refused > 0, Ordering::Relaxed);
        }
        stop.store(true, Ordering::Relaxed);
        assert!(plain > 0 && refused > 0, "{plain} read, {refused} refused");
    });
}

#[test]
fn a_file_is_written_whole_with_its_mode_and_nothing_is_left_beside_it() {
    let (_keep, folder) = scratch();
    let path = folder.join("status.json");
    write_whole(&path, b"one", 0o666).unwrap();
    assert_eq!((content(read(&path)), mode_of(&path)), (b"one".to_vec(), 0o666));
    write_whole(&path, b"two", 0o600).unwrap();
    assert_eq!((content(read(&path)), mode_of(&path)), (b"two".to_vec(), 0o600));
    assert_eq!(names_in(&folder), ["status.json"]);
}

#[test]
fn a_link_in_the_files_place_is_replaced_and_its_target_left_alone() {
    let (_keep, folder) = scratch();
    let (path, target) = (folder.join("file"), folder.join("target"));
    fs::write(&target, "theirs").unwrap();
    symlink(&target, &path).unwrap();
    write_whole(&path, b"ours", 0o644).unwrap();
    assert_eq!(content(read(&path)), b"ours");
    assert_eq!(content(read(&target)), b"theirs");
}

#[test]
fn a_failed_write_says_where_and_leaves_nothing() {
    let (_keep, folder) = scratch();
    fs::create_dir_all(folder.join("taken/full")).unwrap();
    let why = write_whole(&folder.join("taken"), b"x", 0o644).unwrap_err();
    assert_eq!(why.path, folder.join("taken"));
    assert_eq!(names_in(&folder), ["taken"]);
    let why = write_whole(&folder.join("missing/file"), b"x", 0o644).unwrap_err();
    assert_eq!(why.path, folder.join("missing"));
    assert!(write_whole(Path::new("relative"), b"x", 0o644).is_err());
}

#[test]
fn what_a_dead_process_left_is_stepped_over() {
    let (_keep, folder) = scratch();
    for count in 0..90 {
        fs::write(folder.join(format!(".file.{}.{count}.tmp", std::process::id())), "left").unwrap();
    }
    write_whole(&folder.join("file"), b"whole", 0o644).unwrap();
    assert_eq!(content(read(&folder.join("file"))), b"whole");
    assert_eq!(names_in(&folder).len(), 91);
}

#[test]
fn a_reader_sees_one_whole_content_whoever_writes() {
    let (_keep, folder) = scratch();
    let path = folder.join("file");
    write_whole(&path, &[b'0'; 50_000], 0o644).unwrap();
    std::thread::scope(|scope| {
        let writers: Vec<_> = [b'1', b'2']
            .into_iter()
            .map(|digit| {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..50 {
                        write_whole(path, &[digit; 50_000], 0o644).unwrap();
                    }
                })
            })
            .collect();
        while writers.iter().any(|writer| !writer.is_finished()) {
            let bytes = content(read(&path));
            assert_eq!(bytes.len(), 50_000);
            assert!(bytes.iter().all(|byte| *byte == bytes[0]));
        }
    });
    assert_eq!(names_in(&folder), ["file"]);
}

#[test]
fn missing_folders_are_made_with_their_mode_and_others_are_left_alone() {
    let (_keep, folder) = scratch();
    fs::create_dir(folder.join("a")).unwrap();
    fs::set_permissions(folder.join("a"), Permissions::from_mode(0o750)).unwrap();
    // Bits that a usual umask would take away.
    make_dir(&folder.join("a/b/c"), 0o777).unwrap();
    let modes: Vec<u32> = ["a", "a/b", "a/b/c"].iter().map(|name| mode_of(&folder.join(name))).collect();
    assert_eq!(modes, [0o750, 0o777, 0o777]);
    make_dir(&folder.join("a/b/c"), 0o700).unwrap();
    assert_eq!(mode_of(&folder.join("a/b/c")), 0o777);
}

#[test]
fn what_stands_in_a_folders_way_is_named() {
    let (_keep, folder) = scratch();
    fs::write(folder.join("file"), "").unwrap();
    symlink(folder.join("nothing"), folder.join("dangling")).unwrap();
    for (asked, named) in [("file", "file"), ("file/below", "file/below"), ("dangling/below", "dangling")] {
        let why = make_dir(&folder.join(asked), 0o755).unwrap_err();
        assert_eq!(why.path, folder.join(named), "{asked}");
    }
    assert!(!folder.join("nothing").exists());
    assert!(make_dir(Path::new("relative"), 0o755).is_err());
}

#[test]
fn several_may_make_the_same_folder() {
    let (_keep, folder) = scratch();
    let path = folder.join("a/b/c/d/e");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| make_dir(&path, 0o755).unwrap());
        }
    });
    assert!(path.is_dir());
}
