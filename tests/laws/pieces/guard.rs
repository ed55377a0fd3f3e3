//! Malware protection, disks and backups.

use holdfast::sim::SimMac;
use serde_json::Value;

pub fn prior(_mac: &SimMac, _what: &str) -> Option<Value> {
    None
}

pub fn holds(_mac: &SimMac, _id: &str) -> Option<bool> {
    None
}
