//! The daemon killed at random moments of its passes and sign-outs, life after life: each life finds the Mac set back, and
//! often a start of the Mac to sign out after. Whatever the moment, the evidence is whole and says no more than was done.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use chrono::{DateTime, Local};
use holdfast::agent::{Agent, Places};
use holdfast::clock::SystemClock;
use holdfast::controls;
use holdfast::host::Look;
use holdfast::ledger::Cause;
use holdfast::ledger::verify::verify;
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::policy::Policy;
use holdfast::sign_out::Record;
use holdfast::sim::state::Firewall;
use holdfast::sim::{self, Mac, SimMac, World};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use crate::stage::{POLICY, lines, list, put};

/// Macs, each with so many lives that are killed.
const MACS: u64 = 25;
const LIVES: usize = 8;
/// How many Macs live at the same time.
const AT_ONCE: usize = 4;
/// Set to a number, it is the seed of all that is random; else the seed is another one each time.
const SEED: &str = "HOLDFAST_TEST_SEED";
/// What follows a pass has begun within this.
const REST: Duration = Duration::from_millis(200);
/// For what has to happen on a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(60);
const UPDATE: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
const SCREENSAVER: &str = "/Library/Preferences/com.apple.screensaver.plist";
const COMMERCE: &str = "/Library/Preferences/com.apple.commerce.plist";

/// What is set back, one after the other: a key of a file, or a part of the state.
const DRIFTS: [&str; LIVES] = [
    "ConfigDataInstall",
    "CriticalUpdateInstall",
    "AutomaticDownload",
    "AutomaticallyInstallMacOSUpdates",
    "loginWindowIdleTime",
    "AutoUpdate",
    "firewall",
    "power",
];

/// Numbers that the seed alone decides.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One time in so many.
    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
}

/// At what a kill aims.
#[derive(Clone, Copy, Debug)]
enum Aim {
    /// Any moment of the life.
    Any,
    /// A moment after the ledger has a new line with that in it.
    Line(&'static str),
    /// The moment after a tool has changed something.
    Change,
    /// The moment after Jamf Trust was handed a request.
    Request,
}

/// One Mac and its lives.
struct Lives {
    _home: tempfile::TempDir,
    dir: PathBuf,
    origin: &'static str,
    mac: SimMac,
    chance: Chance,
    drifts: Vec<&'static str>,
    /// What is said where something is wrong.
    title: String,
    /// To whom requests were delivered in each boot session that is over.
    over: Vec<(String, Vec<String>)>,
}

/// What the kills fell into.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    /// Kills of a living daemon.
    alive: usize,
    /// Passes that had announced a change and were not at their end.
    passes: usize,
    /// Sign-outs whose end was not on record.
    sign_outs: usize,
    /// Sign-outs that were delivered.
    delivered: usize,
}

impl Display for Lives {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}, in {}", self.title, self.dir.display())
    }
}

/// Ends with the test, however that ends.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_default()
}

/// How often `wanted` is among them.
fn count<T: PartialEq>(all: &[T], wanted: &T) -> usize {
    all.iter().filter(|one| *one == wanted).count()
}

impl Lives {
    fn new(seed: u64, n: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(1_000_003).wrapping_add(n));
        let origin = if n.is_multiple_of(2) { "hardened" } else { "neglected" };
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().canonicalize().unwrap().join("mac");
        let (world, model) = sim::parse(origin).unwrap();
        let mac = SimMac::create(&dir, world, model).unwrap();
        put(
            &dir,
            POLICY,
            &list(
                "<key>Level</key><integer>3</integer>\
                 <key>Contested</key><dict><key>FirstDelay</key><integer>1</integer></dict>\
                 <key>SignOut</key><dict><key>AtBoot</key><true/><key>LoginDelay</key><integer>0</integer>\
                 <key>MinimumGap</key><integer>0</integer><key>RetryWindow</key><integer>0</integer>\
                 <key>ConfirmWithin</key><integer>1</integer></dict>",
            ),
        );
        let mut drifts = DRIFTS.to_vec();
        drifts.sort_by_cached_key(|_| chance.next());
        Self { _home: home, dir, origin, mac, chance, drifts, title: format!("seed {seed}, Mac {n}"), over: Vec::new() }
    }

    fn agent<'a>(&'a self, stop: &'a AtomicBool) -> Agent<'a> {
        Agent {
            look: &self.mac,
            touch: &self.mac,
            clock: &SystemClock,
            places: Places::under(&self.dir),
            simulated: Some(self.mac.origin()),
            cause: Cause { kind: "command_line".into(), user: None, detail: None },
            catalogue: controls::all(),
            level: None,
            stop,
        }
    }

    /// The state of every control, by its id.
    fn states(&self) -> BTreeMap<&'static str, &'static str> {
        let run = self.agent(&AtomicBool::new(false)).check();
        run.summary.lines.iter().map(|line| (line.control.id, line.outcome.word())).collect()
    }

    /// Opens the ledger as the next life does, which marks what was cut short.
    fn open_ledger(&self) {
        let stop = AtomicBool::new(false);
        let agent = self.agent(&stop);
        let policy = Policy::built_in(&[]);
        let mut journal = agent.journal(&policy);
        Record::history(&mut journal).unwrap_or_else(|error| panic!("{self}: {error}"));
        journal.close().unwrap();
    }

    /// Between two lives somebody sets something back, and the Mac may be started anew.
    fn meanwhile(&mut self) {
        let neglected = SimMac::in_memory(World::Neglected, Mac::default());
        let weak = neglected.state();
        match self.drifts.pop() {
            // What is only looked at stays as it is.
            Some("firewall") => self
                .mac
                .edit(|state| state.firewall = Firewall { block_all: state.firewall.block_all, ..weak.firewall })
                .unwrap(),
            Some("power") => self.mac.edit(|state| state.power.sources = weak.power.sources).unwrap(),
            Some("loginWindowIdleTime") => {
                self.set_back(&neglected, "/Library/Preferences/com.apple.screensaver.plist", "loginWindowIdleTime")
            }
            Some("AutoUpdate") => {
                self.set_back(&neglected, "/Library/Preferences/com.apple.commerce.plist", "AutoUpdate");
            }
            Some(key) => self.set_back(&neglected, UPDATE, key),
            None => {}
        }
        let refuses = self.chance.one_in(5).then(|| "The app is busy.".to_owned());
        let (ignores, bob, nobody) = (self.chance.one_in(4), self.chance.one_in(3), self.chance.one_in(8));
        if !self.chance.one_in(4) {
            self.start_anew();
            self.mac.edit(|state| state.jamf_trust.vpn = Some("Connected".into())).unwrap();
        }
        self.mac
            .edit(|state| {
                if bob {
                    state.log_in("bob");
                }
                if !nobody {
                    state.log_in("alice");
                }
                (state.jamf_trust.refuses, state.jamf_trust.ignores) = (refuses, ignores);
            })
            .unwrap();
    }

    /// Another boot session, with nobody logged in.
    fn start_anew(&mut self) {
        let state = self.mac.state();
        self.over.push((state.hardware.boot_session, state.jamf_trust.delivered));
        self.mac.reboot().unwrap();
        self.mac.edit(|state| state.jamf_trust.delivered.clear()).unwrap();
    }

    fn set_back(&self, neglected: &SimMac, path: &str, key: &str) {
        let content = |mac: &SimMac| match mac.look(&Ask::File(path.into())).unwrap() {
            Answer::File(FileAnswer::Present { bytes, .. }) => plist::from_bytes(&bytes).unwrap(),
            _ => plist::Dictionary::new(),
        };
        let mut file = content(&self.mac);
        match content(neglected).remove(key) {
            Some(value) => _ = file.insert(key.to_owned(), value),
            None => _ = file.remove(key),
        }
        self.mac.put_file(path, Some(file)).unwrap();
    }

    /// The daemon, in a process group of its own.
    fn start(&self) -> Daemon {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.args(["--simulate", self.origin, "--sim-dir"]).arg(&self.dir).arg("daemon");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        Daemon(command.spawn().unwrap())
    }

    /// Whether what a kill aims at has come, seen from how things are now.
    fn sight(&self, aim: Aim) -> Box<dyn Fn() -> bool> {
        let read = |path: PathBuf| move || std::fs::read(&path).unwrap_or_default();
        match aim {
            Aim::Any => Box::new(|| true),
            Aim::Line(part) => {
                let ledger = self.dir.join("Library/Logs/Holdfast/compliance.ndjson");
                let had = ledger.metadata().map_or(0, |found| found.len());
                Box::new(move || {
                    let mut new = Vec::new();
                    let _ = File::open(&ledger).and_then(|mut file| {
                        file.seek(SeekFrom::Start(had))?;
                        file.read_to_end(&mut new)
                    });
                    String::from_utf8_lossy(&new).contains(part)
                })
            }
            Aim::Change => {
                let files =
                    ["mac.json", UPDATE, SCREENSAVER, COMMERCE].map(|path| self.dir.join(path.trim_matches('/')));
                let now = move || files.each_ref().map(|path| std::fs::read(path).unwrap_or_default());
                let before = now();
                Box::new(move || now() != before)
            }
            Aim::Request => {
                let state = read(self.dir.join("mac.json"));
                let handed = move || {
                    let state: Value = serde_json::from_slice(&state()).unwrap_or_default();
                    state["jamf_trust"]["delivered"].as_array().map_or(0, Vec::len)
                };
                let before = handed();
                Box::new(move || handed() > before)
            }
        }
    }

    /// Lets a daemon live until `delay` after the moment has come, or until it has come to rest without. Returns whether it was
    /// still alive then, and what it said.
    fn live(&self, aim: Aim, delay: Duration) -> (bool, String) {
        let (has_come, pass_is_over) = (self.sight(aim), self.sight(Aim::Line("\"run_ended\"")));
        let mut daemon = self.start();
        let (began, mut over) = (Instant::now(), None);
        while !has_come() && over.is_none_or(|over: Instant| over.elapsed() < REST) {
            assert!(began.elapsed() < SLACK, "{self}: no pass is made");
            if over.is_none() && pass_is_over() {
                over = Some(Instant::now());
            }
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(delay);
        daemon.0.kill().unwrap();
        let status = daemon.0.wait().unwrap();
        let mut said = String::new();
        daemon.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        // Nobody of its process group is left.
        let group = Pid::from_raw(i32::try_from(daemon.0.id()).unwrap());
        assert_eq!(killpg(group, None), Err(Errno::ESRCH), "{self}: a stray process");
        (status.code().is_none(), said)
    }

    /// One life that is killed, and all that must hold after it.
    fn one(&mut self, aim: Aim, delay: Duration, met: &mut Met) {
        let (states, had) = (self.states(), lines(&self.dir).len());
        let (was_alive, said) = self.live(aim, delay);
        assert_eq!((was_alive, said.as_str()), (true, ""), "{self}");
        met.alive += 1;
        self.nothing_twice();
        let ledger = lines(&self.dir);
        let new = &ledger[had.min(ledger.len())..];
        let intended = |id: &str| new.iter().any(|line| line["event"] == "intends" && text(line, "control") == id);
        for (id, state) in self.states() {
            let before = states[id];
            assert!(before == state || intended(id), "{self}: {id} went from {before} to {state} without a word");
        }
        let last = |wanted: &dyn Fn(&str) -> bool| new.iter().rev().map(|line| text(line, "event")).find(|e| wanted(e));
        met.passes += usize::from(last(&|e| matches!(e, "intends" | "run_ended")) == Some("intends"));
        met.sign_outs += usize::from(
            new.iter()
                .rfind(|line| line["event"] == "sign_out")
                .is_some_and(|line| matches!(text(line, "stage"), "requested" | "delivered")),
        );
        self.open_ledger();
        self.is_whole();
    }

    fn is_whole(&self) {
        let places = Places::under(&self.dir);
        let report = verify(&places.ledger(), &places.head()).unwrap();
        assert!(report.ok, "{self}: {:?}", report.problems);
    }

    /// Nobody was signed out twice for one start of the Mac, was asked again without a refusal, or has a line too many.
    fn nothing_twice(&self) {
        let ledger = lines(&self.dir);
        assert!(!ledger.iter().any(|line| line["event"] == "crashed"), "{self}");
        let state = self.mac.state();
        let now = (state.hardware.boot_session, state.jamf_trust.delivered);
        let sessions: Vec<&(String, Vec<String>)> = self.over.iter().chain([&now]).collect();
        let steps: Vec<&Value> = ledger.iter().filter(|line| line["event"] == "sign_out").collect();
        for (boot, handed) in &sessions {
            for user in ["alice", "bob"] {
                let stages: Vec<&str> = steps
                    .iter()
                    .filter(|line| text(line, "boot") == boot && text(line, "user") == user)
                    .map(|line| text(line, "stage"))
                    .collect();
                let handed = count(handed, &user.to_owned());
                let at = format!("{self}, start {boot}, {user}, handed over {handed} times: {stages:?}");
                assert!(handed <= 1, "{at}");
                assert!(count(&stages, &"delivered") <= handed, "{at}");
                assert!(count(&stages, &"requested") >= handed, "{at}");
                for (n, stage) in stages.iter().enumerate() {
                    let before = n.checked_sub(1).map(|n| stages[n]);
                    let is_over = matches!(before, Some("requested" | "delivered" | "confirmed"));
                    assert!(*stage != "requested" || !is_over, "{at}");
                }
            }
        }
        let unknown = steps.iter().find(|line| !sessions.iter().any(|(boot, _)| boot == text(line, "boot")));
        assert_eq!(unknown, None, "{self}");

        let (log, delivered) = (self.log(), self.delivered());
        for time in &log {
            assert!(count(&log, time) <= count(&delivered, time), "{self}: {log:?} of {delivered:?}");
        }
    }

    /// The times in the compatibility log.
    fn log(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.dir.join("Library/Logs/JamfTrustSignOut.log")).unwrap_or_default();
        assert!(log.is_empty() || log.ends_with('\n'), "{self}: {log:?}");
        let time = |line: &str| {
            let time = line.strip_prefix("Automatically signed out out of Jamf Trust at ");
            time.unwrap_or_else(|| panic!("{self}: {line:?}")).to_owned()
        };
        log.lines().map(time).collect()
    }

    /// When sign-outs were delivered according to the ledger, as the log has it.
    fn delivered(&self) -> Vec<String> {
        let time = |line: &Value| {
            let time: DateTime<Local> = text(line, "time").parse().unwrap();
            time.format("%Y-%m-%d %H:%M:%S").to_string()
        };
        lines(&self.dir).iter().filter(|line| line["stage"] == "delivered").map(time).collect()
    }

    /// A last life, which nobody kills: everything comes to its end.
    fn last(&mut self, strong: &BTreeMap<&'static str, &'static str>) -> usize {
        self.start_anew();
        self.mac
            .edit(|state| {
                // Both, as each user's settings are changed in a session of that user's.
                state.log_in("bob");
                state.log_in("alice");
                state.jamf_trust.vpn = Some("Connected".into());
                (state.jamf_trust.refuses, state.jamf_trust.ignores) = (None, false);
            })
            .unwrap();
        let boot = self.mac.state().hardware.boot_session;
        // Given up where a life before it was refused: to this daemon all are for one start, that of the machine below.
        let is_end = |line: &Value| {
            text(line, "boot") == boot
                && line["user"] == "alice"
                && matches!(text(line, "stage"), "confirmed" | "given_up")
        };
        let mut daemon = self.start();
        let began = Instant::now();
        while self.states() != *strong || !lines(&self.dir).iter().any(is_end) {
            let now = self.states();
            let left: Vec<_> = now.iter().filter(|(id, state)| strong[*id] != **state).collect();
            assert!(began.elapsed() < SLACK, "{self}: the last life does not converge: {left:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        kill(Pid::from_raw(i32::try_from(daemon.0.id()).unwrap()), Signal::SIGTERM).unwrap();
        assert_eq!(daemon.0.wait().unwrap().code(), Some(0), "{self}");
        self.is_whole();
        self.nothing_twice();
        // What was delivered has its line, be it that a later life wrote it.
        let (log, delivered) = (self.log(), self.delivered());
        for time in &delivered {
            assert!(log.contains(time), "{self}: {log:?} of {delivered:?}");
        }
        delivered.len()
    }
}

/// The states that a calm life leads to, and how long it takes to get there.
fn calm(n: u64) -> (BTreeMap<&'static str, &'static str>, Duration) {
    let lives = Lives::new(0, n);
    let began = Instant::now();
    let _daemon = lives.start();
    while !lines(&lives.dir).iter().any(|line| line["event"] == "run_ended") {
        assert!(began.elapsed() < SLACK, "{lives}: no pass is made");
        std::thread::sleep(Duration::from_millis(5));
    }
    (lives.states(), began.elapsed())
}

#[test]
fn killed_at_any_moment_it_signs_out_once_and_leaves_the_truth_behind() {
    let seed = std::env::var(SEED).map_or_else(|_| RandomState::new().hash_one(0), |seed| seed.parse().unwrap());
    println!("{SEED}={seed}");
    let calm = [calm(0), calm(1)];
    let left: Mutex<Vec<u64>> = Mutex::new((0..MACS).collect());
    let all = Mutex::new(Met::default());
    let work = || {
        while let Some(n) = { left.lock().unwrap().pop() } {
            let (strong, length) = &calm[usize::from(!n.is_multiple_of(2))];
            let mut lives = Lives::new(seed, n);
            let mut met = Met::default();
            for _ in 0..LIVES {
                lives.meanwhile();
                let (aim, longest) = match lives.chance.next() % 8 {
                    0 | 1 => (Aim::Any, length.mul_f64(1.3)),
                    2 => (Aim::Change, Duration::ZERO),
                    3 => (Aim::Request, Duration::ZERO),
                    4 | 5 => (Aim::Line("\"intends\""), Duration::from_millis(8)),
                    _ => (Aim::Line("\"requested\""), Duration::from_millis(20)),
                };
                let share = (lives.chance.next() >> 11) as f64 / (1_u64 << 53) as f64;
                lives.one(aim, longest.mul_f64(share), &mut met);
            }
            met.delivered = lives.last(strong);
            let mut all = all.lock().unwrap();
            all.alive += met.alive;
            all.passes += met.passes;
            all.sign_outs += met.sign_outs;
            all.delivered += met.delivered;
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    // The test is worth something only where kills did fall into passes and sign-outs.
    let met = *all.lock().unwrap();
    println!("{met:?}");
    assert_eq!(met.alive, 200);
    assert!(met.passes >= 10 && met.sign_outs >= 10 && met.delivered >= 50, "{met:?}");
}
