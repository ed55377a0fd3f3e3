//! The ledger folded once for as long as nobody writes it: a daemon asks often, and seldom is anything new.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{History, LedgerError, read};
use crate::ledger::folder;

/// What tells one state of a segment from another: its name, its file, its length and when it was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    name: String,
    inode: u64,
    bytes: u64,
    written: (i64, i64),
}

/// What one folder's ledger came to when its files were marked so.
struct Folded {
    folder: PathBuf,
    marks: Vec<Mark>,
    history: History,
}

/// A process works on one ledger. One that works on several, as tests do, reads them again more often.
static LAST: Mutex<Option<Folded>> = Mutex::new(None);

fn last() -> MutexGuard<'static, Option<Folded>> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner)
}

fn marks(folder: &Path) -> Result<Vec<Mark>, LedgerError> {
    let segments = folder::list(folder)?.segments(folder);
    let mark = |segment: folder::Segment| {
        let there = std::fs::symlink_metadata(&segment.path).map_err(LedgerError::io("looking at", &segment.path))?;
        let written = (there.mtime(), there.mtime_nsec());
        Ok(Mark { name: segment.name, inode: there.ino(), bytes: there.len(), written })
    };
    segments.into_iter().map(mark).collect()
}

/// As [`read`], but reads only what is not as this process last read or left it. The files' lengths and times tell: whoever
/// forges those can forge the lines, too, and `verify` reads every byte.
///
/// # Errors
/// [`LedgerError`] where a segment cannot be read.
pub fn read_again(folder: &Path) -> Result<History, LedgerError> {
    // Before it is read: what is written meanwhile makes the marks old, and never the history.
    let marks = match marks(folder) {
        Err(error) if error.is_not_found() => return read(folder),
        other => other?,
    };
    if let Some(last) = &*last()
        && last.folder == folder
        && last.marks == marks
    {
        return Ok(last.history.clone());
    }
    let history = read(folder)?;
    *last() = Some(Folded { folder: folder.to_owned(), marks, history: history.clone() });
    Ok(history)
}

/// Keeps what the ledger in `folder` comes to. For whoever has its lock and writes nothing more.
pub(in crate::ledger) fn keep(folder: &Path, history: &History) {
    // Where the files cannot be looked at, the next reader will say so.
    if let Ok(marks) = marks(folder) {
        *last() = Some(Folded { folder: folder.to_owned(), marks, history: history.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Journal;
    use crate::ledger::testing::{Place, found, put};

    #[test]
    fn what_others_wrote_is_seen_and_what_nobody_wrote_is_not_read_again() {
        let place = Place::with_lines(5, 1 << 20);
        let first = read_again(&place.folder).unwrap();
        assert_eq!(first, read(&place.folder).unwrap());
        let mut ledger = place.open(1 << 20);
        for n in 10..14 {
            ledger.append(found(n)).unwrap();
            assert_eq!(read_again(&place.folder).unwrap(), *ledger.history());
        }
        ledger.append(found(20)).unwrap();
        let left = ledger.history().clone();
        ledger.close().unwrap();
        assert_eq!(read_again(&place.folder).unwrap(), left);
        // A line of the same length in the same place, by somebody else.
        let bytes = std::fs::read(place.current()).unwrap();
        let text = String::from_utf8(bytes).unwrap().replace("drifted", "unknown");
        put(&place.current(), text.as_bytes());
        assert_eq!(read_again(&place.folder).unwrap(), read(&place.folder).unwrap());
        assert_ne!(read_again(&place.folder).unwrap(), left);
    }
}
