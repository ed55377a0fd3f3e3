//! Owners and modes of files, and the audit system.

use serde::{Deserialize, Serialize};

/// Owners and modes of files, and the audit system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permissions {}
