//! The area screen lock.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
