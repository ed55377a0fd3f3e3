//! Malware protection, disks, backups.

use serde::{Deserialize, Serialize};

/// Malware protection, disks, backups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guard {}
