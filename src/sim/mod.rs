//! The simulated Mac: argv in, bytes and exit status out, below every adapter, so that everything above is the shipped code.
//!
//! It uses none of the adapters' builders and parsers, only the vocabulary of asking: a misreading on one side must not be
//! mirrored on the other. A question whose argv it does not know is an error, never an empty success.

mod audit;
mod bputil;
mod csrutil;
mod defaults;
mod diskutil;
mod diskutil_volumes;
mod dscl;
mod error;
mod fdesetup;
mod files;
mod firmwarepasswd;
mod guard;
mod home;
mod launchctl;
mod launchd;
mod macs;
mod mdmclient;
mod moved;
mod names;
mod nextstep;
mod owners;
mod pkgutil;
mod pmset;
mod profiles;
mod pwpolicy;
mod reboot;
mod security;
mod services;
mod session;
mod small;
mod snapshot;
mod socketfilterfw;
mod softwareupdate;
mod spctl;
mod sshd;
pub mod state;
mod sudo;
mod sysadminctl;
mod system_profiler;
mod systemsetup;
mod tools;
mod worlds;

#[cfg(test)]
mod folder_tests;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, SystemClock};
use crate::host::{Look, ToolError, Touch};
use crate::mac::{Answer, Ask, Change, FileAnswer, Invocation, Output, UserFile};

pub use error::SimError;
pub use macs::Mac;
pub use names::parse;
pub use snapshot::Snapshot;
pub use state::State;
pub use tools::paths as tool_paths;
pub use worlds::World;

use files::Files;
use home::{Held, Home};
use names::origin;

/// State and files: what a tool is handed.
#[derive(Clone, Debug)]
struct Machine {
    state: State,
    files: Files,
    /// The state file as last read or written; empty in memory.
    text: Vec<u8>,
}

impl Machine {
    /// A file of a user's own. In the user's home, what belongs to whoever runs the simulation is the user's.
    fn own_file(&self, file: &UserFile) -> Result<FileAnswer, ToolError> {
        let is_theirs = |user: &state::User| user.uid == i64::from(file.uid) && Path::new(&user.home) == file.home;
        Ok(match self.files.read(&file.path().to_string_lossy())? {
            FileAnswer::Present { bytes, owner: 0, mode } if self.state.users.iter().any(is_theirs) => {
                FileAnswer::Present { bytes, owner: file.uid, mode }
            }
            answer => answer,
        })
    }
}

/// A simulated Mac, in memory or in a folder. In a folder it is whatever the folder says at each moment: several processes,
/// and a person with an editor, may work on it at once.
#[derive(Debug)]
pub struct SimMac {
    machine: Mutex<Machine>,
    home: Option<Home>,
}

/// The Mac while nothing else changes it.
struct Hold<'a> {
    // Goes first: the lock is the process's, so no other thread may have taken it meanwhile.
    _folder: Option<Held>,
    machine: MutexGuard<'a, Machine>,
}

impl SimMac {
    fn of(state: State, files: Files, home: Option<Home>) -> Self {
        Self { machine: Mutex::new(Machine { state, files, text: Vec::new() }), home }
    }

    /// A new Mac that lives in memory.
    #[must_use]
    pub fn in_memory(world: World, mac: Mac) -> Self {
        let (state, files) = worlds::make(world, mac, worlds::present());
        Self::of(state, Files::Memory(files), None)
    }

    /// The Mac kept in `dir`: a new one is made where there is none, and one that is there is opened as it stands.
    ///
    /// # Errors
    /// [`SimError::Another`] where `dir` holds another world or Mac, [`SimError::Unfit`] where it holds something else; the
    /// others where the folder or a file does not do.
    pub fn create(dir: &Path, world: World, mac: Mac) -> Result<Self, SimError> {
        let (state, contents) = worlds::make(world, mac, SystemClock.now());
        let home = Home::make(dir)?;
        let mut files = Files::Folder(home.dir().to_owned());
        let sim = Self::of(state, files.clone(), Some(home));
        let Some(home) = &sim.home else { return Ok(sim) };
        let held = home.hold()?;
        let found = sim.reload(&mut sim.lock());
        match found {
            Err(SimError::NoMac { .. }) => {
                home.claim()?;
                for (path, bytes) in contents {
                    files.write(&path, bytes)?;
                }
                // The state comes last: a folder that has it holds a whole Mac.
                sim.save(&mut sim.lock())?;
            }
            Err(error) => return Err(error),
            Ok(()) => {
                let (holds, wanted) = (sim.origin(), origin(world, mac));
                if holds != wanted {
                    return Err(SimError::Another { dir: dir.to_owned(), holds, wanted });
                }
            }
        }
        drop(held);
        Ok(sim)
    }

    /// The Mac kept in `dir`.
    ///
    /// # Errors
    /// [`SimError::NoMac`] where there is none; the others where the folder does not do or its state cannot be read.
    pub fn open(dir: &Path) -> Result<Self, SimError> {
        let home = Home::open(dir)?;
        let held = home.hold()?;
        let text = home.read()?;
        let state = serde_json::from_slice(&text).map_err(|why| SimError::state(home.state_path(), &text, why))?;
        let files = Files::Folder(home.dir().to_owned());
        drop(held);
        Ok(Self { machine: Mutex::new(Machine { state, files, text }), home: Some(home) })
    }

    /// The folder that it is kept in, its path canonical.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.home.as_ref().map(Home::dir)
    }

    /// `WORLD@MAC` that this Mac was made from.
    #[must_use]
    pub fn origin(&self) -> String {
        self.lock().state.origin.clone()
    }

    /// The state as it is now; as last read where the folder's cannot be.
    #[must_use]
    pub fn state(&self) -> State {
        self.hold().map_or_else(|_| self.lock().state.clone(), |held| held.machine.state.clone())
    }

    /// What stands where without content, and what is not root's with the usual mode, homes included, by its absolute path.
    #[must_use]
    pub fn marks(&self) -> Vec<(String, state::permissions::Mark)> {
        self.hold().map(|held| held.machine.marks()).unwrap_or_default()
    }

    /// State and files as they are now, to be compared with another moment's.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        match self.hold() {
            Ok(held) => Snapshot::new(&held.machine.state, held.machine.files.all()),
            Err(error) => Snapshot::new(&self.lock().state, Err(error)),
        }
    }

    /// A Mac in memory with the same state and files.
    ///
    /// # Errors
    /// [`SimError`] where a file cannot be read.
    pub fn copy(&self) -> Result<Self, SimError> {
        let held = self.hold()?;
        let files = Files::Memory(held.machine.files.all()?);
        Ok(Self::of(held.machine.state.clone(), files, None))
    }

    /// Changes the Mac from outside, as a person, an MDM or time would.
    ///
    /// # Errors
    /// [`SimError`] where the state cannot be kept.
    pub fn edit(&self, with: impl FnOnce(&mut State)) -> Result<(), SimError> {
        let mut held = self.hold()?;
        with(&mut held.machine.state);
        self.save(&mut held.machine)
    }

    /// Puts a property list where one is kept on the Mac, or takes it away, as an MDM or a person would.
    ///
    /// # Errors
    /// [`SimError`] where the file cannot be written.
    pub fn put_file(&self, path: &str, content: Option<plist::Dictionary>) -> Result<(), SimError> {
        let mut held = self.hold()?;
        match content {
            Some(dictionary) => held.machine.files.put(path, dictionary),
            None => held.machine.files.remove(path),
        }
    }

    /// Runs `argv`, whether it reports or changes, as user `uid` or as root.
    ///
    /// # Errors
    /// [`ToolError::NotSimulated`] for an argv that the simulated Mac does not know.
    pub fn run(&self, argv: &[String], uid: Option<u32>) -> Result<Output, ToolError> {
        let command = || argv.join(" ");
        let mut held = self.hold().map_err(|error| lost(command(), error))?;
        match tools::answer(&held.machine, argv, uid).map_err(|error| lost(command(), error))? {
            Some(output) => Ok(output),
            None => self.change(&mut held, argv, uid, &command),
        }
    }

    fn change(
        &self,
        held: &mut Hold<'_>,
        argv: &[String],
        uid: Option<u32>,
        command: &dyn Fn() -> String,
    ) -> Result<Output, ToolError> {
        let machine = &mut *held.machine;
        let before = machine.state.clone();
        let reply = tools::change(machine, argv, uid).map_err(|error| lost(command(), error))?;
        let output = reply.ok_or_else(|| ToolError::NotSimulated { command: command() })?;
        // A refusal writes nothing: whoever was refused could not.
        if machine.state != before {
            self.save(machine).map_err(|error| lost(command(), error))?;
        }
        Ok(output)
    }

    /// Takes the state from the folder, where it is not what it was.
    fn reload(&self, machine: &mut Machine) -> Result<(), SimError> {
        let Some(home) = &self.home else { return Ok(()) };
        let text = home.read()?;
        if text != machine.text {
            machine.state =
                serde_json::from_slice(&text).map_err(|why| SimError::state(home.state_path(), &text, why))?;
            machine.text = text;
        }
        Ok(())
    }

    fn save(&self, machine: &mut Machine) -> Result<(), SimError> {
        let Some(home) = &self.home else { return Ok(()) };
        // Nothing is known of the folder until the write has gone well.
        machine.text.clear();
        let mut text =
            serde_json::to_vec_pretty(&machine.state).map_err(|why| SimError::state(home.state_path(), &[], why))?;
        text.push(b'\n');
        home.write(&text)?;
        machine.text = text;
        Ok(())
    }

    fn hold(&self) -> Result<Hold<'_>, SimError> {
        let mut machine = self.lock();
        let folder = self.home.as_ref().map(Home::hold).transpose()?;
        self.reload(&mut machine)?;
        Ok(Hold { _folder: folder, machine })
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost(command: String, why: SimError) -> ToolError {
    ToolError::Lost { command, source: Arc::new(io::Error::other(why)) }
}

fn not_simulated(run: &Invocation) -> ToolError {
    ToolError::NotSimulated { command: run.to_string() }
}

impl Look for SimMac {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let held = self.hold().map_err(|error| lost(ask.to_string(), error))?;
        match ask {
            Ask::Run(run) => {
                let reply =
                    tools::answer(&held.machine, &run.argv, run.as_user).map_err(|e| lost(run.to_string(), e))?;
                reply.map(Answer::Ran).ok_or_else(|| not_simulated(run))
            }
            Ask::File(path) => held.machine.files.read(&path.to_string_lossy()).map(Answer::File),
            Ask::Status(path) => held.machine.status(&path.to_string_lossy()).map(Answer::Status),
            Ask::Folder(path) => held.machine.names_in(&path.to_string_lossy()).map(Answer::Folder),
            Ask::UserFile(file) => held.machine.own_file(file).map(Answer::File),
        }
    }
}

impl Touch for SimMac {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        let run = &change.run;
        let command = || run.to_string();
        let mut held = self.hold().map_err(|error| lost(command(), error))?;
        let output = self.change(&mut held, &run.argv, run.as_user, &command)?;
        (change.read)(&output).map_err(|why| ToolError::from_misread(change.to_string(), Some(output.status), why))
    }
}
