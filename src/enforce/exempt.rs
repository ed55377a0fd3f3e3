//! Which exemptions count in a pass, and what the ledger is told of them.
//!
//! An exemption counts up to its end by the pass's own time, and its end is for good: once it is on record as over, setting the
//! clock back does not bring it back. Only policy does, with another end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::Pass;
use crate::clock::{self, stamp};
use crate::control::{Control, Finding};
use crate::host::ToolError;
use crate::ledger::Event;
use crate::ledger::history::{BEGINS, ENDS_SOON, EXPIRED, ExemptionHistory, WITHDRAWN, exemption_key, terms};
use crate::policy::{Exemption, Policy, Problem};

/// What is on record of exemptions.
type OnRecord = BTreeMap<String, ExemptionHistory>;

/// The exemptions that count, by control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exempt(BTreeMap<&'static str, Vec<Exemption>>);

impl Exempt {
    /// Those of `policy` that are not over at `now`, nor on record as over.
    #[must_use]
    pub fn of(policy: &Policy, on_record: &OnRecord, now: DateTime<Utc>) -> Self {
        let mut all: BTreeMap<&'static str, Vec<Exemption>> = BTreeMap::new();
        for exemption in policy.exemptions.iter().filter(|exemption| !is_over(exemption, on_record, now)) {
            all.entry(exemption.control).or_default().push(exemption.clone());
        }
        Self(all)
    }

    /// The one that exempts the whole Mac from `control`.
    #[must_use]
    pub fn whole(&self, control: &Control) -> Option<&Exemption> {
        self.0.get(control.id)?.iter().find(|exemption| exemption.user.is_none())
    }

    /// Those that exempt single users from `control`.
    #[must_use]
    pub fn of_users(&self, control: &Control) -> Vec<Exemption> {
        let all = self.0.get(control.id).into_iter().flatten();
        all.filter(|exemption| exemption.user.is_some()).cloned().collect()
    }

    /// Those users, by short name.
    #[must_use]
    pub fn users(&self, control: &Control) -> Vec<String> {
        self.0.get(control.id).into_iter().flatten().filter_map(|exemption| exemption.user.clone()).collect()
    }

    /// All of them from `control`, the whole Mac's first.
    #[must_use]
    pub fn from(&self, control: &Control) -> Vec<Exemption> {
        self.whole(control).cloned().into_iter().chain(self.of_users(control)).collect()
    }

    /// When the first of them ends.
    #[must_use]
    pub fn next_end(&self) -> Option<DateTime<Utc>> {
        self.0.values().flatten().map(|exemption| exemption.expires).min()
    }
}

impl Pass<'_> {
    /// What is found for the whole Mac and all its users, and the exemptions for which it is left as it is. What cannot be told, or
    /// does not apply, is not exempt: nobody knows that there is anything to exempt.
    pub(super) fn look_at_all(&self, control: &'static Control) -> Result<(Finding, Vec<Exemption>), ToolError> {
        let all = self.with_view(control, false, &[], |view| control.look(view))?;
        let whole = self.exempt.whole(control).filter(|_| !matches!(all, Finding::NotApplicable { .. }));
        if let Some(whole) = whole {
            return Ok((all, vec![whole.clone()]));
        }
        let users = self.exempt.of_users(control);
        if users.is_empty() || !matches!(all, Finding::Drifted { .. }) {
            return Ok((all, Vec::new()));
        }
        // Somebody's setting is not as it should be. Whether it is only theirs, another look past them tells.
        match self.look_at(control, false)? {
            rest @ Finding::Drifted { .. } => Ok((rest, Vec::new())),
            Finding::Compliant { .. } | Finding::NotApplicable { .. } => Ok((all, users)),
        }
    }
}

/// Whether it counts no more.
fn is_over(exemption: &Exemption, on_record: &OnRecord, now: DateTime<Utc>) -> bool {
    let is_on_record = |known: &ExemptionHistory| known.over && known.until == stamp(exemption.expires);
    now >= exemption.expires || of(on_record, exemption).is_some_and(is_on_record)
}

fn of<'a>(on_record: &'a OnRecord, exemption: &Exemption) -> Option<&'a ExemptionHistory> {
    on_record.get(&exemption_key(exemption.control, exemption.user.as_deref()))
}

/// What is wrong with `policy` because exemptions are over.
#[must_use]
pub fn problems(policy: &Policy, on_record: &OnRecord, now: DateTime<Utc>) -> Vec<Problem> {
    policy.problems_over(|exemption| is_over(exemption, on_record, now))
}

/// The controls whose exemption is on record as counting, and counts no more: they are to be looked at, now.
#[must_use]
pub fn lapsed(policy: &Policy, on_record: &OnRecord, now: DateTime<Utc>) -> BTreeSet<String> {
    ended(policy, on_record, now).map(|(_, known)| known.control.clone()).collect()
}

/// The exemptions on record that count no more, each with policy's where it is there still.
fn ended<'a>(
    policy: &'a Policy,
    on_record: &'a OnRecord,
    now: DateTime<Utc>,
) -> impl Iterator<Item = (Option<&'a Exemption>, &'a ExemptionHistory)> {
    on_record.iter().filter(|(_, known)| !known.over).filter_map(move |(key, known)| {
        let mut all = policy.exemptions.iter();
        let now_in_policy = all.find(|one| exemption_key(one.control, one.user.as_deref()) == *key);
        let counts = now_in_policy.is_some_and(|exemption| !is_over(exemption, on_record, now));
        (!counts).then_some((now_in_policy, known))
    })
}

/// What is new of the exemptions from `controls`, as the ledger is told: that one counts from now on or is another one, once; that
/// it ends within the days that policy has for it, once; that it is over or withdrawn.
#[must_use]
pub fn news(policy: &Policy, on_record: &OnRecord, now: DateTime<Utc>, controls: &[&'static Control]) -> Vec<Event> {
    let is_asked_for = |id: &str| controls.iter().any(|control| control.id == id);
    let ended = ended(policy, on_record, now).filter(|(_, known)| is_asked_for(&known.control));
    let mut events: Vec<Event> = ended
        .map(|(exemption, known)| match exemption {
            Some(exemption) => event(exemption, EXPIRED),
            None => {
                let was_over = clock::read(&known.until).is_some_and(|until| until <= now);
                Event::Exemption {
                    control: known.control.clone(),
                    user: known.user.clone(),
                    stage: if was_over { EXPIRED } else { WITHDRAWN }.to_owned(),
                    until: known.until.clone(),
                    reason: String::new(),
                    approver: String::new(),
                    ticket: String::new(),
                }
            }
        })
        .collect();
    let warning = TimeDelta::days(policy.warning_days.into());
    for exemption in policy.exemptions.iter().filter(|exemption| is_asked_for(exemption.control)) {
        if is_over(exemption, on_record, now) {
            continue;
        }
        let (known, until) = (of(on_record, exemption), stamp(exemption.expires));
        let own = terms(&until, &exemption.reason, &exemption.approver, &exemption.ticket);
        if known.is_none_or(|known| known.over || known.terms != own) {
            events.push(event(exemption, BEGINS));
        }
        let is_told = known.is_some_and(|known| known.told && known.until == until);
        if warning > TimeDelta::zero() && exemption.expires.signed_duration_since(now) <= warning && !is_told {
            events.push(event(exemption, ENDS_SOON));
        }
    }
    events
}

fn event(exemption: &Exemption, stage: &str) -> Event {
    Event::Exemption {
        control: exemption.control.to_owned(),
        user: exemption.user.clone(),
        stage: stage.to_owned(),
        until: stamp(exemption.expires),
        reason: exemption.reason.clone(),
        approver: exemption.approver.clone(),
        ticket: exemption.ticket.clone(),
    }
}

#[cfg(test)]
mod tests;
