//! What profiles say about macOS's own applications.

use crate::control::{Area, Can, Control, Forced, Level, Refs, Severity, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&SAFARI_DOWNLOADS];

static SAFARI_DOWNLOADS: Control = Control {
    id: "safari_safe_downloads",
    title: "A profile keeps Safari from opening downloads by itself",
    why: "A file that opens by itself meets a hole in its reader without anybody having asked for it.",
    check: "AutoOpenSafeDownloads of com.apple.Safari, forced by a profile; a local value has no effect and does not \
            count. The key is the one of the CIS benchmark, in none of Apple's published schemas; a user's own setting is \
            not read. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "6.3.1"), (15, "6.3.1"), (26, "6.3.1")],
        cis_level: Some(1),
        cis_v8: &["9.1", "9.6"],
        soc2: &["CC6.8"],
        mscp: Some("os_safari_open_safe_downloads_disable"),
        ..Refs::NONE
    },
    user_impact: "Downloads are opened by hand.",
    watches: &[Watch::Domain("com.apple.Safari")],
    forced: &[&Forced::flag("com.apple.Safari", "AutoOpenSafeDownloads", false).as_preference()],
    variants: &[super::part_by_profile(
        super::ALL,
        Can::Partial,
        "com.apple.Safari: AutoOpenSafeDownloads = false, forced as a preference. A user's own setting lies in the \
         container of Safari, which root reads and writes with Full Disk Access only, and the user can change it back: \
         this agent does not",
    )],
    probe: |view| Forced::probe_all(SAFARI_DOWNLOADS.forced, view),
    ..Control::of(Area::Applications, Level::L1, Severity::Medium)
};
