//! Malware protection, disks and backups: cases that a fixture for each state does not show.

use holdfast::control::Plan;
use holdfast::sim::SimMac;
use holdfast::sim::state::guard::{Container, Disk, Partition, Protection, Volume};
use plist::{Date, Dictionary, Value};

use crate::cases::{mac, plan, put, says};

const POLICY: &str = "/Library/Managed Preferences/com.apple.systempolicy.control.plist";
const UPDATES: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
const TIME_MACHINE: &str = "/Library/Preferences/com.apple.TimeMachine.plist";
const STORAGE: &str = "/private/var/db/ManagedConfigurationFiles/DiskManagement/DiskManagement_Settings.plist";

#[test]
fn what_a_profile_says_of_gatekeeper_is_not_its_state() {
    let off = mac("neglected@intel-laptop-14");
    assert!(matches!(plan(&off, "gatekeeper"), Plan::Now(_)));
    put(&off, POLICY, &[("EnableAssessment", true.into())]);
    says(&off, "gatekeeper", "drifted", "assessments disabled (true is forced by a profile)");
    assert!(matches!(plan(&off, "gatekeeper"), Plan::Managed { by } if by.contains("EnableAssessment")));
    let on = mac("factory@arm-laptop-26");
    says(&on, "gatekeeper", "compliant", "assessments enabled");
    says(&on, "gatekeeper_identified_developers", "compliant", "identified developers'");
    on.edit(|state| state.gatekeeper.developer_id = false).unwrap();
    says(&on, "gatekeeper", "compliant", "assessments enabled");
    says(&on, "gatekeeper_identified_developers", "drifted", "the App Store's only");
}

#[test]
fn both_kinds_of_xprotect_scans_must_be_on() {
    let mac = mac("hardened@arm-laptop-26");
    says(&mac, "xprotect", "compliant", "background scans enabled");
    mac.edit(|state| state.guard.background_scans = false).unwrap();
    says(&mac, "xprotect", "drifted", "launch scans enabled, background scans disabled");
}

#[test]
fn boot_arguments_that_take_nothing_off_are_let_be() {
    let mac = mac("factory@arm-laptop-26");
    says(&mac, "boot_arguments", "compliant", "no boot arguments are set");
    for (arguments, word, words) in [
        ("", "compliant", "no boot arguments are set"),
        ("-v keepsyms=1", "compliant", "none among -v keepsyms=1"),
        ("-v amfi=3 keepsyms=1", "drifted", "amfi=3"),
        ("-v%09rootless=0", "drifted", "rootless=0"),
        ("-v%0", "unknown", "boot-args"),
    ] {
        mac.edit(|state| state.guard.boot_arguments = Some(arguments.into())).unwrap();
        says(&mac, "boot_arguments", word, words);
    }
}

/// Attaches a disk without partitions of APFS.
fn attach(mac: &SimMac, content: &str) {
    let partition = Partition { device: "disk6s2".into(), content: content.into(), uuid: "U".into(), size: 1 };
    let disk = Disk { device: "disk6".into(), internal: false, partitions: vec![partition] };
    mac.edit(|state| state.guard.disks.push(disk)).unwrap();
}

#[test]
fn external_disks_are_judged_by_what_can_be_told_of_them() {
    const ID: &str = "external_volumes_encrypted";
    let none = mac("factory@arm-laptop-26");
    says(&none, ID, "not_applicable", "no external disk");
    attach(&none, "Windows_NTFS");
    says(&none, ID, "not_applicable", "with APFS or HFS+");
    attach(&none, "Apple_CoreStorage");
    says(&none, ID, "unknown", "Core Storage");
    attach(&none, "Apple_HFS");
    says(&none, ID, "drifted", "HFS+ (disk6s2)");
    let some = mac("hardened@arm-laptop-26");
    says(&some, ID, "compliant", "Backup (disk5s1)");
    attach(&some, "Apple_CoreStorage");
    says(&some, ID, "unknown", "Core Storage");
}

#[test]
fn a_volume_counts_by_its_role_and_disk_never_by_its_name() {
    const ID: &str = "internal_volumes_encrypted";
    let named = |role: Option<&str>, store: &str| {
        let mac = mac("hardened@arm-laptop-26");
        mac.edit(|state| {
            let volume = Volume {
                device: "disk7s1".into(),
                uuid: "U".into(),
                name: "Preboot".into(),
                role: role.map(str::to_owned),
                used: 1,
                protection: Protection::None,
            };
            let mut container: Container = state.guard.containers[2].clone();
            (container.store.device, container.volumes) = (store.into(), vec![volume]);
            state.guard.containers.push(container);
        })
        .unwrap();
        mac
    };
    says(&named(None, "disk0s4"), ID, "drifted", "not encrypted: Preboot (disk7s1)");
    says(&named(Some("Backup"), "disk0s4"), ID, "drifted", "not encrypted: Preboot (disk7s1)");
    says(&named(Some("Preboot"), "disk0s4"), ID, "compliant", "Data (disk3s5)");
    // A disk image's container lies on no physical disk.
    says(&named(None, "disk8s1"), ID, "compliant", "Data (disk3s5)");
    let bare = mac("hardened@arm-laptop-26");
    bare.edit(|state| state.guard.disks.retain(|disk| !disk.internal)).unwrap();
    says(&bare, ID, "unknown", "a built-in disk");
}

#[test]
fn a_mac_without_a_backup_disk_has_none_to_judge() {
    let mac = mac("hardened@arm-laptop-26");
    let one = |state: &str| {
        let entry: Dictionary = [("LastKnownEncryptionState".to_owned(), Value::from(state))].into_iter().collect();
        Value::Array(vec![entry.into()])
    };
    for (entries, encrypted, automatic) in [
        (vec![], "not_applicable", "not_applicable"),
        (vec![("AutoBackup", true.into()), ("Destinations", Value::Array(vec![]))], "not_applicable", "not_applicable"),
        (vec![("Destinations", one("Encrypted"))], "compliant", "drifted"),
        (vec![("AutoBackup", 0.into()), ("Destinations", one("NotEncrypted"))], "drifted", "drifted"),
        (vec![("AutoBackup", "perhaps".into()), ("Destinations", one("Perhaps"))], "unknown", "unknown"),
        (vec![("AutoBackup", true.into()), ("Destinations", "none".into())], "unknown", "unknown"),
    ] {
        put(&mac, TIME_MACHINE, &entries);
        says(&mac, "time_machine_encrypted", encrypted, "");
        says(&mac, "time_machine_automatic", automatic, "");
    }
    put(&mac, TIME_MACHINE, &[("AutoBackup", false.into()), ("Destinations", one("Encrypted"))]);
    put(&mac, "/Library/Managed Preferences/com.apple.TimeMachine.plist", &[("AutoBackup", true.into())]);
    says(&mac, "time_machine_automatic", "compliant", "forced by a profile");
}

#[test]
fn external_storage_follows_the_declaration_alone() {
    let mac = mac("hardened@arm-laptop-26");
    let says = |restrictions: Value, word: &str, words: &str| {
        put(&mac, STORAGE, &[("Restrictions", restrictions)]);
        says(&mac, "external_storage_policy", word, words);
    };
    let storage =
        |value: Value| Value::from([("ExternalStorage".to_owned(), value)].into_iter().collect::<Dictionary>());
    says(storage("ReadOnly".into()), "compliant", "read-only");
    says(storage("Allowed".into()), "drifted", "allowed");
    says(storage(1.into()), "unknown", "a text");
    says(Dictionary::new().into(), "drifted", "no declaration");
    says("Disallowed".into(), "unknown", "a dictionary");
}

/// A date so many days before the tests' present.
fn ago(days: i64) -> Value {
    let at = chrono::DateTime::from_timestamp(1_795_341_600 - days * 86_400, 0).unwrap();
    Value::Date(Date::from(std::time::SystemTime::from(at)))
}

#[test]
fn a_look_for_updates_counts_while_it_is_fresh_and_found_nothing() {
    const ID: &str = "update_current";
    let mac = mac("factory@arm-laptop-26");
    let none = || ("RecommendedUpdates", Value::Array(vec![]));
    for (entries, word, words) in [
        (vec![("LastFullSuccessfulDate", ago(30)), none()], "compliant", "nothing is waiting"),
        (vec![("LastFullSuccessfulDate", ago(31)), none()], "drifted", "2026-10-22"),
        (
            vec![("LastFullSuccessfulDate", ago(1)), none(), ("LastRecommendedUpdatesAvailable", 2.into())],
            "drifted",
            "2 updates",
        ),
        (
            vec![("LastFullSuccessfulDate", ago(1)), ("LastRecommendedUpdatesAvailable", 0.into())],
            "compliant",
            "nothing",
        ),
        (vec![("LastFullSuccessfulDate", ago(1))], "unknown", "RecommendedUpdates or"),
        (vec![("LastFullSuccessfulDate", ago(-2)), none()], "unknown", "not in the future"),
        (vec![("LastFullSuccessfulDate", "today".into()), none()], "unknown", "a date"),
        (vec![none()], "drifted", "no whole look"),
    ] {
        put(&mac, UPDATES, &entries);
        says(&mac, ID, word, words);
    }
    mac.put_file(UPDATES, None).unwrap();
    says(&mac, ID, "drifted", "no whole look");
}
