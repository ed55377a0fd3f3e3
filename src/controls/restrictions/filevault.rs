//! What profiles say about encrypting a new Mac.

use crate::control::{Area, Control, Forced, Level, Refs, Severity, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&SETUP_ASSISTANT];

static SETUP_ASSISTANT: Control = Control {
    id: "filevault_setup_assistant",
    title: "A profile has Setup Assistant switch FileVault on",
    why: "A new Mac is encrypted before there is anything on it, and nobody can put it off.",
    check: "ForceEnableInSetupAssistant of com.apple.MCX.FileVault2, forced by a profile; a local value has no effect and \
            does not count. It counts for a Mac that is being set up; filevault_on tells how the disk is. It is what the \
            profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_v8: &["3.6", "3.11"],
        nist_800_53r5: &["SC-28", "SC-28(1)"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_setup_assistant_filevault_enforce"),
        ..Refs::NONE
    },
    user_impact: "FileVault is switched on while the Mac is set up.",
    watches: &[Watch::Domain("com.apple.MCX.FileVault2")],
    forced: &[&Forced::flag("com.apple.MCX.FileVault2", "ForceEnableInSetupAssistant", true)],
    variants: &[super::by_profile(
        super::ALL,
        "com.apple.MCX.FileVault2: ForceEnableInSetupAssistant = true, with Enable = On and Defer = true, for Macs that \
         enroll by Automated Device Enrollment, before Setup Assistant ends",
    )],
    probe: |view| Forced::probe_all(SETUP_ASSISTANT.forced, view),
    ..Control::of(Area::FileVault, Level::L2, Severity::Medium)
};
