//! What Jamf's own hardening advice asks for and only the server has. Nothing of it is on a Mac, so it never holds and never
//! drifts here: it is listed with the place to look.

use super::{NO_CLIENT, SETTINGS, client};
use crate::control::{Area, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, View};
use crate::host::ToolError;

/// Which place to look at, where Jamf Pro manages the Mac at all.
fn look_there(view: &View<'_>, place: &str) -> Result<Finding, ToolError> {
    Ok(Finding::not_applicable(match client(view)? {
        Some(_) => format!("server-side, nothing of it is on a Mac: see {place}"),
        None => NO_CLIENT.to_owned(),
    }))
}

const CHECK: &str = "Nothing of it is on a Mac. Only whether Jamf Pro manages this Mac is looked at \
                     (/Library/Preferences/com.jamfsoftware.jamf.plist), so that the place to look is named where it matters";

/// What the controls of the server have in common.
const SERVER: Control = Control {
    check: CHECK,
    user_impact: "None on the Mac.",
    watches: &[SETTINGS],
    ..Control::of(Area::JamfPro, Level::L1, Severity::Medium)
};

const fn at(place: &'static str) -> Variant {
    Variant::everywhere(Can::DetectOnly, Remedy::ServerSide { place })
}

const PASSWORDS: &str = "Jamf Pro, Settings > System > User accounts and groups > Password Policy";

pub static ACCOUNT_PASSWORDS: Control = Control {
    id: "jamf_server_account_passwords",
    title: "Accounts of Jamf Pro have a password policy",
    why: "Whoever gets an administrator's account of the MDM has root on every Mac.",
    refs: Refs { nist_800_53r5: &["IA-5"], soc2: &["CC6.1"], ..Refs::NONE },
    variants: &[at(PASSWORDS)],
    probe: |view| look_there(view, PASSWORDS),
    ..SERVER
};

const ROLES: &str = "Jamf Pro, Settings > System > User accounts and groups, and API roles and clients";

pub static PRIVILEGES: Control = Control {
    id: "jamf_server_privileges",
    title: "Accounts and API clients of Jamf Pro have the least privileges",
    why: "A script's credentials that may do everything are an administrator's.",
    refs: Refs { nist_800_53r5: &["AC-6"], soc2: &["CC6.3"], ..Refs::NONE },
    variants: &[at(ROLES)],
    probe: |view| look_there(view, ROLES),
    ..SERVER
};

const CHANGES: &str = "Jamf Pro, Settings > System > Change management";

pub static CHANGE_MANAGEMENT: Control = Control {
    id: "jamf_server_change_management",
    title: "Jamf Pro logs who changed what, away from the server",
    why: "Without it nobody can tell which administrator gave an order to all Macs.",
    refs: Refs { nist_800_53r5: &["AU-12", "CM-3"], soc2: &["CC7.2", "CC8.1"], ..Refs::NONE },
    variants: &[at(CHANGES)],
    probe: |view| look_there(view, CHANGES),
    ..SERVER
};

const FLUSHING: &str = "Jamf Pro, Settings > System > Log flushing";

pub static LOG_FLUSHING: Control = Control {
    id: "jamf_server_log_flushing",
    title: "Jamf Pro keeps its logs as long as the organization needs them",
    why: "Logs that are flushed early are missing when they are asked for.",
    level: Level::L2,
    severity: Severity::Low,
    refs: Refs { nist_800_53r5: &["AU-11"], soc2: &["CC7.2"], ..Refs::NONE },
    variants: &[at(FLUSHING)],
    probe: |view| look_there(view, FLUSHING),
    ..SERVER
};

const SELF_SERVICE: &str = "Jamf Pro, Settings > Self Service > macOS > Login";

pub static SELF_SERVICE_LOGIN: Control = Control {
    id: "jamf_server_self_service_login",
    title: "Self Service asks for a login",
    why: "What Self Service installs and shows is meant for its user, not for whoever sits there.",
    level: Level::L2,
    severity: Severity::Low,
    refs: Refs { nist_800_53r5: &["IA-2"], soc2: &["CC6.1"], ..Refs::NONE },
    variants: &[at(SELF_SERVICE)],
    probe: |view| look_there(view, SELF_SERVICE),
    ..SERVER
};

const PRESTAGE: &str = "Jamf Pro, Computers > PreStage enrollments > General > Require authentication";

pub static ENROLLMENT_LOGIN: Control = Control {
    id: "jamf_server_enrollment_login",
    title: "Automated enrolment asks for a login",
    why: "Otherwise whoever unpacks or erases a Mac of the organization gets its settings, certificates and software.",
    refs: Refs { nist_800_53r5: &["IA-2"], soc2: &["CC6.1"], ..Refs::NONE },
    variants: &[at(PRESTAGE)],
    probe: |view| look_there(view, PRESTAGE),
    ..SERVER
};
