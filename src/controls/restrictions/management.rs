//! What profiles say about who may change how the Mac is managed.

use crate::control::{Area, Control, Forced, Level, Refs, Severity};

/// These controls.
pub const CONTROLS: &[&Control] = &[&PROFILE_INSTALLATION, &ERASE_ALL_CONTENT];

static PROFILE_INSTALLATION: Control = Control {
    id: "profile_installation",
    title: "A profile keeps users from installing configuration profiles",
    why: "A profile that somebody is talked into installing can send all traffic elsewhere or trust a foreign certificate.",
    check: "allowUIConfigurationProfileInstallation of com.apple.applicationaccess, forced by a profile; a local value has \
            no effect and does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        nist_800_53r5: &["CM-5"],
        soc2: &["CC7.1", "CC8.1"],
        mscp: Some("os_config_profile_ui_install_disable"),
        ..Refs::NONE
    },
    user_impact: "Profiles and certificates, for Wi-Fi or VPN for instance, come from the MDM alone.",
    disruptive: Some("people can no longer install profiles and certificates that they need for a network or VPN"),
    forced: &[&super::restriction("allowUIConfigurationProfileInstallation", false)],
    variants: &[super::by_profile(
        super::ALL,
        "com.apple.applicationaccess: allowUIConfigurationProfileInstallation = false",
    )],
    probe: |view| Forced::probe_all(PROFILE_INSTALLATION.forced, view),
    ..super::restricted(Area::Management, Level::L2, Severity::Medium)
};

static ERASE_ALL_CONTENT: Control = Control {
    id: "erase_all_content",
    title: "A profile keeps users from erasing the Mac by Erase All Content and Settings",
    why: "A Mac that is wiped by its user loses its data, its management until it is set up again, and every trace of what \
          was done on it.",
    check: "allowEraseContentAndSettings of com.apple.applicationaccess, forced by a profile; a local value has no effect \
            and does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC7.1", "CC8.1"],
        stig: &[(14, "APPL-14-005061"), (15, "APPL-15-005061"), (26, "APPL-26-005061")],
        mscp: Some("os_erase_content_and_settings_disable"),
        ..Refs::NONE
    },
    user_impact: "A Mac is erased by the MDM or from recoveryOS, no longer from System Settings.",
    forced: &[&super::restriction("allowEraseContentAndSettings", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowEraseContentAndSettings = false")],
    probe: |view| Forced::probe_all(ERASE_ALL_CONTENT.forced, view),
    ..super::restricted(Area::Management, Level::L2, Severity::Medium)
};
