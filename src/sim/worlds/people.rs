//! Settings of each person.

use super::{Content, State};

/// Everything in its weak state.
pub fn neglected(_state: &mut State, _content: &mut Content) {}

/// As unpacked.
pub fn factory(_state: &mut State, _content: &mut Content) {}

/// Everything as the controls want it.
pub fn hardened(_state: &mut State, _content: &mut Content) {}
