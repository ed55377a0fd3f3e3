//! The end of a run: its counts, the retention, the state for other tools, and only then the lock.

use chrono::TimeDelta;

use super::{Agent, AgentError};
use crate::clock::stamp;
use crate::facts::Facts;
use crate::host::files;
use crate::ledger::{Counts, Event, Journal, Ledger};
use crate::policy::{Policy, Problem};
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
                    time: &stamp(self.clock.now()),
                    run: ended.run,
                    command: ended.command,
                    policy: ended.policy,
                    problems: ended.problems,
                    mac: ended.facts.map(ToString::to_string).as_deref(),
                    simulated: self.simulated.as_deref(),
                },
            );
            let json = format!("{:#}\n", serde_json::Value::Object(map.clone()));
            files::write_whole(&self.places.status("json"), json.as_bytes(), 0o644)?;
            files::write_whole(&self.places.status("plist"), &status::plist(&map), 0o644)?;
        }
        Ok(ledger.close()?)
    }
}
