//! What to do about one user's sign-out now: a pure function of what is owed, what is on record and what is remembered.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::config::Config;
use super::notice::Answer;
use super::owed::{Debt, Owed, Past, Schedule, plus};
use crate::ledger::Stage;
use crate::schedule::{Missed, REST, Trigger};

/// How often an answer to a notice is looked for.
const ANSWER: TimeDelta = TimeDelta::seconds(5);
/// How long after the first refusal it is asked again; each further time it is twice as long.
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(10);
/// Refusals after which it is given up whatever the clock says.
const MOST_REFUSALS: u32 = 20;

/// A notice that a user was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// When the sign-out that it told of was due.
    pub due: DateTime<Utc>,
    /// When that is to be made.
    pub act_at: DateTime<Utc>,
    /// Up to when times were settled as it was shown: where that has changed, it is of no interest any more.
    pub settled: Option<DateTime<Utc>>,
    /// What came of it so far.
    pub answer: Option<Answer>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing before then.
    Wait(Option<DateTime<Utc>>),
    /// Missed times are let go.
    LetGo(Missed),
    /// The user is told of a sign-out to be made then.
    Tell { due: DateTime<Utc>, act_at: DateTime<Utc>, can_put_off: bool },
    /// The user put it off until then.
    PutOff { owed: Owed, until: DateTime<Utc> },
    /// It was refused for long enough.
    GiveUp(Owed),
    /// It is to be made, and was from then on.
    Act { owed: Owed, from: DateTime<Utc> },
}

/// One user as a plan needs them.
#[derive(Clone, Copy)]
pub(super) struct User<'a> {
    /// What is on record.
    pub past: &'a Past,
    /// Since when they are logged in, as far as was seen.
    pub since: DateTime<Utc>,
    /// When the Mac last woke.
    pub woke_at: Option<DateTime<Utc>>,
    /// The notice that stands.
    pub told: Option<&'a Told>,
}

/// The plan for `user` at `now`.
pub(super) fn plan<Z: TimeZone>(
    schedule: &Schedule<'_, Z>,
    config: &Config,
    user: &User<'_>,
    now: DateTime<Utc>,
) -> Plan {
    let user = &User { told: user.told.filter(|told| told.settled == user.past.settled), ..*user };
    let told = user.told.map(|told| told.due);
    let owed = match schedule.debt(user.past, told, now) {
        Debt::LetGo(missed) => return Plan::LetGo(missed),
        Debt::Owed(owed) => owed,
        Debt::Nothing { next: Some(next) } if next <= plus(now, config.notice) => {
            // Near enough to tell of it.
            match schedule.debt(user.past, told, next) {
                Debt::Owed(owed) => owed,
                _ => return Plan::Wait(Some(next)),
            }
        }
        Debt::Nothing { next } => {
            return Plan::Wait(next.map(|next| next.checked_sub_signed(config.notice).unwrap_or(next)));
        }
    };
    let stage = user.past.stage.filter(|_| owed.open);
    if stage == Some(Stage::NotDone) {
        return retry(config, user.past, owed, now);
    }
    let put_off = stage == Some(Stage::Postponed);
    let at = earliest(config, user, &owed, put_off, now);
    if config.notice > TimeDelta::zero() && stage != Some(Stage::Held) {
        return with_notice(config, user, owed, at, put_off, now);
    }
    if now < at { Plan::Wait(Some(at)) } else { Plan::Act { owed, from: at } }
}

/// The earliest time to make it, but for the notice.
fn earliest(config: &Config, user: &User<'_>, owed: &Owed, put_off: bool, now: DateTime<Utc>) -> DateTime<Utc> {
    let mut at = owed.due;
    if owed.due < user.since {
        at = at.max(plus(user.since, config.login_delay));
    }
    if let Some(woke) = user.woke_at.filter(|woke| owed.made_up && owed.due < *woke) {
        at = at.max(plus(woke, REST));
    }
    // A time further away than any deferral is one of another clock.
    let furthest = plus(now, config.notice + config.deferral);
    at.max(user.past.until.filter(|until| put_off && *until <= furthest).unwrap_or(at))
}

fn with_notice(
    config: &Config,
    user: &User<'_>,
    owed: Owed,
    at: DateTime<Utc>,
    put_off: bool,
    now: DateTime<Utc>,
) -> Plan {
    let can_put_off = if owed.open { user.past.postponed } else { 0 } < config.deferrals;
    // The time of the start moves when the clock is set.
    let of_this = |told: &&Told| told.due <= owed.due || owed.triggers.contains(&Trigger::Boot);
    let Some(told) = user.told.filter(of_this) else {
        // After a deferral the notice must not stand for all of it. What is late already is told of when it could be made.
        let lead = if put_off { config.notice.min(config.deferral / 2) } else { config.notice };
        let on_time = put_off || at == owed.due;
        let tell_at = if on_time { at.checked_sub_signed(lead).unwrap_or(at) } else { at };
        if now < tell_at {
            return Plan::Wait(Some(tell_at));
        }
        return Plan::Tell { due: owed.due, act_at: at.max(plus(now, lead)), can_put_off };
    };
    match &told.answer {
        Some(Answer::Now) => Plan::Act { owed, from: now },
        Some(Answer::Later) if can_put_off => {
            let until = plus(told.act_at.max(now), config.deferral);
            Plan::PutOff { owed, until }
        }
        _ if now >= told.act_at => Plan::Act { owed, from: told.act_at },
        Some(_) => Plan::Wait(Some(told.act_at)),
        None => Plan::Wait(Some(told.act_at.min(plus(now, ANSWER)))),
    }
}

/// After a refusal: when to ask again, within the time for it.
fn retry(config: &Config, past: &Past, owed: Owed, now: DateTime<Utc>) -> Plan {
    let last = past.at.unwrap_or(now).min(now);
    let end = plus(past.refused_since.unwrap_or(last), config.retry_window);
    let doublings = past.refusals.saturating_sub(1).min(MOST_REFUSALS);
    let delay = FIRST_RETRY * 2_i32.saturating_pow(doublings);
    // A first refusal in the future is of another clock: then the delays alone tell how long it has been.
    let other_clock = end > plus(now, config.retry_window) && delay > config.retry_window;
    let over = last >= end || past.refusals >= MOST_REFUSALS || other_clock;
    let at = plus(last, delay).min(end);
    match (over, now < at) {
        (true, _) => Plan::GiveUp(owed),
        (false, true) => Plan::Wait(Some(at)),
        (false, false) => Plan::Act { owed, from: at },
    }
}
