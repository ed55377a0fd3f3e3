//! The login window, accounts and who gets past.

use serde::{Deserialize, Serialize};

/// The login window, accounts and who gets past.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {}
