//! The simulated Mac: argv in, bytes and exit status out, below every adapter, so that everything above is the shipped code.
//!
//! It uses none of the adapters' builders and parsers, only the vocabulary of asking: a misreading on one side must not be
//! mirrored on the other. A question whose argv it does not know is an error, never an empty success.

mod bputil;
mod csrutil;
mod defaults;
mod diskutil;
mod dscl;
mod fdesetup;
mod files;
mod firmwarepasswd;
mod launchctl;
mod macs;
mod mdmclient;
mod nextstep;
mod pmset;
mod profiles;
mod small;
mod snapshot;
mod socketfilterfw;
mod softwareupdate;
mod spctl;
pub mod state;
mod sysadminctl;
mod system_profiler;
mod systemsetup;
mod tools;
mod worlds;

#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host::{Look, ToolError, Touch};
use crate::mac::{Answer, Ask, Change, FileAnswer, Invocation, Output};

pub use macs::Mac;
pub use snapshot::Snapshot;
pub use state::State;
pub use tools::paths as tool_paths;
pub use worlds::World;

use files::Files;

/// Why there is no simulated Mac.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// No such world or Mac.
    #[error(
        "there is no simulated Mac \"{given}\": say WORLD or WORLD@MAC, with a world of {worlds} and a Mac of {macs}"
    )]
    Unknown {
        /// What was asked for.
        given: String,
        /// The worlds there are.
        worlds: String,
        /// The Macs there are.
        macs: String,
    },
    /// The folder holds another one.
    #[error("{} holds {holds}, not {wanted}: name that one, or another folder", dir.display())]
    Another {
        /// The folder.
        dir: PathBuf,
        /// What it holds.
        holds: String,
        /// What was asked for.
        wanted: String,
    },
    /// The folder holds none.
    #[error("{} holds no simulated Mac", dir.display())]
    NoMac {
        /// The folder.
        dir: PathBuf,
    },
    /// A file of the simulated Mac could not be read or written.
    #[error("{}: could not be read or written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The state file does not say what a Mac is.
    #[error("{}: is not the state of a simulated Mac", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Reads `WORLD` or `WORLD@MAC`; without a Mac it is [`Mac::default`].
///
/// # Errors
/// [`SimError::Unknown`], listing the choices.
pub fn parse(given: &str) -> Result<(World, Mac), SimError> {
    let (world, mac) = given.split_once('@').map_or((given, None), |(world, mac)| (world, Some(mac)));
    let world = World::ALL.into_iter().find(|known| known.name() == world);
    let mac = mac.map_or(Some(Mac::default()), |mac| Mac::ALL.into_iter().find(|known| known.name() == mac));
    world.zip(mac).ok_or_else(|| SimError::Unknown {
        given: given.to_owned(),
        worlds: World::ALL.map(World::name).join(", "),
        macs: Mac::ALL.map(Mac::name).join(", "),
    })
}

/// `WORLD@MAC`, as [`parse`] reads it.
fn origin(world: World, mac: Mac) -> String {
    format!("{}@{}", world.name(), mac.name())
}

/// State and files: what a tool is handed.
#[derive(Clone, Debug)]
struct Machine {
    state: State,
    files: Files,
}

/// A simulated Mac, in memory or in a folder.
#[derive(Debug)]
pub struct SimMac {
    machine: Mutex<Machine>,
    home: Option<PathBuf>,
}

const STATE_FILE: &str = "mac.json";

impl SimMac {
    /// A new Mac that lives in memory.
    #[must_use]
    pub fn in_memory(world: World, mac: Mac) -> Self {
        let (state, files) = worlds::make(world, mac);
        Self { machine: Mutex::new(Machine { state, files: Files::Memory(files) }), home: None }
    }

    /// The Mac kept in `dir`: a new one is made where there is none, and one that is there is opened as it stands.
    ///
    /// # Errors
    /// [`SimError::Another`] where `dir` holds another world or Mac; the others where files do not do.
    pub fn create(dir: &Path, world: World, mac: Mac) -> Result<Self, SimError> {
        match Self::open(dir) {
            Ok(sim) => {
                let (holds, wanted) = (sim.lock().state.origin.clone(), origin(world, mac));
                if holds == wanted { Ok(sim) } else { Err(SimError::Another { dir: dir.to_owned(), holds, wanted }) }
            }
            Err(SimError::NoMac { .. }) => {
                let (state, contents) = worlds::make(world, mac);
                let mut files = Files::Folder(dir.to_owned());
                for (path, bytes) in contents {
                    files.write(&path, bytes).map_err(|source| SimError::Io { path: path.into(), source })?;
                }
                // The state comes last: a folder that has it holds a whole Mac.
                let sim = Self { machine: Mutex::new(Machine { state, files }), home: Some(dir.to_owned()) };
                sim.save(&sim.lock())?;
                Ok(sim)
            }
            Err(error) => Err(error),
        }
    }

    /// The Mac kept in `dir`.
    ///
    /// # Errors
    /// [`SimError::NoMac`] where there is none; the others where its state cannot be read.
    pub fn open(dir: &Path) -> Result<Self, SimError> {
        let path = dir.join(STATE_FILE);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(SimError::NoMac { dir: dir.to_owned() });
            }
            read => read.map_err(|source| SimError::Io { path: path.clone(), source })?,
        };
        let state = serde_json::from_slice(&text).map_err(|source| SimError::State { path, source })?;
        let files = Files::Folder(dir.to_owned());
        Ok(Self { machine: Mutex::new(Machine { state, files }), home: Some(dir.to_owned()) })
    }

    /// `WORLD@MAC` that this Mac was made from.
    #[must_use]
    pub fn origin(&self) -> String {
        self.lock().state.origin.clone()
    }

    /// The state as it is now.
    #[must_use]
    pub fn state(&self) -> State {
        self.lock().state.clone()
    }

    /// State and files as they are now, to be compared with another moment's.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let machine = self.lock();
        Snapshot::new(&machine.state, machine.files.all())
    }

    /// A Mac in memory with the same state and files.
    ///
    /// # Errors
    /// [`SimError::Io`] where a file cannot be read.
    pub fn copy(&self) -> Result<Self, SimError> {
        let machine = self.lock();
        let path = self.home.clone().unwrap_or_default();
        let files = Files::Memory(machine.files.all().map_err(|source| SimError::Io { path, source })?);
        Ok(Self { machine: Mutex::new(Machine { state: machine.state.clone(), files }), home: None })
    }

    /// Changes the Mac from outside, as a person, an MDM or time would.
    ///
    /// # Errors
    /// [`SimError`] where the state cannot be kept.
    pub fn edit(&self, with: impl FnOnce(&mut State)) -> Result<(), SimError> {
        let mut machine = self.lock();
        with(&mut machine.state);
        self.save(&machine)
    }

    /// Puts a property list where one is kept on the Mac, or takes it away, as an MDM or a person would.
    ///
    /// # Errors
    /// [`SimError::Io`] where the file cannot be written.
    pub fn put_file(&self, path: &str, content: Option<plist::Dictionary>) -> Result<(), SimError> {
        let mut machine = self.lock();
        let done = match content {
            Some(dictionary) => machine.files.put(path, dictionary),
            None => machine.files.remove(path),
        };
        done.map_err(|source| SimError::Io { path: path.into(), source })
    }

    /// Runs `argv`, whether it reports or changes, as user `uid` or as root.
    ///
    /// # Errors
    /// [`ToolError::NotSimulated`] for an argv that the simulated Mac does not know.
    pub fn run(&self, argv: &[String], uid: Option<u32>) -> Result<Output, ToolError> {
        let command = || argv.join(" ");
        if let Some(output) = tools::answer(&self.lock(), argv, uid).map_err(|error| lost(command(), error))? {
            return Ok(output);
        }
        self.change(argv, uid, &command)
    }

    fn change(&self, argv: &[String], uid: Option<u32>, command: &dyn Fn() -> String) -> Result<Output, ToolError> {
        let mut machine = self.lock();
        let before = machine.state.clone();
        let reply = tools::change(&mut machine, argv, uid).map_err(|error| lost(command(), error))?;
        let output = reply.ok_or_else(|| ToolError::NotSimulated { command: command() })?;
        // A refusal writes nothing: whoever was refused could not.
        if machine.state != before {
            self.save(&machine).map_err(|error| lost(command(), io::Error::other(error)))?;
        }
        Ok(output)
    }

    fn save(&self, machine: &Machine) -> Result<(), SimError> {
        let Some(dir) = &self.home else { return Ok(()) };
        let path = dir.join(STATE_FILE);
        let mut text = serde_json::to_vec_pretty(&machine.state)
            .map_err(|source| SimError::State { path: path.clone(), source })?;
        text.push(b'\n');
        files::replace(&path, &text).map_err(|source| SimError::Io { path, source })
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost(command: String, source: io::Error) -> ToolError {
    ToolError::Lost { command, source: Arc::new(source) }
}

fn not_simulated(run: &Invocation) -> ToolError {
    ToolError::NotSimulated { command: run.to_string() }
}

impl Look for SimMac {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let machine = self.lock();
        match ask {
            Ask::Run(run) => {
                let reply = tools::answer(&machine, &run.argv, run.as_user).map_err(|e| lost(run.to_string(), e))?;
                reply.map(Answer::Ran).ok_or_else(|| not_simulated(run))
            }
            Ask::File(path) => {
                let found = machine.files.read(&path.to_string_lossy());
                match found.map_err(|e| ToolError::File { path: path.clone(), source: Arc::new(e) })? {
                    None => Ok(Answer::File(FileAnswer::Absent)),
                    // On the Mac, root owns them all.
                    Some(found) => {
                        Ok(Answer::File(FileAnswer::Present { bytes: found.bytes, owner: 0, mode: found.mode }))
                    }
                }
            }
        }
    }
}

impl Touch for SimMac {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        let run = &change.run;
        let output = self.change(&run.argv, run.as_user, &|| run.to_string())?;
        (change.read)(&output).map_err(|why| ToolError::from_misread(change.to_string(), Some(output.status), why))
    }
}
