//! The pairings.

use super::{Compare, Row, row};
use holdfast::sim::State;
use holdfast::sim::state::{
    Conversion, CryptoKind, CryptoUser, Deferral, Direction, FirewallApp, Mdm, Override, PowerSource, Restart, Sip,
    Update, User,
};
use serde_json::{Map, Value, json};

const INTEL: &str = "factory@intel-laptop-14";
const ARM15: &str = "factory@arm-laptop-15";
const ARM: &str = "factory@arm-laptop-26";
const ARM27: &str = "factory@arm-laptop-27";
const HARD: &str = "hardened@arm-laptop-26";
const HARD14: &str = "hardened@intel-laptop-14";
const WEAK: &str = "neglected@arm-laptop-26";
const UPDATES: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";

fn as_is(_: &mut State, _: &str) {}

fn old(state: &mut State, version: &str) {
    state.macos.version = version.to_owned();
}

pub fn all() -> Vec<Row> {
    let parts = [
        identity(),
        startup(),
        preferences(),
        disk(),
        filevault(),
        services(),
        power(),
        enrollment(),
        firewall(),
        gatekeeper(),
        accounts(),
        remote(),
        updates(),
    ];
    parts.into_iter().flatten().collect()
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

fn table(settings: Value) -> Map<String, Value> {
    settings.as_object().expect("an object").clone()
}

/// One source of power, and what `pmset -g` prints of it in its order.
fn in_use(state: &mut State, settings: Value) {
    let settings = table(settings);
    state.power.live = settings.keys().cloned().collect();
    state.power.sources = vec![PowerSource { name: "AC Power".into(), settings }];
    state.power.sleep_prevented_by.clear();
}

fn names(list: &str) -> Vec<String> {
    list.split(", ").map(str::to_owned).collect()
}

fn power() -> Vec<Row> {
    const IMAGE: &str = "/var/vm/sleepimage";
    vec![
        row("pmset/g-custom-real-tests-2", ARM, |s, _| {
            for (source, minutes) in s.power.sources.iter_mut().zip([20, 30]) {
                source.settings["displaysleep"] = minutes.into();
            }
        })
        .but(Compare::Ends),
        row("pmset/g-custom-intel-mbp-2019", INTEL, as_is).but(Compare::Begins),
        row("pmset/g-elcap-intel-laptop-fvdestroy1", INTEL, |s, _| {
            s.power.destroy_key_on_standby = 1;
            in_use(
                s,
                json!({
                    "standbydelay": 0, "standby": 0, "womp": 0, "halfdim": 1, "hibernatefile": IMAGE, "powernap": 0,
                    "networkoversleep": 0, "disksleep": 10, "sleep": 1, "autopoweroffdelay": 28800, "hibernatemode": 25,
                    "autopoweroff": 0, "ttyskeepawake": 1, "displaysleep": 10, "acwake": 0, "lidwake": 1,
                }),
            );
        }),
        row("pmset/g-intel-desktop-imacpro-like-hackintosh", INTEL, |s, _| {
            in_use(
                s,
                json!({
                    "standby": 1, "Sleep On Power Button": 1, "womp": 1, "autorestart": 0, "hibernatefile": IMAGE,
                    "proximitywake": 1, "powernap": 1, "networkoversleep": 0, "disksleep": 10, "standbydelayhigh": 86400,
                    "sleep": 0, "autopoweroffdelay": 28800, "hibernatemode": 3, "autopoweroff": 1, "ttyskeepawake": 1,
                    "displaysleep": 0, "highstandbythreshold": 50, "standbydelaylow": 0,
                }),
            );
            s.power.sleep_prevented_by = names("screensharingd");
        }),
        row("pmset/g-intel-hackintosh-laptop-standbydelay", INTEL, |s, _| {
            in_use(
                s,
                json!({
                    "standby": 1, "halfdim": 1, "hibernatefile": IMAGE, "powernap": 1, "gpuswitch": 2, "disksleep": 10,
                    "sleep": 1, "autopoweroffdelay": 28800, "hibernatemode": 3, "autopoweroff": 1, "ttyskeepawake": 1,
                    "displaysleep": 2, "tcpkeepalive": 1, "standbydelay": 10800,
                }),
            );
        }),
        row("pmset/g-custom-standbydelay-zh", INTEL, |s, _| {
            in_use(
                s,
                json!({
                    "standbydelaylow": 10800, "standby": 1, "halfdim": 1, "hibernatefile": IMAGE, "proximitywake": 0,
                    "powernap": 0, "gpuswitch": 2, "disksleep": 10, "standbydelayhigh": 86400, "sleep": 1,
                    "hibernatemode": 3, "ttyskeepawake": 1, "displaysleep": 2, "tcpkeepalive": 1,
                    "highstandbythreshold": 50, "acwake": 0, "lidwake": 1,
                }),
            );
        })
        .but(Compare::Excerpt),
        row("pmset/g-live-apple-silicon-sleep0", ARM, |s, _| {
            let source = s.power.sources.last_mut().expect("a source");
            source.settings["sleep"] = 0.into();
            source.settings["displaysleep"] = 0.into();
            s.power.sleep_prevented_by = names("coreaudiod, useractivityd, powerd, sharingd");
        }),
        row("pmset/g-m1-laptop-monterey-sleepdisabled1", ARM, |s, _| {
            s.power.sleep_disabled = 1;
            s.power.display_sleep_prevented_by = names("com.apphousekitchen.aldente-pro");
            let helper = "com.bombich.ccchelper";
            let rest = "powerd, sharingd, com.apphousekitchen.aldente-pro";
            s.power.sleep_prevented_by = names(&format!("bluetoothd, {helper}, {helper}, {rest}"));
        }),
        row("other/pmset/g-cap-apple-silicon-laptop", ARM, as_is),
        row("other/pmset/g-grep-displaysleep-amphetamine-26.5.1", ARM, |s, _| {
            s.power.display_sleep_prevented_by = names("Amphetamine");
        })
        .argv("/usr/bin/pmset -g")
        .but(Compare::Excerpt),
        row("other/pmset/set-lowpowermode-2-refused", ARM, as_is),
        row("other/pmset/set-not-root", INTEL, as_is).by(501),
    ]
}

fn enrollment() -> Vec<Row> {
    vec![
        row("profiles/bootstraptoken-not-supported-10.15", INTEL, as_is),
        row("profiles/bootstraptoken-supported-escrowed", HARD, as_is),
        row("profiles/status-bootstraptoken-not-root", HARD, as_is).by(501),
        row("profiles/status-enrollment-10.13.4-dep-no-mdm-yes-approved", INTEL, |s, _| {
            s.enrollment.mdm = Mdm::UserApproved;
        }),
        row("profiles/status-enrollment-10.13.4-dep-no", INTEL, as_is),
        row("profiles/status-enrollment-ade-user-approved", HARD, |s, _| {
            s.enrollment.server = Some("https://test.example.com".into());
        }),
        row("profiles/status-enrollment-none-26.5.2", ARM, as_is),
        row("other/profiles/list-all-none-26.5.2", ARM, as_is),
        row("other/profiles/list-all-no-root-26.5.2", ARM, as_is).by(501),
        row("other/profiles/show-configuration-none-system-26.5.2", ARM, as_is),
    ]
}

fn firewall() -> Vec<Row> {
    const TOOL: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw --getallowsigned";
    vec![
        row("socketfilterfw/doc-blockall_off", INTEL, |s, _| old(s, "13.6")),
        row("socketfilterfw/doc-blockall_on", HARD14, |s, _| old(s, "13.6")),
        row("socketfilterfw/doc-stealth_off", ARM, as_is),
        row("socketfilterfw/getallowsigned-both-enabled", ARM15, as_is).argv(TOOL),
        row("socketfilterfw/getblockall-disabled-2026", ARM27, as_is),
        row("socketfilterfw/getglobalstate-disabled-0", INTEL, as_is),
        row("socketfilterfw/getglobalstate-disabled-26.5.2", ARM, as_is),
        row("socketfilterfw/getglobalstate-enabled-1", HARD14, |s, _| s.firewall.block_all = false),
        row("socketfilterfw/getglobalstate-state2-enabled-wording", HARD14, as_is),
        row("socketfilterfw/getloggingmode-on", HARD14, as_is),
        row("socketfilterfw/getstealthmode-enabled-old", HARD14, as_is),
        row("socketfilterfw/stealth-old", INTEL, as_is).but(Compare::Ends),
        row("socketfilterfw/real-getblockall-off", ARM, as_is),
        row("socketfilterfw/real-getglobalstate-on", HARD, |s, _| s.firewall.block_all = false),
        row("socketfilterfw/real-getstealthmode-on", HARD, as_is),
        row("socketfilterfw/set-ok", WEAK, as_is),
        row("socketfilterfw/set-refused-managed", WEAK, as_is)
            .file("/Library/Managed Preferences/com.apple.security.firewall.plist", json!({"EnableFirewall": true})),
        row("other/socketfilterfw/getappblocked-permitted", ARM27, as_is),
        row("other/socketfilterfw/listapps-macos26-vm", "factory@vm-26", |s, _| {
            let app = |path: &str| FirewallApp {
                name: path.rsplit('/').next().unwrap_or(path).to_owned(),
                bundle_id: None,
                path: path.to_owned(),
                allowed: !matches!(path, "/usr/libexec/sshd-session" | "/usr/libexec/sshd-auth"),
            };
            let paths = [
                "/usr/libexec/sshd-session",
                "/usr/libexec/sshd-auth",
                "/usr/libexec/remoted",
                "/usr/bin/python3",
                "/usr/bin/ruby",
                "/usr/sbin/cupsd",
                "/usr/libexec/sharingd",
                "/usr/libexec/sshd-keygen-wrapper",
                "/usr/sbin/smbd",
            ];
            s.firewall.apps = paths.map(app).into();
        })
        .but(Compare::Ends),
    ]
}

fn gatekeeper() -> Vec<Row> {
    vec![
        row("spctl/status-disabled", WEAK, as_is),
        row("spctl/status-verbose-appstore-only", ARM, |s, _| s.gatekeeper.developer_id = false),
        row("spctl/status-verbose-enabled-26.5.1", ARM, as_is),
        row("other/spctl/disable-status-26", ARM, as_is),
        row("other/spctl/global-disable-15-exit1", ARM15, as_is),
        row("other/spctl/global-enable-refused-26", ARM, as_is),
    ]
}

/// The first user, under another name.
fn named(state: &mut State, name: &str, full_name: &str, secure_token: bool) {
    let user = state.users.iter_mut().find(|user| user.name == "alice").expect("alice");
    (user.name, user.full_name, user.secure_token) = (name.to_owned(), full_name.to_owned(), secure_token);
    user.home = format!("/Users/{name}");
}

fn lock_delay(state: &mut State, seconds: Option<u32>) {
    for user in &mut state.users {
        user.screen_lock_delay = seconds;
    }
}

fn accounts() -> Vec<Row> {
    vec![
        row("sysadminctl/guestaccount-disabled-26.5.2", HARD, as_is).but(Compare::NoStamps),
        row("sysadminctl/screenlock-5s", ARM, |s, _| lock_delay(s, Some(5))).by(501).but(Compare::Stamps),
        row("sysadminctl/screenlock-immediate", HARD, as_is).by(501).but(Compare::Stamps),
        row("sysadminctl/screenlock-off", WEAK, as_is).by(501).but(Compare::Stamps),
        row("sysadminctl/securetoken-cut-2018", INTEL, |s, _| named(s, "admin-imac", "admin-imac", true))
            .but(Compare::Cut),
        row("sysadminctl/securetoken-disabled-ec2-2021", INTEL, |s, _| named(s, "ec2-user", "ec2-user", false))
            .but(Compare::Stamps),
        row("sysadminctl/securetoken-enabled-ec2-2021", INTEL, |s, _| named(s, "ec2-user", "ec2-user", true))
            .but(Compare::Stamps),
        row("sysadminctl/securetoken-enabled-10.13", INTEL, |s, _| named(s, "createdviacli", "createdviacli", true))
            .but(Compare::Stamps),
        row("sysadminctl/securetoken-disabled-fullname-macos26", ARM, |s, _| {
            named(s, "tuist", "Tuist Runner Operator", false);
        })
        .but(Compare::Stamps),
        row("sysadminctl/smb-enabled", ARM, |s, _| s.sharing.smb_guests = true).but(Compare::Stamps),
        row("sysadminctl/smbguestaccess-disabled-mscp", ARM, as_is).but(Compare::NoStamps),
        row("other/sysadminctl/filesystem-status-10.15-apfs-fde-yes", HARD14, as_is).but(Compare::Stamps),
        row("other/dscl/admin-group-mbsetupuser-26.5.2", ARM, |s, _| {
            named(s, "exampleuser", "Example User", true);
            s.users.sort_by_key(|user| (user.uid != 0, user.name.starts_with('_')));
        }),
        row("other/dscl/read-user-inspec", ARM, |s, _| named(s, "localuser", "localuser", true)),
    ]
}

fn remote() -> Vec<Row> {
    vec![
        row("systemsetup/getremoteappleevents-no-admin-real", ARM, as_is).by(501),
        row("systemsetup/getremoteappleevents-on", ARM, |s, _| s.sharing.remote_apple_events = true),
        row("systemsetup/getremotelogin-no-admin-26.5", "factory@arm-desktop-26", as_is).by(501),
        row("systemsetup/no-admin-refusal-15.7.4", ARM15, as_is).by(501),
        row("systemsetup/networktime-on", ARM, as_is),
        row("systemsetup/remotelogin-off", ARM, as_is),
        row("systemsetup/remotelogin-on", WEAK, as_is),
        row("other/systemsetup/networktimeserver-configured-2026", ARM, as_is),
        row("other/systemsetup/setremotelogin-no-fda-15", ARM15, as_is),
        row("other/systemsetup/setusingnetworktime-on-reply", INTEL, as_is),
    ]
}

fn offered(state: &mut State, list: &[(&str, &str, &str, &str, bool)]) {
    let entry = |(label, title, version, size, restart): &(&str, &str, &str, &str, bool)| Update {
        label: (*label).to_owned(),
        title: (*title).to_owned(),
        version: (*version).to_owned(),
        size: (*size).to_owned(),
        restart: *restart,
    };
    state.updates = list.iter().map(entry).collect();
}

fn beta(state: &mut State, _: &str) {
    let title = "macOS Ventura 13.3 Beta 3";
    offered(state, &[("macOS Ventura 13.3 Beta 3-22E5236f", title, "13.3", "3310848K", true)]);
}

fn release(state: &mut State, _: &str) {
    let title = "macOS Ventura 13.3.1";
    offered(state, &[("macOS Ventura 13.3.1-22E261", title, "13.3.1", "868648KiB", true)]);
}

fn updates() -> Vec<Row> {
    const NO_SCAN: &str = "/usr/sbin/softwareupdate --list --no-scan";
    vec![
        row("softwareupdate/list-beta-update-available-noscan", INTEL, beta).argv(NO_SCAN),
        row("softwareupdate/list-beta-update-available-scan", INTEL, beta).but(Compare::Blanks),
        row("softwareupdate/list-multiple-updates-available-noscan", INTEL, |s, _| {
            let tools = "Command Line Tools for Xcode";
            offered(
                s,
                &[
                    ("Command Line Tools for Xcode-14.3", tools, "14.3", "711888KiB", false),
                    ("macOS Ventura 13.4 Beta-22F5027f", "macOS Ventura 13.4 Beta", "13.4", "11487824K", true),
                ],
            );
        })
        .argv(NO_SCAN),
        row("softwareupdate/list-no-update-available-noscan", INTEL, as_is).argv(NO_SCAN),
        row("softwareupdate/list-no-update-available-scan", INTEL, as_is),
        row("softwareupdate/list-update-available-noscan", INTEL, release).argv(NO_SCAN),
        row("softwareupdate/list-update-available-scan", INTEL, release).but(Compare::Ends),
        row("softwareupdate/schedule-on-26.5.1", ARM, as_is),
        row("softwareupdate/schedule-on-new", INTEL, as_is),
        row("softwareupdate/schedule-on-old", INTEL, |s, _| old(s, "11.7")),
    ]
}
