//! Guests on shared folders.

use crate::control::{Area, Can, Control, Finding, Level, Plan, Refs, Remedy, Severity, Variant, Watch};
use crate::mac::sysadminctl;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&GUEST_SHARED_FOLDERS];

static GUEST_SHARED_FOLDERS: Control = Control {
    id: "guest_shared_folders",
    title: "Guests cannot use shared folders",
    why: "A guest has no name and no password: whatever guests may read, everybody may.",
    check: "sysadminctl -smbGuestAccess status",
    refs: Refs {
        cis_macos: &[(14, "2.12.2"), (15, "2.13.2"), (26, "2.13.2")],
        cis_level: Some(1),
        cis_v8: &["3.3"],
        nist_800_53r5: &["AC-2(9)", "AC-2"],
        soc2: &["CC6.1"],
        mscp: Some("system_settings_guest_access_smb_disable"),
        ..Refs::NONE
    },
    user_impact: "Who used a shared folder as a guest needs an account.",
    watches: &[Watch::File("/Library/Preferences/SystemConfiguration/com.apple.smb.server.plist")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::sets("sysadminctl -smbGuestAccess off", |view| {
            let is = view.ask(&sysadminctl::smb_guest_access())?.smb_guest_access;
            Ok(Plan::switch(sysadminctl::set_smb_guest_access, "guest access over SMB", is, false))
        }),
    )],
    probe: |view| {
        let on = view.ask(&sysadminctl::smb_guest_access())?.smb_guest_access;
        Ok(Finding::judge(!on, if on { "guests are let in" } else { "guests are not let in" }, "guests are not let in"))
    },
    ..Control::of(Area::Login, Level::L1, Severity::Medium)
};
