//! Property-list bytes to a value, with bounds on depth, number and length, so that no answer and no file can exhaust the agent.
//!
//! The `plist` crate builds values without recursion but drops them with it, and a binary property list may refer to one
//! object from many places, so a small one can stand for an endless tree. Both are met by walking the bytes once, keeping
//! nothing, before any value is built.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::io::Cursor;
use std::marker::PhantomData;

use plist::Value;
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The most keys that are named as being there twice.
const MOST_TWICE: usize = 64;

/// How much a property list may hold. A type, because the decoder is handed only a type.
pub(crate) trait Limits {
    /// How deep collections may stand in each other.
    const DEPTH: usize;
    /// The most values, dictionary keys included.
    const VALUES: usize;
    /// The most bytes of text and data, dictionary keys included, each counted as often as it is referred to.
    const BYTES: usize;
}

/// Limits for what tools print and what macOS keeps in its preference files. Accounts come to about 30 values each, hardware
/// reports and disk lists to some thousands altogether.
pub(crate) struct Ordinary;

impl Limits for Ordinary {
    const DEPTH: usize = 64;
    const VALUES: usize = 200_000;
    const BYTES: usize = 16 << 20;
}

/// A property list within its limits.
#[derive(Debug)]
pub(crate) struct Bounded {
    /// The whole; of a key that is there twice, the last value.
    pub value: Value,
    /// The paths of keys that are there more than once in their dictionary, 64 of them at most.
    pub twice: Vec<String>,
}

/// Why bytes were not read as a property list: words that start with "it".
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Collections stand too deep in each other.
    #[error("it is nested more than {0} levels deep")]
    TooDeep(usize),
    /// Too many values.
    #[error("it holds more than {0} values")]
    TooMany(usize),
    /// Too much text and data.
    #[error("its values are longer together than {0} bytes")]
    TooLong(usize),
    /// Not a whole property list, with the offset in bytes where that was seen.
    #[error("it is not a well-formed property list{0}")]
    Malformed(String),
}

/// Reads an XML or binary property list. Nothing else is taken: in the old text form almost any word is a valid file.
///
/// # Errors
/// [`Refused`].
pub(crate) fn read<L: Limits>(bytes: &[u8]) -> Result<Bounded, Refused> {
    let shape: Shape<L> = decode::<L, _>(bytes)?;
    Ok(Bounded { value: decode::<L, _>(bytes)?, twice: shape.twice })
}

const DEEP: &str = "too deep for its limits";
const MANY: &str = "too many for its limits";
const LONG: &str = "too long for its limits";

fn decode<L: Limits, T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let decoded = if bytes.starts_with(b"bplist00") {
        plist::from_reader(Cursor::new(bytes))
    } else {
        plist::from_reader_xml(bytes)
    };
    decoded.map_err(|error| {
        let said = error.to_string();
        if said.contains(DEEP) {
            Refused::TooDeep(L::DEPTH)
        } else if said.contains(MANY) {
            Refused::TooMany(L::VALUES)
        } else if said.contains(LONG) {
            Refused::TooLong(L::BYTES)
        } else {
            // The library's own word for what is wrong is the name of a variant of its own.
            let offset: String = match said.rsplit_once("(offset ") {
                Some((_, offset)) => offset.chars().take_while(char::is_ascii_digit).collect(),
                None => String::new(),
            };
            Refused::Malformed(if offset.is_empty() { String::new() } else { format!(" (offset {offset})") })
        }
    })
}

/// A property list walked over and not kept.
struct Shape<L> {
    twice: Vec<String>,
    limits: PhantomData<L>,
}

impl<'de, L: Limits> Deserialize<'de> for Shape<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (values, bytes) = (Cell::new(0), Cell::new(0));
        let walk = Walk::<L> { room: L::DEPTH, values: &values, bytes: &bytes, limits: PhantomData };
        Ok(Self { twice: walk.deserialize(deserializer)?, limits: PhantomData })
    }
}

/// A place in the walk: the room for collections from here on, and what the whole has come to. Gives the paths of keys that
/// are there twice.
struct Walk<'a, L> {
    room: usize,
    values: &'a Cell<usize>,
    bytes: &'a Cell<usize>,
    limits: PhantomData<L>,
}

impl<L: Limits> Walk<'_, L> {
    fn count<E: serde::de::Error>(&self, bytes: usize) -> Result<Vec<String>, E> {
        self.values.set(self.values.get().saturating_add(1));
        self.bytes.set(self.bytes.get().saturating_add(bytes));
        if self.values.get() > L::VALUES {
            return Err(E::custom(MANY));
        }
        if self.bytes.get() > L::BYTES { Err(E::custom(LONG)) } else { Ok(Vec::new()) }
    }

    fn within<E: serde::de::Error>(&self) -> Result<Self, E> {
        self.count::<E>(0)?;
        let room = self.room.checked_sub(1).ok_or_else(|| E::custom(DEEP))?;
        Ok(Self { room, ..*self })
    }

    fn again(&self) -> Self {
        Self { ..*self }
    }
}

impl<'de, L: Limits> DeserializeSeed<'de> for Walk<'_, L> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn push_below(all: &mut Vec<String>, place: &dyn fmt::Display, below: Vec<String>) {
    let room = MOST_TWICE.saturating_sub(all.len());
    all.extend(below.into_iter().take(room).map(|path| format!("{place}.{path}")));
}

impl<'de, L: Limits> Visitor<'de> for Walk<'_, L> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property-list value")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
        self.count(0)
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
        self.count(0)
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
        self.count(0)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        self.count(0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        self.count(text.len())
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        self.count(bytes.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let within = self.within()?;
        let mut twice = Vec::new();
        let mut index = 0_usize;
        while let Some(below) = seq.next_element_seed(within.again())? {
            push_below(&mut twice, &index, below);
            index += 1;
        }
        Ok(twice)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let within = self.within()?;
        let mut twice = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            self.count::<A::Error>(key.len())?;
            push_below(&mut twice, &key, map.next_value_seed(within.again())?);
            if seen.contains(&key) {
                if twice.len() < MOST_TWICE {
                    twice.push(key);
                }
            } else {
                seen.insert(key);
            }
        }
        Ok(twice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A binary property list of `objects`, the first of them its root, with references of one byte.
    fn binary(objects: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for object in objects {
            offsets.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
            bytes.extend(*object);
        }
        let table = bytes.len() as u64;
        bytes.extend(offsets);
        bytes.extend([0, 0, 0, 0, 0, 0, 4, 1]);
        for number in [objects.len() as u64, 0, table] {
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    fn refusal(bytes: &[u8]) -> String {
        read::<Ordinary>(bytes).unwrap_err().to_string()
    }

    #[test]
    fn two_hundred_bytes_that_stand_for_a_thousand_million_values_are_refused() {
        // Thirty arrays, each of which refers twice to the next.
        let arrays: Vec<[u8; 3]> = (1..=30).map(|next| [0xa2, next, next]).collect();
        let objects: Vec<&[u8]> = arrays.iter().map(|array| &array[..]).chain([&[0x09][..]]).collect();
        let bomb = binary(&objects);
        assert!(bomb.len() < 260, "{}", bomb.len());
        assert_eq!(refusal(&bomb), "it holds more than 200000 values");
        assert!(read::<Ordinary>(&binary(&[&[0xa1, 1], &[0x09]])).is_ok());
        assert!(read::<Ordinary>(&binary(&[&[0xa1, 0]])).is_err(), "an array in itself");
    }

    #[test]
    fn a_hundred_thousand_nested_arrays_are_refused() {
        let nested = |depth: usize| format!("<plist>{}{}</plist>", "<array>".repeat(depth), "</array>".repeat(depth));
        assert_eq!(refusal(nested(100_000).as_bytes()), "it is nested more than 64 levels deep");
        assert_eq!(refusal(nested(65).as_bytes()), "it is nested more than 64 levels deep");
        assert!(read::<Ordinary>(nested(64).as_bytes()).is_ok());
    }

    #[test]
    fn five_hundred_accounts_with_everything_about_them_are_read() {
        let account: plist::Dictionary = (0..60)
            .map(|n| (format!("dsAttrTypeStandard:Attribute{n}"), Value::Array(vec!["a value".into(), "more".into()])))
            .collect();
        let mut bytes = Vec::new();
        let all = Value::Array(vec![Value::Dictionary(account); 500]);
        all.to_writer_xml(&mut bytes).unwrap();
        assert_eq!(read::<Ordinary>(&bytes).unwrap().value, all);
    }

    #[test]
    fn every_kind_of_value_is_read_in_both_forms() {
        let date = plist::Date::from_xml_format("2026-01-01T00:00:00Z").unwrap();
        let all = Value::Array(vec![
            Value::Date(date),
            Value::Data(vec![1, 2]),
            Value::Real(1.5),
            Value::Integer((-1).into()),
            Value::Integer(u64::MAX.into()),
            Value::Boolean(true),
            Value::Dictionary([("k".to_owned(), Value::from("v"))].into_iter().collect()),
        ]);
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        all.to_writer_xml(&mut xml).unwrap();
        all.to_writer_binary(&mut binary).unwrap();
        assert_eq!(read::<Ordinary>(&xml).unwrap().value, all);
        assert_eq!(read::<Ordinary>(&binary).unwrap().value, all);
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let said = refusal(b"junk, junk");
        assert!(said.starts_with("it is not a well-formed property list (offset "), "{said}");
        assert_eq!(refusal(b""), "it is not a well-formed property list");
        let data = format!("<plist><array>{}</array></plist>", "<string>x</string>".repeat(3));
        for end in 0..data.len() - "</plist>".len() {
            let said = refusal(&data.as_bytes()[..end]);
            assert!(!said.contains("Unexpected") && !said.contains("Io("), "{said}");
        }
    }
}
