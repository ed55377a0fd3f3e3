//! Energy settings that bear on security.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
