//! UUIDs that follow from what they name, so that a profile that is made again replaces the one before it.

use sha2::{Digest, Sha256};

/// The UUID of `what` in `whose`: version 8 (RFC 9562), of the first 128 bits of SHA-256 over both, in upper case as
/// `uuidgen` prints them.
#[must_use]
pub fn of(whose: &str, what: &str) -> String {
    let digest = Sha256::new().chain_update(whose).chain_update([0]).chain_update(what).finalize();
    let first = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    // Four bits of version from bit 48 on, two of variant from bit 64 on.
    let number = first & !(0xf << 76) & !(0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    let hex = format!("{number:032X}");
    let mut parts = Vec::new();
    let mut rest = hex.as_str();
    for length in [8, 4, 4, 4, 12] {
        let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_of_version_8_and_follows_from_what_it_names() {
        // printf 'org.holdfast.profile.policy\0profile' | sha256sum
        assert_eq!(of("org.holdfast.profile.policy", "profile"), "E6B5983F-158E-8F63-9684-E1905AE892DD");
        for (whose, what) in [("a", "b"), ("ab", ""), ("", "ab"), ("a", "c"), ("ä", "日本")] {
            let uuid = of(whose, what);
            assert_eq!(uuid, of(whose, what));
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(&uuid[14..15], "8", "{uuid}");
            assert!("89AB".contains(&uuid[19..20]), "{uuid}");
            assert!(uuid.chars().all(|c| c == '-' || c.is_ascii_digit() || ('A'..='F').contains(&c)), "{uuid}");
        }
        assert_ne!(of("ab", "c"), of("a", "bc"));
    }
}
