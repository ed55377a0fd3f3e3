//! The daemon, on simulated Macs: its core with a clock that the tests move, and the program as it is started.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test starts the program and edits its files"
)]

mod core;
mod exempt;
mod kill;
mod program;
mod sign_outs;
mod stage;
