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
    digest: "01ab2d9acc6c69f91be48fd05e0cda43ddf6b04a1954995d0dca37f26ad10a56",
};

/// The digest of `content`, as [`Edition::digest`] has it.
#[must_use]
pub fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
