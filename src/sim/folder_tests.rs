//! A simulated Mac in a folder: it stays there, plays a Mac's own rules for files, and never leaves it.
#![allow(clippy::disallowed_methods, reason = "the tests move files about as a person would")]

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Instant;

use nix::sys::stat::Mode;
use nix::unistd::{Uid, chown, geteuid, mkfifo};

use super::*;
use crate::mac::{FileAnswer, FileKind};

const UPDATES: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";

fn made(dir: &Path) -> SimMac {
    SimMac::create(dir, World::Neglected, Mac::default()).unwrap()
}

fn ask(sim: &SimMac, path: &str) -> Result<FileAnswer, ToolError> {
    match sim.look(&Ask::File(path.into()))? {
        Answer::File(found) => Ok(found),
        other => panic!("{other:?}"),
    }
}

fn run(sim: &SimMac, line: &str) -> Result<Output, ToolError> {
    sim.run(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), None)
}

/// Everything below `dir`, with what files hold.
fn tree(dir: &Path) -> Vec<(std::path::PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        found.push((path.clone(), fs::read(&path).ok()));
        if path.is_dir() {
            found.extend(tree(&path));
        }
    }
    found.sort();
    found
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_new_folder_and_one_made_before_will_do_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("new/mac");
    made(&new);
    made(&new);
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    set_mode(&empty, 0o755);
    made(&empty);

    let others = dir.path().join("others");
    fs::create_dir(&others).unwrap();
    set_mode(&others, 0o755);
    files::replace(&host_folder(&others), "notes".as_ref(), b"precious").unwrap();
    let before = tree(&others);
    let refused = SimMac::create(&others, World::Neglected, Mac::default());
    assert!(matches!(&refused, Err(SimError::Unfit { why, .. }) if why.contains("no mac.json")), "{refused:?}");
    assert_eq!(tree(&others), before);
    assert!(matches!(SimMac::open(&others), Err(SimError::NoMac { .. })));
    assert!(matches!(SimMac::open(&dir.path().join("none")), Err(SimError::NoMac { .. })));

    for root in [Path::new("/"), Path::new("/tmp/.."), Path::new("/./")] {
        for refused in [SimMac::open(root), SimMac::create(root, World::Neglected, Mac::default())] {
            assert!(matches!(&refused, Err(SimError::Unfit { .. })), "{refused:?}");
        }
    }
}

fn host_folder(path: &Path) -> fs::File {
    crate::host::files::open_folder(path).unwrap()
}

#[test]
fn a_folder_that_others_may_write_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for mode in [0o775, 0o757, 0o1777] {
        let open = dir.path().join(format!("{mode:o}"));
        fs::create_dir(&open).unwrap();
        set_mode(&open, mode);
        for refused in [SimMac::open(&open), SimMac::create(&open, World::Neglected, Mac::default())] {
            assert!(matches!(&refused, Err(SimError::Host(ToolError::UnsafeFile { .. }))), "{mode:o}: {refused:?}");
        }
        assert_eq!(tree(&open), []);
    }
}

#[test]
fn a_maker_that_was_killed_is_followed_by_one_that_finishes() {
    let dir = tempfile::tempdir().unwrap();
    let whole = made(&dir.path().join("whole")).snapshot();
    let cut = dir.path().join("cut");
    made(&cut);
    // All but the last step.
    fs::rename(cut.join("mac.json"), cut.join(".mac.json.new")).unwrap();
    fs::remove_dir_all(cut.join("Library/Managed Preferences")).unwrap();
    assert_eq!(made(&cut).snapshot(), whole);
}

#[test]
fn no_symbolic_link_leads_out_of_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let victim = dir.path().join("victim");
    fs::create_dir_all(victim.join("Preferences")).unwrap();
    files::replace(&host_folder(&victim.join("Preferences")), "com.apple.SoftwareUpdate.plist".as_ref(), b"real")
        .unwrap();
    let before = tree(&victim);
    let write = "/usr/bin/defaults write /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload -bool true";
    for link in ["Library", "Library/Preferences", "Library/Preferences/com.apple.SoftwareUpdate.plist"] {
        let home = dir.path().join(link.replace('/', "-"));
        let sim = made(&home);
        let place = home.join(link);
        let target = victim.join(Path::new(link).strip_prefix("Library").unwrap());
        fs::rename(&place, home.join("aside")).unwrap();
        symlink(&target, &place).unwrap();
        let refused = ask(&sim, UPDATES);
        assert!(matches!(&refused, Err(ToolError::UnsafeFile { path, .. }) if *path == place), "{link}: {refused:?}");
        assert!(run(&sim, write).is_err(), "{link}");
        assert_eq!(sim.copy().map(|_| ()).map_err(|e| matches!(e, SimError::Host(_))), Err(true), "{link}");
        assert_eq!(tree(&victim), before, "{link}");
    }
    // A link at the name under which a file is written first is replaced, not written through.
    let home = dir.path().join("beside");
    let sim = made(&home);
    for beside in [".mac.json.new", "Library/Preferences/.com.apple.SoftwareUpdate.plist.new"] {
        symlink(victim.join("Preferences/com.apple.SoftwareUpdate.plist"), home.join(beside)).unwrap();
    }
    run(&sim, write).unwrap();
    sim.edit(|state| state.firewall.on = true).unwrap();
    assert_eq!(tree(&victim), before);
    // As is one in the state file's place.
    fs::rename(home.join("mac.json"), dir.path().join("mac.json")).unwrap();
    symlink(dir.path().join("mac.json"), home.join("mac.json")).unwrap();
    assert!(matches!(SimMac::open(&home), Err(SimError::Host(ToolError::UnsafeFile { .. }))));
}

#[test]
fn files_are_read_as_on_a_mac() {
    let dir = tempfile::tempdir().unwrap();
    let sim = made(dir.path());
    let place = dir.path().join(UPDATES.trim_start_matches('/'));
    set_mode(&place, 0o666);
    assert!(matches!(ask(&sim, UPDATES), Ok(FileAnswer::Present { owner: 0, mode: 0o666, .. })));
    for path in ["/mac.json", "/etc/passwd", "/Library/Preferences/../../mac.json", "/Library/Preferences/none.plist"] {
        assert_eq!(ask(&sim, path).unwrap(), FileAnswer::Absent, "{path}");
    }
    sim.put_file(UPDATES, None).unwrap();
    let refused = |what: &str| {
        let begun = Instant::now();
        let answer = ask(&sim, UPDATES);
        assert!(matches!(&answer, Err(ToolError::UnsafeFile { path, .. }) if *path == place), "{what}: {answer:?}");
        assert!(run(&sim, "/usr/bin/defaults read /Library/Preferences/com.apple.SoftwareUpdate X").is_err(), "{what}");
        assert!(begun.elapsed().as_secs() < 2, "{what}");
    };
    fs::create_dir(&place).unwrap();
    refused("a folder");
    fs::remove_dir(&place).unwrap();
    mkfifo(&place, Mode::S_IRUSR).unwrap();
    refused("a named pipe");
    sim.put_file(UPDATES, None).unwrap();
    fs::File::create_new(&place).unwrap().set_len(3 << 30).unwrap();
    refused("a sparse file of 3 GiB");
    sim.put_file(UPDATES, None).unwrap();
    assert_eq!(ask(&sim, UPDATES).unwrap(), FileAnswer::Absent);
}

/// Only root can give a file away, so the other half of this needs root; the rig shows it with a policy.
#[test]
fn a_file_of_whoever_runs_the_simulation_is_roots_and_anybody_elses_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let sim = made(dir.path());
    let place = dir.path().join(UPDATES.trim_start_matches('/'));
    let given = chown(&place, Some(Uid::from_raw(501)), None);
    assert_eq!(given.is_ok(), geteuid().is_root() || geteuid().as_raw() == 501);
    let owner = if geteuid().is_root() { 501 } else { 0 };
    assert!(matches!(ask(&sim, UPDATES), Ok(FileAnswer::Present { owner: seen, .. }) if seen == owner));
}

#[test]
fn two_at_once_see_and_keep_each_others_changes() {
    const STEALTH: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw --setstealthmode on";
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (made(dir.path()), made(dir.path()));
    one.edit(|state| state.firewall.on = true).unwrap();
    assert!(other.state().firewall.on);
    run(&other, STEALTH).unwrap();
    let firewall = SimMac::open(dir.path()).unwrap().state().firewall;
    assert!(firewall.on && firewall.stealth);
    // What a person writes with an editor counts too.
    let text = fs::read_to_string(dir.path().join("mac.json")).unwrap();
    let edited = text.replacen("\"stealth\": true", "\"stealth\": false", 1);
    assert_ne!(edited, text);
    files::replace(&host_folder(dir.path()), "mac.json".as_ref(), edited.as_bytes()).unwrap();
    assert!(!one.state().firewall.stealth);
}

#[test]
fn none_of_many_changes_made_at_once_is_lost() {
    const RUNS: usize = 4;
    const EACH: usize = 25;
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..RUNS {
            // Made at once too: one of them makes the Mac, the others find it.
            scope.spawn(|| {
                let sim = made(dir.path());
                (0..EACH).for_each(|_| sim.edit(|state| state.power.sleep_disabled += 1).unwrap());
            });
        }
    });
    assert_eq!(SimMac::open(dir.path()).unwrap().state().power.sleep_disabled, (RUNS * EACH) as i64);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_itself() {
    let dir = tempfile::tempdir().unwrap();
    let sim = made(dir.path());
    // In the place of the folder of the Mac's managed preferences.
    let place = dir.path().join("Library/Managed Preferences");
    let aside = dir.path().join("aside");
    fs::rename(&place, &aside).unwrap();
    fs::copy(dir.path().join("mac.json"), &place).unwrap();
    let error = sim.put_file("/Library/Managed Preferences/x.plist", Some(plist::Dictionary::new())).unwrap_err();
    assert!(error.to_string().starts_with(&*place.to_string_lossy()), "{error}");
    let outside = sim.put_file("/etc/x", Some(plist::Dictionary::new())).unwrap_err();
    assert!(matches!(&outside, SimError::Io { path, source } if *path == dir.path().join("etc/x")
        && source.kind() == ErrorKind::Other));
}

#[test]
fn a_broken_state_file_is_an_error_that_names_it_and_the_place() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(SimMac::open(dir.path()), Err(SimError::NoMac { .. })));
    let sim = made(dir.path());
    let text = fs::read_to_string(dir.path().join("mac.json")).unwrap();
    let compact = serde_json::to_string(&serde_json::from_str::<serde_json::Value>(&text).unwrap()).unwrap();
    for (text, from, to, near) in [
        (&text, "\"stealth\": false", "\"stealth\": maybe", "\"stealth\": "),
        (&text, "\"stealth\": false", "\"stealth\": \"no\"", "\"stealth\": \"no\""),
        (&compact, "\"stealth\":false", "\"stealth\":maybe", "\"stealth\":"),
        (&text, "{", "{", ""),
    ] {
        let broken = if near.is_empty() { "{".to_owned() } else { text.replacen(from, to, 1) };
        assert_ne!(*text, broken);
        files::replace(&host_folder(dir.path()), "mac.json".as_ref(), broken.as_bytes()).unwrap();
        let error = SimMac::create(dir.path(), World::Neglected, Mac::default()).unwrap_err();
        let SimError::State { path, near: told, source } = &error else { panic!("{error:?}") };
        assert!(path.ends_with("mac.json") && told.contains(near), "{error}: {source}");
        // One that is open already does not go on with what it knew.
        assert!(run(&sim, "/usr/bin/sw_vers").is_err());
    }
}

#[test]
fn what_stands_where_is_the_same_in_memory_and_in_a_folder_and_chmod_and_chown_change_it() {
    let dir = tempfile::tempdir().unwrap();
    let (kept, memory) = (made(dir.path()), SimMac::in_memory(World::Neglected, Mac::default()));
    let status = |sim: &SimMac, path: &str| match sim.look(&Ask::Status(path.into())).unwrap() {
        Answer::Status(found) => found.map(|found| (found.kind, found.to_string())),
        other => panic!("{other:?}"),
    };
    let names = |sim: &SimMac, path: &str| match sim.look(&Ask::Folder(path.into())).unwrap() {
        Answer::Folder(entries) => entries.map(|all| all.into_iter().map(|one| one.name).collect::<Vec<_>>()),
        other => panic!("{other:?}"),
    };
    let folder = |words: &str| Some((FileKind::Folder, words.to_owned()));
    for sim in [&kept, &memory] {
        assert_eq!(status(sim, "/Library"), folder("0:0 0755"));
        assert_eq!(status(sim, "/Applications"), folder("0:80 0775"));
        assert_eq!(status(sim, "/Applications/Jamf Trust.app"), folder("0:0 0755"));
        assert_eq!(status(sim, "/Users/Shared"), folder("0:0 1777"));
        assert_eq!(status(sim, UPDATES), Some((FileKind::File, "0:0 0644".to_owned())));
        for absent in ["/Users/nobody", "/Librar", "/Library/Preferences/none", "relative"] {
            assert_eq!((status(sim, absent), names(sim, absent)), (None, None), "{absent}");
        }
        assert_eq!(names(sim, "/Users").unwrap(), ["Shared", "alice", "bob"]);
        assert!(names(sim, "/Library/Preferences").unwrap().contains(&"com.apple.SoftwareUpdate.plist".to_owned()));
        assert!(sim.look(&Ask::Folder(UPDATES.into())).is_err(), "a file is no folder");
        let before = sim.snapshot();
        let home = status(sim, "/Users/bob");
        assert_eq!(run(sim, "/bin/chmod -h 0711 /Users/bob").unwrap(), Output::default());
        assert_eq!(run(sim, "/usr/sbin/chown -h 501:80 /Users/bob").unwrap(), Output::default());
        assert_eq!(status(sim, "/Users/bob"), folder("501:80 0711"));
        assert_ne!(sim.snapshot(), before);
        let Some((_, words)) = home else { panic!("no home") };
        let (ids, mode) = words.split_once(' ').unwrap();
        run(sim, &format!("/bin/chmod -h {mode} /Users/bob")).unwrap();
        run(sim, &format!("/usr/sbin/chown -h {ids} /Users/bob")).unwrap();
        assert_eq!(sim.snapshot(), before, "set back is as it was");
        assert_eq!(run(sim, "/bin/chmod -h 0700 /nothing").unwrap().status, 1);
        for other in ["chmod 0700 /Users/bob", "chmod -h u+w /Users/bob", "chmod -R 0700 /Users", "chmod -h 0700"] {
            assert!(run(sim, &format!("/bin/{other}")).is_err(), "{other}");
        }
        let user = sim.run(&["/bin/chmod", "-h", "0777", "/Users/bob"].map(str::to_owned), Some(501)).unwrap();
        assert_eq!((user.status, sim.snapshot()), (1, before));
    }
    for (path, mark) in kept.marks() {
        assert_eq!(status(&kept, &path).unwrap().0, mark.kind, "{path}");
    }
}
