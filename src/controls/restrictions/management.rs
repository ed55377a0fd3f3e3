//! The area management.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
