//! What a control could forget without a word: `Control::of` gives it nothing, and nothing is a fine value.

use std::collections::BTreeSet;

use holdfast::control::{Control, Reach, Remedy, View};
use holdfast::controls;
use holdfast::host::survey::survey;
use holdfast::policy::Policy;
use holdfast::sim::{Mac, SimMac, World};

/// The controls that get in somebody's way, so that they wait in audit mode. One that is no longer here is enforced from the next
/// release on, on every Mac whose level includes it: take none out without wanting that.
const DISRUPTIVE: [&str; 25] = [
    "account_changes",
    "automatic_logout",
    "bluetooth",
    "daily_user_not_administrator",
    "display_and_system_sleep",
    "external_storage_policy",
    "file_sharing",
    "filevault_key_destroyed_on_standby",
    "find_my",
    "firewall_block_all",
    "gatekeeper_override",
    "icloud_desktop_and_documents",
    "icloud_drive",
    "icloud_keychain",
    "icloud_photos",
    "inactive_accounts_disabled",
    "library_validation",
    "profile_installation",
    "remote_login",
    "remote_management",
    "root_account_disabled",
    "screen_sharing",
    "sign_out_original_script",
    "ssh_fips_cryptography",
    "wake_on_network",
];

#[test]
fn no_control_forgets_that_it_gets_in_somebodys_way() {
    let is: BTreeSet<&str> =
        controls::all().into_iter().filter(|control| control.disruptive.is_some()).map(|control| control.id).collect();
    assert_eq!(is, BTreeSet::from(DISRUPTIVE), "say it in the control, and then in DISRUPTIVE");
}

/// Looks, and plans where the agent sets it, on every model in every world, with the settings as policy has them. What is asked
/// for and not declared ends the program ([`holdfast::control::Settings::value`]).
fn looks_everywhere(control: &'static Control) {
    let policy = Policy::built_in(&[control]);
    let settings = &policy.of(control).settings;
    for world in World::ALL {
        for model in Mac::ALL {
            let mac = SimMac::in_memory(world, model);
            let facts = survey(&mac).unwrap();
            let now = chrono::DateTime::UNIX_EPOCH;
            let view = View { mac: &mac, facts: &facts, settings, exempt: &[], now, after_change: false };
            let _ = control.look(&view);
            if let Reach::Applies { remedy: Remedy::Automatic { plan, .. }, .. } =
                &control.variant(&facts).unwrap().reach
            {
                let _ = plan(&view);
            }
        }
    }
}

#[test]
fn no_control_asks_for_a_setting_that_policy_cannot_give() {
    for control in controls::all() {
        let looked = std::panic::catch_unwind(|| looks_everywhere(control));
        assert!(looked.is_ok(), "{} asks for a setting that it does not declare, see above", control.id);
    }
}
