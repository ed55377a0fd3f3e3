//! Password policy, sudo and the SSH server.

use serde::{Deserialize, Serialize};

/// Password policy, sudo and the SSH server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Passwords {}
