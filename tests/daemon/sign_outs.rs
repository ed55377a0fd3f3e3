//! Sign-outs of Jamf Trust, as the daemon makes them.

use chrono::TimeDelta;
use holdfast::clock::Clock;
use holdfast::control::SESSIONS;
use serde_json::Value;

use crate::stage::{POLICY, Stage, hours, list, minutes};

fn policy(content: &str) -> String {
    list(&format!("<key>SignOut</key><dict>{content}</dict>"))
}

/// The stages on record, in order.
fn stages(stage: &Stage) -> Vec<String> {
    let word = |line: &Value| line["stage"].as_str().unwrap().to_owned();
    stage.events("sign_out").iter().map(word).collect()
}

#[test]
fn each_time_is_one_sign_out_whatever_becomes_of_the_daemon() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.put(POLICY, &policy("<key>Interval</key><integer>28800</integer>"));
    let mut core = stage.core(&eyes);
    let began = stage.clock.now();
    for n in 1..=3 {
        stage.live(&mut core, began + hours(8 * n) - minutes(1) - stage.clock.now());
        let before = stages(&stage).len();
        stage.live(&mut core, minutes(3));
        assert_eq!(stages(&stage)[before..], ["requested", "delivered", "confirmed"]);
        // A new life knows of it.
        core = stage.core(&eyes);
        stage.mac.edit(|state| state.jamf_trust.vpn = Some("Connected".into())).unwrap();
        stage.live(&mut core, minutes(30));
        assert_eq!(stages(&stage).len(), before + 3);
        stage.clock.set(minutes(-32));
        stage.live(&mut core, minutes(1));
        stage.clock.set(minutes(32));
        stage.live(&mut core, minutes(1));
        assert_eq!(stages(&stage).len(), before + 3);
    }
    assert_eq!(stage.mac.state().jamf_trust.delivered.len(), 3);
    let log = std::fs::read_to_string(stage.dir.join("Library/Logs/JamfTrustSignOut.log")).unwrap();
    assert_eq!(log.lines().count(), 3);
}

#[test]
fn what_nobody_was_there_for_is_made_soon_after_the_next_login() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.put(POLICY, &policy("<key>Times</key><array><string>10:00</string></array>"));
    let user = stage.mac.state().console_user.clone().unwrap();
    stage.mac.edit(|state| state.console_user = None).unwrap();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, hours(2));
    assert_eq!(stages(&stage), ["deferred"]);
    stage.mac.edit(|state| state.console_user = Some(user.clone())).unwrap();
    let happened = stage.event(&core, SESSIONS);
    assert!(happened.sessions);
    core.tick(happened);
    stage.live(&mut core, TimeDelta::seconds(30));
    assert_eq!(stages(&stage), ["deferred"], "they have just logged in");
    stage.live(&mut core, minutes(2));
    assert_eq!(stages(&stage)[1..], ["requested", "delivered", "confirmed"]);
    assert_eq!(stage.mac.state().jamf_trust.delivered, [user]);
    stage.live(&mut core, hours(20));
    assert_eq!(stages(&stage).len(), 4);
}
