//! Power, management, firewall, Gatekeeper, accounts, remote access, updates.

use super::{ARM, ARM15, ARM27, Compare, HARD, HARD14, INTEL, Row, WEAK, as_is, old, row};
use holdfast::sim::State;
use holdfast::sim::state::{FirewallApp, Mdm, PowerSource, Update};
use serde_json::{Map, Value, json};

/// These pairings.
pub fn rows() -> Vec<Row> {
    [power(), enrollment(), firewall(), gatekeeper(), accounts(), remote(), updates()].into_iter().flatten().collect()
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
                    "gpuswitch": 2, "networkoversleep": 0, "disksleep": 10, "sleep": 1, "autopoweroffdelay": 28800, "hibernatemode": 25,
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
