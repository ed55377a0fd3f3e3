//! A simulated Mac in a folder, a clock that the test moves, and the daemon's core on both.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::London;
use chrono_tz::Tz;
use holdfast::agent::{Agent, Places};
use holdfast::clock::{Clock, Moment};
use holdfast::controls;
use holdfast::daemon::Core;
use holdfast::daemon::events::Happened;
use holdfast::host::{Look, ToolError};
use holdfast::ledger::Cause;
use holdfast::ledger::verify::verify;
use holdfast::mac::{Answer, Ask};
use holdfast::sign_out::notice::Scripted;
use holdfast::sim::{self, SimMac};
use serde_json::Value;

/// Where the property lists of policy are on the Mac.
pub const POLICY: &str = "/Library/Managed Preferences/org.holdfast.agent.plist";

const LEDGER: &str = "Library/Logs/Holdfast/compliance.ndjson";

/// Clocks that only the test moves.
pub struct Hands(Mutex<Moment>);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        self.moment().wall
    }

    fn moment(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

impl Hands {
    fn change(&self, with: impl FnOnce(&mut Moment)) {
        with(&mut self.0.lock().unwrap());
    }

    /// Time passes, awake.
    pub fn pass(&self, time: TimeDelta) {
        self.change(|now| {
            now.wall += time;
            now.awake += time;
        });
    }

    /// Time passes, asleep.
    pub fn sleep(&self, time: TimeDelta) {
        self.change(|now| now.wall += time);
    }

    /// Somebody sets the clock.
    pub fn set(&self, by: TimeDelta) {
        self.change(|now| {
            now.wall += by;
            now.booted = now.booted.map(|booted| booted + by);
        });
    }

    /// The Mac is switched off, and on again after this time.
    pub fn off(&self, time: TimeDelta) {
        self.change(|now| {
            now.wall += time;
            now.booted = Some(now.wall - TimeDelta::seconds(20));
            now.awake = TimeDelta::seconds(20);
        });
    }
}

/// Something that is done once.
type Act<'a> = Box<dyn FnOnce() + Send + 'a>;

/// The Mac to look at, with something that the test can break.
pub struct Eyes<'a> {
    mac: &'a SimMac,
    /// Panics at the next question that has this in its text.
    pub panics_at: Mutex<Option<&'static str>>,
    /// Does not answer what has this in its text.
    pub fails: Mutex<Option<&'static str>>,
    /// Spoils the ledger at the next question that has this in its text, until [`Stage::mend_ledger`].
    pub spoils_at: Mutex<Option<&'static str>>,
    dir: &'a Path,
    /// Done once, just before the next question that has this in its text is answered.
    pub before: Mutex<Option<(&'static str, Act<'a>)>>,
    /// What was asked, in words.
    asked: Mutex<Vec<Ask>>,
}

impl Look for Eyes<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let text = ask.to_string();
        let trap = self.panics_at.lock().unwrap().take_if(|trap| text.contains(*trap));
        assert!(trap.is_none(), "a defect at {text}");
        if self.spoils_at.lock().unwrap().take_if(|trap| text.contains(*trap)).is_some() {
            grow(self.dir, 1);
        }
        if let Some((_, act)) = self.before.lock().unwrap().take_if(|(part, _)| text.contains(*part)) {
            act();
        }
        self.asked.lock().unwrap().push(ask.clone());
        if self.fails.lock().unwrap().is_some_and(|part| text.contains(part)) {
            return Err(ToolError::Signalled { command: text, signal: 9 });
        }
        self.mac.look(ask)
    }
}

impl Eyes<'_> {
    /// What was asked since this was last called.
    pub fn asked(&self) -> Vec<Ask> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// The programs among it.
    pub fn started(&self) -> Vec<String> {
        self.asked().iter().filter(|ask| matches!(ask, Ask::Run(_))).map(ToString::to_string).collect()
    }

    /// Whether this file was among it.
    pub fn has_read(&self, path: &str) -> bool {
        self.asked().contains(&Ask::File(path.into()))
    }
}

/// All that a core works on.
pub struct Stage {
    _home: tempfile::TempDir,
    pub dir: PathBuf,
    pub mac: SimMac,
    pub clock: Hands,
    pub notices: Scripted,
    pub stop: AtomicBool,
}

pub fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

pub fn hours(n: i64) -> TimeDelta {
    TimeDelta::hours(n)
}

impl Stage {
    pub fn new(world: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().canonicalize().unwrap().join("mac");
        let (world, mac) = sim::parse(world).unwrap();
        let wall = "2027-03-01T09:00:00Z".parse().unwrap();
        let moment = Moment { wall, booted: Some(wall - hours(2)), awake: hours(2) };
        Self {
            mac: SimMac::create(&dir, world, mac).unwrap(),
            _home: home,
            dir,
            clock: Hands(Mutex::new(moment)),
            notices: Scripted::default(),
            stop: AtomicBool::new(false),
        }
    }

    pub fn eyes(&self) -> Eyes<'_> {
        Eyes {
            mac: &self.mac,
            panics_at: Mutex::default(),
            before: Mutex::default(),
            fails: Mutex::default(),
            spoils_at: Mutex::default(),
            dir: &self.dir,
            asked: Mutex::default(),
        }
    }

    pub fn core<'a>(&'a self, eyes: &'a Eyes<'_>) -> Core<'a, Tz> {
        let agent = Agent {
            look: eyes,
            touch: &self.mac,
            clock: &self.clock,
            places: Places::under(&self.dir),
            simulated: Some(self.mac.origin()),
            cause: Cause { kind: "event".into(), user: None, detail: None },
            catalogue: controls::all(),
            instead: holdfast::policy::Instead::NOTHING,
            stop: &self.stop,
        };
        Core::new(agent, London, &self.notices)
    }

    /// Ticks as the shell has it, for this long, while nothing happens.
    pub fn live(&self, core: &mut Core<'_, Tz>, time: TimeDelta) {
        let until = self.clock.now() + time;
        let mut happened = Happened::default();
        for _ in 0..200_000 {
            let ticked = core.tick(std::mem::take(&mut happened));
            let left = until - self.clock.now();
            if left <= TimeDelta::zero() {
                return;
            }
            self.clock.pass(ticked.wait.clamp(TimeDelta::milliseconds(50), TimeDelta::seconds(30)).min(left));
        }
        panic!("the daemon does not come to rest");
    }

    /// The event that the file at `path` on the Mac changed.
    pub fn event(&self, core: &Core<'_, Tz>, path: &str) -> Happened {
        core.interests().judge(&self.dir.join(path.trim_start_matches('/')))
    }

    pub fn put(&self, path: &str, text: &str) {
        put(&self.dir, path, text);
    }

    /// The ledger's lines, checked.
    pub fn ledger(&self) -> Vec<Value> {
        let places = Places::under(&self.dir);
        let report = verify(&places.ledger(), &places.head()).unwrap();
        assert!(report.ok, "{:?}", report.problems);
        lines(&self.dir)
    }

    /// Those of one event.
    pub fn events(&self, name: &str) -> Vec<Value> {
        self.ledger().into_iter().filter(|line| line["event"] == name).collect()
    }

    pub fn file(&self, path: &str) -> plist::Dictionary {
        let bytes = std::fs::read(self.dir.join(path.trim_start_matches('/'))).unwrap();
        plist::from_bytes(&bytes).unwrap()
    }

    /// Takes back what spoilt the ledger.
    pub fn mend_ledger(&self) {
        grow(&self.dir, -1);
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Makes the ledger longer, so that whoever writes it finds that it is not as they left it, or shorter.
fn grow(dir: &Path, by: i64) {
    let ledger = std::fs::OpenOptions::new().write(true).open(dir.join(LEDGER)).unwrap();
    let length = ledger.metadata().unwrap().len();
    ledger.set_len(length.checked_add_signed(by).unwrap()).unwrap();
}

/// Writes a file of the Mac, whole.
pub fn put(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path.trim_start_matches('/'));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let beside = path.with_extension("beside");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, path).unwrap();
}

/// The ledger's lines as they stand.
pub fn lines(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join(LEDGER)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// A property list with this in its dictionary.
pub fn list(content: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{content}</dict></plist>\n")
}
