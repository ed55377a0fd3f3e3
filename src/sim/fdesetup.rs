//! `fdesetup`: FileVault. Only what reports: no verb of it that changes anything is simulated.

use plist::{Dictionary, Value};

use super::Machine;
use super::nextstep;
use super::state::{CryptoKind, Direction, Restart};
use super::tools::{Call, Reply, ended, said};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let filevault = &mac.state.filevault;
    match call.args.as_slice() {
        ["status"] => said(status(mac)),
        ["isactive"] => ended(i32::from(!filevault.on), truth(filevault.on)),
        ["usingrecoverykey"] => said("This command is not supported on APFS volumes.\n"),
        _ if !call.is_root() => Ok(None),
        ["haspersonalrecoverykey"] => said(truth(filevault.personal_key)),
        ["hasinstitutionalrecoverykey"] => said(truth(filevault.institutional_key)),
        ["list", rest @ ..] if matches!(rest, [] | ["-extended"]) => {
            // Status 1 says that FileVault is off (man page); that it prints the state then is not proven.
            if filevault.on { said(list(mac, !rest.is_empty())) } else { ended(1, "FileVault is Off.\n") }
        }
        ["showdeferralinfo"] => deferral(mac),
        _ => Ok(None),
    }
}

fn truth(yes: bool) -> String {
    format!("{yes}\n")
}

fn status(mac: &Machine) -> String {
    let filevault = &mac.state.filevault;
    let state = if filevault.on { "On" } else { "Off" };
    let rest = match filevault.restart {
        None => ".",
        Some(Restart::Finishes) => ", but needs to be restarted to finish.",
        Some(Restart::Enables) => ", but will be enabled after the next restart.",
    };
    let mut text = format!("FileVault is {state}{rest}\n");
    if filevault.master_keychain {
        text.push_str("FileVault master keychain appears to be installed.\n");
    }
    if let Some(deferral) = &filevault.deferral {
        match &deferral.user {
            Some(user) => {
                text.push_str(&format!("Deferred enablement appears to be active for user '{user}'.\n"));
            }
            None => text.push_str("Deferred enablement appears to be active.\n"),
        }
    }
    if let Some(conversion) = &filevault.conversion {
        let which = match conversion.direction {
            Direction::Encrypting => "Encryption",
            Direction::Decrypting => "Decryption",
        };
        match &conversion.percent {
            Some(percent) => text.push_str(&format!("{which} in progress: Percent completed = {percent}\n")),
            None => text.push_str(&format!("{which} in progress: Pending\n")),
        }
    }
    text
}

/// Those who can unlock the volume; the short form names accounts only.
fn list(mac: &Machine, extended: bool) -> String {
    let mut text = String::new();
    if extended {
        text.push_str(&format!("{:8}{:36}{:>41} USER\n", "ESCROW", "UUID", "TYPE"));
    }
    for entry in &mac.state.crypto_users {
        let account = mac.state.users.iter().find(|user| user.generated_uid == entry.uuid);
        let name = account.map_or("", |user| user.name.as_str());
        match (extended, entry.kind) {
            (false, CryptoKind::LocalUser) => text.push_str(&format!("{name},{}\n", entry.uuid)),
            (true, kind) => {
                let kind = match kind {
                    CryptoKind::LocalUser => "OS User",
                    CryptoKind::PersonalRecovery => "Personal Recovery Record",
                    CryptoKind::BootstrapToken => "Bootstrap Token",
                    // How these are listed is not known.
                    CryptoKind::InstitutionalRecovery | CryptoKind::ICloudUser | CryptoKind::ICloudKey => continue,
                };
                let row = format!("{:8}{:36}{kind:>41} {name}", "", entry.uuid);
                text.push_str(row.trim_end());
                text.push('\n');
            }
            (false, _) => {}
        }
    }
    text
}

/// What it prints with nothing deferred is not proven.
fn deferral(mac: &Machine) -> Reply {
    let Some(deferral) = &mac.state.filevault.deferral else { return said("Not found.\n") };
    let users = deferral.user.iter().map(|user| Value::String(user.clone())).collect();
    let mut info = Dictionary::new();
    info.insert("Defer".into(), 1.into());
    info.insert("OutputPath".into(), "/var/db/ConfigurationProfiles/fdesetup.plist".into());
    info.insert("ProfileUUID".into(), deferral.profile.clone().into());
    info.insert("ShowRecoveryKey".into(), 1.into());
    info.insert("Usernames".into(), Value::Array(users));
    said(format!("{}\n", nextstep::text(&Value::Dictionary(info))))
}
