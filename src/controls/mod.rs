//! The catalogue: areas in order. No logic, no macros.

mod filevault;
mod firewall;
mod screen_lock;
mod sign_out;
mod software_update;
mod startup_security;
mod tokens;

use crate::control::Control;

/// Every control, in the order in which a pass goes through them and reports show them.
#[must_use]
pub fn all() -> Vec<&'static Control> {
    [
        screen_lock::CONTROLS,
        firewall::CONTROLS,
        software_update::CONTROLS,
        startup_security::CONTROLS,
        filevault::CONTROLS,
        tokens::CONTROLS,
        sign_out::CONTROLS,
    ]
    .concat()
}

/// The control with this id, or with this rule id of NIST's macOS Security Compliance Project.
#[must_use]
pub fn find(id: &str) -> Option<&'static Control> {
    all().into_iter().find(|control| control.id == id || control.refs.mscp == Some(id))
}
