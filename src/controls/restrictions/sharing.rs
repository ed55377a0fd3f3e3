//! What profiles forbid of sharing between one person's devices.

use crate::control::{Area, Cadence, Can, Control, Forced, Level, Refs, Remedy, Severity, Variant, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&AIRDROP, &HANDOFF, &IPHONE_MIRRORING];

const DOMAIN: &str = "com.apple.applicationaccess";

static AIRDROP_KEY: Forced = Forced::flag(DOMAIN, "allowAirDrop", false);

static AIRDROP: Control = Control {
    id: "airdrop",
    title: "A profile switches AirDrop off",
    why: "AirDrop carries files past every gateway and mail filter, to and from whoever is near.",
    check: "allowAirDrop of com.apple.applicationaccess, forced by a profile; a local value has no effect and does not count. It is \
            what the profile says, not proof that macOS heeds it; who may see a user's Mac in AirDrop is that user's own setting \
            and is not read",
    area: Area::Sharing,
    level: Level::L1,
    severity: Severity::Medium,
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
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain(DOMAIN)],
    forced: &[&AIRDROP_KEY],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::Profile {
            payload: "com.apple.applicationaccess: allowAirDrop = false. Root could only hide the Mac in AirDrop in each user's \
                      session, where the user can undo it: this agent does not",
        },
    )],
    probe: |view| AIRDROP_KEY.probe(view),
};

static HANDOFF_KEY: Forced = Forced::flag(DOMAIN, "allowActivityContinuation", false);

static HANDOFF: Control = Control {
    id: "handoff",
    title: "A profile switches Handoff off",
    why: "What is open on the Mac, and what is copied there, goes to every device of the same Apple Account, managed or not.",
    check: "allowActivityContinuation of com.apple.applicationaccess, forced by a profile; a local value has no effect and does not \
            count. It is what the profile says, not proof that macOS heeds it",
    area: Area::Sharing,
    level: Level::L2,
    severity: Severity::Low,
    refs: Refs {
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-005058"), (15, "APPL-15-005058"), (26, "APPL-26-005058")],
        mscp: Some("os_handoff_disable"),
        ..Refs::NONE
    },
    user_impact: "Work begun on one device cannot be gone on with on another by Handoff.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain(DOMAIN)],
    forced: &[&HANDOFF_KEY],
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::Profile { payload: "com.apple.applicationaccess: allowActivityContinuation = false" },
    )],
    probe: |view| HANDOFF_KEY.probe(view),
};

static MIRRORING_KEY: Forced = Forced::flag(DOMAIN, "allowiPhoneMirroring", false);

static IPHONE_MIRRORING: Control = Control {
    id: "iphone_mirroring",
    title: "A profile switches iPhone Mirroring off",
    why: "Through it the Mac shows and steers a telephone that nobody manages, with its messages and codes.",
    check: "allowiPhoneMirroring of com.apple.applicationaccess, forced by a profile; a local value has no effect and does not \
            count. It is what the profile says, not proof that macOS heeds it",
    area: Area::Sharing,
    level: Level::L2,
    severity: Severity::Low,
    refs: Refs {
        cis_v8: &["4.1", "4.8", "6.7"],
        nist_800_53r5: &["AC-3", "AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(15, "APPL-15-002271"), (26, "APPL-26-002271")],
        mscp: Some("os_iphone_mirroring_disable"),
        ..Refs::NONE
    },
    user_impact: "The iPhone cannot be shown or used on the Mac.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain(DOMAIN)],
    forced: &[&MIRRORING_KEY],
    variants: &[
        Variant::absent((14, 14), "iPhone Mirroring and its restriction exist from macOS 15 on"),
        Variant {
            macos: (15, 27),
            ..Variant::everywhere(
                Can::DetectOnly,
                Remedy::Profile { payload: "com.apple.applicationaccess: allowiPhoneMirroring = false" },
            )
        },
    ],
    probe: |view| MIRRORING_KEY.probe(view),
};
