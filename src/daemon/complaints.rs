//! The file that launchd puts the daemon's complaints into ([`COMPLAINTS`](crate::installed::COMPLAINTS)): nobody else
//! keeps it small.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// How large it may be when the daemon starts, in bytes. A daemon that is refused at each start says a few lines every 30 s.
const MOST: u64 = 1 << 20;

/// Empties the file at `path` where it is the one behind `stderr` and larger than it may be; launchd only ever appends.
/// Whatever else the daemon writes its complaints to is let be.
///
/// # Errors
/// What the system says where the file can be neither looked at nor emptied.
pub fn keep_small(stderr: BorrowedFd<'_>, path: &Path) -> io::Result<()> {
    let behind = File::from(stderr.try_clone_to_owned()?);
    let (opened, named) = (behind.metadata()?, path.symlink_metadata());
    let is_it = named.is_ok_and(|named| named.is_file() && (named.dev(), named.ino()) == (opened.dev(), opened.ino()));
    if is_it && opened.len() > MOST { behind.set_len(0) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn only_the_file_itself_is_emptied_and_only_when_it_is_large() {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (folder.path().join("own"), folder.path().join("other"));
        let open = |path| File::options().append(true).create(true).open(path).unwrap();
        let (own_file, other_file) = (open(&own), open(&other));
        let size = |path: &Path| path.metadata().unwrap().len();
        for file in [&own_file, &other_file] {
            file.set_len(MOST).unwrap();
        }
        keep_small(own_file.as_fd(), &own).unwrap();
        assert_eq!(size(&own), MOST);
        own_file.set_len(MOST + 1).unwrap();
        other_file.set_len(MOST + 1).unwrap();
        keep_small(other_file.as_fd(), &own).unwrap();
        keep_small(other_file.as_fd(), &folder.path().join("none")).unwrap();
        assert_eq!((size(&own), size(&other)), (MOST + 1, MOST + 1));
        keep_small(own_file.as_fd(), &own).unwrap();
        assert_eq!((size(&own), size(&other)), (0, MOST + 1));
    }
}
