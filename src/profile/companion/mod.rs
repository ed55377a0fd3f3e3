//! Apple's own payloads and declarations for what policy wants and a profile holds more firmly than root can: one profile for
//! one macOS version, and the declarations for what has no payload there.

mod forced;
pub mod table;

use std::borrow::Cow;

use plist::{Dictionary, Value};

use super::declaration::Declaration;
use super::payload::{Payload, Profile};
use super::uuid;
use crate::control::{self, Control, Reach, Remedy};
use crate::policy::{Mode, Policy};
use table::{Carrier, ESCROW, FRAMES, Frame, WAYS, WITHOUT, Way};

/// The last part of the profile's identifier.
const ROLE: &str = "companion";
/// The role of the certificate's payload.
const CERTIFICATE: &str = "filevault.certificate";

/// What companions are made of.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The policy that they go with, as [`crate::policy::read()`] makes it.
    pub policy: &'a Policy,
    /// The catalogue.
    pub catalogue: &'a [&'static Control],
    /// For which macOS major version.
    pub macos: u32,
    /// The screen saver module: Apple wants one named in the payload that sets the lock.
    pub screen_saver: &'a str,
    /// To whom recovery keys go; `None` leaves them to the MDM.
    pub escrow: Option<Escrow<'a>>,
    /// By when the lowest allowed macOS is to be installed, local time `YYYY-MM-DDThh:mm:ss`.
    pub update_by: Option<&'a str>,
}

/// To whom recovery keys go.
#[derive(Clone, Copy, Debug)]
pub struct Escrow<'a> {
    /// The certificate that they are encrypted to, DER.
    pub certificate: &'a [u8],
    /// Where they are kept, in words for the user.
    pub location: &'a str,
}

/// What comes of a [`Request`].
#[derive(Debug, Default)]
pub struct Companion {
    /// The payloads of the profile.
    pub payloads: Vec<Payload>,
    /// The declarations.
    pub declarations: Vec<Declaration>,
    /// What the profile leaves out, and why: control and reason.
    pub notes: Vec<Note>,
    /// The same of the declarations.
    pub declaration_notes: Vec<Note>,
}

/// What is to be said about one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub control: &'static str,
    /// What there is to know.
    pub what: String,
}

/// What one control gives to one payload or preference domain.
#[derive(Debug)]
struct Part {
    control: &'static str,
    carrier: Carrier,
    /// Carrier and keys, to be named in a note.
    words: String,
    values: Dictionary,
}

impl Request<'_> {
    /// The number in force for a control's setting.
    fn number(&self, control: &str, key: &str) -> Option<Value> {
        match self.value(control, key)? {
            control::Value::Integer(number) => Some(number.into()),
            _ => None,
        }
    }

    /// The flag in force for a control's setting.
    fn flag(&self, control: &str, key: &str) -> Option<Value> {
        match self.value(control, key)? {
            control::Value::Flag(flag) => Some(flag.into()),
            _ => None,
        }
    }

    /// The lowest allowed version of this macOS.
    fn least_version(&self) -> Option<Value> {
        let control::Value::List(list) = self.value("update_minimum_macos", "Minimum")? else { return None };
        let major = format!("{}.", self.macos);
        list.into_iter().find(|version| format!("{version}.").starts_with(&major)).map(Value::from)
    }

    fn value(&self, control: &str, key: &str) -> Option<control::Value> {
        let policy = self.policy.controls.get(control)?;
        let setting = policy.control.settings.iter().find(|setting| setting.key == key)?;
        Some(policy.settings.value(setting))
    }
}

/// The UUID by which the escrow payload names the certificate's.
fn certificate_uuid() -> String {
    uuid::of(&format!("{}.{ROLE}", super::payload::IDENTIFIER), CERTIFICATE)
}

/// Works out what to give. Controls in audit mode are looked at and reported, never forced, so they are left out.
#[must_use]
pub fn companion(request: &Request<'_>) -> Companion {
    let mut made = Companion::default();
    let mut given = Vec::new();
    for control in request.catalogue {
        let policy = request.policy.of(control);
        let ways: Vec<&'static Way> = WAYS.iter().filter(|way| way.control == control.id).collect();
        let reason = WITHOUT.iter().find(|(id, _)| *id == control.id).map(|(_, reason)| *reason);
        if !policy.selected || ways.is_empty() && control.forced.is_empty() && reason.is_none() {
            continue;
        }
        let note = |what: String| Note { control: control.id, what };
        if policy.mode != Mode::Enforce {
            made.both(&note("in audit mode, so nothing forces it".to_owned()));
        } else if let Some(reason) = reason {
            made.both(&note(reason.to_owned()));
        } else if let Some(because) = absent(control, request.macos) {
            let words = control.forced.first().map(|key| forced::words(key)).or(ways.first().map(ToString::to_string));
            made.notes.extend(words.map(|words| note(format!("{words}: {because}"))));
        } else {
            give(request, control, &ways, &mut made, &mut given);
        }
    }
    for frame in FRAMES {
        assemble(request, frame, &given, &mut made);
    }
    made.payloads.extend(forced::unframed(&given));
    made
}

/// Adds what the ways of one control give, and notes what they do not.
fn give(
    request: &Request<'_>,
    control: &'static Control,
    ways: &[&'static Way],
    made: &mut Companion,
    given: &mut Vec<Part>,
) {
    let note = |what: String| Note { control: control.id, what };
    let counts = |way: &&&'static Way| (way.macos.0..=way.macos.1).contains(&request.macos);
    let is_declared = |way: &&&'static Way| matches!(way.carrier, Carrier::Declaration(_));
    let declared = ways.iter().filter(is_declared).find(counts);
    let carried = ways.iter().filter(|way| !is_declared(way)).find(counts);
    match (carried, ways.iter().find(|way| !is_declared(way))) {
        _ if !control.forced.is_empty() => {
            let (parts, notes) = forced::parts(request, control, &instead(declared, control, request.macos));
            given.extend(parts);
            made.notes.extend(notes.into_iter().map(note));
        }
        (Some(way), _) => match way.values(request) {
            Some(values) => {
                if let Some((_, what)) = way.deprecated.filter(|(since, _)| request.macos >= *since) {
                    made.notes.push(note(format!("{way} {what}; {}", instead(declared, control, request.macos))));
                }
                given.push(Part { control: control.id, carrier: way.carrier, words: way.to_string(), values });
            }
            None => made.notes.push(note(format!("{way} needs {}", way.needs))),
        },
        (None, Some(gone)) => {
            made.notes.push(note(format!("{gone} {}; {}", gone.after, instead(declared, control, request.macos))));
        }
        (None, None) => made.notes.push(note(instead(declared, control, request.macos))),
    }
    if let Some(way) = declared {
        let Carrier::Declaration(kind) = way.carrier else { return };
        match way.values(request) {
            Some(values) => Declaration::add(&mut made.declarations, kind, values),
            None => made.declaration_notes.push(note(format!("{way} needs {}", way.needs))),
        }
    }
}

/// What takes the place of what the profile does not give.
fn instead(declared: Option<&&'static Way>, control: &Control, macos: u32) -> String {
    match declared.map(|way| way.carrier) {
        Some(Carrier::Declaration(kind)) => format!("the declaration {kind} sets it, see --declarations"),
        _ if is_mended(control, macos) => "no declaration takes its place, but the agent sets it by itself".to_owned(),
        _ => "nothing takes its place".to_owned(),
    }
}

/// Makes the payload of one frame out of what is given for it.
fn assemble(request: &Request<'_>, frame: &'static Frame, given: &[Part], made: &mut Companion) {
    let parts = given.iter().filter(|part| part.carrier == frame.carrier);
    let mut keys: Dictionary = parts.clone().flat_map(|part| part.values.clone()).collect();
    if keys.is_empty() {
        return;
    }
    if let Some((_, why)) = frame.rests_on.filter(|(key, _)| !keys.contains_key(key)) {
        made.notes.extend(parts.map(|part| Note { control: part.control, what: format!("{} {why}", part.words) }));
        return;
    }
    if let Some(key) = &frame.besides {
        keys.extend((key.value)(request).map(|value| (key.name.to_owned(), value)));
    }
    made.payloads.extend(payload(frame.carrier, frame.role.into(), frame.name.into(), keys));
    if let (Carrier::Payload(ESCROW), Some(escrow)) = (frame.carrier, request.escrow) {
        made.payloads.push(Payload {
            kind: "com.apple.security.pkcs1",
            role: CERTIFICATE.into(),
            name: "FileVault: certificate for the recovery key".into(),
            keys: [("PayloadContent".to_owned(), Value::Data(escrow.certificate.to_vec()))].into_iter().collect(),
        });
    }
}

/// The payload that carries these keys; `None` where it is no payload that does.
fn payload(carrier: Carrier, role: Cow<'static, str>, name: Cow<'static, str>, keys: Dictionary) -> Option<Payload> {
    let (kind, keys) = match carrier {
        Carrier::Payload(kind) => (kind, keys),
        Carrier::Preferences(domain) => (super::policy::PREFERENCES, super::policy::forced(domain, keys)),
        Carrier::Declaration(_) => return None,
    };
    Some(Payload { kind, role, name, keys })
}

/// Why the control does not exist on any Mac with this macOS; `None` where it does on some.
fn absent(control: &Control, macos: u32) -> Option<&'static str> {
    let mut because = None;
    for variant in control.variants.iter().filter(|variant| (variant.macos.0..=variant.macos.1).contains(&macos)) {
        match &variant.reach {
            Reach::Applies { .. } => return None,
            Reach::Absent { because: why } => because = Some(*why),
        }
    }
    because
}

/// Whether the agent itself mends the control on some Mac with this macOS.
fn is_mended(control: &Control, macos: u32) -> bool {
    control.variants.iter().any(|variant| {
        (variant.macos.0..=variant.macos.1).contains(&macos)
            && matches!(variant.reach, Reach::Applies { remedy: Remedy::Automatic { .. }, .. })
    })
}

impl Companion {
    fn both(&mut self, note: &Note) {
        self.notes.push(note.clone());
        self.declaration_notes.push(note.clone());
    }

    /// The profile; `None` where there is nothing to put into it.
    #[must_use]
    pub fn profile(&self, preset: &str, macos: u32, organization: Option<&str>) -> Option<Profile> {
        (!self.payloads.is_empty()).then(|| Profile {
            role: ROLE,
            name: format!("Holdfast: companion for macOS {macos} ({preset})"),
            description: "What Holdfast asks for and a profile holds more firmly, or holds alone.".to_owned(),
            organization: organization.map(str::to_owned),
            payloads: self.payloads.clone(),
        })
    }
}

impl Way {
    /// The values of all keys; `None` where one has none.
    fn values(&self, request: &Request<'_>) -> Option<Dictionary> {
        self.keys.iter().map(|key| Some((key.name.to_owned(), (key.value)(request)?))).collect()
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Carrier::Payload(kind) | Carrier::Preferences(kind) | Carrier::Declaration(kind)) = self.carrier;
        f.write_str(kind)?;
        for (n, key) in self.keys.iter().enumerate() {
            write!(f, "{}{}", if n == 0 { " " } else { ", " }, key.name)?;
        }
        Ok(())
    }
}
