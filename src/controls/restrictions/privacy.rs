//! The area privacy.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
