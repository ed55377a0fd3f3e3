use super::*;
use proptest::prelude::*;
use serde_json::json;

/// A command line and a whole answer to it, typed from the documented wordings; `open` where a cut inside the last value
/// cannot be seen in the text alone (the live question then looks for the line end).
struct Sample {
    command: &'static str,
    text: &'static str,
    open: bool,
}

const fn closed(command: &'static str, text: &'static str) -> Sample {
    Sample { command, text, open: false }
}

const fn open(command: &'static str, text: &'static str) -> Sample {
    Sample { command, text, open: true }
}

const SAMPLES: &[Sample] = &[
    closed("audit -c", "AUC_AUDITING\n"),
    closed("fdesetup status", "FileVault is On.\n"),
    closed("fdesetup status", "FileVault is Off, but will be enabled after the next restart.\n"),
    open("fdesetup list", "ada,0B7C6E5D-1111-4222-8333-944455556666\nbob,0B7C6E5D-1111-4222-8333-944455556667\n"),
    closed("fdesetup isactive", "true\n"),
    closed("fdesetup showdeferralinfo", "{\n    Defer = 1;\n    Usernames =     (\n    );\n}\n"),
    open(
        "sysadminctl -secureTokenStatus ada",
        "2026-02-03 04:05:06.789 sysadminctl[1:2f] Secure token is ENABLED for user Ada L\n",
    ),
    closed(
        "sysadminctl -screenLock status",
        "2026-02-03 04:05:06.789 sysadminctl[1:2f] screenLock delay is 300 seconds\n",
    ),
    closed("sysadminctl -guestAccount status", "Guest account disabled.\n"),
    closed("sysadminctl -smbGuestAccess status", "SMB guest access disabled\n"),
    open("sysadminctl -autologin status", "Automatic login user: ada\n"),
    open(
        "diskutil apfs listcryptousers /",
        "Cryptographic user for disk3s1s1 (1 found)\n|\n+-- 0B7C6E5D-1111-4222-8333-944455556666\n    Type: Personal Recovery User\n    Volume Owner: Yes\n",
    ),
    closed(
        "diskutil apfs listcryptousers -plist /",
        "<plist version=\"1.0\"><dict><key>Users</key><array/></dict></plist>",
    ),
    closed("diskutil info -plist /", "<plist version=\"1.0\"><dict><key>FileVault</key><true/></dict></plist>"),
    closed("socketfilterfw --getglobalstate", "Firewall is enabled. (State = 1)\n"),
    closed("socketfilterfw --getblockall", "Firewall has block all state set to disabled.\n"),
    closed("socketfilterfw --getstealthmode", "Firewall stealth mode is off\n"),
    closed("socketfilterfw --getloggingmode", "Log mode is off \n"),
    open(
        "socketfilterfw --getallowsigned",
        "Automatically allow built-in signed software ENABLED.\nAutomatically allow downloaded signed software DISABLED.\n",
    ),
    closed("socketfilterfw --setstealthmode on", "Firewall stealth mode is on\n"),
    open(
        "pmset -g",
        "System-wide power settings:\n SleepDisabled\t\t1\nCurrently in use:\n standby 1\n sleep 1 (sleep prevented by powerd)\n",
    ),
    open("pmset -g custom", "Battery Power:\n standby 1\nAC Power:\n standby 15\n"),
    open(
        "pmset -g batt",
        "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t19%; discharging; 1:02 remaining present: true\n",
    ),
    open(
        "pmset -g assertions",
        "2026-02-03 04:05:06 +0000\nAssertion status system-wide:\n   PreventUserIdleDisplaySleep    1\nListed by owning process:\n   pid 7(zoom.us): [0x1] 00:00:09 NoDisplaySleepAssertion named: \"x\"\n",
    ),
    closed("softwareupdate --schedule", "Automatic checking for updates is turned on\n"),
    closed("softwareupdate --list", "Software Update Tool\n\nNo new software available.\n"),
    closed(
        "softwareupdate --list",
        "Software Update Tool\n\nSoftware Update found the following new or updated software:\n* Label: A-1\n\tTitle: A, Version: 1, Size: 5KiB, Recommended: YES, Action: restart, \n",
    ),
    closed("firmwarepasswd -check", "Password Enabled: No\n"),
    open("firmwarepasswd -mode", "Mode: command\nOption roms not allowed\n"),
    open(
        "bputil -d",
        "Use at your own risk!\n\nLocal policy for volume group A1:\nSecurity Mode:      Full   (smb0): absent\n",
    ),
    closed("csrutil status", "System Integrity Protection status: disabled.\n"),
    closed("csrutil authenticated-root status", "Authenticated Root status: enabled\n"),
    closed("spctl --status", "assessments enabled\n"),
    closed("profiles status -type enrollment", "Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\n"),
    closed(
        "profiles status -type=bootstraptoken",
        "profiles: Bootstrap Token supported on server: YES\nprofiles: Bootstrap Token escrowed to server: YES\n",
    ),
    closed("launchctl print system/a.b", "system/a.b = {\n\tstate = running\n\tpid = 12\n}\n"),
    closed("launchctl print system/a.b", "Bad request.\nCould not find service \"a.b\" in domain for system\n"),
    closed("launchctl print-disabled system", "\n\tdisabled services = {\n\t\t\"a.b\" => disabled\n\t}\n"),
    closed(
        "launchctl print system",
        "system = {\n\tservices = {\n\t\t       0      - \ta.b\n\t}\n\tdisabled services = {\n\t\t\"a.b\" => disabled\n\t}\n}\n",
    ),
    closed("systemsetup -getremotelogin", "Remote Login: Off\n"),
    open("systemsetup -getnetworktimeserver", "Network Time Server: time.apple.com\n"),
    closed("cupsctl", "_remote_any=0\n_share_printers=1\n"),
    closed("AssetCacheManagerUtil -j status", "{\"name\":\"status\",\"result\":{\"Activated\":true}}\n"),
    closed("pfctl -s info", "Status: Disabled                              Debug: Urgent\n"),
    open("pfctl -a * -sr", "anchor \"com.apple/*\" all {\n}\nblock drop in all\n"),
    open("defaults read com.x Key", "12\n"),
    closed("defaults read com.x Key", "{\n    A = 1;\n}\n"),
    closed("mdmclient QuerySecurityInfo", "Daemon response: {\n    SecurityInfo =     {\n        A = 1;\n    };\n}\n"),
    open("sw_vers", "ProductName:\t\tmacOS\nProductVersion:\t\t26.5\nBuildVersion:\t\t25F71\n"),
    open(
        "scutil --nc list",
        "Available network connection services in the current set (*=enabled):\n* (Connected)  0B7C6E5D-1111-4222-8333-944455556666 VPN (c.x) \"V\" [VPN:c.x]\n",
    ),
    open("stat -f %Su /dev/console", "ada\n"),
    open("id -u ada", "501\n"),
    closed("sysctl -n kern.bootsessionuuid", "0B7C6E5D-1111-4222-8333-944455556666\n"),
    closed(
        "system_profiler SPHardwareDataType -xml",
        "<plist><array><dict><key>_items</key><array><dict><key>chip_type</key><string>Apple M4</string><key>machine_model</key><string>Mac16,12</string></dict></array></dict></array></plist>",
    ),
    closed(
        "dscl -plist . -readall /Users RecordName",
        "<plist><array><dict><key>dsAttrTypeStandard:RecordName</key><array><string>a</string></array><key>dsAttrTypeStandard:UniqueID</key><array><string>5</string></array><key>dsAttrTypeStandard:GeneratedUID</key><array><string>0B7C6E5D-1111-4222-8333-944455556666</string></array></dict></array></plist>",
    ),
    closed("date +%z", "+0100\n"),
    closed(
        "pwpolicy -getaccountpolicies",
        "Getting global account policies\n<plist><dict><key>policyCategoryPasswordContent</key><array><dict><key>policyContent</key><string>policyAttributePassword matches '.{4,}+'</string></dict></array></dict></plist>\n",
    ),
    closed(
        "sudo -V",
        "Sudo version 1.9\nAuthentication timestamp timeout: 5.0 minutes\nType of authentication timestamp record: tty\nSudoers audit plugin version 1.9\n",
    ),
    open(
        "sshd -G",
        "port 22\npermitrootlogin no\nclientaliveinterval 0\nclientalivecountmax 3\nciphers a\nmacs b\nkexalgorithms c\nhostkeyalgorithms d\npubkeyacceptedalgorithms e\nhostbasedacceptedalgorithms f\ncasignaturealgorithms g\n",
    ),
    open("mount", "/dev/disk3s1s1 on / (apfs, sealed, local, read-only)\ndevfs on /dev (devfs, local, nobrowse)\n"),
    open("nvram boot-args", "boot-args\t-v keepsyms=1\n"),
    closed("diskutil apfs list -plist", "<plist version=\"1.0\"><dict><key>Containers</key><array/></dict></plist>"),
    closed(
        "diskutil list -plist external physical",
        "<plist version=\"1.0\"><dict><key>AllDisksAndPartitions</key><array/><key>WholeDisks</key><array/></dict></plist>",
    ),
    closed("xprotect status", "XProtect launch scans: enabled\nXProtect background scans: enabled\n"),
    closed("xprotect version", "Version: 5346 Installed: 2026-05-28 08:53:39 +0000\n"),
    closed(
        "dscl -plist . -readall /Users RecordName hint",
        "<plist><array><dict><key>dsAttrTypeStandard:RecordName</key><array><string>a</string></array></dict></array></plist>",
    ),
    open("dscl . -read /Groups/admin GroupMembership", "GroupMembership: root ada\n"),
    open("dscl . -read /Users/root AuthenticationAuthority", "No such key: AuthenticationAuthority\n"),
    closed(
        "security authorizationdb read system.login.screensaver",
        "<plist><dict><key>class</key><string>rule</string><key>rule</key><array><string>a</string></array></dict></plist>",
    ),
    open(
        "bioutil -r -s",
        "System Touch ID configuration:\n\tBiometrics functionality: 1\n\tBiometrics for unlock: 0\nOperation performed successfully.\n",
    ),
];

fn argv(command: &str) -> Vec<String> {
    command.split(' ').map(str::to_owned).collect()
}

fn read(command: &str, status: i32, text: &[u8]) -> Result<Value, Interpret> {
    interpret(&argv(command), &Output { status, stdout: text.to_vec(), stderr: Vec::new() })
}

#[test]
fn every_sample_is_read_and_every_tool_has_one() {
    for sample in SAMPLES {
        let reading = read(sample.command, 0, sample.text.as_bytes());
        assert!(reading.is_ok(), "{}: {reading:?}", sample.command);
    }
    for row in ROWS {
        let name = row.program.rsplit('/').next().unwrap_or_default();
        assert!(SAMPLES.iter().any(|sample| argv(sample.command)[0] == name), "{name}");
    }
}

#[test]
fn a_cut_answer_gives_an_error_or_the_same_reading() {
    for sample in SAMPLES.iter().filter(|sample| !sample.open) {
        let whole = read(sample.command, 0, sample.text.as_bytes());
        for end in 0..sample.text.len() {
            let cut = read(sample.command, 0, &sample.text.as_bytes()[..end]);
            assert!(cut.is_err() || cut == whole, "{}: {:?} gave {cut:?}", sample.command, &sample.text[..end]);
        }
    }
}

#[test]
fn the_right_words_with_a_wrong_status_are_not_read() {
    for sample in SAMPLES {
        for status in [99, 126, 127, 255, -1] {
            assert!(read(sample.command, status, sample.text.as_bytes()).is_err(), "{} {status}", sample.command);
        }
    }
}

#[test]
fn an_answer_said_twice_or_with_garbage_after_it_is_not_read() {
    for sample in SAMPLES.iter().filter(|sample| !sample.command.starts_with("defaults")) {
        let harmless = ["--set", "fdesetup list", "softwareupdate --list", "pfctl -a"]
            .iter()
            .any(|word| sample.command.contains(word));
        let twice = format!("{}{}", sample.text, sample.text);
        assert!(
            harmless || read(sample.command, 0, twice.as_bytes()).is_err() || sample.command == "bputil -d",
            "{}",
            sample.command
        );
        let garbage = format!("{}\n%#UO garbage\n", sample.text);
        assert!(read(sample.command, 0, garbage.as_bytes()).is_err(), "{}", sample.command);
        let empty = read(sample.command, 0, b"");
        assert!(empty.is_err(), "{}", sample.command);
    }
}

#[test]
fn readings_have_the_documented_keys_and_number_types() {
    let cases = [
        (
            "/usr/bin/fdesetup status",
            "FileVault is On.\nEncryption in progress: Percent completed = 33\n",
            json!({"filevault": "on", "deferred": false, "deferred_user": null, "conversion": "encrypting", "percent": 33,
                   "restart_needed": false, "institutional_keychain": false}),
        ),
        (
            "sysadminctl -screenLock status",
            "screenLock delay is 300.000000 seconds\n",
            json!({"required": true, "delay_seconds": 300}),
        ),
        (
            "socketfilterfw --setblockall on",
            "Firewall settings cannot be modified from command line on managed Mac computers.\n",
            json!({"refused": "managed"}),
        ),
        ("defaults read com.x Key", "Error: Could not find key 'Key' in domain 'com.x'.\n", json!({"missing": true})),
        (
            "launchctl print system/a.b",
            "Could not find service \"a.b\" in domain for system\n",
            json!({"loaded": false, "state": null, "pid": null}),
        ),
        (
            "pmset -g",
            "Currently in use:\n sleep 1\n hibernatefile /var/x\n",
            json!({"system": {}, "sources": {"Currently in use": {"sleep": 1, "hibernatefile": "/var/x"}}}),
        ),
        ("stat -f %Su /dev/console", "root\n", json!({"console_user": null})),
    ];
    for (command, text, reading) in cases {
        assert_eq!(read(command, 0, text.as_bytes()), Ok(reading), "{command}");
    }
}

#[test]
fn an_unknown_question_is_told_from_an_answer_that_is_not_understood() {
    for command in [
        "fdesetup enable",
        "/usr/local/bin/fdesetup status",
        "sh -c x",
        "launchctl print gui/501",
        "launchctl print system/",
        "launchctl print system/a/b",
        "",
    ] {
        assert!(matches!(read(command, 0, b"x"), Err(Interpret::NoSuchQuestion { .. })), "{command}");
    }
    assert!(matches!(interpret(&[], &Output::default()), Err(Interpret::NoSuchQuestion { .. })));
    assert!(matches!(read("fdesetup status", 0, b"x"), Err(Interpret::Misread(_))));
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for sample in SAMPLES {
            let _ = read(sample.command, 0, &bytes);
        }
    }

    #[test]
    fn no_change_of_a_sample_makes_a_parser_panic(which in 0..SAMPLES.len(), at in any::<prop::sample::Index>(), with in "\\PC{0,4}|[\n\t ({\\[\"=;:,.-]{1,3}") {
        let sample = &SAMPLES[which];
        let mut text = sample.text.to_owned();
        let places: Vec<usize> = text.char_indices().map(|(n, _)| n).collect();
        text.insert_str(places[at.index(places.len())], &with);
        let _ = read(sample.command, 0, text.as_bytes());
        let _ = interpret(&argv(sample.command), &Output { status: 0, stdout: Vec::new(), stderr: text.into_bytes() });
    }
}
