//! The Mac that a command works on: this one, or a simulated one.

use std::path::{Path, PathBuf};

use super::arguments::Place;
use super::exit::Exit;
use super::{environment, out, stop};
use crate::agent::{Agent, Places};
use crate::clock::SystemClock;
use crate::control::{Control, Level};
use crate::host::{Look, Real, Touch};
use crate::ledger::Cause;
use crate::sim::{self, SimMac};

/// A Mac to work on.
pub enum Machine {
    /// The Mac that the program runs on.
    Real(Real),
    /// A simulated one.
    Simulated {
        /// The Mac.
        mac: Box<SimMac>,
        /// Its world and model, `neglected@arm-laptop-26`.
        name: String,
        /// Where its files are.
        folder: PathBuf,
        /// Removes the folder at the end, where nobody asked to keep it.
        _temporary: Option<tempfile::TempDir>,
    },
}

impl Machine {
    /// The Mac that `place` names.
    pub fn open(place: &Place) -> Result<Self, Exit> {
        match (&place.simulate, &place.sim_dir) {
            (None, None) => match std::env::current_exe() {
                Ok(own) => Ok(Self::Real(Real::new(own))),
                Err(error) => {
                    Err(complain(&format!("this program's own path cannot be told: {error}"), Exit::CouldNotRun))
                }
            },
            (simulate, folder) => Self::simulated(simulate.as_deref(), folder.as_deref()),
        }
    }

    fn simulated(simulate: Option<&str>, folder: Option<&Path>) -> Result<Self, Exit> {
        let wanted = match simulate.map(sim::parse).transpose() {
            Ok(wanted) => wanted,
            Err(error) => return Err(complain(&error.to_string(), Exit::Usage)),
        };
        let (folder, temporary) = match folder {
            Some(folder) => (folder.to_owned(), None),
            None => match tempfile::Builder::new().prefix("holdfast-sim-").tempdir() {
                Ok(temporary) => (temporary.path().to_owned(), Some(temporary)),
                Err(error) => {
                    return Err(complain(&format!("no folder for the simulated Mac: {error}"), Exit::CouldNotRun));
                }
            },
        };
        let opened = match wanted {
            Some(wanted) => SimMac::create(&folder, wanted.0, wanted.1),
            None => SimMac::open(&folder),
        };
        match opened.and_then(|mac| {
            Ok((mac, folder.canonicalize().map_err(|error| sim::SimError::Io { path: folder.clone(), source: error })?))
        }) {
            Ok((mac, folder)) => {
                let name = mac.origin();
                Ok(Self::Simulated { mac: Box::new(mac), name, folder, _temporary: temporary })
            }
            Err(error) => {
                out::failure(&error);
                Err(Exit::CouldNotRun)
            }
        }
    }

    /// Refuses to go on for somebody who is not root. A simulated Mac belongs to whoever runs it.
    pub fn needs_root(&self, what: &str) -> Result<(), Exit> {
        if matches!(self, Self::Real(_)) && !environment::is_root() {
            return Err(complain(&format!("{what} must be run as root: sudo holdfast {what}"), Exit::NotRoot));
        }
        Ok(())
    }

    /// To look at.
    pub fn look(&self) -> &dyn Look {
        match self {
            Self::Real(real) => real,
            Self::Simulated { mac, .. } => mac.as_ref(),
        }
    }

    /// To change.
    pub fn touch(&self) -> &dyn Touch {
        match self {
            Self::Real(real) => real,
            Self::Simulated { mac, .. } => mac.as_ref(),
        }
    }

    /// Where the agent's own files are.
    pub fn places(&self) -> Places {
        match self {
            Self::Real(_) => Places::under("/"),
            Self::Simulated { folder, .. } => Places::under(folder),
        }
    }

    /// The agent on this Mac, over `catalogue`, started for `command`.
    pub fn agent(&self, command: &str, catalogue: Vec<&'static Control>, level: Option<Level>) -> Agent<'_> {
        Agent {
            look: self.look(),
            touch: self.touch(),
            clock: &SystemClock,
            places: self.places(),
            simulated: self.simulated_name().map(str::to_owned),
            cause: Cause {
                kind: "command_line".into(),
                user: Some(environment::user()),
                detail: Some(command.to_owned()),
            },
            catalogue,
            level,
            stop: &stop::STOP,
        }
    }

    /// The simulated Mac's name.
    pub fn simulated_name(&self) -> Option<&str> {
        match self {
            Self::Real(_) => None,
            Self::Simulated { name, .. } => Some(name),
        }
    }
}

/// Says what is wrong, and gives back how to end.
pub fn complain(what: &str, exit: Exit) -> Exit {
    out::error(&format!("holdfast: {}\n", crate::text::visible(what)));
    exit
}
