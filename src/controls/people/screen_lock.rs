//! The area screen lock.

use crate::control::people::{Domain, Each, Good, Preference};
use crate::control::{Area, Cadence, Can, Control, Level, Refs, Remedy, Severity, Variant, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&HOT_CORNER];

const DOCK: Domain = Domain { name: "com.apple.dock", by_host: false };

/// The number by which the Dock knows the action "Disable Screen Saver".
const DISABLE_SCREEN_SAVER: i64 = 6;

const fn corner(key: &'static str, about: &'static str) -> Preference {
    // Of the four corners one has an action where nothing is set, and that is a note.
    let unset = (true, "keeps the screen saver");
    Preference { domain: DOCK, key, about, good: Good::Not(DISABLE_SCREEN_SAVER), unset }
}

static CORNERS: Each = Each {
    preferences: &[
        corner("wvous-tl-corner", "top left"),
        corner("wvous-tr-corner", "top right"),
        corner("wvous-bl-corner", "bottom left"),
        corner("wvous-br-corner", "bottom right"),
    ],
    wanted: "no corner that disables the screen saver (6)",
    restriction: None,
};

static HOT_CORNER: Control = Control {
    id: "hot_corner_disables_screen_saver",
    title: "No corner of the screen disables the screen saver",
    why: "A pointer left in such a corner keeps the Mac from locking by itself.",
    check: "For every user, wvous-tl-corner, wvous-tr-corner, wvous-bl-corner and wvous-br-corner of com.apple.dock: what a \
            profile forces, otherwise ~/Library/Preferences/com.apple.dock.plist; 6 disables the screen saver",
    area: Area::ScreenLock,
    level: Level::L1,
    severity: Severity::Low,
    refs: Refs {
        cis_macos: &[(14, "2.7.1"), (15, "2.7.1"), (26, "2.7.1")],
        cis_level: Some(1),
        cis_v8: &["4.3"],
        nist_800_53r5: &["AC-11(1)"],
        soc2: &["CC6.1"],
        stig: &[],
        mscp: Some("system_settings_hot_corners_secure"),
    },
    user_impact: "The corner loses its action.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain("com.apple.dock"), Watch::UserDomain("com.apple.dock"), Watch::Session],
    forced: &[],
    variants: &[Variant::everywhere(
        Can::UserContext,
        Remedy::Automatic {
            how: "defaults delete com.apple.dock wvous-XX-corner, in the session of each user who is logged in and as that user",
            plan: |view| CORNERS.plan(view),
            side_effects: "the Dock takes it up when it starts next, at the latest with the next login",
            all_or_nothing: false,
        },
    )
    .of_each_user()],
    probe: |view| CORNERS.probe(view),
};
