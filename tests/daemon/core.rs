//! The core, tick by tick, with a clock that the test moves.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use holdfast::clock::Clock;
use holdfast::daemon::events::Happened;
use serde_json::Value;

use crate::stage::{POLICY, Stage, hours, list, minutes};

const UPDATE: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";

fn words<'a>(lines: &'a [Value], key: &str) -> Vec<&'a str> {
    lines.iter().map(|line| line[key].as_str().unwrap_or_default()).collect()
}

fn time(text: &Value) -> DateTime<Utc> {
    text.as_str().unwrap().parse().unwrap()
}

fn settles(run: &Value, item: &str) -> bool {
    run["items"].as_array().is_some_and(|items| items.contains(&item.into()))
}

#[test]
fn a_day_of_ticks() {
    let stage = Stage::new("neglected");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let first = stage.ledger();
    assert!(first.iter().any(|line| line["event"] == "fixed"), "the first pass mends");
    let started: Vec<&str> = words(&first, "event");
    assert_eq!(started.iter().filter(|name| **name == "daemon_started").count(), 1);
    let scheduled: Vec<Value> = stage.events("scheduled");
    assert_eq!(words(&scheduled, "item"), ["checks", "slow_checks"]);

    stage.live(&mut core, hours(24));
    let passes = stage.events("run_started");
    let of = |item: &str| passes.iter().filter(|run| settles(run, item)).count();
    assert_eq!(of("checks"), 97, "at the start and every 15 minutes");
    assert_eq!(of("slow_checks"), 25, "at the start and every hour");
    assert_eq!(passes.len(), 97, "the slow ones go with the others");
    assert!(stage.events("gap").is_empty() && stage.events("missed").is_empty() && stage.events("crashed").is_empty());
    let fixed = stage.events("fixed").len();
    assert_eq!(fixed, first.iter().filter(|line| line["event"] == "fixed").count(), "nothing more to mend");
    // What is on record needs no line of its own.
    let found = stage.events("found").len();
    assert!(found < 4 * holdfast::controls::all().len(), "{found} findings");
}

#[test]
fn between_passes_nothing_is_started_and_nothing_is_written() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(2));
    let lines = stage.ledger().len();
    eyes.asked();
    stage.live(&mut core, minutes(10));
    assert_eq!(eyes.started(), Vec::<String>::new());
    assert_eq!(stage.ledger().len(), lines);
}

#[test]
fn a_sleep_is_a_gap_and_is_made_up_once_the_mac_has_come_to_itself() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(20));
    let runs = stage.events("run_started").len();
    stage.clock.sleep(hours(10));
    let woke = stage.clock.now();
    stage.live(&mut core, TimeDelta::seconds(50));
    assert_eq!(stage.events("run_started").len(), runs, "it is left alone for a minute");
    stage.live(&mut core, minutes(1));
    assert_eq!(words(&stage.events("gap"), "why"), ["asleep"]);
    let missed = stage.events("missed");
    assert_eq!(words(&missed, "item"), ["checks", "slow_checks"]);
    for line in &missed {
        assert_eq!((&line["why"], &line["made_up"]), (&serde_json::json!(["asleep"]), &true.into()));
    }
    assert_eq!((missed[0]["count"].as_u64(), missed[1]["count"].as_u64()), (Some(40), Some(10)));
    let made_up = &stage.events("run_started")[runs..];
    assert_eq!(made_up.len(), 1);
    assert!(time(&made_up[0]["time"]) >= woke + TimeDelta::seconds(60), "{}", made_up[0]);
    stage.live(&mut core, hours(1));
    assert_eq!(stage.events("missed").len(), 2, "said once");
}

#[test]
fn a_stall_and_changes_of_the_time_are_gaps() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    stage.clock.pass(TimeDelta::seconds(60));
    stage.live(&mut core, TimeDelta::seconds(1));
    assert!(stage.events("gap").is_empty());
    stage.clock.pass(TimeDelta::seconds(100));
    stage.live(&mut core, TimeDelta::seconds(1));
    stage.clock.set(hours(2));
    stage.live(&mut core, TimeDelta::seconds(1));
    stage.clock.set(hours(-3));
    stage.live(&mut core, minutes(30));
    assert_eq!(words(&stage.events("gap"), "why"), ["stalled", "clock_set_forward", "clock_set_back"]);
}

/// The shell sees it, as the core was busy.
#[test]
fn a_stall_in_the_middle_of_a_tick_is_a_gap_too() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let from = stage.clock.now();
    let stalls = vec![(from, from + minutes(2))];
    core.tick(Happened { stalls, ..Happened::default() });
    let gaps = stage.events("gap");
    assert_eq!(words(&gaps, "why"), ["stalled"]);
    assert_eq!((time(&gaps[0]["from"]), time(&gaps[0]["to"])), (from, from + minutes(2)));
}

#[test]
fn a_restart_tells_what_was_before_it() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(4));
    core.finish("SIGTERM");
    drop(core);
    let stopped = stage.clock.now();
    assert_eq!(words(&stage.events("daemon_stopped"), "because"), ["SIGTERM"]);
    stage.clock.pass(minutes(10));
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(10));
    assert_eq!(words(&stage.events("gap"), "why"), ["daemon_stopped"]);
    assert_eq!(time(&stage.events("gap")[0]["from"]), stopped, "the gap begins where it stopped, and not before");
    // It is not told to stop, but ends.
    drop(core);
    stage.clock.off(hours(5));
    stage.mac.reboot().unwrap();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    assert_eq!(words(&stage.events("gap"), "why"), ["daemon_stopped", "powered_off"]);
    let missed = stage.events("missed");
    assert!(missed.iter().any(|line| line["why"].as_array().unwrap().contains(&"powered_off".into())), "{missed:?}");
    assert_eq!(stage.events("daemon_started").len(), 3);
    assert_eq!(stage.events("scheduled").len(), 2, "the schedule is the same");
}

#[test]
fn a_setting_that_is_edited_is_mended_at_the_next_tick() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let before = stage.ledger().len();
    let mut edited = stage.file(UPDATE);
    edited.insert("ConfigDataInstall".into(), false.into());
    stage.mac.put_file(UPDATE, Some(edited)).unwrap();
    let happened = stage.event(&core, UPDATE);
    assert!(happened.controls.contains("update_config_data"), "{happened:?}");
    core.tick(happened.clone());
    let lines = &stage.ledger()[before..];
    let of_control: Vec<&str> = lines
        .iter()
        .filter(|line| line["control"] == "update_config_data")
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(of_control, ["found", "intends", "fixed"]);
    let run = lines.iter().find(|line| line["event"] == "run_started").unwrap();
    assert_eq!(run["cause"]["kind"], "event");
    assert!(run["cause"]["detail"].as_str().unwrap().contains(UPDATE), "{run}");
    assert_eq!(stage.file(UPDATE)["ConfigDataInstall"], true.into());
    // Our own change is an event too. It finds nothing, and leaves nothing.
    let before = stage.ledger().len();
    for _ in 0..20 {
        let happened = stage.event(&core, UPDATE);
        core.tick(happened);
    }
    assert_eq!(stage.ledger().len(), before);
}

#[test]
fn events_that_mean_nothing_are_followed_less_and_less() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    eyes.asked();
    let mut busy = 0;
    for _ in 0..600 {
        let happened = stage.event(&core, UPDATE);
        core.tick(happened);
        busy += usize::from(eyes.has_read(UPDATE));
        stage.clock.pass(TimeDelta::seconds(1));
    }
    assert!((5..60).contains(&busy), "{busy} of 600 events were followed");
}

#[test]
fn a_rival_ends_contested_and_is_left_alone() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    // It reads the file too, and goes on being told of it.
    let other = "<key>update_current</key><dict><key>Mode</key><string>off</string></dict>";
    stage.put(POLICY, &list(&format!("<key>Controls</key><dict>{other}</dict>")));
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let mut passes = 0;
    for _ in 0..600 {
        let mut edited = stage.file(UPDATE);
        if edited.insert("ConfigDataInstall".into(), false.into()) != Some(false.into()) {
            stage.mac.put_file(UPDATE, Some(edited)).unwrap();
        }
        let happened = stage.event(&core, UPDATE);
        eyes.asked();
        core.tick(happened);
        passes += usize::from(eyes.has_read(UPDATE));
        stage.clock.pass(TimeDelta::seconds(2));
    }
    let contested = stage.events("contested");
    assert_eq!(words(&contested, "control"), ["update_config_data"]);
    let fixed = stage.events("fixed").iter().filter(|line| line["control"] == "update_config_data").count();
    assert_eq!(fixed, 5);
    assert!(passes < 150, "{passes} passes in 20 minutes");
    // Once it is contested, events are not followed at all: the passes on schedule see to it.
    stage.live(&mut core, minutes(3));
    for _ in 0..3 {
        eyes.asked();
        let happened = stage.event(&core, UPDATE);
        core.tick(happened);
        assert!(!eyes.has_read(UPDATE));
        stage.clock.pass(minutes(1));
    }
}

#[test]
fn what_events_are_about_waits_while_the_mac_wakes() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let mut edited = stage.file(UPDATE);
    edited.insert("ConfigDataInstall".into(), false.into());
    stage.mac.put_file(UPDATE, Some(edited)).unwrap();
    stage.clock.sleep(minutes(5));
    let happened = stage.event(&core, UPDATE);
    core.tick(happened);
    stage.live(&mut core, TimeDelta::seconds(55));
    assert_eq!(stage.file(UPDATE)["ConfigDataInstall"], false.into());
    stage.live(&mut core, TimeDelta::seconds(10));
    assert_eq!(stage.file(UPDATE)["ConfigDataInstall"], true.into());
}

#[test]
fn a_policy_that_changes_takes_effect_at_once() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    stage.put(POLICY, &list("<key>Schedule</key><dict><key>CheckInterval</key><integer>300</integer></dict>"));
    let happened = stage.event(&core, POLICY);
    assert!(happened.policy);
    core.tick(happened);
    let runs = stage.events("run_started");
    assert_eq!(runs.last().unwrap()["cause"]["detail"], "the policy changed");
    assert_eq!(words(&stage.events("scheduled"), "item"), ["checks", "slow_checks", "checks"]);
    let before = runs.len();
    stage.live(&mut core, hours(1));
    // Twelve of the one kind; the other's time is what it was.
    assert_eq!(stage.events("run_started").len() - before, 13);
}

#[test]
fn a_pass_is_by_one_policy_and_the_next_one_by_another() {
    const OFF: &str = "<key>Mode</key><string>off</string>";
    let off = |id: &str| format!("<key>{id}</key><dict>{OFF}</dict>");
    let stage = Stage::new("neglected");
    let eyes = stage.eyes();
    stage.put(POLICY, &list("<key>Level</key><integer>3</integer>"));
    let mut core = stage.core(&eyes);
    // Between the first mend of the pass and the next ones.
    let replace = || {
        let mine = "update_app_store update_config_data update_download firewall_on filevault_standby";
        let content: String = mine.split(' ').map(off).collect();
        stage.put(
            POLICY,
            &list(&format!("<key>Level</key><integer>3</integer><key>Controls</key><dict>{content}</dict>")),
        );
    };
    *eyes.before.lock().unwrap() = Some(("socketfilterfw --getglobalstate", Box::new(replace)));
    core.tick(Happened::default());
    assert!(eyes.before.lock().unwrap().is_none(), "it was replaced");
    let lines = stage.ledger();
    let runs: Vec<&Value> = lines.iter().filter(|line| line["event"] == "run_started").collect();
    assert_eq!(runs.len(), 1);
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    for id in ["update_app_store", "update_config_data", "update_download", "firewall_on", "filevault_standby"] {
        assert!(of("fixed").iter().any(|line| line["control"] == id), "{id} is the old policy's to mend");
    }
    assert_eq!(of("run_ended")[0]["counts"]["off"], 0);
    let first = runs[0]["policy"].clone();

    stage.live(&mut core, minutes(1));
    let passes = stage.events("run_started");
    assert_eq!(passes.len(), 2);
    assert_eq!(passes[1]["cause"]["detail"], "the policy changed");
    assert_ne!(passes[1]["policy"], first);
    assert_eq!(stage.events("run_ended")[1]["counts"]["off"], 5);
}

#[test]
fn a_policy_that_goes_bad_keeps_the_last_good_one_and_says_so() {
    let good = list(
        "<key>Controls</key><dict><key>firewall_logging</key><dict><key>Mode</key><string>off</string></dict></dict>",
    );
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.put(POLICY, &good);
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let digest = stage.events("run_started").last().unwrap()["policy"].clone();
    assert!(stage.events("policy_problem").is_empty());
    stage.put(POLICY, &good[..good.len() / 2]);
    // Even where no event tells of it.
    stage.live(&mut core, minutes(1));
    let problems = stage.events("policy_problem");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0]["problem"].as_str().unwrap().contains("last good"), "{}", problems[0]);
    assert_eq!(stage.events("run_started").last().unwrap()["policy"], digest);
    stage.put(POLICY, &good);
    stage.live(&mut core, minutes(1));
    assert_eq!(stage.events("run_started").last().unwrap()["policy"], digest);
}

#[test]
fn a_hang_up_has_the_policy_read_again() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    eyes.asked();
    core.tick(Happened { reload: true, ..Happened::default() });
    let asked = eyes.started();
    assert!(asked.iter().any(|ask| ask.contains("enrollment")), "{asked:?}");
}

#[test]
fn a_pass_that_ends_in_a_defect_is_on_record_and_the_next_one_runs() {
    let stage = Stage::new("neglected");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    let runs = stage.events("run_started").len();
    *eyes.panics_at.lock().unwrap() = Some("enrollment");
    stage.live(&mut core, minutes(20));
    let crashed = stage.events("crashed");
    assert_eq!(words(&crashed, "what"), ["looking and mending"]);
    assert!(crashed[0]["message"].as_str().unwrap().contains("a defect at"), "{}", crashed[0]);
    let after = stage.events("run_started");
    assert!(after.len() > runs, "no pass after it");
    assert!(after.last().unwrap()["items"].as_array().unwrap().contains(&"checks".into()));
}

#[test]
fn without_a_ledger_nothing_is_changed_and_with_it_the_work_goes_on() {
    let stage = Stage::new("neglected");
    let eyes = stage.eyes();
    let logs = stage.dir.join("Library/Logs");
    fs::create_dir_all(&logs).unwrap();
    // Root may write to a read-only folder; nobody can make a folder of a file.
    fs::write(logs.join("Holdfast"), "").unwrap();
    let before = stage.mac.snapshot();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(30));
    assert_eq!(stage.mac.snapshot(), before);
    fs::remove_file(logs.join("Holdfast")).unwrap();
    stage.live(&mut core, minutes(6));
    assert!(!stage.events("fixed").is_empty());
    assert_eq!(stage.events("daemon_started").len(), 1, "what there was to say is said");
}

#[test]
fn on_a_low_battery_only_the_cheap_checks_run() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(1));
    stage.mac.edit(|state| (state.power.current, state.power.charge) = ("Battery Power".into(), Some(10))).unwrap();
    stage.live(&mut core, hours(3));
    let slow = |stage: &Stage| {
        let runs = stage.events("run_started");
        runs.iter().filter(|run| settles(run, "slow_checks")).count()
    };
    assert_eq!(slow(&stage), 1, "the one at the start");
    assert!(stage.events("run_started").len() >= 12, "the cheap ones go on");
    stage.mac.edit(|state| state.power.current = "AC Power".into()).unwrap();
    stage.live(&mut core, minutes(10));
    assert_eq!(slow(&stage), 2);
    let missed = stage.events("missed");
    let last = missed.iter().find(|line| line["item"] == "slow_checks").unwrap();
    assert_eq!(last["why"], serde_json::json!(["battery_low"]));
}

#[test]
fn a_daemon_that_is_told_to_stop_begins_nothing_more() {
    let stage = Stage::new("neglected");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.stop();
    stage.live(&mut core, minutes(20));
    core.finish("SIGINT");
    assert!(stage.events("run_started").is_empty());
    assert_eq!(stage.events("daemon_stopped").len(), 1);
}

#[test]
fn a_battery_that_was_low_a_while_ago_keeps_nobody_awake() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.mac.edit(|state| (state.power.current, state.power.charge) = ("Battery Power".into(), Some(10))).unwrap();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(10));
    stage.clock.sleep(minutes(30));
    let wait = core.tick(Happened::default()).wait;
    assert!(wait > TimeDelta::seconds(1), "{wait} until the next tick, while the Mac is left alone");
}

#[test]
fn a_pass_that_the_ledger_cut_short_is_made_again() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(14));
    let mut edited = stage.file(UPDATE);
    edited.insert("ConfigDataInstall".into(), false.into());
    stage.mac.put_file(UPDATE, Some(edited)).unwrap();
    // It has begun, which settles its time, and what it finds cannot be written.
    *eyes.spoils_at.lock().unwrap() = Some("socketfilterfw");
    stage.live(&mut core, TimeDelta::seconds(75));
    stage.mend_ledger();
    let cut_short = stage.events("run_started").len();
    assert!(settles(&stage.events("run_started")[cut_short - 1], "checks"));
    stage.live(&mut core, minutes(2));
    let again = stage.events("run_started");
    assert_eq!(again.len(), cut_short + 1, "{again:?}");
    assert!(again[cut_short]["cause"]["detail"].as_str().unwrap().contains("did not come to its end"));
}

#[test]
fn a_time_that_is_let_go_is_on_record_once_and_makes_no_pass() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    stage.put(
        POLICY,
        &list(
            "<key>Schedule</key><dict><key>Times</key><array><string>11:00</string></array>\
             <key>CatchUp</key><string>skip</string></dict>",
        ),
    );
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(10));
    stage.clock.sleep(hours(10));
    stage.live(&mut core, hours(2));
    let missed = stage.events("missed");
    let of: Vec<&Value> = missed.iter().filter(|line| line["item"] == "passes").collect();
    assert_eq!(of.len(), 1, "{missed:?}");
    assert_eq!((&of[0]["why"], &of[0]["made_up"]), (&serde_json::json!(["asleep"]), &false.into()));
    let made = stage.events("run_started").iter().filter(|run| settles(run, "passes")).count();
    assert_eq!(made, 1, "the one at the start, which is over everything");
}

#[test]
fn a_battery_that_cannot_be_told_holds_nothing_up() {
    let stage = Stage::new("hardened");
    let eyes = stage.eyes();
    *eyes.fails.lock().unwrap() = Some("-g batt");
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(65));
    assert!(eyes.started().iter().any(|ask| ask.contains("-g batt")));
    assert!(stage.events("run_started").iter().any(|run| settles(run, "slow_checks")));
}
