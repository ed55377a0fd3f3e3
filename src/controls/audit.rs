//! Audit and logs: what is recorded, for how long it is kept, and who may read it.
//!
//! macOS's audit is deprecated since macOS 11 and off until an administrator sets it up since macOS 14 (audit(8)); it will be
//! removed. The agent looks, and guards the files; it does not set audit up and edits none of its configuration.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, Watch,
};
use crate::host::ToolError;
use crate::mac::audit_control::{self, AuditControl, keeps, uncovered};
use crate::mac::{audit, status};

mod logs;
mod records;

/// The area's controls.
pub const CONTROLS: &[&Control] =
    &[&DAEMON, &FLAGS, &RETENTION, &records::CONTROL_FILE, &records::TRAILS, &logs::INSTALL, &logs::SYSTEM];

const ABSENT: &str = "audit is not set up: there is no /etc/security/audit_control";
const CONTROL_WATCH: Watch = Watch::File(audit_control::PATH);

static DAEMON: Control = Control {
    id: "audit_daemon",
    title: "The audit system records",
    why: "What happened on a Mac can be told afterwards only where it was recorded.",
    check: "lstat of /etc/security/audit_control and audit -c, whose condition and exit status must agree. Without the file audit \
            does not start; Apple deprecates audit and names Endpoint Security instead, which products that record by it use",
    refs: Refs {
        cis_macos: &[(14, "3.1"), (15, "3.1"), (26, "3.1")],
        cis_level: Some(1),
        cis_v8: &["8.2", "8.5"],
        nist_800_53r5: &["AU-3", "AU-3(1)", "AU-8", "AU-12", "AU-12(1)", "AU-12(3)", "AU-14(1)", "MA-4(1)", "CM-5(1)"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-001003"), (15, "APPL-15-001003"), (26, "APPL-26-001003")],
        mscp: Some("audit_auditd_enabled"),
    },
    user_impact: "The records take space on the disk.",
    watches: &[CONTROL_WATCH],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Decide first whether a product that uses Endpoint Security records already. If not: copy \
                           /etc/security/audit_control.example to /etc/security/audit_control, run launchctl enable \
                           system/com.apple.auditd and restart. Setting it up means writing a configuration of a system that \
                           Apple will remove: the agent does not do it.",
        },
    )],
    probe: |view| {
        if view.ask(&status::of(audit_control::PATH))?.is_none() {
            return Ok(Finding::drifted(ABSENT, "auditing"));
        }
        Ok(match view.ask(&audit::condition())?.auditing {
            true => Finding::compliant("auditing"),
            false => Finding::drifted("not auditing", "auditing"),
        })
    },
    ..Control::of(Area::Audit, Level::L1, Severity::Medium)
};

static CLASSES: Setting = Setting {
    key: "Classes",
    doc: "Classes of events that must be audited, in the form of audit_control.",
    kind: Kind::Text { default: "lo,aa,ad,-ex,-fm,-fr,-fw" },
    laxer: Laxer::Any,
};

static FLAGS: Control = Control {
    id: "audit_flags",
    title: "Audit covers the classes of events that policy names",
    why: "A record that leaves out logins, administration or refused access answers no question.",
    check: "The flags line of /etc/security/audit_control. A class without a sign covers both signs, so fm (what NIST's project \
            asks for) covers -fm (what CIS asks for); all covers every class and ^ takes away",
    refs: Refs {
        cis_macos: &[(14, "3.2"), (15, "3.2"), (26, "3.2")],
        cis_level: Some(2),
        cis_v8: &["3.14", "8.2", "8.5"],
        nist_800_53r5: &["AC-2(12)", "AU-12", "AC-17(1)", "AU-2", "MA-4(1)"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-001002"), (15, "APPL-15-001002"), (26, "APPL-26-001002")],
        mscp: Some("audit_flags_lo_configure"),
    },
    user_impact: "The records take more space on the disk.",
    settings: &[&CLASSES],
    watches: &[CONTROL_WATCH],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Add the missing classes to the line flags: of /etc/security/audit_control and run audit -s. The agent \
                           edits no configuration of audit.",
        },
    )],
    probe: |view| {
        let Some(control) = view.ask(&audit_control::file())? else {
            return Ok(Finding::drifted(ABSENT, view.settings.text(&CLASSES)));
        };
        let (listed, wanted) = (value_of(&control, "flags")?, view.settings.text(&CLASSES));
        let unfit = |why| ToolError::UnfitSetting { key: CLASSES.key, why };
        uncovered("all", &wanted).map_err(|why| unfit(why.to_string()))?;
        let missing = uncovered(listed, &wanted).map_err(unread)?;
        let seen = format!("flags:{}", crate::text::excerpt(listed));
        Ok(match missing.is_empty() {
            true => Finding::compliant(seen),
            false => Finding::drifted(format!("{seen}, without {}", missing.join(",")), wanted),
        })
    },
    ..Control::of(Area::Audit, Level::L2, Severity::Low)
};

/// The only value of a parameter of `audit_control`.
fn value_of<'a>(control: &'a AuditControl, parameter: &str) -> Result<&'a str, ToolError> {
    control.value(parameter).ok_or_else(|| ToolError::Incomplete {
        asked: audit_control::PATH.to_owned(),
        lacks: format!("one line {parameter}:"),
    })
}

fn unread(why: crate::mac::Misread) -> ToolError {
    ToolError::from_misread(audit_control::PATH.to_owned(), None, why)
}

static DAYS: Setting = Setting {
    key: "Days",
    doc: "For how long audit's records must be kept.",
    kind: Kind::Integer { default: 60, min: 1, max: 3650, unit: "days" },
    laxer: Laxer::Lower,
};

static GIGABYTES: Setting = Setting {
    key: "Gigabytes",
    doc: "Up to which size together audit's records must be kept.",
    kind: Kind::Integer { default: 5, min: 1, max: 1000, unit: "gigabytes" },
    laxer: Laxer::Lower,
};

static RETENTION: Control = Control {
    id: "audit_retention",
    title: "Audit's records are kept for as long as policy says",
    why: "An intrusion is often noticed weeks later, when default records are long gone.",
    check: "The expire-after line of /etc/security/audit_control, compared by value: with OR every condition must suffice, with \
            AND one of them",
    refs: Refs {
        cis_macos: &[(14, "3.4"), (15, "3.4"), (26, "3.4")],
        cis_level: Some(1),
        cis_v8: &["8.1", "8.3"],
        nist_800_53r5: &["AU-11", "AU-4"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-001029"), (15, "APPL-15-001029"), (26, "APPL-26-001029")],
        mscp: Some("audit_retention_configure"),
    },
    user_impact: "The records take space on the disk.",
    settings: &[&DAYS, &GIGABYTES],
    watches: &[CONTROL_WATCH],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Set the line expire-after: of /etc/security/audit_control, for instance to 60d OR 5G, and run audit \
                           -s. The agent edits no configuration of audit.",
        },
    )],
    probe: |view| {
        let (days, gigabytes) = (view.settings.integer(&DAYS), view.settings.integer(&GIGABYTES));
        let wanted = format!("{days} days or {gigabytes} GB");
        let Some(control) = view.ask(&audit_control::file())? else { return Ok(Finding::drifted(ABSENT, wanted)) };
        let expiry = value_of(&control, "expire-after")?;
        let kept = keeps(expiry, days, gigabytes).map_err(unread)?;
        Ok(Finding::judge(kept, format!("expire-after:{expiry}"), wanted))
    },
    ..Control::of(Area::Audit, Level::L1, Severity::Low)
};
