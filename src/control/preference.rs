//! Preferences, in layers that stay apart: forced by a profile, set locally. A value carries the layer that it came from.

use plist::Value;

use super::{Plan, Step, View};
use crate::host::ToolError;
use crate::mac::{Change, Misread, defaults, plist_file};

/// The folder of what profiles force for the whole Mac.
pub const MANAGED: &str = "/Library/Managed Preferences";
/// The folder of what is set locally for the whole Mac.
pub const LOCAL: &str = "/Library/Preferences";
/// The payload and preference domain of Apple's restrictions.
pub const RESTRICTIONS: &str = "com.apple.applicationaccess";
/// The preference domain of the payloads that came from managed clients, Energy Saver's among them.
pub const MCX: &str = "com.apple.MCX";

impl View<'_> {
    /// The value that a profile forces for `key` of `domain` on the whole Mac, if one does.
    ///
    /// # Errors
    /// [`ToolError`] where the file is there and cannot be read.
    pub fn forced(&self, domain: &str, key: &str) -> Result<Option<Value>, ToolError> {
        self.key_of(&format!("{MANAGED}/{domain}.plist"), key)
    }

    /// The plan where a profile forces one of these keys, each behind its domain, and so governs the setting.
    ///
    /// # Errors
    /// [`ToolError`] where a file is there and cannot be read.
    pub fn managed(&self, keys: &[(&str, &str)]) -> Result<Option<Plan>, ToolError> {
        for (domain, key) in keys {
            if self.forced(domain, key)?.is_some() {
                return Ok(Some(Plan::Managed { by: format!("a profile forces {domain} {key}") }));
            }
        }
        Ok(None)
    }

    /// The value that a profile forces for `key` of `domain` for one user.
    ///
    /// # Errors
    /// [`ToolError`] where the file is there and cannot be read, or the user's name is not one path element.
    pub fn forced_for(&self, user: &str, domain: &str, key: &str) -> Result<Option<Value>, ToolError> {
        if user.is_empty() || user.starts_with('.') || user.contains('/') {
            return Err(ToolError::Unsupported {
                what: format!("the account name \"{}\"", crate::text::excerpt(user)),
            });
        }
        self.key_of(&format!("{MANAGED}/{user}/{domain}.plist"), key)
    }

    /// A key of `domain` beginning with `prefix` that a profile forces on the whole Mac, if one does.
    ///
    /// # Errors
    /// [`ToolError`] where the file is there and cannot be read.
    pub fn forced_with_prefix(&self, domain: &str, prefix: &str) -> Result<Option<String>, ToolError> {
        let forced = self.ask(&plist_file::file(format!("{MANAGED}/{domain}.plist")))?;
        Ok(forced.and_then(|forced| forced.keys().find(|key| key.starts_with(prefix)).cloned()))
    }

    /// The value set locally for `key` of `domain` on the whole Mac, as the file has it. After a change `defaults` is asked
    /// as well, because the file can lag behind `cfprefsd`; its answer, a string, then counts where the two differ.
    ///
    /// # Errors
    /// [`ToolError`] where the file is there and cannot be read, or `defaults` gave no known answer.
    pub fn local(&self, domain: &str, key: &str) -> Result<Option<Value>, ToolError> {
        let path = format!("{LOCAL}/{domain}");
        let file = self.key_of(&format!("{path}.plist"), key)?;
        if !self.after_change {
            return Ok(file);
        }
        Ok(newer(file, self.ask(&defaults::read(&path, key))?.value().map(str::to_owned)))
    }

    fn key_of(&self, path: &str, key: &str) -> Result<Option<Value>, ToolError> {
        Ok(self.ask(&plist_file::file(path))?.and_then(|mut dictionary| dictionary.remove(key)))
    }
}

impl Step {
    /// Sets the flag `key` of `domain` locally for the whole Mac, where `prior` is now.
    ///
    /// # Errors
    /// [`ToolError::Unsupported`] where `prior` is a value that could not be put back.
    pub fn flag(domain: &str, key: &str, wanted: bool, prior: Option<&Value>) -> Result<Self, ToolError> {
        Self::preference(domain, key, defaults::write_bool(&format!("{LOCAL}/{domain}"), key, wanted), prior)
    }

    /// Sets the whole number `key` of `domain` locally for the whole Mac, where `prior` is now.
    ///
    /// # Errors
    /// [`ToolError::Unsupported`] where `prior` is a value that could not be put back.
    pub fn number(domain: &str, key: &str, wanted: i64, prior: Option<&Value>) -> Result<Self, ToolError> {
        Self::preference(domain, key, defaults::write_int(&format!("{LOCAL}/{domain}"), key, wanted), prior)
    }

    /// Sets the text `key` of `domain` locally for the whole Mac, where `prior` is now.
    ///
    /// # Errors
    /// [`ToolError::Unsupported`] where `prior` is a value that could not be put back.
    pub fn text(domain: &str, key: &str, wanted: &str, prior: Option<&Value>) -> Result<Self, ToolError> {
        Self::preference(domain, key, defaults::write_string(&format!("{LOCAL}/{domain}"), key, wanted), prior)
    }

    /// Takes `key` of `domain` away for the whole Mac, where `prior` is now.
    ///
    /// # Errors
    /// [`ToolError::Unsupported`] where `prior` is a value that could not be put back.
    pub fn away(domain: &str, key: &str, prior: Option<&Value>) -> Result<Self, ToolError> {
        Self::preference(domain, key, defaults::delete(&format!("{LOCAL}/{domain}"), key), prior)
    }

    /// The step, or a refusal: a change that could not be taken back is not made.
    fn preference(domain: &str, key: &str, change: Change, prior: Option<&Value>) -> Result<Self, ToolError> {
        let path = format!("{LOCAL}/{domain}");
        let back = match prior {
            None => defaults::delete(&path, key),
            Some(value) => write(&path, key, value).ok_or_else(|| ToolError::Unsupported {
                what: format!("how to put back {key} of {path}, which holds {}; it is left alone", shown(value)),
            })?,
        };
        Ok(Self { change, undo: vec![back], prior: [(format!("{path} {key}"), recorded(prior))].into() })
    }
}

/// The value in the file, or what `defaults` told where the two differ: the file can lag behind `cfprefsd`.
pub(super) fn newer(file: Option<Value>, told: Option<String>) -> Option<Value> {
    let same = match (&file, &told) {
        (None, None) => true,
        (Some(file), Some(told)) => as_defaults_prints(file).as_deref() == Some(told.trim()),
        _ => false,
    };
    if same { file } else { told.map(Value::String) }
}

/// The change that writes a scalar with its type; `None` for a value that `defaults` cannot be given as one argument.
pub(super) fn write(path: &str, key: &str, value: &Value) -> Option<Change> {
    match value {
        Value::Boolean(flag) => Some(defaults::write_bool(path, key, *flag)),
        Value::Integer(number) => number.as_signed().map(|number| defaults::write_int(path, key, number)),
        Value::Real(real) if real.is_finite() => Some(defaults::write_float(path, key, *real)),
        Value::String(text) => Some(defaults::write_string(path, key, text)),
        _ => None,
    }
}

/// How `defaults read` prints a scalar; `None` for what it prints over several lines.
fn as_defaults_prints(value: &Value) -> Option<String> {
    match value {
        Value::Boolean(flag) => Some(u8::from(*flag).to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::String(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// A yes-or-no preference as macOS judges it: a boolean, the integers 0 and 1, and the words that old tools left behind
/// (the string `YES` occurs in `com.apple.SoftwareUpdate`).
///
/// # Errors
/// [`Misread`] for any other value.
pub fn truth(value: &Value) -> Result<bool, Misread> {
    match value {
        Value::Boolean(flag) => return Ok(*flag),
        Value::Integer(number) => match number.as_signed() {
            Some(0) => return Ok(false),
            Some(1) => return Ok(true),
            _ => {}
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => return Ok(true),
            "no" | "false" | "0" => return Ok(false),
            _ => {}
        },
        _ => {}
    }
    Err(Misread::new("true or false", shown(value)))
}

/// A whole number, also where it is written as a string.
///
/// # Errors
/// [`Misread`] for any other value.
pub fn number(value: &Value) -> Result<i64, Misread> {
    match value {
        Value::Integer(number) => number.as_signed(),
        #[allow(clippy::cast_possible_truncation)] // far below 2^53, which an i64 holds
        Value::Real(real) if real.fract() == 0.0 && real.abs() < 1e15 => Some(*real as i64),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .ok_or_else(|| Misread::new("a whole number", shown(value)))
}

/// A value for the ledger: scalars as they are, anything else by its kind.
#[must_use]
pub fn recorded(value: Option<&Value>) -> serde_json::Value {
    match value {
        None => serde_json::Value::Null,
        Some(Value::Boolean(flag)) => (*flag).into(),
        Some(Value::Integer(number)) => match (number.as_signed(), number.as_unsigned()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => number.to_string().into(),
        },
        // JSON has no infinity: then the words.
        Some(Value::Real(real)) if real.is_finite() => (*real).into(),
        Some(Value::String(text)) => text.as_str().into(),
        Some(other) => shown(other).into(),
    }
}

/// A value in words.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Real(real) => real.to_string(),
        Value::String(text) => format!("\"{text}\""),
        Value::Array(_) => "an array".to_owned(),
        Value::Dictionary(_) => "a dictionary".to_owned(),
        Value::Data(_) => "data".to_owned(),
        Value::Date(_) => "a date".to_owned(),
        _ => "a value of another type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_or_no_value_is_judged_by_type_and_word() {
        for (value, expected) in [
            (Value::Boolean(true), Some(true)),
            (Value::Integer(1.into()), Some(true)),
            (Value::Integer(0.into()), Some(false)),
            (Value::String("YES".into()), Some(true)),
            (Value::String("NO".into()), Some(false)),
            (Value::Integer(2.into()), None),
            (Value::String("maybe".into()), None),
            (Value::String(String::new()), None),
            (Value::Real(1.0), None),
        ] {
            assert_eq!(truth(&value).ok(), expected, "{value:?}");
        }
    }

    fn prior(step: &Step) -> &serde_json::Value {
        step.prior.values().next().unwrap()
    }

    #[test]
    fn a_step_records_what_was_there_and_puts_it_back_with_its_type() {
        for (before, record, back) in [
            (None, serde_json::Value::Null, &["delete", "/Library/Preferences/d", "K"][..]),
            (Some(Value::Boolean(false)), false.into(), &["write", "/Library/Preferences/d", "K", "-bool", "false"]),
            (Some(Value::Integer(0.into())), 0.into(), &["write", "/Library/Preferences/d", "K", "-int", "0"]),
            (Some(Value::Real(0.5)), 0.5.into(), &["write", "/Library/Preferences/d", "K", "-float", "0.5"]),
            (Some(Value::String("NO".into())), "NO".into(), &["write", "/Library/Preferences/d", "K", "-string", "NO"]),
        ] {
            let step = Step::flag("d", "K", true, before.as_ref()).unwrap();
            assert_eq!(prior(&step), &record, "{before:?}");
            assert_eq!(step.undo.len(), 1, "{before:?}");
            assert_eq!(step.undo[0].run.argv[1..], *back, "{before:?}");
        }
    }

    #[test]
    fn what_could_not_be_put_back_is_not_changed() {
        for before in [
            Value::Array(vec![]),
            Value::Dictionary(plist::Dictionary::new()),
            Value::Data(vec![1]),
            Value::Integer(u64::MAX.into()),
            Value::Real(f64::INFINITY),
        ] {
            assert!(Step::flag("d", "K", true, Some(&before)).is_err(), "{before:?}");
            assert!(Step::number("d", "K", 1, Some(&before)).is_err(), "{before:?}");
        }
        assert_eq!(recorded(Some(&Value::Integer(u64::MAX.into()))), u64::MAX);
        assert_eq!(recorded(Some(&Value::Real(1.5))), 1.5);
        assert_eq!(recorded(Some(&Value::Real(f64::INFINITY))), "inf");
    }
}
