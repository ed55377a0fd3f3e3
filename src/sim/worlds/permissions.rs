//! Owners and modes of files, and the audit system.

use super::super::state::permissions::{ADMIN, Mark, STAFF};
use super::{Content, State};

const AUDIT_CONTROL: &str = "/private/etc/security/audit_control";
const TRAIL: &str = "/private/var/audit/20260301080000.20260302080000";
const SYSTEM_LOG: &str = "/private/var/log/system.log";
const INSTALL: &str = "/private/etc/asl/com.apple.install";

/// The configuration of audit, its parameters in the order of Apple's example.
fn audit_control(flags: &str, expiry: &str) -> String {
    format!(
        "dir:/var/audit\nflags:{flags}\nminfree:5\nnaflags:lo,aa\npolicy:cnt,argv\nfilesz:2M\nexpire-after:{expiry}\n"
    )
}

/// How the installer's log is kept.
fn install(kept: &str) -> String {
    let format = "format='$((Time)(JZ)) $Host $(Sender)[$(PID)]: $Message' rotate=utc compress file_max=50M size_only";
    format!("? [= Facility install] claim only\n* file /var/log/install.log {format} {kept}\n")
}

/// Everything in its weak state.
pub fn neglected(state: &mut State, content: &mut Content) {
    content.put(AUDIT_CONTROL, audit_control("lo,aa", "10M"));
    content.put(INSTALL, install("all_max=150M"));
    let permissions = &mut state.permissions;
    permissions.mark(AUDIT_CONTROL, Mark::file(0, ADMIN, 0o644));
    permissions.mark("/private/var/audit", Mark::folder(0, 0, 0o750));
    permissions.mark(TRAIL, Mark::file(501, STAFF, 0o644));
    permissions.mark(SYSTEM_LOG, Mark::file(0, ADMIN, 0o644));
    permissions.mark("/Users/alice", Mark::folder(501, STAFF, 0o755));
    permissions.mark("/Users/Guest", Mark::folder(201, STAFF, 0o755));
    permissions.mark("/Applications/Everybodys.app", Mark::folder(501, ADMIN, 0o777));
    permissions.mark("/Library/Application Support/Everybodys", Mark::folder(0, ADMIN, 0o777));
}

/// As unpacked.
pub fn factory(state: &mut State, content: &mut Content) {
    content.put(INSTALL, install("all_max=150M"));
    state.permissions.mark(SYSTEM_LOG, Mark::file(0, ADMIN, 0o640));
}

/// Everything as the controls want it.
pub fn hardened(state: &mut State, content: &mut Content) {
    content.put(AUDIT_CONTROL, audit_control("lo,aa,ad,-ex,-fm,-fr,-fw", "60d OR 5G"));
    content.put(INSTALL, install("ttl=365"));
    let homes: Vec<(String, i64)> = state.users.iter().map(|user| (user.home.clone(), user.uid)).collect();
    let permissions = &mut state.permissions;
    permissions.auditing = true;
    permissions.mark(AUDIT_CONTROL, Mark::file(0, 0, 0o440));
    permissions.mark(TRAIL, Mark::file(0, 0, 0o440));
    permissions.mark(SYSTEM_LOG, Mark::file(0, 0, 0o640));
    permissions.mark("/Library/Security/PolicyBanner.txt", Mark::file(0, 0, 0o644));
    for (home, uid) in homes {
        if let (true, Ok(uid)) = (home.starts_with("/Users/"), u32::try_from(uid)) {
            permissions.mark(home, Mark::folder(uid, STAFF, 0o700));
        }
    }
}
