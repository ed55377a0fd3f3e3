//! What leaves the Mac about its user, where root has a say.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
