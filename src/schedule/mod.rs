//! When what is due: pure functions of policy, history and now. No IO, no clock; the time zone is handed in.
//!
//! A schedule is a set of *slots*, points of time that follow from it alone. Each slot is settled once: by a run at its time,
//! by one run that makes up for it and perhaps others, or by being let go, as its catch-up rule has it. What is settled is on
//! record in the ledger, so that neither a crash nor a restart does anything twice or forgets it.

mod absence;
mod decide;
mod items;
mod pattern;
mod slots;
mod wall;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

pub use absence::{LastAlive, at_start, between, why};
pub use decide::{BootSlot, Decision, Due, Missed, decide};
pub use items::{items, splay_as_followed};

/// For how long after it woke the Mac is left alone with what makes up for missed times: its user wants it now, and the network
/// takes a while.
pub const REST: TimeDelta = TimeDelta::seconds(60);

/// One way in which slots come about.
#[derive(Clone, Debug)]
pub enum Form {
    /// One each so long, counted from the anchor in real time.
    Interval(TimeDelta),
    /// At these local times of day, in order, each once.
    Times(Vec<NaiveTime>),
    /// At the local times of a cron expression.
    Cron(Box<cron::Schedule>),
    /// One for each start of the Mac after the anchor. It is an event and no time, so it is never late and has no splay: it
    /// is due from the start on until it is done.
    Boot,
}

impl Form {
    /// Its trigger.
    #[must_use]
    pub fn trigger(&self) -> Trigger {
        match self {
            Self::Interval(_) => Trigger::Interval,
            Self::Times(_) => Trigger::Time,
            Self::Cron(_) => Trigger::Cron,
            Self::Boot => Trigger::Boot,
        }
    }
}

/// Which form a slot came from, by its word in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// [`Form::Interval`].
    Interval,
    /// [`Form::Times`].
    Time,
    /// [`Form::Cron`].
    Cron,
    /// [`Form::Boot`].
    Boot,
}

impl Trigger {
    /// The word in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::Time => "time",
            Self::Cron => "cron",
            Self::Boot => "boot",
        }
    }
}

/// What becomes of missed slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// One run makes up for all of them.
    Once,
    /// They are let go.
    Skip,
}

/// What an item does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Looks at these controls, by id, and mends them.
    Checks(Vec<&'static str>),
    /// Signs users out of Jamf Trust.
    SignOut,
}

/// One line of the schedule.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name in the ledger: `checks`, `slow_checks`, `passes`, `control:ID`, `sign_out`.
    pub name: String,
    /// What it does.
    pub work: Work,
    /// How its slots come about, each kind at most once; empty is never.
    pub forms: Vec<Form>,
    /// What becomes of missed slots.
    pub catch_up: CatchUp,
    /// By how much later this Mac is than the schedule, the same at all times; in whole seconds.
    pub splay: TimeDelta,
    /// Whether it waits while the battery is low.
    pub needs_power: bool,
    /// The schedule in words. Another text is another schedule, with an anchor of its own.
    pub words: String,
}

/// Why the agent could not do something at a time that it was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The Mac slept.
    Asleep,
    /// The Mac was switched off.
    PoweredOff,
    /// The Mac was on and the daemon did not run.
    DaemonStopped,
    /// The daemon was there and got no time to run.
    Stalled,
    /// The clock was set forward over that time.
    ClockSetForward,
    /// The clock was set back: no time was lost, some comes twice. Never why something was missed.
    ClockSetBack,
    /// Nobody was logged in.
    NobodyLoggedIn,
    /// The battery was low.
    BatteryLow,
    /// Something else took too long.
    Busy,
}

impl Why {
    /// The word in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Asleep => "asleep",
            Self::PoweredOff => "powered_off",
            Self::DaemonStopped => "daemon_stopped",
            Self::Stalled => "stalled",
            Self::ClockSetForward => "clock_set_forward",
            Self::ClockSetBack => "clock_set_back",
            Self::NobodyLoggedIn => "nobody_logged_in",
            Self::BatteryLow => "battery_low",
            Self::Busy => "busy",
        }
    }
}

/// A time in which the agent could not do anything, or that never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Its beginning. Later than its end where the clock was set back: then no time is in it.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// What it was.
    pub why: Why,
}
