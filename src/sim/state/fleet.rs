//! Device management, the Jamf Pro client, power and radio.

use serde::{Deserialize, Serialize};

/// What is installed by device management.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fleet {
    /// The profiles for the whole Mac, in the order that `profiles show` prints.
    pub profiles: Vec<Profile>,
    /// By how much the clock on the wall is ahead of UTC, as `date +%z` prints it; empty is UTC.
    pub time_offset: String,
}

/// An installed profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name for people.
    pub name: String,
    /// Its identifier.
    pub identifier: String,
    /// The user cannot remove it.
    pub locked: bool,
    /// The types of its payloads.
    pub payloads: Vec<String>,
}
