//! What a user owes: the times that are due by the schedule and not settled yet. Pure.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::config::Config;
use crate::clock;
use crate::ledger::Stage;
use crate::ledger::history::{History, SignOutHistory, user_key};
use crate::schedule::{Absence, BootSlot, CatchUp, Decision, Due, Item, Missed, Trigger, Why, decide};

/// By how much the time of the start may move while the network sets the clock.
pub const BOOT_MOVES: TimeDelta = TimeDelta::minutes(1);

/// What is on record of one user's sign-outs, its times read. What cannot be read as a time is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Up to when times are settled.
    pub settled: Option<DateTime<Utc>>,
    /// The boot session that this was in.
    pub settled_boot: Option<String>,
    /// The last stage; `None` where there is nothing on record.
    pub stage: Option<Stage>,
    /// When that was.
    pub at: Option<DateTime<Utc>>,
    /// What it was due for.
    pub due: Option<DateTime<Utc>>,
    /// Its words.
    pub detail: String,
    /// Until when it was put off or held.
    pub until: Option<DateTime<Utc>>,
    /// How often the user has put it off.
    pub postponed: u32,
    /// Since when it is refused.
    pub refused_since: Option<DateTime<Utc>>,
    /// How often in a row.
    pub refusals: u32,
    /// When one was last delivered.
    pub delivered_at: Option<DateTime<Utc>>,
}

impl Past {
    /// That of `user`; of nobody where it is empty.
    #[must_use]
    pub fn of(history: &History, user: &str) -> Self {
        history.sign_outs.get(&user_key(user)).map(Self::from).unwrap_or_default()
    }
}

impl From<&SignOutHistory> for Past {
    fn from(history: &SignOutHistory) -> Self {
        let time = |text: &Option<String>| text.as_deref().and_then(clock::read);
        Self {
            settled: time(&history.settled),
            settled_boot: history.settled_boot.clone(),
            stage: Some(history.stage),
            at: clock::read(&history.at),
            due: clock::read(&history.due),
            detail: history.detail.clone(),
            until: time(&history.until),
            postponed: history.postponed,
            refused_since: time(&history.refused_since),
            refusals: history.refusals,
            delivered_at: time(&history.delivered_at),
        }
    }
}

/// The schedule of sign-outs, and what is on record of it for all users.
#[derive(Clone, Debug)]
pub struct Schedule<'a, Z: TimeZone> {
    /// The schedule.
    pub item: &'a Item,
    /// From when its times count.
    pub anchor: DateTime<Utc>,
    /// The boot session that this was in.
    pub anchor_boot: Option<&'a str>,
    /// Up to when its times are let go for all users.
    pub let_go: Option<DateTime<Utc>>,
    /// The last time on record at which nobody was logged in.
    pub deferred: Option<DateTime<Utc>>,
    /// This boot session and its beginning, where both are known.
    pub boot: Option<(&'a str, DateTime<Utc>)>,
    /// The local time zone.
    pub zone: &'a Z,
    /// When the agent could not do anything.
    pub absences: &'a [Absence],
    /// Times within this after a delivered sign-out are settled by it.
    pub gap: TimeDelta,
    /// For how long a time that nobody was logged in at is waited for, where missed times are let go.
    pub window: TimeDelta,
}

/// A sign-out that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// When; of several times the last, but once it is begun always the same.
    pub due: DateTime<Utc>,
    /// What made it due.
    pub triggers: Vec<Trigger>,
    /// The times missed before it that are not on record yet.
    pub missed: Option<Missed>,
    /// Whether it makes up for a time that was missed.
    pub made_up: bool,
    /// Whether it is on record as begun: put off, held or refused.
    pub open: bool,
}

/// What is to be done by the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Debt {
    /// Nothing before then.
    Nothing {
        /// When a time is due next; `None` is never.
        next: Option<DateTime<Utc>>,
    },
    /// These times are let go.
    LetGo(Missed),
    /// A sign-out.
    Owed(Owed),
}

impl<'a, Z: TimeZone> Schedule<'a, Z> {
    /// The schedule `item` as `history` has it; `None` where the agent has not put it on record yet, so that nothing counts.
    #[must_use]
    pub fn of(
        item: &'a Item,
        history: &'a History,
        config: &Config,
        boot: Option<(&'a str, DateTime<Utc>)>,
        zone: &'a Z,
        absences: &'a [Absence],
    ) -> Option<Self> {
        let known = history.schedule.get(&item.name)?;
        let nobody = history.sign_outs.get("").filter(|nobody| nobody.stage == Stage::Deferred);
        Some(Self {
            item,
            anchor: clock::read(&known.anchor)?,
            anchor_boot: known.anchor_boot.as_deref(),
            let_go: known.settled.as_deref().and_then(clock::read),
            deferred: nobody.and_then(|nobody| clock::read(&nobody.due)),
            boot,
            zone,
            absences,
            gap: config.minimum_gap,
            window: config.retry_window,
        })
    }

    /// What a user with this past owes at `now`. `told` is the time of a sign-out that the user was told of and that is not on
    /// record yet: it stays owed, however long telling takes.
    #[must_use]
    pub fn debt(&self, past: &Past, told: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Debt {
        let settled = self.settled(past, now);
        let boot = self.boot_slot(past);
        let all = self.decide(CatchUp::Once, settled, boot, now);
        let Some(due) = all.due else { return Debt::Nothing { next: self.next(past, all.next, now) } };
        // The time of the start moves when the clock is set, so anything begun may be for it.
        let first = match &all.missed {
            _ if due.triggers.contains(&Trigger::Boot) => DateTime::<Utc>::MIN_UTC,
            Some(missed) => missed.first,
            None => due.slot,
        };
        // For the same reason a start may seem to be before what was settled in another boot session.
        let start = boot.filter(|_| due.triggers.contains(&Trigger::Boot));
        let is_start = |at: &DateTime<Utc>| start.is_some_and(|start| (*at - start).abs() <= BOOT_MOVES);
        let is_owed =
            |at: &DateTime<Utc>| *at >= first && (is_start(at) || settled.is_none_or(|settled| *at > settled));
        let begun = matches!(past.stage, Some(Stage::Postponed | Stage::Held | Stage::NotDone));
        if let Some(at) = past.due.filter(|at| begun && is_owed(at)) {
            return Debt::Owed(Owed { due: at, triggers: due.triggers, missed: None, made_up: false, open: true });
        }
        let owed = |due: Due, missed| {
            Debt::Owed(Owed { due: due.slot, triggers: due.triggers, missed, made_up: due.made_up, open: false })
        };
        if self.item.catch_up == CatchUp::Once {
            return owed(due, all.missed);
        }
        match self.decide(CatchUp::Skip, settled, boot, now) {
            Decision { due: Some(due), missed, .. } => owed(due, missed),
            Decision { missed: Some(missed), .. } => {
                let waits = self.deferred == Some(missed.last) && now < plus(missed.last, self.window);
                if waits || told.is_some_and(|at| is_owed(&at)) {
                    owed(Due { slot: missed.last, ..due }, None)
                } else {
                    Debt::LetGo(missed)
                }
            }
            Decision { next, .. } => Debt::Nothing { next: self.next(past, next, now) },
        }
    }

    fn decide(
        &self,
        catch_up: CatchUp,
        settled: Option<DateTime<Utc>>,
        boot: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Decision {
        let item = Item { catch_up, ..self.item.clone() };
        decide(&item, self.anchor, settled, boot.map(|at| BootSlot { at }), now, self.zone, self.absences)
    }

    /// Up to when times are settled for that user, never later than `now` for the gap's sake.
    fn settled(&self, past: &Past, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let gap = past.delivered_at.filter(|at| *at <= now).map(|at| plus(at, self.gap).min(now));
        [past.settled, self.let_go, gap].into_iter().flatten().max()
    }

    /// The start of the Mac, where it is one to sign out after and not settled. It is told by its boot session, because whoever
    /// sets the clock moves its time.
    fn boot_slot(&self, past: &Past) -> Option<DateTime<Utc>> {
        let (boot, at) = self.boot?;
        // Where the session could not be told as that was written, the time must do: better a sign-out too few than one after
        // the other.
        let unnamed =
            |boot: Option<&str>, time: Option<DateTime<Utc>>| boot.is_none() && time.is_some_and(|time| time >= at);
        let settled = [self.anchor_boot, past.settled_boot.as_deref()].contains(&Some(boot))
            || unnamed(self.anchor_boot, Some(self.anchor))
            || unnamed(past.settled_boot.as_deref(), past.settled)
            || past.delivered_at.is_some_and(|delivered| (delivered..=plus(delivered, self.gap)).contains(&at));
        (!settled).then_some(at)
    }

    /// The next time that is not settled by the gap after a delivered sign-out.
    fn next(&self, past: &Past, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let end = past.delivered_at.filter(|at| *at <= now).map(|at| plus(at, self.gap));
        match (next, end) {
            (Some(next), Some(end)) if next <= end => self.decide(CatchUp::Once, Some(end), None, end).next,
            _ => next,
        }
    }

    /// The past of a time that nobody is logged in at: what any user was signed out for is settled.
    #[must_use]
    pub fn nobody(history: &History, boot: Option<&str>) -> Past {
        let all = || history.sign_outs.iter().filter(|(user, _)| !user.is_empty()).map(|(_, user)| Past::from(user));
        let settled_boot = all().filter_map(|past| past.settled_boot).find(|settled| Some(settled.as_str()) == boot);
        Past {
            settled: all().filter_map(|past| past.settled).max(),
            settled_boot,
            delivered_at: all().filter_map(|past| past.delivered_at).max(),
            ..Past::default()
        }
    }
}

/// `why`, for somebody who logged in at `since`: what nothing else explains, and was before that, is that they were not there.
#[must_use]
pub fn not_there(missed: Missed, since: Option<DateTime<Utc>>) -> Missed {
    let was_out = since.is_none_or(|since| missed.first < since);
    let why = missed.why.iter().map(|why| if *why == Why::Busy && was_out { Why::NobodyLoggedIn } else { *why });
    Missed { why: why.collect(), ..missed }
}

/// `at` and then `later`, as far as time goes.
#[must_use]
pub fn plus(at: DateTime<Utc>, later: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(later).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
