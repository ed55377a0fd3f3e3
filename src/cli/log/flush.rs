//! `log flush`.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;

use crate::cli::exit::Exit;
use crate::cli::machine::{Machine, complain};
use crate::cli::{environment, out, stop};
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::host::{Look, ask};
use crate::ledger::{IfBusy, Ledger, LedgerOptions, run_on_record, when};
use crate::mac::sysctl;
use crate::policy::{LedgerPolicy, Origin};

/// Removes whole segments that are older than `older_than`, as people write a length of time.
pub fn run(machine: &Machine, older_than: &str) -> Exit {
    let age = match when::age(older_than) {
        Ok(age) => age,
        Err(error) => return complain(&error.to_string(), Exit::Usage),
    };
    let policy = machine.agent("log flush", controls::all()).load_policy(machine.look()).policy.ledger;
    if let Some(why) = refusal(&policy, age) {
        return complain(&why, Exit::CouldNotRun);
    }
    if let Err(error) = stop::listen() {
        return complain(&format!("signals cannot be listened for: {error}"), Exit::CouldNotRun);
    }
    let places = machine.places();
    let look: &dyn Look = machine.look();
    let opened = Ledger::open(
        LedgerOptions {
            folder: places.ledger(),
            head: places.head(),
            max_segment_bytes: policy.max_segment_bytes,
            simulated: machine.simulated_name().is_some(),
            boot: ask(look, &sysctl::boot_session()).ok().map(|session| session.uuid),
            run: format!("{}-{}", SystemClock.now().format("%Y%m%dT%H%M%S%3fZ"), std::process::id()),
            expected: run_on_record(&places.status("json")),
            clock: &SystemClock,
        },
        IfBusy::Wait {
            tell: &mut |_| out::error("holdfast: another run holds the ledger; waiting for it to end\n"),
            stop: &|| stop::STOP.load(Ordering::Relaxed),
        },
    );
    let because = format!("log flush --older-than {older_than} by {}", environment::user());
    let flushed = opened.and_then(|mut ledger| {
        let removed = ledger.flush(age, &because)?;
        ledger.close()?;
        Ok(removed)
    });
    match flushed {
        Ok(removed) if removed.is_empty() => {
            out::print(&format!("no whole segment is older than {older_than}\n"));
            Exit::Fine
        }
        Ok(removed) => {
            out::print(&format!("removed {}\n", removed.join(", ")));
            Exit::Fine
        }
        Err(error) => {
            out::failure(&error);
            Exit::CouldNotRun
        }
    }
}

/// Why policy forbids it: what an MDM wants kept, nobody at the Mac may remove. A local retention is root's own to shorten.
fn refusal(policy: &LedgerPolicy, age: TimeDelta) -> Option<String> {
    let is_managed = matches!(policy.retention_days_from, Origin::Managed | Origin::ManagedLastGood);
    let days = policy.retention_days;
    match days {
        _ if !is_managed => None,
        0 => Some("the managed policy keeps the ledger for ever: nothing is removed".to_owned()),
        _ if age < TimeDelta::days(days.into()) => {
            Some(format!("the managed policy keeps the ledger for {days} days: nothing younger is removed"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_managed_retention_keeps_cannot_be_flushed_earlier() {
        let policy = |retention_days, retention_days_from| LedgerPolicy {
            max_segment_bytes: 1,
            max_segment_bytes_from: Origin::Default,
            retention_days,
            retention_days_from,
        };
        for from in [Origin::Managed, Origin::ManagedLastGood] {
            assert!(refusal(&policy(90, from), TimeDelta::hours(90 * 24 - 1)).is_some());
            assert!(refusal(&policy(90, from), TimeDelta::days(90)).is_none());
            assert!(refusal(&policy(0, from), TimeDelta::days(90_000)).is_some());
        }
        for from in [Origin::Local, Origin::LocalLastGood, Origin::Default] {
            assert!(refusal(&policy(90, from), TimeDelta::zero()).is_none());
        }
    }
}
