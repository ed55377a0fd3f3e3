//! What a companion sets, the agent finds: each key is where the control that asked for it looks.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use chrono::DateTime;
use holdfast::controls;
use holdfast::enforce::{Outcome, Pass};
use holdfast::profile::companion::Companion;
use holdfast::sim::{self, SimMac};
use plist::{Dictionary, Value};

use super::companion::{full, held};

/// What macOS makes of the profile: for each domain a file of what is forced.
fn install(made: &Companion, mac: &SimMac) {
    let mut domains: BTreeMap<String, Dictionary> = BTreeMap::new();
    for payload in &made.payloads {
        match payload.keys.get("PayloadContent") {
            Some(Value::Dictionary(of)) => {
                for domain in of.keys() {
                    let mut whole = payload.keys.clone();
                    whole.insert("PayloadType".into(), payload.kind.into());
                    domains.entry(domain.clone()).or_default().extend(super::forced(&whole, domain).clone());
                }
            }
            Some(_) => {}
            None => domains.entry(payload.kind.to_owned()).or_default().extend(payload.keys.clone()),
        }
    }
    for (domain, keys) in domains {
        mac.put_file(&format!("/Library/Managed Preferences/{domain}.plist"), Some(keys)).unwrap();
    }
}

/// How the controls stand on this Mac, in words.
fn stands(mac: &SimMac, ids: &[&str]) -> Vec<String> {
    let (policy, go_on) = (held("level-1", &[]), AtomicBool::new(false));
    let catalogue: Vec<_> = ids.iter().map(|id| controls::find(id).unwrap()).collect();
    let now = DateTime::from_timestamp(1_795_341_600, 0).unwrap();
    let lines = Pass::new(mac, &catalogue, &policy, now, &go_on).check().lines;
    let words = |outcome: &Outcome| match outcome {
        Outcome::Compliant { seen } => format!("compliant: {seen}"),
        other => format!("{other:?}"),
    };
    lines.iter().map(|line| format!("{} {}", line.control.id, words(&line.outcome))).collect()
}

#[test]
fn what_the_companion_forces_is_what_the_controls_read() {
    for (macos, name, updates) in [
        (14, "intel-laptop-14", true),
        (15, "arm-laptop-15", true),
        (26, "arm-laptop-26", true),
        (27, "arm-laptop-27", false),
    ] {
        let (world, mac) = sim::parse(&format!("neglected@{name}")).unwrap();
        let mac = SimMac::in_memory(world, mac);
        let mut ids = vec!["screen_lock_idle_timeout", "filevault_disable_blocked"];
        if macos < 27 {
            ids.push("screen_lock_login_window_idle");
        }
        if updates {
            ids.extend([
                "update_download",
                "update_install_macos",
                "update_security_responses",
                "update_config_data",
                "update_app_store",
            ]);
        }
        let before = stands(&mac, &ids);
        assert!(before.iter().all(|line| !line.contains(" compliant: ")), "{before:#?}");
        install(&full(&held("level-1", &[]), macos), &mac);
        for line in stands(&mac, &ids) {
            assert!(line.contains(" compliant: "), "macOS {macos}: {line}");
            assert!(line.contains("profile"), "macOS {macos}: {line}");
        }
    }
}
