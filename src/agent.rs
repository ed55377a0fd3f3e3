//! The composition root: policy, pass, ledger and status put together for one run.

use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::control::Control;
use crate::enforce::{Holds, Pass, Summary, exempt, lapsed};
use crate::host::survey::survey;
use crate::host::{Look, Once, ToolError, Touch, files};
use crate::ledger::history::{self, History};
use crate::ledger::{Cause, Event, Journal, LedgerError};
use crate::policy::{Instead, Mode, Policy, Problem};

mod broom;
mod finish;
mod hold;
mod journal;
mod places;
pub mod restore;
mod rules;
pub mod uninstall;

pub use hold::{Known, Order};
pub use journal::LazyJournal;
pub use places::Places;
pub use rules::Loaded;

/// What a run needs.
pub struct Agent<'a> {
    /// The Mac, to look at.
    pub look: &'a dyn Look,
    /// The Mac, to change.
    pub touch: &'a dyn Touch,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Where the agent's own files are.
    pub places: Places,
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<String>,
    /// What started the run.
    pub cause: Cause,
    /// The controls to go through, in order; [`Agent::hold`] has its own.
    pub catalogue: Vec<&'static Control>,
    /// What the command line asks for instead of the policy's level or preset.
    pub instead: Instead,
    /// Set from outside to stop before the next change.
    pub stop: &'a AtomicBool,
}

/// A finished run.
#[derive(Debug)]
pub struct Run {
    /// What was found and done.
    pub summary: Summary,
    /// The policy it worked by.
    pub policy: Policy,
    /// What is wrong with the policy.
    pub problems: Vec<Problem>,
    /// When the first of the settings that do not stay mended may be tried again; only [`Agent::hold`] waits with them.
    pub retry_at: Option<DateTime<Utc>>,
    /// What went wrong after the pass, when its evidence was completed.
    pub afterwards: Option<AgentError>,
}

/// Why a run could not be made, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is no macOS here; nothing was written.
    #[error("this is not a Mac (holdfast enforce --simulate neglected shows one)")]
    NotAMac(#[source] ToolError),
    /// The ledger could not be written: nothing was changed after that.
    #[error("the ledger could not be written, so nothing more was changed")]
    Ledger(#[source] LedgerError),
    /// The run was told to stop while it waited for another one; nothing was changed.
    #[error("told to stop while another run held the ledger")]
    Interrupted(#[source] LedgerError),
    /// One of the agent's own files or folders could not be used.
    #[error("the agent's own files could not be used")]
    Untrusted(#[from] ToolError),
    /// One of the agent's own files could not be written.
    #[error("the agent's own files could not be kept")]
    Files(#[from] files::WriteError),
}

impl From<LedgerError> for AgentError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Interrupted { .. } => Self::Interrupted(error),
            other => Self::Ledger(other),
        }
    }
}

impl Agent<'_> {
    /// Looks only. Writes nothing anywhere.
    #[must_use]
    pub fn check(&self) -> Run {
        self.look_only(|pass| pass.check())
    }

    /// Works out what [`Agent::enforce`] would change. Writes nothing anywhere.
    #[must_use]
    pub fn plan(&self) -> Run {
        self.look_only(|pass| pass.plan())
    }

    fn look_only(&self, how: fn(&Pass<'_>) -> Summary) -> Run {
        let once = Once::new(self.look);
        let Loaded { policy, own, problems, exempt, now, .. } = self.load_policy(&once);
        // Without a ledger that can be read it is not known what is held, and a look changes nothing.
        let holds = self.history().map(|history| Holds::of(&history.controls, &own));
        let holds = holds.inspect_err(|error| tracing::warn!("what is held in audit mode is not known: {error}"));
        let pass = Pass::new(once, &self.catalogue, &policy, now, self.stop);
        let summary = how(&pass.holding(holds.unwrap_or_default(), exempt));
        Run { summary, policy, problems, retry_at: None, afterwards: None }
    }

    /// Looks, mends, and keeps the evidence. `waiting` is called once where another run holds the ledger. Mends what does not
    /// stay mended as often as it is called, and has what is contested tried again.
    ///
    /// # Errors
    /// [`AgentError`] where the ledger or the agent's own folders cannot be used. What was changed before that is in the
    /// ledger. What goes wrong after the pass is in [`Run::afterwards`], so that nothing found is lost over it.
    pub fn enforce(&self, waiting: &mut dyn FnMut()) -> Result<Run, AgentError> {
        let once = Once::new(self.look);
        if let Err(error @ ToolError::Missing { .. }) = survey(&once) {
            return Err(AgentError::NotAMac(error));
        }
        self.make_folders()?;
        let mut loaded = self.load_policy(&once);
        let run = self.run_id();
        let (mut ledger, waited) = self.open(&once, &loaded.policy, &run, waiting)?;
        // From here on this is the only run. What was read while another one worked may be out of date.
        if waited {
            once.forget();
            loaded = self.load_policy(&once);
        }
        self.keep_last_good(&loaded)?;
        let Loaded { policy, own, problems, exempt, now, .. } = loaded;
        let pass = Pass::new(once, &self.catalogue, &policy, now, self.stop);
        let pass = pass.holding(Holds::of(&ledger.history().controls, &own), exempt);
        ledger.append(self.run_started("enforce", &pass, self.is_partial(), Vec::new()))?;
        put_problems(&mut ledger, &problems)?;
        for event in lapsed(&ledger.history().controls, &own) {
            ledger.append(event)?;
        }
        for event in exempt::news(&policy, &ledger.history().exemptions, now, &self.catalogue) {
            ledger.append(event)?;
        }
        for control in self.contested(ledger.history(), &policy) {
            ledger.append(Event::Rearmed { control, because: "holdfast enforce was run".into() })?;
        }
        let summary = pass.enforce(self.touch, &mut ledger)?;
        let interrupted = pass.is_stopped();
        drop(pass);
        let ended = finish::Ended {
            run: &run,
            command: "enforce",
            policy: &policy,
            problems: &problems,
            facts: summary.facts.as_ref().ok(),
            counts: summary.counts(),
            interrupted,
            partial: self.is_partial(),
            unchanged: Vec::new(),
            stands: (!self.is_partial()).then(|| summary.lines.iter().map(Into::into).collect()),
        };
        let afterwards = self.finish(ledger, ended).err();
        Ok(Run { summary, policy, problems, retry_at: None, afterwards })
    }

    /// The controls of this run that are contested and may be changed.
    fn contested(&self, history: &History, policy: &Policy) -> Vec<String> {
        let is_contested = |control: &&&'static Control| {
            let of = policy.of(control);
            let standing = history.controls.get(control.id);
            of.selected && of.mode == Mode::Enforce && standing.is_some_and(|standing| standing.contested.is_some())
        };
        self.catalogue.iter().filter(is_contested).map(|control| control.id.to_owned()).collect()
    }

    /// Whether a run says nothing about how the Mac stands as a whole: over part of the catalogue, or at another level or preset
    /// than the policy's.
    fn is_partial(&self) -> bool {
        !self.instead.is_nothing() || self.is_selection()
    }

    /// Whether the command line named controls.
    fn is_selection(&self) -> bool {
        self.catalogue.len() < crate::controls::all().len()
    }

    /// What the ledger comes to. Read again only where its files have changed since this process last read or wrote it.
    ///
    /// # Errors
    /// [`AgentError::Ledger`] where a segment cannot be read.
    pub fn history(&self) -> Result<History, AgentError> {
        Ok(history::read_again(&self.places.ledger())?)
    }

    fn run_id(&self) -> String {
        format!("{}-{}", self.clock.now().format("%Y%m%dT%H%M%S%3fZ"), std::process::id())
    }

    fn run_started(&self, command: &str, pass: &Pass<'_>, partial: bool, items: Vec<String>) -> Event {
        Event::RunStarted {
            command: command.into(),
            cause: self.cause.clone(),
            agent: env!("CARGO_PKG_VERSION").into(),
            mac: pass.facts.as_ref().map(ToString::to_string).ok(),
            policy: pass.policy.digest(),
            partial,
            items,
        }
    }
}

fn put_problems(journal: &mut dyn Journal, problems: &[Problem]) -> Result<(), LedgerError> {
    problems.iter().try_for_each(|problem| {
        journal.append(Event::PolicyProblem {
            layer: problem.layer.word().into(),
            key: problem.key.clone(),
            problem: problem.what.clone(),
        })
    })
}
