//! How the SSH server is set up.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
