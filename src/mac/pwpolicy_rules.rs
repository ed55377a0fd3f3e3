//! The predicates of account policies that are known, word for word. One that only looks like them says nothing: macOS passes
//! over a predicate that it cannot parse, and a `NOT` in front turns its meaning round.

use plist::Dictionary;
use serde::Serialize;

use super::pwpolicy::{Category, Concern};

/// What a policy asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The account is locked after failed attempts.
    Lockout {
        /// So many.
        attempts: i64,
        /// For so many seconds; `None` is until an administrator unlocks it.
        seconds: Option<i64>,
    },
    /// The account is disabled where nobody used it.
    Inactive {
        /// For so many days.
        days: i64,
    },
    /// The password expires.
    Age {
        /// After so many days.
        days: i64,
    },
    /// Earlier passwords are refused.
    History {
        /// So many.
        depth: i64,
    },
    /// What a password must be made of.
    Password(Demands),
    /// Nothing that a control asks about: no runs of characters.
    Runs,
}

/// What a password must be made of: least numbers of characters, 0 where nothing is asked. Letters and digits are those of ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Demands {
    /// In all.
    pub length: u32,
    /// Digits.
    pub digits: u32,
    /// Letters of either case.
    pub letters: u32,
    /// Capital letters.
    pub upper: u32,
    /// Small letters.
    pub lower: u32,
    /// Neither letters nor digits.
    pub special: u32,
}

impl Demands {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            length: self.length.max(other.length),
            digits: self.digits.max(other.digits),
            letters: self.letters.max(other.letters),
            upper: self.upper.max(other.upper),
            lower: self.lower.max(other.lower),
            special: self.special.max(other.special),
        }
    }
}

const FAILED: &str = "policyAttributeFailedAuthentications < policyAttributeMaximumFailedAuthentications";
/// What a profile with `minutesUntilFailedLoginReset` brings, and NIST's and CIS's own lists have.
const FAILED_OR_LATER: &str = "(policyAttributeFailedAuthentications < policyAttributeMaximumFailedAuthentications) OR \
                               (policyAttributeCurrentTime > (policyAttributeLastFailedAuthenticationTime + autoEnableInSeconds))";
const UNUSED: &str = "policyAttributeLastAuthenticationTime > policyAttributeCurrentTime - ";
const CHANGED: &str = "policyAttributeCurrentTime > policyAttributeLastPasswordChangeTime + ";
const REUSED: &str = "none policyAttributePasswordHashes in policyAttributePasswordHistory";
const RUNS: &str = "(policyAttributeSequentialCharacters < policyAttributeMaximumSequentialCharacters) and \
                    (policyAttributeConsecutiveCharacters < policyAttributeMaximumConsecutiveCharacters)";

/// The rule that a policy of this category with this predicate is; `None` where it is not known.
pub(super) fn rule(category: Category, content: &str, parameters: &Dictionary) -> Option<Rule> {
    // Between its words white space says nothing; within a pattern it would, and no known pattern has any.
    let content = content.split_whitespace().collect::<Vec<_>>().join(" ");
    let number = |name: &str| parameters.get(name)?.as_signed_integer().filter(|number| *number > 0);
    match category {
        Category::Authentication => {
            let attempts = || number("policyAttributeMaximumFailedAuthentications");
            if content == FAILED_OR_LATER {
                return Some(Rule::Lockout { attempts: attempts()?, seconds: Some(number("autoEnableInSeconds")?) });
            }
            if content == FAILED || content == format!("({FAILED})") {
                return Some(Rule::Lockout { attempts: attempts()?, seconds: None });
            }
            let name = days(content.strip_prefix(UNUSED)?)?;
            (name == "policyAttributeInactiveDays").then_some(Rule::Inactive { days: number(name)? })
        }
        Category::PasswordChange => {
            let name = days(content.strip_prefix(CHANGED)?)?;
            let known = ["policyAttributeExpiresEveryNDays", "policyAttributeDaysUntilExpiration"];
            known.contains(&name).then_some(Rule::Age { days: number(name)? })
        }
        Category::PasswordContent if content == REUSED => {
            Some(Rule::History { depth: number("policyAttributePasswordHistoryDepth")? })
        }
        Category::PasswordContent if content == RUNS => Some(Rule::Runs),
        Category::PasswordContent => {
            let pattern = content.strip_prefix("policyAttributePassword matches '")?.strip_suffix('\'')?;
            Some(Rule::Password(demands(pattern)?))
        }
    }
}

/// The parameter that is counted in days where `text` turns it into seconds. `DAYS_TO_SECONDS` is a word of the predicates'
/// own (pwpolicy(8)).
fn days(text: &str) -> Option<&str> {
    let body = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let name = [" * 24 * 60 * 60", " * 86400", " * DAYS_TO_SECONDS"].iter().find_map(|end| body.strip_suffix(end))?;
    name.bytes().all(|b| b.is_ascii_alphanumeric()).then_some(name)
}

/// What a password must be to match the whole of `pattern`; `None` where the pattern is not known.
fn demands(pattern: &str) -> Option<Demands> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let mut all = Demands::default();
    // (?=.*[0-9])(?=.*[a-zA-Z]) and what follows.
    let mut rest = pattern;
    while let Some((class, after)) = rest.strip_prefix("(?=.*").and_then(|body| body.split_once(')')) {
        all = all.and(of_class(class, 1)?);
        rest = after;
    }
    if rest.len() < pattern.len() && matches!(rest, ".+" | ".*") {
        return Some(all);
    }
    if let Some(length) = rest.strip_prefix('.').and_then(at_least) {
        return Some(all.and(Demands { length, ..Demands::default() }));
    }
    // (.*[A-Z].*){1,}
    let (class, times) = pattern.strip_prefix("(.*")?.split_once(".*)")?;
    of_class(class, at_least(times)?)
}

/// The number in `{8,}` and `{8,}+`.
fn at_least(text: &str) -> Option<u32> {
    let number = text.strip_suffix('+').unwrap_or(text).strip_prefix('{')?.strip_suffix(",}")?;
    let plain = (1..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if plain { number.parse().ok() } else { None }
}

/// So many characters of a known class.
fn of_class(class: &str, times: u32) -> Option<Demands> {
    let none = Demands::default();
    Some(match class {
        "[0-9]" => Demands { digits: times, ..none },
        "[a-zA-Z]" | "[A-Za-z]" => Demands { letters: times, ..none },
        "[A-Z]" => Demands { upper: times, ..none },
        "[a-z]" => Demands { lower: times, ..none },
        "[^a-zA-Z0-9]" | "[^A-Za-z0-9]" | "[^0-9a-zA-Z]" | "[^0-9A-Za-z]" => Demands { special: times, ..none },
        _ => return None,
    })
}

/// Whether a predicate that is not understood may be about `concern`: whether it speaks of what that is told from.
pub(super) fn bears_on(category: Category, content: &str, concern: Concern) -> bool {
    let speaks_of = |words: &[&str]| words.iter().any(|word| content.contains(word));
    match concern {
        Concern::Lockout => category == Category::Authentication && speaks_of(&["FailedAuthentication"]),
        Concern::Inactivity => category == Category::Authentication && speaks_of(&["LastAuthentication", "Inactive"]),
        Concern::Age => category == Category::PasswordChange,
        Concern::History => category == Category::PasswordContent && speaks_of(&["PasswordHash", "PasswordHistory"]),
        Concern::Password => category == Category::PasswordContent && names_the_password(content),
    }
}

/// Whether `content` names the password itself, and not only another attribute whose name begins so.
fn names_the_password(content: &str) -> bool {
    let mut ends = content.match_indices(PASSWORD).filter_map(|(at, _)| content.get(at + PASSWORD.len()..));
    ends.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

const PASSWORD: &str = "policyAttributePassword";
