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

#[test]
fn a_mac_whose_id_cannot_be_told_keeps_to_the_splay_on_record() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.put(
        POLICY,
        &policy("<key>Times</key><array><string>10:00</string></array><key>Splay</key><integer>7200</integer>"),
    );
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let scheduled = stage.events("scheduled");
    let form = scheduled.iter().find(|line| line["item"] == "sign_out").unwrap()["form"].as_str().unwrap();
    let later: i64 = form.split(' ').filter_map(|word| word.parse().ok()).next_back().unwrap();
    assert!(later > 1200, "the test needs a pass between ten o'clock and this Mac's own time: {form}");
    *eyes.fails.lock().unwrap() = Some("system_profiler");
    let mut core = stage.core(&eyes);
    let due = stage.clock.now() - minutes(1) + hours(1) + TimeDelta::seconds(later);
    stage.live(&mut core, due - stage.clock.now() - minutes(1));
    assert_eq!(stages(&stage), Vec::<String>::new(), "passes go on, and nobody is signed out early");
    stage.live(&mut core, minutes(5));
    assert_eq!(stages(&stage), ["requested", "delivered", "confirmed"]);
}

#[test]
fn while_policy_has_no_sign_outs_none_are_missed() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let every = policy("<key>Interval</key><integer>14400</integer>");
    stage.put(POLICY, &every);
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(10));
    stage.put(POLICY, &list(""));
    stage.live(&mut core, hours(9));
    stage.put(POLICY, &every);
    stage.live(&mut core, hours(3));
    assert_eq!((stages(&stage), stage.events("missed")), (Vec::new(), Vec::new()));
    stage.live(&mut core, hours(2));
    assert_eq!(stages(&stage), ["requested", "delivered", "confirmed"]);
}

/// A Mac with these at the screen, one after the other: what is found of the session's settings, and what is made of its
/// sign-out, is for whoever it is.
#[test]
fn passes_and_sign_outs_are_for_whoever_is_there_whatever_the_name() {
    let findings = |stage: &Stage| -> Vec<(String, String)> {
        let word = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        stage.events("found").iter().map(|line| (word(line, "control"), word(line, "state"))).collect()
    };
    let day = |name: Option<&str>, full_name: Option<&str>| {
        let stage = Stage::new("hardened");
        stage.put(POLICY, &policy("<key>Times</key><array><string>10:00</string></array>"));
        stage
            .mac
            .edit(|state| {
                let alice = state.users.iter().position(|user| user.name == "alice").unwrap();
                if let Some((name, full_name)) = name.zip(full_name) {
                    let user = &mut state.users[alice];
                    let home = user.home.replace("alice", name);
                    let at = |path: &str| stage.dir.join(path.trim_start_matches('/'));
                    std::fs::rename(at(&user.home), at(&home)).unwrap();
                    user.home = home;
                    (user.name, user.full_name) = (name.to_owned(), full_name.to_owned());
                }
                state.console_user = name.map(str::to_owned);
                state.jamf_trust.running = name.map(str::to_owned).into_iter().collect();
            })
            .unwrap();
        let eyes = stage.eyes();
        let mut core = stage.core(&eyes);
        stage.live(&mut core, hours(2));
        assert!(stage.events("crashed").is_empty(), "{name:?}");
        assert!(!stage.events("run_ended").is_empty(), "{name:?}");
        drop(core);
        (findings(&stage), stages(&stage), stage.mac.state().jamf_trust.delivered)
    };
    let (of_alice, ..) = day(Some("alice"), None);
    for (name, full_name) in [
        ("o'brien", "Ada \"Quotes\" O'Brien; rm -rf $(HOME) `id`"),
        ("jose", "Jos\u{e9}\nSecond Line\n501 /sbin/launchd\n\tuid: 0"),
        ("a.b-c_d", "  spaces   in and around  "),
        ("\u{e9}va", "\u{202e}reversed"),
    ] {
        let (found, made, handed) = day(Some(name), Some(full_name));
        let mut expected = of_alice.clone();
        if full_name.contains('\n') {
            // Its answer bears the full name, and could be anybody's that has lines of its own: then it is not known.
            let tokens = expected.iter_mut().find(|(control, _)| control == "secure_tokens").unwrap();
            tokens.1 = "unknown".to_owned();
        }
        assert_eq!(found, expected, "{name:?} {full_name:?}");
        assert_eq!(
            (made, handed),
            (["requested", "delivered", "confirmed"].map(str::to_owned).to_vec(), vec![name.to_owned()])
        );
    }
    let (of_nobody, ..) = day(None, None);
    for nobody in ["root", "_mbsetupuser", "loginwindow"] {
        let (found, made, handed) = day(Some(nobody), None);
        assert_eq!(found, of_nobody, "{nobody}");
        assert_eq!((made, handed.len()), (vec!["deferred".to_owned()], 0), "{nobody}");
    }
}

#[test]
fn what_was_slept_through_is_made_up_once_the_mac_has_come_to_itself() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.put(POLICY, &policy("<key>Interval</key><integer>28800</integer>"));
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(10));
    stage.clock.sleep(hours(10));
    stage.live(&mut core, TimeDelta::seconds(55));
    assert_eq!(stages(&stage), Vec::<String>::new(), "its user wants it now");
    stage.live(&mut core, minutes(2));
    assert_eq!(stages(&stage), ["requested", "delivered", "confirmed"]);
    let missed = stage.events("missed");
    let of_user = missed.iter().find(|line| line["item"] == "sign_out").unwrap();
    assert_eq!(of_user["why"], serde_json::json!(["asleep"]));
}
