//! The area software update.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
