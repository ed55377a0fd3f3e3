//! What else ends or opens a session: idle logout, sleep, Touch ID, who may unlock.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
