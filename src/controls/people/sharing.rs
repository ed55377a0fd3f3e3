//! The area sharing.

use crate::control::people::{Domain, Each, Good, Preference, Restriction};
use crate::control::{Area, Cadence, Can, Control, Level, Refs, Remedy, Severity, Variant, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&MEDIA_SHARING, &BLUETOOTH_SHARING, &AIRPLAY_RECEIVER];

const RESTRICTIONS: &str = "com.apple.applicationaccess";
const MEDIA: &str = "com.apple.amp.mediasharingd";

const fn library(key: &'static str, about: &'static str) -> Preference {
    let domain = Domain { name: MEDIA, by_host: false };
    Preference { domain, key, about, good: Good::Flag(false), unset: (true, "off by default") }
}

static LIBRARIES: Each = Each {
    preferences: &[
        library("home-sharing-enabled", "home sharing"),
        library("public-sharing-enabled", "sharing with guests"),
    ],
    wanted: "home sharing and sharing with guests off",
    // Apple's schema of restrictions: macOS 15.1.
    restriction: Some(Restriction { key: "allowMediaSharing", since: &[15, 1] }),
};

static MEDIA_SHARING: Control = Control {
    id: "media_sharing",
    title: "Media libraries are not shared on the network",
    why: "A shared library tells everybody on the network that the Mac is there, and is one more service that answers them.",
    check: "allowMediaSharing of com.apple.applicationaccess, where a profile forces it to false (from macOS 15.1 on); otherwise, \
            for every user, home-sharing-enabled and public-sharing-enabled of com.apple.amp.mediasharingd: what a profile \
            forces, or ~/Library/Preferences/com.apple.amp.mediasharingd.plist. What profiles for macOS 14 force in \
            com.apple.preferences.sharing.SharingPrefsExtension only hides the switch, and does not count",
    area: Area::Sharing,
    level: Level::L2,
    severity: Severity::Low,
    refs: Refs {
        cis_macos: &[(14, "2.3.3.9"), (15, "2.3.3.9"), (26, "2.3.3.9")],
        cis_level: Some(2),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002100"), (15, "APPL-15-002100"), (26, "APPL-26-002100")],
        mscp: Some("system_settings_media_sharing_disabled"),
    },
    user_impact: "Other devices no longer play this Mac's music and films.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[
        Watch::Domain(RESTRICTIONS),
        Watch::UserDomain(RESTRICTIONS),
        Watch::Domain(MEDIA),
        Watch::UserDomain(MEDIA),
        Watch::Session,
    ],
    forced: &[],
    variants: &[Variant::everywhere(
        Can::UserContext,
        Remedy::Automatic {
            how: "defaults write com.apple.amp.mediasharingd home-sharing-enabled -bool false, and the same for \
                  public-sharing-enabled, in the session of each user who is logged in and as that user",
            plan: |view| LIBRARIES.plan(view),
            side_effects: "sharing that runs ends when its agent starts next, at the latest with the next login",
            all_or_nothing: false,
        },
    )
    .of_each_user()],
    probe: |view| LIBRARIES.probe(view),
};

const BLUETOOTH: &str = "com.apple.Bluetooth";

static BLUETOOTH_FILES: Each = Each {
    preferences: &[Preference {
        domain: Domain { name: BLUETOOTH, by_host: true },
        key: "PrefKeyServicesEnabled",
        about: "Bluetooth sharing",
        good: Good::Flag(false),
        unset: (true, "off by default"),
    }],
    wanted: "off",
    restriction: None,
};

static BLUETOOTH_SHARING: Control = Control {
    id: "bluetooth_sharing",
    title: "Files are not shared over Bluetooth",
    why: "Whoever is near could offer files to the Mac, or browse those it shares.",
    check: "For every user, PrefKeyServicesEnabled of com.apple.Bluetooth: what a profile forces, otherwise the user's own for \
            this Mac, ~/Library/Preferences/ByHost/com.apple.Bluetooth.UUID.plist; not set is off",
    area: Area::Sharing,
    level: Level::L1,
    severity: Severity::Low,
    refs: Refs {
        cis_macos: &[(14, "2.3.3.10"), (15, "2.3.3.10"), (26, "2.3.3.10")],
        cis_level: Some(1),
        cis_v8: &["3.3", "4.1"],
        nist_800_53r5: &["AC-3", "AC-18(4)", "CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002110"), (15, "APPL-15-002110"), (26, "APPL-26-002110")],
        mscp: Some("system_settings_bluetooth_sharing_disable"),
    },
    user_impact: "None for those who do not share files over Bluetooth.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[Watch::Domain(BLUETOOTH), Watch::UserDomain(BLUETOOTH), Watch::Session],
    forced: &[],
    variants: &[Variant::everywhere(
        Can::UserContext,
        Remedy::Automatic {
            how: "defaults -currentHost write com.apple.Bluetooth PrefKeyServicesEnabled -bool false, in the session of each \
                  user who is logged in and as that user",
            plan: |view| BLUETOOTH_FILES.plan(view),
            side_effects: "none",
            all_or_nothing: false,
        },
    )
    .of_each_user()],
    probe: |view| BLUETOOTH_FILES.probe(view),
};

const CONTROL_CENTER: &str = "com.apple.controlcenter";

static RECEIVER: Each = Each {
    preferences: &[Preference {
        domain: Domain { name: CONTROL_CENTER, by_host: true },
        // macOS spells it so.
        key: "AirplayRecieverEnabled",
        about: "AirPlay Receiver",
        good: Good::Flag(false),
        unset: (false, "on by default"),
    }],
    wanted: "off",
    // Apple's schema of restrictions: macOS 12.3.
    restriction: Some(Restriction { key: "allowAirPlayIncomingRequests", since: &[12, 3] }),
};

static AIRPLAY_RECEIVER: Control = Control {
    id: "airplay_receiver",
    title: "The Mac does not receive AirPlay",
    why: "The receiver answers on the network (ports 5000 and 7000), and others can put pictures and sound on the Mac.",
    check: "allowAirPlayIncomingRequests of com.apple.applicationaccess, where a profile forces it to false; otherwise, for every \
            user, AirplayRecieverEnabled of com.apple.controlcenter: what a profile forces, or the user's own for this Mac, \
            ~/Library/Preferences/ByHost/com.apple.controlcenter.UUID.plist; not set is on",
    area: Area::Sharing,
    level: Level::L1,
    severity: Severity::Low,
    refs: Refs {
        cis_macos: &[(14, "2.3.1.2"), (15, "2.3.1.2"), (26, "2.3.1.2")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002080"), (15, "APPL-15-002080"), (26, "APPL-26-002080")],
        mscp: Some("system_settings_airplay_receiver_disable"),
    },
    user_impact: "Nobody can cast to this Mac.",
    disruptive: None,
    settings: &[],
    cadence: Cadence::Cheap,
    watches: &[
        Watch::Domain(RESTRICTIONS),
        Watch::UserDomain(RESTRICTIONS),
        Watch::Domain(CONTROL_CENTER),
        Watch::UserDomain(CONTROL_CENTER),
        Watch::Session,
    ],
    forced: &[],
    variants: &[Variant::everywhere(
        Can::UserContext,
        Remedy::Automatic {
            how: "defaults -currentHost write com.apple.controlcenter AirplayRecieverEnabled -bool false, in the session of each \
                  user who is logged in and as that user",
            plan: |view| RECEIVER.plan(view),
            side_effects: "a receiver that runs ends when its agent starts next, at the latest with the next login",
            all_or_nothing: false,
        },
    )
    .of_each_user()],
    probe: |view| RECEIVER.probe(view),
};
