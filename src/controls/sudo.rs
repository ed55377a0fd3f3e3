//! How long and how widely a password given to sudo counts.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
