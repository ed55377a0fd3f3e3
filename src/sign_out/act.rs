//! The act: one request, on record before it is made, and what came of it.

use std::path::Path;

use chrono::{DateTime, TimeZone, Utc};

use super::Record;
use super::compat;
use super::config::{Config, Log};
use super::confirm::{Vpn, Watching, vpn};
use super::owed::Past;
use crate::clock::{self, Clock, stamp};
use crate::host::sessions::Session;
use crate::host::{Look, ToolError, Touch, ask};
use crate::ledger::history::History;
use crate::ledger::{Event, LedgerError, Stage};
use crate::mac::jamf_trust::{self, EXECUTABLE};
use crate::mac::{open, ps};

/// Which sign-out: whose, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// The user's short name.
    pub user: String,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// What made it due, in the ledger's words.
    pub triggers: Vec<String>,
}

impl Which {
    /// One step of it, for the ledger.
    #[must_use]
    pub fn step(&self, stage: Stage, detail: String, until: Option<DateTime<Utc>>) -> Event {
        Event::SignOut {
            stage,
            user: self.user.clone(),
            due: stamp(self.due),
            triggers: self.triggers.clone(),
            detail,
            until: until.map(stamp),
        }
    }
}

/// What the act works with.
pub struct Act<'a, Z: TimeZone> {
    /// The Mac, to look at.
    pub look: &'a dyn Look,
    /// The Mac, to hand the request to.
    pub touch: &'a dyn Touch,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// What policy says.
    pub config: &'a Config,
    /// The zone of the compatibility log.
    pub zone: &'a Z,
    /// Below what that log is.
    pub root: &'a Path,
}

/// A sign-out that was delivered, and whose confirmation is waited for.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Which.
    pub which: Which,
    watching: Watching,
    /// How it ended, where that was seen and is not on record yet.
    seen: Option<(Stage, String)>,
    /// What went wrong with the compatibility log; empty where nothing did.
    trouble: String,
}

/// How an act ended.
#[derive(Clone, Debug)]
pub enum Done {
    /// Jamf Trust is not installed. On record.
    NotApplicable,
    /// It was refused, or could not be asked for. On record.
    Refused(String),
    /// It was asked for, and whether it was taken is not known. On record as unconfirmed, and not asked for again.
    Unknown(String),
    /// It was delivered, which is on record; whether it did anything is to be seen.
    Delivered(Delivered),
}

impl<Z: TimeZone> Act<'_, Z> {
    /// Signs `session`'s user out, once. `note` is what there is to say beforehand.
    ///
    /// # Errors
    /// [`LedgerError`]: before the request is on disk nothing is run.
    pub fn perform(
        &self,
        record: &mut dyn Record,
        session: &Session,
        which: Which,
        note: Option<String>,
    ) -> Result<Done, LedgerError> {
        let mut notes: Vec<String> = note.into_iter().collect();
        match ask(self.look, &jamf_trust::app()) {
            Ok(None) => {
                record.append(which.step(Stage::NotApplicable, "Jamf Trust is not installed".to_owned(), None))?;
                return Ok(Done::NotApplicable);
            }
            Ok(Some(app)) => notes.push(match app.version {
                Some(version) => format!("Jamf Trust {version}"),
                None => "Jamf Trust of an unknown version".to_owned(),
            }),
            // If it is missing, `open` says so.
            Err(error) => notes.push(format!("whether Jamf Trust is installed could not be read: {}", error.chain())),
        }
        let runs = ask(self.look, &ps::processes())
            .map(|all| all.iter().any(|process| process.uid == session.uid && process.path == EXECUTABLE));
        match runs {
            Ok(true) => notes.push("running".to_owned()),
            Ok(false) if self.config.launch_app => notes.push("not running, started for it".to_owned()),
            Err(error) if self.config.launch_app => {
                notes.push(format!("whether it runs could not be read: {}", error.chain()));
            }
            Ok(false) => {
                let why = "Jamf Trust is not running, and policy does not have it started".to_owned();
                return self.refused(record, &which, why);
            }
            Err(error) => {
                let why = format!("whether Jamf Trust runs could not be read: {}", error.chain());
                return self.refused(record, &which, why);
            }
        }
        let before = vpn(self.look);
        record.append(which.step(Stage::Requested, notes.join(", "), None))?;
        match self.touch.touch(&open::sign_out(session.uid)) {
            Ok(()) => self.delivered(record, which, before).map(Done::Delivered),
            Err(error) if is_refusal(&error) => self.refused(record, &which, error.chain()),
            Err(error) => {
                let why = format!("whether it was taken is not known: {}", error.chain());
                record.append(which.step(Stage::Unconfirmed, why.clone(), None))?;
                Ok(Done::Unknown(why))
            }
        }
    }

    fn refused(&self, record: &mut dyn Record, which: &Which, why: String) -> Result<Done, LedgerError> {
        record.append(which.step(Stage::NotDone, why.clone(), None))?;
        Ok(Done::Refused(why))
    }

    fn delivered(&self, record: &mut dyn Record, which: Which, before: Vpn) -> Result<Delivered, LedgerError> {
        record.append(which.step(Stage::Delivered, String::new(), None))?;
        // The ledger's own time, so that a line that a crash kept away can be told from one that is there.
        let recorded = Past::of(record.history()?, &which.user).delivered_at;
        let at = recorded.unwrap_or_else(|| self.clock.now());
        let line = |log: &Log| compat::add(self.root, log, at.with_timezone(self.zone).naive_local());
        let trouble = self.config.log.as_ref().map_or(Ok(()), line).err().map(|error| error.chain());
        let watching = Watching::new(before, at, self.config.confirm_within);
        Ok(Delivered { which, watching, seen: None, trouble: trouble.unwrap_or_default() })
    }
}

impl Delivered {
    /// Looks at the VPN once more. Puts the outcome on record and returns it, once it is known. Where it could not be put on
    /// record, the next call tries that again.
    ///
    /// # Errors
    /// [`LedgerError`] where it could not be put on record.
    pub fn outcome<Z: TimeZone>(
        &mut self,
        act: &Act<'_, Z>,
        record: &mut dyn Record,
    ) -> Result<Option<(Stage, String)>, LedgerError> {
        if self.seen.is_none() {
            self.seen = self.watching.look(act.look, act.clock.now());
        }
        let Some((stage, mut detail)) = self.seen.clone() else { return Ok(None) };
        if !self.trouble.is_empty() {
            detail.push_str(&format!("; {}", self.trouble));
        }
        record.append(self.which.step(stage, detail.clone(), None))?;
        Ok(Some((stage, detail)))
    }

    /// Ends the watch before its time: nothing confirms it, because of `why`.
    ///
    /// # Errors
    /// [`LedgerError`] where that could not be put on record.
    pub fn leave(self, record: &mut dyn Record, why: &str) -> Result<(), LedgerError> {
        record.append(self.which.step(Stage::Unconfirmed, why.to_owned(), None))
    }
}

/// Whether an error means for certain that the app was not handed the request. A program that hung or vanished may have
/// done it before.
fn is_refusal(error: &ToolError) -> bool {
    match error {
        ToolError::TimedOut { .. }
        | ToolError::Stopped { .. }
        | ToolError::Lost { .. }
        | ToolError::Signalled { .. }
        | ToolError::TooLong { .. } => false,
        ToolError::Misread { status, .. } => status.is_some_and(|status| status != 0),
        _ => true,
    }
}

/// Ends what another life of the agent began for `user` and did not see the end of: completes the line of the compatibility
/// log, and says that nothing confirms the sign-out.
///
/// # Errors
/// [`LedgerError`] where it could not be put on record.
pub fn end_of_another_life<Z: TimeZone>(
    act: &Act<'_, Z>,
    record: &mut dyn Record,
    user: &str,
) -> Result<(), LedgerError> {
    let history = record.history()?;
    let past = Past::of(history, user);
    let (stage, Some(due)) = (past.stage, past.due) else { return Ok(()) };
    let mut detail = match stage {
        Some(Stage::Requested) => {
            "the agent ended, or could not write, after it asked and before it put on record what came of it"
        }
        Some(Stage::Delivered) => "the agent ended before anything that confirms it was on record",
        _ => return Ok(()),
    }
    .to_owned();
    if let (Some(Stage::Delivered), Some(at), Some(log)) = (stage, past.delivered_at, &act.config.log) {
        let local = |at: DateTime<Utc>| at.with_timezone(act.zone).naive_local();
        let count = delivered_in(history, at);
        match compat::complete(act.root, log, local(at), count) {
            Ok(0) => {}
            Ok(_) => detail.push_str("; its line of the compatibility log was written now"),
            Err(error) => detail.push_str(&format!("; {}", error.chain())),
        }
    }
    let which = Which { user: user.to_owned(), due, triggers: Vec::new() };
    record.append(which.step(Stage::Unconfirmed, detail, None))
}

/// How many users' last sign-out was delivered in the same second as `at`: so many lines of the log look the same.
fn delivered_in(history: &History, at: DateTime<Utc>) -> usize {
    let times = history.sign_outs.values().filter_map(|user| clock::read(user.delivered_at.as_deref()?));
    times.filter(|time| time.timestamp() == at.timestamp()).count()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::mac::Misread;

    #[test]
    fn what_may_have_reached_the_app_is_no_refusal() {
        let command = || "open".to_owned();
        let misread = |status| ToolError::Misread {
            asked: command(),
            status: Some(status),
            source: Misread::new("silence", "words"),
        };
        let source = || Arc::new(io::Error::from(io::ErrorKind::NotFound));
        for unknown in [
            ToolError::TimedOut { command: command(), limit: Duration::from_secs(30) },
            ToolError::Stopped { command: command() },
            ToolError::Signalled { command: command(), signal: 9 },
            ToolError::Lost { command: command(), source: source() },
            ToolError::TooLong { command: command(), cap: 1 },
            misread(0),
        ] {
            assert!(!is_refusal(&unknown), "{unknown}");
        }
        for refusal in [
            ToolError::NotStarted { command: command(), source: source() },
            ToolError::Missing { command: command() },
            ToolError::Refused { asked: command(), words: String::new() },
            misread(1),
        ] {
            assert!(is_refusal(&refusal), "{refusal}");
        }
    }
}
