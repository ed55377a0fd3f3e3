//! The Mac that a command works on: this one, or a simulated one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::arguments::Place;
use super::exit::Exit;
use super::{NEED_ROOT, environment, out, stop};
use crate::agent::{Agent, Places};
use crate::clock::SystemClock;
use crate::control::Control;
use crate::host::{Look, Real, Touch};
use crate::ledger::{Cause, Looked, look, run_on_record};
use crate::policy::Instead;
use crate::report::run;
use crate::report::style::Style;
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
                Ok(own) => Ok(Self::Real(Real::new(own).stopping(&stop::STOP))),
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
        if let Err(why) = keeps_apart(&folder) {
            return Err(complain(&why, Exit::CouldNotRun));
        }
        let opened = match wanted {
            Some(wanted) => SimMac::create(&folder, wanted.0, wanted.1),
            None => SimMac::open(&folder),
        };
        match opened {
            Ok(mac) => {
                let folder = mac.folder().map_or(folder, Path::to_owned);
                Ok(Self::Simulated { name: mac.origin(), mac: Box::new(mac), folder, _temporary: temporary })
            }
            Err(error) => {
                out::failure(&error);
                Err(Exit::CouldNotRun)
            }
        }
    }

    /// Refuses to go on for somebody who is not root. A simulated Mac belongs to whoever runs it. `what` is one of [`NEED_ROOT`].
    pub fn needs_root(&self, what: &str) -> Result<(), Exit> {
        debug_assert!(NEED_ROOT.contains(&what), "{what} needs root, and the documents are not to say so");
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

    /// The ledger, as its readers see it.
    pub fn ledger(&self) -> Result<Looked, Exit> {
        let places = self.places();
        let expected = run_on_record(&places.status("json"));
        look(&places.ledger(), &places.head(), expected.as_deref()).map_err(|error| {
            out::failure(&error);
            Exit::CouldNotRun
        })
    }

    /// The agent on this Mac, over `catalogue`, started for `command`, at the policy's own level or preset.
    pub fn agent(&self, command: &str, catalogue: Vec<&'static Control>) -> Agent<'_> {
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
            instead: Instead::NOTHING,
            stop: &stop::STOP,
        }
    }

    /// The line that heads a text about a simulated Mac; empty for a real one.
    pub fn heading(&self, style: &Style) -> String {
        self.simulated_name().map(|name| run::simulated(name, style)).unwrap_or_default()
    }

    /// The simulated Mac's name.
    pub fn simulated_name(&self) -> Option<&str> {
        match self {
            Self::Real(_) => None,
            Self::Simulated { name, .. } => Some(name),
        }
    }
}

/// Checks, before anything is written, that a simulation in `folder` works on nothing of this machine: that the places of
/// the agent and of the Mac's files in it are neither this machine's own, under whatever name, nor symbolic links.
fn keeps_apart(folder: &Path) -> Result<(), String> {
    let (here, real) = (Places::under(folder), Places::under("/"));
    let places = [
        (here.ledger(), real.ledger()),
        (here.state(), real.state()),
        (folder.join("Library/Preferences"), "/Library/Preferences".into()),
        (folder.join("Library/Managed Preferences"), "/Library/Managed Preferences".into()),
        (folder.join("private/var/db"), "/private/var/db".into()),
    ];
    for (inside, outside) in &places {
        for (inside, outside) in inside.ancestors().zip(outside.ancestors()) {
            let is_same = match (fs::metadata(inside), fs::metadata(outside)) {
                (Ok(inside), Ok(outside)) => (inside.dev(), inside.ino()) == (outside.dev(), outside.ino()),
                _ => false,
            };
            if is_same {
                return Err(format!("{} is this machine's own: name a folder for the simulated Mac", inside.display()));
            }
            let is_inside = inside.as_os_str().len() > folder.as_os_str().len();
            if is_inside && fs::symlink_metadata(inside).is_ok_and(|found| found.is_symlink()) {
                return Err(format!("{} is a symbolic link: nothing outside the folder is touched", inside.display()));
            }
        }
    }
    Ok(())
}

/// Says what is wrong, and gives back how to end.
pub fn complain(what: &str, exit: Exit) -> Exit {
    out::error(&format!("holdfast: {}\n", crate::text::visible(what)));
    exit
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "a test makes the folders and links that it is about")]
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_simulation_keeps_apart_from_this_machine() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(keeps_apart(dir.path()), Ok(()));
        assert_eq!(keeps_apart(&dir.path().join("not/there")), Ok(()));
        let root = dir.path().join("root");
        symlink("/", &root).unwrap();
        for own in [Path::new("/"), Path::new("/tmp/.."), &root] {
            assert!(keeps_apart(own).is_err_and(|why| why.contains("this machine's own")), "{}", own.display());
        }
    }

    #[test]
    fn no_place_of_the_agents_may_be_a_symbolic_link() {
        let dir = tempfile::tempdir().unwrap();
        for link in ["Library", "Library/Logs", "Library/Application Support/Holdfast", "private/var"] {
            let home = dir.path().join(link.replace('/', "-"));
            let place = home.join(link);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            assert_eq!(keeps_apart(&home), Ok(()));
            symlink(dir.path(), &place).unwrap();
            let why = keeps_apart(&home).unwrap_err();
            assert!(why.contains(&*place.to_string_lossy()) && why.contains("symbolic link"), "{why}");
        }
    }
}
