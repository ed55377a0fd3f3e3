//! Putting back what the agent changed while the agent stays, and holding those controls in audit mode since, so that no pass
//! undoes it.
//!
//! First it is on record which controls are held from now on, then each setting is put back as in [`Pass::undo`], then
//! everything is looked at, so that the ledger and the state file tell how the Mac stands now.

use std::collections::{BTreeMap, BTreeSet};

use super::hold::stands;
use super::{Agent, AgentError, Loaded, finish};
use crate::control::{Control, Remedy};
use crate::controls;
use crate::enforce::undo::{Became, Undone, Wish};
use crate::enforce::{self, Holds, Outcome, Pass, Summary, held};
use crate::host::survey::survey;
use crate::host::{Once, ToolError};
use crate::ledger::history::Made;
use crate::ledger::query::{Filter, rows};
use crate::ledger::{CURRENT, Counts, Event, Journal, Ledger, LedgerError};
use crate::mac::changes::singles;
use crate::policy::{Mode, Policy, Problem};

/// Of what the agent's changes are to be put back.
#[derive(Clone, Debug)]
pub enum Which {
    /// All that stands.
    All,
    /// Those of these controls.
    Controls(Vec<&'static Control>),
    /// Those of this run, and nothing beside.
    Run(String),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Restored {
    /// Every setting that it was about, newest change first.
    pub undone: Vec<Undone>,
    /// The controls that are held in audit mode now because of it.
    pub held: Vec<&'static str>,
    /// What is wrong with the policy.
    pub problems: Vec<Problem>,
    /// What went wrong after it, when its evidence was completed.
    pub afterwards: Option<AgentError>,
}

/// Why nothing was put back, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such run.
    #[error("there is no run {0} in the ledger; holdfast log names them")]
    NoSuchRun(String),
    /// As for every run.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

impl From<LedgerError> for RestoreError {
    fn from(error: LedgerError) -> Self {
        Self::Agent(error.into())
    }
}

impl Agent<'_> {
    /// What [`Agent::restore`] would do. Changes nothing, writes nothing.
    ///
    /// # Errors
    /// [`RestoreError`] where the ledger cannot be read, or has no such run.
    pub fn would_restore(&self, which: &Which, force: bool) -> Result<Restored, RestoreError> {
        let once = Once::new(self.look);
        self.needs_mac(&once)?;
        let made = self.history()?.made;
        let left = self.left_alone(which, &made)?;
        let Loaded { policy, problems, .. } = self.load_policy(&once);
        let pass = Pass::new(once, &self.catalogue, &policy, self.clock.now(), self.stop);
        let mut undone = pass.would_undo(&made, &wish(which, &|one| wanted(which, one, &made), force));
        undone.extend(left);
        Ok(Restored { undone, problems, ..Restored::default() })
    }

    /// Puts back what is asked for, holds those controls in audit mode, and looks at everything again. `waiting` is called
    /// once where another run holds the ledger. Where there is nothing to put back nothing is written.
    ///
    /// # Errors
    /// [`RestoreError`] where the ledger or the agent's own folders cannot be used: nothing is changed after that.
    pub fn restore(&self, which: &Which, force: bool, waiting: &mut dyn FnMut()) -> Result<Restored, RestoreError> {
        let once = Once::new(self.look);
        self.needs_mac(&once)?;
        if self.places.ledger().join(CURRENT).symlink_metadata().is_err() {
            return self.would_restore(which, force);
        }
        let mut loaded = self.load_policy(&once);
        self.make_folders()?;
        let run = self.run_id();
        let (mut ledger, waited) = self.open(&once, &loaded.policy, &run, waiting)?;
        if waited {
            once.forget();
            loaded = self.load_policy(&once);
        }
        let Loaded { policy, problems, exempt, now, .. } = loaded;
        let made = ledger.history().made.clone();
        let left = self.left_alone(which, &made)?;
        if !made.values().any(|one| wanted(which, one, &made)) {
            ledger.close()?;
            return Ok(Restored { undone: left, problems, ..Restored::default() });
        }
        let pass = Pass::new(once, &self.catalogue, &policy, now, self.stop);
        let pass = pass.holding(Holds::of(&ledger.history().controls, &policy), exempt);
        let before = pass.check();
        ledger.append(self.run_started("restore", &pass, false, Vec::new()))?;
        let wanted = |one: &Made| wanted(which, one, &made);
        let wish = wish(which, &wanted, force);
        let back = |undone: &Undone| matches!(undone.became, Became::Would | Became::Already);
        let would: BTreeSet<String> =
            pass.would_undo(&made, &wish).into_iter().filter(back).map(|undone| undone.control).collect();
        for control in would.iter().filter_map(|id| controls::find(id)) {
            ledger.append(held(control, &policy))?;
        }
        let mut undone = pass.undo(&made, &wish, self.touch, &mut ledger)?;
        pass.once().forget();
        let after = pass.check();
        let ids = self.settle(&pass, &would, &undone, (&before, &after), &mut ledger)?;
        undone.extend(left);
        let afterwards = self.look_again(pass, ledger, &policy, &problems, &run).err();
        Ok(Restored { undone, held: ids, problems, afterwards })
    }

    fn needs_mac(&self, once: &Once<'_>) -> Result<(), AgentError> {
        match survey(once) {
            Err(error @ ToolError::Missing { .. }) => Err(AgentError::NotAMac(error)),
            _ => Ok(()),
        }
    }

    /// Brings what is held into agreement with what came about: a control of which nothing was put back is as it was, and held
    /// no longer; one that has drifted with another's settings is held with it. Returns those that are held.
    fn settle(
        &self,
        pass: &Pass<'_>,
        would: &BTreeSet<String>,
        undone: &[Undone],
        (before, after): (&Summary, &Summary),
        ledger: &mut Ledger<'_>,
    ) -> Result<Vec<&'static str>, LedgerError> {
        let mut ids = BTreeSet::new();
        for (line, was) in after.lines.iter().zip(&before.lines) {
            let id = line.control.id;
            let of = || undone.iter().filter(|undone| undone.control == id);
            if would.contains(id) {
                let is_back = of().any(|one| matches!(one.became, Became::Back { .. } | Became::Already));
                let is_tried = of().any(|one| matches!(one.became, Became::NotBack { .. }));
                let holds = matches!(line.outcome, Outcome::Compliant { .. });
                if is_back || is_tried && !holds {
                    ids.insert(id);
                } else {
                    let because = "nothing of it was put back".to_owned();
                    ledger.append(Event::Resumed { control: id.to_owned(), because })?;
                }
                continue;
            }
            let is_changed = matches!(line.outcome, Outcome::Drifted { .. })
                && !matches!(was.outcome, Outcome::Drifted { .. })
                && line.mode == Mode::Enforce
                && matches!(
                    pass.facts.as_ref().map(|facts| line.control.remedy(facts)),
                    Ok(Some(Remedy::Automatic { .. }))
                );
            if is_changed {
                ledger.append(held(line.control, pass.policy))?;
                ids.insert(id);
            }
        }
        Ok(ids.into_iter().collect())
    }

    /// Puts on record how everything stands now, also for other tools, and ends the run. A run that was told to stop looks at
    /// nothing more.
    fn look_again(
        &self,
        mut pass: Pass<'_>,
        mut ledger: Ledger<'_>,
        policy: &Policy,
        problems: &[Problem],
        run: &str,
    ) -> Result<(), AgentError> {
        pass.holds = Holds::of(&ledger.history().controls, policy);
        let interrupted = pass.is_stopped();
        let counts = if interrupted { Counts::default() } else { pass.check_and_say(&mut ledger)?.counts() };
        let stands = (!interrupted).then(|| stands(&enforce::Known::default(), ledger.history(), policy));
        let ended = finish::Ended {
            run,
            command: "restore",
            policy,
            problems,
            facts: pass.facts.as_ref().ok(),
            counts,
            interrupted,
            partial: interrupted,
            unchanged: Vec::new(),
            stands,
        };
        self.finish(ledger, ended)
    }

    /// The settings that are asked for and are another's by now.
    fn left_alone(&self, which: &Which, made: &BTreeMap<String, Made>) -> Result<Vec<Undone>, RestoreError> {
        match which {
            Which::All => Ok(Vec::new()),
            Which::Controls(wanted) => Ok(shared(wanted, made)),
            Which::Run(run) => self.changed_later(run, made),
        }
    }

    /// The settings that the wanted run changed and a later one changed again: what that left is not the wanted run's.
    fn changed_later(&self, run: &str, made: &BTreeMap<String, Made>) -> Result<Vec<Undone>, RestoreError> {
        let filter = Filter { run: Some(run.to_owned()), ..Filter::default() };
        let mut is_there = false;
        let mut later = BTreeMap::new();
        for row in rows(&self.places.ledger(), filter)? {
            let Ok(entry) = row?.entry else { continue };
            is_there = true;
            let Event::Intends { changes, .. } = entry.event else { continue };
            for single in changes.iter().filter_map(|change| singles(&change.argv, None)).flatten() {
                let Some(now) = made.get(&single.setting).filter(|now| now.run != run) else { continue };
                let became = Became::Later { run: now.run.clone() };
                let (control, setting) = (now.control.clone(), single.setting.clone());
                later.insert(single.setting, Undone { control, setting, back: None, became });
            }
        }
        // Its lines may be gone with an old segment, and what it changed is known all the same.
        if !is_there && !made.values().any(|made| made.run == run) {
            return Err(RestoreError::NoSuchRun(crate::text::excerpt(run)));
        }
        Ok(later.into_values().collect())
    }

    /// Ends the holds of `which`, or all of them. Returns the controls that were held. Where none was, nothing is written.
    ///
    /// # Errors
    /// [`AgentError`] where the ledger or the agent's own folders cannot be used.
    pub fn resume(
        &self,
        which: Option<&[&'static Control]>,
        waiting: &mut dyn FnMut(),
    ) -> Result<Vec<String>, AgentError> {
        let once = Once::new(self.look);
        self.needs_mac(&once)?;
        if self.places.ledger().join(CURRENT).symlink_metadata().is_err() {
            return Ok(Vec::new());
        }
        let Loaded { policy, .. } = self.load_policy(&once);
        self.make_folders()?;
        let (mut ledger, _) = self.open(&once, &policy, &self.run_id(), waiting)?;
        let is_named = |id: &str| which.is_none_or(|which| which.iter().any(|control| control.id == id));
        let all = ledger.history().controls.iter();
        let held: Vec<String> =
            all.filter(|(id, of)| of.held.is_some() && is_named(id)).map(|(id, _)| id.clone()).collect();
        if !held.is_empty() {
            let pass = Pass::new(once, &self.catalogue, &policy, self.clock.now(), self.stop);
            ledger.append(self.run_started("resume", &pass, true, Vec::new()))?;
            for control in &held {
                let because = "holdfast resume was run".to_owned();
                ledger.append(Event::Resumed { control: control.clone(), because })?;
            }
            let (counts, unchanged) = (Counts::default(), Vec::new());
            ledger.append(Event::RunEnded { counts, interrupted: false, partial: true, unchanged })?;
        }
        ledger.close()?;
        Ok(held)
    }
}

/// The settings that one of the wanted controls has set and another one, which nobody asked for, has set, too. That one may need
/// it so with the rest of what it set: put back alone, it would leave a set half made.
fn shared(wanted: &[&'static Control], made: &BTreeMap<String, Made>) -> Vec<Undone> {
    let of = |(setting, one): (&String, &Made)| {
        let (control, with) = if is_among(wanted, &one.control) {
            (&one.control, holder(wanted, one, made)?)
        } else {
            (one.also.iter().rfind(|id| is_among(wanted, id))?, &one.control)
        };
        let (control, became) = (control.clone(), Became::Shared { with: with.clone() });
        Some(Undone { control, setting: setting.clone(), back: None, became })
    };
    made.iter().filter_map(of).collect()
}

/// Who holds a setting of a wanted control's: another one that has set it, too, that nobody asked for, and that has something of
/// its own standing yet. Asked for with that one, it is put back in any case.
fn holder<'a>(wanted: &[&'static Control], one: &'a Made, made: &BTreeMap<String, Made>) -> Option<&'a String> {
    let stands = |id: &str| made.values().any(|other| other.control == id);
    one.also.iter().rfind(|id| !is_among(wanted, id) && stands(id))
}

fn is_among(wanted: &[&'static Control], id: &str) -> bool {
    wanted.iter().any(|control| control.id == id)
}

fn wanted(which: &Which, one: &Made, made: &BTreeMap<String, Made>) -> bool {
    match which {
        Which::All => true,
        Which::Controls(wanted) => is_among(wanted, &one.control) && holder(wanted, one, made).is_none(),
        Which::Run(run) => one.run == *run,
    }
}

fn wish<'a>(which: &Which, wanted: &'a dyn Fn(&Made) -> bool, force: bool) -> Wish<'a> {
    Wish { wanted, force, last_only: matches!(which, Which::Run(_)) }
}
