//! Bluetooth.

use crate::control::{Area, Can, Control, Forced, Level, Refs, Remedy, Severity, Variant, Watch};

/// The area's controls. The infrared receiver is not among them: no Mac that runs macOS 14 or later has one.
pub const CONTROLS: &[&Control] = &[&BLUETOOTH];

static BLUETOOTH: Control = Control {
    id: "bluetooth",
    title: "Bluetooth is off",
    why: "A radio that is off cannot be attacked; only Macs worth a targeted attack can do without it.",
    check: "DisableBluetooth of com.apple.MCXBluetooth, forced by a profile. That the radio is off is not looked at: the only tool \
            that tells takes seconds",
    refs: Refs {
        cis_v8: &["4.8", "12.6", "13.9"],
        nist_800_53r5: &["AC-18", "AC-18(3)", "SC-8"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002062"), (15, "APPL-15-002062"), (26, "APPL-26-002062")],
        mscp: Some("system_settings_bluetooth_disable"),
        ..Refs::NONE
    },
    user_impact: "Wireless keyboards, mice and headsets stop, and so does Touch ID on an external keyboard.",
    disruptive: Some("wireless keyboards, mice and headsets stop working"),
    watches: &[Watch::Domain("com.apple.MCXBluetooth")],
    forced: &[&Forced::flag("com.apple.MCXBluetooth", "DisableBluetooth", true)],
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::Profile { payload: "com.apple.MCXBluetooth: DisableBluetooth = true" },
    )],
    probe: |view| Forced::probe_all(BLUETOOTH.forced, view),
    ..Control::of(Area::Radio, Level::L3, Severity::Medium)
};
