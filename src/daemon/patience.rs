//! Waiting longer each time: before something that failed is tried again, and before an event is followed that keeps coming and
//! means nothing. Reckoned in time awake, which nobody can set.

use std::collections::BTreeMap;

use chrono::TimeDelta;

/// What failed, and is tried again after 30 s, then after twice as long each time, up to 5 minutes.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
    until: Option<TimeDelta>,
}

impl Backoff {
    const FIRST: TimeDelta = TimeDelta::seconds(30);
    const LONGEST: TimeDelta = TimeDelta::seconds(300);

    /// It failed again, at `now`.
    pub fn fails(&mut self, now: TimeDelta) {
        let delay = Self::FIRST.checked_mul(1 << self.failures.min(8)).unwrap_or(Self::LONGEST).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = now.checked_add(&delay);
    }

    /// It went well.
    pub fn is_well(&mut self) {
        *self = Self::default();
    }

    /// Until when it is not to be tried, where that is still to come.
    #[must_use]
    pub fn waits(&self, now: TimeDelta) -> Option<TimeDelta> {
        self.until.filter(|until| *until > now)
    }
}

/// How often events had each control looked at for nothing, lately.
#[derive(Debug, Default)]
pub struct Alarms(BTreeMap<&'static str, Alarm>);

#[derive(Debug)]
struct Alarm {
    at: TimeDelta,
    in_vain: u32,
}

impl Alarms {
    /// So many false alarms are followed at once. A change of our own is one for every control that reads the same file, and
    /// somebody may go through such a file key by key.
    const FREE: u32 = 12;
    const LONGEST: TimeDelta = TimeDelta::seconds(60);

    /// When an event about `control` may next be followed.
    #[must_use]
    pub fn from(&self, control: &str) -> Option<TimeDelta> {
        let alarm = self.0.get(control)?;
        let more = alarm.in_vain.checked_sub(Self::FREE)?;
        let delay = TimeDelta::seconds(1 << more.min(6)).min(Self::LONGEST);
        alarm.at.checked_add(&delay)
    }

    /// An event had `control` looked at, and whether it was `in_vain`.
    pub fn followed(&mut self, control: &'static str, in_vain: bool, now: TimeDelta) {
        let alarm = self.0.entry(control).or_insert(Alarm { at: now, in_vain: 0 });
        // After a quiet while the next one may well mean something.
        let is_old = now.checked_sub(&alarm.at).is_none_or(|age| age > Self::LONGEST * 2);
        alarm.in_vain = if !in_vain || is_old { u32::from(in_vain) } else { alarm.in_vain.saturating_add(1) };
        alarm.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> TimeDelta {
        TimeDelta::seconds(seconds)
    }

    #[test]
    fn what_fails_is_tried_again_later_and_later() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.waits(at(0)), None);
        for delay in [30, 60, 120, 240, 300, 300] {
            backoff.fails(at(1000));
            assert_eq!(backoff.waits(at(1000)), Some(at(1000 + delay)));
            assert_eq!(backoff.waits(at(1000 + delay)), None);
        }
        backoff.is_well();
        backoff.fails(at(1000));
        assert_eq!(backoff.waits(at(1000)), Some(at(1030)));
    }

    #[test]
    fn an_event_that_means_nothing_is_followed_less_and_less() {
        let mut alarms = Alarms::default();
        for _ in 1..Alarms::FREE {
            alarms.followed("a", true, at(100));
            assert_eq!(alarms.from("a"), None);
        }
        for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
            alarms.followed("a", true, at(100));
            assert_eq!(alarms.from("a"), Some(at(100 + delay)));
        }
        assert_eq!(alarms.from("b"), None);
        alarms.followed("a", false, at(160));
        assert_eq!(alarms.from("a"), None, "this one meant something");
    }

    #[test]
    fn false_alarms_of_long_ago_are_forgotten() {
        let mut alarms = Alarms::default();
        for second in 0..i64::from(Alarms::FREE) + 2 {
            alarms.followed("a", true, at(second));
        }
        assert!(alarms.from("a").is_some());
        alarms.followed("a", true, at(1000));
        assert_eq!(alarms.from("a"), None);
    }
}
