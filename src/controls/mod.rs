//! The catalogue: areas in order. No logic, no macros.

mod accounts;
mod audit;
mod backup;
mod boot;
mod filevault;
mod firewall;
mod inactive_accounts;
mod hibernation;
mod guest_sharing;
mod jamf_pro;
mod login;
mod login_files;
mod malware;
mod management;
mod media;
mod network;
mod packet_filter;
mod password_policy;
mod people;
mod permissions;
mod power;
mod privacy;
mod radio;
mod restrictions;
mod screen_lock;
mod session;
mod sharing;
mod sign_out;
mod software_update;
mod sshd;
mod startup_security;
mod sudo;
mod time;
mod tokens;
mod update_currency;
mod volumes;

use crate::control::{Control, Settings};

/// Every control, in the order in which a pass goes through them and reports show them.
#[must_use]
pub fn all() -> Vec<&'static Control> {
    [
        screen_lock::CONTROLS,
        session::CONTROLS,
        restrictions::screen_lock::CONTROLS,
        people::screen_lock::CONTROLS,
        login::CONTROLS,
        guest_sharing::CONTROLS,
        login_files::CONTROLS,
        accounts::CONTROLS,
        inactive_accounts::CONTROLS,
        password_policy::CONTROLS,
        firewall::CONTROLS,
        packet_filter::CONTROLS,
        network::CONTROLS,
        sharing::CONTROLS,
        sshd::CONTROLS,
        restrictions::sharing::CONTROLS,
        people::sharing::CONTROLS,
        radio::CONTROLS,
        people::radio::CONTROLS,
        power::CONTROLS,
        software_update::CONTROLS,
        update_currency::CONTROLS,
        restrictions::software_update::CONTROLS,
        malware::CONTROLS,
        restrictions::malware::CONTROLS,
        startup_security::CONTROLS,
        boot::CONTROLS,
        filevault::CONTROLS,
        hibernation::CONTROLS,
        volumes::CONTROLS,
        restrictions::filevault::CONTROLS,
        media::CONTROLS,
        restrictions::media::CONTROLS,
        backup::CONTROLS,
        tokens::CONTROLS,
        audit::CONTROLS,
        sudo::CONTROLS,
        permissions::CONTROLS,
        restrictions::icloud::CONTROLS,
        privacy::CONTROLS,
        restrictions::privacy::CONTROLS,
        time::CONTROLS,
        management::CONTROLS,
        restrictions::management::CONTROLS,
        jamf_pro::CONTROLS,
        restrictions::applications::CONTROLS,
        people::applications::CONTROLS,
        sign_out::CONTROLS,
    ]
    .concat()
}

/// The control with this id, or with this rule id of NIST's macOS Security Compliance Project.
#[must_use]
pub fn find(id: &str) -> Option<&'static Control> {
    all().into_iter().find(|control| control.id == id || control.refs.mscp == Some(id))
}

/// What a profile forces where every control that only a profile can hold is held: domain, key and value, with all settings at
/// their defaults.
#[must_use]
pub fn forced() -> Vec<(&'static str, &'static str, plist::Value)> {
    let settings = Settings::default();
    let keys = all().into_iter().flat_map(|control| control.forced);
    keys.map(|key| (key.domain, key.key, key.wanted.value(&settings))).collect()
}
