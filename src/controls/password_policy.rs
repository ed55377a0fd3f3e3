//! What passwords must be like: read and compared, never replaced.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
