//! Settings of each person on the Mac, one file for each area.

pub mod applications;
pub mod radio;
pub mod screen_lock;
pub mod sharing;
