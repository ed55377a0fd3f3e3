//! The keeper of sign-outs: called again and again, it does what is to be done now and says when it wants to be called next.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::act::{Act, Delivered, Done, Which, end_of_another_life};
use super::config::Config;
use super::confirm;
use super::notice::{Answer, Notice};
use super::owed::{BOOT_MOVES, Debt, Owed, Past, Schedule, not_there, plus};
use super::plan::{Plan, Told, User, plan};
use super::{Record, Round};
use crate::clock::stamp;
use crate::host::ask;
use crate::host::sessions::{Session, sessions};
use crate::ledger::history::History;
use crate::ledger::{Event, LedgerError, Stage};
use crate::mac::pmset_power;
use crate::schedule::{Missed, Trigger};

/// How often a hold is looked at again.
const HOLD: TimeDelta = TimeDelta::seconds(15);
/// How often a login is waited for, beside what tells of it at once, and who is logged in is asked again where that failed.
const LOGIN: TimeDelta = TimeDelta::seconds(30);
/// By how much longer than a confirmation another process may take over a sign-out before it is taken for dead.
const DEAD: TimeDelta = TimeDelta::seconds(60);

/// What is remembered between rounds. All that matters is on record: without its memory, a new one tells users once more and
/// waits once more after what it takes for their login, and that is all.
#[derive(Debug, Default)]
pub struct Keeper {
    /// Who was logged in when last looked, and since when, as far as was seen; `None` before the first look.
    present: Option<BTreeMap<String, DateTime<Utc>>>,
    told: BTreeMap<String, Told>,
    watching: Option<Delivered>,
}

/// What every part of a round has at hand.
struct Around<'a, 'r, Z: TimeZone> {
    round: &'a Round<'r, Z>,
    config: &'a Config,
    act: Act<'a, Z>,
}

impl<'r, Z: TimeZone> Around<'_, 'r, Z> {
    fn schedule<'h>(&self, history: &'h History) -> Option<Schedule<'h, Z>>
    where
        'r: 'h,
    {
        let round = self.round;
        let boot = round.boot.zip(round.moment.booted);
        Schedule::of(round.item, history, self.config, boot, round.zone, round.absences)
    }
}

impl Keeper {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does what is to be done now, and returns when it wants to be called again; `None` where only a change of the schedule
    /// or a login can make something due.
    ///
    /// # Errors
    /// [`LedgerError`]: nothing is run that is not on record.
    pub fn round<Z: TimeZone>(
        &mut self,
        round: &Round<'_, Z>,
        record: &mut dyn Record,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let config = Config::of(round.policy);
        let act = Act {
            look: round.look,
            touch: round.touch,
            clock: round.clock,
            config: &config,
            zone: round.zone,
            root: round.root,
        };
        let around = Around { round, config: &config, act };
        if let Some(at) = self.watch(&around, record)? {
            return Ok(Some(at));
        }
        self.other_lives(&around, record)?;
        if around.schedule(round.history).is_none() {
            return Ok(None);
        }
        let now = round.moment.wall;
        let sessions = match sessions(round.look) {
            Ok(sessions) => sessions,
            Err(error) => {
                let why = format!("who is logged in could not be read: {}", error.chain());
                return nobody(&around, record, Some(why));
            }
        };
        self.seen(&sessions, now);
        if sessions.is_empty() {
            return nobody(&around, record, None);
        }
        let mut wake = Vec::new();
        for session in &sessions {
            wake.push(self.user(&around, record, session)?);
            if self.watching.is_some() {
                // One at a time: a VPN that goes down must not confirm two.
                wake.push(Some(round.clock.now()));
                break;
            }
        }
        Ok(wake.into_iter().flatten().min())
    }

    /// Looks after a sign-out that was delivered. Returns when to look again, where that is not known yet.
    fn watch<Z: TimeZone>(
        &mut self,
        around: &Around<'_, '_, Z>,
        record: &mut dyn Record,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let Some(delivered) = &mut self.watching else { return Ok(None) };
        if delivered.outcome(&around.act, record)?.is_some() {
            self.watching = None;
            return Ok(None);
        }
        Ok(Some(plus(around.round.clock.now(), confirm::BETWEEN)))
    }

    /// Ends what lives of the agent that are over left open. Another process may be at one now: while it holds the ledger it is
    /// waited for, and one that was begun a moment ago is left to it.
    fn other_lives<Z: TimeZone>(
        &mut self,
        around: &Around<'_, '_, Z>,
        record: &mut dyn Record,
    ) -> Result<(), LedgerError> {
        let (now, first) = (around.round.moment.wall, self.present.is_none());
        for (user, history) in &around.round.history.sign_outs {
            let past = Past::from(history);
            let open = matches!(past.stage, Some(Stage::Requested | Stage::Delivered));
            let long = plus(past.at.unwrap_or(now), around.config.confirm_within + DEAD);
            if open && (first || long < now || past.at > Some(now)) {
                end_of_another_life(&around.act, record, user)?;
            }
        }
        Ok(())
    }

    /// Takes note of who is logged in.
    fn seen(&mut self, sessions: &[Session], now: DateTime<Utc>) {
        let before = self.present.take().unwrap_or_default();
        let since = |name: &String| before.get(name).copied().filter(|since| *since <= now).unwrap_or(now);
        let present: BTreeMap<_, _> =
            sessions.iter().map(|session| (session.name.clone(), since(&session.name))).collect();
        self.told.retain(|user, _| present.contains_key(user));
        self.present = Some(present);
    }

    /// One user, as far as it goes without waiting.
    fn user<Z: TimeZone>(
        &mut self,
        around: &Around<'_, '_, Z>,
        record: &mut dyn Record,
        session: &Session,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let round = around.round;
        if let Some(told) = self.told.get_mut(&session.name).filter(|told| told.answer.is_none()) {
            told.answer = round.notifier.answer(&session.name);
        }
        if let Plan::Wait(at) = self.plan(around, round.history, session, round.moment.wall) {
            return Ok(at);
        }
        // What another process did meanwhile is on record, and only now nobody can add to it.
        let now = round.clock.now();
        let plan = self.plan(around, record.history()?, session, now);
        let step = |owed: &Owed| Which { user: session.name.clone(), due: owed.due, triggers: words(&owed.triggers) };
        match plan {
            Plan::Wait(at) => Ok(at),
            Plan::LetGo(missed) => {
                self.told.remove(&session.name);
                record.append(self.missed(around, missed, session))?;
                Ok(Some(now))
            }
            Plan::Tell { due, act_at, can_put_off } => {
                let (user, text) = (&session.name, &around.config.notice_text);
                round.notifier.show(Notice::new(user, session.uid, text, act_at - now, can_put_off));
                let settled = Past::of(record.history()?, user).settled;
                self.told.insert(user.clone(), Told { due, act_at, settled, answer: None });
                Ok(Some(plus(now, TimeDelta::seconds(1))))
            }
            Plan::PutOff { owed, until } => {
                self.told.remove(&session.name);
                self.open(around, record, session, &owed)?;
                record.append(step(&owed).step(Stage::Postponed, "the user put it off".to_owned(), Some(until)))?;
                Ok(Some(now))
            }
            Plan::GiveUp(owed) => {
                let past = Past::of(record.history()?, &session.name);
                let since = past.refused_since.map(stamp).unwrap_or_default();
                let detail = format!("refused {} since {since}; {}", times(past.refusals), past.detail);
                record.append(step(&owed).step(Stage::GivenUp, detail, None))?;
                Ok(Some(now))
            }
            Plan::Act { owed, from } => {
                let note = match self.told.get(&session.name).and_then(|told| told.answer.clone()) {
                    Some(Answer::Trouble(why)) => Some(why),
                    _ => None,
                };
                let note = match self.hold(around, record, session, &owed, from)? {
                    Hold::Until(at) => return Ok(Some(at)),
                    Hold::No(why) => note.into_iter().chain(why).reduce(|a, b| format!("{a}; {b}")),
                };
                self.open(around, record, session, &owed)?;
                self.told.remove(&session.name);
                if let Done::Delivered(delivered) = around.act.perform(record, session, step(&owed), note)? {
                    self.watching = Some(delivered);
                    self.watch(around, record)?;
                }
                Ok(Some(round.clock.now()))
            }
        }
    }

    fn plan<Z: TimeZone>(
        &self,
        around: &Around<'_, '_, Z>,
        history: &History,
        session: &Session,
        now: DateTime<Utc>,
    ) -> Plan {
        let Some(schedule) = around.schedule(history) else { return Plan::Wait(None) };
        let since = self.present.as_ref().and_then(|present| present.get(&session.name)).copied().unwrap_or(now);
        let user = User {
            past: &Past::of(history, &session.name),
            since,
            woke_at: around.round.woke_at,
            told: self.told.get(&session.name),
        };
        plan(&schedule, around.config, &user, now)
    }

    /// Puts on record what was missed, where this is the first line about a sign-out.
    fn open<Z: TimeZone>(
        &self,
        around: &Around<'_, '_, Z>,
        record: &mut dyn Record,
        session: &Session,
        owed: &Owed,
    ) -> Result<(), LedgerError> {
        match owed.missed.clone() {
            Some(missed) => record.append(self.missed(around, missed, session)),
            None => Ok(()),
        }
    }

    fn missed<Z: TimeZone>(&self, around: &Around<'_, '_, Z>, missed: Missed, session: &Session) -> Event {
        let since = self.present.as_ref().and_then(|present| present.get(&session.name).copied());
        missed_event(around, not_there(missed, since), Some(session))
    }

    /// Waits while a call or presentation is on, up to the limit that counts from when the sign-out was to be made.
    fn hold<Z: TimeZone>(
        &self,
        around: &Around<'_, '_, Z>,
        record: &mut dyn Record,
        session: &Session,
        owed: &Owed,
        from: DateTime<Utc>,
    ) -> Result<Hold, LedgerError> {
        let (now, most) = (around.round.clock.now(), around.config.hold);
        let past = Past::of(record.history()?, &session.name);
        let stage = past.stage.filter(|_| owed.open);
        if most <= TimeDelta::zero() || stage == Some(Stage::NotDone) {
            return Ok(Hold::No(None));
        }
        let held = past.until.filter(|until| stage == Some(Stage::Held) && *until <= plus(now, most));
        let until = held.unwrap_or(plus(from, most));
        if now >= until {
            return Ok(Hold::No(None));
        }
        let by = match ask(around.round.look, &pmset_power::assertions()) {
            Ok(assertions) => assertions.display_awake_by,
            Err(error) => {
                return Ok(Hold::No(Some(format!("whether a call is on could not be read: {}", error.chain()))));
            }
        };
        if by.is_empty() {
            return Ok(Hold::No(None));
        }
        if held.is_none() {
            let by: Vec<String> = by
                .iter()
                .map(|holder| match &holder.name {
                    Some(name) => format!("{} ({name})", holder.process),
                    None => holder.process.clone(),
                })
                .collect();
            self.open(around, record, session, owed)?;
            let which = Which { user: session.name.clone(), due: owed.due, triggers: words(&owed.triggers) };
            let detail = format!("the display is kept awake by {}", by.join(", "));
            record.append(which.step(Stage::Held, detail, Some(until)))?;
        }
        Ok(Hold::Until(until.min(plus(now, HOLD))))
    }
}

/// Whether a sign-out is held.
enum Hold {
    /// It is, at least until then.
    Until(DateTime<Utc>),
    /// It is not, with what there is to say about that.
    No(Option<String>),
}

/// What is due while nobody is logged in; or while that is not known, where `unknown` says why: then nothing is let go, since
/// somebody may be there.
fn nobody<Z: TimeZone>(
    around: &Around<'_, '_, Z>,
    record: &mut dyn Record,
    unknown: Option<String>,
) -> Result<Option<DateTime<Utc>>, LedgerError> {
    let round = around.round;
    let known = unknown.is_none();
    let step = match of_nobody(around, round.history, round.moment.wall, known) {
        Ok(_) => of_nobody(around, record.history()?, round.clock.now(), known),
        wait => wait,
    };
    let event = match step {
        Err(at) => return Ok(at),
        Ok(Nobodys::Missed(missed)) => missed_event(around, not_there(missed, None), None),
        Ok(Nobodys::Deferred(owed)) => {
            let which = Which { user: String::new(), due: owed.due, triggers: words(&owed.triggers) };
            which.step(Stage::Deferred, unknown.unwrap_or_else(|| "nobody is logged in".to_owned()), None)
        }
    };
    record.append(event)?;
    Ok(Some(round.clock.now()))
}

/// What goes on record while nobody is logged in.
enum Nobodys {
    Missed(Missed),
    Deferred(Owed),
}

/// What is to go on record now, or when to look again.
fn of_nobody<Z: TimeZone>(
    around: &Around<'_, '_, Z>,
    history: &History,
    now: DateTime<Utc>,
    known: bool,
) -> Result<Nobodys, Option<DateTime<Utc>>> {
    let Some(schedule) = around.schedule(history) else { return Err(None) };
    let soon = Some(plus(now, LOGIN));
    match schedule.debt(&Schedule::<Z>::nobody(history, around.round.boot), None, now) {
        Debt::Nothing { next } => Err(next),
        Debt::LetGo(missed) if known => Ok(Nobodys::Missed(missed)),
        Debt::LetGo(_) => Err(soon),
        Debt::Owed(owed) => {
            let waits = |last| schedule.deferred == Some(last) && now < plus(last, schedule.window);
            if let Some(missed) = owed.missed.as_ref().filter(|missed| known && !missed.made_up && !waits(missed.last))
            {
                return Ok(Nobodys::Missed(missed.clone()));
            }
            // The time of the start moves a little while the network sets the clock.
            let moves = if owed.triggers == [Trigger::Boot] { BOOT_MOVES } else { TimeDelta::zero() };
            let is_known = schedule.deferred.is_some_and(|deferred| plus(deferred, moves) >= owed.due);
            if is_known { Err(soon) } else { Ok(Nobodys::Deferred(owed)) }
        }
    }
}

fn missed_event<Z: TimeZone>(around: &Around<'_, '_, Z>, missed: Missed, user: Option<&Session>) -> Event {
    missed.event(&around.round.item.name, user.map(|session| session.name.as_str()))
}

fn words(triggers: &[Trigger]) -> Vec<String> {
    triggers.iter().map(|trigger| trigger.word().to_owned()).collect()
}

fn times(n: u32) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}
