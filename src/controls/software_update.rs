//! Automatic updates. Which source decides depends on the macOS version: a declaration, a profile up to macOS 26, or the
//! local preference that System Settings writes. The payload `com.apple.SoftwareUpdate` is deprecated in macOS 26 and
//! gone in 27, so what a profile says there is never reported as an effect.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, Watch,
};
use crate::facts::Version;
use crate::host::ToolError;

pub(super) mod declared;
mod deferral;
mod switch;

use switch::Switch;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[
    &CHECK,
    &DOWNLOAD,
    &INSTALL_MACOS,
    &SECURITY_RESPONSES,
    &CONFIG_DATA,
    &APP_STORE,
    &deferral::DEFERRAL,
    &MINIMUM_MACOS,
];

/// Where the local switches are, and what profiles say.
const UPDATE_DOMAIN: Watch = Watch::Domain("com.apple.SoftwareUpdate");
/// Where macOS keeps what was declared.
const DECLARED: Watch = Watch::File(declared::STATE);
const SWITCH_FILES: &[Watch] = &[UPDATE_DOMAIN, DECLARED];

const DECLARATION: &str = "com.apple.configuration.softwareupdate.settings";

static CHECK_SWITCH: Switch = Switch {
    domain: "com.apple.SoftwareUpdate",
    key: "AutomaticCheckEnabled",
    forced_key: "AutomaticCheckEnabled",
    declared: None,
    // Seen so: absent on 26.5.1 while `softwareupdate --schedule` said "turned on".
    absent_is_on: true,
};

static CHECK: Control = Control {
    id: "update_check",
    title: "The Mac looks for updates by itself",
    why: "An update that nobody looks for is never installed.",
    check: "AutomaticCheckEnabled of com.apple.SoftwareUpdate: profile, otherwise local; absent is on",
    refs: Refs {
        cis_macos: &[(14, "1.2"), (15, "1.2")],
        cis_v8: &["7.3", "7.4"],
        nist_800_53r5: &["SI-2(5)"],
        soc2: &["CC7.1"],
        mscp: Some("system_settings_software_update_enforce"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "None.",
    watches: SWITCH_FILES,
    variants: &[
        switch::writable(
            (14, 14),
            Can::YesUnlessManaged,
            "defaults write /Library/Preferences/com.apple.SoftwareUpdate AutomaticCheckEnabled -bool true",
            |view| CHECK_SWITCH.plan(view),
        ),
        switch::writable(
            (15, 15),
            Can::Partial,
            "defaults write /Library/Preferences/com.apple.SoftwareUpdate AutomaticCheckEnabled -bool true",
            |view| CHECK_SWITCH.plan(view),
        ),
        Variant::absent((26, 27), "macOS 26 always looks for updates: the switch is gone since 15"),
    ],
    probe: |view| CHECK_SWITCH.probe(view),
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::Medium)
};

static DOWNLOAD_SWITCH: Switch = Switch {
    domain: "com.apple.SoftwareUpdate",
    key: "AutomaticDownload",
    forced_key: "AutomaticDownload",
    declared: Some("automaticallyDownload"),
    absent_is_on: true,
};

static DOWNLOAD: Control = Control {
    id: "update_download",
    title: "Updates are downloaded by themselves",
    why: "An update that is already there is installed sooner.",
    check: "A declaration's state, else what a profile forces (up to macOS 26), else AutomaticDownload of \
            /Library/Preferences/com.apple.SoftwareUpdate",
    refs: Refs {
        cis_macos: &[(14, "1.3"), (15, "1.3"), (26, "1.2")],
        cis_v8: &["7.3", "7.4"],
        soc2: &["CC7.1"],
        mscp: Some("system_settings_software_update_download_enforce"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "Bandwidth and disk space.",
    watches: SWITCH_FILES,
    variants: &[
        switch::writable(
            (14, 26),
            Can::YesUnlessManaged,
            "defaults write /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload -bool true",
            |view| DOWNLOAD_SWITCH.plan(view),
        ),
        switch::declared_only("com.apple.configuration.softwareupdate.settings: AutomaticActions.Download = AlwaysOn"),
    ],
    probe: |view| DOWNLOAD_SWITCH.probe(view),
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::Medium)
};

static INSTALL_SWITCH: Switch = Switch {
    domain: "com.apple.SoftwareUpdate",
    key: "AutomaticallyInstallMacOSUpdates",
    forced_key: "AutomaticallyInstallMacOSUpdates",
    declared: Some("automaticallyInstallOSUpdates"),
    // What macOS does without the key is not on record; it is written rather than taken for granted.
    absent_is_on: false,
};

static INSTALL_MACOS: Control = Control {
    id: "update_install_macos",
    title: "macOS updates are installed by themselves",
    why: "Most attacks use holes for which an update already exists.",
    check: "A declaration's state, else what a profile forces (up to macOS 26), else AutomaticallyInstallMacOSUpdates of \
            /Library/Preferences/com.apple.SoftwareUpdate",
    refs: Refs {
        cis_macos: &[(14, "1.4"), (15, "1.4"), (26, "1.3")],
        cis_v8: &["7.3", "7.4"],
        soc2: &["CC7.1"],
        mscp: Some("system_settings_install_macos_updates_enforce"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "The Mac restarts at night when an update is due.",
    watches: SWITCH_FILES,
    variants: &[
        switch::writable(
            (14, 26),
            Can::YesUnlessManaged,
            "defaults write /Library/Preferences/com.apple.SoftwareUpdate AutomaticallyInstallMacOSUpdates -bool true",
            |view| INSTALL_SWITCH.plan(view),
        ),
        switch::declared_only(
            "com.apple.configuration.softwareupdate.settings: AutomaticActions.InstallOSUpdates = AlwaysOn",
        ),
    ],
    probe: |view| INSTALL_SWITCH.probe(view),
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::High)
};

static RESPONSES_SWITCH: Switch = Switch {
    domain: "com.apple.SoftwareUpdate",
    key: "CriticalUpdateInstall",
    forced_key: "CriticalUpdateInstall",
    declared: Some("automaticallyInstallSystemAndSecurityUpdates"),
    absent_is_on: true,
};

static SECURITY_RESPONSES: Control = Control {
    id: "update_security_responses",
    title: "Security responses and system files are installed by themselves",
    why: "They close holes that are being used, between macOS updates.",
    check: "A declaration's state, else what a profile forces (up to macOS 26), else CriticalUpdateInstall of \
            /Library/Preferences/com.apple.SoftwareUpdate",
    refs: Refs {
        cis_macos: &[(14, "1.6"), (15, "1.6"), (26, "1.5")],
        cis_v8: &["7.3", "7.4", "7.7"],
        nist_800_53r5: &["SI-2"],
        soc2: &["CC7.1"],
        mscp: Some("system_settings_critical_update_install_enforce"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "A restart now and then.",
    watches: SWITCH_FILES,
    variants: &[
        switch::writable(
            (14, 26),
            Can::YesUnlessManaged,
            "defaults write /Library/Preferences/com.apple.SoftwareUpdate CriticalUpdateInstall -bool true",
            |view| RESPONSES_SWITCH.plan(view),
        ),
        switch::declared_only(
            "com.apple.configuration.softwareupdate.settings: AutomaticActions.InstallSecurityUpdate = AlwaysOn",
        ),
    ],
    probe: |view| RESPONSES_SWITCH.probe(view),
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::High)
};

static CONFIG_SWITCH: Switch = Switch {
    domain: "com.apple.SoftwareUpdate",
    key: "ConfigDataInstall",
    forced_key: "ConfigDataInstall",
    // No declaration covers it, on 27 neither.
    declared: None,
    absent_is_on: true,
};

static CONFIG_DATA: Control = Control {
    id: "update_config_data",
    title: "XProtect, Gatekeeper and other protection data are installed by themselves",
    why: "They carry what macOS knows about malware.",
    check: "What a profile forces (up to macOS 26), else ConfigDataInstall of /Library/Preferences/com.apple.SoftwareUpdate",
    refs: Refs {
        cis_macos: &[(14, "1.6"), (15, "1.6"), (26, "1.5")],
        cis_v8: &["7.3", "7.4", "7.7"],
        nist_800_53r5: &["SI-2(5)", "SI-3"],
        soc2: &["CC7.1"],
        stig: &[(14, "APPL-14-005130"), (15, "APPL-15-005130"), (26, "APPL-26-005130")],
        mscp: Some("os_config_data_install_enforce"),
        cis_level: Some(1),
    },
    user_impact: "None.",
    watches: SWITCH_FILES,
    variants: &[switch::writable(
        (14, 27),
        Can::YesUnlessManaged,
        "defaults write /Library/Preferences/com.apple.SoftwareUpdate ConfigDataInstall -bool true",
        |view| CONFIG_SWITCH.plan(view),
    )],
    probe: |view| CONFIG_SWITCH.probe(view),
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::High)
};

static APP_SWITCH: Switch = Switch {
    domain: "com.apple.commerce",
    key: "AutoUpdate",
    forced_key: "AutomaticallyInstallAppUpdates",
    declared: None,
    absent_is_on: false,
};

static APP_STORE: Control = Control {
    id: "update_app_store",
    title: "Apps from the App Store are updated by themselves",
    why: "Old apps have known holes too.",
    check: "AutomaticallyInstallAppUpdates that a profile forces in com.apple.SoftwareUpdate (up to macOS 26), else \
            AutoUpdate of /Library/Preferences/com.apple.commerce",
    refs: Refs {
        cis_macos: &[(26, "1.4")],
        cis_v8: &["7.3", "7.4"],
        soc2: &["CC7.1"],
        mscp: Some("os_software_update_app_update_enforce"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "Apps are restarted when they are updated. System Settings shows the change after the next login.",
    watches: &[UPDATE_DOMAIN, Watch::Domain("com.apple.commerce"), DECLARED],
    variants: &[switch::writable(
        (14, 27),
        Can::YesUnlessManaged,
        "defaults write /Library/Preferences/com.apple.commerce AutoUpdate -bool true",
        |view| APP_SWITCH.plan(view),
    )],
    probe: |view| APP_SWITCH.probe(view),
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::Medium)
};

static MINIMUM: Setting = Setting {
    key: "Minimum",
    doc: "Lowest allowed version for each macOS; a macOS that is not listed and newer than all listed ones is allowed.",
    kind: Kind::Versions { default: &["14.8", "15.7", "26.5", "27.0"] },
    laxer: Laxer::Lower,
};

static MINIMUM_MACOS: Control = Control {
    id: "update_minimum_macos",
    title: "macOS is at or above the lowest allowed version",
    why: "Below it are holes that are known and closed elsewhere.",
    check: "sw_vers, compared number by number with the policy's version for that macOS; a beta of that very version is below it",
    refs: Refs { cis_v8: &["7.3"], nist_800_53r5: &["SI-2"], soc2: &["CC7.1"], ..Refs::NONE },
    user_impact: "None from looking; the MDM's enforcement restarts the Mac.",
    settings: &[&MINIMUM],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::Profile {
            payload: "com.apple.configuration.softwareupdate.enforcement.specific: TargetOSVersion, TargetLocalDateTime. Root \
                      could start an update on Intel; on Apple silicon that needs a volume owner's password or the MDM, \
                      so this agent starts none",
        },
    )],
    probe: |view| {
        let have = &view.facts.macos;
        let beta = is_beta(&view.facts.build);
        let seen = if beta { format!("{have} (beta build {})", view.facts.build) } else { have.to_string() };
        let listed: Vec<Version> =
            view.settings.list(&MINIMUM).iter().filter_map(|text| Version::parse(text)).collect();
        let newest = listed.iter().max();
        Ok(match (listed.iter().find(|version| version.major() == have.major()), newest) {
            // A beta carries the number of the release that it comes before.
            (Some(least), _) => {
                Finding::judge(have > least || (have == least && !beta), seen, format!("{least} or later"))
            }
            (None, Some(newest)) => {
                Finding::judge(have > newest, seen, format!("one of the listed macOS versions, such as {newest}"))
            }
            (None, None) => return Err(ToolError::Unsupported { what: "a minimum macOS version".into() }),
        })
    },
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::High)
};

/// Whether a build is a beta's: since macOS 14 up to four digits and then a small letter (`26A5279m`). A rapid security
/// response's ends in a small letter too, after six digits (`25D771280a`).
fn is_beta(build: &str) -> bool {
    let number = build.strip_suffix(|c: char| c.is_ascii_lowercase());
    number.is_some_and(|number| number.chars().rev().take_while(char::is_ascii_digit).count() <= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beta_is_told_from_a_release_and_a_rapid_security_response() {
        for (build, expected) in [
            ("25F84", false),
            ("26A5279m", true),
            ("25D771280a", false),
            ("25C56", false),
            ("26A5279M", false),
            ("", false),
        ] {
            assert_eq!(is_beta(build), expected, "{build}");
        }
    }
}
