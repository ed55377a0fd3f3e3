//! The folder that a simulated Mac is kept in: which folders will do, and its state file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::SimError;
use super::files;
use crate::host::files as host;
use crate::mac::FileAnswer;

pub(super) const STATE_FILE: &str = "mac.json";

/// A folder that holds a simulated Mac, or is about to.
#[derive(Debug)]
pub(super) struct Home {
    dir: PathBuf,
    folder: File,
}

/// Keeps other processes from the simulated Mac until it is dropped.
pub(super) type Held = Flock<File>;

impl Home {
    /// Opens `dir`, which must be there.
    ///
    /// # Errors
    /// [`SimError::NoMac`] where it is not; [`SimError::Unfit`] for the file system's root; [`SimError::Host`] where
    /// somebody else could put something into it.
    pub fn open(dir: &Path) -> Result<Self, SimError> {
        let io = |source| SimError::Io { path: dir.to_owned(), source };
        let whole = match dir.canonicalize() {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Err(SimError::NoMac { dir: dir.to_owned() }),
            whole => whole.map_err(io)?,
        };
        let Some(above) = whole.parent() else {
            return Err(SimError::Unfit { dir: whole, why: "it is this machine's own root folder".into() });
        };
        host::check_folder(&whole, above)?;
        let folder = host::open_folder(&whole).map_err(io)?;
        Ok(Self { dir: whole, folder })
    }

    /// Opens `dir`, which is made where it is missing.
    ///
    /// # Errors
    /// Those of [`Home::open`], and [`SimError::Made`].
    pub fn make(dir: &Path) -> Result<Self, SimError> {
        let whole = std::path::absolute(dir).map_err(|source| SimError::Io { path: dir.to_owned(), source })?;
        host::make_dir(&whole, 0o755)?;
        Self::open(&whole)
    }

    /// The folder, its path canonical.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Waits until no other process uses the Mac.
    pub fn hold(&self) -> Result<Held, SimError> {
        let io = |source| SimError::Io { path: self.dir.clone(), source };
        let mut folder = self.folder.try_clone().map_err(io)?;
        loop {
            match Flock::lock(folder, FlockArg::LockExclusive) {
                Ok(held) => return Ok(held),
                Err((same, Errno::EINTR)) => folder = same,
                Err((_, why)) => return Err(io(why.into())),
            }
        }
    }

    /// The state file's content.
    ///
    /// # Errors
    /// [`SimError::NoMac`] where there is none.
    pub fn read(&self) -> Result<Vec<u8>, SimError> {
        match host::read_in(&self.folder, STATE_FILE.as_ref(), &self.state_path())? {
            FileAnswer::Absent => Err(SimError::NoMac { dir: self.dir.clone() }),
            FileAnswer::Present { bytes, .. } => Ok(bytes),
        }
    }

    /// Replaces the state file.
    pub fn write(&self, text: &[u8]) -> Result<(), SimError> {
        files::replace(&self.folder, STATE_FILE.as_ref(), text)
            .map_err(|source| SimError::Io { path: self.state_path(), source })
    }

    /// Claims the folder for a new Mac. What a maker that was killed left behind is taken over.
    ///
    /// # Errors
    /// [`SimError::Unfit`] where it holds something else.
    pub fn claim(&self) -> Result<(), SimError> {
        let io = |source| SimError::Io { path: self.dir.clone(), source };
        let mark = files::beside(STATE_FILE.as_ref());
        let names = fs::read_dir(&self.dir).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
        });
        let names = names.map_err(io)?;
        if !names.is_empty() && !names.contains(&mark) {
            let why = "it has other things in it and no mac.json; name a new or empty folder".into();
            return Err(SimError::Unfit { dir: self.dir.clone(), why });
        }
        files::start(&self.folder, STATE_FILE.as_ref())
            .map(drop)
            .map_err(|source| SimError::Io { path: self.state_path(), source })
    }

    pub fn state_path(&self) -> PathBuf {
        self.dir.join(STATE_FILE)
    }
}
