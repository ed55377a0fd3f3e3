//! Plain preferences of the whole Mac that root sets locally, unless a profile forces them.

use plist::Value;

use super::preference::{number, shown, truth};
use super::{Finding, Plan, Setting, Step, View};
use crate::host::ToolError;

/// One key that macOS takes from a profile, otherwise from `/Library/Preferences`.
#[derive(Debug)]
pub struct Local {
    /// The preference domain, without folder and `.plist`.
    pub domain: &'static str,
    /// The key.
    pub key: &'static str,
    /// Domain and key under which a profile forces it, where they are others than the local ones.
    pub forced: Option<(&'static str, &'static str)>,
    /// What it must be.
    pub aim: Aim,
    /// What it means that it is set nowhere.
    pub unset: Unset,
}

/// What a local preference must be.
#[derive(Debug)]
pub enum Aim {
    /// This.
    Flag(bool),
    /// Exactly this.
    Number(i64),
    /// A number from 1 to what this integer setting says, which is also what is written.
    AtMost(&'static Setting),
    /// The text that this setting gives; where it gives none there is nothing to hold.
    Text(&'static Setting),
    /// Not set at all.
    Absent,
}

/// What it means that a preference is set nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// That it is not as wanted, or that nobody knows: it is written.
    Drift,
    /// That it is as wanted, by the default that these words give: `off by Apple's documented default`.
    Fine(&'static str),
}

/// What decides, and how.
#[derive(Debug)]
enum Decided {
    Profile(Value),
    Local(Option<Value>),
}

impl Local {
    /// A key that a profile forces under the same name, that must be so, and whose absence is drift.
    #[must_use]
    pub const fn new(domain: &'static str, key: &'static str, aim: Aim) -> Self {
        Self { domain, key, forced: None, aim, unset: Unset::Drift }
    }

    /// Looks: at what a profile forces, otherwise at what is set locally.
    ///
    /// # Errors
    /// [`ToolError`] where a source is there and cannot be read.
    pub fn probe(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        let Some(wanted) = self.aim.words(view) else {
            return Ok(Finding::not_applicable("policy gives no text"));
        };
        let (value, whose) = match self.decided(view)? {
            Decided::Profile(value) => (value, "forced by a profile"),
            Decided::Local(Some(value)) => (value, "set locally"),
            Decided::Local(None) => {
                return Ok(match (&self.aim, self.unset) {
                    (Aim::Absent, _) => Finding::compliant("not set"),
                    (_, Unset::Fine(by_default)) => Finding::compliant(format!("not set: {by_default}")),
                    (_, Unset::Drift) => Finding::drifted("not set", wanted),
                });
            }
        };
        Ok(Finding::judge(self.aim.is_met_by(view, &value), format!("{}, {whose}", shown(&value)), wanted))
    }

    /// Plans to set it locally, unless a profile decides.
    ///
    /// # Errors
    /// [`ToolError`] where a source is there and cannot be read, or holds what could not be put back.
    pub fn plan(&self, view: &View<'_>) -> Result<Plan, ToolError> {
        let prior = match self.decided(view)? {
            Decided::Profile(_) => {
                let (domain, key) = self.where_forced();
                return Ok(Plan::Managed { by: format!("a profile forces {domain} {key}") });
            }
            Decided::Local(prior) => prior,
        };
        let (domain, key, prior) = (self.domain, self.key, prior.as_ref());
        let step = match &self.aim {
            Aim::Flag(wanted) => Step::flag(domain, key, *wanted, prior),
            Aim::Number(wanted) => Step::number(domain, key, *wanted, prior),
            Aim::AtMost(setting) => Step::number(domain, key, view.settings.integer(setting), prior),
            Aim::Text(setting) => Step::text(domain, key, &view.settings.text(setting), prior),
            Aim::Absent => Step::away(domain, key, prior),
        };
        Ok(Plan::Now(vec![step?]))
    }

    /// The value that counts, whoever set it.
    ///
    /// # Errors
    /// [`ToolError`] where a source is there and cannot be read.
    pub fn value(&self, view: &View<'_>) -> Result<Option<Value>, ToolError> {
        Ok(match self.decided(view)? {
            Decided::Profile(value) => Some(value),
            Decided::Local(value) => value,
        })
    }

    fn decided(&self, view: &View<'_>) -> Result<Decided, ToolError> {
        let (domain, key) = self.where_forced();
        if let Some(value) = view.forced(domain, key)? {
            return Ok(Decided::Profile(value));
        }
        Ok(Decided::Local(view.local(self.domain, self.key)?))
    }

    fn where_forced(&self) -> (&'static str, &'static str) {
        self.forced.unwrap_or((self.domain, self.key))
    }
}

impl Aim {
    /// Whether `value` is so. The type counts as far as macOS minds it: the string `YES`, the integer 1 and `true` are one.
    fn is_met_by(&self, view: &View<'_>, value: &Value) -> bool {
        match self {
            Self::Flag(wanted) => truth(value).is_ok_and(|is| is == *wanted),
            Self::Number(wanted) => number(value).is_ok_and(|is| is == *wanted),
            Self::AtMost(setting) => number(value).is_ok_and(|is| (1..=view.settings.integer(setting)).contains(&is)),
            Self::Text(setting) => value.as_string().is_some_and(|is| is.trim() == view.settings.text(setting).trim()),
            Self::Absent => false,
        }
    }

    /// In words; `None` where policy does not say what it must be.
    fn words(&self, view: &View<'_>) -> Option<String> {
        Some(match self {
            Self::Flag(wanted) => wanted.to_string(),
            Self::Number(wanted) => wanted.to_string(),
            Self::AtMost(setting) => format!("1 to {}", view.settings.integer(setting)),
            Self::Text(setting) => {
                let text = view.settings.text(setting);
                if text.trim().is_empty() {
                    return None;
                }
                format!("\"{text}\"")
            }
            Self::Absent => "not set".to_owned(),
        })
    }
}
