//! The end of a run: its counts, the retention, the state for other tools, and only then the lock.

use chrono::TimeDelta;

use serde_json::{Map, Value};

use super::{Agent, AgentError};
use crate::facts::Facts;
use crate::host::files::{self, WriteError};
use crate::ledger::history::History;
use crate::ledger::{Counts, Event, Journal, Ledger};
use crate::mac::FileAnswer;
use crate::policy::{Policy, Problem};
use crate::report::posture::Posture;
use crate::report::status::{self, Stands};

/// A run that has come to its end.
pub(super) struct Ended<'a> {
    pub(super) run: &'a str,
    /// `enforce` or `hold`.
    pub(super) command: &'a str,
    pub(super) policy: &'a Policy,
    pub(super) problems: &'a [Problem],
    pub(super) facts: Option<&'a Facts>,
    pub(super) counts: Counts,
    pub(super) interrupted: bool,
    pub(super) partial: bool,
    /// The controls that are as they are on record.
    pub(super) unchanged: Vec<String>,
    /// How every control stands, for other tools; `None` leaves them what is there.
    pub(super) stands: Option<Vec<Stands>>,
}

impl Agent<'_> {
    pub(super) fn finish(&self, mut ledger: Ledger<'_>, ended: Ended<'_>) -> Result<(), AgentError> {
        let Ended { counts, interrupted, partial, .. } = ended;
        ledger.append(Event::RunEnded { counts, interrupted, partial, unchanged: ended.unchanged })?;
        let days = ended.policy.ledger.retention_days;
        if days > 0 {
            ledger.flush(TimeDelta::days(days.into()), &format!("retention of {days} days"))?;
        }
        if let Some(stands) = ended.stands {
            let map = status::flat(
                &stands,
                &status::Written {
                    time: self.clock.now(),
                    run: ended.run,
                    command: ended.command,
                    policy: ended.policy,
                    problems: ended.problems,
                    mac: ended.facts.map(ToString::to_string).as_deref(),
                    simulated: self.simulated.as_deref(),
                    signed_out: status::last_sign_out(ledger.history()),
                },
            );
            self.write_state(&map)?;
            self.write_posture(ledger.history(), ended.policy, ended.facts)?;
        }
        Ok(ledger.close()?)
    }

    /// Writes the state for other tools. The caller holds the ledger's lock, so that no older state comes after a newer one.
    fn write_state(&self, map: &Map<String, Value>) -> Result<(), WriteError> {
        files::write_whole(&self.places.status("json"), &status::json(map), 0o644)?;
        files::write_whole(&self.places.status("plist"), &status::plist(map), 0o644)
    }

    /// Writes the posture beside it.
    fn write_posture(&self, history: &History, policy: &Policy, facts: Option<&Facts>) -> Result<(), WriteError> {
        let posture = Posture::of(&crate::controls::all(), history, policy, facts, self.clock.now());
        let document = posture.json(self.simulated.as_deref());
        files::write_whole(&self.places.posture(), format!("{document:#}\n").as_bytes(), 0o644)
    }

    /// Has the state for other tools tell of a sign-out between two passes, and leaves everything else in it as it is. For
    /// whoever holds the ledger's lock. Where no pass has written a state there is nothing to add to; where it cannot be read
    /// or written the next pass writes it whole.
    pub(super) fn tell_sign_out(&self, history: &History) {
        let path = self.places.status("json");
        let bytes = match files::read(&path) {
            Ok(FileAnswer::Absent) => return,
            Ok(FileAnswer::Present { bytes, .. }) => bytes,
            Err(error) => return tracing::warn!("the state file does not tell of a sign-out: {}", error.chain()),
        };
        let Ok(Value::Object(mut map)) = serde_json::from_slice(&bytes) else {
            return tracing::warn!("the state file does not tell of a sign-out: {} is not its own", path.display());
        };
        if !status::put_sign_out(&mut map, status::last_sign_out(history)) {
            return;
        }
        if let Err(error) = self.write_state(&map) {
            tracing::warn!("the state file does not tell of a sign-out: {error}: {}", error.source);
        }
    }
}
