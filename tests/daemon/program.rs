//! The program, started as launchd starts it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::stage::{POLICY, lines, list, put};

const UPDATE: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
/// On a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(60);

struct Daemon {
    child: Child,
    dir: PathBuf,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.args(["--simulate", "hardened", "--sim-dir"]).arg(dir).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

impl Daemon {
    /// One that has made its first pass.
    fn start(dir: &Path) -> Self {
        let daemon = Self { child: command(dir, &["daemon"]).spawn().unwrap(), dir: dir.to_owned() };
        daemon.until("the first pass", |lines| ends(lines) > 0);
        daemon
    }

    /// Waits until the ledger says so.
    fn until(&self, what: &str, is_so: impl Fn(&[Value]) -> bool) -> Duration {
        let began = Instant::now();
        while !is_so(&lines(&self.dir)) {
            assert!(began.elapsed() < SLACK, "{what} does not come: {:#?}", lines(&self.dir).last());
            std::thread::sleep(Duration::from_millis(20));
        }
        began.elapsed()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// How it ended, what it said, and how long that took.
    fn end(mut self) -> (Option<i32>, String, Duration) {
        let began = Instant::now();
        let status = self.child.wait().unwrap();
        let took = began.elapsed();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said, took)
    }
}

fn ends(lines: &[Value]) -> usize {
    lines.iter().filter(|line| line["event"] == "run_ended").count()
}

fn fixes(lines: &[Value]) -> usize {
    lines.iter().filter(|line| line["event"] == "fixed" && line["control"] == "update_config_data").count()
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("mac");
    (home, dir)
}

fn weaken(dir: &Path) {
    let path = dir.join(UPDATE.trim_start_matches('/'));
    let mut content: plist::Dictionary = plist::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
    content.insert("ConfigDataInstall".into(), false.into());
    let mut text = Vec::new();
    plist::to_writer_xml(&mut text, &content).unwrap();
    put(dir, UPDATE, &String::from_utf8(text).unwrap());
}

#[test]
fn it_mends_within_seconds_and_ends_when_told_to() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (_home, dir) = scratch();
        let daemon = Daemon::start(&dir);
        for n in 1..=2 {
            let before = fixes(&lines(&dir));
            weaken(&dir);
            // The second one waits for as long as policy says.
            let took = daemon.until("the mend", |lines| fixes(lines) > before);
            assert!(took < Duration::from_secs(if n == 1 { 8 } else { 25 }), "{took:?}");
        }
        daemon.signal(signal);
        let (status, said, took) = daemon.end();
        assert_eq!(status, Some(0), "{said}");
        assert_eq!(said, "", "quiet by default");
        assert!(took < Duration::from_secs(10), "{took:?}");
        let last = lines(&dir).pop().unwrap();
        assert_eq!((&last["event"], &last["because"]), (&"daemon_stopped".into(), &signal.as_str().into()));
        let verified = run(&dir, &["log", "verify"]);
        assert!(verified.status.success(), "{verified:?}");
        let alive: Value = serde_json::from_slice(
            &std::fs::read(dir.join("Library/Application Support/Holdfast/alive.json")).unwrap(),
        )
        .unwrap();
        assert_eq!(alive["stopped"], true);
    }
}

#[test]
fn a_new_policy_takes_effect_without_a_restart() {
    let (_home, dir) = scratch();
    let daemon = Daemon::start(&dir);
    let policy = list("<key>Level</key><integer>3</integer>");
    put(&dir, POLICY, &policy);
    daemon.until("the pass for the new policy", |lines| {
        lines.iter().any(|line| line["cause"]["detail"] == "the policy changed")
    });
    // Its last good copy is used where it goes bad, which is no reason to end.
    put(&dir, POLICY, &policy[..60]);
    daemon.until("the problem", |lines| lines.iter().any(|line| line["event"] == "policy_problem"));
    daemon.signal(Signal::SIGHUP);
    let before = fixes(&lines(&dir));
    weaken(&dir);
    daemon.until("the mend", |lines| fixes(lines) > before);
    daemon.signal(Signal::SIGTERM);
    let (status, said, _) = daemon.end();
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn a_second_daemon_says_who_runs_and_a_pass_by_hand_goes_well_with_it() {
    let (_home, dir) = scratch();
    let daemon = Daemon::start(&dir);
    let second = run(&dir, &["daemon"]);
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains(&format!("another daemon runs (process {})", daemon.child.id())), "{said}");
    for _ in 0..3 {
        weaken(&dir);
        let by_hand = run(&dir, &["enforce"]);
        assert!(matches!(by_hand.status.code(), Some(0 | 3)), "{by_hand:?}");
    }
    daemon.signal(Signal::SIGTERM);
    let (status, said, _) = daemon.end();
    assert_eq!(status, Some(0), "{said}");
    let verified = run(&dir, &["log", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
    // The lock went with the process.
    let daemon = Daemon { child: command(&dir, &["daemon"]).spawn().unwrap(), dir: dir.clone() };
    daemon.until("another life", |lines| lines.iter().filter(|line| line["event"] == "daemon_started").count() == 2);
    daemon.signal(Signal::SIGKILL);
    let (status, ..) = daemon.end();
    assert_eq!(status, None);
    let daemon = Daemon::start(&dir);
    daemon.until("a third life", |lines| lines.iter().filter(|line| line["event"] == "daemon_started").count() == 3);
}

#[test]
fn it_does_not_run_where_others_could_exchange_what_it_relies_on() {
    use std::os::unix::fs::PermissionsExt;
    let (_home, dir) = scratch();
    assert!(run(&dir, &["enforce"]).status.success());
    let places = [
        "Library",
        "Library/Logs",
        "Library/Logs/Holdfast",
        "Library/Application Support",
        "Library/Application Support/Holdfast",
        "Library/Preferences",
        "Library/Managed Preferences",
        "Library/Managed Preferences/org.holdfast.agent.plist",
    ];
    put(&dir, POLICY, &list(""));
    for place in places {
        let path = dir.join(place);
        let sound = path.metadata().unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o777)).unwrap();
        let refused = run(&dir, &["daemon"]);
        assert_eq!(refused.status.code(), Some(1), "{place}");
        let shown = dir.canonicalize().unwrap().join(place).display().to_string();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(&format!("{shown}: belongs to uid")) && said.contains("0777"), "{said}");
        let doctor = String::from_utf8(run(&dir, &["doctor", "--json"]).stdout).unwrap();
        assert!(doctor.contains(&format!("{shown}: belongs to uid")), "{doctor}");
        std::fs::set_permissions(&path, sound).unwrap();
    }
}
