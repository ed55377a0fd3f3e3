//! What only a profile can hold: restrictions and other forced keys, one file for each area. What a control needs elsewhere (its
//! payload, its part of the simulated worlds, the laws) follows from its keys.

use crate::control::preference::RESTRICTIONS;
use crate::control::{Area, Can, Control, Forced, Level, Remedy, Severity, Variant, Watch};

pub mod applications;
pub mod filevault;
pub mod icloud;
pub mod malware;
pub mod management;
pub mod media;
pub mod privacy;
pub mod screen_lock;
pub mod sharing;
pub mod software_update;

/// All macOS versions that this release knows, first and last.
const ALL: (u32, u32) = (14, 27);

/// A restriction that must be forced to this.
const fn restriction(key: &'static str, wanted: bool) -> Forced {
    Forced::flag(RESTRICTIONS, key, wanted)
}

/// What controls of restrictions have in common.
const fn restricted(area: Area, level: Level, severity: Severity) -> Control {
    Control { watches: &[Watch::Domain(RESTRICTIONS)], ..Control::of(area, level, severity) }
}

/// On these macOS versions nothing but a profile sets it.
const fn by_profile(macos: (u32, u32), payload: &'static str) -> Variant {
    part_by_profile(macos, Can::DetectOnly, payload)
}

/// On these macOS versions root could do as much, which is too little, so this agent leaves it to a profile.
const fn part_by_profile(macos: (u32, u32), can: Can, payload: &'static str) -> Variant {
    Variant { macos, ..Variant::everywhere(can, Remedy::Profile { payload }) }
}
