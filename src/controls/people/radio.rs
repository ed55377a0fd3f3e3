//! The area Bluetooth and infrared.

use crate::control::people::{Domain, Each, Good, Preference};
use crate::control::{Area, Cadence, Can, Control, Level, Refs, Remedy, Severity, Variant, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&MENU];

const DOMAIN: &str = "com.apple.controlcenter";

/// Control Center's numbers for "always shown in the menu bar": what System Settings writes, and an older form.
const SHOWN: &[i64] = &[18, 2];

static BLUETOOTH: Each = Each {
    preferences: &[Preference {
        domain: Domain { name: DOMAIN, by_host: true },
        key: "Bluetooth",
        about: "Bluetooth in the menu bar",
        good: Good::OneOf(SHOWN),
        unset: (false, "not shown"),
    }],
    wanted: "shown (18 or 2)",
    restriction: None,
};

static MENU: Control = Control {
    id: "bluetooth_menu",
    title: "The menu bar shows the state of Bluetooth",
    why: "Whoever sees that Bluetooth is on, and what is connected, notices what should not be.",
    check: "For every user, Bluetooth of com.apple.controlcenter: what a profile forces, otherwise the user's own for this Mac, \
            ~/Library/Preferences/ByHost/com.apple.controlcenter.UUID.plist",
    area: Area::Radio,
    level: Level::L1,
    severity: Severity::Low,
    refs: Refs {
        cis_macos: &[(14, "2.4.2"), (15, "2.4.2")],
        cis_level: Some(1),
        cis_v8: &["4.8", "13.9"],
        nist_800_53r5: &[],
        soc2: &["CC6.6"],
        stig: &[],
        mscp: Some("system_settings_bluetooth_menu_enable"),
    },
    user_impact: "One more icon in the menu bar.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain(DOMAIN), Watch::UserDomain(DOMAIN), Watch::Session],
    forced: &[],
    variants: &[
        Variant {
            macos: (14, 15),
            ..Variant::everywhere(
                Can::UserContext,
                Remedy::Automatic {
                    how: "defaults -currentHost write com.apple.controlcenter Bluetooth -int 18, in the session of each user \
                          who is logged in and as that user",
                    plan: |view| BLUETOOTH.plan(view),
                    side_effects: "Control Center takes it up when it starts next, at the latest with the next login",
                    all_or_nothing: false,
                },
            )
            .of_each_user()
        },
        Variant::absent(
            (26, 27),
            "no guidance asks for it from macOS 26 on, where Control Center keeps its items otherwise",
        ),
    ],
    probe: |view| BLUETOOTH.probe(view),
};
