//! Who may read and change audit's configuration and its records.

use super::{ABSENT, CONTROL_WATCH, value_of};
use crate::control::{
    Area, At, Can, Control, Finding, Level, Owned, Plan, Refs, Remedy, Severity, Variant, View, listed,
};
use crate::host::ToolError;
use crate::mac::{FileKind, audit_control, status};

/// Read by root and, at most, by the group `wheel`; written by nobody. The daemon that writes a record has it open as root.
const FILE: Owned = Owned::by_root(0o440);
/// Entered by root alone.
const FOLDER: Owned = Owned::by_root(0o700);

/// Where the records are kept unless the configuration says otherwise. `/var` is a link to `/private/var`.
const TRAILS_FOLDER: &str = "/private/var/audit";

const HOW: &str = "chmod -h and chown -h 0:0 of what is not so";

/// The control of the configuration.
pub static CONTROL_FILE: Control = Control {
    id: "audit_control_permissions",
    title: "Only root reads and nobody writes audit's configuration",
    why: "Who can write it decides what is not recorded.",
    check: "lstat of /etc/security/audit_control: owner root, group wheel, mode 0440 at most. Its access control list is not seen",
    refs: Refs {
        cis_macos: &[(14, "3.5"), (15, "3.5"), (26, "3.5")],
        cis_level: Some(1),
        cis_v8: &["3.3"],
        nist_800_53r5: &["AU-9"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-001130"), (15, "APPL-15-001130"), (26, "APPL-26-001130")],
        mscp: Some("audit_control_mode_configure"),
    },
    user_impact: "None.",
    watches: &[CONTROL_WATCH],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::sets(HOW, |view| planned(&control_file(view)?.unwrap_or_default())),
    )],
    probe: |view| {
        Ok(match control_file(view)? {
            None => Finding::not_applicable(ABSENT),
            Some(broken) => judged(&broken, "root's, mode 0440 at most"),
        })
    },
    ..Control::of(Area::Audit, Level::L1, Severity::Low)
};

/// What of the configuration is not as it must be; `None` where there is none.
fn control_file(view: &View<'_>) -> Result<Option<Vec<At>>, ToolError> {
    let Some(found) = view.ask(&status::of(audit_control::PATH))? else { return Ok(None) };
    if found.kind != FileKind::File {
        return Err(ToolError::UnsafeFile { path: audit_control::PATH.into(), why: "it is not a regular file".into() });
    }
    Ok(Some(FILE.broken_at(audit_control::PATH, found).into_iter().collect()))
}

fn planned(broken: &[At]) -> Result<Plan, ToolError> {
    let rule = |at: &At| if at.1.kind == FileKind::Folder { FOLDER } else { FILE };
    let steps = broken.iter().map(|at| rule(at).steps(at)).collect::<Result<Vec<_>, _>>()?;
    Plan::bounded(steps.concat())
}

fn judged(broken: &[At], wanted: &str) -> Finding {
    match broken {
        [] => Finding::compliant(wanted),
        broken => Finding::drifted(listed(broken), wanted),
    }
}

/// The control of the records.
pub static TRAILS: Control = Control {
    id: "audit_log_permissions",
    title: "Only root reads audit's records",
    why: "The records tell who did what, and whoever can change them can hide it.",
    check: "lstat of /var/audit and of everything directly in it but links: owner root, group wheel, the folder 0700 and files 0440 \
            at most. Where audit_control names another folder the state is unknown. Access control lists are not seen",
    refs: Refs {
        cis_macos: &[(14, "3.5"), (15, "3.5"), (26, "3.5")],
        cis_level: Some(1),
        cis_v8: &["3.3"],
        nist_800_53r5: &["AU-9"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-001017"), (15, "APPL-15-001017"), (26, "APPL-26-001017")],
        mscp: Some("audit_folders_mode_configure"),
    },
    user_impact: "None.",
    watches: &[CONTROL_WATCH],
    variants: &[Variant::everywhere(Can::Yes, Remedy::sets(HOW, |view| planned(&trails(view)?.unwrap_or_default())))],
    probe: |view| {
        Ok(match trails(view)? {
            None => Finding::not_applicable("there is no /var/audit, so nothing was recorded"),
            Some(broken) => judged(&broken, "root's, the folder 0700 and its files 0440 at most"),
        })
    },
    ..Control::of(Area::Audit, Level::L1, Severity::Low)
};

/// What of the folder of records and what is in it is not as it must be; `None` where there is no such folder.
fn trails(view: &View<'_>) -> Result<Option<Vec<At>>, ToolError> {
    if let Some(control) = view.ask(&audit_control::file())? {
        let dir = value_of(&control, "dir")?.trim_end_matches('/');
        if !["/var/audit", TRAILS_FOLDER].contains(&dir) {
            let what = format!("audit's records in {}", crate::text::excerpt(dir));
            return Err(ToolError::Unsupported { what });
        }
    }
    let Some(folder) = view.ask(&status::of(TRAILS_FOLDER))? else { return Ok(None) };
    // Where it is not a folder, this says so.
    let Some(entries) = view.ask(&status::names_in(TRAILS_FOLDER))? else { return Ok(None) };
    let mut broken: Vec<At> = FOLDER.broken_at(TRAILS_FOLDER, folder).into_iter().collect();
    for entry in entries.into_iter().filter(|entry| entry.status.kind != FileKind::Link) {
        let rule = if entry.status.kind == FileKind::Folder { FOLDER } else { FILE };
        broken.extend(rule.broken_at(&format!("{TRAILS_FOLDER}/{}", entry.name), entry.status));
    }
    Ok(Some(broken))
}
