//! `uninstall`: takes the agent off this Mac.

use super::arguments::{Place, Uninstall};
use super::exit::Exit;

/// Removes it.
pub fn run(_place: &Place, _options: &Uninstall) -> Exit {
    Exit::CouldNotRun
}
