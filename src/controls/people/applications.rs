//! The area applications.

use crate::control::people::{Domain, Each, Good, Preference};
use crate::control::{Area, Cadence, Can, Control, Level, Refs, Remedy, Severity, Variant, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&SECURE_INPUT];

static TERMINAL: Each = Each {
    preferences: &[Preference {
        domain: Domain { name: "com.apple.Terminal", by_host: false },
        key: "SecureKeyboardEntry",
        about: "secure keyboard entry",
        good: Good::Flag(true),
        unset: (false, "off"),
    }],
    wanted: "on",
    restriction: None,
};

static SECURE_INPUT: Control = Control {
    id: "terminal_secure_input",
    title: "Terminal uses secure keyboard entry",
    why: "Without it any other program of the user's can read what is typed into Terminal, passwords included.",
    check: "For every user, SecureKeyboardEntry of com.apple.Terminal: what a profile forces, otherwise \
            ~/Library/Preferences/com.apple.Terminal.plist",
    area: Area::Applications,
    level: Level::L1,
    severity: Severity::Low,
    refs: Refs {
        cis_macos: &[(14, "6.4.1"), (15, "6.4.1"), (26, "6.4.1")],
        cis_level: Some(1),
        cis_v8: &["4.8"],
        nist_800_53r5: &[],
        soc2: &["CC6.8"],
        stig: &[],
        mscp: Some("os_terminal_secure_keyboard_enable"),
    },
    user_impact: "Text expanders and some password managers no longer type into Terminal.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain("com.apple.Terminal"), Watch::UserDomain("com.apple.Terminal"), Watch::Session],
    forced: &[],
    variants: &[Variant::everywhere(
        Can::UserContext,
        Remedy::Automatic {
            how: "defaults write com.apple.Terminal SecureKeyboardEntry -bool true, in the session of each user who is logged \
                  in and as that user",
            plan: |view| TERMINAL.plan(view),
            side_effects: "a Terminal that runs takes it up when it starts next",
            all_or_nothing: false,
        },
    )
    .of_each_user()],
    probe: |view| TERMINAL.probe(view),
};
