//! `pwpolicy`: the account policies that hold for every local account. Only ever read: setting them replaces them all.

use plist::{Dictionary, Value};
use serde::Serialize;

use super::lines::{self, misread};
pub use super::pwpolicy_rules::{Demands, Rule};
use super::pwpolicy_rules::{bears_on, rule};
use super::{Invocation, Misread, Output, Question, xml};

/// The line before the property list, on standard output as well.
const HEADING: &str = "Getting global account policies";

/// The policies for all accounts. Each must be satisfied, so one more only ever asks for more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policies {
    /// In the order in which they are printed.
    pub policies: Vec<Policy>,
}

/// One policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// When macOS asks it.
    pub category: Category,
    /// Its predicate, as printed.
    pub content: String,
    /// Its name; those that a profile brings begin with `ProfilePayload:`. Whoever sets a policy chooses its name.
    pub identifier: Option<String>,
    /// What it asks for; `None` where its predicate is none of the known ones.
    pub rule: Option<Rule>,
}

/// When macOS asks a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// When somebody authenticates: it must be true.
    Authentication,
    /// When somebody has authenticated: where it is true, the password must be changed.
    PasswordChange,
    /// When a password is set: it must be true.
    PasswordContent,
}

const CATEGORIES: [(&str, Category); 3] = [
    ("policyCategoryAuthentication", Category::Authentication),
    ("policyCategoryPasswordChange", Category::PasswordChange),
    ("policyCategoryPasswordContent", Category::PasswordContent),
];

/// What a policy can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Failed attempts.
    Lockout,
    /// Accounts that are not used.
    Inactivity,
    /// The password's age.
    Age,
    /// Earlier passwords.
    History,
    /// What a password is made of.
    Password,
}

/// Which policies hold for all local accounts?
#[must_use]
pub fn account_policies() -> Question<Policies> {
    Question::closed(Invocation::new("/usr/bin/pwpolicy", &["-getaccountpolicies"]), parse)
}

/// Reads the answer of `pwpolicy -getaccountpolicies`: a heading, then a property list.
///
/// # Errors
/// [`Misread`] for anything else. Where there are no policies at all, not even macOS's own, the heading is said to be all; but an
/// answer that was cut after it is the same, so that is not read either.
pub(crate) fn parse(output: &Output) -> Result<Policies, Misread> {
    const EXPECTED: &str = "\"Getting global account policies\" and a property list";
    lines::quiet(output, EXPECTED)?;
    let text = output.stdout()?;
    let (first, rest) = text.split_once('\n').ok_or_else(|| misread(EXPECTED, text))?;
    if first.trim_end() != HEADING || rest.trim().is_empty() {
        return Err(misread(EXPECTED, text));
    }
    let root = xml::dictionary(rest.as_bytes())?;
    let mut policies = Vec::new();
    for (key, category) in CATEGORIES {
        let Some(value) = root.get(key) else { continue };
        let entries = value.as_array().ok_or_else(|| unexpected(key, "an array"))?;
        for entry in entries {
            policies.push(policy(category, entry).ok_or_else(|| unexpected(key, "policies with a predicate each"))?);
        }
    }
    Ok(Policies { policies })
}

fn unexpected(key: &str, expected: &str) -> Misread {
    Misread::new(format!("{expected} as {key}"), "something else")
}

/// One entry of a category; `None` where it has not the form of a policy.
fn policy(category: Category, entry: &Value) -> Option<Policy> {
    const KNOWN: [&str; 4] = ["policyContent", "policyContentDescription", "policyIdentifier", "policyParameters"];
    let entry = entry.as_dictionary()?;
    let content = entry.get("policyContent")?.as_string()?;
    let identifier = match entry.get("policyIdentifier") {
        Some(name) => Some(name.as_string()?.to_owned()),
        None => None,
    };
    let none = Dictionary::new();
    let parameters = match entry.get("policyParameters") {
        Some(parameters) => parameters.as_dictionary()?,
        None => &none,
    };
    // A key that is not known may say when the policy holds.
    let plain = entry.keys().all(|key| KNOWN.contains(&key.as_str()));
    let rule = if plain { rule(category, content, parameters) } else { None };
    Some(Policy { category, content: content.to_owned(), identifier, rule })
}

impl Policies {
    /// The rules that are understood.
    pub fn rules(&self) -> impl Iterator<Item = Rule> + '_ {
        self.policies.iter().filter_map(|policy| policy.rule)
    }

    /// A policy whose predicate is not understood and that may be about `concern`, if there is one.
    #[must_use]
    pub fn unclear(&self, concern: Concern) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.rule.is_none() && bears_on(policy.category, &policy.content, concern))
    }

    /// What passwords must be made of, all policies together.
    #[must_use]
    pub fn demands(&self) -> Demands {
        let all = self.rules().filter_map(|rule| if let Rule::Password(demands) = rule { Some(demands) } else { None });
        all.fold(Demands::default(), Demands::and)
    }

    /// What happens at the lowest number of failed attempts that locks an account: that number, and for how many seconds;
    /// `None` for these is until an administrator unlocks it. `None` where nothing locks one.
    ///
    /// A longer lock after more attempts does not count: until then there is only the short one.
    #[must_use]
    pub fn lockout(&self) -> Option<(i64, Option<i64>)> {
        let lockouts = || {
            self.rules().filter_map(|rule| match rule {
                Rule::Lockout { attempts, seconds } => Some((attempts, seconds)),
                _ => None,
            })
        };
        let first = lockouts().map(|(attempts, _)| attempts).min()?;
        // "Until an administrator" is the longest.
        let rank = |seconds: &Option<i64>| seconds.unwrap_or(i64::MAX);
        let longest =
            lockouts().filter(|(attempts, _)| *attempts == first).map(|(_, seconds)| seconds).max_by_key(rank);
        Some((first, longest?))
    }

    /// After how many days a password expires, where it does.
    #[must_use]
    pub fn age(&self) -> Option<i64> {
        self.rules().filter_map(|rule| if let Rule::Age { days } = rule { Some(days) } else { None }).min()
    }

    /// After how many days without use an account is disabled, where it is.
    #[must_use]
    pub fn inactivity(&self) -> Option<i64> {
        self.rules().filter_map(|rule| if let Rule::Inactive { days } = rule { Some(days) } else { None }).min()
    }

    /// How many earlier passwords are refused, where any are.
    #[must_use]
    pub fn history(&self) -> Option<i64> {
        self.rules().filter_map(|rule| if let Rule::History { depth } = rule { Some(depth) } else { None }).max()
    }
}

#[cfg(test)]
#[path = "pwpolicy_tests.rs"]
mod tests;
