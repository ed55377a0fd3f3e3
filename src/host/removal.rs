//! Taking away what the agent has put on a Mac: one name at a time, in a folder that is held open, reached without following
//! any symbolic link.
//!
//! What is removed is a name in a folder. A link goes itself, whatever it points to; a folder goes only where it is empty. So
//! whoever exchanges something on the way loses at most what stands at the very name that is to go.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::sys::stat::{SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use super::files::{WriteError, open_folder, step_into};

/// What became of something that was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Gone,
    /// A symbolic link stood in its place. The link is gone; what it points to was not touched.
    Link,
    /// It was not there.
    Absent,
    /// It is a folder with something in it, and stays. Some of the names, in order.
    Holds(Vec<String>),
}

/// How many names of what keeps a folder are told.
const NAMES: usize = 5;

/// Removes what stands at `path`, below `base`, unless that is a folder. `base` is vouched for by the caller: `/`, or the folder
/// of a simulated Mac.
///
/// # Errors
/// [`WriteError`] where it is still there, or is a folder.
pub fn file(path: &Path, base: &Path) -> Result<Removed, WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), action: "removed", source };
    let Some((above, name)) = reach(path, base).map_err(failed)? else { return Ok(Removed::Absent) };
    match kind(&above, &name).map_err(failed)? {
        None => Ok(Removed::Absent),
        Some(kind) if kind == SFlag::S_IFDIR => Err(failed(io::ErrorKind::IsADirectory.into())),
        Some(kind) => unlink(&above, &name, kind).map_err(failed),
    }
}

/// Removes the folder at `path`, below `base`, where it is empty.
///
/// # Errors
/// [`WriteError`] where it is still there for another reason than that it is not empty.
pub fn folder(path: &Path, base: &Path) -> Result<Removed, WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), action: "removed", source };
    let Some((above, name)) = reach(path, base).map_err(failed)? else { return Ok(Removed::Absent) };
    match kind(&above, &name).map_err(failed)? {
        None => return Ok(Removed::Absent),
        Some(kind) if kind == SFlag::S_IFLNK => return unlink(&above, &name, kind).map_err(failed),
        Some(kind) if kind != SFlag::S_IFDIR => return Err(failed(io::ErrorKind::NotADirectory.into())),
        Some(_) => {}
    }
    match unlinkat(&above, name.as_os_str(), UnlinkatFlags::RemoveDir) {
        Ok(()) => {}
        Err(Errno::ENOENT) => return Ok(Removed::Absent),
        // Linux gives the first, POSIX allows either.
        Err(Errno::ENOTEMPTY | Errno::EEXIST) => {
            let mut names = names(path, base).map_err(|error| failed(error.source))?;
            names.truncate(NAMES);
            let shown = |name: OsString| name.to_string_lossy().into_owned();
            return Ok(Removed::Holds(names.into_iter().map(shown).collect()));
        }
        Err(why) => return Err(failed(why.into())),
    }
    fsync(&above).map_err(|why| failed(why.into()))?;
    Ok(Removed::Gone)
}

/// What is in the folder at `path`, below `base`, in order; nothing where there is no such folder, or where a link stands on the
/// way to it. Read by its path, so somebody who exchanges the folder meanwhile decides about the names, and about no more.
///
/// # Errors
/// [`WriteError`] where it cannot be listed.
pub fn names(path: &Path, base: &Path) -> Result<Vec<OsString>, WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), action: "listed", source };
    let Some((above, name)) = reach(path, base).map_err(failed)? else { return Ok(Vec::new()) };
    if kind(&above, &name).map_err(failed)? != Some(SFlag::S_IFDIR) {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
    names.sort();
    Ok(names)
}

fn unlink(above: &File, name: &OsString, kind: SFlag) -> io::Result<Removed> {
    match unlinkat(above, name.as_os_str(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) => {}
        Err(Errno::ENOENT) => return Ok(Removed::Absent),
        Err(why) => return Err(why.into()),
    }
    fsync(above)?;
    Ok(if kind == SFlag::S_IFLNK { Removed::Link } else { Removed::Gone })
}

/// Opens the folder that `path` is in, from `base` down, and gives the last name with it; `None` where a folder on the way is
/// missing, or something else, a symbolic link for one, stands in its place.
fn reach(path: &Path, base: &Path) -> io::Result<Option<(File, OsString)>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidInput);
    let below = path.strip_prefix(base).map_err(|_| invalid())?;
    let mut names: Vec<OsString> = Vec::new();
    for part in below.components() {
        let Component::Normal(name) = part else { return Err(invalid()) };
        names.push(name.to_owned());
    }
    let last = names.pop().ok_or_else(invalid)?;
    let mut open = open_folder(base)?;
    for name in names {
        open = match step_into(&open, &name) {
            Ok(next) => next,
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) => return Ok(None),
            Err(why) => return Err(why.into()),
        };
    }
    Ok(Some((open, last)))
}

/// What kind of thing `name` in `above` is, a link not followed; `None` where there is none.
fn kind(above: &File, name: &OsString) -> io::Result<Option<SFlag>> {
    match fstatat(above, name.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT)),
        Err(Errno::ENOENT) => Ok(None),
        Err(why) => Err(why.into()),
    }
}

/// The name, process id and number in a name that [`super::files::write_whole`] gives a file until it is whole; `None` for any
/// other name.
#[must_use]
pub fn temporary(name: &[u8]) -> Option<(&[u8], u32, u64)> {
    let middle = name.strip_prefix(b".")?.strip_suffix(b".tmp")?;
    let mut parts = middle.rsplitn(3, |byte| *byte == b'.');
    let (count, pid, of) = (parts.next()?, parts.next()?, parts.next()?);
    (!of.is_empty()).then_some((of, number(pid)?, number(count)?))
}

/// A number as it is written: no sign, no zeros in front.
fn number<T: std::str::FromStr + ToString>(digits: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(digits).ok()?;
    let number: T = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// The files in `folder` that a write of `name` began and that no living process can complete: its own name in `folder`.
pub(super) fn left_over(folder: &Path, name: &[u8], is_alive: impl Fn(u32) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let dead = |found: &OsString| temporary(found.as_bytes()).is_some_and(|(of, pid, _)| of == name && !is_alive(pid));
    names.filter(dead).map(PathBuf::from).collect()
}

#[cfg(test)]
#[path = "removal_tests.rs"]
mod tests;
