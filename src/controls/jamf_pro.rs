//! The Jamf Pro client: what its set-up leaves on a Mac, and where to look for what leaves nothing.

use crate::control::Control;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[];
