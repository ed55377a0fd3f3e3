//! What the Mac is, and how it starts, keeps preferences, encrypts and serves.

use super::{ARM, ARM15, ARM27, Compare, HARD, HARD14, INTEL, Row, WEAK, as_is, old, row};
use holdfast::sim::State;
use holdfast::sim::state::guard::{Container, Protection, Store, Volume};
use holdfast::sim::state::{
    Conversion, CryptoKind, CryptoUser, Deferral, Direction, FirewallApp, Override, Restart, Sip, User,
};
use serde_json::json;

const UPDATES: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";

/// These pairings.
pub fn rows() -> Vec<Row> {
    [identity(), startup(), preferences(), disk(), filevault(), services()].into_iter().flatten().collect()
}

fn macos(state: &mut State, product: &str, version: &str, extra: Option<&str>, build: &str) {
    let macos = &mut state.macos;
    (macos.product, macos.version, macos.build) = (product.to_owned(), version.to_owned(), build.to_owned());
    macos.extra = extra.map(str::to_owned);
}

fn identity() -> Vec<Row> {
    vec![
        row("sw_vers/10.12-beta", INTEL, |s, _| macos(s, "Mac OS X", "10.12", None, "16A239j")).but(Compare::Ends),
        row("sw_vers/10.14.1", INTEL, |s, _| macos(s, "Mac OS X", "10.14.1", None, "18B75")),
        row("sw_vers/13.3.1-rsr-a", INTEL, |s, _| macos(s, "macOS", "13.3.1", Some("(a)"), "22E772610a")),
        row("sw_vers/26.2", "neglected@arm-desktop-26", as_is),
        row("sw_vers/26.3", "factory@arm-desktop-26", |s, _| macos(s, "macOS", "26.3", None, "25D125")),
        row("sw_vers/26.5", "factory@arm-desktop-26", |s, _| macos(s, "macOS", "26.5", None, "25F71")),
        row("other/sysctl/hw-model", INTEL, |s, _| s.hardware.model = "MacBookPro13,3".into()),
        row("stat/dev-console-root-jamfconnect", ARM, |s, _| s.console_user = None),
        row("other/stat/usr-bin-flags-26.5.2", ARM, as_is),
    ]
}

/// The rows of a custom configuration, the first `off` of them off.
fn custom(off: usize) -> Sip {
    let rows = [
        "Kext Signing",
        "Filesystem Protections",
        "Debugging Restrictions",
        "DTrace Restrictions",
        "NVRAM Protections",
        "BaseSystem Verification",
    ];
    let rows = rows.iter().enumerate().map(|(n, name)| ((*name).to_owned(), n >= off));
    Sip::Custom(std::iter::once(("Apple Internal".to_owned(), false)).chain(rows).collect())
}

fn startup() -> Vec<Row> {
    vec![
        row("bputil/d-full-security-m1-12.2", ARM, |s, _| s.startup.local_policy_version = "21.1.559.0.0,0".into())
            .but(Compare::Policy),
        row("other/bputil/d-reduced-excerpt", WEAK, |s, _| {
            s.startup.sip = Sip::Enabled;
            s.startup.authenticated_root = true;
        })
        .but(Compare::Excerpt),
        row("csrutil/authenticated-root-status-enabled", ARM15, as_is),
        row("csrutil/status-disabled-26.5.2", WEAK, as_is),
        row("csrutil/status-enabled-2020", INTEL, as_is),
        row("csrutil/status-enabled-26.3", "factory@arm-desktop-26", as_is),
        row("csrutil/status-unknown-all-disabled-10.15", INTEL, |s, _| s.startup.sip = custom(6)),
        row("csrutil/status-unknown-custom-2020-vm", INTEL, |s, _| s.startup.sip = custom(2)).but(Compare::Ends),
        row("firmwarepasswd/check-no", "neglected@intel-laptop-14", as_is),
        row("firmwarepasswd/check-yes", HARD14, as_is),
        row("firmwarepasswd/mode-command", HARD14, as_is),
        row("firmwarepasswd/mode-none", INTEL, as_is),
        row("mdmclient/QuerySecurityInfo", HARD14, security_info),
    ]
}

/// An Intel Mac without a T2 chip before macOS 11. The list of programs is the recording's own.
fn security_info(state: &mut State, recorded: &str) {
    old(state, "10.15.7");
    state.startup.secure_boot = None;
    state.startup.firmware_password = false;
    (state.firewall.block_all, state.firewall.stealth) = (false, false);
    let value = |entry: &str, key: &str| {
        let line = entry.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(" = "))?;
        Some(line.trim_end_matches(';').trim_matches('"').to_owned())
    };
    let list = recorded.split_once("Applications =").and_then(|(_, rest)| rest.split_once(");")).expect("a list").0;
    let apps = list.split('{').skip(1).map(|entry| FirewallApp {
        name: value(entry, "Name").expect("a name"),
        bundle_id: value(entry, "BundleID"),
        path: String::new(),
        allowed: value(entry, "Allowed").as_deref() == Some("1"),
    });
    state.firewall.apps = apps.collect();
}

fn preferences() -> Vec<Row> {
    vec![
        row("defaults/read-alf-globalstate-1", INTEL, as_is)
            .file("/Library/Preferences/com.apple.alf.plist", json!({"globalstate": 1}))
            .but(Compare::Ends),
        row("defaults/read-criticalupdateinstall-1-26.5.1", HARD, as_is),
        row("defaults/read-guestenabled-0-26.5.2", HARD, as_is),
        row("defaults/read-missing-key-10.15-two-lines", INTEL, as_is).but(Compare::Stamps),
        row("defaults/read-missing-key-2015", INTEL, as_is).but(Compare::Stamps),
        row("defaults/read-missing-key-macos27", ARM27, as_is),
        row("other/defaults/find-domain-not-found", INTEL, as_is),
        row("other/defaults/read-missing-domain-path-14.4", INTEL, as_is),
        row("other/defaults/read-missing-domain-sierra", INTEL, as_is),
        row("other/defaults/write-refused-tcc", INTEL, as_is).but(Compare::Stamps),
        row("other/defaults/read-softwareupdate-10.15.7", INTEL, as_is).file(
            UPDATES,
            json!({
                "AutomaticallyInstallMacOSUpdates": true,
                "LastAttemptBuildVersion": "10.15.7 (19H2)",
                "LastAttemptSystemVersion": "10.15.7 (19H2)",
                "LastBackgroundSuccessfulDate": "2020-10-10 06:15:40 +0000",
                "LastCatalogChangeDate": "2020-10-10 14:13:29 +0000",
                "LastFullSuccessfulDate": "2020-10-10 14:14:38 +0000",
                "LastRecommendedMajorOSBundleIdentifier": "",
                "LastRecommendedUpdatesAvailable": 0,
                "LastResultCode": 2,
                "LastSessionSuccessful": true,
                "LastSuccessfulDate": "2020-10-10 14:14:38 +0000",
                "LastUpdatesAvailable": 0,
                "PrimaryLanguages": ["en-CN", "en"],
                "RecommendedUpdates": [],
                "SkipLocalCDN": false,
            }),
        ),
        row("other/defaults/read-softwareupdate-15.7-firstinstalltonight", ARM15, as_is).file(
            UPDATES,
            json!({
                "AutomaticCheckEnabled": true,
                "AutomaticDownload": true,
                "AutomaticallyInstallMacOSUpdates": true,
                "CriticalUpdateInstall": true,
                "FirstInstallTonightDateDictionary": {
                    "MSU_UPDATE_24G325_patch_15.7.2_minor": "2025-12-01 20:19:07 +0000",
                    "MSU_UPDATE_24G419_patch_15.7.3_minor": "2026-01-16 10:15:59 +0000",
                    "MSU_UPDATE_24G720_patch_15.7.7_minor": "2026-06-26 07:08:05 +0000",
                    "MSU_UPDATE_24G830_patch_15.7.9_minor": "2026-08-29 10:03:39 +0000",
                },
                "FirstOfferDateDictionary": {"MSU_UPDATE_24G830_patch_15.7.9_minor": "2026-08-24 09:55:06 +0000"},
                "LastRecommendedUpdatesAvailable": 1,
            }),
        ),
    ]
}

fn unlockers(state: &mut State, device: &str, list: &[(CryptoKind, &str, bool)]) {
    device.clone_into(&mut state.startup_volume);
    let entry = |(kind, uuid, owner): &(CryptoKind, &str, bool)| CryptoUser {
        uuid: (*uuid).to_owned(),
        kind: *kind,
        owner: *owner,
    };
    state.crypto_users = list.iter().map(entry).collect();
}

const PERSONAL: &str = "EBC6C064-0000-11AA-AA11-00306543ECAC";
const ICLOUD: &str = "64C0C6EB-0000-11AA-AA11-00306543ECAC";
const BOOTSTRAP: &str = "2457711A-523C-4604-B75A-F48A571D5036";

fn catalina(state: &mut State, _: &str) {
    use CryptoKind::{BootstrapToken, LocalUser, PersonalRecovery};
    old(state, "10.15.7");
    let list = [
        (LocalUser, "1DAB7F99-25D9-469F-B35C-9B599EAB1061", true),
        (PersonalRecovery, PERSONAL, false),
        (LocalUser, "C804B96C-C857-44F0-859B-D5A5DEE86314", true),
        (BootstrapToken, BOOTSTRAP, false),
    ];
    unlockers(state, "disk1s5", &list);
    for (name, uuid) in [("alexandra.example", list[0].1), ("bob", list[2].1)] {
        let user =
            User { name: name.into(), generated_uid: uuid.into(), ..state.user("alice").expect("alice").clone() };
        state.users.push(user);
    }
}

fn disk() -> Vec<Row> {
    use CryptoKind::{BootstrapToken, ICloudKey, ICloudUser, LocalUser, PersonalRecovery};
    vec![
        row("other/diskutil/apfs-list-plist-apple-silicon", HARD, containers),
        row("diskutil/apfs-listcryptousers-none", INTEL, |s, _| unlockers(s, "disk1s1", &[])),
        row("diskutil/apfs-listusers-10.13-14-six", INTEL, |s, _| {
            old(s, "10.14");
            unlockers(
                s,
                "disk1s1",
                &[
                    (LocalUser, "595331A9-D982-4775-BE39-2E9B782FABD8", true),
                    (LocalUser, "E22892D4-33A9-4231-B0AC-7A9DBEDEE60A", true),
                    (LocalUser, "AB2E3543-A170-4ADA-9C45-8A3E1BEBBA7C", true),
                    (ICloudUser, "EC1C2AD9-B618-4ED6-BD8D-50F361C27507", false),
                    (ICloudKey, ICLOUD, false),
                    (PersonalRecovery, PERSONAL, false),
                ],
            );
        }),
        row("diskutil/apfs-listusers-bootstrap-10.15", INTEL, catalina).but(Compare::Ends),
        row("diskutil/apfs-listusers-plist-2019", INTEL, |s, _| {
            old(s, "10.14");
            unlockers(
                s,
                "disk1s1",
                &[
                    (LocalUser, "595331A9-D982-4775-BE39-2E9B782FABD8", true),
                    (LocalUser, "E22892D4-33A9-4231-B0AC-7A9DBEDEE60A", true),
                    (ICloudUser, "EC1C2AD9-B618-4ED6-BD8D-50F361C27507", false),
                    (ICloudKey, ICLOUD, false),
                    (LocalUser, "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000000C9", false),
                ],
            );
        }),
        row("diskutil/apfs-listcryptousers-plist-volumeowner", HARD, |s, _| {
            unlockers(
                s,
                "disk3s1",
                &[
                    (LocalUser, "9F899D0C-F4F0-4ED5-AF51-64CF89ECBFAC", true),
                    (PersonalRecovery, PERSONAL, true),
                    (BootstrapToken, BOOTSTRAP, false),
                ],
            );
        }),
    ]
}

/// The containers of a recording: they are only data.
fn containers(state: &mut State, recorded: &str) {
    let root: plist::Value = plist::from_bytes(recorded.as_bytes()).expect("a property list");
    let text = |entry: &plist::Dictionary, key: &str| entry[key].as_string().expect(key).to_owned();
    let number = |entry: &plist::Dictionary, key: &str| entry[key].as_unsigned_integer().expect(key);
    let list = |entry: &plist::Dictionary, key: &str| entry[key].as_array().expect(key).clone();
    let volume = |entry: &plist::Dictionary| Volume {
        device: text(entry, "DeviceIdentifier"),
        uuid: text(entry, "APFSVolumeUUID"),
        name: text(entry, "Name"),
        role: list(entry, "Roles").first().and_then(plist::Value::as_string).map(str::to_owned),
        used: number(entry, "CapacityInUse"),
        protection: if entry["FileVault"].as_boolean() == Some(true) { Protection::Password } else { Protection::None },
    };
    let container = |entry: &plist::Dictionary| {
        let store = list(entry, "PhysicalStores")[0].as_dictionary().expect("a store").clone();
        Container {
            uuid: text(entry, "APFSContainerUUID"),
            device: text(entry, "ContainerReference"),
            store: Store {
                device: text(&store, "DeviceIdentifier"),
                uuid: text(&store, "DiskUUID"),
                size: number(&store, "Size"),
            },
            free: number(entry, "CapacityFree"),
            volumes: list(entry, "Volumes").iter().map(|one| volume(one.as_dictionary().expect("a volume"))).collect(),
        }
    };
    let all = list(root.as_dictionary().expect("a dictionary"), "Containers");
    state.guard.containers = all.iter().map(|one| container(one.as_dictionary().expect("a container"))).collect();
}

fn converting(state: &mut State, on: bool, direction: Direction, percent: &str) {
    state.filevault.on = on;
    state.filevault.conversion = Some(Conversion { direction, percent: Some(percent.to_owned()) });
}

fn filevault() -> Vec<Row> {
    vec![
        row("fdesetup/isactive-false", ARM, as_is),
        row("fdesetup/isactive-true", HARD, as_is),
        row("fdesetup/list-extended-10.15", HARD14, catalina),
        row("fdesetup/showdeferralinfo-active-10.15", INTEL, |s, _| {
            let profile = "C6114FCA-3824-4932-8568-0B2319CEF339".into();
            s.filevault.deferral = Some(Deferral { user: None, profile });
        }),
        row("fdesetup/status-deferred-no-user-13.2.1", INTEL, |s, _| {
            s.filevault.deferral = Some(Deferral { user: None, profile: String::new() });
        })
        .but(Compare::Excerpt),
        row("fdesetup/status-decrypting", ARM, |s, _| converting(s, false, Direction::Decrypting, "42")),
        row("fdesetup/status-encrypting-decimal", ARM, |s, _| converting(s, true, Direction::Encrypting, "33.33")),
        row("fdesetup/status-encrypting", ARM, |s, _| converting(s, true, Direction::Encrypting, "33")),
        row("fdesetup/status-ea-on", HARD14, as_is),
        row("fdesetup/status-on-26.5.2", HARD, as_is),
        row("fdesetup/status-off-needs-restart", ARM, |s, _| s.filevault.restart = Some(Restart::Finishes)),
        row("fdesetup/status-off-restart", ARM, |s, _| s.filevault.restart = Some(Restart::Enables)),
        row("fdesetup/status-on-restart", HARD, |s, _| s.filevault.restart = Some(Restart::Finishes)),
        row("fdesetup/status-on-master-keychain-10.15", HARD14, |s, _| s.filevault.master_keychain = true),
        row("other/fdesetup/usingrecoverykey-apfs-unsupported", INTEL, as_is),
    ]
}

fn services() -> Vec<Row> {
    vec![
        row("launchctl/print-disabled-system-real", ARM, |s, recorded| {
            let entry = |line: &str| {
                let (label, state) = line.trim().split_once(" => ")?;
                Some(Override { label: label.trim_matches('"').to_owned(), disabled: state == "disabled" })
            };
            s.service_overrides = recorded.lines().filter_map(entry).collect();
        }),
        row("launchctl/print-disabled-sshd-monterey-framed", INTEL, |s, _| {
            old(s, "12.6");
            s.service_overrides = vec![Override { label: "com.openssh.sshd".into(), disabled: true }];
        }),
        row("launchctl/print-sshd-remote-login-off-26.5.1", ARM, as_is),
        row("launchctl/print-sshd-remote-login-on-26.5-closed", WEAK, as_is),
        row("launchctl/print-sshd-remote-login-on-26.5-cut", WEAK, as_is).but(Compare::Begins),
    ]
}
