//! Holdfast holds a Mac's local security settings where policy says they must be, and can prove it.
//!
//! A pass asks the Mac questions, compares the answers with policy, writes down what it found, says what it will change,
//! changes it, looks again, and writes that down too.
//!
//! ```text
//!  managed prefs ─ policy::read ─▶ Policy ─ enforce::pass ─▶ [Entry] ─▶ ledger ─▶ report: status, text, JSON
//!                                              │ look / touch
//!                        host::Real (a Mac)   or   sim::SimMac (anywhere)
//! ```
//!
//! Modules are listed in reading order; each uses only those above it.

#![forbid(unsafe_code)]

pub mod text;
pub mod installed;
pub mod clock;
pub mod facts;
pub mod mac;
pub mod host;
pub mod control;
pub mod controls;
pub mod policy;
pub mod profile;
pub mod ledger;
pub mod schedule;
pub mod enforce;
pub mod sign_out;
pub mod report;
pub mod agent;
pub mod daemon;
pub mod sim;
pub mod cli;
