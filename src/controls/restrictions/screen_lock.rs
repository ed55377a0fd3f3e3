//! What profiles say about unlocking the Mac.

use crate::control::{Area, Can, Control, Forced, Kind, Laxer, Level, Refs, Setting, Severity, Variant, Watch};
use crate::facts::Form;

/// These controls.
pub const CONTROLS: &[&Control] = &[&TOUCH_ID_TIMEOUT, &APPLE_WATCH_UNLOCK, &SMART_CARD_REMOVAL];

static TIMEOUT: Setting = Setting {
    key: "MaximumTimeout",
    doc: "Longest time after which Touch ID must ask for the password again. macOS takes 172800 (48 hours) where none is forced.",
    kind: Kind::Integer { default: 86_400, min: 3600, max: 172_800, unit: "seconds" },
    laxer: Laxer::Higher,
};

static TOUCH_ID_TIMEOUT: Control = Control {
    id: "touch_id_timeout",
    title: "A profile has Touch ID ask for the password after a bounded time",
    why: "A finger can be held to the sensor by somebody else; a password cannot.",
    check: "enforcedFingerprintTimeout of com.apple.applicationaccess, forced by a profile; a local value has no effect \
            and does not count. Whether the Mac has a sensor at all is not looked at. It is what the profile says, not \
            proof that macOS heeds it",
    refs: Refs { nist_800_53r5: &["IA-11"], soc2: &["CC6.1"], ..Refs::NONE },
    user_impact: "The password is asked for in place of a finger at least once in this time.",
    settings: &[&TIMEOUT],
    forced: &[&Forced::at_most(super::RESTRICTIONS, "enforcedFingerprintTimeout", &TIMEOUT)],
    variants: &[
        Variant { forms: &[Form::Virtual], ..Variant::absent(super::ALL, "a virtual Mac has no Touch ID sensor") },
        super::part_by_profile(
            super::ALL,
            Can::Partial,
            "com.apple.applicationaccess: enforcedFingerprintTimeout (seconds; macOS takes 172800 where none is forced). A \
             tool of macOS, bioutil, has a switch for it, but nothing that Apple publishes says what it does beside a \
             profile, so this agent does not use it",
        ),
    ],
    probe: |view| Forced::probe_all(TOUCH_ID_TIMEOUT.forced, view),
    ..super::restricted(Area::ScreenLock, Level::L2, Severity::Low)
};

static APPLE_WATCH_UNLOCK: Control = Control {
    id: "apple_watch_unlock",
    title: "A profile keeps an Apple Watch from unlocking the Mac",
    why: "A watch nearby opens the Mac for whoever stands before it, and the watch is not managed.",
    check: "allowAutoUnlock of com.apple.applicationaccess, forced by a profile; a local value has no effect and does not \
            count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        nist_800_53r5: &["IA-5"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000001"), (15, "APPL-15-000001"), (26, "APPL-26-000001")],
        mscp: Some("system_settings_apple_watch_unlock_disable"),
        ..Refs::NONE
    },
    user_impact: "The Mac asks for the password or a finger although the watch is near.",
    forced: &[&super::restriction("allowAutoUnlock", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowAutoUnlock = false")],
    probe: |view| Forced::probe_all(APPLE_WATCH_UNLOCK.forced, view),
    ..super::restricted(Area::ScreenLock, Level::L2, Severity::Medium)
};

static SMART_CARD_REMOVAL: Control = Control {
    id: "smart_card_removal_locks",
    title: "A profile has the screen lock when the smart card is taken out",
    why: "Whoever goes away with their card must not leave their session open.",
    check: "tokenRemovalAction of com.apple.security.smartcard, forced by a profile; a local value has no effect and does \
            not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        nist_800_53r5: &["AC-11"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000005"), (15, "APPL-15-000005"), (26, "APPL-26-000005")],
        mscp: Some("system_settings_token_removal_enforce"),
        ..Refs::NONE
    },
    user_impact: "The screen saver starts when the card is taken out; without a smart card nothing changes.",
    watches: &[Watch::Domain("com.apple.security.smartcard")],
    forced: &[&Forced::number("com.apple.security.smartcard", "tokenRemovalAction", 1)],
    variants: &[super::by_profile(
        super::ALL,
        "com.apple.security.smartcard: tokenRemovalAction = 1. A Mac takes one such payload only: put the key into it \
         where the MDM has one",
    )],
    probe: |view| Forced::probe_all(SMART_CARD_REMOVAL.forced, view),
    ..Control::of(Area::ScreenLock, Level::L2, Severity::Medium)
};
