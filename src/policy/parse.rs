//! Property-list bytes to a dictionary, with bounds on size, depth and number, so that no file can exhaust the agent.
//!
//! The `plist` crate builds values without recursion but drops them with it, and a binary property list may refer to one
//! object from many places, so a small file can stand for an endless tree. Both are met by walking the bytes once, keeping
//! nothing, before any value is built.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Cursor;
use std::marker::PhantomData;

use plist::Dictionary;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::text;

/// The largest policy file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The most values, dictionary keys included, in a policy file.
const MAX_VALUES: usize = 4096;
/// How deep collections may stand in each other; policy itself needs four.
type Depth = Inside<Inside<Inside<Inside<Inside<Inside<Inside<Inside<Full>>>>>>>>;

const TOO_DEEP: &str = "it is nested more than 8 levels deep";
const TOO_MANY: &str = "it holds more than 4096 values";
const TOO_LONG: &str = "its values are longer together than 1048576 bytes";

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
    let shape: Shape<Depth> = decode(bytes)?;
    match decode(bytes)? {
        plist::Value::Dictionary(root) => Ok(Parsed { root, twice: shape.twice }),
        other => Err(format!("it holds {} where a dictionary belongs", kind_of(&other))),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    // The crate would also take the old text form, in which almost any word is a valid file.
    let decoded = if bytes.starts_with(b"bplist00") {
        plist::from_reader(Cursor::new(bytes))
    } else {
        plist::from_reader_xml(bytes)
    };
    decoded.map_err(|error| {
        let error = error.to_string();
        let ours = [TOO_DEEP, TOO_MANY, TOO_LONG].into_iter().find(|ours| error.contains(ours));
        ours.map_or_else(|| format!("it is not a whole property list: {}", text::excerpt(&error)), str::to_owned)
    })
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

/// How much further down collections may go. A type, because a decoder that is handed only a type can carry no counter.
trait Room {
    /// The room inside a collection that stands here.
    type Within: Room;
    /// Whether a collection may stand here.
    const LEFT: bool;
}

/// No collection may stand here.
struct Full;
/// A collection may stand here, with the room `R` in it.
struct Inside<R>(PhantomData<R>);

impl Room for Full {
    type Within = Self;
    const LEFT: bool = false;
}

impl<R: Room> Room for Inside<R> {
    type Within = R;
    const LEFT: bool = true;
}

/// A value walked over and not kept: how much it holds, and which keys are there twice.
struct Shape<R> {
    values: usize,
    bytes: usize,
    twice: Vec<String>,
    room: PhantomData<R>,
}

impl<R> Shape<R> {
    fn of(bytes: usize) -> Self {
        Self { values: 1, bytes, twice: Vec::new(), room: PhantomData }
    }

    fn add<I, E: serde::de::Error>(&mut self, inner: &Shape<I>) -> Result<(), E> {
        self.values = self.values.saturating_add(inner.values);
        self.bytes = self.bytes.saturating_add(inner.bytes);
        if self.values > MAX_VALUES {
            return Err(E::custom(TOO_MANY));
        }
        if self.bytes > MAX_BYTES { Err(E::custom(TOO_LONG)) } else { Ok(()) }
    }
}

impl<'de, R: Room> Deserialize<'de> for Shape<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk(PhantomData))
    }
}

struct Walk<R>(PhantomData<R>);

impl<'de, R: Room> Visitor<'de> for Walk<R> {
    type Value = Shape<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property-list value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Shape::of(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Shape::of(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Shape::of(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Shape::of(0))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Shape::of(text.len()))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Shape::of(bytes.len()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if !R::LEFT {
            return Err(A::Error::custom(TOO_DEEP));
        }
        let mut shape = Shape::of(0);
        let mut index = 0_usize;
        while let Some(inner) = seq.next_element::<Shape<R::Within>>()? {
            shape.add(&inner)?;
            shape.twice.extend(inner.twice.iter().map(|path| format!("{index}.{path}")));
            index += 1;
        }
        Ok(shape)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if !R::LEFT {
            return Err(A::Error::custom(TOO_DEEP));
        }
        let mut shape = Shape::of(0);
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            shape.add(&Shape::<R>::of(key.len()))?;
            let inner: Shape<R::Within> = map.next_value()?;
            shape.add(&inner)?;
            shape.twice.extend(inner.twice.iter().map(|path| format!("{key}.{path}")));
            if seen.contains(&key) {
                shape.twice.push(key);
            } else {
                seen.insert(key);
            }
        }
        Ok(shape)
    }
}
