//! `profile`: configuration profiles and declarations for an MDM.

use super::arguments::Profile;
use super::exit::Exit;

/// Prints one.
pub fn run(_options: &Profile) -> Exit {
    Exit::CouldNotRun
}
