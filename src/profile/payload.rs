//! The frame of a configuration profile: what every profile and every payload in it has, by Apple's schemas `TopLevel` and
//! `CommonPayloadKeys`.

use std::borrow::Cow;

use plist::{Dictionary, Value};

use super::uuid;

/// What the identifiers of all profiles begin with.
pub(super) const IDENTIFIER: &str = "org.holdfast.profile";

/// A configuration profile for the whole Mac.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The last part of its identifier: `policy`, `companion`, `service` or `privacy`.
    pub role: &'static str,
    /// Its name in the list of profiles.
    pub name: String,
    /// What it does, as a sentence or two.
    pub description: String,
    /// Whose it is.
    pub organization: Option<String>,
    /// What is in it, in order.
    pub payloads: Vec<Payload>,
}

/// One payload of a [`Profile`].
#[derive(Clone, Debug)]
pub struct Payload {
    /// Its type, by which macOS knows what to do with it.
    pub kind: &'static str,
    /// What tells it from the others in its profile: the last part of its identifier.
    pub role: Cow<'static, str>,
    /// Its name in the profile.
    pub name: Cow<'static, str>,
    /// Its own keys.
    pub keys: Dictionary,
}

impl Profile {
    /// Its identifier. A profile with the same identifier is replaced by it.
    #[must_use]
    pub fn identifier(&self) -> String {
        format!("{IDENTIFIER}.{}", self.role)
    }

    /// The UUID of the payload with this role. It does not depend on what is in the payload.
    #[must_use]
    pub fn payload_uuid(&self, role: &str) -> String {
        uuid::of(&self.identifier(), role)
    }

    /// The profile as a property list.
    #[must_use]
    pub fn plist(&self) -> Value {
        let identifier = self.identifier();
        let mut root = Dictionary::new();
        root.insert("PayloadType".into(), "Configuration".into());
        root.insert("PayloadVersion".into(), 1.into());
        root.insert("PayloadIdentifier".into(), identifier.as_str().into());
        root.insert("PayloadUUID".into(), uuid::of(&identifier, "profile").into());
        root.insert("PayloadScope".into(), "System".into());
        root.insert("PayloadDisplayName".into(), self.name.as_str().into());
        root.insert("PayloadDescription".into(), self.description.as_str().into());
        self.put_organization(&mut root);
        root.insert("PayloadContent".into(), Value::Array(self.payloads.iter().map(|p| self.payload(p)).collect()));
        Value::Dictionary(root)
    }

    /// The profile as a file: an XML property list with its declaration.
    ///
    /// # Errors
    /// [`plist::Error`] where a value is none that a property list can have.
    pub fn to_xml(&self) -> Result<String, plist::Error> {
        xml(&self.plist())
    }

    fn payload(&self, payload: &Payload) -> Value {
        let mut root = Dictionary::new();
        root.insert("PayloadType".into(), payload.kind.into());
        root.insert("PayloadVersion".into(), 1.into());
        root.insert("PayloadIdentifier".into(), format!("{}.{}", self.identifier(), payload.role).into());
        root.insert("PayloadUUID".into(), self.payload_uuid(&payload.role).into());
        root.insert("PayloadDisplayName".into(), payload.name.as_ref().into());
        self.put_organization(&mut root);
        root.extend(payload.keys.clone());
        Value::Dictionary(root)
    }

    fn put_organization(&self, root: &mut Dictionary) {
        if let Some(organization) = &self.organization {
            root.insert("PayloadOrganization".into(), organization.as_str().into());
        }
    }
}

/// A property list as XML text with its declaration, the same for the same value.
fn xml(value: &Value) -> Result<String, plist::Error> {
    let mut bytes = Vec::new();
    value.to_writer_xml(&mut bytes)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
