//! How long an MDM holds updates back.

use super::declared;
use crate::control::preference::{RESTRICTIONS, number, truth};
use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::profiles::{self, Mdm};

static DAYS: Setting = Setting {
    key: "MaximumDeferral",
    doc: "Longest time that an MDM may hold an update back.",
    kind: Kind::Integer { default: 30, min: 0, max: 90, unit: "days" },
    laxer: Laxer::Higher,
};

/// The control.
pub static DEFERRAL: Control = Control {
    id: "update_deferral",
    title: "Updates are not held back for longer than policy allows",
    why: "A deferral meant for testing must not leave a known hole open for months.",
    check: "The longest of what a profile forces in com.apple.applicationaccess (up to macOS 26) and what a declaration left in \
            software update's state (from macOS 15); profiles status -type enrollment says whether there is an MDM at all",
    refs: Refs {
        cis_macos: &[(14, "1.7"), (15, "1.7"), (26, "1.6")],
        cis_v8: &["7.3", "7.4"],
        soc2: &["CC7.1"],
        mscp: Some("os_software_update_deferral"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "None.",
    settings: &[&DAYS],
    watches: &[Watch::Domain(RESTRICTIONS), super::DECLARED],
    variants: &[
        Variant {
            macos: (14, 26),
            ..Variant::everywhere(
                Can::DetectOnly,
                Remedy::Profile {
                    payload: "com.apple.applicationaccess: enforcedSoftwareUpdateDelay (days), or the declaration \
                              com.apple.configuration.softwareupdate.settings, Deferrals: to be lowered or removed where it is \
                              set, as of several the longest counts",
                },
            )
        },
        Variant {
            macos: (27, 27),
            ..Variant::everywhere(
                Can::DetectOnly,
                Remedy::Profile {
                    payload: "com.apple.configuration.softwareupdate.settings: Deferrals, MajorPeriodInDays, \
                              MinorPeriodInDays, SystemPeriodInDays: to be lowered or removed where it is set, as of several the \
                              longest counts",
                },
            )
        },
    ],
    probe: |view| {
        let declared = declared::longest_deferral(view)?;
        let longest = declared.max(longest_forced(view)?);
        // Asked whatever was found: a Mac that can say nothing of its enrolment says nothing for sure of what it forces.
        let mdm = view.ask(&profiles::enrollment())?.mdm;
        let limit = view.settings.integer(&DAYS);
        Ok(match longest {
            Some(days) => Finding::judge(
                (0..=limit).contains(&days),
                format!("{days} days, by a {}", if declared == longest { "declaration" } else { "profile" }),
                format!("at most {limit} days"),
            ),
            None if mdm == Mdm::No => Finding::compliant("no MDM that could hold updates back"),
            None => Finding::compliant("no deferral is forced or declared"),
        })
    },
    ..Control::of(Area::SoftwareUpdate, Level::L1, Severity::Medium)
};

/// The last macOS that heeds deferrals in a profile.
const LAST_PROFILE_MACOS: u32 = 26;

/// What macOS takes where a profile holds updates back without saying for how long (Apple's payload schema), in days.
const UNSAID: i64 = 30;

const GENERAL: &str = "enforcedSoftwareUpdateDelay";

/// What holds one kind of update back, and the keys that say for how long; without one of its own a kind takes the general.
const KINDS: [(&str, &[&str]); 3] = [
    ("forceDelayedSoftwareUpdates", &[GENERAL, "enforcedSoftwareUpdateMinorOSDeferredInstallDelay"]),
    ("forceDelayedMajorSoftwareUpdates", &[GENERAL, "enforcedSoftwareUpdateMajorOSDeferredInstallDelay"]),
    ("forceDelayedAppSoftwareUpdates", &[GENERAL, "enforcedSoftwareUpdateNonOSDeferredInstallDelay"]),
];

/// The longest deferral that a profile forces, in days. A delay counts without the key that puts it to use: the benchmark
/// looks at the delay alone, and one profile may bring the key that another lacks.
fn longest_forced(view: &View<'_>) -> Result<Option<i64>, ToolError> {
    if view.facts.macos.major() > LAST_PROFILE_MACOS {
        return Ok(None);
    }
    let read = |key: &str| view.forced(RESTRICTIONS, key);
    let odd = |key: &str, why| ToolError::from_misread(format!("forced {RESTRICTIONS} {key}"), None, why);
    let mut longest = None;
    for (switch, delays) in KINDS {
        let held = match read(switch)? {
            None => false,
            Some(value) => truth(&value).map_err(|why| odd(switch, why))?,
        };
        let mut said = None;
        for key in delays {
            if let Some(value) = read(key)? {
                said = said.max(Some(number(&value).map_err(|why| odd(key, why))?));
            }
        }
        longest = longest.max(said.or_else(|| held.then_some(UNSAID)));
    }
    Ok(longest)
}
