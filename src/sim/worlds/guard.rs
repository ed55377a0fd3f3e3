//! Malware protection, disks, backups.

use chrono::{DateTime, Utc};
use plist::{Date, Value};

use super::super::state::guard::{Protection, Volume};
use super::{Content, State};

const XPROTECT: &str = "/Library/Apple/System/Library/CoreServices/XProtect.bundle/Contents/Info.plist";
const STORAGE: &str = "/private/var/db/ManagedConfigurationFiles/DiskManagement/DiskManagement_Settings.plist";
const TIME_MACHINE: &str = "com.apple.TimeMachine";
const UPDATES: &str = "com.apple.SoftwareUpdate";

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dictionary(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// XProtect's bundle, which newer Macs have as well, though they use another copy.
fn xprotect(state: &State, content: &mut Content) {
    content.set(XPROTECT, "CFBundleShortVersionString", state.guard.xprotect_version.to_string());
}

/// What software update found when it last looked.
fn looked(content: &mut Content, at: DateTime<Utc>, waiting: &[(&str, &str)]) {
    let update = |(name, version): &(&str, &str)| {
        dictionary([("Display Name", (*name).into()), ("Display Version", (*version).into())])
    };
    // A property list of macOS's holds no parts of a second.
    let whole = DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at);
    content.local(UPDATES, "LastFullSuccessfulDate", Value::Date(Date::from(std::time::SystemTime::from(whole))));
    content.local(UPDATES, "LastRecommendedUpdatesAvailable", waiting.len() as u64);
    content.local(UPDATES, "RecommendedUpdates", Value::Array(waiting.iter().map(update).collect()));
}

/// A backup disk.
fn backs_up(content: &mut Content, encrypted: bool, automatic: bool) {
    let state = if encrypted { "Encrypted" } else { "NotEncrypted" };
    let disk = dictionary([
        ("DestinationID", "B7C04E18-52D9-4A63-8F0E-D1936A7B5C24".into()),
        ("LastKnownEncryptionState", state.into()),
        ("LastKnownVolumeName", "Backup".into()),
    ]);
    content.local(TIME_MACHINE, "AutoBackup", automatic);
    content.local(TIME_MACHINE, "Destinations", Value::Array(vec![disk]));
}

/// Everything in its weak state.
pub fn neglected(state: &mut State, content: &mut Content) {
    state.gatekeeper.developer_id = false;
    let guard = &mut state.guard;
    guard.launch_scans = false;
    guard.background_scans = false;
    guard.xprotect_version = 2166;
    guard.xprotect_installed = "2023-03-02 18:04:11 +0000".into();
    guard.external_boot = true;
    guard.boot_arguments = Some("-v amfi_get_out_of_my_way=1".into());
    guard.system_writable = true;
    // Somebody added a volume beside the startup volume, and attached a disk.
    if let Some(startup) = guard.containers.iter_mut().find(|container| container.device == "disk3") {
        startup.volumes.push(Volume {
            device: "disk3s7".into(),
            uuid: "0E6B95D4-71C2-4F8A-A350-C8D2F17E694B".into(),
            name: "Projects".into(),
            role: None,
            used: 2_225_430_528,
            protection: Protection::None,
        });
    }
    guard.attach("Backup", Protection::None);
    xprotect(state, content);
    content.local("com.apple.security.libraryvalidation", "DisableLibraryValidation", true);
    content.set(STORAGE, "Restrictions", dictionary([("ExternalStorage", "Allowed".into())]));
    backs_up(content, false, false);
    // Half a year before the world's present.
    looked(content, DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1_779_000_000), &[("macOS", "27.1")]);
}

/// As unpacked.
pub fn factory(state: &mut State, content: &mut Content) {
    xprotect(state, content);
    let now = content.now;
    looked(content, now, &[]);
}

/// Everything as the controls want it.
pub fn hardened(state: &mut State, content: &mut Content) {
    xprotect(state, content);
    state.guard.attach("Backup", Protection::Password);
    content.set(STORAGE, "Restrictions", dictionary([("ExternalStorage", "Disallowed".into())]));
    backs_up(content, true, true);
    let now = content.now;
    looked(content, now, &[]);
    for source in &mut state.power.sources {
        for (key, value) in [("standbydelaylow", 900), ("standbydelayhigh", 900), ("highstandbythreshold", 90)] {
            if let Some(setting) = source.settings.get_mut(key) {
                *setting = value.into();
            }
        }
    }
}
