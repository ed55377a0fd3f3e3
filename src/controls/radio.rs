//! Bluetooth and infrared.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
