//! Declarations: what declarative management takes where there is no payload (any more), as the JSON that an MDM hands on.

use chrono::NaiveDateTime;
use plist::Dictionary;
use serde_json::{Map, Value, json};

use super::uuid;

/// What the types of all configurations begin with.
const CONFIGURATION: &str = "com.apple.configuration.";

/// A declaration.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Its type.
    pub kind: &'static str,
    /// What it declares.
    pub payload: Map<String, Value>,
}

/// Whether `text` is a local time as Apple's declarations have it: RFC 3339 without offset and fractions.
#[must_use]
pub fn is_local_time(text: &str) -> bool {
    const FORM: &str = "%Y-%m-%dT%H:%M:%S";
    NaiveDateTime::parse_from_str(text, FORM).is_ok_and(|time| time.format(FORM).to_string() == text)
}

impl Declaration {
    /// Adds `values` to the declaration of this type in `list`, which is begun where there is none. Keys with full stops stand
    /// in dictionaries.
    pub fn add(list: &mut Vec<Self>, kind: &'static str, values: Dictionary) {
        let mut begun = match list.iter().position(|declaration| declaration.kind == kind) {
            Some(place) => list.remove(place),
            None => Self { kind, payload: Map::new() },
        };
        for (path, value) in values {
            let value = match value {
                plist::Value::Boolean(flag) => flag.into(),
                plist::Value::Integer(number) => number.as_signed().into(),
                plist::Value::String(text) => text.into(),
                _ => Value::Null,
            };
            match path.split_once('.') {
                None => {
                    begun.payload.insert(path, value);
                }
                Some((outer, inner)) => {
                    let outer = begun.payload.entry(outer).or_insert_with(|| json!({}));
                    if let Some(outer) = outer.as_object_mut() {
                        outer.insert(inner.to_owned(), value);
                    }
                }
            }
        }
        list.push(begun);
    }

    /// The type without what all configurations have in common.
    #[must_use]
    pub fn short(&self) -> &'static str {
        self.kind.strip_prefix(CONFIGURATION).unwrap_or(self.kind)
    }

    /// The declaration as JSON. Its token follows from what it declares, so that a changed one is taken for changed.
    #[must_use]
    pub fn json(&self) -> Value {
        let identifier = format!("org.holdfast.declaration.{}", self.short());
        let payload = Value::Object(self.payload.clone());
        let token = uuid::of(&identifier, &payload.to_string());
        json!({ "Type": self.kind, "Identifier": identifier, "ServerToken": token, "Payload": payload })
    }
}
