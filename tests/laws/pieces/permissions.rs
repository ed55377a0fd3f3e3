//! Owners and modes of files, and the audit system.

use holdfast::host::Look;
use holdfast::mac::{Answer, Ask, FileKind, FileStatus, FolderEntry};
use holdfast::sim::SimMac;
use serde_json::Value;

fn status(mac: &SimMac, path: &str) -> Option<FileStatus> {
    let Answer::Status(found) = mac.look(&Ask::Status(path.into())).unwrap() else { panic!("{path}") };
    found
}

fn names(mac: &SimMac, path: &str) -> Vec<FolderEntry> {
    let Answer::Folder(entries) = mac.look(&Ask::Folder(path.into())).unwrap() else { panic!("{path}") };
    entries.unwrap()
}

pub fn prior(mac: &SimMac, what: &str) -> Option<Value> {
    if let Some(path) = what.strip_prefix("mode of ") {
        return Some(status(mac, path).map_or(Value::Null, |found| format!("{:04o}", found.mode).into()));
    }
    let path = what.strip_prefix("owner of ")?;
    Some(status(mac, path).map_or(Value::Null, |found| format!("{}:{}", found.owner, found.group).into()))
}

/// Whether it is root's and `wheel`'s, and nobody may do more than this.
fn is_roots(found: FileStatus, at_most: u32) -> bool {
    (found.owner, found.group) == (0, 0) && found.mode | at_most == at_most
}

pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    Some(match id {
        "audit_control_permissions" => is_roots(status(mac, "/private/etc/security/audit_control").unwrap(), 0o440),
        "audit_log_permissions" => {
            let folder = "/private/var/audit";
            is_roots(status(mac, folder).unwrap(), 0o700)
                && names(mac, folder).iter().all(|entry| is_roots(entry.status, 0o440))
        }
        "home_folder_permissions" => names(mac, "/Users")
            .iter()
            .filter(|entry| entry.status.kind == FileKind::Folder && !["Shared", "Guest"].contains(&&*entry.name))
            .all(|entry| entry.status.mode | 0o711 == 0o711),
        _ => return None,
    })
}
