//! Which exemptions are on record, and which of them are over.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::items::bounded;
use super::{History, LONGEST_TEXT, is_plain};
use crate::ledger::line::{cut, escaped_len, hash};
use crate::ledger::{Entry, Event};

/// The exemption counts from now on.
pub const BEGINS: &str = "begins";
/// It ends within the days that policy has for saying so.
pub const ENDS_SOON: &str = "ends_soon";
/// Its time is over.
pub const EXPIRED: &str = "expired";
/// Policy does not have it any more.
pub const WITHDRAWN: &str = "withdrawn";

/// What is on record of one exemption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionHistory {
    /// The control's id.
    pub control: String,
    /// The user's short name; `None` is the whole Mac.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Since when it counts as it is, RFC 3339.
    pub since: String,
    /// When it ends, RFC 3339.
    pub until: String,
    /// What tells it from another one for the same: [`terms`].
    pub terms: String,
    /// Whether it was said that it ends soon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
    /// Whether its time was over: then it stays so, also where the clock is set back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

/// The name under which [`History::exemptions`] keeps the exemption of `user`, or of the whole Mac, from `control`.
#[must_use]
pub fn exemption_key(control: &str, user: Option<&str>) -> String {
    bounded(&user.map_or_else(|| control.to_owned(), |user| format!("{control} {user}")), LONGEST_TEXT)
}

/// SHA-256, in hexadecimal, of what an exemption says beside whom it is for.
#[must_use]
pub fn terms(until: &str, reason: &str, approver: &str, ticket: &str) -> String {
    hash(json!([until, reason, approver, ticket]).to_string().as_bytes())
}

impl History {
    /// Something became of an exemption.
    pub(super) fn of_exemption(&mut self, entry: &Entry) {
        let Event::Exemption { control, user, stage, until, reason, approver, ticket } = &entry.event else { return };
        if !is_plain(control) || !is_plain(until) {
            return;
        }
        let key = exemption_key(control, user.as_deref());
        match stage.as_str() {
            BEGINS => {
                let told = self.exemptions.get(&key).is_some_and(|before| before.told && before.until == *until);
                let begun = ExemptionHistory {
                    control: control.clone(),
                    user: user.as_ref().map(|user| cut(user, LONGEST_TEXT)),
                    since: entry.time.clone(),
                    until: until.clone(),
                    terms: terms(until, reason, approver, ticket),
                    told,
                    over: false,
                };
                self.exemptions.insert(key, begun);
            }
            ENDS_SOON => {
                if let Some(known) = self.exemptions.get_mut(&key).filter(|known| known.until == *until) {
                    known.told = true;
                }
            }
            EXPIRED => {
                if let Some(known) = self.exemptions.get_mut(&key) {
                    until.clone_into(&mut known.until);
                    known.over = true;
                }
            }
            WITHDRAWN => _ = self.exemptions.remove(&key),
            _ => {}
        }
    }
}

impl ExemptionHistory {
    /// Whether it is one that the fold can have made.
    pub(super) fn is_bounded(&self) -> bool {
        [&self.control, &self.since, &self.until, &self.terms].into_iter().all(|word| is_plain(word))
            && self.user.as_ref().is_none_or(|user| escaped_len(user) <= LONGEST_TEXT)
    }
}
