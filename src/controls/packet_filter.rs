//! The packet filter beside the application firewall.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
