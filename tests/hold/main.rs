//! Passes of the daemon's: over part of the catalogue, quiet, by what is known, and against somebody who sets settings back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test counts what it has made")]
#![allow(clippy::disallowed_methods, reason = "a test starts the program and looks at the files that it leaves")]

mod bench;
mod contested;
mod exempt;
mod given_back;
mod known;
mod presets;
mod program;
mod restored;
mod shared;
