//! What is on or off by a tool of its own, which sets either.

use super::{Finding, Plan, Step};
use crate::mac::Change;

impl Finding {
    /// Whether a switch `is` as `wanted`, in the words "on" and "off".
    #[must_use]
    pub fn switch(is: bool, wanted: bool) -> Self {
        let word = |on| if on { "on" } else { "off" };
        Self::judge(is == wanted, word(is), word(wanted))
    }
}

impl Step {
    /// Sets a switch that `is` so, and that the ledger knows as `what`, as `wanted`.
    #[must_use]
    pub fn switch(set: fn(bool) -> Change, what: &str, is: bool, wanted: bool) -> Self {
        Self { change: set(wanted), undo: vec![set(is)], prior: [(what.to_owned(), is.into())].into() }
    }
}

impl Plan {
    /// Sets a switch. One that has come to be as wanted since it was looked at needs no step.
    #[must_use]
    pub fn switch(set: fn(bool) -> Change, what: &str, is: bool, wanted: bool) -> Self {
        Self::Now(if is == wanted { Vec::new() } else { vec![Step::switch(set, what, is, wanted)] })
    }
}
