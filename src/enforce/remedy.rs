//! The half of a pass that changes something: plan, say, touch, look again.

use super::{Left, Line, Outcome, Pass, found, no_plan, set_left};
use crate::control::{Control, Finding, Plan, Remedy, Step, View};
use crate::host::{ToolError, Touch};
use crate::ledger::{Announced, Event, Journal, LedgerError};
use crate::policy::Mode;

/// What [`Remedy::Automatic`] holds, taken apart.
pub(super) struct Automatic {
    plan: fn(&View<'_>) -> Result<Plan, ToolError>,
    all_or_nothing: bool,
}

impl Pass<'_> {
    /// What the agent does about `control` on this Mac; `None` where the control has no part there.
    pub(super) fn remedy(&self, control: &Control) -> Option<&'static Remedy> {
        control.remedy(self.facts.as_ref().ok()?)
    }

    /// The automatic remedy for a line that has drifted, is in enforce mode and has one.
    pub(super) fn automatic(&self, line: &Line) -> Option<Automatic> {
        let wanted = line.mode == Mode::Enforce && matches!(line.outcome, Outcome::Drifted { .. });
        match self.remedy(line.control).filter(|_| wanted)? {
            Remedy::Automatic { plan, all_or_nothing, .. } => {
                Some(Automatic { plan: *plan, all_or_nothing: *all_or_nothing })
            }
            _ => None,
        }
    }

    /// Works out the steps, from what is there now; none that touches an exempt user.
    pub(super) fn plan_for(&self, remedy: &Automatic, control: &'static Control) -> Result<Plan, ToolError> {
        self.with_view(control, false, &self.exempt.users(control), remedy.plan)
    }

    /// Mends one drifted line, or records why not.
    pub(super) fn mend(
        &self,
        line: &mut Line,
        remedy: &Automatic,
        touch: &dyn Touch,
        journal: &mut dyn Journal,
    ) -> Result<(), LedgerError> {
        let control = line.control.id.to_owned();
        let steps = match self.plan_for(remedy, line.control) {
            Ok(Plan::Now(steps)) if steps.is_empty() => return self.nothing_to_do(line, journal),
            Ok(Plan::Now(steps)) => steps,
            Ok(Plan::Later { because }) => {
                journal.append(Event::Deferred { control, because: because.clone() })?;
                set_left(line, Left::Deferred { because });
                return Ok(());
            }
            Ok(Plan::Managed { by }) => {
                journal.append(Event::Managed { control, by: by.clone() })?;
                set_left(line, Left::Managed { by });
                return Ok(());
            }
            Err(error) => {
                let why = no_plan(&error);
                journal.append(Event::NotFixed {
                    control,
                    state: "drifted".into(),
                    why: why.clone(),
                    refused: true,
                })?;
                set_left(line, Left::NotFixed { why });
                return Ok(());
            }
        };
        journal.append(Event::Intends { control: control.clone(), changes: announced(&steps) })?;
        line.steps.clone_from(&steps);
        let mut refusal = None;
        let mut tried = 0;
        for step in &steps {
            tried += 1;
            tracing::debug!("changes {}", step.change);
            if let Err(error) = touch.touch(&step.change) {
                refusal = Some(error);
                break;
            }
        }
        self.once.forget();
        let after = self.look_at(line.control, true);
        if let Ok(Finding::Compliant { seen }) = &after
            && refusal.is_none()
        {
            journal.append(Event::Fixed { control, seen: seen.clone() })?;
            if let Outcome::Drifted { seen: before, .. } = &line.outcome {
                line.outcome = Outcome::Fixed { before: before.clone(), seen: seen.clone() };
            }
            return Ok(());
        }
        // All that could be changed now is, and the rest must wait, for somebody to log in: nobody has set anything back.
        let waits = refusal.is_none() && matches!(self.plan_for(remedy, line.control), Ok(Plan::Later { .. }));
        self.not_fixed(line, refusal, waits, &after, journal)?;
        // A step that was refused may have been made in part, so it is taken back with the rest.
        if remedy.all_or_nothing {
            self.take_back(line, steps.get(..tried).unwrap_or(&steps), touch, journal)?;
        }
        Ok(())
    }

    /// The plan finds nothing to change: somebody else has mended it since it was looked at, or the control contradicts
    /// itself. Another look tells, and only that.
    fn nothing_to_do(&self, line: &mut Line, journal: &mut dyn Journal) -> Result<(), LedgerError> {
        self.once.forget();
        match self.look_at(line.control, true) {
            Ok(Finding::Compliant { seen }) => line.outcome = Outcome::Compliant { seen },
            Ok(_) => {
                let why = "its plan finds nothing to change".to_owned();
                set_left(line, Left::NotFixed { why: why.clone() });
                let (control, state) = (line.control.id.to_owned(), "drifted".to_owned());
                return journal.append(Event::NotFixed { control, state, why, refused: true });
            }
            Err(error) => line.outcome = Outcome::Unknown { why: error.chain() },
        }
        journal.append(found(line))
    }

    /// Records a change that did not bring the setting about. What is seen now replaces what was seen before it.
    fn not_fixed(
        &self,
        line: &mut Line,
        refusal: Option<ToolError>,
        waits: bool,
        after: &Result<Finding, ToolError>,
        journal: &mut dyn Journal,
    ) -> Result<(), LedgerError> {
        let control = line.control.id.to_owned();
        let now = match after {
            Ok(Finding::Compliant { seen }) => format!("seen afterwards: {seen}"),
            Ok(Finding::Drifted { seen, .. }) => format!("still {seen}"),
            Ok(Finding::NotApplicable { because }) => format!("no longer applies: {because}"),
            Err(error) => format!("could not be read again: {}", error.chain()),
        };
        let state = if after.is_ok() { "drifted" } else { "unknown" }.to_owned();
        let (event, left) = match refusal {
            Some(error @ ToolError::Managed { .. }) => {
                let by = error.chain();
                (Event::Managed { control, by: by.clone() }, Left::Managed { by })
            }
            Some(error) => {
                let why = format!("{}; {now}", error.chain());
                (Event::NotFixed { control, state, why: why.clone(), refused: true }, Left::NotFixed { why })
            }
            None => (Event::NotFixed { control, state, why: now.clone(), refused: waits }, Left::NotFixed { why: now }),
        };
        journal.append(event)?;
        match (after, &mut line.outcome) {
            // It changed, and what it is now could not be told: unknown, not drifted.
            (Err(error), outcome) => *outcome = Outcome::Unknown { why: error.chain() },
            (Ok(Finding::Drifted { seen: now, .. }), Outcome::Drifted { seen, .. }) => seen.clone_from(now),
            _ => {}
        }
        set_left(line, left);
        Ok(())
    }

    /// Undoes the steps that were made, last first, and looks again: what is seen then is the record.
    fn take_back(
        &self,
        line: &mut Line,
        steps: &[Step],
        touch: &dyn Touch,
        journal: &mut dyn Journal,
    ) -> Result<(), LedgerError> {
        let control = line.control.id.to_owned();
        let changes: Vec<_> = steps.iter().rev().flat_map(|step| &step.undo).collect();
        journal.append(Event::TakesBack {
            control: control.clone(),
            changes: changes.iter().map(|change| change.run.line()).collect(),
        })?;
        let mut refusals: Vec<String> = Vec::new();
        for change in changes {
            tracing::debug!("takes back by {change}");
            if let Err(error) = touch.touch(change) {
                refusals.push(error.chain());
            }
        }
        self.once.forget();
        let after = match self.look_at(line.control, true) {
            Ok(Finding::Compliant { seen } | Finding::Drifted { seen, .. }) => {
                if let Outcome::Drifted { seen: was, .. } = &mut line.outcome {
                    was.clone_from(&seen);
                }
                format!("now {seen}")
            }
            Ok(Finding::NotApplicable { because }) => format!("no longer applies: {because}"),
            Err(error) => format!("could not be read again: {}", error.chain()),
        };
        let whole = refusals.is_empty();
        refusals.push(after);
        let seen = refusals.join("; ");
        if let Outcome::Drifted { left: Left::NotFixed { why }, .. } = &mut line.outcome {
            why.push_str(if whole { "; taken back, " } else { "; could not be taken back whole: " });
            why.push_str(&seen);
        }
        journal.append(Event::TakenBack { control, whole, seen })
    }
}

/// The steps as the ledger keeps them.
fn announced(steps: &[Step]) -> Vec<Announced> {
    steps
        .iter()
        .map(|step| Announced {
            argv: step.change.run.line(),
            prior: step.prior.clone(),
            undo: step.undo.iter().map(|change| change.run.line()).collect(),
        })
        .collect()
}
