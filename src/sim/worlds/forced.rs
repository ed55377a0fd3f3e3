//! What only a profile can hold. The keys are the catalogue's own, so that a control more needs nothing here.

use super::{Content, State};

/// Everything as a profile would have it, and nothing forced: set by hand in the folder where it counts for nothing.
pub fn neglected(_state: &mut State, content: &mut Content) {
    for (domain, key, value) in crate::controls::forced() {
        content.local(domain, key, value);
    }
}

/// As unpacked: no profile, and nothing set.
pub fn factory(_state: &mut State, _content: &mut Content) {}

/// Everything as the controls want it, forced.
pub fn hardened(_state: &mut State, content: &mut Content) {
    for (domain, key, value) in crate::controls::forced() {
        content.forced(domain, key, value);
    }
}
