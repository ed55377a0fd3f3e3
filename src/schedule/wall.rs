//! What the clock on the wall shows: instants to local times and back.
//!
//! Only the direction from an instant to its local time is asked of the time zone. The other one is worked out here, because
//! the time zone of the machine (`chrono::Local` 0.4.45) takes the end of a doubled hour for a part of it, and names the
//! later instant of the two first.

use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};

/// The first instant whose local time is asked for, and the last: 1970 and 2200. Outside of it there are no slots.
const RANGE: (i64, i64) = (0, 7_258_118_400);

/// A time zone.
pub(super) struct Wall<'a, Z>(pub &'a Z);

/// When the clock shows one local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The first time. Where the clock never shows it, the first instant at which it shows more.
    pub first: DateTime<Utc>,
    /// The second time, where the clock is put back over it.
    pub second: Option<DateTime<Utc>>,
}

/// Whether `local` is surely within that range, whatever the time zone.
pub(super) fn is_within_range(local: NaiveDateTime) -> bool {
    let (first, last) = RANGE;
    (first + 86_400..=last - 86_400).contains(&local.and_utc().timestamp())
}

/// `at`, or the nearest instant whose local time may be asked for.
pub(super) fn within_range(at: DateTime<Utc>) -> DateTime<Utc> {
    let (first, last) = RANGE;
    if (first..=last).contains(&at.timestamp()) {
        return at;
    }
    DateTime::from_timestamp(at.timestamp().clamp(first, last), 0).unwrap_or(at)
}

impl<Z: TimeZone> Wall<'_, Z> {
    /// The local time at `at`.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let at = within_range(at);
        at.naive_utc() + self.offset(at)
    }

    /// When the clock shows `local`.
    pub fn shown(&self, local: NaiveDateTime) -> Shown {
        let as_utc = within_range(local.and_utc());
        let day = TimeDelta::days(1);
        // No offset is as long as a day, so these are one before and one after the time in question.
        let (before, after) = (self.offset(as_utc - day), self.offset(as_utc + day));
        let mut offsets = vec![before, after, self.offset(as_utc - before), self.offset(as_utc - after)];
        offsets.sort_unstable();
        offsets.dedup();
        // The longer the offset, the earlier the instant.
        let mut shown = offsets.iter().rev().map(|offset| as_utc - *offset).filter(|at| self.local(*at) == local);
        match shown.next() {
            Some(first) => Shown { first, second: shown.next_back() },
            None => Shown { first: self.first_past(local, as_utc), second: None },
        }
    }

    /// For how long the clock has been, or will have been, put back over what it shows at `at`; zero where it is not.
    pub fn doubled(&self, at: DateTime<Utc>) -> TimeDelta {
        let shown = self.shown(self.local(at));
        shown.second.map_or(TimeDelta::zero(), |second| second - shown.first)
    }

    /// The first instant at which the clock shows more than `local`, which it never shows.
    fn first_past(&self, local: NaiveDateTime, as_utc: DateTime<Utc>) -> DateTime<Utc> {
        let (mut before, mut past) = (as_utc - TimeDelta::days(1), as_utc + TimeDelta::days(1));
        // Clocks are changed at whole seconds.
        while past - before > TimeDelta::seconds(1) {
            let middle = before + TimeDelta::seconds((past - before).num_seconds() / 2);
            if self.local(middle) < local { before = middle } else { past = middle }
        }
        past
    }

    fn offset(&self, at: DateTime<Utc>) -> TimeDelta {
        let offset = self.0.offset_from_utc_datetime(&within_range(at).naive_utc()).fix();
        TimeDelta::seconds(offset.local_minus_utc().into())
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[track_caller]
    fn check(zone: Tz, local: &str, first: &str, second: Option<&str>) {
        let local: NaiveDateTime = local.parse().unwrap();
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let expected = Shown { first: instant(first), second: second.map(instant) };
        assert_eq!(Wall(&zone).shown(local), expected, "{local} {zone}");
    }

    #[test]
    fn a_local_time_is_found_whatever_the_clock_does() {
        check(Tz::Europe__London, "2026-01-10T09:00:00", "2026-01-10T09:00:00Z", None);
        check(Tz::Europe__London, "2026-07-10T09:00:00", "2026-07-10T08:00:00Z", None);
        check(Tz::America__New_York, "2026-07-10T09:00:00", "2026-07-10T13:00:00Z", None);
    }

    #[test]
    fn a_time_that_the_clock_leaves_out_is_the_first_instant_after_it() {
        check(Tz::Europe__London, "2026-03-29T01:00:00", "2026-03-29T01:00:00Z", None);
        check(Tz::Europe__London, "2026-03-29T01:59:59", "2026-03-29T01:00:00Z", None);
        check(Tz::Europe__London, "2026-03-29T02:00:00", "2026-03-29T01:00:00Z", None);
        // Half an hour.
        check(Tz::Australia__Lord_Howe, "2026-10-04T02:10:00", "2026-10-03T15:30:00Z", None);
        // Summer time ends for the month of fasting.
        check(Tz::Africa__Casablanca, "2026-03-22T02:30:00", "2026-03-22T02:00:00Z", None);
        // A whole day.
        check(Tz::Pacific__Apia, "2011-12-30T12:00:00", "2011-12-30T10:00:00Z", None);
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_has_both_instants() {
        check(Tz::Europe__London, "2026-10-25T00:59:59", "2026-10-24T23:59:59Z", None);
        check(Tz::Europe__London, "2026-10-25T01:00:00", "2026-10-25T00:00:00Z", Some("2026-10-25T01:00:00Z"));
        check(Tz::Europe__London, "2026-10-25T02:00:00", "2026-10-25T02:00:00Z", None);
        check(Tz::Australia__Lord_Howe, "2026-04-05T01:45:00", "2026-04-04T14:45:00Z", Some("2026-04-04T15:15:00Z"));
        check(Tz::Africa__Casablanca, "2026-02-15T02:30:00", "2026-02-15T01:30:00Z", Some("2026-02-15T02:30:00Z"));
    }

    #[test]
    fn no_instant_is_out_of_reach() {
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let wall = Wall(&Tz::Pacific__Apia);
            assert!(wall.local(at) < NaiveDateTime::MAX);
            assert_eq!(wall.doubled(at), TimeDelta::zero());
            wall.shown(at.naive_utc());
        }
    }
}
