//! Times for people: local, with how far that is from UTC, so that none can be mistaken for another.

use chrono::{DateTime, Offset, TimeZone, Utc};

use crate::text::visible;

/// Columns that a time takes.
pub const COLUMNS: usize = 26;

/// `time` as a clock in `zone` shows it, `2026-11-22 10:24:31 +01:00`.
#[must_use]
pub fn at<Z: TimeZone>(time: DateTime<Utc>, zone: &Z) -> String {
    format(time, zone, "%Y-%m-%d %H:%M:%S %:z")
}

/// The same without the distance from UTC, for readers that take no zone.
#[must_use]
pub fn seconds<Z: TimeZone>(time: DateTime<Utc>, zone: &Z) -> String {
    format(time, zone, "%Y-%m-%d %H:%M:%S")
}

/// A time of the ledger's as [`at`] shows it; as it stands there, made safe to show, where it is none.
#[must_use]
pub fn shown<Z: TimeZone>(text: &str, zone: &Z) -> String {
    parse(text).map_or_else(|| visible(text), |time| at(time, zone))
}

/// The same without the distance from UTC, for columns whose heading says that they are local.
#[must_use]
pub fn bare<Z: TimeZone>(text: &str, zone: &Z) -> String {
    parse(text).map_or_else(|| visible(text), |time| seconds(time, zone))
}

/// A time of the ledger's; `None` where it is none.
#[must_use]
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

fn format<Z: TimeZone>(time: DateTime<Utc>, zone: &Z, form: &str) -> String {
    let offset = zone.offset_from_utc_datetime(&time.naive_utc()).fix();
    time.with_timezone(&offset).format(form).to_string()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn a_time_is_shown_as_the_clock_there_shows_it() {
        let zone = &Tz::America__New_York;
        for (utc, local) in [
            ("2026-07-01T03:30:00.500Z", "2026-06-30 23:30:00 -04:00"),
            // The doubled hour: what differs is the distance from UTC.
            ("2026-11-01T05:30:00.000Z", "2026-11-01 01:30:00 -04:00"),
            ("2026-11-01T06:30:00.000Z", "2026-11-01 01:30:00 -05:00"),
        ] {
            assert_eq!(shown(utc, zone), local);
            assert_eq!(local.len(), COLUMNS);
            assert_eq!(format!("{} {}", bare(utc, zone), local.rsplit(' ').next().unwrap()), local);
        }
    }

    #[test]
    fn what_is_no_time_is_shown_as_it_is_and_steers_no_terminal() {
        for said in [shown("soon\u{1b}[2J", &Utc), bare("soon\u{1b}[2J", &Utc)] {
            assert_eq!(said, "soon\\u{1b}[2J");
        }
    }
}
