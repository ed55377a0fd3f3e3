//! Logs beside audit's records: how long the installer's is kept, and who may read those of the system.

use crate::control::{
    Area, At, Can, Control, Finding, Kind, Laxer, Level, Owned, Refs, Remedy, Setting, Severity, Variant, Watch, listed,
};
use crate::mac::{FileKind, asl, status};

static DAYS: Setting = Setting {
    key: "Days",
    doc: "For how long the installer's log must be kept.",
    kind: Kind::Integer { default: 365, min: 30, max: 3650, unit: "days" },
    laxer: Laxer::Lower,
};

/// The control of the installer's log.
pub static INSTALL: Control = Control {
    id: "install_log_retention",
    title: "The installer's log is kept for as long as policy says",
    why: "It tells when which software came onto the Mac.",
    check: "The line of /etc/asl/com.apple.install that writes /var/log/install.log: its ttl, and no all_max, which removes older \
            files by their size",
    refs: Refs {
        cis_macos: &[(14, "3.3"), (15, "3.3"), (26, "3.3")],
        cis_level: Some(1),
        cis_v8: &["8.1", "8.3"],
        nist_800_53r5: &["AU-11", "AU-4"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-004050"), (15, "APPL-15-004050"), (26, "APPL-26-004050")],
        mscp: Some("os_install_log_retention_configure"),
    },
    user_impact: "The log takes more space on the disk.",
    settings: &[&DAYS],
    watches: &[Watch::File(asl::INSTALL)],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "In /etc/asl/com.apple.install, in the line with /var/log/install.log, set ttl=365 and take out all_max. \
                           An update of macOS may put its own file back. The agent edits no configuration of logs.",
        },
    )],
    probe: |view| {
        let days = view.settings.integer(&DAYS);
        let wanted = format!("{days} days at least, whatever the size");
        let Some(kept) = view.ask(&asl::install_log())? else {
            return Ok(Finding::drifted("there is no /etc/asl/com.apple.install", wanted));
        };
        let long = kept.days.is_some_and(|kept| kept >= days);
        let time = kept.days.map_or_else(|| "no number of days".to_owned(), |days| format!("{days} days"));
        let seen = if kept.capped { format!("{time}, capped by size (all_max)") } else { time };
        Ok(Finding::judge(long && !kept.capped, seen, wanted))
    },
    ..Control::of(Area::Audit, Level::L1, Severity::Low)
};

const FOLDER: &str = "/private/var/log";

/// The logs that macOS's own asl.conf and newsyslog.conf name.
const NAMED: [&str; 7] = ["appfirewall.log", "ftp.log", "hwmond.log", "ipfw.log", "lpr.log", "ppp.log", "system.log"];

const LOG: Owned = Owned::by_root(0o640);

/// The control of the system's logs.
pub static SYSTEM: Control = Control {
    id: "system_log_permissions",
    title: "Only root and its group read the system's logs",
    why: "Logs name people, addresses and what runs, and whoever can write one can hide in it.",
    check: "lstat of the logs in /var/log that macOS's own asl.conf and newsyslog.conf name (appfirewall, ftp, hwmond, ipfw, lpr, \
            ppp, system), and of those that were rotated: owner root, group wheel, mode 0640 at most. Logs that others added are \
            not looked at, nor access control lists",
    refs: Refs {
        nist_800_53r5: &["SI-11"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-004040"), (15, "APPL-15-004040"), (26, "APPL-26-004040")],
        mscp: Some("os_newsyslog_files_permissions_configure"),
        ..Refs::NONE
    },
    user_impact: "Administrators read these logs with sudo only.",
    watches: &[Watch::File("/private/etc/newsyslog.conf"), Watch::File("/private/etc/asl.conf")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Give the log's line in /etc/newsyslog.conf root:wheel and 640, or the one in /etc/asl.conf uid=0 gid=0 \
                           mode=0640, then chown and chmod the files that are there. Rotation makes each file anew as these \
                           lines say, so a change of the file alone does not last: the agent does not make it, and edits \
                           no configuration of logs.",
        },
    )],
    probe: |view| {
        let Some(entries) = view.ask(&status::names_in(FOLDER))? else {
            return Ok(Finding::not_applicable("there is no /var/log"));
        };
        let is_of =
            |name: &str, log: &str| name.strip_prefix(log).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let is_named = |name: &str| NAMED.iter().any(|log| is_of(name, log));
        let logs = entries.into_iter().filter(|entry| entry.status.kind == FileKind::File && is_named(&entry.name));
        let broken: Vec<At> =
            logs.filter_map(|entry| LOG.broken_at(&format!("{FOLDER}/{}", entry.name), entry.status)).collect();
        Ok(match broken.is_empty() {
            true => Finding::compliant("root's, mode 0640 at most"),
            false => Finding::drifted(listed(&broken), "root's and wheel's, mode 0640 at most"),
        })
    },
    ..Control::of(Area::Audit, Level::L2, Severity::Low)
};
