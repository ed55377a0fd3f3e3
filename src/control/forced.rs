//! Preferences that count only where a profile forces them.

use plist::Value;

use super::preference::{LOCAL, MANAGED, shown};
use super::{Finding, Setting, Settings, View};
use crate::host::ToolError;
use crate::mac::plist_file;

/// One key that a profile forces for the whole Mac.
#[derive(Debug)]
pub struct Forced {
    /// The preference domain, which is the payload's type, too, where [`Forced::carrier`] is a payload.
    pub domain: &'static str,
    /// The key.
    pub key: &'static str,
    /// What it must be.
    pub wanted: Wanted,
    /// How a profile delivers it.
    pub carrier: Carrier,
    /// The last macOS major version that heeds it in a profile.
    pub last: u32,
    /// Whether Apple's schema calls it deprecated, though it still counts.
    pub deprecated: Option<Deprecated>,
}

/// Since when a key is deprecated, and what takes its place.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    /// The first macOS major version of which some release is concerned.
    pub macos: u32,
    /// The release.
    pub version: &'static str,
    /// The declaration that takes its place, with its key.
    pub declaration: &'static str,
}

/// What a forced key must be.
#[derive(Debug)]
pub enum Wanted {
    /// This: a boolean, or the number 0 or 1 that some consoles make of one.
    Flag(bool),
    /// Exactly this whole number.
    Number(i64),
    /// Exactly this.
    Text(&'static str),
    /// A whole number from 1 to what this integer setting says.
    AtMost(&'static Setting),
}

/// How a profile delivers a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In a payload whose type is the domain's name, and whose schema lists the key.
    Payload,
    /// In a payload `com.apple.ManagedClient.preferences`, as no payload's schema lists it.
    Preferences,
}

impl Forced {
    /// A key of a payload that must be this flag.
    #[must_use]
    pub const fn flag(domain: &'static str, key: &'static str, wanted: bool) -> Self {
        Self::payload(domain, key, Wanted::Flag(wanted))
    }

    /// A key of a payload that must be this number.
    #[must_use]
    pub const fn number(domain: &'static str, key: &'static str, wanted: i64) -> Self {
        Self::payload(domain, key, Wanted::Number(wanted))
    }

    /// A key of a payload that must be a number from 1 to what `setting` says.
    #[must_use]
    pub const fn at_most(domain: &'static str, key: &'static str, setting: &'static Setting) -> Self {
        Self::payload(domain, key, Wanted::AtMost(setting))
    }

    const fn payload(domain: &'static str, key: &'static str, wanted: Wanted) -> Self {
        Self { domain, key, wanted, carrier: Carrier::Payload, last: 27, deprecated: None }
    }

    /// The same as a preference that no payload's schema lists.
    #[must_use]
    pub const fn as_preference(self) -> Self {
        Self { carrier: Carrier::Preferences, ..self }
    }

    /// The same where Apple's schema calls the key deprecated.
    #[must_use]
    pub const fn deprecated(self, deprecated: Deprecated) -> Self {
        Self { deprecated: Some(deprecated), ..self }
    }

    /// The same where this macOS major version is the last that heeds it.
    #[must_use]
    pub const fn up_to(self, macos: u32) -> Self {
        Self { last: macos, ..self }
    }

    /// Looks at what a profile forces. What is only set on the Mac itself is named and counts for nothing: macOS does not heed
    /// it there, or its user can take it back.
    ///
    /// # Errors
    /// [`ToolError`] where the managed preferences cannot be read, or the local ones where nothing is forced.
    pub fn probe(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        let (holds, seen) = self.look(view)?;
        Ok(Finding::judge(holds, seen, format!("{}, forced by a profile", self.wanted.words(view.settings))))
    }

    /// The same of each of these keys, which a control names in `forced`. Where there are several, what was seen names them.
    ///
    /// # Errors
    /// As [`Forced::probe`].
    pub fn probe_all(keys: &[&Self], view: &View<'_>) -> Result<Finding, ToolError> {
        if let [key] = keys {
            return key.probe(view);
        }
        let (mut all_hold, mut seen, mut wanted) = (!keys.is_empty(), Vec::new(), Vec::new());
        for key in keys {
            let (holds, what) = key.look(view)?;
            all_hold &= holds;
            seen.push(format!("{} {what}", key.key));
            wanted.push(format!("{} {}", key.key, key.wanted.words(view.settings)));
        }
        Ok(Finding::judge(all_hold, seen.join("; "), format!("{}, forced by a profile", wanted.join(", "))))
    }

    /// Whether the key is forced to what it must be, and what was seen.
    fn look(&self, view: &View<'_>) -> Result<(bool, String), ToolError> {
        let read = |folder: &str| -> Result<Option<Value>, ToolError> {
            let file = view.ask(&plist_file::file(format!("{folder}/{}.plist", self.domain)))?;
            Ok(file.and_then(|mut keys| keys.remove(self.key)))
        };
        if let Some(value) = read(MANAGED)? {
            let holds = self.wanted.is_met_by(view.settings, &value);
            return Ok((holds, format!("{}, forced by a profile", shown(&value))));
        }
        let seen = match read(LOCAL)? {
            Some(value) => {
                format!("not forced by a profile (set locally to {}, which counts for nothing)", shown(&value))
            }
            None => "not forced by a profile".to_owned(),
        };
        Ok((false, seen))
    }
}

impl Wanted {
    /// A value that is so, for a profile to force.
    #[must_use]
    pub fn value(&self, settings: &Settings) -> Value {
        match self {
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => (*number).into(),
            Self::Text(text) => (*text).into(),
            Self::AtMost(setting) => settings.integer(setting).into(),
        }
    }

    /// Whether `value` is so. The type counts: a payload with a value of another type is none that Apple's schemas allow, and
    /// what macOS makes of it is not known.
    fn is_met_by(&self, settings: &Settings, value: &Value) -> bool {
        match self {
            Self::Flag(wanted) => match value {
                Value::Boolean(is) => is == wanted,
                _ => value.as_signed_integer() == Some(i64::from(*wanted)),
            },
            Self::Number(wanted) => value.as_signed_integer() == Some(*wanted),
            Self::Text(wanted) => value.as_string() == Some(wanted),
            Self::AtMost(setting) => {
                value.as_signed_integer().is_some_and(|is| (1..=settings.integer(setting)).contains(&is))
            }
        }
    }

    /// In words.
    fn words(&self, settings: &Settings) -> String {
        match self {
            Self::Flag(wanted) => wanted.to_string(),
            Self::Number(wanted) => wanted.to_string(),
            Self::Text(wanted) => format!("\"{wanted}\""),
            Self::AtMost(setting) => format!("1 to {}", settings.integer(setting)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use chrono::DateTime;

    use super::*;
    use crate::control::{Kind, Laxer};
    use crate::facts::{Facts, Form, Processor, Version};
    use crate::host::Look;
    use crate::mac::{Answer, Ask, FileAnswer};

    static LIMIT: Setting = Setting {
        key: "Limit",
        doc: "A limit.",
        kind: Kind::Integer { default: 60, min: 1, max: 90, unit: "seconds" },
        laxer: Laxer::Higher,
    };
    static OFF: Forced = Forced::flag("com.example", "Allow", false);
    static ON: Forced = Forced::flag("com.example", "Force", true).as_preference().up_to(26);
    static EXACT: Forced = Forced::number("com.example", "Action", 1);
    static TEXT: Forced = Forced { wanted: Wanted::Text("Always"), ..Forced::number("com.example", "Text", 0) };
    static CAPPED: Forced = Forced::at_most("com.example.other", "Delay", &LIMIT);

    /// Files by path, and which were asked for. Where `None` stands, the file is no property list.
    #[derive(Default)]
    struct Files {
        content: BTreeMap<String, Option<plist::Dictionary>>,
        asked: Mutex<Vec<String>>,
    }

    impl Files {
        fn with(mut self, folder: &str, domain: &str, key: &str, value: impl Into<Value>) -> Self {
            let file = self
                .content
                .entry(format!("{folder}/{domain}.plist"))
                .or_insert_with(|| Some(plist::Dictionary::new()));
            file.as_mut().unwrap().insert(key.to_owned(), value.into());
            self
        }

        fn with_garbage(mut self, folder: &str, domain: &str) -> Self {
            self.content.insert(format!("{folder}/{domain}.plist"), None);
            self
        }

        fn forced(self, key: &Forced, value: impl Into<Value>) -> Self {
            self.with(MANAGED, key.domain, key.key, value)
        }
    }

    impl Look for Files {
        fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
            let Ask::File(path) = ask else { panic!("asks {ask}") };
            let path = path.to_str().unwrap().to_owned();
            let file = match self.content.get(&path) {
                None => FileAnswer::Absent,
                Some(content) => {
                    let mut bytes = b"not a property list".to_vec();
                    if let Some(dictionary) = content {
                        bytes.clear();
                        Value::Dictionary(dictionary.clone()).to_writer_xml(&mut bytes).unwrap();
                    }
                    FileAnswer::Present { bytes, owner: 0, mode: 0o644 }
                }
            };
            self.asked.lock().unwrap().push(path);
            Ok(Answer::File(file))
        }
    }

    fn viewed<T>(mac: &Files, then: impl FnOnce(&View<'_>) -> T) -> T {
        let (macos, build, model) = (Version(vec![26]), String::new(), String::new());
        let facts = Facts { macos, build, processor: Processor::AppleSilicon, form: Form::Laptop, model, uuid: None };
        let (settings, now) = (Settings::default(), DateTime::UNIX_EPOCH);
        then(&View { mac, facts: &facts, settings: &settings, exempt: &[], now, after_change: false })
    }

    fn look(key: &Forced, mac: &Files) -> Result<Finding, ToolError> {
        viewed(mac, |view| key.probe(view))
    }

    #[test]
    fn what_a_profile_forces_is_judged_by_value_and_type() {
        let text = |text: &str| Value::from(text);
        for (key, value, holds) in [
            (&OFF, Value::from(false), true),
            (&OFF, 0.into(), true),
            (&OFF, true.into(), false),
            (&OFF, 1.into(), false),
            (&OFF, text("false"), false),
            (&OFF, text("NO"), false),
            (&OFF, text(""), false),
            (&OFF, Value::Real(0.0), false),
            (&OFF, Value::Array(Vec::new()), false),
            (&ON, true.into(), true),
            (&ON, 1.into(), true),
            (&ON, 2.into(), false),
            (&ON, text("YES"), false),
            (&EXACT, 1.into(), true),
            (&EXACT, 0.into(), false),
            (&EXACT, true.into(), false),
            (&EXACT, text("1"), false),
            (&EXACT, Value::Real(1.0), false),
            (&TEXT, text("Always"), true),
            (&TEXT, text("always"), false),
            (&TEXT, true.into(), false),
            (&CAPPED, 1.into(), true),
            (&CAPPED, 60.into(), true),
            (&CAPPED, 61.into(), false),
            (&CAPPED, 0.into(), false),
            (&CAPPED, (-1).into(), false),
            (&CAPPED, text("60"), false),
        ] {
            let finding = look(key, &Files::default().forced(key, value.clone())).unwrap();
            assert_eq!(matches!(finding, Finding::Compliant { .. }), holds, "{} {value:?}: {finding:?}", key.key);
            let (Finding::Compliant { seen } | Finding::Drifted { seen, .. }) = finding else { panic!("{finding:?}") };
            assert_eq!(seen, format!("{}, forced by a profile", shown(&value)));
        }
    }

    #[test]
    fn what_is_set_locally_is_named_and_counts_for_nothing() {
        let wanted = "false, forced by a profile";
        let nothing = Files::default();
        assert_eq!(look(&OFF, &nothing).unwrap(), Finding::drifted("not forced by a profile", wanted));
        let local = Files::default().with(LOCAL, OFF.domain, OFF.key, false);
        assert_eq!(
            look(&OFF, &local).unwrap(),
            Finding::drifted(
                "not forced by a profile (set locally to false, which counts for nothing)",
                "false, forced by a profile"
            )
        );
        // Forced for one user is not forced for the Mac, and another key of the domain is another key.
        let others = Files::default().with(&format!("{MANAGED}/alice"), OFF.domain, OFF.key, false);
        let others = others.with(MANAGED, OFF.domain, "AllowMore", false);
        assert_eq!(look(&OFF, &others).unwrap(), Finding::drifted("not forced by a profile", wanted));
        // What is forced decides, whatever is set locally, and nobody looks there.
        let both = Files::default().forced(&OFF, true).with_garbage(LOCAL, OFF.domain);
        assert_eq!(look(&OFF, &both).unwrap(), Finding::drifted("true, forced by a profile", wanted));
        assert_eq!(*both.asked.lock().unwrap(), ["/Library/Managed Preferences/com.example.plist"]);
    }

    #[test]
    fn what_cannot_be_read_is_not_told() {
        assert!(look(&OFF, &Files::default().with_garbage(MANAGED, OFF.domain)).is_err());
        assert!(look(&OFF, &Files::default().with_garbage(LOCAL, OFF.domain)).is_err());
    }

    #[test]
    fn of_several_keys_each_must_hold() {
        let keys = [&OFF, &CAPPED];
        let of = |mac: &Files| viewed(mac, |view| Forced::probe_all(&keys, view)).unwrap();
        let wanted = "Allow false, Delay 1 to 60, forced by a profile";
        let one = Files::default().forced(&OFF, false);
        assert_eq!(
            of(&one),
            Finding::drifted("Allow false, forced by a profile; Delay not forced by a profile", wanted)
        );
        assert_eq!(
            of(&one.forced(&CAPPED, 30)),
            Finding::compliant("Allow false, forced by a profile; Delay 30, forced by a profile")
        );
        let none = viewed(&Files::default(), |view| Forced::probe_all(&[], view)).unwrap();
        assert!(matches!(none, Finding::Drifted { .. }), "{none:?}");
    }

    #[test]
    fn the_value_for_a_profile_is_one_that_holds() {
        let mut settings = Settings::default();
        for limit in [60, 5] {
            settings.set(&LIMIT, crate::control::Value::Integer(limit));
            for key in [&OFF, &ON, &EXACT, &TEXT, &CAPPED] {
                let value = key.wanted.value(&settings);
                assert!(key.wanted.is_met_by(&settings, &value), "{}: {value:?}", key.key);
            }
            assert_eq!(CAPPED.wanted.value(&settings).as_signed_integer(), Some(limit));
        }
        assert_eq!((ON.carrier, ON.last), (Carrier::Preferences, 26));
        assert_eq!((OFF.carrier, OFF.last), (Carrier::Payload, 27));
    }
}
