//! The simulated Mac's files: in memory for tests, or under a folder that stays to be opened and edited.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use plist::Value;

/// The folders of a Mac that the simulation keeps; a path outside them names no file.
const KEPT: [&str; 3] = ["/Library/Preferences", "/Library/Managed Preferences", "/private/var/db"];

/// Where the files are.
#[derive(Clone, Debug)]
pub enum Files {
    /// In memory: the Mac's absolute path, and the content.
    Memory(BTreeMap<String, Vec<u8>>),
    /// Under this folder, each at its own path on the Mac.
    Folder(PathBuf),
}

/// A file's content and permission bits.
pub struct Found {
    /// The whole content.
    pub bytes: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
}

impl Files {
    /// The file at `path` on the Mac; `None` where there is none.
    pub fn read(&self, path: &str) -> io::Result<Option<Found>> {
        match self {
            Self::Memory(files) => Ok(files.get(path).map(|bytes| Found { bytes: bytes.clone(), mode: 0o644 })),
            Self::Folder(root) => {
                let Some(place) = place(root, path) else { return Ok(None) };
                let mut file = match fs::File::open(place) {
                    Ok(file) => file,
                    Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                        return Ok(None);
                    }
                    Err(error) => return Err(error),
                };
                let mode = file.metadata()?.permissions().mode() & 0o7777;
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(Some(Found { bytes, mode }))
            }
        }
    }

    /// Puts `bytes` at `path`, whole or not at all.
    pub fn write(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Memory(files) => {
                files.insert(path.to_owned(), bytes);
                Ok(())
            }
            Self::Folder(root) => {
                let place = place(root, path).ok_or_else(|| io::Error::other("outside the simulated Mac"))?;
                replace(&place, &bytes)
            }
        }
    }

    /// Takes the file at `path` away; there need not be one.
    #[allow(clippy::disallowed_methods)] // the files of a simulated Mac are this module's own
    pub fn remove(&mut self, path: &str) -> io::Result<()> {
        match self {
            Self::Memory(files) => {
                files.remove(path);
                Ok(())
            }
            Self::Folder(root) => match place(root, path).map(fs::remove_file) {
                Some(Err(error)) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }

    /// The property list at `path`, an empty one where there is none or it is not one: as `cfprefsd` takes it.
    pub fn dictionary(&self, path: &str) -> io::Result<plist::Dictionary> {
        let found = self.read(path)?;
        Ok(found
            .and_then(|found| Value::from_reader(io::Cursor::new(found.bytes)).ok())
            .and_then(Value::into_dictionary)
            .unwrap_or_default())
    }

    /// Puts the property list `dictionary` at `path`.
    pub fn put(&mut self, path: &str, dictionary: plist::Dictionary) -> io::Result<()> {
        self.write(path, xml(&Value::Dictionary(dictionary)))
    }

    /// Every file, by its path on the Mac.
    pub fn all(&self) -> io::Result<BTreeMap<String, Vec<u8>>> {
        match self {
            Self::Memory(files) => Ok(files.clone()),
            Self::Folder(root) => {
                let mut found = BTreeMap::new();
                for kept in KEPT {
                    walk(&root.join(kept.trim_start_matches('/')), kept, &mut found)?;
                }
                Ok(found)
            }
        }
    }
}

fn walk(folder: &Path, name: &str, found: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{name}/{file}");
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, found)?;
        } else if !file.starts_with('.') {
            found.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Where under `root` the Mac's `path` is kept.
fn place(root: &Path, path: &str) -> Option<PathBuf> {
    let kept = KEPT.iter().any(|kept| path.strip_prefix(kept).is_some_and(|rest| rest.starts_with('/')));
    let plain = Path::new(path).components().skip(1).all(|part| matches!(part, Component::Normal(_)));
    (kept && plain).then(|| root.join(path.trim_start_matches('/')))
}

/// Writes `bytes` beside `place` and renames them there, so that a reader or a kill never finds half of them. Folders on
/// the way are made.
#[allow(clippy::disallowed_methods)] // the files of a simulated Mac are this module's own
pub fn replace(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else {
        return Err(io::Error::other("not a file's path"));
    };
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".{}.new", name.to_string_lossy()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&beside)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(beside, place)
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
