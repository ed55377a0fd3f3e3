//! Points and lengths of time as people write them on the command line.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// What was written is not a length or point of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// Not a length of time.
    #[error("`{given}` is not a length of time: a whole number and h, d or w is, as in 12h, 90d or 4w")]
    Age {
        /// What was written.
        given: String,
    },
    /// A length of time that reaches beyond the calendar.
    #[error("`{given}` is longer than can be reckoned with")]
    TooLong {
        /// What was written.
        given: String,
    },
    /// Not a point of time.
    #[error(
        "`{given}` is not a point of time: 2026-03-31 is (its start, in UTC), or 2026-03-31T08:00:00Z, or 12h, 90d or 4w ago"
    )]
    Point {
        /// What was written.
        given: String,
    },
}

/// A length of time: a whole number of hours (`h`), days of 24 hours (`d`) or weeks (`w`).
///
/// # Errors
/// [`WhenError::Age`], [`WhenError::TooLong`].
pub fn age(given: &str) -> Result<TimeDelta, WhenError> {
    let shown = || crate::text::excerpt(given);
    let unit = [('h', 1), ('d', 24), ('w', 7 * 24)];
    let parts = unit.into_iter().find_map(|(letter, hours)| Some((given.strip_suffix(letter)?, hours)));
    let (digits, hours) = parts
        .filter(|(digits, _)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| WhenError::Age { given: shown() })?;
    let length = digits.parse::<i64>().ok().and_then(|n| n.checked_mul(hours)).and_then(TimeDelta::try_hours);
    length.ok_or_else(|| WhenError::TooLong { given: shown() })
}

/// The point of time that lies [`age`] before `now`.
///
/// # Errors
/// As [`age`]; [`WhenError::TooLong`] also where it lies before all calendars.
pub fn ago(given: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, WhenError> {
    let too_long = || WhenError::TooLong { given: crate::text::excerpt(given) };
    now.checked_sub_signed(age(given)?).ok_or_else(too_long)
}

/// A point of time: RFC 3339, a date (its start, in UTC, as the ledger's own times are), or a length of time before `now`.
///
/// # Errors
/// [`WhenError::Point`], [`WhenError::TooLong`].
pub fn since(given: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, WhenError> {
    if let Ok(point) = DateTime::parse_from_rfc3339(given) {
        return Ok(point.to_utc());
    }
    if let Ok(day) = NaiveDate::parse_from_str(given, "%Y-%m-%d") {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    ago(given, now).map_err(|error| match error {
        WhenError::Age { given } => WhenError::Point { given },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-03-31T08:00:00Z").unwrap().to_utc()
    }

    #[test]
    fn lengths_of_time_are_whole_numbers_with_a_unit() {
        assert_eq!(age("12h"), Ok(TimeDelta::hours(12)));
        assert_eq!(age("90d"), Ok(TimeDelta::days(90)));
        assert_eq!(age("4w"), Ok(TimeDelta::weeks(4)));
        assert_eq!(age("0d"), Ok(TimeDelta::zero()));
    }

    #[test]
    fn anything_else_is_refused_and_shown() {
        for given in ["", "d", "90", "90 d", "-1d", "+1d", "1.5d", "90days", "1m", "९d", "\u{202e}d"] {
            let error = age(given).unwrap_err();
            assert!(matches!(error, WhenError::Age { .. }), "{given}: {error}");
        }
        for given in ["99999999999999999999d", "9223372036854775807w", "106751991167301d"] {
            assert!(matches!(age(given), Err(WhenError::TooLong { .. })), "{given}");
        }
        assert!(matches!(ago("99999999w", now()), Err(WhenError::TooLong { .. })));
        assert!(age("90x\u{1b}").unwrap_err().to_string().contains("`90x\\u{1b}`"));
    }

    #[test]
    fn points_of_time_come_in_three_forms() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        assert_eq!(since("2026-03-30T10:00:00+02:00", now()), Ok(at("2026-03-30T08:00:00Z")));
        assert_eq!(since("2026-03-30", now()), Ok(at("2026-03-30T00:00:00Z")));
        assert_eq!(since("24h", now()), Ok(at("2026-03-30T08:00:00Z")));
        for given in ["yesterday", "2026-02-30", "2026-03-30T10:00:00", ""] {
            assert!(matches!(since(given, now()), Err(WhenError::Point { .. })), "{given}");
        }
    }
}
