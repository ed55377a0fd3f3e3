//! The ledger, opened for a run or for what is written outside of runs.

use std::sync::atomic::Ordering;

use super::{Agent, AgentError};
use crate::host::{self, Look, files};
use crate::ledger::history::History;
use crate::ledger::{Event, IfBusy, Journal, Ledger, LedgerError, LedgerOptions, Stage, run_on_record};
use crate::mac::sysctl;
use crate::policy::Policy;
use crate::sign_out::Record;

/// A journal that takes the ledger's lock at its first line, and keeps it until it is closed or dropped. Where nothing is
/// written, nothing is opened and the Mac is asked nothing.
pub struct LazyJournal<'a> {
    agent: &'a Agent<'a>,
    max_segment_bytes: u64,
    run: String,
    waiting: Option<Box<dyn FnMut() + 'a>>,
    ledger: Option<Ledger<'a>>,
}

impl<'a> LazyJournal<'a> {
    /// Has `tell` called once where another run holds the ledger.
    #[must_use]
    pub fn on_wait(mut self, tell: impl FnMut() + 'a) -> Self {
        self.waiting = Some(Box::new(tell));
        self
    }

    /// What the ledger comes to, what was written here included; `None` before the first line.
    #[must_use]
    pub fn history(&self) -> Option<&History> {
        self.ledger.as_ref().map(Ledger::history)
    }

    /// Records the ledger's end, and gives the lock back.
    ///
    /// # Errors
    /// [`LedgerError`] where the end could not be recorded.
    pub fn close(self) -> Result<(), LedgerError> {
        self.ledger.map_or(Ok(()), Ledger::close)
    }
}

impl<'a> LazyJournal<'a> {
    /// The ledger, opened where it is not yet. Waits for as long as another run holds it, unless told to stop
    /// ([`LedgerError::Interrupted`]).
    fn ledger(&mut self) -> Result<&mut Ledger<'a>, LedgerError> {
        match &mut self.ledger {
            Some(ledger) => Ok(ledger),
            none => {
                self.agent.make_folders_for_ledger()?;
                let tell = &mut || {
                    if let Some(waiting) = &mut self.waiting {
                        waiting();
                    }
                };
                Ok(none.insert(self.agent.open_at(self.agent.look, self.max_segment_bytes, &self.run, tell)?.0))
            }
        }
    }
}

impl Journal for LazyJournal<'_> {
    /// Where the ledger could not be opened, the next line tries again. A sign-out that was delivered is in the state file, too,
    /// from here on.
    fn append(&mut self, event: Event) -> Result<(), LedgerError> {
        let is_delivered = matches!(&event, Event::SignOut { stage: Stage::Delivered, .. });
        let agent = self.agent;
        let ledger = self.ledger()?;
        ledger.append(event)?;
        if is_delivered {
            agent.tell_sign_out(Ledger::history(ledger));
        }
        Ok(())
    }
}

impl Record for LazyJournal<'_> {
    fn history(&mut self) -> Result<&History, LedgerError> {
        Ok(Ledger::history(self.ledger()?))
    }
}

impl Agent<'_> {
    /// The ledger for what is written outside of runs, kept as `policy` has it.
    #[must_use]
    pub fn journal(&self, policy: &Policy) -> LazyJournal<'_> {
        LazyJournal {
            agent: self,
            max_segment_bytes: policy.ledger.max_segment_bytes,
            run: self.run_id(),
            waiting: None,
            ledger: None,
        }
    }

    /// Opens the ledger, and says whether another run held it meanwhile.
    pub(super) fn open(
        &self,
        look: &dyn Look,
        policy: &Policy,
        run: &str,
        waiting: &mut dyn FnMut(),
    ) -> Result<(Ledger<'_>, bool), LedgerError> {
        self.open_at(look, policy.ledger.max_segment_bytes, run, waiting)
    }

    fn open_at(
        &self,
        look: &dyn Look,
        max_segment_bytes: u64,
        run: &str,
        waiting: &mut dyn FnMut(),
    ) -> Result<(Ledger<'_>, bool), LedgerError> {
        let mut waited = false;
        let ledger = Ledger::open(
            LedgerOptions {
                folder: self.places.ledger(),
                head: self.places.head(),
                max_segment_bytes,
                simulated: self.simulated.is_some(),
                boot: host::ask(look, &sysctl::boot_session()).ok().map(|session| session.uuid),
                run: run.to_owned(),
                expected: run_on_record(&self.places.status("json")),
                clock: self.clock,
            },
            IfBusy::Wait {
                tell: &mut |_| {
                    waited = true;
                    waiting();
                },
                stop: &|| self.stop.load(Ordering::Relaxed),
            },
        )?;
        Ok((ledger, waited))
    }

    /// Makes the agent's own folders where they are missing, and refuses any that somebody else could exchange.
    pub(super) fn make_folders(&self) -> Result<(), AgentError> {
        for folder in [self.places.state(), self.places.replaced(), self.places.ledger()] {
            files::make_dir(&folder, 0o755)?;
            files::check_folder(&folder, self.places.root())?;
        }
        Ok(())
    }

    fn make_folders_for_ledger(&self) -> Result<(), LedgerError> {
        self.make_folders().map_err(|error| match error {
            AgentError::Files(error) => error.into(),
            AgentError::Untrusted(error) | AgentError::NotAMac(error) => LedgerError::folder(error),
            AgentError::Ledger(error) | AgentError::Interrupted(error) => error,
        })
    }
}
