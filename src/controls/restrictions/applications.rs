//! The area applications.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
