//! The laws: tests that name no control and hold for all, on every simulated Mac.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bench;
mod faults;
mod holds;
mod layers;
mod missing;
mod pieces;
mod silent;
mod trial;
mod truths;
mod undo;
