//! A pass of the daemon's: it writes only what is new, and does not fight whoever keeps setting a setting back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::contest::{self, Limits, May};
use super::remedy::Automatic;
use super::{INTERRUPTED, Known, Left, Line, Outcome, Pass, Summary, found, set_left, suspects};
use crate::clock::stamp;
use crate::control::Plan;
use crate::host::Touch;
use crate::ledger::history::Standing;
use crate::ledger::{Event, Journal, LedgerError};

/// What a pass of the daemon's has to go by, beside what [`Pass`] has.
pub struct Terms<'a> {
    /// How each control stands by the ledger.
    pub standings: &'a BTreeMap<String, Standing>,
    /// What policy allows in mending the same setting again.
    pub limits: Limits,
    /// Whether an event started it: then what was told often enough within the hour is not told again.
    pub quiet: bool,
}

/// What such a pass comes to.
#[derive(Debug)]
pub struct Held {
    /// One line for each control, in catalogue order.
    pub summary: Summary,
    /// The controls that are exactly as they are on record.
    pub unchanged: Vec<String>,
    /// When the first of those that wait may be mended.
    pub retry_at: Option<DateTime<Utc>>,
}

/// Whether a line must be written about a control.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It is as it is on record.
    OnRecord,
    /// It is not.
    News,
    /// It is not, and has been told too often, or was not looked at.
    PassedOver,
}

/// A line, and what is to be done about it.
struct Judged {
    line: Line,
    told: Told,
    todo: Option<Todo>,
    /// When it may be mended, where it must wait.
    waits: Option<DateTime<Utc>>,
}

enum Todo {
    /// Mend it, after re-arming it where that says why.
    Mend(Automatic, Option<String>),
    /// Say that it is contested from now on; when it was mended.
    Contend(Vec<String>),
}

impl Pass<'_> {
    /// Looks. Where nothing is new and nothing is to be done, that is what the pass comes to; otherwise `None`, and
    /// [`Pass::hold`] does it. Writes nothing, changes nothing.
    #[must_use]
    pub fn idle(&self, known: &mut Known, terms: &Terms<'_>) -> Option<Held> {
        let judged = self.judge_all(known, terms);
        let is_idle = |one: &Judged| one.told != Told::News && one.todo.is_none();
        judged.iter().all(is_idle).then(|| self.end(judged, known))
    }

    /// Looks, mends what policy has in enforce mode, root can mend and nobody contests, and writes what is new.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger could not be written: everything stops there, before the next change.
    pub fn hold(
        &self,
        touch: &dyn Touch,
        journal: &mut dyn Journal,
        known: &mut Known,
        terms: &Terms<'_>,
    ) -> Result<Held, LedgerError> {
        let mut judged = self.judge_all(known, terms);
        for one in judged.iter().filter(|one| one.told == Told::News) {
            self.tell(one, journal, known)?;
            if terms.quiet && one.todo.is_none() {
                known.told(&one.line, self.now);
            }
        }
        for one in &mut judged {
            let Some(todo) = one.todo.take() else { continue };
            if one.told != Told::News {
                // Why something is done stands before it, also where it is on record since an earlier pass.
                one.told = Told::News;
                self.tell(one, journal, known)?;
            }
            self.act(one, todo, touch, journal, terms)?;
            known.remember(&one.line, Some(self.now));
        }
        Ok(self.end(judged, known))
    }

    /// Puts on record how a control stands, and why it is left so where that is for now.
    fn tell(&self, one: &Judged, journal: &mut dyn Journal, known: &mut Known) -> Result<(), LedgerError> {
        let control = one.line.control.id.to_owned();
        journal.append(found(&one.line))?;
        if let Some(until) = one.waits {
            let because = format!("it does not stay mended; tried again from {} on", stamp(until));
            journal.append(Event::Deferred { control, because })?;
        }
        known.remember(&one.line, Some(self.now));
        Ok(())
    }

    fn act(
        &self,
        one: &mut Judged,
        todo: Todo,
        touch: &dyn Touch,
        journal: &mut dyn Journal,
        terms: &Terms<'_>,
    ) -> Result<(), LedgerError> {
        let line = &mut one.line;
        let control = line.control.id.to_owned();
        if self.is_stopped() {
            journal.append(Event::Deferred { control, because: INTERRUPTED.into() })?;
            set_left(line, Left::Interrupted);
            return Ok(());
        }
        match todo {
            Todo::Contend(mended) => {
                let suspects = suspects::of(&self.once, line.control);
                let left = Left::Contested { since: stamp(self.now), times: mended.len(), suspects: suspects.clone() };
                journal.append(Event::Contested { control, mended, suspects })?;
                set_left(line, left);
            }
            Todo::Mend(remedy, rearmed) => {
                let mut standing = standing(terms, line);
                if let Some(because) = rearmed {
                    journal.append(Event::Rearmed { control, because })?;
                    standing = Standing::default();
                }
                self.mend(line, &remedy, touch, journal)?;
                let failed = matches!(line.outcome, Outcome::Unknown { .. })
                    || matches!(line.outcome, Outcome::Drifted { left: Left::NotFixed { .. }, .. });
                one.waits = failed.then(|| contest::after_failure(&standing, &terms.limits, self.now));
            }
        }
        Ok(())
    }

    fn judge_all(&self, known: &Known, terms: &Terms<'_>) -> Vec<Judged> {
        self.probe_all().into_iter().map(|line| self.judge(line, known, terms)).collect()
    }

    fn judge(&self, mut line: Line, known: &Known, terms: &Terms<'_>) -> Judged {
        if matches!(&line.outcome, Outcome::Unknown { why } if why == INTERRUPTED) {
            return Judged { line, told: Told::PassedOver, todo: None, waits: None };
        }
        let recorded = terms.standings.get(line.control.id);
        let mut told = match known.is_news(&line, recorded, self.now) {
            false => Told::OnRecord,
            true if terms.quiet && !known.may_tell(&line, self.now) => Told::PassedOver,
            true => Told::News,
        };
        let (mut todo, mut waits) = (None, None);
        if let Some(remedy) = self.automatic(&line) {
            let standing = standing(terms, &line);
            match contest::may_mend(&standing, &terms.limits, self.now) {
                May::Mend => todo = self.planned(&mut line, remedy, None, told, known),
                May::Rearm { because } => todo = self.planned(&mut line, remedy, Some(because), told, known),
                May::Contend { mended } => todo = Some(Todo::Contend(mended)),
                May::Leave { since, times } => {
                    set_left(&mut line, Left::Contested { since, times, suspects: standing.suspects });
                }
                May::Wait { until } => {
                    waits = Some(until);
                    set_left(&mut line, Left::Waiting { until });
                }
            }
        }
        if todo.is_some() && told == Told::PassedOver {
            told = Told::News;
        }
        Judged { line, told, todo, waits }
    }

    /// What is to be done where a setting may be mended. Nothing where the plan is to leave it alone for a reason that is on
    /// record.
    fn planned(
        &self,
        line: &mut Line,
        remedy: Automatic,
        rearmed: Option<String>,
        told: Told,
        known: &Known,
    ) -> Option<Todo> {
        let left = match self.plan_for(&remedy, line.control) {
            Ok(Plan::Later { because }) => Left::Deferred { because },
            Ok(Plan::Managed { by }) => Left::Managed { by },
            Ok(Plan::Now(_)) | Err(_) => return Some(Todo::Mend(remedy, rearmed)),
        };
        let is_known = told != Told::News && known.left(line.control) == Some(&left);
        if !is_known {
            return Some(Todo::Mend(remedy, rearmed));
        }
        set_left(line, left);
        None
    }

    fn end(&self, judged: Vec<Judged>, known: &mut Known) -> Held {
        let unchanged = |one: &&Judged| one.told == Told::OnRecord;
        let unchanged = judged.iter().filter(unchanged).map(|one| one.line.control.id.to_owned()).collect();
        let retry_at = judged.iter().filter_map(|one| one.waits).min();
        for one in judged.iter().filter(|one| one.told != Told::News) {
            known.remember(&one.line, None);
        }
        let lines = judged.into_iter().map(|one| one.line).collect();
        Held { summary: Summary { facts: self.facts.clone(), lines }, unchanged, retry_at }
    }
}

/// How a line's control stands by the ledger.
fn standing(terms: &Terms<'_>, line: &Line) -> Standing {
    terms.standings.get(line.control.id).cloned().unwrap_or_default()
}
