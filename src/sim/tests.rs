//! The simulation's own laws.
#![allow(clippy::disallowed_methods)] // a folder that somebody spoilt is what is tried

use std::time::Duration;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

fn every_mac() -> impl Iterator<Item = SimMac> {
    World::ALL.into_iter().flat_map(|world| Mac::ALL.into_iter().map(move |mac| SimMac::in_memory(world, mac)))
}

fn argv(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn look(sim: &SimMac, line: &str, uid: Option<u32>) -> Result<Output, ToolError> {
    match sim.look(&Ask::Run(Invocation { argv: argv(line), as_user: uid, limit: LIMIT }))? {
        Answer::Ran(output) => Ok(output),
        other => panic!("{other:?} for {line}"),
    }
}

fn touch(sim: &SimMac, line: &str, uid: Option<u32>) -> Result<(), ToolError> {
    let run = Invocation { argv: argv(line), as_user: uid, limit: LIMIT };
    sim.touch(&Change { run, read: |_| Ok(()) })
}

/// Everything that the readings document, asked as root.
const DOCUMENTED: &[&str] = &[
    "/bin/launchctl print system/com.jamftrust.automateSignOut",
    "/bin/ps -axo uid=,comm=",
    "/bin/launchctl print system/com.openssh.sshd",
    "/bin/launchctl print system/com.apple.screensharing",
    "/bin/launchctl print system",
    "/bin/launchctl print-disabled system",
    "/sbin/pfctl -s info",
    "/sbin/pfctl -a * -sr",
    "/usr/bin/AssetCacheManagerUtil -j status",
    "/usr/bin/bputil -d",
    "/usr/bin/csrutil status",
    "/usr/bin/csrutil authenticated-root status",
    "/usr/bin/defaults read /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload",
    "/usr/bin/defaults read /Library/Preferences/com.apple.commerce AutoUpdate",
    "/usr/bin/defaults read /Library/Preferences/com.apple.screensaver loginWindowIdleTime",
    "/usr/bin/dscl -plist . -readall /Users RecordName UniqueID GeneratedUID RealName IsHidden",
    "/usr/bin/bioutil -r -s",
    "/usr/bin/dscl -plist . -readall /Users RecordName hint",
    "/usr/bin/dscl . -read /Groups/admin GroupMembership",
    "/usr/bin/dscl . -read /Users/root AuthenticationAuthority",
    "/usr/bin/security authorizationdb read system.login.screensaver",
    "/usr/bin/security authorizationdb read system.preferences.network",
    "/usr/bin/fdesetup status",
    "/usr/bin/fdesetup list",
    "/usr/bin/fdesetup list -extended",
    "/usr/bin/fdesetup haspersonalrecoverykey",
    "/usr/bin/fdesetup hasinstitutionalrecoverykey",
    "/usr/bin/fdesetup isactive",
    "/usr/bin/fdesetup showdeferralinfo",
    "/usr/bin/id -u alice",
    "/usr/bin/pmset -g",
    "/usr/bin/pmset -g custom",
    "/usr/bin/pmset -g cap",
    "/usr/bin/pmset -g batt",
    "/usr/bin/pmset -g assertions",
    "/usr/bin/profiles status -type enrollment",
    "/usr/bin/profiles status -type bootstraptoken",
    "/usr/bin/pwpolicy -getaccountpolicies",
    "/usr/bin/stat -f %Su /dev/console",
    "/usr/bin/sudo -V",
    "/usr/bin/sw_vers",
    "/usr/libexec/mdmclient QuerySecurityInfo",
    "/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate",
    "/usr/libexec/ApplicationFirewall/socketfilterfw --getblockall",
    "/usr/libexec/ApplicationFirewall/socketfilterfw --getstealthmode",
    "/usr/libexec/ApplicationFirewall/socketfilterfw --getallowsigned",
    "/usr/libexec/ApplicationFirewall/socketfilterfw --getloggingmode",
    "/usr/libexec/ApplicationFirewall/socketfilterfw --listapps",
    "/usr/sbin/cupsctl",
    "/usr/sbin/diskutil apfs listcryptousers -plist /",
    "/usr/sbin/diskutil apfs listcryptousers /",
    "/usr/sbin/diskutil info -plist /",
    "/usr/sbin/diskutil apfs list -plist",
    "/usr/sbin/diskutil list -plist internal physical",
    "/usr/sbin/diskutil list -plist external physical",
    "/sbin/mount",
    "/usr/sbin/nvram boot-args",
    "/usr/sbin/firmwarepasswd -check",
    "/usr/sbin/firmwarepasswd -mode",
    "/usr/sbin/scutil --nc list",
    "/usr/sbin/softwareupdate --schedule",
    "/usr/sbin/softwareupdate --list",
    "/usr/sbin/spctl --status",
    "/usr/sbin/spctl --status --verbose",
    "/usr/sbin/sshd -G",
    "/usr/sbin/sysadminctl -secureTokenStatus alice",
    "/usr/sbin/sysadminctl -secureTokenStatus nobody-of-that-name",
    "/usr/sbin/sysadminctl -guestAccount status",
    "/usr/sbin/sysadminctl -smbGuestAccess status",
    "/usr/sbin/sysctl -n kern.bootsessionuuid",
    "/usr/sbin/system_profiler SPHardwareDataType -xml",
    "/usr/sbin/systemsetup -getremotelogin",
    "/usr/sbin/systemsetup -getremoteappleevents",
    "/usr/sbin/systemsetup -getusingnetworktime",
];

/// What is asked in the session of whoever is logged in.
const IN_SESSION: [&str; 2] =
    ["/usr/sbin/sysadminctl -screenLock status", "/usr/bin/defaults -currentHost read com.apple.screensaver idleTime"];

/// A change each, with the look that shows it.
const CHANGES: [(&str, &str); 16] = [
    (
        "/bin/launchctl bootout system/com.jamftrust.automateSignOut",
        "/bin/launchctl print system/com.jamftrust.automateSignOut",
    ),
    (
        "/bin/launchctl bootstrap system /Library/LaunchDaemons/com.jamftrust.automateSignOut.plist",
        "/bin/launchctl print system/com.jamftrust.automateSignOut",
    ),
    (
        "/usr/bin/security authorizationdb write system.login.screensaver authenticate-session-owner",
        "/usr/bin/security authorizationdb read system.login.screensaver",
    ),
    (
        "/usr/bin/dscl . -create /Users/root AuthenticationAuthority ;ShadowHash;",
        "/usr/bin/dscl . -read /Users/root AuthenticationAuthority",
    ),
    ("/usr/sbin/sysadminctl -guestAccount off", "/usr/sbin/sysadminctl -guestAccount status"),
    (
        "/usr/libexec/ApplicationFirewall/socketfilterfw --setglobalstate on",
        "/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate",
    ),
    (
        "/usr/libexec/ApplicationFirewall/socketfilterfw --setblockall on",
        "/usr/libexec/ApplicationFirewall/socketfilterfw --getblockall",
    ),
    (
        "/usr/libexec/ApplicationFirewall/socketfilterfw --setstealthmode on",
        "/usr/libexec/ApplicationFirewall/socketfilterfw --getstealthmode",
    ),
    (
        "/usr/libexec/ApplicationFirewall/socketfilterfw --setallowsigned off",
        "/usr/libexec/ApplicationFirewall/socketfilterfw --getallowsigned",
    ),
    (
        "/usr/libexec/ApplicationFirewall/socketfilterfw --setallowsignedapp off",
        "/usr/libexec/ApplicationFirewall/socketfilterfw --getallowsigned",
    ),
    ("/usr/bin/pmset -a destroyfvkeyonstandby 1", "/usr/bin/pmset -g"),
    ("/usr/bin/pmset -c sleep 7 displaysleep 3", "/usr/bin/pmset -g custom"),
    (
        "/usr/bin/defaults write /Library/Preferences/com.apple.commerce AutoUpdate -bool true",
        "/usr/bin/defaults read /Library/Preferences/com.apple.commerce AutoUpdate",
    ),
    (
        "/usr/bin/defaults write /Library/Preferences/com.apple.screensaver loginWindowIdleTime -int 120",
        "/usr/bin/defaults read /Library/Preferences/com.apple.screensaver loginWindowIdleTime",
    ),
    (
        "/usr/bin/defaults write /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload -string x",
        "/usr/bin/defaults read /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload",
    ),
    (
        "/usr/bin/defaults delete /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload",
        "/usr/bin/defaults read /Library/Preferences/com.apple.SoftwareUpdate AutomaticDownload",
    ),
];

#[test]
fn every_documented_question_is_answered_on_every_mac_and_changes_nothing() {
    for sim in every_mac() {
        let before = sim.snapshot();
        for line in DOCUMENTED {
            let output = look(&sim, line, None).unwrap_or_else(|e| panic!("{}: {e}", sim.origin()));
            let whole = |bytes: &[u8]| bytes.is_empty() || bytes.ends_with(b"\n");
            assert!(whole(&output.stdout) && whole(&output.stderr), "{}: {line}: last line not ended", sim.origin());
            let listed_nobody = line.ends_with("fdesetup list");
            assert!(
                listed_nobody || !(output.stdout.is_empty() && output.stderr.is_empty()),
                "{}: {line}: nothing",
                sim.origin()
            );
        }
        for line in IN_SESSION {
            look(&sim, line, Some(501)).unwrap_or_else(|e| panic!("{}: {e}", sim.origin()));
        }
        assert_eq!(sim.snapshot(), before, "{}", sim.origin());
    }
}

#[test]
fn a_look_refuses_what_would_change_and_changes_nothing() {
    for sim in every_mac() {
        let before = sim.snapshot();
        for (line, _) in CHANGES {
            let refused = look(&sim, line, None);
            assert!(matches!(refused, Err(ToolError::NotSimulated { .. })), "{line}: {refused:?}");
        }
        assert_eq!(sim.snapshot(), before, "{}", sim.origin());
    }
}

#[test]
fn a_change_is_seen_by_the_next_look() {
    for mac in Mac::ALL {
        let sim = SimMac::in_memory(World::Neglected, mac);
        for (change, line) in CHANGES {
            let before = look(&sim, line, None).expect(line);
            touch(&sim, change, None).expect(change);
            let after = look(&sim, line, None).expect(line);
            assert_ne!(before, after, "{}: {change}", mac.name());
        }
    }
}

#[test]
fn what_no_mac_knows_is_an_error_for_looks_and_touches() {
    let sim = SimMac::in_memory(World::Neglected, Mac::default());
    let before = sim.snapshot();
    for line in [
        "/usr/bin/fdesetup disable",
        "/usr/bin/open -g -a Safari",
        "/usr/bin/osascript -e beep",
        "/bin/ps -ax",
        "/bin/mv /a /b",
        "/bin/launchctl bootout gui/501/x",
        "/usr/local/bin/dialog --version",
        "/usr/bin/fdesetup",
        "/usr/bin/true",
        "fdesetup status",
        "/usr/bin/pmset -a sleep",
        "/usr/bin/pmset -a sleep -1",
        "/usr/bin/pmset -a nosuchkey 1",
        "/usr/libexec/ApplicationFirewall/socketfilterfw --setglobalstate maybe",
        "/usr/libexec/ApplicationFirewall/socketfilterfw",
        "/usr/bin/defaults write com.apple.screensaver idleTime -int 1",
        "/usr/bin/defaults write /Library/Preferences/com.apple.commerce AutoUpdate -bool perhaps",
    ] {
        assert!(matches!(look(&sim, line, None), Err(ToolError::NotSimulated { .. })), "look {line}");
        assert!(matches!(touch(&sim, line, None), Err(ToolError::NotSimulated { .. })), "touch {line}");
    }
    assert_eq!(sim.snapshot(), before);
}

#[test]
fn a_deleted_preference_leaves_the_moment_before_it_was_set() {
    let sim = SimMac::in_memory(World::Factory, Mac::default());
    let before = sim.snapshot();
    touch(&sim, "/usr/bin/defaults write /Library/Preferences/com.apple.commerce AutoUpdate -bool true", None).unwrap();
    assert_ne!(sim.snapshot(), before);
    touch(&sim, "/usr/bin/defaults delete /Library/Preferences/com.apple.commerce AutoUpdate", None).unwrap();
    assert_eq!(sim.snapshot(), before);
}

#[test]
fn a_firewall_profile_makes_every_setter_refuse_and_change_nothing() {
    let sim = SimMac::in_memory(World::Neglected, Mac::default());
    let profile = plist::Dictionary::from_iter([("EnableFirewall".to_owned(), plist::Value::from(true))]);
    sim.put_file("/Library/Managed Preferences/com.apple.security.firewall.plist", Some(profile)).unwrap();
    let before = sim.snapshot();
    for (line, _) in CHANGES.iter().filter(|(line, _)| line.contains("socketfilterfw")) {
        let output = sim.run(&argv(line), None).unwrap();
        assert!(output.stdout.starts_with(b"Firewall settings cannot be modified"), "{line}");
    }
    assert_eq!(sim.snapshot(), before);
}

#[test]
fn users_see_their_own_settings_and_may_not_set_the_macs() {
    let sim = SimMac::in_memory(World::Hardened, Mac::default());
    let idle = "/usr/bin/defaults -currentHost read com.apple.screensaver idleTime";
    assert_eq!(look(&sim, idle, Some(501)).unwrap().stdout, b"300\n");
    assert_eq!(look(&sim, idle, None).unwrap().status, 1, "root has no value of its own");
    let before = sim.snapshot();
    let set = sim.run(&argv("/usr/bin/pmset -a standby 0"), Some(501)).unwrap();
    assert!(set.status != 0 && set.stdout.starts_with(b"'pmset' must be run as root"));
    assert_eq!(sim.snapshot(), before);
}

#[test]
fn in_every_world_tokens_and_unlockers_agree() {
    for sim in every_mac() {
        let state = sim.state();
        for user in &state.users {
            let listed = state.crypto_users.iter().any(|entry| entry.uuid == user.generated_uid);
            assert_eq!(listed, user.secure_token, "{}: {}", sim.origin(), user.name);
        }
    }
}

#[test]
fn a_mac_in_a_folder_stays_as_it_was_left() {
    let dir = tempfile::tempdir().unwrap();
    let made = SimMac::create(dir.path(), World::Neglected, Mac::IntelLaptop14).unwrap();
    assert_eq!(made.snapshot(), SimMac::in_memory(World::Neglected, Mac::IntelLaptop14).snapshot());
    for (change, _) in CHANGES {
        touch(&made, change, None).expect(change);
    }
    let opened = SimMac::open(dir.path()).unwrap();
    assert_eq!(opened.snapshot(), made.snapshot());
    assert_ne!(opened.snapshot(), SimMac::in_memory(World::Neglected, Mac::IntelLaptop14).snapshot());
    assert_eq!(opened.copy().unwrap().snapshot(), made.snapshot());
    let again = SimMac::create(dir.path(), World::Neglected, Mac::IntelLaptop14).unwrap();
    assert_eq!(again.snapshot(), made.snapshot());
    let other = SimMac::create(dir.path(), World::Hardened, Mac::IntelLaptop14);
    assert!(matches!(other, Err(SimError::Another { .. })), "{other:?}");
}

#[test]
fn what_guards_the_start_is_set_piece_by_piece() {
    use super::state::{OtherSystem, Seal, SecureBoot};
    let said = |sim: &SimMac, line: &str| String::from_utf8(look(sim, line, None).unwrap().stdout).unwrap();
    let sim = SimMac::in_memory(World::Hardened, Mac::default());
    let seen = |sim: &SimMac| {
        [
            said(sim, "/usr/bin/csrutil authenticated-root status").contains(": enabled"),
            said(sim, "/usr/libexec/mdmclient QuerySecurityInfo").contains("AuthenticatedRootVolumeEnabled = 1;"),
            said(sim, "/usr/sbin/diskutil info -plist /").contains("<key>Sealed</key>\n\t<string>Yes</string>"),
        ]
    };
    assert_eq!(seen(&sim), [true, true, true]);
    sim.edit(|state| state.startup.authenticated_root = false).unwrap();
    assert_eq!(seen(&sim), [false, false, true]);
    assert!(said(&sim, "/usr/libexec/mdmclient QuerySecurityInfo").contains("AuthenticatedRootVolumeEnabled = 0;"));
    sim.edit(|state| (state.startup.authenticated_root, state.startup.seal) = (true, Seal::Broken)).unwrap();
    assert_eq!(seen(&sim), [true, true, false]);

    let modes = |sim: &SimMac| {
        let text = said(sim, "/usr/bin/bputil -d");
        let lines = text.lines().filter(|line| line.starts_with("Security Mode: ") || line.starts_with("Failed"));
        lines.map(|line| line.split_whitespace().nth(2).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(modes(&sim), ["Full"]);
    sim.edit(|state| {
        let other = |volume_group: &str, secure_boot| OtherSystem { volume_group: volume_group.into(), secure_boot };
        state.startup.other_systems = vec![other("A1", Some(SecureBoot::Off)), other("B2", None)];
    })
    .unwrap();
    assert_eq!(modes(&sim), ["Full", "Permissive", "display"]);
    assert!(said(&sim, "/usr/bin/bputil -d").contains("\n\nLocal policy for volume group A1:\n"));
}

#[test]
fn unlockers_of_every_kind_and_setup_assistant_are_settable() {
    use super::state::{CryptoKind, CryptoUser};
    let sim = SimMac::in_memory(World::Factory, Mac::default());
    sim.edit(|state| {
        state.console_user = Some("_mbsetupuser".into());
        let kinds = [CryptoKind::InstitutionalRecovery, CryptoKind::ICloudUser, CryptoKind::ICloudKey];
        state.crypto_users =
            kinds.map(|kind| CryptoUser { uuid: format!("{kind:?}"), kind, owner: false }).into_iter().collect();
    })
    .unwrap();
    assert_eq!(look(&sim, "/usr/bin/stat -f %Su /dev/console", None).unwrap().stdout, b"_mbsetupuser\n");
    let has = |line: &str, words: [&str; 3]| {
        let text = String::from_utf8(look(&sim, line, None).unwrap().stdout).unwrap();
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    };
    has(
        "/usr/sbin/diskutil apfs listcryptousers -plist /",
        [">InstitutionalRecovery<", ">ICloud<", ">ICloudRecovery<"],
    );
    has(
        "/usr/sbin/diskutil apfs listcryptousers /",
        ["Institutional Recovery User", "iCloud Recovery User", "iCloud Recovery External Key"],
    );
}
