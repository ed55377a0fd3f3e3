//! Property-list bytes to a policy layer's dictionary, with bounds on size, depth and number, so that no file can exhaust the
//! agent.

use plist::Dictionary;

use crate::mac::plist_bounds::{self, Limits};

/// The largest policy file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// What a policy file may hold. Policy itself needs collections four deep.
struct OfPolicy;

impl Limits for OfPolicy {
    const DEPTH: usize = 8;
    const VALUES: usize = 4096;
    const BYTES: usize = MAX_BYTES;
}

/// A layer's dictionary.
#[derive(Debug)]
pub(super) struct Parsed {
    /// Its keys; of a key that is there twice, the last value.
    pub root: Dictionary,
    /// The paths of keys that are there more than once in their dictionary.
    pub twice: Vec<String>,
}

/// Whether `bytes` are a property list that policy could be read from, and so worth keeping as the last good copy. Its keys
/// may still be wrong.
#[must_use]
pub fn is_well_formed(bytes: &[u8]) -> bool {
    parse(bytes).is_ok()
}

/// Reads an XML or binary property list with a dictionary at its root.
///
/// # Errors
/// In words, starting with "it", where that is not what `bytes` are.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let read = plist_bounds::read::<OfPolicy>(bytes).map_err(|refused| refused.to_string())?;
    match read.value {
        plist::Value::Dictionary(root) => Ok(Parsed { root, twice: read.twice }),
        other => Err(format!("it holds {} where a dictionary belongs", kind_of(&other))),
    }
}

/// What a property-list value is, with its article.
pub(super) fn kind_of(value: &plist::Value) -> &'static str {
    match value {
        plist::Value::Array(_) => "an array",
        plist::Value::Dictionary(_) => "a dictionary",
        plist::Value::Boolean(_) => "a boolean",
        plist::Value::Data(_) => "data",
        plist::Value::Date(_) => "a date",
        plist::Value::Real(_) => "a real number",
        plist::Value::Integer(_) => "an integer",
        plist::Value::String(_) => "a string",
        _ => "an unknown type",
    }
}
