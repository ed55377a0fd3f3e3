//! One writer at a time.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::{LedgerError, folder};

/// The lock file. A segment itself must not be the lock: whoever may read a file may lock it, and could so hold up the agent.
/// Hence mode 0600, while segments are 0644.
pub const LOCK: &str = "compliance.lock";

const MODE: u32 = 0o600;

/// How long to wait before trying again. Not a wait inside the system: that one cannot be broken off for certain, since a
/// signal may come just before it.
const PAUSE: Duration = Duration::from_millis(200);

/// What to do where another process is writing.
pub enum IfBusy<'a> {
    /// Give up with [`LedgerError::Busy`].
    Fail,
    /// Wait for as long as it takes, or until told not to.
    Wait {
        /// Called with the lock file's path, once, before waiting.
        tell: &'a mut dyn FnMut(&Path),
        /// Whether to break off with [`LedgerError::Interrupted`]. Looked at five times a second while waiting.
        stop: &'a dyn Fn() -> bool,
    },
}

/// Takes the lock of the ledger in `folder`, which is given back when the result is dropped.
pub(super) fn take(folder: &Path, mut busy: IfBusy<'_>) -> Result<Flock<File>, LedgerError> {
    let path = folder.join(LOCK);
    let mut told = false;
    loop {
        let file = folder::open(&path, OpenOptions::new().write(true).create(true).truncate(false).mode(MODE))?;
        folder::trust(&path, &folder::stat(&path, &file)?)?;
        folder::set_mode(&path, &file, MODE)?;
        let ours = folder::stat(&path, &file)?.ino();
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            // Somebody may have removed the file meanwhile: a lock on a file without a name keeps nobody out.
            Ok(held) if std::fs::symlink_metadata(&path).is_ok_and(|there| there.ino() == ours) => return Ok(held),
            Ok(_) => continue,
            Err((_, Errno::EINTR)) => continue,
            Err((_, Errno::EWOULDBLOCK)) => {}
            Err((_, errno)) => return Err(LedgerError::Io { doing: "locking", path, source: errno.into() }),
        }
        let IfBusy::Wait { tell, stop } = &mut busy else { return Err(LedgerError::Busy { lock: path }) };
        if !std::mem::replace(&mut told, true) {
            tell(&path);
        }
        if stop() {
            return Err(LedgerError::Interrupted { lock: path });
        }
        #[allow(clippy::disallowed_methods)] // no event tells that a file lock is free
        std::thread::sleep(PAUSE);
    }
}
