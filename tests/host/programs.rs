//! Programs that hang, flood, leave children, die, or are not there.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use holdfast::host::real::{CAP, GRACE};
use holdfast::host::{Look, Real, ToolError, Touch};
use holdfast::mac::{Ask, Change, Misread, Output};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::{invocation, look, scratch, sh, unruly};

/// Runs the misbehaving program with the name of a file for its group as last argument, and checks that afterwards
/// nothing of that group is left, alive or as a zombie of ours.
fn misbehave(args: &[&str], limit: Duration) -> (Result<Output, ToolError>, Duration) {
    let (_keep, folder) = scratch();
    let told = folder.join("group");
    let unruly = unruly();
    let mut argv = vec![unruly.as_str()];
    argv.extend(args);
    argv.push(told.to_str().unwrap());
    let started = Instant::now();
    let result = look(invocation(&argv).within(limit));
    let took = started.elapsed();
    let group: i32 = std::fs::read_to_string(&told).expect("the program got as far as telling").parse().unwrap();
    let group = Pid::from_raw(group);
    assert!(!is_anybody_alive_in(group), "{args:?} left something running in group {group}");
    assert!(waitpid(group, Some(WaitPidFlag::WNOHANG)).is_err(), "{args:?} left a zombie");
    (result, took)
}

/// Whether a process of the group lives. Dead ones that nobody has reaped yet do not count; a signal would still reach them on
/// Linux, where they are told by their state.
pub fn is_anybody_alive_in(group: Pid) -> bool {
    if cfg!(not(target_os = "linux")) {
        return killpg(group, None).is_ok();
    }
    let is_alive_there = |stat: String| {
        // `pid (name) state parent group ...`, and the name may hold anything.
        let after_name = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect::<Vec<_>>();
        after_name.first() != Some(&"Z") && after_name.get(2) == Some(&group.to_string().as_str())
    };
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes.filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok()).any(is_alive_there)
}

const SHORT: Duration = Duration::from_millis(700);
const LONG: Duration = Duration::from_secs(30);
/// For starting and killing on a busy machine.
pub const SLACK: Duration = Duration::from_secs(8);

#[test]
fn a_program_that_hangs_is_killed_at_its_limit() {
    let (result, took) = misbehave(&["hang"], SHORT);
    assert!(matches!(result, Err(ToolError::TimedOut { limit, .. }) if limit == SHORT), "{result:?}");
    assert!((SHORT..SHORT + SLACK).contains(&took), "{took:?}");
}

#[test]
fn a_program_that_prints_a_megabyte_and_then_hangs_is_killed_at_its_limit() {
    let (result, took) = misbehave(&["print-then-hang", &CAP.to_string()], SHORT);
    assert!(matches!(result, Err(ToolError::TimedOut { .. })), "{result:?}");
    assert!(took < SHORT + SLACK, "{took:?}");
}

#[test]
fn a_program_that_prints_too_much_is_killed_at_once() {
    for bytes in [CAP + 1, 2 * CAP] {
        let (result, took) = misbehave(&["print-then-hang", &bytes.to_string()], LONG);
        assert!(matches!(result, Err(ToolError::TooLong { cap: CAP, .. })), "{result:?}");
        assert!(took < SLACK, "{took:?}");
    }
}

#[test]
fn exactly_the_cap_is_not_too_much() {
    let (result, _) = misbehave(&["print", &CAP.to_string()], LONG);
    assert_eq!(result.unwrap().stdout.len(), CAP);
}

#[test]
fn both_streams_are_read_at_once() {
    let output = look(invocation(&[&unruly(), "print-both", "900000"])).unwrap();
    assert_eq!((output.status, output.stdout.len(), output.stderr.len()), (0, 900_000, 900_000));
}

#[test]
fn too_much_on_standard_error_counts_too() {
    let (result, took) = misbehave(&["print-errors", &(CAP + 1).to_string()], LONG);
    assert!(matches!(result, Err(ToolError::TooLong { .. })), "{result:?}");
    assert!(took < SLACK, "{took:?}");
}

#[test]
fn a_grandchild_that_keeps_the_output_open_is_killed_and_there_is_no_answer() {
    let (result, took) = misbehave(&["leave-behind", "holding"], LONG);
    let Err(ToolError::TimedOut { limit, .. }) = result else { panic!("{result:?}") };
    assert!((GRACE..LONG).contains(&limit), "{limit:?}");
    assert!((GRACE..GRACE + SLACK).contains(&took), "{took:?}");
}

#[test]
fn the_limit_holds_for_what_is_left_behind_as_well() {
    let (result, took) = misbehave(&["leave-behind", "holding"], GRACE / 2);
    assert!(matches!(result, Err(ToolError::TimedOut { limit, .. }) if limit == GRACE / 2), "{result:?}");
    assert!(took < GRACE / 2 + SLACK, "{took:?}");
}

/// Nothing can be done about such a process, but the call does not wait for it.
#[test]
fn a_grandchild_that_left_the_group_does_not_hold_the_call_up() {
    let (_keep, folder) = scratch();
    let told = folder.join("group");
    let started = Instant::now();
    let result = look(invocation(&[&unruly(), "leave-behind", "escaping", told.to_str().unwrap()]).within(LONG));
    assert!(matches!(result, Err(ToolError::TimedOut { .. })), "{result:?}");
    assert!(started.elapsed() < GRACE + SLACK, "{:?}", started.elapsed());
    let escaped: i32 = std::fs::read_to_string(&told).unwrap().parse().unwrap();
    killpg(Pid::from_raw(escaped), Signal::SIGKILL).unwrap();
}

#[test]
fn a_grandchild_that_ends_soon_may_finish_the_answer() {
    let (result, _) = misbehave(&["leave-behind", "holding-for-a-moment"], LONG);
    assert_eq!(result.unwrap().stdout, b"done\n0\n");
}

#[test]
fn a_grandchild_without_the_output_is_killed_and_the_answer_stands() {
    let (result, took) = misbehave(&["leave-behind", "quietly"], LONG);
    assert_eq!(result.unwrap().stdout, b"done\n");
    assert!(took < SLACK, "{took:?}");
}

#[test]
fn a_program_that_closes_its_output_and_hangs_is_killed_at_its_limit() {
    let (result, _) = misbehave(&["close-and-hang"], SHORT);
    assert!(matches!(result, Err(ToolError::TimedOut { .. })), "{result:?}");
}

#[test]
fn a_program_that_ignores_signals_is_killed_all_the_same() {
    let started = Instant::now();
    let result = look(sh("trap '' TERM HUP INT; while :; do sleep 60; done").within(SHORT));
    assert!(matches!(result, Err(ToolError::TimedOut { .. })), "{result:?}");
    assert!(started.elapsed() < SHORT + SLACK);
}

#[test]
fn an_end_by_signal_is_not_a_status() {
    for (name, number) in [("SIGKILL", 9), ("SIGTERM", 15), ("SIGABRT", 6)] {
        let result = look(invocation(&[&unruly(), "signal-self", name]));
        assert!(matches!(result, Err(ToolError::Signalled { signal, .. }) if signal == number), "{result:?}");
    }
}

#[test]
fn a_slow_answer_within_the_limit_is_whole() {
    let output = look(invocation(&[&unruly(), "drip", "5"])).unwrap();
    assert_eq!(output.stdout, b"0\n1\n2\n3\n4\n");
}

#[test]
fn a_slow_answer_does_not_stretch_the_limit() {
    let result = look(invocation(&[&unruly(), "drip", "600"]).within(SHORT));
    assert!(matches!(result, Err(ToolError::TimedOut { .. })), "{result:?}");
}

#[test]
fn status_and_streams_are_given_as_they_came() {
    let output = look(sh("echo out; echo err >&2; exit 3")).unwrap();
    assert_eq!(output, Output { status: 3, stdout: b"out\n".to_vec(), stderr: b"err\n".to_vec() });
}

#[test]
fn arguments_are_not_a_shell_line() {
    let output = look(invocation(&["/bin/sh", "-c", "printf '%s|' \"$@\"", "sh", "a b", "", "$HOME `id` ; *", "'"]));
    assert_eq!(output.unwrap().stdout, b"a b||$HOME `id` ; *|'|");
}

/// Through a process of its own, whose environment the test can poison without touching its own.
#[test]
fn a_program_gets_the_stated_environment_and_nothing_else() {
    let (_keep, folder) = scratch();
    let unruly = unruly();
    // What the tests themselves were started with passes through every program that stands between.
    let plain = Command::new(&unruly).arg("report").output().unwrap();
    let given = String::from_utf8(plain.stdout).unwrap().lines().next().unwrap().to_owned();
    let mut poisoned = Command::new(&unruly);
    poisoned.args(["door", &unruly, "report"]).current_dir(&folder);
    poisoned.stdin(std::fs::File::open(&unruly).unwrap());
    for name in [
        "PATH",
        "TMPDIR",
        "HOME",
        "LC_ALL",
        "LANG",
        "IFS",
        "BASH_ENV",
        "ENV",
        "CFFIXED_USER_HOME",
        "__CF_USER_TEXT_ENCODING",
    ] {
        poisoned.env(name, &folder);
    }
    for name in ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH", "LD_AUDIT_LIKE"] {
        poisoned.env(name, "");
    }
    let reported = poisoned.output().unwrap();
    let expected = "\n\
                    folder /\n\
                    leads its group true\n\
                    standard input 0 bytes\n\
                    env \"LANG\"=\"C\"\n\
                    env \"LC_ALL\"=\"C\"\n\
                    env \"PATH\"=\"/usr/bin:/bin:/usr/sbin:/sbin\"\n";
    assert_eq!(String::from_utf8_lossy(&reported.stderr), "");
    assert_eq!(String::from_utf8_lossy(&reported.stdout), given + expected);
}

#[test]
fn many_threads_at_once_each_get_their_own_whole_answer() {
    let unruly = unruly();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let unruly = &unruly;
            scope.spawn(move || {
                for _ in 0..10 {
                    // A pipe that leaked into a sibling would keep this from ending before its limit.
                    let output = look(sh(&format!("echo {n}; echo {n} >&2; exit {n}"))).unwrap();
                    let line = format!("{n}\n").into_bytes();
                    assert_eq!(output, Output { status: n, stdout: line.clone(), stderr: line });
                }
                let hung = look(invocation(&[unruly, "hang-silently"]).within(SHORT));
                assert!(matches!(hung, Err(ToolError::TimedOut { .. })), "{hung:?}");
            });
        }
    });
}

#[test]
fn what_cannot_be_started_is_told_apart() {
    let (_keep, folder) = scratch();
    let file = |name: &str, content: &str, mode| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let missing = look(invocation(&["/nonexistent/tool", "-x"]));
    assert!(
        matches!(&missing, Err(ToolError::Missing { command }) if command == "/nonexistent/tool -x"),
        "{missing:?}"
    );
    let others = [
        "sh".to_owned(),
        "./sh".to_owned(),
        String::new(),
        folder.to_str().unwrap().to_owned(),
        file("plain", "#!/bin/sh\n", 0o644),
        file("lost", "#!/nonexistent/interpreter\n", 0o755),
        "/bin/sh\0x".to_owned(),
    ];
    for program in others {
        let result = look(invocation(&[&program]));
        assert!(matches!(result, Err(ToolError::NotStarted { .. })), "{program:?}: {result:?}");
    }
    let nothing = look(invocation(&[]));
    assert!(matches!(nothing, Err(ToolError::NotStarted { .. })), "{nothing:?}");
}

#[test]
fn a_users_missing_program_is_missing_and_not_the_launchers_fault() {
    let run = invocation(&["/nonexistent/tool"]).as_user(501);
    let result = Real::new("/nonexistent/holdfast".into()).look(&Ask::Run(run));
    assert!(
        matches!(&result, Err(ToolError::Missing { command }) if command == "[as uid 501] /nonexistent/tool"),
        "{result:?}"
    );
}

#[test]
fn a_relative_path_to_ourselves_is_refused() {
    let run = invocation(&["/bin/sh"]).as_user(501);
    let result = Real::new("holdfast".into()).look(&Ask::Run(run));
    assert!(matches!(result, Err(ToolError::NotStarted { .. })), "{result:?}");
}

#[test]
fn a_change_is_judged_by_its_own_reader() {
    fn read(output: &Output) -> Result<(), Misread> {
        match output.stdout()? {
            "ok\n" => Ok(()),
            "managed\n" => Err(Misread::managed("by a profile")),
            other => Err(Misread::new("ok", other)),
        }
    }
    let touch = |script: &str| Real::new("/own".into()).touch(&Change { run: sh(script), read });
    touch("echo ok").unwrap();
    assert!(matches!(touch("echo managed; exit 1"), Err(ToolError::Managed { .. })));
    assert!(matches!(touch("echo no; exit 4"), Err(ToolError::Misread { status: Some(4), .. })));
    assert!(matches!(touch("kill -9 $$"), Err(ToolError::Signalled { signal: 9, .. })));
}
