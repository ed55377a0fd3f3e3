//! One daemon at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

/// The lock's file, in the state folder.
pub const LOCK: &str = "daemon.lock";

/// Nobody else may hold up the daemon by locking its file, and whoever may read a file may lock it.
const MODE: u32 = 0o600;

/// Held for as long as the daemon lives; the system gives it back however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: Flock<File>,
}

/// Why the daemon's lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another daemon has it.
    #[error("another daemon runs{}", pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Taken {
        /// Its process id, as it says itself.
        pid: Option<u32>,
    },
    /// The file could not be used.
    #[error("{}: could not be locked", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock in `folder`, which must be there and be trusted, and leaves this process's id in it for people.
    ///
    /// # Errors
    /// [`LockError::Taken`] where another daemon runs; [`LockError::Io`] where the file cannot be used.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(LOCK);
        let failed = |source| LockError::Io { path: path.clone(), source };
        loop {
            let file = open(&path).map_err(failed)?;
            let mut held = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(held) => held,
                Err((_, Errno::EINTR)) => continue,
                Err((file, Errno::EWOULDBLOCK)) => return Err(LockError::Taken { pid: pid(file) }),
                Err((_, errno)) => return Err(failed(errno.into())),
            };
            // A lock on a file that has no name any more keeps nobody out.
            let ours = held.metadata().map_err(failed)?.ino();
            if !std::fs::symlink_metadata(&path).is_ok_and(|there| there.ino() == ours) {
                continue;
            }
            held.set_len(0).map_err(failed)?;
            writeln!(&*held, "{}", std::process::id()).map_err(failed)?;
            held.flush().map_err(failed)?;
            return Ok(Self { _file: held });
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(MODE).custom_flags(flags.bits());
    let file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    if found.mode() & 0o777 != MODE {
        file.set_permissions(PermissionsExt::from_mode(MODE))?;
    }
    Ok(file)
}

/// The process id that the file names.
fn pid(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_told_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let mode = folder.path().join(LOCK).metadata().unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let error = Lock::take(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), format!("another daemon runs (process {})", std::process::id()));
        drop(first);
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn what_a_dead_one_left_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        crate::host::files::write_whole(&folder.path().join(LOCK), b"123456789\nand more", 0o644).unwrap();
        let held = Lock::take(folder.path()).unwrap();
        let error = Lock::take(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with(&format!("(process {})", std::process::id())), "{error}");
        drop(held);
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        crate::host::files::write_whole(&elsewhere, b"precious", 0o644).unwrap();
        #[allow(clippy::disallowed_methods)] // the trap that the test sets
        std::os::unix::fs::symlink(&elsewhere, folder.path().join(LOCK)).unwrap();
        assert!(matches!(Lock::take(folder.path()), Err(LockError::Io { .. })));
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"precious");
    }
}
