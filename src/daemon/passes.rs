//! Which passes a tick makes, and the sign-outs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::core::{ASK_BATTERY, Core, LOST_EVENTS, Next};
use super::duties::{Duty, duties, news};
use crate::agent::{AgentError, Order, Run};
use crate::clock::Moment;
use crate::control::{Cadence, Control};
use crate::enforce::{Exempt, Left, Line, Outcome, exempt};
use crate::host;
use crate::ledger::history::History;
use crate::ledger::{Cause, Event};
use crate::mac::pmset_power;
use crate::policy::tables::{BATTERY_FLOOR, SCHEDULE};
use crate::schedule::Work;
use crate::sign_out::Round;

/// Why everything is looked at after a pass that was begun and broke off.
const UNFINISHED: &str = "a pass did not come to its end";

/// A pass to make.
struct Job {
    order: Order,
    cause: Cause,
    /// Whether it is over everything.
    is_whole: bool,
    /// What it makes up for.
    missed: Vec<Event>,
    /// The controls that an event, or the end of a wait, has looked at.
    alarmed: BTreeSet<&'static str>,
}

impl<Z: TimeZone> Core<'_, Z> {
    /// Says what is new of the schedule, and makes the pass that is due or that events ask for.
    pub(super) fn look_and_mend(&mut self, now: Moment, next: &mut Next) {
        if self.agent.stop.load(Ordering::Relaxed) || self.trouble.waits(now.awake).is_some() {
            return;
        }
        if let Err(error) = self.one_pass(now, next) {
            self.fails(&error, now);
        }
    }

    fn one_pass(&mut self, now: Moment, next: &mut Next) -> Result<(), AgentError> {
        let mut history = self.agent.history()?;
        self.follow(&history);
        let new = news(&self.items, &history, now.wall);
        if !new.is_empty() {
            new.into_iter().for_each(|event| self.say(event));
            if !self.flush(now) {
                return Ok(());
            }
            history = self.agent.history()?;
        }
        let items = Arc::clone(&self.items);
        let mut all = duties(&items, &history, &self.gaps, now.wall, &self.zone);
        if self.asks_for_power(&all, now) {
            all = duties(&items, &history, &self.gaps, now.wall, &self.zone);
        }
        self.say_let_go(&all);
        self.exemptions(&history, now, next);
        let job = self.choose(&all, now, next);
        for duty in &all {
            next.at(duty.decision.next);
        }
        match job {
            Some(job) => self.make(job, now, next),
            None => Ok(()),
        }
    }

    /// Asks for the battery where something due needs power. Returns whether it is no longer low.
    fn asks_for_power(&mut self, all: &[Duty<'_>], now: Moment) -> bool {
        let needs = |duty: &&Duty<'_>| duty.item.needs_power;
        let due = all.iter().filter(needs).filter_map(|duty| duty.decision.due.as_ref()).map(|due| due.slot).min();
        if due.is_none() && self.whole.is_none() {
            return false;
        }
        let recent = |at: TimeDelta| now.awake.checked_sub(&at).is_some_and(|age| age < ASK_BATTERY);
        let was_low = match self.battery {
            Some((true, at)) if recent(at) => return false,
            Some((was_low, _)) => was_low,
            None => false,
        };
        let is_low = self.battery_is_low();
        self.battery = Some((is_low, now.awake));
        self.gaps.battery(is_low, due.unwrap_or(now.wall), now.wall);
        was_low && !is_low
    }

    /// Whether the Mac runs on a battery below policy's floor. A battery that cannot be told is no reason to wait.
    fn battery_is_low(&self) -> bool {
        let floor = self.policy.as_ref().map_or(0, |policy| policy.section(&SCHEDULE).integer(&BATTERY_FLOOR));
        if floor <= 0 {
            return false;
        }
        match host::ask(self.agent.look, &pmset_power::battery()) {
            Ok(battery) => battery.on_battery && battery.percent.is_some_and(|percent| i64::from(percent) < floor),
            Err(error) => {
                tracing::debug!("the battery cannot be told: {}", error.chain());
                false
            }
        }
    }

    fn is_dark(&self) -> bool {
        self.battery.is_some_and(|(is_low, _)| is_low)
    }

    /// Finds the controls whose exemption is over, and when the next one is.
    fn exemptions(&mut self, history: &History, now: Moment, next: &mut Next) {
        let Some(policy) = &self.policy else { return };
        let lapsed = exempt::lapsed(policy, &history.exemptions, now.wall);
        let is_lapsed = |control: &&&'static Control| lapsed.contains(control.id);
        self.lapsed = self.agent.catalogue.iter().filter(is_lapsed).map(|control| control.id).collect();
        next.at(Exempt::of(policy, &history.exemptions, now.wall).next_end());
    }

    /// Puts on record what was missed and is let go.
    fn say_let_go(&mut self, all: &[Duty<'_>]) {
        for event in all.iter().filter_map(Duty::missed) {
            if matches!(event, Event::Missed { made_up: false, .. }) && self.is_untold(&event) {
                self.say(event);
            }
        }
    }

    /// Whether it has not been said yet that this was missed: a pass that could not be made is tried again.
    fn is_untold(&mut self, event: &Event) -> bool {
        let Event::Missed { item, last, .. } = event else { return false };
        self.told_missed.insert(item.clone(), last.clone()).as_ref() != Some(last)
    }

    /// The pass to make now, and when something that waits may be done.
    fn choose(&mut self, all: &[Duty<'_>], now: Moment, next: &mut Next) -> Option<Job> {
        let rests = self.gaps.rests(now.awake);
        let dark = self.is_dark();
        let is_ready = |duty: &&Duty<'_>| {
            let Some(due) = &duty.decision.due else { return false };
            let waits = dark && duty.item.needs_power || due.made_up && rests.is_some();
            !waits
        };
        let due: Vec<&Duty<'_>> = all.iter().filter(is_ready).collect();
        if due.len() < all.iter().filter(|duty| duty.decision.due.is_some()).count() {
            next.awake(rests);
            let ask = self.battery.filter(|(low, _)| *low).and_then(|(_, at)| at.checked_add(&ASK_BATTERY));
            // Where nothing due needs power it is not asked again, and a time that is past would have no end.
            next.awake(ask.filter(|at| *at > now.awake));
        }
        let alarmed = self.alarmed(now, next);
        let why = self.whole(now, next);
        let mut controls: BTreeSet<&'static str> = due.iter().flat_map(|duty| duty.controls.iter().copied()).collect();
        controls.extend(&alarmed);
        if why.is_some() {
            let may = |control: &&&'static Control| !dark || control.cadence == Cadence::Cheap;
            controls.extend(self.agent.catalogue.iter().filter(may).map(|control| control.id));
        }
        if controls.is_empty() {
            return None;
        }
        // A look at everything stands for every look that is planned.
        let is_met = |duty: &&Duty<'_>| is_ready(duty) || why.is_some() && !(dark && duty.item.needs_power);
        let names: Vec<String> = all.iter().filter(is_met).map(|duty| duty.item.name.clone()).collect();
        let (kind, detail) = match &why {
            Some(why) => ("event", why.clone()),
            None if due.is_empty() => ("event", self.what_happened()),
            None => ("schedule", names.join(", ")),
        };
        let is_asked_for = |control: &&&'static Control| controls.contains(control.id);
        Some(Job {
            order: Order {
                controls: self.agent.catalogue.iter().filter(is_asked_for).copied().collect(),
                quiet: why.is_none() && due.is_empty(),
                items: names,
            },
            is_whole: why.is_some(),
            cause: Cause { kind: kind.to_owned(), user: None, detail: Some(detail) },
            missed: due.iter().filter_map(|duty| duty.missed()).filter(is_made_up).collect(),
            alarmed,
        })
    }

    /// Why everything is to be looked at now, if so. After waking that waits.
    fn whole(&mut self, now: Moment, next: &mut Next) -> Option<String> {
        if self.pending.everything {
            let again = self.lost_at.and_then(|at| at.checked_add(&LOST_EVENTS)).filter(|again| *again > now.awake);
            if again.is_none() {
                self.pending.everything = false;
                self.lost_at = Some(now.awake);
                self.whole.get_or_insert_with(|| "file events were lost".to_owned());
            }
            next.awake(again);
        }
        let rests = self.gaps.rests(now.awake).filter(|_| self.whole.is_some());
        next.awake(rests);
        self.whole.clone().filter(|_| rests.is_none())
    }

    /// The controls that events, or the end of a wait, have looked at now. A contested one is left to the passes on schedule.
    fn alarmed(&mut self, now: Moment, next: &mut Next) -> BTreeSet<&'static str> {
        let policy = self.policy.as_ref();
        let is_held =
            |id: &&'static str| policy.is_some_and(|policy| policy.controls.get(id).is_some_and(|c| c.selected));
        self.pending.controls.retain(|id| is_held(id) && !self.contested.contains(id));
        self.retries.retain(|id, _| is_held(id));
        if let Some(rest) = self.gaps.rests(now.awake) {
            let any = !self.pending.controls.is_empty() || !self.retries.is_empty() || !self.lapsed.is_empty();
            next.awake(any.then_some(rest));
            return BTreeSet::new();
        }
        let mut alarmed = self.lapsed.clone();
        for id in &self.pending.controls {
            match self.alarms.from(id).filter(|from| *from > now.awake) {
                Some(from) => next.awake(Some(from)),
                None => _ = alarmed.insert(*id),
            }
        }
        for (id, at) in &self.retries {
            if *at <= now.wall {
                alarmed.insert(*id);
            } else {
                next.at(Some(*at));
            }
        }
        alarmed
    }

    /// What an event's pass is made for, in words.
    fn what_happened(&self) -> String {
        match &self.pending.first {
            Some(path) => format!("{} changed", crate::text::excerpt(&path.to_string_lossy())),
            None if !self.lapsed.is_empty() => "an exemption is over".to_owned(),
            None => "a setting that was set back is tried again".to_owned(),
        }
    }

    /// Makes the pass.
    fn make(&mut self, job: Job, now: Moment, next: &mut Next) -> Result<(), AgentError> {
        for event in job.missed {
            if self.is_untold(&event) {
                self.say(event);
            }
        }
        if !self.flush(now) {
            return Ok(());
        }
        self.agent.cause = job.cause;
        // Its beginning settles what was due, so what keeps it from its end must not be the end of the matter.
        let unfinished = (!job.order.items.is_empty()).then(|| UNFINISHED.to_owned());
        let whole = self.whole.clone();
        self.whole = self.whole.take().or(unfinished);
        let run = self.agent.hold(&job.order, &mut self.known, &mut || {
            tracing::info!("another run holds the ledger; waiting for it to end");
        })?;
        let looked_at: BTreeSet<&'static str> = job.order.controls.iter().map(|control| control.id).collect();
        self.whole = whole;
        // What happened while it looked comes with the next tick.
        self.pending.controls.retain(|id| !looked_at.contains(id));
        self.whole.take_if(|_| job.is_whole);
        self.did = true;
        self.is_well();
        self.remember(&run, &looked_at, &job.alarmed, now);
        // Its settling is on record now, and the clock has moved on.
        next.at(Some(now.wall));
        Ok(())
    }

    /// What a pass came to, for the next ones.
    fn remember(
        &mut self,
        run: &Run,
        looked_at: &BTreeSet<&'static str>,
        alarmed: &BTreeSet<&'static str>,
        now: Moment,
    ) {
        if let Some(error) = &run.afterwards {
            tracing::warn!("a pass was made, but its evidence is not complete: {error}");
        }
        for line in run.summary.lines.iter().filter(|line| looked_at.contains(line.control.id)) {
            let id = line.control.id;
            self.retries.remove(id);
            self.contested.remove(id);
            if alarmed.contains(id) {
                self.alarms.followed(id, is_in_vain(line), now.awake);
            }
            match &line.outcome {
                Outcome::Drifted { left: Left::Waiting { until }, .. } => _ = self.retries.insert(id, *until),
                Outcome::Drifted { left: Left::Contested { .. }, .. } => _ = self.contested.insert(id),
                _ => {}
            }
        }
        if self.policy.as_ref().is_none_or(|policy| policy.digest() != run.policy.digest()) {
            self.whole.get_or_insert_with(|| "the policy changed".to_owned());
        }
        self.adopt(run.policy.clone());
    }

    /// Lets the keeper of the sign-outs do what is to be done.
    pub(super) fn sign_out(&mut self, now: Moment, next: &mut Next) {
        let waits = self.keeper_trouble.waits(now.awake);
        next.awake(waits);
        let is_called = self.rouse || self.keeper_at.is_some_and(|at| at <= now.wall);
        if is_called && waits.is_none() && !self.agent.stop.load(Ordering::Relaxed) {
            match self.one_round(now) {
                Ok(again) => {
                    self.keeper_trouble.is_well();
                    self.rouse = false;
                    self.keeper_at = again;
                }
                Err(error) => {
                    self.keeper_trouble.fails(now.awake);
                    next.awake(self.keeper_trouble.waits(now.awake));
                    self.complain(&error);
                    return;
                }
            }
        }
        next.at(self.keeper_at);
    }

    fn one_round(&mut self, now: Moment) -> Result<Option<DateTime<Utc>>, AgentError> {
        if !self.items.iter().any(|item| item.work == Work::SignOut) {
            return Ok(None);
        }
        let history = self.agent.history()?;
        // A pass has just read the policy anew, and items without their splay would be due too early.
        self.follow(&history);
        let Some(policy) = &self.policy else { return Ok(None) };
        let Some(item) = self.items.iter().find(|item| item.work == Work::SignOut) else { return Ok(None) };
        let round = Round {
            look: self.agent.look,
            touch: self.agent.touch,
            clock: self.agent.clock,
            policy,
            item,
            history: &history,
            zone: &self.zone,
            absences: &self.gaps.absences(false, now.wall),
            boot: self.boot.as_deref(),
            moment: now,
            woke_at: self.gaps.woke_at(),
            root: self.agent.places.root(),
            notifier: self.notifier,
        };
        let mut journal = self.agent.journal(policy);
        Ok(self.keeper.round(&round, &mut journal)?)
    }
}

fn is_made_up(event: &Event) -> bool {
    matches!(event, Event::Missed { made_up: true, .. })
}

/// Whether a look that an event asked for found nothing to do.
fn is_in_vain(line: &Line) -> bool {
    match &line.outcome {
        Outcome::Fixed { .. } => false,
        Outcome::Drifted { left, .. } => !matches!(left, Left::NotFixed { .. }),
        _ => true,
    }
}
