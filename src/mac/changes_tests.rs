use super::*;
use crate::mac::{Answer, FileKind, FileStatus, Output};

fn argv(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

fn settings(line: &[&str], of: Option<&str>) -> Option<Vec<String>> {
    Some(singles(&argv(line), of)?.into_iter().map(|single| single.setting).collect())
}

const DEFAULTS: &str = "/usr/bin/defaults";
const PMSET: &str = "/usr/bin/pmset";
const FIREWALL: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw";
const LAUNCHCTL: &str = "/bin/launchctl";
const MV: &str = "/bin/mv";
const CHMOD: &str = "/bin/chmod";
const CHOWN: &str = "/usr/sbin/chown";
const JOB: Option<&str> = Some("launchd job com.x");

#[test]
fn no_other_command_is_one_of_the_agents() {
    let aside = "/Library/Application Support/Holdfast/replaced/x";
    for (line, of) in [
        (&[][..], None),
        (&["/bin/sh", "-c", "true"], None),
        (&["defaults", "delete", "/Library/Preferences/d", "K"], None),
        (&["/usr/bin/defaults"], None),
        (&[DEFAULTS, "delete", "/Library/Preferences/d"], None),
        (&[DEFAULTS, "delete", "/Library/Preferences/../d", "K"], None),
        (&[DEFAULTS, "delete", "/Library/Preferences/a/b", "K"], None),
        (&[DEFAULTS, "delete", "/private/etc/d", "K"], None),
        (&[DEFAULTS, "delete", "d", "K"], None),
        (&[DEFAULTS, "delete", "/Library/Preferences/org.holdfast.agent", "Level"], None),
        (&[DEFAULTS, "delete", "/Library/Preferences/org.holdfast.agent.plist", "Level"], None),
        (&[DEFAULTS, "delete", "/Library/Preferences/org.Holdfast.Agent.plist", "Level"], None),
        (&[DEFAULTS, "write", "/Library/Preferences/d", "-K", "-int", "1"], None),
        (&[DEFAULTS, "write", "/Library/Preferences/d", "K", "-int", "many"], None),
        (&[DEFAULTS, "write", "/Library/Preferences/d", "K", "-float", "inf"], None),
        (&[DEFAULTS, "write", "/Library/Preferences/d", "K", "-array", "a"], None),
        (&[DEFAULTS, "write", "/Library/Preferences/d", "K", "-bool", "YES"], None),
        (&[DEFAULTS, "import", "/Library/Preferences/d", "/tmp/x"], None),
        (&["as-user", "501", "--", DEFAULTS, "delete", "/Library/Preferences/d", "K"], None),
        (&["as-user", "501", "--", DEFAULTS, "delete", "../d", "K"], None),
        (&["as-user", "501", "--", DEFAULTS, "delete", "org.holdfast.agent", "K"], None),
        (&["as-user", "501", "--", DEFAULTS, "-currentHost", "delete", "d"], None),
        (&["as-user", "501", "--", DEFAULTS, "-host", "x", "delete", "d", "K"], None),
        (&["as-user", "501", "--", PMSET, "-b", "standby", "1"], None),
        (&["as-user", "501", DEFAULTS, "delete", "d", "K"], None),
        (&["as-user", "0", "--", DEFAULTS, "delete", "d", "K"], None),
        (&["as-user", "alice", "--", DEFAULTS, "delete", "d", "K"], None),
        (&[PMSET, "-a"], None),
        (&[PMSET, "-a", "standby"], None),
        (&[PMSET, "-a", "standby", "on"], None),
        (&[PMSET, "-a", "standby", "1", "womp"], None),
        (&[PMSET, "-a", "disablesleep", "1"], None),
        (&[PMSET, "-u", "standby", "1"], None),
        (&[PMSET, "-b", "destroyfvkeyonstandby", "0"], None),
        (&[PMSET, "sleepnow"], None),
        (&[FIREWALL, "--setglobalstate", "maybe"], None),
        (&[FIREWALL, "--add", "/Applications/x"], None),
        (&[FIREWALL, "--unblock", "on"], None),
        (&[LAUNCHCTL, "bootout", "system/com.apple.x"], None),
        (&[LAUNCHCTL, "bootout", "system/org.holdfast.agent"], None),
        (&[LAUNCHCTL, "bootout", "gui/501/com.x"], None),
        (&[LAUNCHCTL, "bootstrap", "system", "/Library/LaunchDaemons/x.plist"], None),
        (&[LAUNCHCTL, "bootstrap", "system", "/Library/LaunchDaemons/x.plist"], Some("file /x")),
        (&[LAUNCHCTL, "bootstrap", "system", "/tmp/x.plist"], JOB),
        (&[LAUNCHCTL, "bootstrap", "system", "/Library/LaunchDaemons/../x.plist"], JOB),
        (&[LAUNCHCTL, "bootstrap", "gui/501", "/Library/LaunchDaemons/x.plist"], JOB),
        (&[MV, "/Library/Scripts/x", aside], None),
        (&[MV, "-n", "/Library/Scripts/x", "/Library/Scripts/y"], None),
        (&[MV, "-n", aside, aside], None),
        (&[MV, "-n", aside, "/private/etc/sudoers"], None),
        (&[MV, "-n", aside, "/Library/Scripts/../../private/etc/sudoers"], None),
        (&[MV, "-n", aside, "/Library/Holdfast/bin/holdfast"], None),
        (&[MV, "-n", "/Library/Application Support/Holdfast/replaced/a/b", "/Library/Scripts/x"], None),
        (&[MV, "-n", "/Library/Application Support/Holdfast/replaced/..", "/Library/Scripts/x"], None),
        (&[CHMOD, "0700", "/Users/ada"], None),
        (&[CHMOD, "-R", "0700", "/Users/ada"], None),
        (&[CHMOD, "-h", "u+w", "/Users/ada"], None),
        (&[CHMOD, "-h", "700", "/Users/ada"], None),
        (&[CHMOD, "-h", "4755", "/Users/ada"], None),
        (&[CHMOD, "-h", "0700", "/Users"], None),
        (&[CHMOD, "-h", "0700", "/Users/ada/x"], None),
        (&[CHMOD, "-h", "0700", "/Users/.."], None),
        (&[CHMOD, "-h", "0700", "/Users/ada", "/Users/bob"], None),
        (&[CHMOD, "-h", "0666", "/private/etc/sudoers"], None),
        (&[CHOWN, "-h", "0:0", "/private/etc/sudoers"], None),
        (&[CHOWN, "-h", "0", "/private/var/audit"], None),
        (&[CHOWN, "-h", "+0:0", "/private/var/audit"], None),
        (&[CHOWN, "-h", "root:wheel", "/private/var/audit"], None),
        (&[CHOWN, "0:0", "/private/var/audit"], None),
    ] {
        assert_eq!(settings(line, of), None, "{line:?}");
    }
}

#[test]
fn the_same_setting_has_the_same_name_whichever_way_it_is_changed() {
    let aside = "/Library/Application Support/Holdfast/replaced/20260101T000000Z-x.sh";
    for (one, other, of) in [
        (
            &[DEFAULTS, "write", "/Library/Preferences/d", "K", "-int", "5"][..],
            &[DEFAULTS, "delete", "/Library/Preferences/d", "K"][..],
            None,
        ),
        (&[FIREWALL, "--setstealthmode", "on"], &[FIREWALL, "--setstealthmode", "off"], None),
        (
            &[LAUNCHCTL, "bootout", "system/com.x"],
            &[LAUNCHCTL, "bootstrap", "system", "/Library/LaunchDaemons/x.plist"],
            JOB,
        ),
        (&[MV, "-n", "/Library/Scripts/x.sh", aside], &[MV, "-n", aside, "/Library/Scripts/x.sh"], None),
        (&[PMSET, "-b", "standby", "1"], &[PMSET, "-b", "standby", "0"], None),
        (&[CHMOD, "-h", "0700", "/Users/ada"], &[CHMOD, "-h", "0755", "/Users/ada"], None),
        (&[CHOWN, "-h", "0:0", "/private/var/audit/x"], &[CHOWN, "-h", "501:20", "/private/var/audit/x"], None),
    ] {
        let (one, other) = (settings(one, None).unwrap(), settings(other, of).unwrap());
        assert_eq!((one.len(), &one), (1, &other));
    }
    let all = settings(&[PMSET, "-a", "destroyfvkeyonstandby", "1", "standby", "0"], None).unwrap();
    assert_eq!(all, ["pmset destroyfvkeyonstandby", "pmset standby (Battery Power)", "pmset standby (AC Power)"]);
}

/// What a command's one question makes of an answer.
fn holds(line: &[&str], stdout: &str) -> Option<bool> {
    let single = singles(&argv(line), None).unwrap().pop().unwrap();
    let answer = Answer::Ran(Output { status: 0, stdout: stdout.into(), stderr: Vec::new() });
    single.holds[0].read(&answer).ok()
}

#[test]
fn whether_it_is_as_the_command_leaves_it_is_seen_or_unknown() {
    let write = |kind, value| [DEFAULTS, "write", "/Library/Preferences/d", "K", kind, value];
    for (kind, value, printed, other) in [
        ("-int", "5", "5\n", "6\n"),
        ("-bool", "true", "1\n", "0\n"),
        ("-bool", "false", "0\n", "1\n"),
        ("-float", "0.5", "0.50000\n", "5\n"),
        ("-string", "a b", "a b\n", "a\n"),
    ] {
        assert_eq!(holds(&write(kind, value), printed), Some(true), "{kind} {value}");
        assert_eq!(holds(&write(kind, value), other), Some(false), "{kind} {value}");
        assert_eq!(holds(&write(kind, value), ""), None, "{kind} {value}");
    }
    assert_eq!(holds(&[DEFAULTS, "delete", "/Library/Preferences/d", "K"], "5\n"), Some(false));
    let custom = "Battery Power:\n standby              0\nAC Power:\n standby              1\n";
    assert_eq!(holds(&[PMSET, "-b", "standby", "0"], custom), Some(true));
    assert_eq!(holds(&[PMSET, "-c", "standby", "0"], custom), Some(false));
    assert_eq!(holds(&[PMSET, "-c", "powernap", "0"], custom), Some(false));
    assert_eq!(holds(&[PMSET, "-c", "standby", "0"], "x\n"), None);
    assert_eq!(holds(&[FIREWALL, "--setglobalstate", "off"], "Firewall is disabled. (State = 0)\n"), Some(true));
    assert_eq!(holds(&[FIREWALL, "--setglobalstate", "on"], "Firewall is disabled. (State = 0)\n"), Some(false));
    assert_eq!(holds(&[FIREWALL, "--setglobalstate", "on"], "Firewall\n"), None);
}

#[test]
fn one_setting_by_one_command_is_exactly_that() {
    let line = argv(&[PMSET, "-a", "standby", "1"]);
    assert!(single(&line, "pmset standby (Battery Power)").is_none());
    assert!(single(&argv(&[PMSET, "-b", "standby", "1"]), "pmset standby (Battery Power)").is_some());
    assert!(single(&argv(&[PMSET, "-b", "standby", "1"]), "pmset standby (AC Power)").is_none());
    assert!(single(&argv(&[PMSET, "-b", "standby", "+1"]), "pmset standby (Battery Power)").is_none());
}

#[test]
fn a_users_setting_is_that_users_and_is_put_back_as_that_user() {
    let line = |uid, rest: &[&str]| argv(&[&["as-user", uid, "--", DEFAULTS], rest].concat());
    let write = line("501", &["write", "d", "K", "-int", "6"]);
    let named = |line: &[String]| singles(line, None).unwrap().remove(0).setting;
    assert_eq!(named(&write), named(&line("501", &["delete", "d", "K"])));
    for other in [
        line("502", &["delete", "d", "K"]),
        line("501", &["-currentHost", "delete", "d", "K"]),
        argv(&[DEFAULTS, "delete", "/Library/Preferences/d", "K"]),
    ] {
        assert_ne!(named(&write), named(&other), "{other:?}");
    }
    let one = single(&write, "user 501: d K").unwrap();
    assert_eq!((one.change.run.line(), one.change.run.as_user), (write.clone(), Some(501)));
    let crate::mac::Ask::Run(read) = &one.holds[0].ask else { panic!("{:?}", one.holds[0].ask) };
    assert_eq!(read.line(), line("501", &["read", "d", "K"]));
    let host = line("501", &["-currentHost", "write", "d", "K", "-bool", "true"]);
    let one = single(&host, "user 501: d K on this Mac").unwrap();
    let crate::mac::Ask::Run(read) = &one.holds[0].ask else { panic!("{:?}", one.holds[0].ask) };
    assert_eq!(read.line(), line("501", &["-currentHost", "read", "d", "K"]));
    // Not written as the agent writes it.
    assert!(single(&line("0501", &["delete", "d", "K"]), "user 501: d K").is_none());
    assert!(single(&write, "user 502: d K").is_none());
}

#[test]
fn a_mode_or_an_owner_is_seen_at_the_path_and_never_through_a_link() {
    let holds = |line: &[&str], found: Option<FileStatus>| {
        let single = singles(&argv(line), None).unwrap().pop().unwrap();
        single.holds[0].read(&Answer::Status(found)).unwrap()
    };
    let status = |kind, owner, mode| Some(FileStatus { kind, owner, group: 20, mode });
    let (chmod, chown) = ([CHMOD, "-h", "0700", "/Users/ada"], [CHOWN, "-h", "501:20", "/Users/ada"]);
    assert!(holds(&chmod, status(FileKind::Folder, 501, 0o700)) && holds(&chown, status(FileKind::Folder, 501, 0o755)));
    assert!(
        !holds(&chmod, status(FileKind::Folder, 501, 0o1700)) && !holds(&chown, status(FileKind::Folder, 0, 0o700))
    );
    for none in [None, status(FileKind::Link, 501, 0o700)] {
        assert!(!holds(&chmod, none) && !holds(&chown, none), "{none:?}");
    }
}
