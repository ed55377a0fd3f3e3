//! What profiles forbid of what leaves the Mac about its user.

use crate::control::{Area, Can, Control, Deprecated, Forced, Level, Refs, Severity, Variant, Watch};
use crate::facts::Processor;

/// These controls.
pub const CONTROLS: &[&Control] = &[
    &SIRI,
    &SIRI_IMPROVEMENT,
    &ASSISTIVE_VOICE,
    &SEARCH_IMPROVEMENT,
    &ADVERTISING,
    &EXTERNAL_INTELLIGENCE,
    &WRITING_TOOLS,
    &ON_DEVICE_DICTATION,
];

/// Deprecated since macOS 26.4 in favour of this declaration.
const fn since_26_4(declaration: &'static str) -> Deprecated {
    Deprecated { macos: 26, version: "26.4", declaration }
}

/// What frameworks ask of telling others about those who use the Mac.
const TOLD_TO_OTHERS: Refs = Refs {
    cis_v8: &["4.1", "4.8"],
    nist_800_53r5: &["AC-20", "CM-7", "CM-7(1)", "SC-7(10)"],
    soc2: &["CC6.7", "P4.2"],
    ..Refs::NONE
};

static SIRI: Control = Control {
    id: "siri",
    title: "A profile switches Siri off",
    why: "What is said near the Mac, and what is asked, goes to servers of others.",
    check: "allowAssistant of com.apple.applicationaccess, forced by a profile; a local value has no effect and does not \
            count. A declaration that says the same (macOS 26.4 and later) leaves nothing that this control knows how to \
            read. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "2.5.1"), (15, "2.5.2.1"), (26, "2.5.2.1")],
        cis_level: Some(1),
        stig: &[(14, "APPL-14-002020"), (15, "APPL-15-002020"), (26, "APPL-26-002020")],
        mscp: Some("system_settings_siri_disable"),
        ..TOLD_TO_OTHERS
    },
    user_impact: "Siri does not answer.",
    forced: &[&super::restriction("allowAssistant", false)
        .deprecated(since_26_4("com.apple.configuration.siri.settings, Enabled"))],
    variants: &[
        super::by_profile((14, 15), "com.apple.applicationaccess: allowAssistant = false"),
        super::by_profile(
            (26, 27),
            "com.apple.applicationaccess: allowAssistant = false; deprecated since macOS 26.4, from where on the \
             declaration com.apple.configuration.siri.settings, Enabled = false, takes its place. What a declaration sets \
             is not seen here",
        ),
    ],
    probe: |view| Forced::probe_all(SIRI.forced, view),
    ..super::restricted(Area::Privacy, Level::L1, Severity::Medium)
};

static SIRI_IMPROVEMENT: Control = Control {
    id: "siri_improvement",
    title: "A profile keeps recordings of Siri and dictation from being shared with Apple",
    why: "Recordings hold what was said near the Mac, and people listen to them.",
    check: "Siri Data Sharing Opt-In Status of com.apple.assistant.support, forced by a profile; a local value has no \
            effect and does not count. The number 2 is off. A user's own choice is not read. It is what the profile says, \
            not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "2.6.3"), (15, "2.6.3.2"), (26, "2.6.3.2")],
        cis_level: Some(1),
        stig: &[(14, "APPL-14-002210"), (15, "APPL-15-002210"), (26, "APPL-26-002210")],
        mscp: Some("system_settings_improve_siri_dictation_disable"),
        ..TOLD_TO_OTHERS
    },
    user_impact: "None.",
    watches: &[Watch::Domain("com.apple.assistant.support")],
    forced: &[&Forced::number("com.apple.assistant.support", "Siri Data Sharing Opt-In Status", 2).as_preference()],
    variants: &[super::part_by_profile(
        super::ALL,
        Can::UserContext,
        "com.apple.assistant.support: Siri Data Sharing Opt-In Status = 2, forced as a preference (2 is off). Root could \
         write it in each user's session, where the user can change it back: this agent does not",
    )],
    probe: |view| Forced::probe_all(SIRI_IMPROVEMENT.forced, view),
    ..Control::of(Area::Privacy, Level::L1, Severity::Low)
};

static ASSISTIVE_VOICE: Control = Control {
    id: "assistive_voice_improvement",
    title: "A profile keeps recordings of assistive voice features from being shared with Apple",
    why: "Recordings hold what was said near the Mac.",
    check: "AXSAudioDonationSiriImprovementEnabled of com.apple.Accessibility, forced by a profile; a local value has no \
            effect and does not count. The key is the one of the CIS benchmark, in none of Apple's published schemas. It \
            is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(15, "2.6.3.3"), (26, "2.6.3.3")],
        cis_level: Some(1),
        stig: &[(15, "APPL-15-002023"), (26, "APPL-26-002023")],
        mscp: Some("system_settings_improve_assistive_voice_disable"),
        ..TOLD_TO_OTHERS
    },
    user_impact: "None.",
    watches: &[Watch::Domain("com.apple.Accessibility")],
    forced: &[&Forced::flag("com.apple.Accessibility", "AXSAudioDonationSiriImprovementEnabled", false).as_preference()],
    variants: &[
        Variant::absent((14, 14), "the switch for assistive voice features exists from macOS 15 on"),
        super::by_profile(
            (15, 27),
            "com.apple.Accessibility: AXSAudioDonationSiriImprovementEnabled = false, forced as a preference",
        ),
    ],
    probe: |view| Forced::probe_all(ASSISTIVE_VOICE.forced, view),
    ..Control::of(Area::Privacy, Level::L1, Severity::Low)
};

static SEARCH_IMPROVEMENT: Control = Control {
    id: "search_improvement",
    title: "A profile keeps searches from being shared with Apple",
    why: "What somebody searches for tells what they work on.",
    check: "Search Queries Data Sharing Status of com.apple.assistant.support, forced by a profile; a local value has no \
            effect and does not count. The number 2 is off. A user's own choice is not read. It is what the profile says, \
            not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(15, "2.9.1"), (26, "2.9.1")],
        cis_level: Some(1),
        stig: &[(15, "APPL-15-002024"), (26, "APPL-26-002024")],
        mscp: Some("system_settings_improve_search_disable"),
        ..TOLD_TO_OTHERS
    },
    user_impact: "None.",
    watches: &[Watch::Domain("com.apple.assistant.support")],
    forced: &[&Forced::number("com.apple.assistant.support", "Search Queries Data Sharing Status", 2).as_preference()],
    variants: &[
        Variant::absent((14, 14), "the switch for sharing searches exists from macOS 15 on"),
        super::part_by_profile(
            (15, 27),
            Can::UserContext,
            "com.apple.assistant.support: Search Queries Data Sharing Status = 2, forced as a preference (2 is off). Root \
             could write it in each user's session, where the user can change it back: this agent does not",
        ),
    ],
    probe: |view| Forced::probe_all(SEARCH_IMPROVEMENT.forced, view),
    ..Control::of(Area::Privacy, Level::L1, Severity::Low)
};

static ADVERTISING: Control = Control {
    id: "personalized_advertising",
    title: "A profile limits Apple's personalized advertising",
    why: "Advertising by interests needs a record of them.",
    check: "allowApplePersonalizedAdvertising of com.apple.applicationaccess, forced by a profile; a local value has no \
            effect and does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "2.6.4"), (15, "2.6.4"), (26, "2.6.4")],
        cis_level: Some(1),
        cis_v8: &["4.8"],
        nist_800_53r5: &["AC-20", "CM-7", "CM-7(1)", "SC-7(10)"],
        soc2: &["CC6.7", "P4.2"],
        stig: &[(14, "APPL-14-002200"), (15, "APPL-15-002200"), (26, "APPL-26-002200")],
        mscp: Some("system_settings_personalized_advertising_disable"),
    },
    user_impact: "Advertisements in the App Store, News and Stocks are no longer chosen by interests.",
    forced: &[&super::restriction("allowApplePersonalizedAdvertising", false)],
    variants: &[super::by_profile(
        super::ALL,
        "com.apple.applicationaccess: allowApplePersonalizedAdvertising = false",
    )],
    probe: |view| Forced::probe_all(ADVERTISING.forced, view),
    ..super::restricted(Area::Privacy, Level::L1, Severity::Low)
};

static EXTERNAL_INTELLIGENCE: Control = Control {
    id: "external_intelligence",
    title: "A profile keeps Apple Intelligence from using services of others",
    why: "Questions, texts and pictures would go to a company that has no contract with the organization.",
    check: "allowExternalIntelligenceIntegrations of com.apple.applicationaccess, forced by a profile; a local value has \
            no effect and does not count. A declaration that says the same (macOS 26.4 and later) leaves nothing that this \
            control knows how to read. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(15, "2.5.1.1"), (26, "2.5.1.1")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8", "15.3"],
        nist_800_53r5: &["AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.7", "P4.2"],
        mscp: Some("system_settings_external_intelligence_disable"),
        ..Refs::NONE
    },
    user_impact: "Siri and Writing Tools do not hand anything on to ChatGPT or its like.",
    forced: &[&super::restriction("allowExternalIntelligenceIntegrations", false)
        .deprecated(since_26_4("com.apple.configuration.external-intelligence.settings, Enabled"))],
    variants: &[
        Variant::absent((14, 14), "the integrations and their restriction exist from macOS 15.2 on"),
        super::by_profile((15, 15), "com.apple.applicationaccess: allowExternalIntelligenceIntegrations = false"),
        super::by_profile(
            (26, 27),
            "com.apple.applicationaccess: allowExternalIntelligenceIntegrations = false; deprecated since macOS 26.4, from \
             where on the declaration com.apple.configuration.external-intelligence.settings, Enabled = false, takes its \
             place. What a declaration sets is not seen here",
        ),
    ],
    probe: |view| Forced::probe_all(EXTERNAL_INTELLIGENCE.forced, view),
    ..super::restricted(Area::Privacy, Level::L1, Severity::Medium)
};

static WRITING_TOOLS: Control = Control {
    id: "writing_tools",
    title: "A profile switches Writing Tools off",
    why: "Texts that are handed to Writing Tools may leave the Mac.",
    check: "allowWritingTools of com.apple.applicationaccess, forced by a profile; a local value has no effect and does \
            not count. A declaration that says the same (macOS 26.4 and later) leaves nothing that this control knows how \
            to read. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(15, "2.5.1.2"), (26, "2.5.1.2")],
        cis_level: Some(1),
        nist_800_53r5: &["AC-20", "AC-20(1)", "CM-7", "CM-7(1)", "SC-7(10)"],
        soc2: &["CC6.7", "P4.2"],
        stig: &[(15, "APPL-15-005160"), (26, "APPL-26-005160")],
        mscp: Some("os_writing_tools_disable"),
        ..Refs::NONE
    },
    user_impact: "Texts are not proofread, rewritten or summarized by Writing Tools.",
    forced: &[&super::restriction("allowWritingTools", false)
        .deprecated(since_26_4("com.apple.configuration.intelligence.settings, AllowWritingTools"))],
    variants: &[
        Variant::absent((14, 14), "Writing Tools and their restriction exist from macOS 15 on"),
        super::by_profile((15, 15), "com.apple.applicationaccess: allowWritingTools = false"),
        super::by_profile(
            (26, 27),
            "com.apple.applicationaccess: allowWritingTools = false; deprecated since macOS 26.4, from where on the \
             declaration com.apple.configuration.intelligence.settings, AllowWritingTools = false, takes its place. What a \
             declaration sets is not seen here",
        ),
    ],
    probe: |view| Forced::probe_all(WRITING_TOOLS.forced, view),
    ..super::restricted(Area::Privacy, Level::L1, Severity::Low)
};

static ON_DEVICE_DICTATION: Control = Control {
    id: "on_device_dictation",
    title: "A profile keeps dictation on the Mac",
    why: "Dictated texts are as confidential as written ones, and servers of others need not hear them.",
    check: "forceOnDeviceOnlyDictation of com.apple.applicationaccess, forced by a profile; a local value has no effect \
            and does not count. A declaration that says the same (macOS 26.4 and later) leaves nothing that this control \
            knows how to read. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "2.18.1"), (15, "2.18.1"), (26, "2.18.1")],
        cis_level: Some(1),
        stig: &[(14, "APPL-14-002220"), (15, "APPL-15-002220"), (26, "APPL-26-002220")],
        mscp: Some("os_on_device_dictation_enforce"),
        ..TOLD_TO_OTHERS
    },
    user_impact: "Dictation knows the languages that the Mac has on board.",
    forced: &[&super::restriction("forceOnDeviceOnlyDictation", true)
        .deprecated(since_26_4("com.apple.configuration.intelligence.settings, ForceOnDeviceOnlyDictation"))],
    variants: &[
        Variant {
            processor: Some(Processor::Intel),
            ..Variant::absent((14, 26), "only Apple silicon takes dictation on the Mac itself")
        },
        super::by_profile((14, 15), "com.apple.applicationaccess: forceOnDeviceOnlyDictation = true"),
        super::by_profile(
            (26, 27),
            "com.apple.applicationaccess: forceOnDeviceOnlyDictation = true; deprecated since macOS 26.4, from where on \
             the declaration com.apple.configuration.intelligence.settings, ForceOnDeviceOnlyDictation = true, takes its \
             place. What a declaration sets is not seen here",
        ),
    ],
    probe: |view| Forced::probe_all(ON_DEVICE_DICTATION.forced, view),
    ..super::restricted(Area::Privacy, Level::L1, Severity::Low)
};
