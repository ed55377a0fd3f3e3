//! The stages of a sign-out.

use serde::{Deserialize, Serialize};

/// How far a sign-out has come. A later stage is never claimed before it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is due and cannot be made yet: nobody is logged in.
    Deferred,
    /// The user put it off.
    Postponed,
    /// It waits for a call or presentation to end.
    Held,
    /// It is about to be asked for. On disk before anything is run; from here on the time that it was due is settled.
    Requested,
    /// The app was handed the request, in a live session of the user's.
    Delivered,
    /// After that the app's VPN went down.
    Confirmed,
    /// After that nothing was seen that confirms it.
    Unconfirmed,
    /// It was refused, in the tool's own words.
    NotDone,
    /// It was refused until the end of the time for trying, and is given up until it is due again.
    GivenUp,
    /// Jamf Trust is not installed.
    NotApplicable,
}

impl Stage {
    /// The stage's word in the ledger and in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::Postponed => "postponed",
            Self::Held => "held",
            Self::Requested => "requested",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
            Self::NotDone => "not_done",
            Self::GivenUp => "given_up",
            Self::NotApplicable => "not_applicable",
        }
    }
}
