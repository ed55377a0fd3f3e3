//! Files: how one is read that somebody else may have put there, and how the agent's own are written.
//!
//! Reading and writing guard the last part of a path only: on a Mac `/var`, `/etc` and `/tmp` are symbolic links
//! themselves, so callers name `/private/var`, and whoever relies on the folders above calls [`check_folder`] first.
//!
//! Owner and mode are judged by the permission bits. An access control list that gives more is not seen.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::signal::kill;
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Pid, UnlinkatFlags, fsync, geteuid, unlinkat};

use super::{ToolError, removal};
use crate::mac::{FileAnswer, UserFile};

/// The longest file that is read, in bytes. Preference files that matter here are under 100 KiB.
pub const CAP: usize = 4 * 1024 * 1024;

/// Reads a regular file whole. Content, owner and mode come from one descriptor, so they belong together whatever is
/// renamed meanwhile. Never waits, even where a named pipe stands in the file's place, and never follows a symbolic
/// link in the last part of the path.
///
/// # Errors
/// [`ToolError::UnsafeFile`] for a relative path, for anything but a regular file, and for one longer than [`CAP`];
/// [`ToolError::File`] where it is there but cannot be read.
pub fn read(path: &Path) -> Result<FileAnswer, ToolError> {
    if !path.is_absolute() {
        return Err(distrusted(path, "its path is not absolute"));
    }
    let opened = OpenOptions::new().read(true).custom_flags(GUARDED.bits()).open(path);
    taken(path, opened)
}

/// What keeps an open for reading from following a symbolic link and from waiting.
const GUARDED: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_NONBLOCK);

/// The same as [`read`] for the file `name` in `folder`, which `path` names for messages.
pub(crate) fn read_in(folder: &File, name: &OsStr, path: &Path) -> Result<FileAnswer, ToolError> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | GUARDED;
    taken(path, openat(folder, name, flags, Mode::empty()).map(File::from).map_err(io::Error::from))
}

/// Reads a file that is a user's own, as [`read`] does, and gives nothing of any other: each folder on the way from the home
/// is opened in the one before, so that no symbolic link is followed and no swap helps, and each of them and the file must
/// belong to the user. Whoever owns a home can put anything into it, a second name of another's file included, which keeps
/// its owner.
///
/// The home itself is opened by its path: the folders above it are root's.
///
/// # Errors
/// [`ToolError::UnsafeFile`] for anything on the way that is not so, named where it is; those of [`read`].
pub fn read_own(file: &UserFile) -> Result<FileAnswer, ToolError> {
    let path = file.path();
    let plain = file.below.components().all(|part| matches!(part, Component::Normal(_)));
    let (Some(way), Some(name), true) = (file.below.parent(), file.below.file_name(), plain && path.is_absolute())
    else {
        return Err(distrusted(&path, "its path is not a plain one"));
    };
    let mut here = file.home.clone();
    let mut open = match open_folder(&here) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(FileAnswer::Absent),
        opened => opened.map_err(|why| unread(&here, why))?,
    };
    belongs(&open, &here, file.uid)?;
    for part in way {
        here.push(part);
        open = match step_into(&open, part) {
            Err(Errno::ENOENT) => return Ok(FileAnswer::Absent),
            Err(Errno::ELOOP | Errno::ENOTDIR) => {
                return Err(distrusted(&here, "it is a symbolic link or not a folder"));
            }
            opened => opened.map_err(|why| unread(&here, why.into()))?,
        };
        belongs(&open, &here, file.uid)?;
    }
    match read_in(&open, name, &path)? {
        FileAnswer::Present { owner, .. } if owner != file.uid => {
            Err(distrusted(&path, format!("it belongs to user {owner}, not to user {}", file.uid)))
        }
        answer => Ok(answer),
    }
}

/// Refuses a folder that is not user `uid`'s.
fn belongs(folder: &File, path: &Path, uid: u32) -> Result<(), ToolError> {
    let owner = folder.metadata().map_err(|why| unread(path, why))?.uid();
    if owner == uid {
        return Ok(());
    }
    Err(distrusted(path, format!("it belongs to user {owner}, not to user {uid}")))
}

fn taken(path: &Path, opened: io::Result<File>) -> Result<FileAnswer, ToolError> {
    let file = match opened {
        Ok(file) => file,
        Err(why) => {
            return match why.raw_os_error().map(Errno::from_raw) {
                Some(Errno::ENOENT | Errno::ENOTDIR) => Ok(FileAnswer::Absent),
                Some(Errno::ELOOP) => Err(distrusted(path, "it is a symbolic link")),
                // What opening a socket gives, on Linux and on macOS.
                Some(Errno::ENXIO | Errno::EOPNOTSUPP) => Err(distrusted(path, "it is not a regular file")),
                _ => Err(unread(path, why)),
            };
        }
    };
    let found = file.metadata().map_err(|why| unread(path, why))?;
    if !found.is_file() {
        return Err(distrusted(path, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(CAP as u64 + 1).read_to_end(&mut bytes).map_err(|why| unread(path, why))?;
    if bytes.len() > CAP {
        return Err(distrusted(path, format!("it is longer than {CAP} bytes")));
    }
    Ok(FileAnswer::Present { bytes, owner: found.uid(), mode: found.mode() & 0o7777 })
}

/// Checks that nobody but root (or, where this process is not root, its own user) can put something else in the place
/// of `folder` or of what is in it: each part of its path below `base` is a real folder, owned so, and not writable by
/// group or others.
///
/// A folder on the way that is root's, writable and sticky (as `/tmp` is) is let pass, since others can neither rename
/// nor remove what is ours in it; `folder` itself must not be. `base` is vouched for by the caller and not looked at:
/// `/`, or the folder that a person named for a simulation. The walk holds each folder open while it goes on to the
/// next, so a swap behind its back does not deceive it.
///
/// # Errors
/// [`ToolError::UnsafeFile`] with the folder at fault and why; [`ToolError::File`] where one cannot be opened.
pub fn check_folder(folder: &Path, base: &Path) -> Result<(), ToolError> {
    walk(folder, base, |here, found, is_last| match fault(found, is_last, geteuid().as_raw()) {
        Some(why) => Err(distrusted(here, why)),
        None => Ok(()),
    })
}

/// Goes from `base` down to `folder`, shows each folder below `base` with its owner and mode, and whether it is the last.
pub(super) fn walk(
    folder: &Path,
    base: &Path,
    mut show: impl FnMut(&Path, &Metadata, bool) -> Result<(), ToolError>,
) -> Result<(), ToolError> {
    let below = folder
        .strip_prefix(base)
        .map_err(|_| distrusted(folder, format!("it does not lie below {}", base.display())))?;
    let mut here = base.to_owned();
    let mut open = open_folder(base).map_err(|why| unread(base, why))?;
    let mut parts = below.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else {
            return Err(distrusted(folder, "its path is not a plain one"));
        };
        here.push(name);
        open = step_into(&open, name).map_err(|why| match why {
            Errno::ELOOP | Errno::ENOTDIR => distrusted(&here, "it is a symbolic link or not a folder"),
            other => unread(&here, other.into()),
        })?;
        let found = open.metadata().map_err(|why| unread(&here, why))?;
        show(&here, &found, parts.peek().is_none())?;
    }
    Ok(())
}

/// What is wrong with a folder's owner or mode, where it may be root's or user `us`'s.
pub(super) fn fault(found: &Metadata, is_last: bool, us: u32) -> Option<String> {
    let (owner, mode) = (found.uid(), found.mode() & 0o7777);
    if owner != 0 && owner != us {
        return Some(format!("it belongs to user {owner}"));
    }
    let sticky = mode & 0o1000 != 0 && owner == 0 && !is_last;
    let who = match (mode & 0o020 != 0, mode & 0o002 != 0) {
        (false, false) => return None,
        _ if sticky => return None,
        (true, false) => "its group",
        (false, true) => "everybody",
        (true, true) => "its group and everybody",
    };
    Some(format!("{who} may write to it (mode {mode:04o})"))
}

/// A file or folder of the agent's own that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: could not be {action}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was tried, as a participle.
    pub action: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl WriteError {
    fn at(path: &Path, action: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self { path: path.to_owned(), action, source }
    }
}

/// Puts a file with exactly `bytes` and permission bits `mode` in the place of `path`, whole or not at all: whoever
/// opens it sees the old content or the new, also after a crash. A symbolic link there is replaced, not followed.
///
/// # Errors
/// [`WriteError`]; the old file then still is there, unless only the last step failed, which makes the new one durable.
pub fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), WriteError> {
    let (Some(parent), Some(name), true) = (path.parent(), path.file_name(), path.is_absolute()) else {
        return Err(WriteError::at(path, "written")(io::ErrorKind::InvalidInput.into()));
    };
    let folder = open_folder(parent).map_err(WriteError::at(parent, "opened"))?;
    sweep(&folder, parent, name);
    let (temporary, file) = create_beside(&folder, name).map_err(WriteError::at(path, "created"))?;
    let filled = fill(file, bytes, mode);
    let placed = filled.and_then(|()| Ok(renameat(&folder, &*temporary, &folder, name)?));
    if let Err(why) = placed {
        // The first error is the one to tell of.
        let _ = unlinkat(&folder, &*temporary, UnlinkatFlags::NoRemoveDir);
        return Err(WriteError::at(path, "written")(why));
    }
    fsync(&folder).map_err(|why| WriteError::at(path, "made durable")(why.into()))
}

/// Removes what writes of `name` left behind whose process was killed. What cannot be removed waits for the next write.
fn sweep(folder: &File, path: &Path, name: &OsStr) {
    for left in removal::left_over(path, name.as_bytes(), is_alive) {
        let _ = unlinkat(folder, &left, UnlinkatFlags::NoRemoveDir);
    }
}

/// Whether there is a process of this id, whoever's it is.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).map(Pid::from_raw);
    pid.is_ok_and(|pid| !matches!(kill(pid, None), Err(Errno::ESRCH)))
}

fn fill(mut file: File, bytes: &[u8], mode: u32) -> io::Result<()> {
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

/// A new file in `folder` that nothing else has open, and its name. The name needs no chance in it: it is unique among
/// living processes, and one that a dead process left is stepped over.
fn create_beside(folder: &File, name: &OsStr) -> io::Result<(Vec<u8>, File)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    for _ in 0..100 {
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let tail = format!(".{}.{count}.tmp", std::process::id());
        let temporary = [b".", name.as_bytes(), tail.as_bytes()].concat();
        match openat(folder, &*temporary, flags, Mode::S_IRUSR | Mode::S_IWUSR) {
            Err(Errno::EEXIST) => {}
            other => return Ok((temporary, other?.into())),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Removes the file `path`; that there is none is fine. A symbolic link there goes, not what it points to.
///
/// # Errors
/// [`WriteError`] where it is still there.
pub fn remove(path: &Path) -> Result<(), WriteError> {
    let (Some(parent), Some(name), true) = (path.parent(), path.file_name(), path.is_absolute()) else {
        return Err(WriteError::at(path, "removed")(io::ErrorKind::InvalidInput.into()));
    };
    let folder = open_folder(parent).map_err(WriteError::at(parent, "opened"))?;
    match unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) => fsync(&folder).map_err(|why| WriteError::at(path, "removed for good")(why.into())),
        Err(Errno::ENOENT) => Ok(()),
        Err(why) => Err(WriteError::at(path, "removed")(why.into())),
    }
}

/// Makes the folder `path` and each missing level above it, with permission bits `mode` whatever the umask is. A level
/// that is there already keeps the bits it has; nothing is said about whether it can be trusted ([`check_folder`]).
///
/// # Errors
/// [`WriteError`] with the level at fault.
pub fn make_dir(path: &Path, mode: u32) -> Result<(), WriteError> {
    if !path.is_absolute() {
        return Err(WriteError::at(path, "made")(io::ErrorKind::InvalidInput.into()));
    }
    let mut missing = Vec::new();
    let mut here = path;
    let mut open = loop {
        match (open_folder(here), here.parent(), here.file_name()) {
            (Ok(open), _, _) => break open,
            (Err(why), Some(above), Some(name)) if why.kind() == io::ErrorKind::NotFound => {
                missing.push(name);
                here = above;
            }
            (Err(why), _, _) => return Err(WriteError::at(here, "opened")(why)),
        }
    };
    let mut here = here.to_owned();
    for name in missing.into_iter().rev() {
        here.push(name);
        open = make_level(&open, name, mode).map_err(WriteError::at(&here, "made"))?;
    }
    Ok(())
}

/// Makes the folder `name` in `above`, with permission bits `mode` whatever the umask is, and opens it; one that is there
/// already keeps its bits.
pub(crate) fn make_level(above: &File, name: &OsStr, mode: u32) -> io::Result<File> {
    match mkdirat(above, name, Mode::S_IRWXU) {
        // Somebody else was quicker, so the bits are theirs to set.
        Err(Errno::EEXIST) => Ok(step_into(above, name)?),
        Err(why) => Err(why.into()),
        Ok(()) => {
            let made = step_into(above, name)?;
            made.set_permissions(Permissions::from_mode(mode))?;
            fsync(above)?;
            Ok(made)
        }
    }
}

/// Opens a folder by its path, following symbolic links.
pub(crate) fn open_folder(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlag::O_DIRECTORY.bits()).open(path)
}

/// Opens the folder `name` in `above`, which must not be a symbolic link.
pub(crate) fn step_into(above: &File, name: &OsStr) -> Result<File, Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(above, name, flags, Mode::empty()).map(File::from)
}

fn distrusted(path: &Path, why: impl Into<String>) -> ToolError {
    ToolError::UnsafeFile { path: path.to_owned(), why: why.into() }
}

fn unread(path: &Path, why: io::Error) -> ToolError {
    ToolError::File { path: path.to_owned(), source: Arc::new(why) }
}
