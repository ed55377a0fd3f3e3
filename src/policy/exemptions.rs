//! What policy exempts from a control: the whole Mac or one user, why, by whose word, and until when.
//!
//! Only the managed layer exempts. Whoever is administrator of a Mac writes its local layer, so an exemption there would be one
//! that somebody gives themselves, on a Mac without an MDM too: what an administrator may say there is a mode, which is on record as
//! one. An exemption with any fault counts for nothing, whole: a misspelt `User` must not exempt everybody.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::keys::{self, Named};
use super::parse::kind_of;
use super::{Layer, Problem};
use crate::clock::{self, stamp};
use crate::control::{Control, LONGEST_TEXT};
use crate::text;

/// The key of the array of exemptions.
pub const EXEMPTIONS: &str = "Exemptions";
/// What it is about, as one sentence.
pub const DOC: &str = "Controls that are looked at and never changed, for the whole Mac or for one user, until a given time; from the managed layer alone.";

/// The longest approver, ticket and user, in characters. With a reason of [`LONGEST_REASON`] all of an exemption fits one line of
/// the ledger, whatever its characters.
pub const LONGEST_NAME: usize = 100;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 250;
const _: () = assert!(LONGEST_REASON <= LONGEST_TEXT);

/// One key of an exemption.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What it says, as one sentence.
    pub doc: &'static str,
    /// Whether an exemption without it counts for nothing.
    pub required: bool,
    /// Its longest value, in characters.
    pub longest: usize,
}

const fn field(key: &'static str, required: bool, longest: usize, doc: &'static str) -> Field {
    Field { key, doc, required, longest }
}

const CONTROL: &str = "Control";
const USER: &str = "User";
const REASON: &str = "Reason";
const APPROVER: &str = "Approver";
const TICKET: &str = "Ticket";
/// The key of the end.
pub const EXPIRES: &str = "Expires";

/// The keys of an exemption, in the order that documents have.
pub static FIELDS: [Field; 6] = [
    field(CONTROL, true, LONGEST_NAME, "The control's id, or its rule id in NIST's macOS Security Compliance Project."),
    field(
        USER,
        false,
        LONGEST_NAME,
        "The short name of the one user that it is for, of a control that looks at each user; without it the whole Mac is exempt.",
    ),
    field(REASON, true, LONGEST_REASON, "Why."),
    field(APPROVER, true, LONGEST_NAME, "Who has approved it."),
    field(TICKET, true, LONGEST_NAME, "Where that is written down."),
    field(
        EXPIRES,
        true,
        LONGEST_NAME,
        "When it is over, to the second: a date of the property list, or a text in RFC 3339 with its offset from UTC, 2027-01-31T18:00:00+01:00.",
    ),
];

/// One exemption that is well-formed, whether it is over or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The control's id.
    pub control: &'static str,
    /// The user's short name; `None` exempts the whole Mac.
    pub user: Option<String>,
    /// Why.
    pub reason: String,
    /// Who has approved it.
    pub approver: String,
    /// Where that is written down.
    pub ticket: String,
    /// When it is over: from this instant on it counts no more.
    pub expires: DateTime<Utc>,
    /// Its place in the array, from 0.
    pub place: usize,
}

/// An exemption as reports have it.
#[derive(Serialize)]
struct Shown<'a> {
    control: &'a str,
    user: Option<&'a str>,
    reason: &'a str,
    approver: &'a str,
    ticket: &'a str,
    expires: String,
}

impl Exemption {
    /// For programs: `control user reason approver ticket expires`.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let shown = Shown {
            control: self.control,
            user: self.user.as_deref(),
            reason: &self.reason,
            approver: &self.approver,
            ticket: &self.ticket,
            expires: stamp(self.expires),
        };
        serde_json::to_value(shown).unwrap_or_default()
    }

    /// For people, without the control.
    #[must_use]
    pub fn words(&self) -> String {
        let whose = self.user.as_deref().unwrap_or("the whole Mac");
        let Self { reason, approver, ticket, .. } = self;
        format!("{whose}, until {}: {reason} (approved by {approver}, ticket {ticket})", stamp(self.expires))
    }

    /// Its path in the layer.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{EXEMPTIONS}.{}", self.place)
    }

    /// What is wrong with it once it is over.
    pub(super) fn is_over(&self) -> Problem {
        let fault = format!("the exemption from {} was over at {}", self.control, stamp(self.expires));
        Problem::new(Layer::Managed, &format!("{}.{EXPIRES}", self.path()), fault, IN_FORCE)
    }
}

/// What becomes of an exemption that is wrong.
const NOTHING: &str = "the exemption counts for nothing";
const IN_FORCE: &str = "policy holds again as without it";

/// The exemptions of a managed layer, and everything wrong with them. `twice` are the paths of keys that are there twice.
pub(super) fn read(
    value: &plist::Value,
    twice: &[String],
    catalogue: &[&'static Control],
) -> (Vec<Exemption>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut say = |path: &str, fault: String| problems.push(Problem::new(Layer::Managed, path, fault, NOTHING));
    let Some(items) = value.as_array() else {
        let fault = format!("expected an array, found {}", kind_of(value));
        return (Vec::new(), vec![Problem::new(Layer::Managed, EXEMPTIONS, fault, "nothing is exempt")]);
    };
    let mut kept: BTreeMap<(&'static str, Option<String>), Exemption> = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        let path = format!("{EXEMPTIONS}.{place}");
        let Some(given) = item.as_dictionary() else {
            say(&path, format!("expected a dictionary, found {}", kind_of(item)));
            continue;
        };
        let is_twice = twice.iter().any(|twice| twice.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.')));
        let mut faults = Vec::new();
        let read = one(place, given, catalogue, &mut |key, fault| faults.push((format!("{path}.{key}"), fault)));
        let is_faulty = is_twice || !faults.is_empty();
        faults.into_iter().for_each(|(path, fault)| say(&path, fault));
        if is_twice {
            // The key itself is a problem of the layer's already.
            say(&path, "a key is there more than once".to_owned());
        }
        let Some(exemption) = read.filter(|_| !is_faulty) else { continue };
        // Of two the one that ends first counts, so that none is longer than each of them says.
        let key = (exemption.control, exemption.user.clone());
        let (counts, other) = match kept.remove(&key) {
            Some(before) if exemption.expires < before.expires => (exemption, Some(before)),
            Some(before) => (before, Some(exemption)),
            None => (exemption, None),
        };
        if let Some(other) = other {
            let fault = format!("the same is exempt by {} too, which ends no later and counts", counts.path());
            say(&other.path(), fault);
        }
        kept.insert(key, counts);
    }
    let mut all: Vec<Exemption> = kept.into_values().collect();
    all.sort_by_key(|exemption| exemption.place);
    (all, problems)
}

/// One exemption, and through `say` what is wrong with it, by its key.
fn one(
    place: usize,
    given: &plist::Dictionary,
    catalogue: &[&'static Control],
    say: &mut dyn FnMut(&str, String),
) -> Option<Exemption> {
    for key in given.keys().filter(|key| FIELDS.iter().all(|field| field.key != **key)) {
        let meant = text::nearest(key, FIELDS.iter().map(|field| field.key));
        let meant = meant.map(|known| format!(" (did you mean {known}?)")).unwrap_or_default();
        say(key, format!("there is no key \"{}\"{meant}", text::excerpt(key)));
    }
    let mut texts = BTreeMap::new();
    for field in FIELDS.iter().filter(|field| field.key != EXPIRES) {
        match given.get(field.key) {
            None if field.required => say(field.key, "it is missing".to_owned()),
            None => {}
            Some(value) => match plain(value, field) {
                Ok(text) => _ = texts.insert(field.key, text),
                Err(fault) => say(field.key, fault),
            },
        }
    }
    let expires = match given.get(EXPIRES) {
        None => Err("it is missing".to_owned()),
        Some(value) => instant(value),
    };
    let expires = expires.map_err(|fault| say(EXPIRES, fault)).ok();
    let control = texts.get(CONTROL).and_then(|name| match keys::named(catalogue, name) {
        Named::Control(control) => Some(control),
        Named::Several(ids) => {
            say(CONTROL, format!("several controls answer to this rule, name one: {}", ids.join(", ")));
            None
        }
        Named::Nothing => {
            let known = catalogue.iter().map(|control| control.id);
            let meant = text::nearest(name, known.chain(catalogue.iter().filter_map(|control| control.refs.mscp)));
            let meant = meant.map(|known| format!(" (did you mean {known}?)")).unwrap_or_default();
            say(CONTROL, format!("there is no control \"{}\"{meant}", text::excerpt(name)));
            None
        }
    })?;
    let user = texts.remove(USER);
    if user.is_some() && !control.is_of_each_user() {
        say(USER, format!("a single user cannot be exempt from {}, only the whole Mac can", control.id));
    }
    Some(Exemption {
        control: control.id,
        user,
        reason: texts.remove(REASON)?,
        approver: texts.remove(APPROVER)?,
        ticket: texts.remove(TICKET)?,
        expires: expires?,
        place,
    })
}

/// A text that says something and can be shown as it is. A name with space around it is nobody's.
fn plain(value: &plist::Value, field: &Field) -> Result<String, String> {
    let text = value.as_string().ok_or_else(|| format!("expected a text, found {}", kind_of(value)))?;
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.chars().any(text::is_unsafe) {
        return Err("it has control characters".to_owned());
    }
    if text.chars().count() > field.longest {
        return Err(format!("it has more than {} characters", field.longest));
    }
    if text.trim() != text {
        return Err("it begins or ends with a space".to_owned());
    }
    Ok(text.to_owned())
}

/// The instant that a date, or a text in RFC 3339, names. A text without an offset names another one on each Mac.
fn instant(value: &plist::Value) -> Result<DateTime<Utc>, String> {
    let out_of_range = || "it is not within the years 1970 to 9999".to_owned();
    let instant = match value {
        plist::Value::Date(date) => {
            let since = std::time::SystemTime::from(*date).duration_since(std::time::UNIX_EPOCH);
            let seconds = since.ok().and_then(|since| i64::try_from(since.as_secs()).ok());
            seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or_else(out_of_range)?
        }
        plist::Value::String(text) => clock::read(text)
            .ok_or_else(|| format!("\"{}\" is not a time in RFC 3339 with its offset from UTC", text::excerpt(text)))?,
        other => return Err(format!("expected a date or a text, found {}", kind_of(other))),
    };
    let latest = DateTime::from_timestamp(LATEST, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    if (DateTime::UNIX_EPOCH..=latest).contains(&instant) { Ok(instant) } else { Err(out_of_range()) }
}

/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;
