//! The simulated Mac's files: in memory for tests, or under a folder that stays to be opened and edited.
//!
//! Below that folder no symbolic link is followed: what a simulation writes stays in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, geteuid, unlinkat};
use plist::Value;

use super::SimError;
use crate::host::ToolError;
use crate::host::files as host;
use crate::host::status as stands;
use crate::mac::{FileAnswer, FileKind, FileStatus};

/// The folders of a Mac that the simulation keeps; a path outside them names no file.
const KEPT: &[&str] = &[
    "/Applications",
    "/Library/Application Support/CrashReporter",
    "/Library/Apple",
    "/Library/Application Support/Dialog",
    "/Library/Application Support/Holdfast/replaced",
    "/Library/LaunchDaemons",
    "/Library/Managed Preferences",
    "/Library/Preferences",
    "/Library/Scripts",
    "/private/etc",
    "/Users",
    "/private/var/db",
    "/private/var/log",
];

/// Where the files are.
#[derive(Clone, Debug)]
pub enum Files {
    /// In memory: the Mac's absolute path, and the content.
    Memory(BTreeMap<String, Vec<u8>>),
    /// Under this folder, each at its own path on the Mac.
    Folder(PathBuf),
}

impl Files {
    /// The file at `path` on the Mac, read as the real host reads one. What belongs to whoever runs the simulation is
    /// root's on the Mac.
    ///
    /// # Errors
    /// [`ToolError`], which names the file where it really is.
    pub fn read(&self, path: &str) -> Result<FileAnswer, ToolError> {
        let root = match self {
            Self::Memory(files) => {
                let present = |bytes: &Vec<u8>| FileAnswer::Present { bytes: bytes.clone(), owner: 0, mode: 0o644 };
                return Ok(files.get(path).map_or(FileAnswer::Absent, present));
            }
            Self::Folder(root) => root,
        };
        let Some(place) = Place::of(root, path) else { return Ok(FileAnswer::Absent) };
        let folder = match descend(root, place.folder, false) {
            Ok(None) => return Ok(FileAnswer::Absent),
            Ok(Some(folder)) => folder,
            Err((path, why)) => return Err(unread(path, why)),
        };
        let found = host::read_in(&folder, place.name, &place.path)?;
        Ok(match found {
            FileAnswer::Present { bytes, owner, mode } if owner == geteuid().as_raw() => {
                FileAnswer::Present { bytes, owner: 0, mode }
            }
            other => other,
        })
    }

    /// What stands at `path`, where something with content does, or a folder with such in it.
    ///
    /// # Errors
    /// Those of [`Files::read`].
    pub fn status(&self, path: &str) -> Result<Option<FileStatus>, ToolError> {
        let root = match self {
            Self::Memory(files) => {
                let stands = |kind, mode| Some(FileStatus { kind, owner: 0, group: 0, mode });
                let below = format!("{path}/");
                let is_above = || files.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below));
                return Ok(match files.contains_key(path) {
                    true => stands(FileKind::File, 0o644),
                    false if is_above() => stands(FileKind::Folder, 0o755),
                    false => None,
                });
            }
            Self::Folder(root) => root,
        };
        let Some((folder, name)) = above(path) else { return Ok(None) };
        let found = match descend(root, folder, false) {
            Ok(None) => return Ok(None),
            Ok(Some(folder)) => stands::in_folder(&folder, &name.to_owned()),
            Err((path, why)) => return Err(unread(path, why)),
        };
        let found = found.map_err(|why| unread(root.join(folder).join(name), why))?;
        // What mode it has here is this machine's matter: on the Mac it is the usual one, where no mark says otherwise.
        let usual = |found: FileStatus| match found.kind {
            FileKind::File => 0o644,
            FileKind::Folder => 0o755,
            FileKind::Link | FileKind::Other => found.mode,
        };
        let us = |found: FileStatus| found.owner == geteuid().as_raw();
        let root = |found: FileStatus| FileStatus { owner: 0, group: 0, mode: usual(found), ..found };
        Ok(found.map(|found| if us(found) { root(found) } else { found }))
    }

    /// The names of what has content in the folder at `path`.
    ///
    /// # Errors
    /// [`ToolError`] where the folder is there and cannot be read.
    pub fn names_in(&self, path: &str) -> Result<BTreeSet<String>, ToolError> {
        let below = format!("{path}/");
        let root = match self {
            Self::Memory(files) => {
                let within = files.range(below.clone()..).take_while(|(path, _)| path.starts_with(&below));
                let first = |path: &String| path.strip_prefix(&below)?.split('/').next().map(str::to_owned);
                return Ok(within.filter_map(|(path, _)| first(path)).collect());
            }
            Self::Folder(root) => root,
        };
        if above(path).is_none() {
            return Ok(BTreeSet::new());
        }
        let place = root.join(path.trim_start_matches('/'));
        let entries = stands::names_in(&place)?.unwrap_or_default();
        // What is being written stands there under a name with a dot in front.
        Ok(entries.into_iter().map(|entry| entry.name).filter(|name| !name.starts_with('.')).collect())
    }

    /// Puts `bytes` at `path`, whole or not at all.
    pub fn write(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), SimError> {
        match self {
            Self::Memory(files) => {
                files.insert(path.to_owned(), bytes);
                Ok(())
            }
            Self::Folder(root) => {
                let outside = || io::Error::other("outside the simulated Mac");
                let place = Place::of(root, path)
                    .ok_or_else(|| SimError::Io { path: root.join(path.trim_start_matches('/')), source: outside() })?;
                let io = |path: PathBuf, source: io::Error| SimError::Io { path, source };
                match descend(root, place.folder, true) {
                    Ok(Some(folder)) => replace(&folder, place.name, &bytes).map_err(|why| io(place.path, why)),
                    Ok(None) => Err(io(place.path, io::ErrorKind::NotFound.into())),
                    Err((path, why)) => Err(unwritten(path, why)),
                }
            }
        }
    }

    /// Takes the file at `path` away; there need not be one.
    pub fn remove(&mut self, path: &str) -> Result<(), SimError> {
        match self {
            Self::Memory(files) => {
                files.remove(path);
                Ok(())
            }
            Self::Folder(root) => {
                let Some(place) = Place::of(root, path) else { return Ok(()) };
                match descend(root, place.folder, false) {
                    Ok(None) => Ok(()),
                    Ok(Some(folder)) => {
                        gone(&folder, place.name).map_err(|source| SimError::Io { path: place.path, source })
                    }
                    Err((path, why)) => Err(unwritten(path, why)),
                }
            }
        }
    }

    /// The property list at `path`, an empty one where there is none or it is not one: as `cfprefsd` takes it.
    pub fn dictionary(&self, path: &str) -> Result<plist::Dictionary, SimError> {
        let FileAnswer::Present { bytes, .. } = self.read(path)? else { return Ok(plist::Dictionary::new()) };
        Ok(Value::from_reader(io::Cursor::new(bytes)).ok().and_then(Value::into_dictionary).unwrap_or_default())
    }

    /// Puts the property list `dictionary` at `path`.
    pub fn put(&mut self, path: &str, mut dictionary: plist::Dictionary) -> Result<(), SimError> {
        // In one order, whatever was changed and changed back.
        dictionary.sort_keys();
        self.write(path, xml(&Value::Dictionary(dictionary)))
    }

    /// Every file, by its path on the Mac.
    pub fn all(&self) -> Result<BTreeMap<String, Vec<u8>>, SimError> {
        match self {
            Self::Memory(files) => Ok(files.clone()),
            Self::Folder(root) => {
                let mut found = BTreeMap::new();
                for kept in KEPT {
                    self.walk(root, kept, &mut found)?;
                }
                Ok(found)
            }
        }
    }

    fn walk(&self, root: &Path, name: &str, found: &mut BTreeMap<String, Vec<u8>>) -> Result<(), SimError> {
        let relative = Path::new(name.trim_start_matches('/'));
        match descend(root, relative, false) {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err((path, why)) => return Err(unread(path, why).into()),
        }
        let place = root.join(relative);
        let io = |source| SimError::Io { path: place.clone(), source };
        for entry in fs::read_dir(&place).map_err(io)? {
            let entry = entry.map_err(io)?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{name}/{file}");
            if entry.file_type().map_err(io)?.is_dir() {
                self.walk(root, &path, found)?;
            } else if (!file.starts_with('.') || file == ".GlobalPreferences.plist")
                && let FileAnswer::Present { bytes, .. } = self.read(&path)?
            {
                found.insert(path, bytes);
            }
        }
        Ok(())
    }
}

/// Where a file of the Mac is kept.
struct Place<'a> {
    /// Its folder, from the simulation's root.
    folder: &'a Path,
    name: &'a OsStr,
    /// The whole path, for messages.
    path: PathBuf,
}

impl<'a> Place<'a> {
    fn of(root: &Path, path: &'a str) -> Option<Self> {
        let kept = KEPT.iter().any(|kept| path.strip_prefix(kept).is_some_and(|rest| rest.starts_with('/')));
        let relative = Path::new(path.trim_start_matches('/'));
        let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        let (folder, name) = (relative.parent()?, relative.file_name()?);
        (kept && plain).then(|| Self { folder, name, path: root.join(relative) })
    }
}

/// The folder of a path, from the simulation's root, and its last part, where the simulation keeps it or something below it.
fn above(path: &str) -> Option<(&Path, &OsStr)> {
    let is_below = |one: &str, other: &str| one == other || Path::new(one).starts_with(other);
    let kept = KEPT.iter().any(|kept| is_below(path, kept) || is_below(kept, path));
    let relative = Path::new(path.trim_start_matches('/'));
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    (kept && plain).then_some(()).and_then(|()| Some((relative.parent()?, relative.file_name()?)))
}

/// Opens the folder `relative` under `root`, making missing levels if asked; `None` where one is missing. On failure, where
/// and why.
fn descend(root: &Path, relative: &Path, make: bool) -> Result<Option<File>, (PathBuf, io::Error)> {
    let mut here = root.to_owned();
    let mut open = host::open_folder(root).map_err(|why| (here.clone(), why))?;
    for name in relative {
        here.push(name);
        open = match host::step_into(&open, name) {
            Ok(next) => next,
            Err(Errno::ENOENT) if make => {
                let made = host::make_level(&open, name, 0o755);
                made.and_then(|made| as_above(&made, &open).map(|()| made)).map_err(|why| (here.clone(), why))?
            }
            Err(Errno::ENOENT) => return Ok(None),
            Err(why) => return Err((here, why.into())),
        };
    }
    Ok(Some(open))
}

/// A folder on the way that could not be stepped into.
fn unread(path: PathBuf, why: io::Error) -> ToolError {
    match why.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ELOOP | Errno::ENOTDIR) => {
            ToolError::UnsafeFile { path, why: "it is a symbolic link or not a folder".into() }
        }
        _ => ToolError::File { path, source: Arc::new(why) },
    }
}

fn unwritten(path: PathBuf, why: io::Error) -> SimError {
    match why.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ELOOP | Errno::ENOTDIR) => unread(path, why).into(),
        _ => SimError::Io { path, source: why },
    }
}

/// The name under which the content that is to stand at `name` is written first.
pub fn beside(name: &OsStr) -> OsString {
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(".new");
    beside
}

/// The new, empty file beside `name`.
pub fn start(folder: &File, name: &OsStr) -> io::Result<File> {
    let beside = beside(name);
    // Whatever stands there, a killed run's or a trap, is not opened.
    gone(folder, &beside)?;
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    Ok(openat(folder, &*beside, flags, Mode::S_IRUSR | Mode::S_IWUSR)?.into())
}

/// Writes `bytes` beside `name` and renames them there, so that a reader or a kill never finds half of them. Not made durable:
/// a simulation is not worth the wait.
pub fn replace(folder: &File, name: &OsStr, bytes: &[u8]) -> io::Result<()> {
    let mut file = start(folder, name)?;
    file.write_all(bytes)?;
    file.set_permissions(fs::Permissions::from_mode(0o644))?;
    as_above(&file, folder)?;
    Ok(renameat(folder, &*beside(name), folder, name)?)
}

/// Gives what was made to the owner of the folder that it is in: a Mac put up at its own paths tells by that whose it is.
fn as_above(made: &File, folder: &File) -> io::Result<()> {
    let above = folder.metadata()?;
    if above.uid() == made.metadata()?.uid() {
        return Ok(());
    }
    fchown(made, Some(above.uid()), Some(above.gid()))
}

/// Takes `name` away, if it is there.
fn gone(folder: &File, name: &OsStr) -> io::Result<()> {
    match unlinkat(folder, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(why) => Err(why.into()),
    }
}

/// `value` as the XML form that macOS's tools print, its last line ended.
pub fn xml(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Memory takes every write; were it ever otherwise, no cut property list would come of it.
    if value.to_writer_xml(&mut bytes).is_err() {
        bytes.clear();
    }
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    bytes
}
