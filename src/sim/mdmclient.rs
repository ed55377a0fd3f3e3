//! `mdmclient QuerySecurityInfo`: what the MDM would be told, as nested old-style text.

use plist::{Dictionary, Value};

use super::Machine;
use super::nextstep;
use super::state::{Mdm, SecureBoot, Sip};
use super::tools::{Call, Reply, said};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["QuerySecurityInfo"] if call.is_root() => {
            let mut text = format!("Daemon response: {}\n", nextstep::text(&dictionary([("SecurityInfo", info(mac))])));
            // The agent answers for the session of whoever is logged in.
            if mac.state.console_user.is_some() {
                let agent = dictionary([("ManagementStatus", management(mac))]);
                let agent = nextstep::text(&dictionary([("SecurityInfo", agent)]));
                text.push_str(&format!("Agent response: {agent}\n"));
            }
            said(text)
        }
        _ => Ok(None),
    }
}

/// Keys of Apple's SecurityInfo response. Those after 10.15 are documented as MDM keys; that `mdmclient` spells them the same
/// in its text is taken from checks that run on real Macs for Recovery Lock and secure boot, and not proven for the others.
fn info(mac: &Machine) -> Value {
    let state = &mac.state;
    let number = |yes: bool| Value::from(i64::from(yes));
    let mut info = Dictionary::new();
    let mut put = |key: &str, value: Value| info.insert(key.into(), value);
    put("FDE_Enabled", number(state.filevault.on));
    put("FDE_HasInstitutionalRecoveryKey", number(state.filevault.institutional_key));
    put("FDE_HasPersonalRecoveryKey", number(state.filevault.personal_key));
    put("FirewallSettings", firewall(mac));
    put("ManagementStatus", management(mac));
    put("RemoteDesktopEnabled", number(state.sharing.remote_management));
    put("SystemIntegrityProtectionEnabled", number(state.startup.sip == Sip::Enabled));
    if state.at_least(&[11]) {
        put("AuthenticatedRootVolumeEnabled", number(state.startup.authenticated_root));
    }
    if state.apple_silicon() {
        put("IsRecoveryLockEnabled", number(state.startup.recovery_lock));
    } else {
        let password = [("AllowOroms", 1), ("ChangePending", 0), ("PasswordExists", 0)];
        let mut status: Dictionary =
            password.map(|(key, value)| (key.to_owned(), Value::from(value))).into_iter().collect();
        if state.startup.firmware_password {
            status.insert("PasswordExists".into(), 1.into());
            status.insert("AllowOroms".into(), 0.into());
        }
        put("FirmwarePasswordStatus", Value::Dictionary(status));
    }
    if let Some(level) = state.startup.secure_boot {
        let level = match level {
            SecureBoot::Full => "full",
            SecureBoot::Medium => "medium",
            SecureBoot::Off => "off",
        };
        // Apple silicon has no such switch, and says that it is allowed.
        let may_boot = state.apple_silicon() || state.guard.external_boot;
        let external = if may_boot { "allowed" } else { "disallowed" };
        let secure =
            [("ExternalBootLevel", external), ("SecureBootLevel", level), ("WindowsBootLevel", "not supported")];
        put("SecureBoot", dictionary(secure.map(|(key, value)| (key, value.into()))));
    }
    Value::Dictionary(info)
}

fn firewall(mac: &Machine) -> Value {
    let firewall = &mac.state.firewall;
    let number = |yes: bool| Value::from(i64::from(yes));
    let apps = firewall.apps.iter().map(|app| {
        let mut entry = Dictionary::new();
        entry.insert("Allowed".into(), number(app.allowed));
        entry.insert("Name".into(), app.name.clone().into());
        if let Some(id) = &app.bundle_id {
            entry.insert("BundleID".into(), id.clone().into());
        }
        Value::Dictionary(entry)
    });
    dictionary([
        ("Applications", Value::Array(apps.collect())),
        ("BlockAllIncoming", number(firewall.on && firewall.block_all)),
        ("FirewallEnabled", number(firewall.on)),
        ("StealthMode", number(firewall.stealth)),
    ])
}

fn management(mac: &Machine) -> Value {
    let enrollment = &mac.state.enrollment;
    dictionary([
        ("EnrolledViaDEP", i64::from(enrollment.automated).into()),
        ("UserApprovedEnrollment", i64::from(enrollment.mdm == Mdm::UserApproved).into()),
    ])
}

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dictionary(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
