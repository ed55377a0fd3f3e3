//! Facts from end to end: the program as it is run, and the files for MDMs that are made from its table.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test starts the program and reads its files"
)]

mod cli;
mod jamf;
mod signed_out;
