//! What the Mac offers on the network.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
