//! Device management: whether the Mac is enrolled, how firmly, and whether the profiles that it should have are there.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::profiles::{self, Installed, Mdm};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&ENROLLED, &AUTOMATED, &LOCKED, &REQUIRED];

/// Where macOS keeps what is installed: a change there is a profile that came or went.
const STORE: &[Watch] = &[Watch::File("/private/var/db/ConfigurationProfiles/Store/")];

static ENROLLED: Control = Control {
    id: "mdm_enrolled",
    title: "The Mac is enrolled in device management, and the enrolment is approved",
    why: "Only an approved enrolment may set what matters most: privacy permissions, system extensions, restrictions.",
    check: "profiles status -type enrollment: MDM enrollment: Yes (User Approved)",
    refs: Refs {
        cis_macos: &[(14, "1.8"), (15, "1.8")],
        cis_level: Some(1),
        cis_v8: &["4.1", "5.1"],
        nist_800_53r5: &["CM-2", "CM-6"],
        soc2: &["CC7.1", "CC8.1"],
        stig: &[(14, "APPL-14-005110"), (15, "APPL-15-005110"), (26, "APPL-26-005110")],
        mscp: Some("os_mdm_require"),
    },
    user_impact: "None.",
    watches: STORE,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "An administrator runs profiles renew -type enrollment, which asks the user, or enrols the Mac anew; a \
                           waiting approval is given in System Settings > General > Device Management.",
        },
    )],
    probe: |view| {
        let wanted = "enrolled and approved";
        Ok(match view.ask(&profiles::enrollment())?.mdm {
            Mdm::UserApproved => Finding::compliant(wanted),
            Mdm::Yes => Finding::drifted("enrolled, not approved by the user", wanted),
            Mdm::No => Finding::drifted("not enrolled", wanted),
        })
    },
    ..Control::of(Area::Management, Level::L1, Severity::High)
};

static AUTOMATED: Control = Control {
    id: "mdm_automated_enrollment",
    title: "The Mac was enrolled by Automated Device Enrollment",
    why: "An enrolment by Apple Business Manager comes back after an erase, and makes the Mac supervised.",
    check: "profiles status -type enrollment: Enrolled via DEP: Yes",
    refs: Refs { nist_800_53r5: &["CM-2"], soc2: &["CC7.1", "CC8.1"], ..Refs::NONE },
    user_impact: "None.",
    watches: STORE,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "Assign the Mac to the MDM in Apple Business Manager; then it is erased, or enrolled anew by profiles renew \
                           -type enrollment, which asks the user.",
        },
    )],
    probe: |view| {
        let seen = view.ask(&profiles::enrollment())?;
        if seen.mdm == Mdm::No {
            return Ok(Finding::not_applicable(UNENROLLED));
        }
        match seen.automated {
            Some(true) => Ok(Finding::compliant("automated")),
            Some(false) => Ok(Finding::drifted("enrolled by hand", "automated")),
            None => Err(ToolError::Incomplete {
                asked: profiles::enrollment().ask.to_string(),
                lacks: "the line \"Enrolled via DEP\"".into(),
            }),
        }
    },
    ..Control::of(Area::Management, Level::L1, Severity::Medium)
};

const UNENROLLED: &str = "the Mac is not enrolled, which mdm_enrolled reports";

/// What is installed; `None` where the Mac is not enrolled.
fn installed(view: &View<'_>) -> Result<Option<Installed>, ToolError> {
    if view.ask(&profiles::enrollment())?.mdm == Mdm::No {
        return Ok(None);
    }
    view.ask(&profiles::installed()).map(Some)
}

static LOCKED: Control = Control {
    id: "mdm_profile_locked",
    title: "The user cannot remove the enrolment profile",
    why: "Whoever can remove it takes every managed setting with it.",
    check: "profiles show -type configuration -output stdout-xml: ProfileRemovalDisallowed of the profile that carries the payload \
            com.apple.mdm",
    refs: Refs { nist_800_53r5: &["CM-5"], soc2: &["CC7.1", "CC8.1"], ..Refs::NONE },
    user_impact: "None.",
    watches: STORE,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ServerSide {
            place: "In the MDM's automated enrolment settings: \"the MDM profile is not removable\" (is_mdm_removable = false). It \
                    takes effect at the next enrolment.",
        },
    )],
    probe: |view| {
        let Some(installed) = installed(view)? else { return Ok(Finding::not_applicable(UNENROLLED)) };
        let mut carriers = installed.profiles.iter().filter(|profile| profile.is_enrollment());
        match (carriers.next(), carriers.next()) {
            (Some(one), None) => Ok(Finding::judge(
                one.locked,
                format!("{} {}", one.identifier, if one.locked { "cannot be removed" } else { "can be removed" }),
                "it cannot be removed",
            )),
            _ => Err(ToolError::Contradiction {
                what: "the Mac is enrolled, but not exactly one installed profile carries com.apple.mdm".into(),
            }),
        }
    },
    ..Control::of(Area::Management, Level::L2, Severity::Medium)
};

static IDENTIFIERS: Setting = Setting {
    key: "Identifiers",
    doc: "Identifiers of profiles that must be installed for the whole Mac.",
    kind: Kind::Names,
    laxer: Laxer::Any,
};

static REQUIRED: Control = Control {
    id: "required_profiles",
    title: "The profiles that policy names are installed",
    why: "A setting that only a profile holds is gone with the profile, and nothing else says so.",
    check: "profiles show -type configuration -output stdout-xml: ProfileIdentifier of what is installed for the whole Mac",
    refs: Refs { nist_800_53r5: &["CM-6"], soc2: &["CC7.1", "CC8.1"], ..Refs::NONE },
    user_impact: "None.",
    settings: &[&IDENTIFIERS],
    watches: STORE,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ServerSide {
            place: "Send the missing profiles from the MDM: see the Mac's pending and failed commands there.",
        },
    )],
    probe: |view| {
        let required = view.settings.list(&IDENTIFIERS);
        if required.is_empty() {
            // The Mac is asked all the same: whoever names a profile must see that the question works.
            return Ok(match installed(view)? {
                Some(installed) => Finding::not_applicable(format!(
                    "policy names none (Identifiers); {} are installed",
                    installed.profiles.len()
                )),
                None => Finding::not_applicable(UNENROLLED),
            });
        }
        let present = installed(view)?.map(|installed| installed.profiles).unwrap_or_default();
        let is_there = |wanted: &&String| present.iter().any(|profile| profile.identifier == **wanted);
        let missing: Vec<&str> = required.iter().filter(|wanted| !is_there(wanted)).map(String::as_str).collect();
        Ok(if missing.is_empty() {
            Finding::compliant(format!("installed: {}", required.join(", ")))
        } else {
            Finding::drifted(format!("missing: {}", missing.join(", ")), required.join(", "))
        })
    },
    ..Control::of(Area::Management, Level::L1, Severity::High)
};
