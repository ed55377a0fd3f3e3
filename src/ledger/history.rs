//! The ledger folded: how each control stands, and since when.

use serde::{Deserialize, Serialize};

/// How one control stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The last known state: `compliant`, `drifted`, `not_applicable`, `unknown` or `off`.
    pub state: String,
    /// Since when it has been so, RFC 3339.
    pub since: String,
    /// When it was last looked at, RFC 3339.
    pub seen_at: String,
    /// When the agent last mended it, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_at: Option<String>,
    /// How often the agent has mended it.
    #[serde(default)]
    pub fixes: u64,
}
