//! One pass over the catalogue: look, say, change, look again. The only caller of [`Touch`].

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};

use crate::control::{Control, Finding, Plan, Remedy, Step, View};
use crate::facts::Facts;
use crate::host::{Once, ToolError, Touch, survey};
use crate::ledger::{Counts, Event, Journal, LedgerError};
use crate::policy::{Exemption, Mode, Policy};
use crate::text;

pub mod contest;
pub mod exempt;
mod hold;
mod holds;
mod known;
mod remedy;
mod suspects;
pub mod undo;

pub use exempt::Exempt;
pub use hold::{Held, Terms};
pub use holds::{Holds, held, lapsed};
pub use known::Known;

/// How many probes run at the same time. Most of their time is spent waiting for one tool.
const THREADS: usize = 4;

/// How one control stands at the end of a pass. The states are exclusive.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Not looked at.
    Off {
        /// Why not.
        because: String,
    },
    /// Holds, and held before.
    Compliant {
        /// What was seen.
        seen: String,
    },
    /// Nothing to hold on this Mac.
    NotApplicable {
        /// Why.
        because: String,
    },
    /// Could not be told.
    Unknown {
        /// The whole error chain.
        why: String,
    },
    /// Does not hold.
    Drifted {
        /// What was seen, after any change that was tried.
        seen: String,
        /// What policy wants.
        wanted: String,
        /// Why it was left so.
        left: Left,
    },
    /// Policy exempts it, or the users for whom it does not hold, so it is left as it is.
    Exempt {
        /// What was seen.
        seen: String,
        /// What policy would want, where it does not hold.
        wanted: Option<String>,
        /// The exemptions.
        by: Vec<Exemption>,
    },
    /// Did not hold and was mended.
    Fixed {
        /// What was seen before.
        before: String,
        /// What was seen after.
        seen: String,
    },
}

impl Outcome {
    /// The state's word in the ledger and in reports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Off { .. } => "off",
            Self::Compliant { .. } => "compliant",
            Self::NotApplicable { .. } => "not_applicable",
            Self::Unknown { .. } => "unknown",
            Self::Drifted { .. } => "drifted",
            Self::Exempt { .. } => "exempt",
            Self::Fixed { .. } => "fixed",
        }
    }
}

/// Why a drifted setting was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// This pass only looks.
    OnlyLooking,
    /// Policy has it in audit mode.
    Audit,
    /// The agent cannot set it; the remedy says who can.
    NoAutomaticRemedy,
    /// An MDM governs it.
    Managed {
        /// What does.
        by: String,
    },
    /// The change must wait.
    Deferred {
        /// For what.
        because: String,
    },
    /// It does not stay mended, and the time to try again has not come.
    Waiting {
        /// When it has.
        until: DateTime<Utc>,
    },
    /// It came back too often, and is left alone for now.
    Contested {
        /// Since when, RFC 3339.
        since: String,
        /// How often it had been mended within a day.
        times: usize,
        /// Who may be setting it.
        suspects: Vec<String>,
    },
    /// It was put back (`holdfast restore`), and is held in audit mode since.
    Held {
        /// Since when, RFC 3339.
        since: String,
    },
    /// The pass was told to stop before it came to it.
    Interrupted,
    /// A dry run would change it with the [`Line::steps`].
    Planned,
    /// The changes did not bring it about.
    NotFixed {
        /// A refusal in the tool's own words, or what was seen afterwards.
        why: String,
    },
}

/// One control's part in a pass.
#[derive(Clone, Debug)]
pub struct Line {
    /// The control.
    pub control: &'static Control,
    /// Its mode in the policy; audit while it is held in that.
    pub mode: Mode,
    /// How it stands.
    pub outcome: Outcome,
    /// The changes that were made, or would be.
    pub steps: Vec<Step>,
}

/// A finished pass.
#[derive(Debug)]
pub struct Summary {
    /// What kind of Mac it was, or why that could not be told.
    pub facts: Result<Facts, ToolError>,
    /// One line for each control, in catalogue order.
    pub lines: Vec<Line>,
}

impl Summary {
    /// The lines counted by state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for line in &self.lines {
            *match line.outcome {
                Outcome::Off { .. } => &mut counts.off,
                Outcome::Compliant { .. } => &mut counts.compliant,
                Outcome::NotApplicable { .. } => &mut counts.not_applicable,
                Outcome::Unknown { .. } => &mut counts.unknown,
                Outcome::Drifted { .. } => &mut counts.drifted,
                Outcome::Exempt { .. } => &mut counts.exempt,
                Outcome::Fixed { .. } => &mut counts.fixed,
            } += 1;
        }
        counts
    }
}

/// What a pass works on.
pub struct Pass<'a> {
    /// The Mac, each question asked once.
    once: Once<'a>,
    /// What kind of Mac it is, or why that could not be told.
    pub facts: Result<Facts, ToolError>,
    /// The controls, in order.
    pub catalogue: &'a [&'static Control],
    /// The policy in force.
    pub policy: &'a Policy,
    /// When the pass began.
    pub now: DateTime<Utc>,
    /// Set from outside to stop before the next change.
    pub stop: &'a AtomicBool,
    /// The controls that are held in audit mode whatever policy says of their mode.
    pub holds: Holds,
    /// The controls and users that are exempt.
    pub exempt: Exempt,
}

impl<'a> Pass<'a> {
    /// A pass over `catalogue`, on a Mac or on one that has been asked some questions already. Asks first what kind of Mac
    /// it is.
    #[must_use]
    pub fn new(
        mac: impl Into<Once<'a>>,
        catalogue: &'a [&'static Control],
        policy: &'a Policy,
        now: DateTime<Utc>,
        stop: &'a AtomicBool,
    ) -> Self {
        let once = mac.into();
        let facts = survey::survey(&once);
        Self::on(facts, once, catalogue, policy, now, stop)
    }

    /// A pass on a Mac of a kind that is known already. Of policy's exemptions those count that are not over at `now`.
    #[must_use]
    pub fn on(
        facts: Result<Facts, ToolError>,
        once: Once<'a>,
        catalogue: &'a [&'static Control],
        policy: &'a Policy,
        now: DateTime<Utc>,
        stop: &'a AtomicBool,
    ) -> Self {
        let exempt = Exempt::of(policy, &BTreeMap::new(), now);
        Self { once, facts, catalogue, policy, now, stop, holds: Holds::default(), exempt }
    }

    /// The same, with some controls held in audit mode, and with these exemptions.
    #[must_use]
    pub fn holding(self, holds: Holds, exempt: Exempt) -> Self {
        Self { holds, exempt, ..self }
    }

    /// What has been asked so far, to ask more.
    #[must_use]
    pub fn once(&self) -> &Once<'a> {
        &self.once
    }

    /// The same, for another pass.
    #[must_use]
    pub fn into_once(self) -> Once<'a> {
        self.once
    }

    /// Looks at everything, changes nothing, writes nothing.
    #[must_use]
    pub fn check(&self) -> Summary {
        Summary { facts: self.facts.clone(), lines: self.probe_all() }
    }

    /// Looks at everything and works out what [`Pass::enforce`] would change. Changes nothing, writes nothing.
    #[must_use]
    pub fn plan(&self) -> Summary {
        let mut lines = self.probe_all();
        for line in &mut lines {
            let Some(remedy) = self.automatic(line) else { continue };
            match self.plan_for(&remedy, line.control) {
                Ok(Plan::Now(steps)) => {
                    line.steps = steps;
                    set_left(line, Left::Planned);
                }
                Ok(Plan::Later { because }) => set_left(line, Left::Deferred { because }),
                Ok(Plan::Managed { by }) => set_left(line, Left::Managed { by }),
                Err(error) => set_left(line, Left::NotFixed { why: no_plan(&error) }),
            }
        }
        Summary { facts: self.facts.clone(), lines }
    }

    /// Looks at everything, then mends what policy has in enforce mode and root can mend.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger could not be written: everything stops there, before the next change.
    pub fn enforce(&self, touch: &dyn Touch, journal: &mut dyn Journal) -> Result<Summary, LedgerError> {
        let mut lines = self.probe_all();
        for line in &lines {
            journal.append(found(line))?;
        }
        for line in &mut lines {
            let Some(remedy) = self.automatic(line) else { continue };
            if self.is_stopped() {
                journal.append(Event::Deferred { control: line.control.id.into(), because: INTERRUPTED.into() })?;
                set_left(line, Left::Interrupted);
            } else {
                self.mend(line, &remedy, touch, journal)?;
            }
        }
        Ok(Summary { facts: self.facts.clone(), lines })
    }

    /// Looks at everything and says what it found. Changes nothing.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger could not be written.
    pub fn check_and_say(&self, journal: &mut dyn Journal) -> Result<Summary, LedgerError> {
        let summary = self.check();
        summary.lines.iter().try_for_each(|line| journal.append(found(line)))?;
        Ok(summary)
    }

    /// Whether the pass was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Probes every control on a few threads. The order of the lines is the catalogue's.
    fn probe_all(&self) -> Vec<Line> {
        let next = AtomicUsize::new(0);
        let done: Mutex<BTreeMap<usize, Line>> = Mutex::new(BTreeMap::new());
        let work = || {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(control) = self.catalogue.get(n) else { break };
                let line = self.probe(control);
                done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(n, line);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..THREADS.min(self.catalogue.len()) {
                scope.spawn(work);
            }
            work();
        });
        done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
    }

    fn probe(&self, control: &'static Control) -> Line {
        let of = self.policy.of(control).mode;
        let held = self.holds.since(control.id).filter(|_| of == Mode::Enforce);
        let mode = if held.is_some() { Mode::Audit } else { of };
        let outcome = if let Some(because) = self.policy.left_out(control) {
            Outcome::Off { because }
        } else if self.is_stopped() {
            Outcome::Unknown { why: INTERRUPTED.to_owned() }
        } else {
            match self.look_at_all(control) {
                Err(error) => Outcome::Unknown { why: error.chain() },
                Ok((Finding::NotApplicable { because }, _)) => Outcome::NotApplicable { because },
                Ok((Finding::Compliant { seen }, by)) if by.is_empty() => Outcome::Compliant { seen },
                Ok((Finding::Compliant { seen }, by)) => Outcome::Exempt { seen, wanted: None, by },
                Ok((Finding::Drifted { seen, wanted }, by)) if !by.is_empty() => {
                    Outcome::Exempt { seen, wanted: Some(wanted), by }
                }
                Ok((Finding::Drifted { seen, wanted }, _)) => {
                    let left = match self.remedy(control) {
                        Some(Remedy::Automatic { .. }) => match held {
                            Some(since) => Left::Held { since: since.to_owned() },
                            None if mode == Mode::Audit => Left::Audit,
                            None => Left::OnlyLooking,
                        },
                        _ => Left::NoAutomaticRemedy,
                    };
                    Outcome::Drifted { seen, wanted, left }
                }
            }
        };
        Line { control, mode, outcome, steps: Vec::new() }
    }

    /// One look at one control, past the users that are exempt from it. A Mac of unknown kind, or a panic, is an error like any
    /// other.
    fn look_at(&self, control: &'static Control, after_change: bool) -> Result<Finding, ToolError> {
        self.with_view(control, after_change, &self.exempt.users(control), |view| control.look(view))
    }

    /// Runs a control's code with all that it can see: the Mac through `once`, its own settings, and whom to pass over. A panic in
    /// it is an error like any other: one defect must not end the pass.
    fn with_view<T>(
        &self,
        control: &'static Control,
        after_change: bool,
        exempt: &[String],
        work: impl FnOnce(&View<'_>) -> Result<T, ToolError>,
    ) -> Result<T, ToolError> {
        let facts = self.facts.as_ref().map_err(Clone::clone)?;
        let policy = self.policy.of(control);
        let view = View { mac: &self.once, facts, settings: &policy.settings, exempt, now: self.now, after_change };
        catch_unwind(AssertUnwindSafe(|| work(&view)))
            .unwrap_or_else(|panic| Err(ToolError::Panicked { message: text::panic_words(panic.as_ref()) }))
    }
}

/// Why something was not done in a run that was told to stop.
const INTERRUPTED: &str = "the run was interrupted";

/// That a plan could not be made, in words.
fn no_plan(error: &ToolError) -> String {
    format!("no plan could be made: {}", error.chain())
}

/// Records why a drifted control is left as it is.
fn set_left(line: &mut Line, why: Left) {
    if let Outcome::Drifted { left, .. } = &mut line.outcome {
        *left = why;
    }
}

/// The ledger's event for a first look.
fn found(line: &Line) -> Event {
    let (seen, wanted) = match &line.outcome {
        Outcome::Off { because } | Outcome::NotApplicable { because } => (because, None),
        Outcome::Compliant { seen } | Outcome::Fixed { seen, .. } => (seen, None),
        Outcome::Unknown { why } => (why, None),
        Outcome::Drifted { seen, wanted, .. } => (seen, Some(wanted.clone())),
        Outcome::Exempt { seen, wanted, .. } => (seen, wanted.clone()),
    };
    Event::Found {
        control: line.control.id.to_owned(),
        state: line.outcome.word().to_owned(),
        mode: line.mode.word().to_owned(),
        seen: seen.clone(),
        wanted,
    }
}
