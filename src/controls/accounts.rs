//! Accounts and what they may do.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
