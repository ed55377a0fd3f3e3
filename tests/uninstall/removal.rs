//! What is removed, what stays, and what is told of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;
use std::time::{Duration, Instant};

use holdfast::installed::{COMPLAINTS, FILES, FOLDERS, LABEL, STATE as STATE_FILES};
use holdfast::sim::state::Job;

use crate::stage::{LEDGER, LOCAL, STATE, Stage};

const MAC: &str = "neglected@arm-laptop-26";

#[test]
fn what_the_package_and_the_agent_put_there_is_gone_and_nothing_else() {
    for logs in [&["--remove-logs"][..], &["--keep-logs"], &[]] {
        let clean = Stage::new(MAC).tree();
        let stage = Stage::installed(MAC);
        stage.put(LOCAL, b"<plist version=\"1.0\"><dict><key>Level</key><integer>3</integer></dict></plist>");
        assert_eq!(stage.run(&["enforce", "--control", "firewall_on"]).status, 3);
        let ended = stage.run(&[&["uninstall"], logs].concat());
        assert_eq!(ended.status, 0, "{ended:?}");
        let mut tree = stage.tree();
        if logs != ["--remove-logs"] {
            let kept: Vec<String> = tree.keys().filter(|path| path.starts_with("Library/Logs/")).cloned().collect();
            assert_eq!(kept, ["Library/Logs/Holdfast", "Library/Logs/Holdfast/compliance.ndjson"]);
            kept.iter().for_each(|path| drop(tree.remove(path)));
            assert_eq!(stage.ledger().last().unwrap()["event"], "removes");
            assert!(ended.out.contains("kept      "), "{}", ended.out);
        }
        assert_eq!(tree, clean);
        let state = stage.mac.state();
        assert!(!state.jobs.iter().any(|job| job.label == LABEL) && state.receipts.is_empty());
        assert!(ended.out.lines().all(|line| line.chars().count() <= 80), "{}", ended.out);
        assert!(ended.out.contains("Holdfast is removed from this Mac."), "{}", ended.out);
    }
}

#[test]
fn a_second_time_there_is_nothing_to_do() {
    let stage = Stage::installed(MAC);
    assert_eq!(stage.run(&["uninstall"]).status, 0);
    let between = stage.tree();
    let again = stage.run(&["uninstall"]);
    assert_eq!((again.status, stage.tree()), (0, between), "{again:?}");
    assert!(again.out.contains("There was nothing of Holdfast to remove."), "{}", again.out);
    let never = Stage::new(MAC);
    let before = never.tree();
    let ended = never.run(&["uninstall", "--remove-logs"]);
    assert_eq!((ended.status, never.tree()), (0, before), "{ended:?}");
}

#[test]
fn whatever_half_is_gone_the_rest_goes() {
    let clean = Stage::new(MAC).tree();
    for missing in 0..FILES.len() {
        let stage = Stage::installed(MAC);
        for (file, _) in FILES.iter().cycle().skip(missing).take(FILES.len() / 2) {
            fs::remove_file(stage.at(file)).unwrap();
        }
        if missing % 2 == 0 {
            stage.mac.edit(|state| state.receipts.clear()).unwrap();
        }
        if missing % 3 == 0 {
            stage.mac.edit(|state| state.jobs.retain(|job| job.label != LABEL)).unwrap();
        }
        let ended = stage.run(&["uninstall", "--remove-logs"]);
        assert_eq!((ended.status, stage.tree()), (0, clean.clone()), "{ended:?}");
    }
    let folder_only = Stage::installed(MAC);
    fs::remove_dir_all(folder_only.at("/Library/Holdfast")).unwrap();
    assert_eq!(folder_only.run(&["uninstall", "--remove-logs"]).status, 0);
    assert_eq!(folder_only.tree(), clean);
}

/// Every path that is removed.
fn paths() -> Vec<String> {
    let state = STATE_FILES.iter().map(|name| format!("{STATE}/{name}"));
    let logs =
        [COMPLAINTS, LEDGER, "/Library/Logs/Holdfast/compliance.lock", "/Library/Logs/JamfTrustSignOut.log", LOCAL];
    let folders = ["/Library/Logs/Holdfast", STATE, "/Library/Application Support/Holdfast/replaced"];
    let all = FILES.iter().map(|(file, _)| *file).chain(FOLDERS).chain(logs).chain(folders);
    all.map(str::to_owned).chain(state).collect()
}

#[test]
fn a_link_in_the_place_of_any_path_goes_itself() {
    let clean = Stage::new(MAC).tree();
    for path in paths() {
        for is_folder in [false, true] {
            let stage = Stage::installed(MAC);
            let elsewhere = tempfile::tempdir().unwrap();
            fs::set_permissions(elsewhere.path(), PermissionsExt::from_mode(0o755)).unwrap();
            let precious = elsewhere.path().join("precious");
            fs::write(&precious, b"precious").unwrap();
            // What would be removed if the link were followed.
            for name in ["holdfast", "compliance.ndjson", "status.json", "holdfast.8", "bin"] {
                fs::write(elsewhere.path().join(name), b"precious").unwrap();
            }
            let target = if is_folder { elsewhere.path() } else { &precious };
            let place = stage.at(&path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            match place.symlink_metadata() {
                Ok(found) if found.is_dir() => fs::remove_dir_all(&place).unwrap(),
                Ok(_) => fs::remove_file(&place).unwrap(),
                Err(_) => {}
            }
            symlink(target, &place).unwrap();
            let ended = stage.run(&["uninstall", "--remove-logs"]);
            for entry in fs::read_dir(elsewhere.path()).unwrap() {
                assert_eq!(fs::read(entry.unwrap().path()).unwrap(), b"precious", "{path}");
            }
            assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 6, "{path}");
            // The program works on no simulated Mac whose own places are links; nor can a lock be a link.
            if ended.err.contains("is a symbolic link: nothing outside") || path.ends_with("daemon.lock") {
                assert_eq!(ended.status, 1, "{path}: {ended:?}");
                continue;
            }
            assert_eq!((ended.status, stage.tree()), (0, clean.clone()), "{path}: {ended:?}");
            assert!(ended.out.contains("a symbolic link, itself"), "{path}: {}", ended.out);
        }
    }
}

#[test]
fn where_others_could_exchange_what_goes_nothing_is_removed() {
    for (folder, mode) in [
        ("/Library/LaunchDaemons", 0o775),
        ("/Library/Application Support", 0o777),
        ("/Library", 0o775),
        ("/private/etc/paths.d", 0o757),
        ("/Library/Logs", 0o1777),
    ] {
        let stage = Stage::installed(MAC);
        fs::set_permissions(stage.at(folder), PermissionsExt::from_mode(mode)).unwrap();
        let before = stage.tree();
        let ended = stage.run(&["uninstall"]);
        assert_eq!((ended.status, stage.tree()), (1, before), "{folder}: {ended:?}");
        assert!(ended.err.contains(folder) && ended.err.contains("nothing was removed"), "{}", ended.err);
        assert!(stage.mac.state().jobs.iter().any(|job| job.label == LABEL), "{folder}: the daemon was stopped");
    }
    // A link in the place of a folder of macOS's own.
    let stage = Stage::installed(MAC);
    fs::rename(stage.at("/private/etc"), stage.at("/private/other")).unwrap();
    symlink("other", stage.at("/private/etc")).unwrap();
    let before = stage.tree();
    let ended = stage.run(&["uninstall"]);
    assert_eq!((ended.status, stage.tree()), (1, before), "{ended:?}");
}

#[test]
fn what_somebody_else_put_there_stays_and_is_named() {
    let stage = Stage::installed(MAC);
    let theirs = ["/Library/Holdfast/notes.txt", "/Library/Holdfast/bin/tool", "/Library/Logs/Holdfast/mine.log"];
    theirs.iter().for_each(|path| stage.put(path, b"theirs"));
    let moved = "/Library/Application Support/Holdfast/replaced/20260101T000000Z-x.sh";
    stage.put(moved, b"theirs");
    stage.put("/Library/Managed Preferences/org.holdfast.agent.plist", b"forced");
    let ended = stage.run(&["uninstall", "--remove-logs"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    for path in theirs.iter().chain([&moved]) {
        assert_eq!(fs::read(stage.at(path)).unwrap(), b"theirs", "{path}");
        let name = path.rsplit('/').next().unwrap();
        assert!(ended.out.contains(name), "{name}: {}", ended.out);
    }
    assert!(ended.out.contains("remove the profile in the MDM"), "{}", ended.out);
    for (file, _) in FILES {
        assert!(!stage.is_there(file), "{file}");
    }
}

#[test]
fn what_a_killed_write_left_goes_too() {
    let stage = Stage::installed(MAC);
    let own = [".status.json.4242.0.tmp", ".head.json.1.17.tmp", ".policy.last-good.local.plist.77.3.tmp"];
    for name in own {
        stage.put(&format!("{STATE}/{name}"), b"half");
    }
    stage.put("/Library/Logs/.JamfTrustSignOut.log.9.0.tmp", b"half");
    stage.put(&format!("{STATE}/.notes.1.1.tmp"), b"theirs");
    assert_eq!(stage.run(&["uninstall"]).status, 0);
    assert!(!stage.is_there("/Library/Logs/.JamfTrustSignOut.log.9.0.tmp"));
    let left: Vec<_> = fs::read_dir(stage.at(STATE)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".notes.1.1.tmp"]);
}

#[test]
fn it_goes_on_past_what_cannot_be_removed() {
    let stage = Stage::installed(MAC);
    // A folder in the place of a file is not removed, whoever runs this.
    for path in ["/Library/Holdfast/share/doc/LICENSE", "/private/etc/paths.d/holdfast"] {
        fs::remove_file(stage.at(path)).unwrap();
        fs::create_dir(stage.at(path)).unwrap();
    }
    let ended = stage.run(&["uninstall"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.out.contains("Not done whole: 2 things are left."), "{}", ended.out);
    assert!(ended.out.contains("LEFT      "), "{}", ended.out);
    assert!(!stage.is_there("/Library/Holdfast/bin/holdfast") && !stage.is_there(FILES[0].0));
}

#[test]
fn a_running_daemon_is_not_pulled_from_under_its_feet() {
    let stage = Stage::installed(MAC);
    let mut daemon = stage.command(&["daemon"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let lock = stage.at(&format!("{STATE}/daemon.lock"));
    let until = Instant::now() + Duration::from_secs(60);
    while !stage.is_there(LEDGER) || fs::read(&lock).is_ok_and(|pid| pid.is_empty()) {
        assert!(Instant::now() < until, "the daemon does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    let ended = stage.run(&["uninstall"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    let expected = format!("another daemon runs (process {}); nothing was removed", daemon.id());
    assert!(ended.err.contains(&expected), "{}", ended.err);
    assert!(FILES.iter().all(|(file, _)| stage.is_there(file)));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(stage.run(&["uninstall"]).status, 0);
    assert!(!stage.is_there(STATE));
}

#[test]
fn after_a_new_installation_the_ledger_goes_on_and_nothing_is_amiss() {
    let stage = Stage::installed(MAC);
    assert_eq!(stage.run(&["enforce", "--control", "firewall_on"]).status, 3);
    assert_eq!(stage.run(&["uninstall"]).status, 0);
    assert_eq!(stage.run(&["enforce", "--control", "firewall_on"]).status, 0);
    let events: Vec<_> = stage.ledger().iter().map(|line| line["event"].clone()).collect();
    assert!(!events.contains(&"end_differs".into()), "{events:?}");
    assert_eq!(stage.run(&["log", "verify"]).status, 0);
    // Without that last line it would be amiss.
    let stage = Stage::installed(MAC);
    assert_eq!(stage.run(&["enforce", "--control", "firewall_on"]).status, 3);
    fs::remove_dir_all(stage.at(STATE)).unwrap();
    stage.run(&["enforce", "--control", "firewall_on"]);
    assert!(stage.ledger().iter().any(|line| line["event"] == "end_differs"));
}

#[test]
fn the_log_of_sign_outs_is_where_policy_says() {
    let stage = Stage::installed(MAC);
    let policy = "<plist version=\"1.0\"><dict><key>SignOut</key><dict><key>CompatibilityLogPath</key>\
                  <string>/Library/Logs/Other.log</string></dict></dict></plist>";
    stage.put("/Library/Managed Preferences/org.holdfast.agent.plist", policy.as_bytes());
    for log in ["/Library/Logs/Other.log", "/Library/Logs/Other.log.1", "/Library/Logs/JamfTrustSignOut.log"] {
        stage.put(log, b"x");
    }
    assert_eq!(stage.run(&["uninstall", "--remove-logs"]).status, 0);
    assert!(!stage.is_there("/Library/Logs/Other.log") && !stage.is_there("/Library/Logs/Other.log.1"));
    // Somebody else's by this policy.
    assert!(stage.is_there("/Library/Logs/JamfTrustSignOut.log"));
}

#[test]
fn a_job_of_another_name_is_none_of_ours() {
    let stage = Stage::installed(MAC);
    let other = Job { label: "org.holdfast.agent.other".into(), path: "/x.plist".into(), arguments: vec![] };
    stage.mac.edit(|state| state.jobs.push(other.clone())).unwrap();
    assert_eq!(stage.run(&["uninstall"]).status, 0);
    assert!(stage.mac.state().jobs.contains(&other));
}

#[test]
fn only_root_removes_it_from_a_real_mac() {
    use std::os::unix::process::CommandExt;
    let home = tempfile::tempdir().unwrap();
    // Where anybody may start it.
    let program = home.path().join("holdfast");
    fs::copy(env!("CARGO_BIN_EXE_holdfast"), &program).unwrap();
    fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(&program);
    command.arg("uninstall").env_clear();
    if nix::unistd::geteuid().is_root() {
        command.uid(4242).gid(4242);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{output:?}");
}

#[test]
fn what_the_daemon_complained_of_stays_unless_it_is_nothing_or_the_logs_go() {
    for (said, logs, stays) in [(&b"x"[..], &[][..], true), (b"x", &["--remove-logs"], false), (b"", &[], false)] {
        let stage = Stage::installed(MAC);
        stage.put(COMPLAINTS, said);
        let ended = stage.run(&[&["uninstall"], logs].concat());
        assert_eq!((ended.status, stage.is_there(COMPLAINTS)), (0, stays), "{ended:?}");
    }
}
