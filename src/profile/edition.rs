//! Which edition of the settings this is.
//!
//! Consoles that hold several editions of a manifest take the one with the higher number, then the later day. So both must move
//! when the settings do and stand still when only the program was built again: they are written here, beside the digest of what
//! they were written for, and a test compares it.

use sha2::{Digest, Sha256};

/// An edition of the settings.
#[derive(Debug)]
pub struct Edition {
    /// One more than the edition's before it.
    pub number: i64,
    /// The day of the change, `YYYY-MM-DD`.
    pub day: &'static str,
    /// SHA-256, in hexadecimal, of what the manifest says of the settings.
    pub digest: &'static str,
}

/// This one.
pub static EDITION: Edition = Edition {
    number: 2,
    day: "2026-11-22",
    digest: "787aa875d57c136c135077201ab65687986c7b800e54fcadfcb2920336770acc",
};

/// The digest of `content`, as [`Edition::digest`] has it.
#[must_use]
pub fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
