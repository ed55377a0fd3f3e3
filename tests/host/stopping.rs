//! An agent that is told to stop while its tools hang.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use holdfast::host::real::{LAST_START, LAST_WORK};
use holdfast::host::{Look, Real, ToolError};
use holdfast::mac::Ask;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::programs::{SLACK, is_anybody_alive_in};
use crate::{invocation, scratch, sh, unruly};

/// Sets the flag, a moment after the work has begun.
fn soon(flag: &'static AtomicBool) -> std::thread::JoinHandle<Instant> {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_millis(500));
        flag.store(true, Ordering::Relaxed);
        Instant::now()
    })
}

#[test]
fn a_tool_that_hangs_does_not_hold_up_the_end_of_the_agent() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let (_keep, folder) = scratch();
    let told = folder.join("group");
    let real = Real::new("/own".into()).stopping(&STOP);
    let set = soon(&STOP);
    let hang = invocation(&[&unruly(), "hang", told.to_str().unwrap()]).within(Duration::from_secs(50));
    let result = real.look(&Ask::Run(hang));
    let took = set.join().unwrap().elapsed();
    assert!(matches!(result, Err(ToolError::Stopped { .. })), "{result:?}");
    assert!((LAST_WORK - Duration::from_secs(1)..Duration::from_secs(7)).contains(&took), "{took:?}");
    let group: i32 = std::fs::read_to_string(&told).unwrap().parse().unwrap();
    assert!(!is_anybody_alive_in(Pid::from_raw(group)), "the tool is still there");

    // What tells how the step at hand ended may still be asked, for a while.
    let answer = real.look(&Ask::Run(sh("echo there")));
    assert!(answer.is_ok(), "{answer:?}");
    std::thread::sleep((LAST_START + Duration::from_secs(1)).saturating_sub(took));
    let answer = real.look(&Ask::Run(sh("echo there")));
    // It was never begun, so it has done nothing: another thing than one that was killed.
    assert!(
        matches!(&answer, Err(ToolError::NotStarted { command, .. }) if command.contains("echo there")),
        "{answer:?}"
    );
    assert!(answer.unwrap_err().chain().contains("told to stop"));
}

#[test]
fn a_tool_that_ends_in_time_has_its_answer_taken() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let set = soon(&STOP);
    let answer = Real::new("/own".into()).stopping(&STOP).look(&Ask::Run(sh("sleep 1.5; echo done")));
    set.join().unwrap();
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn a_tool_keeps_its_own_limit_where_that_is_shorter() {
    static STOP: AtomicBool = AtomicBool::new(true);
    let limit = Duration::from_millis(300);
    let hang = invocation(&[&unruly(), "hang-silently"]).within(limit);
    let result = Real::new("/own".into()).stopping(&STOP).look(&Ask::Run(hang));
    assert!(matches!(result, Err(ToolError::TimedOut { limit: at, .. }) if at == limit), "{result:?}");
}

/// In a process of its own, as it ends that.
#[test]
fn an_agent_that_ends_at_once_takes_its_tools_with_it() {
    let (_keep, folder) = scratch();
    let told = folder.join("group");
    let mut agent = std::process::Command::new(unruly()).args(["abandon", told.to_str().unwrap()]).spawn().unwrap();
    let began = Instant::now();
    let status = agent.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(began.elapsed() < SLACK, "{:?}", began.elapsed());
    let group: i32 = std::fs::read_to_string(&told).unwrap().parse().unwrap();
    let began = Instant::now();
    while is_anybody_alive_in(Pid::from_raw(group)) {
        if began.elapsed() > SLACK {
            kill(Pid::from_raw(-group), Signal::SIGKILL).unwrap();
            panic!("the tool is still there");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
