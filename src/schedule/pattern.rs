//! Local times that repeat: which days, and which times on them. Knows no time zone, as a clock on the wall does not.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use cron::{Schedule, TimeUnitSpec};

/// The years that the crate `cron` knows.
const YEARS: RangeInclusive<i32> = 1970..=2100;

/// Local times that repeat, in whole seconds.
#[derive(Clone, Copy)]
pub(super) enum Pattern<'a> {
    /// These times on every day.
    Daily(&'a [NaiveTime]),
    /// Those of a cron expression. A day is one where month, day of the month and day of the week all fit.
    Cron(&'a Schedule),
}

impl Pattern<'_> {
    /// Whether it is by the hour: then it follows the hours that pass, and not those that a day is said to have.
    pub fn is_hourly(self) -> bool {
        matches!(self, Self::Cron(cron) if cron.hours().is_all())
    }

    /// The first time after `after`.
    pub fn next(self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.is_day(after.date())
            && let Some(time) = self.first_time(Some(after.time()))
        {
            return Some(after.date().and_time(time));
        }
        let mut day = after.date().succ_opt()?;
        while !self.is_day(day) {
            day = self.later_day(day)?;
        }
        Some(day.and_time(self.first_time(None)?))
    }

    /// The last time up to `until`, itself included.
    pub fn last(self, until: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.is_day(until.date())
            && let Some(time) = self.last_time(Some(until.time()))
        {
            return Some(until.date().and_time(time));
        }
        let mut day = until.date().pred_opt()?;
        while !self.is_day(day) {
            day = self.earlier_day(day)?;
        }
        Some(day.and_time(self.last_time(None)?))
    }

    fn is_day(self, day: NaiveDate) -> bool {
        match self {
            Self::Daily(_) => true,
            Self::Cron(cron) => {
                YEARS.contains(&day.year())
                    && cron.years().includes(day.year_ce().1)
                    && cron.months().includes(day.month())
                    && cron.days_of_month().includes(day.day())
                    && cron.days_of_week().includes(day.weekday().number_from_sunday())
            }
        }
    }

    /// A day after `day` with none between them.
    fn later_day(self, day: NaiveDate) -> Option<NaiveDate> {
        let Self::Cron(cron) = self else { return day.succ_opt() };
        if day.year() < *YEARS.start() {
            return NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1);
        }
        if day.year() > *YEARS.end() {
            return None;
        }
        if !cron.years().includes(day.year_ce().1) {
            return NaiveDate::from_ymd_opt(day.year() + 1, 1, 1);
        }
        if !cron.months().includes(day.month()) {
            let (year, month) = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
            return NaiveDate::from_ymd_opt(year, month, 1);
        }
        day.succ_opt()
    }

    /// A day before `day` with none between them.
    fn earlier_day(self, day: NaiveDate) -> Option<NaiveDate> {
        let Self::Cron(cron) = self else { return day.pred_opt() };
        if day.year() > *YEARS.end() {
            return NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31);
        }
        if day.year() < *YEARS.start() {
            return None;
        }
        if !cron.years().includes(day.year_ce().1) {
            return NaiveDate::from_ymd_opt(day.year() - 1, 12, 31);
        }
        if !cron.months().includes(day.month()) {
            return day.checked_sub_days(Days::new(day.day().into()));
        }
        day.pred_opt()
    }

    /// The first time of a day after `after`; of all where there is none.
    fn first_time(self, after: Option<NaiveTime>) -> Option<NaiveTime> {
        let cron = match self {
            Self::Daily(times) => return times.iter().copied().filter(|time| after.is_none_or(|at| *time > at)).min(),
            Self::Cron(cron) => cron,
        };
        let (hour, minute, second) = match after {
            Some(at) => (at.hour(), at.minute(), at.second() + 1),
            None => (0, 0, 0),
        };
        cron.hours().range(hour..).find_map(|h| {
            let minute = if h == hour { minute } else { 0 };
            cron.minutes().range(minute..).find_map(|m| {
                let second = if (h, m) == (hour, minute) { second } else { 0 };
                NaiveTime::from_hms_opt(h, m, cron.seconds().range(second..).next()?)
            })
        })
    }

    /// The last time of a day up to `until`; of all where there is none.
    fn last_time(self, until: Option<NaiveTime>) -> Option<NaiveTime> {
        let cron = match self {
            Self::Daily(times) => return times.iter().copied().filter(|time| until.is_none_or(|at| *time <= at)).max(),
            Self::Cron(cron) => cron,
        };
        let (hour, minute, second) = until.map_or((23, 59, 59), |at| (at.hour(), at.minute(), at.second()));
        cron.hours().range(..=hour).rev().find_map(|h| {
            let minute = if h == hour { minute } else { 59 };
            cron.minutes().range(..=minute).rev().find_map(|m| {
                let second = if (h, m) == (hour, minute) { second } else { 59 };
                NaiveTime::from_hms_opt(h, m, cron.seconds().range(..=second).next_back()?)
            })
        })
    }
}

/// A second, the grain of all patterns.
pub(super) const GRAIN: TimeDelta = TimeDelta::seconds(1);

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::*;

    /// By the crate itself, which reckons forward only where its results can be trusted.
    fn by_the_crate(cron: &Schedule, after: NaiveDateTime) -> Option<NaiveDateTime> {
        cron.after(&after.and_utc()).next().map(|at| at.naive_utc())
    }

    fn at(seconds: i64) -> NaiveDateTime {
        DateTime::<Utc>::from_timestamp(seconds, 0).unwrap().naive_utc()
    }

    const EXPRESSIONS: [&str; 12] = [
        "0 0 9 * * *",
        "30 */20 * * * *",
        "* * * * * *",
        "0 0 12 29 2 *",
        "59 59 23 31 12 *",
        "0 30 7,19 ? * Mon-Fri",
        "15 10-12 0 1,15 * *",
        "0 0 0 13 * Fri",
        "0 0 */6 * 1,7 * 2027-2040",
        "@weekly",
        "@monthly",
        "5 4 3 * Feb Sun 2028",
    ];

    proptest! {
        #[test]
        fn times_are_those_of_the_crate(n in 0..EXPRESSIONS.len(), seconds in 1_600_000_000_i64..2_200_000_000) {
            let cron = Schedule::from_str(EXPRESSIONS[n]).unwrap();
            let pattern = Pattern::Cron(&cron);
            let next = pattern.next(at(seconds));
            prop_assert_eq!(next, by_the_crate(&cron, at(seconds)));
            // Backwards is forwards, reversed.
            if let Some(next) = next {
                prop_assert_eq!(pattern.last(next), Some(next));
                let before = pattern.last(next - GRAIN);
                prop_assert!(before.is_none_or(|before| before <= at(seconds)));
                prop_assert!(before.is_none_or(|before| pattern.next(before) == Some(next)));
            }
        }

        #[test]
        fn daily_times_come_in_order_each_day(seconds in 0_i64..4_000_000_000, hours in proptest::collection::vec(0_u32..24, 1..4)) {
            let times: Vec<NaiveTime> = hours.iter().map(|hour| NaiveTime::from_hms_opt(*hour, 30, 0).unwrap()).collect();
            let pattern = Pattern::Daily(&times);
            let next = pattern.next(at(seconds)).unwrap();
            prop_assert!(next > at(seconds) && next - at(seconds) <= TimeDelta::days(1) && times.contains(&next.time()));
            prop_assert_eq!(pattern.last(next), Some(next));
            prop_assert!(pattern.last(next - GRAIN).unwrap() <= at(seconds));
        }
    }

    #[test]
    fn a_pattern_ends_with_its_years_and_may_be_empty() {
        let once = Schedule::from_str("0 0 0 1 1 * 2030").unwrap();
        assert_eq!(Pattern::Cron(&once).next(at(1_893_456_000)), None);
        assert_eq!(Pattern::Cron(&once).last(at(1_893_455_999)), None);
        assert_eq!(Pattern::Cron(&once).last(at(4_000_000_000)), Some(at(1_893_456_000)));
        let never = Schedule::from_str("0 0 0 30 2 *").unwrap();
        assert_eq!((Pattern::Cron(&never).next(at(0)), Pattern::Cron(&never).last(at(4_000_000_000))), (None, None));
        assert_eq!((Pattern::Daily(&[]).next(at(0)), Pattern::Daily(&[]).last(at(0))), (None, None));
        for end in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
            for cron in [&once, &never] {
                let _ = (Pattern::Cron(cron).next(end), Pattern::Cron(cron).last(end));
            }
        }
    }
}
