//! Owners and modes of files, and the audit system.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mac::FileKind;

/// Owners and modes of files, and the audit system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// What is not root's with mode 0644, or 0755 for a folder, and what is there without content, by its absolute path.
    pub marks: BTreeMap<String, Mark>,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is.
    pub kind: FileKind,
    /// User id of the owner.
    pub owner: u32,
    /// Group id.
    pub group: u32,
    /// Permission bits.
    #[serde(with = "octal")]
    pub mode: u32,
}

/// The group `staff`, to which every person belongs.
pub const STAFF: u32 = 20;
/// The group `admin`.
pub const ADMIN: u32 = 80;

impl Mark {
    /// A folder.
    #[must_use]
    pub const fn folder(owner: u32, group: u32, mode: u32) -> Self {
        Self { kind: FileKind::Folder, owner, group, mode }
    }

    /// A file.
    #[must_use]
    pub const fn file(owner: u32, group: u32, mode: u32) -> Self {
        Self { kind: FileKind::File, owner, group, mode }
    }
}

/// As unpacked.
impl Default for Permissions {
    fn default() -> Self {
        let marks = [
            ("/Applications", Mark::folder(0, ADMIN, 0o775)),
            ("/Library/Caches", Mark::folder(0, ADMIN, 0o1777)),
            ("/Library/Security", Mark::folder(0, 0, 0o755)),
            ("/Users", Mark::folder(0, ADMIN, 0o755)),
            ("/Users/Shared", Mark::folder(0, 0, 0o1777)),
            ("/private/etc/newsyslog.d", Mark::folder(0, 0, 0o755)),
            ("/private/etc/security", Mark::folder(0, 0, 0o755)),
            ("/private/var/audit", Mark::folder(0, 0, 0o700)),
            ("/private/var/log", Mark::folder(0, 0, 0o755)),
        ];
        Self { marks: marks.map(|(path, mark)| (path.to_owned(), mark)).into() }
    }
}

impl Permissions {
    /// Has `mark` stand at `path`.
    pub fn mark(&mut self, path: impl Into<String>, mark: Mark) {
        self.marks.insert(path.into(), mark);
    }
}

/// Permission bits as everybody writes them: `"0644"`.
mod octal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub fn serialize<S: Serializer>(mode: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{mode:04o}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        let text = String::deserialize(from)?;
        let mode = u32::from_str_radix(&text, 8).ok().filter(|mode| *mode <= 0o7777);
        mode.ok_or_else(|| D::Error::custom(format!("{text} is no mode: four octal digits")))
    }
}
