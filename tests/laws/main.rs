//! The laws: tests that name no control and hold for all, on every simulated Mac.

mod bench;
mod faults;
mod holds;
