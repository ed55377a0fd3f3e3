//! What lies on the built-in disks beside the startup volume.

use crate::control::{Area, Cadence, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, View};
use crate::host::ToolError;
use crate::mac::diskutil_volumes::{self, Place, Volume};

/// The controls.
pub const CONTROLS: &[&Control] = &[&INTERNAL_VOLUMES_ENCRYPTED];

/// What macOS keeps beside people's data, and reads before anybody can have typed a password, or what holds macOS itself. Roles,
/// not names: whoever adds a volume chooses its name. No other role is passed over, one that this release does not know included.
const ROLES_OF_MACOS: &[&str] =
    &["Preboot", "Recovery", "VM", "System", "Update", "xART", "Hardware", "Installer", "Prelogin"];

/// The APFS volumes for people's data on the disks at `place`, where there are such disks; and the disks.
///
/// # Errors
/// [`ToolError`] where either list was not understood.
pub(super) fn for_data(view: &View<'_>, place: Place) -> Result<(Vec<Volume>, Vec<diskutil_volumes::Disk>), ToolError> {
    let disks = view.ask(&diskutil_volumes::disks(place))?.disks;
    let containers = view.ask(&diskutil_volumes::containers())?.containers;
    let is_there = |disk: &String| disks.iter().any(|known| known.device == *disk);
    // A Fusion container lies on two disks.
    let volumes = containers.into_iter().filter(|container| container.disks.iter().any(is_there));
    let is_data = |volume: &Volume| {
        volume.roles.is_empty() || volume.roles.iter().any(|role| !ROLES_OF_MACOS.contains(&role.as_str()))
    };
    Ok((volumes.flat_map(|container| container.volumes).filter(is_data).collect(), disks))
}

/// The volume in words.
pub(super) fn named(volume: &Volume) -> String {
    format!("{} ({})", volume.name, volume.device)
}

static INTERNAL_VOLUMES_ENCRYPTED: Control = Control {
    id: "internal_volumes_encrypted",
    title: "Every volume for data on the built-in disks is encrypted with a password",
    why: "What lies beside the startup volume is lost with the Mac just the same.",
    check: "diskutil apfs list -plist, FileVault of each volume whose role is none of macOS's own, on the disks that diskutil list \
            -plist internal physical names; a volume that is only encrypted at rest is protected by no password",
    refs: Refs {
        cis_macos: &[(26, "5.3.1")],
        cis_level: Some(1),
        cis_v8: &["3.6", "3.11"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_internal_apfs_volumes_encrypted"),
        ..Refs::NONE
    },
    user_impact: "A volume beside the startup volume asks for its password.",
    cadence: Cadence::Slow,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "For the startup volume see filevault_on. Another one: diskutil apfs encryptVolume with its device, \
                           which asks for a password; or erase it with the format APFS (Encrypted).",
        },
    )],
    probe: |view| {
        let (volumes, disks) = for_data(view, Place::Internal)?;
        if disks.is_empty() || volumes.is_empty() {
            return Err(ToolError::Incomplete {
                asked: "diskutil list -plist internal physical, and apfs list -plist".into(),
                lacks: "a built-in disk with a volume for data".into(),
            });
        }
        let open: Vec<String> = volumes.iter().filter(|volume| !volume.filevault).map(named).collect();
        Ok(if open.is_empty() {
            Finding::compliant(volumes.iter().map(named).collect::<Vec<_>>().join(", "))
        } else {
            Finding::drifted(format!("not encrypted: {}", open.join(", ")), "all encrypted")
        })
    },
    ..Control::of(Area::FileVault, Level::L1, Severity::Medium)
};
