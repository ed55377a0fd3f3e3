//! What the agent changed, put back before it goes.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use holdfast::controls;
use holdfast::installed::FILES;
use holdfast::sim::Mac;
use plist::Value;

use crate::stage::{LEDGER, STATE, Stage};

const MAC: &str = "neglected@arm-laptop-26";
const MANAGED: &str = "/Library/Managed Preferences/org.holdfast.agent.plist";
const SCREEN_SAVER: &str = "/Library/Preferences/com.apple.screensaver.plist";

/// A policy that enforces every control there is.
fn everything() -> Vec<u8> {
    let enforce = || Value::Dictionary([("Mode".to_owned(), Value::from("enforce"))].into_iter().collect());
    let by_id = controls::all().into_iter().map(|control| (control.id.to_owned(), enforce())).collect();
    let root = [("Level".to_owned(), Value::from(3)), ("Controls".to_owned(), Value::Dictionary(by_id))];
    let mut bytes = Vec::new();
    Value::Dictionary(root.into_iter().collect()).to_writer_xml(&mut bytes).unwrap();
    bytes
}

/// An installed agent that has enforced everything once.
fn enforced(name: &str) -> Stage {
    let stage = Stage::installed(name);
    stage.put(MANAGED, &everything());
    let ended = stage.run(&["enforce"]);
    assert!([2, 3].contains(&ended.status), "{ended:?}");
    stage
}

#[test]
fn every_mac_is_then_as_it_was_before() {
    for mac in Mac::ALL {
        let name = format!("neglected@{}", mac.name());
        let clean = Stage::new(&name);
        clean.put(MANAGED, &everything());
        let stage = enforced(&name);
        assert_ne!(stage.mac.state().firewall, clean.mac.state().firewall, "{name}");
        let ended = stage.run(&["uninstall", "--restore", "--remove-logs"]);
        assert_eq!(ended.status, 0, "{name}: {ended:?}");
        assert_eq!(stage.mac.state(), clean.mac.state(), "{name}");
        assert_eq!(stage.tree(), clean.tree(), "{name}");
        assert!(ended.out.contains("put back  "), "{}", ended.out);
        assert!(ended.out.lines().all(|line| line.chars().count() <= 80), "{}", ended.out);
    }
}

#[test]
fn without_restore_what_was_hardened_stays_so_and_can_be_put_back_later() {
    let clean = Stage::new(MAC);
    let stage = enforced(MAC);
    let hardened = stage.mac.state().firewall;
    assert_eq!(stage.run(&["uninstall"]).status, 0);
    assert_eq!(stage.mac.state().firewall, hardened);
    // What the takeover moved aside is kept, and so is the ledger that knows the way back.
    assert!(stage.is_there(&format!("{STATE}/replaced")));
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(stage.mac.state(), clean.mac.state());
    assert!(!stage.is_there(STATE));
    assert!(!stage.ledger().iter().any(|line| line["event"] == "end_differs"));
    // And then there is nothing left to put back.
    let again = stage.run(&["uninstall", "--restore"]);
    assert_eq!((again.status, again.out.contains("put back")), (0, false), "{again:?}");
}

#[test]
fn what_somebody_changed_since_is_theirs_and_named() {
    let stage = enforced(MAC);
    let theirs = [("loginWindowIdleTime".to_owned(), Value::from(300))].into_iter().collect();
    stage.mac.put_file(SCREEN_SAVER, Some(theirs)).unwrap();
    stage.mac.edit(|state| state.firewall.on = false).unwrap();
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    let words = ended.words();
    let named = "kept screen_lock_login_window_idle: /Library/Preferences/com.apple.screensaver loginWindowIdleTime somebody \
                 else has changed it since the agent did; it is theirs";
    assert!(words.contains(named), "{words}");
    let left: Value = plist::from_file(stage.at(SCREEN_SAVER)).unwrap();
    assert_eq!(left.as_dictionary().unwrap().get("loginWindowIdleTime"), Some(&Value::from(300)));
    // Switched off by hand is as it was before the agent: nothing to do.
    assert!(!ended.out.contains("firewall --setglobalstate"), "{}", ended.out);
}

#[test]
fn a_refusal_is_told_in_the_tools_own_words_and_the_rest_goes_on() {
    let stage = enforced(MAC);
    let forced = [("EnableFirewall".to_owned(), Value::from(true))].into_iter().collect();
    stage.mac.put_file("/Library/Managed Preferences/com.apple.security.firewall.plist", Some(forced)).unwrap();
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    let words = ended.words();
    assert!(words.contains("Firewall settings cannot be modified from command line on managed Mac"), "{words}");
    assert!(words.contains("LEFT firewall_on: firewall --setglobalstate"), "{words}");
    // The others are back, and the agent is gone.
    assert!(words.contains("put back screen_lock_login_window_idle"), "{words}");
    assert!(FILES.iter().all(|(file, _)| !stage.is_there(file)));
    let taken: Vec<bool> = stage
        .ledger()
        .iter()
        .filter(|line| line["event"] == "taken_back")
        .map(|line| line["whole"].as_bool().unwrap())
        .collect();
    assert!(taken.contains(&true) && taken.contains(&false), "{taken:?}");
    assert!(stage.mac.state().firewall.on);
}

#[test]
fn a_line_in_the_ledger_that_the_agent_never_wrote_is_not_run() {
    let stage = enforced(MAC);
    let trap = stage.home.path().join("trap");
    let change = serde_json::json!({
        "argv": ["/usr/bin/defaults", "write", "/Library/Preferences/x", "K", "-int", "1"],
        "undo": [["/usr/bin/touch", trap.to_str().unwrap()]],
    });
    let last = stage.ledger().len();
    let line = serde_json::json!({
        "v": 1, "seq": last + 1, "time": "2026-03-31T08:00:00.000Z", "boot": null, "run": "r", "simulated": true,
        "event": "intends", "control": "firewall_on", "changes": [change], "prev": "0".repeat(64),
    });
    let mut file = fs::OpenOptions::new().append(true).open(stage.at(LEDGER)).unwrap();
    writeln!(file, "{line}").unwrap();
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.words().contains("no command of the agent's own"), "{}", ended.out);
    assert!(!trap.exists());
}

#[test]
fn without_a_ledger_that_can_be_written_nothing_is_put_back_and_nothing_removed() {
    let stage = enforced(MAC);
    fs::set_permissions(stage.at(LEDGER), PermissionsExt::from_mode(0o666)).unwrap();
    let (state, mut before) = (stage.mac.state(), stage.tree());
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.err.contains("nothing was removed") && ended.err.contains("compliance.ndjson"), "{}", ended.err);
    assert_eq!(stage.mac.state().firewall, state.firewall);
    let mut after = stage.tree();
    for tree in [&mut before, &mut after] {
        tree.retain(|path, _| !path.ends_with(".lock"));
    }
    assert_eq!(after, before);
    // Without anything to put back that is no hindrance, and it is told.
    let ended = stage.run(&["uninstall"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.out.contains("the ledger's last line"), "{}", ended.out);
    assert!(FILES.iter().all(|(file, _)| !stage.is_there(file)));
}

#[test]
fn a_ledger_of_full_segments_alone_still_knows_the_way_back() {
    let (clean, stage) = (Stage::new(MAC), enforced(MAC));
    // As after a crash between putting a full segment aside and beginning the next.
    fs::rename(stage.at(LEDGER), stage.at("/Library/Logs/Holdfast/compliance.000000000001.ndjson")).unwrap();
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(stage.mac.state(), clean.mac.state());
}

#[test]
fn a_ledger_that_is_gone_or_not_in_its_place_is_told() {
    let stage = enforced(MAC);
    let folder = stage.at("/Library/Logs/Holdfast");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "no folder").unwrap();
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.err.contains("nothing was removed") && stage.is_there(FILES[0].0), "{ended:?}");

    fs::remove_file(&folder).unwrap();
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.words().contains("the ledger, which alone tells of it, is gone"), "{}", ended.out);
    // It is removed all the same, and then nothing tells that there ever was a ledger.
    assert_eq!(stage.run(&["uninstall", "--restore"]).status, 0);
}

#[test]
fn with_no_ledger_there_is_nothing_to_put_back() {
    let stage = Stage::installed(MAC);
    let ended = stage.run(&["uninstall", "--restore"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(!ended.out.contains("put back") && !stage.is_there("/Library/Logs/Holdfast"), "{}", ended.out);
}
