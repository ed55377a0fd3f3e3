//! A launchd that is slow, stubborn or not understood, a signal, and folders that cannot be written.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use holdfast::agent::uninstall::{Doors, UninstallError, Wanted};
use holdfast::agent::{Agent, Places};
use holdfast::clock::SystemClock;
use holdfast::controls;
use holdfast::host::{Look, ToolError};
use holdfast::installed::{FILES, LABEL};
use holdfast::ledger::Cause;
use holdfast::mac::{Answer, Ask, Output};
use holdfast::report::removal::{Fate, Item};
use holdfast::sim::SimMac;

use crate::stage::{Ended, Stage};

const MAC: &str = "neglected@arm-laptop-26";

/// A Mac whose launchd says for so many looks that it has the job, or something that is not understood.
struct Launchd<'a> {
    mac: &'a SimMac,
    looks: AtomicUsize,
    garbled: bool,
}

impl Look for Launchd<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let said = |stdout: String| Ok(Answer::Ran(Output { status: 0, stdout: stdout.into(), stderr: Vec::new() }));
        match ask {
            Ask::Run(run) if run.argv[1..] == ["print".to_owned(), format!("system/{LABEL}")] => {
                let left = self.looks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                match left {
                    _ if self.garbled => said("something else\n".to_owned()),
                    Ok(_) => said(format!("system/{LABEL} = {{\n\tstate = SIGTERMed\n\tpid = 42\n}}\n")),
                    Err(_) => self.mac.look(ask),
                }
            }
            _ => self.mac.look(ask),
        }
    }
}

/// Uninstalls with such a launchd. How often it paused, and what it came to.
fn uninstall(stage: &Stage, looks: usize, garbled: bool, stop: bool) -> (usize, Result<Vec<Item>, UninstallError>) {
    let launchd = Launchd { mac: &stage.mac, looks: looks.into(), garbled };
    let stop = AtomicBool::new(stop);
    let agent = Agent {
        look: &launchd,
        touch: &stage.mac,
        clock: &SystemClock,
        places: Places::under(stage.home.path()),
        simulated: Some(MAC.into()),
        cause: Cause { kind: "command_line".into(), user: None, detail: None },
        catalogue: controls::all(),
        instead: holdfast::policy::Instead::NOTHING,
        stop: &stop,
    };
    let paused = Cell::new(0);
    let mut doors =
        Doors { keep_out: &mut |_: &Path| Ok(()), pause: &|| paused.set(paused.get() + 1), waiting: &|| {} };
    let done = agent.uninstall(Wanted::default(), &mut doors);
    (paused.get(), done)
}

fn left(items: &[Item]) -> Vec<&str> {
    let left = items.iter().filter(|item| matches!(item.became, Fate::Left { .. }));
    left.map(|item| item.what.as_str()).collect()
}

#[test]
fn it_waits_for_a_slow_launchd_and_removes_nothing_under_a_stubborn_one() {
    for slow in [1, 2, 20, 60] {
        let stage = Stage::installed(MAC);
        let (paused, done) = uninstall(&stage, slow, false, false);
        assert_eq!((paused, left(&done.unwrap()).len()), (slow - 1, 0), "{slow}");
    }
    let stage = Stage::installed(MAC);
    let before = stage.tree();
    let (paused, done) = uninstall(&stage, usize::MAX, false, false);
    assert!(matches!(done, Err(UninstallError::Runs(why)) if why.contains(LABEL)));
    assert_eq!((paused, stage.tree()), (60, before));
}

#[test]
fn a_launchd_that_is_not_understood_is_told_and_the_lock_decides() {
    let stage = Stage::installed(MAC);
    let (_, done) = uninstall(&stage, 0, true, false);
    assert_eq!(left(&done.unwrap()), [format!("launchd job {LABEL}")]);
    assert!(FILES.iter().all(|(file, _)| !stage.is_there(file)));
}

#[test]
fn told_to_stop_it_removes_nothing() {
    let stage = Stage::installed(MAC);
    let before = stage.tree();
    let (_, done) = uninstall(&stage, 0, false, true);
    assert!(matches!(done, Err(UninstallError::Interrupted)));
    assert_eq!(stage.tree(), before);
}

/// Gives everything below `folder` to `uid`.
fn give(folder: &Path, uid: u32) {
    let id = Some(nix::unistd::Uid::from_raw(uid));
    nix::unistd::chown(folder, id, None).unwrap();
    if folder.is_dir() {
        fs::read_dir(folder).unwrap().for_each(|entry| give(&entry.unwrap().path(), uid));
    }
}

/// Root may write everywhere, so somebody else runs this one.
#[test]
fn what_lies_in_a_folder_that_cannot_be_written_stays_and_is_named() {
    use std::os::unix::process::CommandExt;
    let stage = Stage::installed(MAC);
    let program = stage.home.path().join("program");
    fs::copy(env!("CARGO_BIN_EXE_holdfast"), &program).unwrap();
    let closed = "/Library/Holdfast/share/doc";
    fs::set_permissions(stage.home.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(&program);
    command.env_clear().arg("--sim-dir").arg(stage.home.path()).arg("uninstall");
    if nix::unistd::geteuid().is_root() {
        give(stage.home.path(), 4242);
        command.uid(4242).gid(4242);
    }
    fs::set_permissions(stage.at(closed), PermissionsExt::from_mode(0o555)).unwrap();
    let ended = Ended::from(command.output().unwrap());
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.words().contains("LEFT /Library/Holdfast/share/doc/LICENSE could not be removed"), "{}", ended.out);
    assert!(stage.is_there("/Library/Holdfast/share/doc/LICENSE"));
    assert!(!stage.is_there("/Library/Holdfast/bin/holdfast") && !stage.is_there(FILES[0].0));
}
