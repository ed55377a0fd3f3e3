//! What the pass says compared with the simulated Mac's own fields and files, read without any adapter or probe.

use std::collections::BTreeMap;

use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::host::{Look, ToolError, Touch};
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::sim::{SimMac, World};
use serde_json::Value;

use crate::bench::*;

/// The value of `key` in the property list at `path`; null where there is none.
pub fn in_file(mac: &SimMac, path: &str, key: &str) -> Value {
    let Answer::File(FileAnswer::Present { bytes, .. }) = mac.look(&Ask::File(path.into())).unwrap() else {
        return Value::Null;
    };
    let root: plist::Value = plist::from_bytes(&bytes).unwrap();
    root.as_dictionary().unwrap().get(key).map_or(Value::Null, |value| serde_json::to_value(value).unwrap())
}

pub fn is_there(mac: &SimMac, path: &str) -> bool {
    matches!(mac.look(&Ask::File(path.into())).unwrap(), Answer::File(FileAnswer::Present { .. }))
}

/// The setting that a prior names, as the simulated Mac has it.
fn on_the_mac(mac: &SimMac, what: &str) -> Value {
    let state = mac.state();
    let firewall = &state.firewall;
    match what {
        "firewall on" => return firewall.on.into(),
        "firewall stealth mode" => return firewall.stealth.into(),
        "firewall block all" => return firewall.block_all.into(),
        "firewall allow built-in signed" => return firewall.allow_built_in.into(),
        "firewall allow downloaded signed" => return firewall.allow_downloaded.into(),
        "firewall logging" => return firewall.logging.into(),
        "pmset DestroyFVKeyOnStandby" => return state.power.destroy_key_on_standby.into(),
        _ => {}
    }
    if let Some(value) = crate::pieces::prior(mac, what) {
        return value;
    }
    if let Some((key, source)) = what.strip_prefix("pmset ").and_then(|rest| rest.split_once(" (")) {
        let source = source.trim_end_matches(')');
        let source = state.power.sources.iter().find(|known| known.name == source).unwrap();
        return source.settings.get(key).cloned().unwrap_or(Value::Null);
    }
    if let Some(label) = what.strip_prefix("launchd job ") {
        return state.jobs.iter().any(|job| job.label == label).into();
    }
    if let Some(path) = what.strip_prefix("file ") {
        return is_there(mac, path).into();
    }
    match what.rsplit_once(' ') {
        Some((path, key)) if path.starts_with('/') => in_file(mac, &format!("{path}.plist"), key),
        _ => panic!("no independent reading of \"{what}\": add one"),
    }
}

#[test]
fn the_recorded_prior_is_what_was_there_and_is_there_again_after_undo() {
    let mut compared = 0;
    for (name, mac) in every_mac(World::Neglected) {
        // Some settings that were there before, of the types that people leave behind.
        let left: plist::Dictionary =
            [("loginWindowIdleTime".to_owned(), plist::Value::from(7000))].into_iter().collect();
        mac.put_file("/Library/Preferences/com.apple.screensaver.plist", Some(left)).unwrap();
        for control in controls::all() {
            let mac = mac.copy().unwrap();
            let planned = |mac: &SimMac| {
                let steps = pass(mac, &[control], &everything()).plan().lines.remove(0).steps;
                steps.into_iter().flat_map(|step| step.prior).collect::<BTreeMap<_, _>>()
            };
            let before = planned(&mac);
            for (what, prior) in &before {
                assert_eq!(*prior, on_the_mac(&mac, what), "{} on {}: {what}", control.id, name.name());
                compared += 1;
            }
            let done = enforce(&mac, &mac, &[control], &everything()).0.lines.remove(0);
            let recorded: BTreeMap<_, _> = done.steps.iter().flat_map(|step| step.prior.clone()).collect();
            assert_eq!(recorded, before, "{} on {}", control.id, name.name());
            for change in done.steps.iter().rev().flat_map(|step| &step.undo) {
                mac.touch(change).unwrap();
            }
            assert_eq!(planned(&mac), before, "{} on {}: after undo", control.id, name.name());
        }
    }
    assert!(compared > 50, "{compared}");
}

/// Whether the Mac's own fields and files are as the control of this id wants them.
fn really_holds(mac: &SimMac, id: &str) -> bool {
    let state = mac.state();
    let local = |domain: &str, key: &str| in_file(mac, &format!("/Library/Preferences/{domain}.plist"), key);
    let update = |key: &str| local("com.apple.SoftwareUpdate", key) == true;
    let power = |key: &str, wanted: i64, must: bool| {
        state.power.sources.iter().all(|source| source.settings.get(key).map_or(!must, |is| *is == wanted))
    };
    match id {
        "firewall_on" => state.firewall.on,
        "firewall_stealth" => state.firewall.stealth,
        "firewall_block_all" => state.firewall.block_all,
        "firewall_allow_signed" => state.firewall.allow_built_in && !state.firewall.allow_downloaded,
        "firewall_logging" => state.firewall.logging,
        "update_check" => update("AutomaticCheckEnabled"),
        "update_download" => update("AutomaticDownload"),
        "update_install_macos" => update("AutomaticallyInstallMacOSUpdates"),
        "update_security_responses" => update("CriticalUpdateInstall"),
        "update_config_data" => update("ConfigDataInstall"),
        "update_app_store" => local("com.apple.commerce", "AutoUpdate") == true,
        "screen_lock_login_window_idle" => local("com.apple.screensaver", "loginWindowIdleTime")
            .as_i64()
            .is_some_and(|idle| (1..=1200).contains(&idle)),
        "filevault_key_destroyed_on_standby" => {
            state.power.destroy_key_on_standby == 1
                && power("hibernatemode", 25, true)
                && ["powernap", "standby", "autopoweroff"].into_iter().all(|key| power(key, 0, false))
        }
        "filevault_standby" => power("standby", 1, true),
        "sign_out_original_script" => {
            let files =
                ["/Library/LaunchDaemons/com.jamftrust.automateSignOut.plist", "/Library/Scripts/jamfTrustSignOut.sh"];
            state.jobs.is_empty() && !files.iter().any(|path| is_there(mac, path))
        }
        other => {
            crate::pieces::holds(mac, other).unwrap_or_else(|| panic!("no independent reading of {other}: add one"))
        }
    }
}

#[test]
fn what_is_on_record_as_fixed_holds_in_the_macs_own_fields_and_files() {
    for (name, mac) in every_mac(World::Neglected) {
        let facts = facts(&mac);
        let automatic = || controls::all().into_iter().filter(|control| is_automatic(control, &facts));
        for control in automatic() {
            assert!(!really_holds(&mac, control.id), "{} holds on a neglected {}", control.id, name.name());
        }
        enforce(&mac, &mac, &controls::all(), &everything());
        for control in automatic() {
            assert!(really_holds(&mac, control.id), "{} on {}", control.id, name.name());
        }
    }
}

/// Two moments of one Mac: `defaults` speaks of the one, the preference files of the other.
struct TwoMinds<'a> {
    defaults: &'a SimMac,
    files: &'a SimMac,
}

impl Look for TwoMinds<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        match ask {
            Ask::Run(run) if run.program() == "/usr/bin/defaults" => self.defaults.look(ask),
            _ => self.files.look(ask),
        }
    }
}

#[test]
fn after_a_change_what_defaults_says_counts_more_than_the_file() {
    let mut tried = 0;
    for (name, mac) in every_mac(World::Neglected) {
        for control in controls::all() {
            let planned = pass(&mac, &[control], &everything()).plan().lines.remove(0);
            if !planned.steps.iter().any(|step| step.change.run.program() == "/usr/bin/defaults") {
                continue;
            }
            let what = format!("{} on {}", control.id, name.name());
            // The file has the new value, cfprefsd did not take it: not fixed.
            let (changed, before) = (mac.copy().unwrap(), mac.copy().unwrap());
            let refused = TwoMinds { defaults: &before, files: &changed };
            let (summary, _, _) = enforce(&refused, &changed, &[control], &everything());
            let outcome = &summary.lines[0].outcome;
            assert!(matches!(outcome, Outcome::Drifted { left: Left::NotFixed { .. }, .. }), "{what}: {outcome:?}");
            // cfprefsd has it, the file lags behind: fixed.
            let (changed, before) = (mac.copy().unwrap(), mac.copy().unwrap());
            let lagging = TwoMinds { defaults: &changed, files: &before };
            let (summary, _, _) = enforce(&lagging, &changed, &[control], &everything());
            let outcome = &summary.lines[0].outcome;
            assert!(matches!(outcome, Outcome::Fixed { .. }), "{what}: {outcome:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}
