//! The area sharing.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
