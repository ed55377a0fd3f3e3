//! Services, sharing and network of the Mac.

use serde::{Deserialize, Serialize};

/// Services, sharing and network of the Mac.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Services {}
