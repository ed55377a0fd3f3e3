//! `ea`, `fact` and `audit`: one small file read, for every MDM's script runner.

use super::arguments::{Fact, Place};
use super::exit::Exit;

/// How a fact is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// In the tags of a Jamf Pro extension attribute.
    Tagged,
    /// As it is.
    Bare,
}

/// Prints one fact.
pub fn run(_place: &Place, _options: &Fact, _dress: Dress) -> Exit {
    Exit::CouldNotRun
}

/// Exits with how the Mac stands.
pub fn audit(_place: &Place, _as_json: bool) -> Exit {
    Exit::CouldNotRun
}
