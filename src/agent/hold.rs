//! A pass of the daemon's: over part of the catalogue, on schedule or because of an event, with a memory between passes.

use chrono::{DateTime, TimeDelta, Utc};

use super::rules::enrolled;
use super::{Agent, AgentError, Loaded, Run, finish, put_problems};
use crate::control::Control;
use crate::controls;
use crate::enforce::contest::Limits;
use crate::enforce::{self, Held, Holds, Pass, Terms, exempt};
use crate::facts::Facts;
use crate::host::survey::survey;
use crate::host::{Look, Once, ToolError};
use crate::ledger::history::History;
use crate::ledger::{Journal, Ledger};
use crate::policy::{Enrolled, Policy, Problem};
use crate::report::status::Stands;

/// For how long an event's run takes an answer about enrolment for granted that an earlier run got.
const ENROLMENT_HOLDS: TimeDelta = TimeDelta::hours(1);
/// After so long what is wrong with the policy is on record again although nothing has changed.
const PROBLEMS_HOLD: TimeDelta = TimeDelta::days(1);

/// What a pass is to do.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The controls to look at, in catalogue order.
    pub controls: Vec<&'static Control>,
    /// The items of the schedule that it settles, by name.
    pub items: Vec<String>,
    /// Whether an event started it: then it writes nothing at all where nothing is new and nothing is to be done.
    pub quiet: bool,
}

/// What the daemon remembers between its passes.
#[derive(Debug, Default)]
pub struct Known {
    controls: enforce::Known,
    /// The run that began last, as far as was seen: where the ledger has another, that was somebody else's.
    last: Option<String>,
    /// What kind of Mac it is: that does not change while a program runs on it.
    facts: Option<Facts>,
    enrolled: Option<(Enrolled, DateTime<Utc>)>,
    /// What of the policy's problems is on record, and since when.
    problems: Option<(Vec<Problem>, DateTime<Utc>)>,
}

impl Known {
    /// Takes note of what others have put on record.
    fn catch_up(&mut self, history: &History) {
        let begun = history.runs.begun.as_ref().map(|run| run.run.clone());
        if begun != self.last {
            self.controls.forget();
            self.last = begun;
        }
    }

    /// The run that began last is our own.
    fn began(&mut self, history: &History) {
        self.last = history.runs.begun.as_ref().map(|run| run.run.clone());
    }

    /// What kind of Mac it is. A run on schedule asks again: an update of macOS may have come without a restart.
    fn facts(&mut self, mac: &dyn Look, quiet: bool) -> Result<Facts, ToolError> {
        if let Some(facts) = self.facts.as_ref().filter(|_| quiet) {
            return Ok(facts.clone());
        }
        let facts = survey(mac);
        self.facts = facts.as_ref().ok().cloned();
        facts
    }

    fn enrolled(&mut self, mac: &dyn Look, quiet: bool, now: DateTime<Utc>) -> Enrolled {
        let fresh = |at: DateTime<Utc>| now.signed_duration_since(at).abs() < ENROLMENT_HOLDS;
        match &self.enrolled {
            Some((enrolled, at)) if quiet && fresh(*at) => enrolled.clone(),
            _ => {
                let enrolled = enrolled(mac);
                let is_known = !matches!(enrolled, Enrolled::Unknown(_));
                self.enrolled = is_known.then(|| (enrolled.clone(), now));
                enrolled
            }
        }
    }

    /// Whether what is wrong with the policy is not on record as it is, or was put there more than a day ago.
    fn is_news(&self, problems: &[Problem], now: DateTime<Utc>) -> bool {
        match &self.problems {
            None => !problems.is_empty(),
            Some((recorded, at)) => {
                let is_old = now.signed_duration_since(*at).abs() >= PROBLEMS_HOLD;
                recorded != problems || is_old && !problems.is_empty()
            }
        }
    }
}

impl Agent<'_> {
    /// Looks at the controls of `order`, mends what nobody contests, and writes what is new. `waiting` is called once where
    /// another run holds the ledger.
    ///
    /// # Errors
    /// As [`Agent::enforce`]. An error of a quiet run that would have had nothing to write is one, too: without the ledger it
    /// cannot be told what may be mended.
    pub fn hold(&self, order: &Order, known: &mut Known, waiting: &mut dyn FnMut()) -> Result<Run, AgentError> {
        let now = self.clock.now();
        let once = Once::new(self.look);
        let facts = known.facts(&once, order.quiet);
        if let Err(error @ ToolError::Missing { .. }) = facts {
            return Err(AgentError::NotAMac(error));
        }
        self.make_folders()?;
        let enrolled = known.enrolled(&once, order.quiet, now);
        let loaded = self.policy_for(&once, &enrolled, now);
        let mut reloaded = None;
        let mut pass = Pass::on(facts.clone(), once, &order.controls, &loaded.policy, now, self.stop);
        pass.exempt = loaded.exempt.clone();
        if order.quiet && !known.is_news(&loaded.problems, now) {
            let history = self.history()?;
            known.catch_up(&history);
            pass.holds = Holds::of(&history.controls, &loaded.policy);
            let news = exempt::news(&loaded.policy, &history.exemptions, now, &order.controls);
            let terms = terms(&history, &loaded.policy, true);
            if news.is_empty()
                && let Some(held) = pass.idle(&mut known.controls, &terms)
            {
                let Held { summary, retry_at, .. } = held;
                drop(pass);
                let Loaded { policy, problems, .. } = loaded;
                return Ok(Run { summary, policy, problems, retry_at, afterwards: None });
            }
        }
        let run = self.run_id();
        let (ledger, waited) = self.open(pass.once(), &loaded.policy, &run, waiting)?;
        let mut used = &loaded;
        if waited {
            // What was read while another run worked may be out of date.
            let once = pass.into_once();
            once.forget();
            used = reloaded.insert(self.policy_for(&once, &enrolled, self.clock.now()));
            pass = Pass::on(facts, once, &order.controls, &used.policy, used.now, self.stop);
            pass.exempt = used.exempt.clone();
        }
        self.keep_last_good(used)?;
        pass.holds = Holds::of(&ledger.history().controls, &used.policy);
        let (held, afterwards) = self.record(ledger, &pass, &used.problems, order, known, &run)?;
        drop(pass);
        let Loaded { policy, problems, .. } = reloaded.unwrap_or(loaded);
        Ok(Run { summary: held.summary, policy, problems, retry_at: held.retry_at, afterwards })
    }

    /// Does what there is to do, with the ledger open.
    fn record(
        &self,
        mut ledger: Ledger<'_>,
        pass: &Pass<'_>,
        problems: &[Problem],
        order: &Order,
        known: &mut Known,
        run: &str,
    ) -> Result<(Held, Option<AgentError>), AgentError> {
        let partial = order.controls.len() < controls::all().len();
        known.catch_up(ledger.history());
        ledger.append(self.run_started("hold", pass, partial, order.items.clone()))?;
        known.began(ledger.history());
        if known.is_news(problems, pass.now) {
            put_problems(&mut ledger, problems)?;
            known.problems = Some((problems.to_vec(), pass.now));
        }
        for event in enforce::lapsed(&ledger.history().controls, pass.policy) {
            ledger.append(event)?;
        }
        for event in exempt::news(pass.policy, &ledger.history().exemptions, pass.now, &order.controls) {
            ledger.append(event)?;
        }
        let history = ledger.history().clone();
        let terms = terms(&history, pass.policy, order.quiet);
        let held = pass.hold(self.touch, &mut ledger, &mut known.controls, &terms)?;
        let ended = finish::Ended {
            run,
            command: "hold",
            policy: pass.policy,
            problems,
            facts: pass.facts.as_ref().ok(),
            counts: held.summary.counts(),
            interrupted: pass.is_stopped(),
            partial,
            unchanged: held.unchanged.clone(),
            stands: Some(stands(&known.controls, ledger.history(), pass.policy)),
        };
        let afterwards = self.finish(ledger, ended).err();
        Ok((held, afterwards))
    }
}

fn terms<'a>(history: &'a History, policy: &Policy, quiet: bool) -> Terms<'a> {
    Terms { standings: &history.controls, limits: Limits::of(policy), quiet }
}

/// How every control stands by all that is known: as it was last seen here, otherwise as the ledger has it. What policy has and
/// nobody has looked at yet is unknown.
pub(super) fn stands(known: &enforce::Known, history: &History, policy: &Policy) -> Vec<Stands> {
    let of = |control: &'static Control| {
        if policy.left_out(control).is_some() {
            return Stands { control: control.id, state: "off".to_owned(), contested: false };
        }
        let standing = history.controls.get(control.id);
        let seen = known.line(control).map(|line| line.outcome.word().to_owned());
        let state = seen.or_else(|| standing.map(|standing| standing.state.clone()));
        // Policy has it now, and nobody has looked since it was off.
        let state = state.filter(|state| state != "off").unwrap_or_else(|| "unknown".to_owned());
        let contested = state == "drifted" && standing.is_some_and(|standing| standing.contested.is_some());
        Stands { control: control.id, state, contested }
    };
    controls::all().into_iter().map(of).collect()
}
