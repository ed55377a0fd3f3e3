//! `holdfast restore` and `resume` as programs.

use serde_json::Value;

use crate::stage::Stage;

const MAC: &str = "neglected@arm-laptop-26";

#[test]
fn the_program_puts_back_holds_and_resumes() {
    let stage = Stage::new(MAC);
    assert_eq!(stage.run(&["restore", "--all"]).status, 0);
    assert!(!stage.is_there("/Library/Logs/Holdfast"), "there was nothing to put back, and nothing to write");
    assert_eq!(stage.run(&["enforce"]).status, 2);
    let lines = stage.ledger().len();
    let dry = stage.run(&["restore", "--control", "firewall_on", "--dry-run"]);
    assert_eq!((dry.status, stage.ledger().len()), (0, lines), "{dry:?}");
    assert!(
        dry.words().contains("put it back by /usr/libexec/ApplicationFirewall/socketfilterfw --setglobalstate off")
    );
    // By the name of NIST's rule, too.
    let ended = stage.run(&["restore", "--control", "system_settings_firewall_enable", "--json"]);
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.status, &json["exit_status"], &json["held"][0]), (0, &0.into(), &"firewall_on".into()));
    assert_eq!(json["settings"][0]["became"], "put_back");
    assert!(!stage.mac.state().firewall.on);
    let check: Value = serde_json::from_str(&stage.run(&["check", "--control", "firewall_on", "--json"]).out).unwrap();
    let firewall = &check["controls"][0];
    assert_eq!((&firewall["left"], &firewall["mode"]), (&"held".into(), &"audit".into()));
    for (command, word) in
        [(["status"].as_slice(), "; 1 held in audit mode"), (&["explain", "firewall_on"], "Held held")]
    {
        let told = stage.run(command);
        assert!(told.words().contains(word), "{command:?}: {}", told.out);
    }
    let resumed = stage.run(&["resume", "--control", "firewall_on", "--control", "firewall_stealth", "--json"]);
    let resumed: Value = serde_json::from_str(&resumed.out).unwrap();
    assert_eq!((&resumed["resumed"][0], &resumed["not_held"][0]), (&"firewall_on".into(), &"firewall_stealth".into()));
    assert!(stage.run(&["resume", "--all"]).out.contains("Nothing of that is held"));
    assert_eq!(stage.run(&["enforce", "--control", "firewall_on"]).status, 3);
    assert_eq!(stage.run(&["log", "verify"]).status, 0);
}

#[test]
fn what_is_skipped_or_wrongly_asked_for_has_its_exit_status() {
    let stage = Stage::new(MAC);
    stage.run(&["enforce"]);
    for wrong in [
        ["restore"].as_slice(),
        &["restore", "--all", "--control", "firewall_on"],
        &["restore", "--all", "--run", "r"],
        &["restore", "--control", "no_such"],
        &["restore", "--run", "no such"],
        &["resume"],
        &["resume", "--all", "--control", "firewall_on"],
        &["resume", "--control", "no_such"],
    ] {
        assert_eq!(stage.run(wrong).status, 64, "{wrong:?}");
    }
    let theirs = [("loginWindowIdleTime".to_owned(), plist::Value::from(300))].into_iter().collect();
    stage.mac.put_file("/Library/Preferences/com.apple.screensaver.plist", Some(theirs)).unwrap();
    let ended = stage.run(&["restore", "--all"]);
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(ended.words().contains("skipped screen_lock_login_window_idle:"), "{}", ended.out);
    assert!(ended.out.lines().all(|line| line.chars().count() <= 80), "{}", ended.out);
    assert_eq!(stage.run(&["restore", "--all", "--force"]).status, 0);
}
