//! Settings of each person.

use serde::{Deserialize, Serialize};

/// Settings of each person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct People {}
