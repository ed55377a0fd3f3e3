//! External media and accessories.

use plist::Value;

use super::volumes::{for_data, named};
use crate::control::preference::shown;
use crate::control::{
    Area, Cadence, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::diskutil_volumes::Place;
use crate::mac::{Misread, plist_file};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&EXTERNAL_VOLUMES_ENCRYPTED, &EXTERNAL_STORAGE_POLICY];

/// What a partition with HFS+ holds, as `diskutil` prints it.
const HFS: &[&str] = &["Apple_HFS", "Apple_HFSX"];

/// What a partition of Core Storage holds. Its volumes can be encrypted or not, which these lists do not tell.
const CORE_STORAGE: &str = "Apple_CoreStorage";

static EXTERNAL_VOLUMES_ENCRYPTED: Control = Control {
    id: "external_volumes_encrypted",
    title: "External volumes with APFS or HFS+ are encrypted",
    why: "A disk that is carried about is lost more easily than the Mac.",
    check: "diskutil apfs list -plist, FileVault of each volume on the disks that diskutil list -plist external physical names; a \
            partition there with HFS+ has no encryption. Only disks that are attached now are seen, disk images and other file systems, \
            such as those of camera cards, are not looked at",
    refs: Refs {
        cis_macos: &[(26, "5.3.2")],
        cis_level: Some(1),
        cis_v8: &["3.6", "3.11"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_external_apfs_hfs_volumes_encrypted"),
        ..Refs::NONE
    },
    user_impact: "External disks ask for a password, backup disks among them.",
    cadence: Cadence::Slow,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "In the Finder: Encrypt, in the disk's menu; or erase it with the format APFS (Encrypted). From macOS 15 on \
                           an MDM can make external storage read-only or keep it out: external_storage_policy.",
        },
    )],
    probe: |view| {
        let (volumes, disks) = for_data(view, Place::External)?;
        let contents = || disks.iter().flat_map(|disk| &disk.contents);
        let hfs = contents().filter(|(_, content)| HFS.contains(&content.as_str()));
        let open: Vec<String> = volumes
            .iter()
            .filter(|volume| !volume.filevault)
            .map(named)
            .chain(hfs.map(|(device, _)| format!("HFS+ ({device})")))
            .collect();
        if !open.is_empty() {
            return Ok(Finding::drifted(format!("not encrypted: {}", open.join(", ")), "all encrypted"));
        }
        if let Some((device, _)) = contents().find(|(_, content)| content == CORE_STORAGE) {
            return Err(ToolError::Incomplete {
                asked: "diskutil list -plist external physical".into(),
                lacks: format!("whether the Core Storage volume on {device} is encrypted"),
            });
        }
        Ok(match (disks.as_slice(), volumes.as_slice()) {
            ([], _) => Finding::not_applicable("no external disk is attached"),
            (_, []) => Finding::not_applicable("no external volume with APFS or HFS+ is attached"),
            _ => Finding::compliant(volumes.iter().map(named).collect::<Vec<_>>().join(", ")),
        })
    },
    ..Control::of(Area::Media, Level::L1, Severity::Medium)
};

/// What the declaration leaves on the Mac (mSCP's macOS 15 and 26 rules read the same file).
const DECLARED: &str = "/private/var/db/ManagedConfigurationFiles/DiskManagement/DiskManagement_Settings.plist";

static DISALLOWED: Setting = Setting {
    key: "Disallowed",
    doc: "Whether external storage must be kept out altogether; otherwise read-only is enough.",
    kind: Kind::Flag { default: false },
    laxer: Laxer::False,
};

static EXTERNAL_STORAGE_POLICY: Control = Control {
    id: "external_storage_policy",
    title: "A declaration makes external storage read-only or keeps it out",
    why: "What can be written to a stick leaves the Mac unseen, and what comes on one gets in.",
    check: "Restrictions, ExternalStorage of DiskManagement_Settings.plist in /private/var/db/ManagedConfigurationFiles, which the \
            declaration leaves; macOS shows no better state of it",
    refs: Refs {
        nist_800_53r5: &["MP-7"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_external_storage_access_defined"),
        ..Refs::NONE
    },
    user_impact: "External disks are read-only or do not appear.",
    disruptive: Some("external disks become read-only or do not appear, backup disks among them"),
    settings: &[&DISALLOWED],
    watches: &[Watch::File(DECLARED)],
    variants: &[
        Variant::absent((14, 14), "the declaration for external storage came with macOS 15"),
        Variant {
            macos: (15, 27),
            ..Variant::everywhere(
                Can::DetectOnly,
                Remedy::Profile {
                    payload: "com.apple.configuration.diskmanagement.settings: Restrictions.ExternalStorage = ReadOnly, or Disallowed",
                },
            )
        },
    ],
    probe: |view| {
        let only = view.settings.flag(&DISALLOWED);
        let wanted = if only { "disallowed" } else { "read-only or disallowed" };
        Ok(match declared(view)?.as_deref() {
            Some("Disallowed") => Finding::compliant("disallowed"),
            Some("ReadOnly") => Finding::judge(!only, "read-only", wanted),
            Some("Allowed") => Finding::drifted("allowed, by a declaration", wanted),
            None => Finding::drifted("no declaration restricts it", wanted),
            Some(other) => return Err(odd("Allowed, ReadOnly or Disallowed", &Value::String(other.to_owned()))),
        })
    },
    ..Control::of(Area::Media, Level::L2, Severity::Medium)
};

/// What a declaration says about external storage; `None` where none says anything.
fn declared(view: &View<'_>) -> Result<Option<String>, ToolError> {
    let Some(mut state) = view.ask(&plist_file::system_file(DECLARED))? else { return Ok(None) };
    match state.remove("Restrictions") {
        None => Ok(None),
        Some(Value::Dictionary(mut restrictions)) => match restrictions.remove("ExternalStorage") {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(odd("a text in ExternalStorage", &other)),
        },
        Some(other) => Err(odd("a dictionary in Restrictions", &other)),
    }
}

fn odd(expected: &str, seen: &Value) -> ToolError {
    ToolError::from_misread(format!("read {DECLARED}"), None, Misread::new(expected, shown(seen)))
}
