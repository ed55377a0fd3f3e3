//! Signing out of Jamf Trust on a simulated Mac, with a clock that moves when told to and a journal in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // clippy.toml allows them in tests, but does not know a test target's own functions

mod bench;
mod cli;
mod crash;
mod due;
mod log;
mod page;
mod people;
mod steps;
