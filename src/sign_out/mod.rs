//! Signing users out of Jamf Trust when policy says so, and saying no more about it than was seen.
//!
//! ```text
//!  history, schedule ─ owed ─▶ what a user owes ─ plan ─▶ wait, tell, hold, let go … or ask
//!                                                                                    │
//!  Requested (on disk) ─▶ open, in the user's session ─▶ Delivered, a line of the log ─▶ the VPN is watched ─▶ Confirmed or not
//! ```
//!
//! Four words, never one for another: *requested* is about to be asked for; *delivered* means that `open` handed it to the app
//! in a live session; *confirmed* that the app's VPN was seen to go down after it; *unconfirmed* that nothing was seen that
//! shows it.
//!
//! Each time that is due is settled for each user once. The request is on disk before anything is run, and settles it: a crash
//! after that is found by the next life and never asked for again.

pub mod act;
pub mod compat;
pub mod config;
pub mod confirm;
mod keeper;
pub mod notice;
pub mod owed;
mod plan;

use std::path::Path;

use chrono::{DateTime, TimeZone, Utc};

use crate::clock::{Clock, Moment};
use crate::host::{Look, Touch};
use crate::ledger::history::History;
use crate::ledger::{Journal, Ledger, LedgerError};
use crate::policy::Policy;
use crate::schedule::{Absence, Item};

pub use keeper::Keeper;
pub use notice::Notifier;

/// A journal that can say what is on record while nobody else can add to it.
pub trait Record: Journal {
    /// What is on record now. From here on until this is dropped, or its ledger closed, only its owner adds to it.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger cannot be opened.
    fn history(&mut self) -> Result<&History, LedgerError>;
}

impl Record for Ledger<'_> {
    fn history(&mut self) -> Result<&History, LedgerError> {
        Ok(Ledger::history(self))
    }
}

/// All that a round of the [`Keeper`] works with.
pub struct Round<'a, Z: TimeZone> {
    /// The Mac, to look at. Not one that remembers answers: the same question is asked until its answer changes.
    pub look: &'a dyn Look,
    /// The Mac, to hand the request to.
    pub touch: &'a dyn Touch,
    /// What time it is after waiting for the ledger.
    pub clock: &'a dyn Clock,
    /// The policy in force.
    pub policy: &'a Policy,
    /// The schedule of sign-outs.
    pub item: &'a Item,
    /// What is on record, as cheaply read. Before anything is written it is read again, with the ledger held.
    pub history: &'a History,
    /// The local time zone: of times of day, and of the compatibility log.
    pub zone: &'a Z,
    /// When the agent could not do anything.
    pub absences: &'a [Absence],
    /// The boot session, where it is known.
    pub boot: Option<&'a str>,
    /// The clocks as the round begins.
    pub moment: Moment,
    /// When the Mac last woke, where it slept since the daemon started.
    pub woke_at: Option<DateTime<Utc>>,
    /// Below what the compatibility log is: `/`, or the simulated Mac's folder.
    pub root: &'a Path,
    /// Tells users.
    pub notifier: &'a dyn Notifier,
}
