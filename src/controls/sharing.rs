//! Sharing and remote access.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
