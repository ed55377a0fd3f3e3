//! The area media.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
