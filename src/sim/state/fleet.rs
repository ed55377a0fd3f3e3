//! Device management, the Jamf Pro client, power and radio.

use serde::{Deserialize, Serialize};

/// Device management, the Jamf Pro client, power and radio.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fleet {}
