//! The login window, and who gets past it.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
