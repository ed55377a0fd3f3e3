//! Permissions of files and folders.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
