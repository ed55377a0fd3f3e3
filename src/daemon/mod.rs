//! The daemon: it waits, and runs a tick when something is due or has happened.
//!
//! ```text
//!  signals ─┐                                    ┌ what happened while nobody looked ─▶ Gap
//!  files ───┼─ shell ─ Happened ─▶ Core::tick ───┼ policy ─ schedule ─▶ duties ─▶ a pass (Agent::hold)
//!  time ────┘    ▲                    │          └ the sign-outs (Keeper::round)
//!                └─ how long to wait ─┘
//! ```
//!
//! [`core`] blocks and knows nothing of threads or timers: a test drives it through a year with a clock of its own. [`shell`]
//! waits and knows nothing of policy.

pub mod alive;
pub mod complaints;
pub mod core;
mod duties;
pub mod events;
mod gaps;
pub mod lock;
mod passes;
mod patience;
mod shell;
pub mod trust;
mod watcher;

pub use self::core::{Core, Ticked};
pub use shell::run;
