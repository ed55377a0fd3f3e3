//! What profiles forbid of sharing between one person's devices.

use crate::control::{Area, Can, Control, Forced, Level, Refs, Severity, Variant};

/// These controls.
pub const CONTROLS: &[&Control] = &[&AIRDROP, &HANDOFF, &IPHONE_MIRRORING, &PASSWORD_REQUESTS];

static AIRDROP: Control = Control {
    id: "airdrop",
    title: "A profile switches AirDrop off",
    why: "AirDrop carries files past every gateway and mail filter, to and from whoever is near.",
    check: "allowAirDrop of com.apple.applicationaccess, forced by a profile; a local value has no effect and does not \
            count. Who may see a Mac in AirDrop without one is each user's own setting and is not read. It is what the \
            profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "2.3.1.1"), (15, "2.3.1.1"), (26, "2.3.1.1")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8", "6.7"],
        nist_800_53r5: &["AC-3", "AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002009"), (15, "APPL-15-002009"), (26, "APPL-26-002009")],
        mscp: Some("os_airdrop_disable"),
    },
    user_impact: "Nothing can be sent or received by AirDrop.",
    forced: &[&super::restriction("allowAirDrop", false)],
    variants: &[super::part_by_profile(
        super::ALL,
        Can::Partial,
        "com.apple.applicationaccess: allowAirDrop = false. Root could only hide the Mac in AirDrop in each user's \
         session, where the user can undo it: this agent does not",
    )],
    probe: |view| Forced::probe_all(AIRDROP.forced, view),
    ..super::restricted(Area::Sharing, Level::L1, Severity::Medium)
};

static HANDOFF: Control = Control {
    id: "handoff",
    title: "A profile switches Handoff off",
    why: "What is open on the Mac, and what is copied there, goes to every device of the same Apple Account, managed or \
          not.",
    check: "allowActivityContinuation of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-005058"), (15, "APPL-15-005058"), (26, "APPL-26-005058")],
        mscp: Some("os_handoff_disable"),
        ..Refs::NONE
    },
    user_impact: "Work begun on one device cannot be gone on with on another by Handoff.",
    forced: &[&super::restriction("allowActivityContinuation", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowActivityContinuation = false")],
    probe: |view| Forced::probe_all(HANDOFF.forced, view),
    ..super::restricted(Area::Sharing, Level::L2, Severity::Low)
};

static IPHONE_MIRRORING: Control = Control {
    id: "iphone_mirroring",
    title: "A profile switches iPhone Mirroring off",
    why: "Through it the Mac shows and steers a telephone that nobody manages, with its messages and codes.",
    check: "allowiPhoneMirroring of com.apple.applicationaccess, forced by a profile; a local value has no effect and does \
            not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_v8: &["4.1", "4.8", "6.7"],
        nist_800_53r5: &["AC-3", "AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(15, "APPL-15-002271"), (26, "APPL-26-002271")],
        mscp: Some("os_iphone_mirroring_disable"),
        ..Refs::NONE
    },
    user_impact: "The iPhone cannot be shown or used on the Mac.",
    forced: &[&super::restriction("allowiPhoneMirroring", false)],
    variants: &[
        Variant::absent((14, 14), "iPhone Mirroring and its restriction exist from macOS 15 on"),
        super::by_profile((15, 27), "com.apple.applicationaccess: allowiPhoneMirroring = false"),
    ],
    probe: |view| Forced::probe_all(IPHONE_MIRRORING.forced, view),
    ..super::restricted(Area::Sharing, Level::L2, Severity::Low)
};

static PASSWORD_REQUESTS: Control = Control {
    id: "password_requests_nearby",
    title: "A profile keeps devices nearby from being asked for passwords",
    why: "The Mac asks other people's devices nearby for a password that it lacks, of a wireless network first of all; \
          what they hand over is on the Mac for good.",
    check: "allowPasswordProximityRequests of com.apple.applicationaccess, forced by a profile; a local value has no effect \
            and does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["IA-5"],
        soc2: &["CC6.1"],
        stig: &[(26, "APPL-26-005060")],
        mscp: Some("os_password_proximity_disable"),
        ..Refs::NONE
    },
    user_impact: "Passwords of networks are typed, or come from the organization; nobody nearby can hand them over.",
    forced: &[&super::restriction("allowPasswordProximityRequests", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowPasswordProximityRequests = false")],
    probe: |view| Forced::probe_all(PASSWORD_REQUESTS.forced, view),
    ..super::restricted(Area::Sharing, Level::L2, Severity::Low)
};
