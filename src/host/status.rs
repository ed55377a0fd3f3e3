//! What stands at a path and what names are in a folder, without opening any content.
//!
//! The last part of a path is never followed where it is a link; what the folders above are is the caller's matter, as in
//! [`super::files`].

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions, read_dir};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{FileStat, SFlag, fstatat};

use super::ToolError;
use crate::mac::{FileKind, FileStatus, FolderEntry};

/// Most names that a folder may have to be read. `/var/audit` may hold some thousands of trails.
pub const MOST: usize = 20_000;

/// What stands at `path`; `None` where nothing does.
///
/// # Errors
/// [`ToolError::UnsafeFile`] for a relative path; [`ToolError::File`] where it could not be told.
pub fn of(path: &Path) -> Result<Option<FileStatus>, ToolError> {
    if !path.is_absolute() {
        return Err(distrusted(path, "its path is not absolute"));
    }
    match path.symlink_metadata() {
        Ok(found) => Ok(Some(status(&found))),
        Err(why) if is_absence(&why) => Ok(None),
        Err(why) => Err(unread(path, why)),
    }
}

/// The names in the folder at `path` with what stands at each, sorted; `None` where nothing stands at `path`. What
/// disappears while this looks is left out.
///
/// # Errors
/// [`ToolError::UnsafeFile`] for a relative path, for anything but a folder, for one with more than [`MOST`] names, for a name
/// that is not UTF-8, and where another folder took its place meanwhile; [`ToolError::File`] where it could not be read.
pub fn names_in(path: &Path) -> Result<Option<Vec<FolderEntry>>, ToolError> {
    let io = |why| unread(path, why);
    match of(path)? {
        None => return Ok(None),
        Some(FileStatus { kind: FileKind::Folder, .. }) => {}
        Some(_) => return Err(distrusted(path, "it is not a folder")),
    }
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let folder = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).map_err(io)?;
    let mut entries = Vec::new();
    for entry in read_dir(path).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        if let Some(status) = in_folder(&folder, &name).map_err(|why| unread(&path.join(&name), why))? {
            let name = name.into_string().map_err(|_| distrusted(path, "a name in it is not UTF-8"))?;
            entries.push(FolderEntry { name, status });
        }
        if entries.len() > MOST {
            return Err(distrusted(path, &format!("it has more than {MOST} names")));
        }
    }
    // The names were read by the path, what stands at them by the open folder: both must be the same one.
    let (opened, now) = (folder.metadata().map_err(io)?, path.symlink_metadata().map_err(io)?);
    if (opened.dev(), opened.ino()) != (now.dev(), now.ino()) {
        return Err(distrusted(path, "another folder took its place while it was read"));
    }
    entries.sort();
    Ok(Some(entries))
}

/// What stands at `name` in the open `folder`.
pub(crate) fn in_folder(folder: &File, name: &OsString) -> io::Result<Option<FileStatus>> {
    match fstatat(folder, name.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(of_stat(&found))),
        Err(Errno::ENOENT) => Ok(None),
        Err(why) => Err(why.into()),
    }
}

fn of_stat(found: &FileStat) -> FileStatus {
    let kind = match SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT {
        SFlag::S_IFREG => FileKind::File,
        SFlag::S_IFDIR => FileKind::Folder,
        SFlag::S_IFLNK => FileKind::Link,
        _ => FileKind::Other,
    };
    #[allow(clippy::useless_conversion)] // 16 bits on macOS
    let mode = u32::from(found.st_mode) & 0o7777;
    FileStatus { kind, owner: found.st_uid, group: found.st_gid, mode }
}

fn status(found: &Metadata) -> FileStatus {
    let kind = match found.file_type() {
        kind if kind.is_file() => FileKind::File,
        kind if kind.is_dir() => FileKind::Folder,
        kind if kind.is_symlink() => FileKind::Link,
        _ => FileKind::Other,
    };
    FileStatus { kind, owner: found.uid(), group: found.gid(), mode: found.mode() & 0o7777 }
}

fn is_absence(why: &io::Error) -> bool {
    matches!(why.raw_os_error().map(Errno::from_raw), Some(Errno::ENOENT | Errno::ENOTDIR))
}

fn distrusted(path: &Path, why: &str) -> ToolError {
    ToolError::UnsafeFile { path: path.to_owned(), why: why.to_owned() }
}

fn unread(path: &Path, why: io::Error) -> ToolError {
    ToolError::File { path: path.to_owned(), source: Arc::new(why) }
}
