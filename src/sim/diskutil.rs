//! `diskutil`: who can unlock the startup volume, and how it is encrypted and sealed.

use plist::{Dictionary, Value};

use super::Machine;
use super::diskutil_volumes;
use super::files;
use super::state::{CryptoKind, CryptoUser, Seal};
use super::tools::{Call, Reply, said};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["apfs", "listcryptousers" | "listusers" | "listCryptoUsers", "-plist", "/"] => users_plist(mac),
        ["apfs", "listcryptousers" | "listusers" | "listCryptoUsers", "/"] => said(users_text(mac)),
        ["apfs", "list", "-plist"] => diskutil_volumes::apfs_list(mac),
        ["list", "-plist", place @ ("internal" | "external"), "physical"] => diskutil_volumes::physical(mac, place),
        ["info", "-plist", "/"] => said(files::xml(&Value::Dictionary(info(mac)))),
        _ => Ok(None),
    }
}

/// The owner's line came with 11.
fn users_plist(mac: &Machine) -> Reply {
    let entry = |user: &CryptoUser| {
        let mut entry = Dictionary::new();
        let kind = match user.kind {
            CryptoKind::LocalUser => "LocalOpenDirectory",
            CryptoKind::PersonalRecovery => "PersonalRecovery",
            // By analogy with the personal one; no capture shows it.
            CryptoKind::InstitutionalRecovery => "InstitutionalRecovery",
            CryptoKind::ICloudUser => "ICloud",
            CryptoKind::ICloudKey => "ICloudRecovery",
            CryptoKind::BootstrapToken => "MDMRecovery",
        };
        entry.insert("APFSCryptoUserType".into(), kind.into());
        entry.insert("APFSCryptoUserUUID".into(), user.uuid.clone().into());
        if mac.state.at_least(&[11]) {
            entry.insert("VolumeOwner".into(), user.owner.into());
        }
        Value::Dictionary(entry)
    };
    let mut top = Dictionary::new();
    top.insert("Users".into(), Value::Array(mac.state.crypto_users.iter().map(entry).collect()));
    said(files::xml(&Value::Dictionary(top)))
}

fn users_text(mac: &Machine) -> String {
    let (users, device) = (&mac.state.crypto_users, &mac.state.startup_volume);
    if users.is_empty() {
        return format!("No cryptographic users for {device}\n");
    }
    let plural = if users.len() == 1 { "" } else { "s" };
    let mut text = format!("Cryptographic user{plural} for {device} ({} found)\n", users.len());
    for (n, user) in users.iter().enumerate() {
        let kind = match user.kind {
            CryptoKind::LocalUser => "Local Open Directory User",
            CryptoKind::PersonalRecovery => "Personal Recovery User",
            CryptoKind::InstitutionalRecovery => "Institutional Recovery User",
            CryptoKind::ICloudUser => "iCloud Recovery User",
            CryptoKind::ICloudKey => "iCloud Recovery External Key",
            CryptoKind::BootstrapToken => "MDM Bootstrap Token External Key",
        };
        let bar = if n + 1 < users.len() { '|' } else { ' ' };
        text.push_str(&format!("|\n+-- {}\n{bar}   Type: {kind}\n", user.uuid));
        if mac.state.at_least(&[11]) {
            text.push_str(&format!("{bar}   Volume Owner: {}\n", if user.owner { "Yes" } else { "No" }));
        }
    }
    text
}

/// With FileVault off, a T2 chip and Apple silicon still encrypt: `Encryption` true, `FileVault` false.
fn info(mac: &Machine) -> Dictionary {
    let sealed = match mac.state.startup.seal {
        Seal::Sealed => "Yes",
        Seal::Unsealed => "No",
        Seal::Broken => "Broken",
    };
    let snapshot = format!("{}s1", mac.state.startup_volume);
    let mut info = Dictionary::new();
    let mut put = |key: &str, value: Value| info.insert(key.into(), value);
    put("AESHardware", true.into());
    put("APFSContainerReference", "disk3".into());
    put("APFSSnapshot", true.into());
    put("APFSVolumeGroupID", mac.state.hardware.uuid.clone().into());
    put("Bootable", true.into());
    put("BusProtocol", "Apple Fabric".into());
    put("DeviceIdentifier", snapshot.clone().into());
    put("DeviceNode", format!("/dev/{snapshot}").into());
    put("Encryption", true.into());
    put("FileVault", mac.state.filevault.on.into());
    put("FilesystemName", "APFS".into());
    put("FilesystemType", "apfs".into());
    put("FilesystemUserVisibleName", "APFS".into());
    put("Internal", true.into());
    put("MountPoint", "/".into());
    put("ParentWholeDisk", "disk3".into());
    put("Removable", false.into());
    put("Sealed", sealed.into());
    put("SolidState", true.into());
    put("VolumeName", "Macintosh HD".into());
    put("Writable", false.into());
    put("WritableVolume", false.into());
    info
}
