//! What profiles say about accessories.

use crate::control::{Area, Control, Forced, Level, Refs, Severity, Variant};
use crate::facts::{Form, Processor};

/// These controls.
pub const CONTROLS: &[&Control] = &[&USB_ACCESSORIES];

static USB_ACCESSORIES: Control = Control {
    id: "usb_accessories",
    title: "A profile has the Mac ask before a new USB or Thunderbolt accessory connects",
    why: "An accessory that connects unasked can read the Mac out or type into it, the locked one too.",
    check: "allowUSBRestrictedMode of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. macOS asks where nothing is forced, too, but then the user can have it ask no longer. Whether \
            the key takes the choice in System Settings away is not documented. It is what the profile says, not proof \
            that macOS heeds it",
    refs: Refs {
        nist_800_53r5: &["MP-7", "SC-41"],
        soc2: &["CC6.1", "CC6.7"],
        stig: &[(14, "APPL-14-005090"), (15, "APPL-15-005090"), (26, "APPL-26-005090")],
        mscp: Some("system_settings_usb_restricted_mode"),
        ..Refs::NONE
    },
    user_impact: "New accessories and cards work after the user has allowed them.",
    forced: &[&super::restriction("allowUSBRestrictedMode", true)],
    variants: &[
        Variant {
            processor: Some(Processor::AppleSilicon),
            forms: &[Form::Laptop],
            ..super::by_profile(super::ALL, "com.apple.applicationaccess: allowUSBRestrictedMode = true")
        },
        Variant::absent(super::ALL, "only laptops with Apple silicon ask before an accessory connects"),
    ],
    probe: |view| Forced::probe_all(USB_ACCESSORIES.forced, view),
    ..super::restricted(Area::Media, Level::L2, Severity::Medium)
};
