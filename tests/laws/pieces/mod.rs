//! The parts of the catalogue: for each, what the simulated Mac itself says, read without any adapter or probe.

mod access;
mod fleet;
mod guard;
mod passwords;
mod people;
mod permissions;
mod services;

use holdfast::sim::SimMac;
use serde_json::Value;

/// What reads the setting that a prior names; `None` where it is another part's.
type Prior = fn(&SimMac, &str) -> Option<Value>;
/// Whether the Mac is as a control wants it; `None` where it is another part's.
type Holds = fn(&SimMac, &str) -> Option<bool>;

const PIECES: &[(Prior, Holds)] = &[
    (access::prior, access::holds),
    (fleet::prior, fleet::holds),
    (guard::prior, guard::holds),
    (passwords::prior, passwords::holds),
    (people::prior, people::holds),
    (permissions::prior, permissions::holds),
    (services::prior, services::holds),
];

/// The setting that `what` names, as the Mac has it.
pub fn prior(mac: &SimMac, what: &str) -> Option<Value> {
    PIECES.iter().find_map(|(prior, _)| prior(mac, what))
}

/// Whether the Mac is as the control `id` wants it.
pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    PIECES.iter().find_map(|(_, holds)| holds(mac, id))
}
