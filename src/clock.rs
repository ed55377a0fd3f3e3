//! Wall-clock time, behind a trait so that nothing below the composition root reads a clock of its own.

use std::sync::OnceLock;
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// One reading of all clocks, which between two of them tells sleep, a stop, a restart and a change of the time apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall-clock time, in UTC. Sleep moves it on, and anybody can set it.
    pub wall: DateTime<Utc>,
    /// When the Mac was started, by the wall clock: setting the clock moves this by as much (`kern.boottime`), sleep does not.
    /// `None` where the kernel did not say.
    pub booted: Option<DateTime<Utc>>,
    /// For how long the Mac has been awake, counted from no particular time: sleep stops it, and nobody can set it
    /// (`mach_absolute_time`).
    pub awake: TimeDelta,
}

/// Something that knows what time it is.
pub trait Clock: Sync {
    /// The wall-clock time now, in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// All clocks at once. One that only knows the wall clock stands still in everything else.
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), booted: None, awake: TimeDelta::zero() }
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that may read the clock
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// The kernel gives the time of the start in whole seconds, and moves it a little while the network sets the clock.
    #[allow(clippy::disallowed_methods)] // the one place that may read the clock
    fn moment(&self) -> Moment {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        let awake = BEGAN.get_or_init(Instant::now).elapsed();
        let booted = sysinfo::System::boot_time().ok().and_then(|seconds| i64::try_from(seconds).ok());
        Moment {
            wall: Utc::now(),
            booted: booted.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            awake: TimeDelta::from_std(awake).unwrap_or(TimeDelta::MAX),
        }
    }
}

/// A clock that stands still at one instant, for tests and reproducible samples.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// An instant as RFC 3339 in UTC with milliseconds, the one form that ledger and reports use.
#[must_use]
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The instant that a text in RFC 3339 names; `None` where it names none.
#[must_use]
pub fn read(stamp: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(stamp).ok().map(|time| time.to_utc())
}
