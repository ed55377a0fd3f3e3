//! A moment of the simulated Mac, to be compared with another: that nothing changed, that an undo gave everything back.

use std::collections::BTreeMap;
use std::io::Cursor;

use plist::Value;

use super::{SimError, State};

/// State and files at one moment. Files are compared by what they say: a property list by its value, and an empty one is
/// no file, because a preference that was set and deleted again leaves its empty file behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    state: State,
    files: BTreeMap<String, Content>,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    List(Value),
    Other(Vec<u8>),
    Unreadable(String),
}

impl Snapshot {
    pub(super) fn new(state: &State, files: Result<BTreeMap<String, Vec<u8>>, SimError>) -> Self {
        let files = match files {
            Ok(files) => files
                .into_iter()
                .map(|(path, bytes)| (path, content(bytes)))
                .filter(|(_, content)| !matches!(content, Content::List(Value::Dictionary(d)) if d.is_empty()))
                .collect(),
            // Not equal to any moment at which the files could be read.
            Err(error) => BTreeMap::from([(String::new(), Content::Unreadable(error.to_string()))]),
        };
        Self { state: state.clone(), files }
    }
}

fn content(bytes: Vec<u8>) -> Content {
    match Value::from_reader(Cursor::new(&bytes)) {
        Ok(value) => Content::List(value),
        Err(_) => Content::Other(bytes),
    }
}
