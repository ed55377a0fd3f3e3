//! `holdfast uninstall`, `restore` and `resume`, as programs, on simulated Macs in folders of their own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "a test starts the program and makes the files that it is to remove")]

mod doors;
mod lists;
mod put_back;
mod removal;
mod restore;
mod scripts;
mod stage;
