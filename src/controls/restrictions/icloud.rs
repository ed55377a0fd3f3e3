//! The area icloud.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
