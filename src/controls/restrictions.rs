//! What only a profile can switch off: restrictions and other forced keys, one file for each area.

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
