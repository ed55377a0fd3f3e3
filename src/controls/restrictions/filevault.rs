//! The area filevault.

use crate::control::Control;

/// These controls.
pub const CONTROLS: &[&Control] = &[];
