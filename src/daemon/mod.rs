//! The daemon: it waits, and runs a tick when something is due or has happened.

pub mod events;
pub mod lock;
pub mod trust;
pub mod watcher;
