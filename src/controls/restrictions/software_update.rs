//! What profiles and declarations say about taking security updates back.

use super::super::software_update::declared;
use crate::control::{Area, Control, Deprecated, Finding, Forced, Level, Refs, Severity, Watch};

/// These controls.
pub const CONTROLS: &[&Control] = &[&RESPONSE_REMOVAL];

/// Software update heeds restrictions up to macOS 26.
static RESPONSE_REMOVAL_KEY: Forced =
    super::restriction("allowRapidSecurityResponseRemoval", false).up_to(26).deprecated(Deprecated {
        macos: 26,
        version: "26.0",
        declaration: "com.apple.configuration.softwareupdate.settings, RapidSecurityResponse.EnableRollback",
    });

static RESPONSE_REMOVAL: Control = Control {
    id: "update_security_response_removal",
    title: "A profile or declaration keeps users from taking security responses back",
    why: "A hole that was closed in a hurry must not be opened again by whoever is in front of the Mac.",
    check: "What a declaration left in software update's state (enableRapidSecurityResponseRollback, from macOS 15), \
            otherwise allowRapidSecurityResponseRemoval of com.apple.applicationaccess, forced by a profile (up to macOS \
            26); a local value has no effect and does not count. It is what was handed out, not proof that macOS heeds it",
    refs: Refs {
        nist_800_53r5: &["SI-2", "SI-2(5)", "SI-3"],
        soc2: &["CC7.1"],
        mscp: Some("system_settings_background_security_improvement_removal_disable"),
        ..Refs::NONE
    },
    user_impact: "A rapid security response (from macOS 26: background security improvement) stays installed.",
    watches: &[Watch::Domain(super::RESTRICTIONS), Watch::File(declared::STATE)],
    forced: &[&RESPONSE_REMOVAL_KEY],
    variants: &[
        super::by_profile((14, 14), "com.apple.applicationaccess: allowRapidSecurityResponseRemoval = false"),
        super::by_profile(
            (15, 26),
            "com.apple.applicationaccess: allowRapidSecurityResponseRemoval = false (deprecated since macOS 26.0), or the \
             declaration com.apple.configuration.softwareupdate.settings: RapidSecurityResponse, EnableRollback = false",
        ),
        super::by_profile(
            (27, 27),
            "com.apple.configuration.softwareupdate.settings: RapidSecurityResponse, EnableRollback = false",
        ),
    ],
    probe: |view| {
        let declared = declared::switch(view, "enableRapidSecurityResponseRollback")?;
        Ok(match declared {
            Some(allowed) => {
                let seen = if allowed { "allowed by a declaration" } else { "forbidden by a declaration" };
                Finding::judge(!allowed, seen, "forbidden")
            }
            None if view.facts.macos.major() > RESPONSE_REMOVAL_KEY.last => {
                Finding::drifted("no declaration, and this macOS heeds nothing else", "forbidden by a declaration")
            }
            None => RESPONSE_REMOVAL_KEY.probe(view)?,
        })
    },
    ..Control::of(Area::SoftwareUpdate, Level::L2, Severity::Medium)
};
