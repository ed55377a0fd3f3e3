//! The ledger's folder: names of segments, and opening only what may be trusted.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::LedgerError;
use crate::host::files;

/// The segment that is written.
pub const CURRENT: &str = "compliance.ndjson";

const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// A segment's file name and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// Its first line's number as its name says it; `None` for the one that is written.
    pub(super) first: Option<u64>,
}

impl Segment {
    pub(super) fn current(folder: &Path) -> Self {
        Self { name: CURRENT.to_owned(), path: folder.join(CURRENT), first: None }
    }
}

/// What is in the ledger's folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Full segments, oldest first.
    pub(super) rotated: Vec<Segment>,
    /// Whether there is one to write.
    pub(super) has_current: bool,
    /// Names that look like a segment's and are none.
    pub(super) strays: Vec<String>,
}

impl Listing {
    /// All segments, oldest first.
    pub(super) fn segments(&self, folder: &Path) -> Vec<Segment> {
        let current = self.has_current.then(|| Segment::current(folder));
        self.rotated.iter().cloned().chain(current).collect()
    }
}

/// The name of a full segment whose first line has the number `first`.
pub(super) fn rotated_name(first: u64) -> String {
    format!("compliance.{first:012}.ndjson")
}

/// Whether `name` is that of a segment, the one that is written or a full one.
#[must_use]
pub fn is_segment(name: &str) -> bool {
    name == CURRENT || number(name).is_some()
}

/// The first line's number of the full segment of this name.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("compliance.")?.strip_suffix(".ndjson")?;
    digits.parse().ok().filter(|first| rotated_name(*first) == name)
}

/// The ledger's files in `folder`; none where the folder is not there.
pub(super) fn list(folder: &Path) -> Result<Listing, LedgerError> {
    let mut listing = Listing::default();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listing),
        other => other.map_err(LedgerError::io("listing", folder))?,
    };
    for entry in entries {
        let name = entry.map_err(LedgerError::io("listing", folder))?.file_name().to_string_lossy().into_owned();
        if name == CURRENT {
            listing.has_current = true;
        } else if let Some(first) = number(&name) {
            listing.rotated.push(Segment { path: folder.join(&name), name, first: Some(first) });
        } else if name.starts_with("compliance") && name.ends_with(".ndjson") {
            listing.strays.push(name);
        }
    }
    listing.rotated.sort_by_key(|segment| segment.first);
    listing.strays.sort();
    Ok(listing)
}

/// Opens a file to read it: no symbolic link is followed, and nothing but a regular file is taken.
pub(super) fn open_to_read(path: &Path) -> Result<File, LedgerError> {
    open(path, OpenOptions::new().read(true))
}

/// Opens the segment that is written, to append to it.
pub(super) fn open_to_append(path: &Path) -> Result<File, LedgerError> {
    let file = open(path, OpenOptions::new().append(true))?;
    trust(path, &stat(path, &file)?)?;
    set_mode(path, &file, FILE_MODE)?;
    Ok(file)
}

/// Makes the segment that is written; it must not be there.
pub(super) fn create_to_append(path: &Path) -> Result<File, LedgerError> {
    let file = open(path, OpenOptions::new().append(true).create_new(true).mode(FILE_MODE))?;
    set_mode(path, &file, FILE_MODE)?;
    Ok(file)
}

pub(super) fn open(path: &Path, options: &mut OpenOptions) -> Result<File, LedgerError> {
    // O_NONBLOCK so that a pipe in the file's place cannot hold us up; it means nothing for regular files.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let file = options.custom_flags(flags.bits()).open(path).map_err(|source| {
        if source.raw_os_error() == Some(Errno::ELOOP as i32) {
            return LedgerError::Unsafe { path: path.to_owned(), why: "is a symbolic link".to_owned() };
        }
        LedgerError::Io { doing: "opening", path: path.to_owned(), source }
    })?;
    if !stat(path, &file)?.is_file() {
        return Err(LedgerError::Unsafe { path: path.to_owned(), why: "is not a regular file".to_owned() });
    }
    Ok(file)
}

pub(super) fn stat(path: &Path, file: &File) -> Result<Metadata, LedgerError> {
    file.metadata().map_err(LedgerError::io("looking at", path))
}

pub(super) fn set_mode(path: &Path, file: &File, mode: u32) -> Result<(), LedgerError> {
    // The mode given when a file is made is cut by the umask of whoever starts us.
    if stat(path, file)?.mode() & 0o777 == mode {
        return Ok(());
    }
    file.set_permissions(PermissionsExt::from_mode(mode)).map_err(LedgerError::io("setting the mode of", path))
}

/// Refuses what somebody other than root and us could write.
pub(super) fn trust(path: &Path, metadata: &Metadata) -> Result<(), LedgerError> {
    let us = nix::unistd::geteuid().as_raw();
    match distrust(metadata.uid(), metadata.mode(), us) {
        Some(why) => Err(LedgerError::Unsafe { path: path.to_owned(), why }),
        None => Ok(()),
    }
}

/// Why what belongs to `owner` and has this mode is not to be trusted by user `us`.
fn distrust(owner: u32, mode: u32, us: u32) -> Option<String> {
    if owner != 0 && owner != us {
        return Some(format!("belongs to user {owner}, not to root or user {us}"));
    }
    (mode & 0o022 != 0).then(|| format!("can be written by others (mode {:04o})", mode & 0o7777))
}

/// Makes `folder` where it is missing, and refuses one that others could write to. Whether the folders above it can be trusted
/// is the caller's to know.
pub(super) fn ensure(folder: &Path) -> Result<(), LedgerError> {
    files::make_dir(folder, FOLDER_MODE)?;
    files::check_folder(folder, folder.parent().unwrap_or(folder)).map_err(LedgerError::folder)
}

/// Makes names in `folder` durable. On macOS with `F_FULLFSYNC`, which plain `fsync` is not.
pub(super) fn sync(folder: &Path) -> Result<(), LedgerError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|file| file.sync_all()).map_err(LedgerError::io("syncing", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_we_are_trusted_as_owners() {
        assert_eq!(distrust(0, 0o100_644, 501), None);
        assert_eq!(distrust(501, 0o100_644, 501), None);
        let why = distrust(502, 0o100_600, 501);
        assert_eq!(why.as_deref(), Some("belongs to user 502, not to root or user 501"));
        assert_eq!(distrust(0, 0o100_664, 0).as_deref(), Some("can be written by others (mode 0664)"));
        assert!(distrust(0, 0o40_757, 0).is_some());
    }

    #[test]
    fn only_our_own_names_are_segments() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "compliance.000000000010.ndjson",
            "compliance.000000000002.ndjson",
            "compliance.1000000000000.ndjson",
            CURRENT,
            crate::ledger::LOCK,
            "compliance.2.ndjson",
            "compliance.+00000000003.ndjson",
            "compliance.ndjson.gz",
            "notes.ndjson",
        ];
        for name in names {
            super::super::testing::put(&dir.path().join(name), b"");
        }
        let listing = list(dir.path()).unwrap();
        let numbers: Vec<_> = listing.rotated.iter().map(|segment| segment.first).collect();
        assert_eq!(numbers, [Some(2), Some(10), Some(1_000_000_000_000)]);
        assert!(listing.has_current);
        assert_eq!(listing.strays, ["compliance.+00000000003.ndjson", "compliance.2.ndjson"]);
    }
}
