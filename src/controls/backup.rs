//! Backups.

use plist::{Dictionary, Value};

use crate::control::preference::{shown, truth};
use crate::control::{Area, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, View, Watch};
use crate::host::ToolError;
use crate::mac::{Misread, plist_file};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&TIME_MACHINE_ENCRYPTED, &TIME_MACHINE_AUTOMATIC];

const DOMAIN: &str = "com.apple.TimeMachine";

/// Where Time Machine keeps its settings. Without Full Disk Access macOS lets nobody read it, root included: that is an error,
/// never a Mac without backups.
const SETTINGS: &str = "/Library/Preferences/com.apple.TimeMachine.plist";

/// Why a Mac that is not backed up with Time Machine has nothing to hold.
const NOT_USED: &str = "Time Machine has no backup disk on this Mac";

/// Time Machine's settings and its backup disks; `None` where it has none.
fn destinations(view: &View<'_>) -> Result<Option<(Dictionary, Vec<Value>)>, ToolError> {
    let Some(mut settings) = view.ask(&plist_file::file(SETTINGS))? else { return Ok(None) };
    match settings.remove("Destinations") {
        None => Ok(None),
        Some(Value::Array(list)) if list.is_empty() => Ok(None),
        Some(Value::Array(list)) => Ok(Some((settings, list))),
        Some(other) => Err(odd("a list in Destinations", &shown(&other))),
    }
}

fn odd(expected: &str, seen: &str) -> ToolError {
    ToolError::from_misread(format!("read {SETTINGS}"), None, Misread::new(expected, seen))
}

static TIME_MACHINE_ENCRYPTED: Control = Control {
    id: "time_machine_encrypted",
    title: "Time Machine's backups are encrypted",
    why: "A backup has all that is on the Mac, and lies about without the Mac's protection.",
    check: "LastKnownEncryptionState of every destination in /Library/Preferences/com.apple.TimeMachine, which needs Full Disk \
            Access; it is what macOS saw when the backup disk was last there",
    refs: Refs {
        cis_macos: &[(14, "2.3.4.2"), (15, "2.3.4.2"), (26, "2.3.4.2")],
        cis_level: Some(1),
        cis_v8: &["3.6", "3.11", "11.3"],
        soc2: &["A1.2", "CC6.7"],
        mscp: Some("system_settings_time_machine_encrypted_configure"),
        ..Refs::NONE
    },
    user_impact: "The backup disk asks for a password when it is set up.",
    watches: &[Watch::Domain(DOMAIN)],
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "In System Settings, General, Time Machine: remove the backup disk and add it again with Encrypt Backup, \
                           which needs a password and makes a new backup.",
        },
    )],
    probe: |view| {
        let Some((_, list)) = destinations(view)? else { return Ok(Finding::not_applicable(NOT_USED)) };
        let mut open = 0;
        for destination in &list {
            let state = destination.as_dictionary().and_then(|one| one.get("LastKnownEncryptionState"));
            match state.and_then(Value::as_string) {
                Some("Encrypted") => {}
                Some("NotEncrypted") => open += 1,
                other => {
                    let seen = other.map_or_else(|| "none".to_owned(), str::to_owned);
                    return Err(odd(
                        "Encrypted or NotEncrypted in LastKnownEncryptionState of each destination",
                        &seen,
                    ));
                }
            }
        }
        let all = list.len();
        Ok(if open == 0 {
            Finding::compliant(format!("{all} of {all} backup disks encrypted"))
        } else {
            Finding::drifted(format!("{open} of {all} backup disks not encrypted"), "all encrypted")
        })
    },
    ..Control::of(Area::Backup, Level::L1, Severity::Medium)
};

static TIME_MACHINE_AUTOMATIC: Control = Control {
    id: "time_machine_automatic",
    title: "Time Machine backs up by itself where it is used",
    why: "A backup that somebody must think of is not there when it is needed.",
    check: "AutoBackup of com.apple.TimeMachine: what a profile forces, else what /Library/Preferences/com.apple.TimeMachine has, \
            which needs Full Disk Access; a Mac without a destination is not judged, as other programs may back it up",
    refs: Refs {
        cis_macos: &[(14, "2.3.4.1"), (15, "2.3.4.1"), (26, "2.3.4.1")],
        cis_level: Some(2),
        cis_v8: &["11.2"],
        soc2: &["A1.2", "CC6.7"],
        mscp: Some("system_settings_time_machine_auto_backup_enable"),
        ..Refs::NONE
    },
    user_impact: "Backups start when the backup disk is there.",
    watches: &[Watch::Domain(DOMAIN)],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand {
            instructions: "In System Settings, General, Time Machine, Options: back up hourly, daily or weekly; or tmutil enable, \
                           as root, from a program with Full Disk Access.",
        },
    )],
    probe: |view| {
        let forced = view.forced(DOMAIN, "AutoBackup")?;
        let Some((mut settings, _)) = destinations(view)? else { return Ok(Finding::not_applicable(NOT_USED)) };
        let (value, whose) = match (forced, settings.remove("AutoBackup")) {
            (Some(value), _) => (value, "forced by a profile"),
            (None, Some(value)) => (value, "set locally"),
            (None, None) => return Ok(Finding::drifted("not set", "on")),
        };
        let on = truth(&value).map_err(|why| ToolError::from_misread(format!("{DOMAIN} AutoBackup"), None, why))?;
        Ok(Finding::judge(on, format!("{}, {whose}", if on { "on" } else { "off" }), "on"))
    },
    ..Control::of(Area::Backup, Level::L2, Severity::Low)
};
