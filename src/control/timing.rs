//! Times of day and cron expressions as policy writes them.

use std::str::FromStr;

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use cron::{Schedule, TimeUnitSpec};

use crate::text;

/// The most times of day that one schedule may have.
pub const MOST_TIMES: usize = 48;
/// The longest cron expression, in characters. The parser has no limit of its own, and a list may name an hour twice.
pub const LONGEST_CRON: usize = 200;

/// A time of day as policy writes it, `HH:MM`.
#[must_use]
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.split_once(':')?;
    let number =
        |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?;
    NaiveTime::from_hms_opt(number(hour)?, number(minute)?, 0)
}

/// What is wrong with a list of times of day; `None` where nothing is.
pub(super) fn objection_to_times(list: &[String]) -> Option<String> {
    let mut seen = Vec::new();
    for text in list {
        let Some(time) = time_of_day(text) else {
            return Some(format!("\"{}\" is not a time of day between 00:00 and 23:59", text::excerpt(text)));
        };
        if seen.contains(&time) {
            return Some(format!("{text} is named more than once"));
        }
        seen.push(time);
    }
    (list.len() > MOST_TIMES).then(|| format!("it has {} times, more than {MOST_TIMES}", list.len()))
}

/// What is wrong with a cron expression; `None` where nothing is, and where there is none.
///
/// It is held to more than the crate asks for: its parser takes fields without spaces between them, and days of the week by
/// number, where 1 is Sunday. In crontab(5) it is Monday: whoever writes a number means one of the two.
pub(super) fn objection_to_cron(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.chars().any(text::is_unsafe) {
        return Some("it has control characters".to_owned());
    }
    if text.chars().count() > LONGEST_CRON {
        return Some(format!("it has more than {LONGEST_CRON} characters"));
    }
    let shown = text::excerpt(text);
    let fields: Vec<&str> = text.split_whitespace().collect();
    let named = text.trim_start().starts_with('@');
    if !named && !(6..=7).contains(&fields.len()) {
        let found = text::count(fields.len(), "field", "fields");
        return Some(format!(
            "\"{shown}\" has {found} where six belong (second, minute, hour, day of the month, month, day of the week), \
             or seven with the year"
        ));
    }
    let schedule = match Schedule::from_str(text) {
        Ok(schedule) => schedule,
        Err(error) => return Some(format!("\"{shown}\" is not a cron expression: {}", reason(text, &error))),
    };
    if fields.get(5).is_some_and(|days| has_numbered_day(days)) {
        return Some(format!(
            "\"{shown}\" has the day of the week as a number, which not all count from the same day: name it (MON-FRI)"
        ));
    }
    schedule.after(&DateTime::<Utc>::UNIX_EPOCH).next().is_none().then(|| format!("\"{shown}\" is never due"))
}

/// Whether a field names a day by its number; the number after `/` is a step.
fn has_numbered_day(field: &str) -> bool {
    field.split(',').any(|part| part.split('/').next().unwrap_or(part).contains(|c: char| c.is_ascii_digit()))
}

/// What the parser has against `text`. It says so in up to three lines: the text, a `^` below the place, the reason.
fn reason(text: &str, error: &cron::error::Error) -> String {
    let said = error.to_string();
    let mut lines = said.lines().skip(1);
    let place = lines.next().and_then(|line| line.find('^'));
    let why = lines.next().filter(|why| !why.is_empty());
    match (why, place.and_then(|at| text.get(at..)?.split_whitespace().next())) {
        // Its "less than 23" for hours means that 23 is the last.
        (Some(why), _) => text::excerpt(&why.replace("must be less than", "must be at most")),
        (None, Some(word)) => format!("\"{}\" is not understood", text::excerpt(word)),
        (None, None) => "it ends too early".to_owned(),
    }
}

/// The shortest time between two slots of a cron expression, by the clock on the wall; `None` for an expression that is none.
///
/// Reckoned as if every day were due: what is due once a week at 23:59 and at 00:00 counts as a minute apart.
#[must_use]
pub fn shortest_distance(cron: &str) -> Option<TimeDelta> {
    let schedule = Schedule::from_str(cron).ok()?;
    let mut times = schedule
        .hours()
        .iter()
        .flat_map(|hour| schedule.minutes().iter().map(move |minute| (hour, minute)))
        .flat_map(|(hour, minute)| schedule.seconds().iter().map(move |second| (hour, minute, second)))
        .filter_map(|(hour, minute, second)| NaiveTime::from_hms_opt(hour, minute, second))
        .map(|time| i64::from(time.num_seconds_from_midnight()));
    let first = times.next()?;
    let mut last = first;
    let mut shortest = TimeDelta::days(1).num_seconds();
    for time in times {
        shortest = shortest.min(time - last);
        last = time;
    }
    let over_midnight = first + TimeDelta::days(1).num_seconds() - last;
    Some(TimeDelta::seconds(shortest.min(over_midnight)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_times(times: &[&str]) -> Option<String> {
        objection_to_times(&times.iter().map(|time| (*time).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_time_of_day_is_two_digits_twice() {
        for (text, seconds) in [("00:00", 0), ("07:05", 25_500), ("23:59", 86_340)] {
            assert_eq!(time_of_day(text).map(|time| time.num_seconds_from_midnight()), Some(seconds), "{text}");
        }
        for text in [
            "",
            ":",
            "7:05",
            "07:5",
            "007:05",
            "07:005",
            "24:00",
            "23:60",
            "-1:00",
            "+7:00",
            "07.05",
            "0705",
            "07:05:00",
            " 07:05",
            "07:05 ",
            "7 :05",
            "07:05\n",
            "٠٧:٠٥",
            "07：05",
            "noon",
        ] {
            assert_eq!(time_of_day(text), None, "{text:?}");
        }
    }

    #[test]
    fn times_are_each_there_once_and_not_too_many() {
        let half_hours: Vec<String> = (0..48).map(|n| format!("{:02}:{:02}", n / 2, n % 2 * 30)).collect();
        let mut times: Vec<&str> = half_hours.iter().map(String::as_str).collect();
        assert_eq!(to_times(&[]), None);
        assert_eq!(to_times(&times), None);
        times.push("00:01");
        assert_eq!(to_times(&times).unwrap(), "it has 49 times, more than 48");
        assert_eq!(to_times(&["13:00", "01:00", "13:00"]).unwrap(), "13:00 is named more than once");
        let what = to_times(&["13:00", "1pm\u{202e}"]).unwrap();
        assert_eq!(what, "\"1pm\\u{202e}\" is not a time of day between 00:00 and 23:59");
    }

    #[test]
    fn good_cron_expressions_are_taken() {
        for text in [
            "",
            "0 0 9 * * *",
            "0 0 9 * * MON-FRI",
            "0 30 8,13 1-7 JAN-MAR mon,Wed 2027",
            "0 */15 * ? * *",
            "0 0 9 * * */2",
            "0 0 9 * * MON-FRI/2",
            "  0 0 9 29 2 * ",
            "@daily",
            "@weekly",
            "0 0 9 1 1 * 2020",
        ] {
            assert_eq!(objection_to_cron(text), None, "{text:?}");
        }
    }

    #[test]
    fn other_cron_expressions_are_refused_with_the_reason() {
        for (text, why) in [
            ("0 9 * * *", "\"0 9 * * *\" has 5 fields where six belong (second, minute, hour,"),
            ("******", "has 1 field where"),
            ("0 0 9 * * MON - FRI", "has 8 fields where"),
            (" ", "has 0 fields where"),
            ("0 60 9 * * *", "is not a cron expression: Minutes must be at most 59. ('60' specified.)"),
            ("0 0 25 * * *", "Hours must be at most 23"),
            ("0/0 * * * * *", "range step cannot be zero"),
            ("0 0 9 * * SAT-SUN", "Invalid named range for Days of Week: SAT-SUN"),
            ("0 0 9 L * *", "does not support using names. 'L'"),
            ("0 0 9 * * MON#1", "\"#1\" is not understood"),
            ("0 0 9 * * * 1960", "\"1960\" is not understood"),
            ("99999999999 0 0 * * *", "\"99999999999\" is not understood"),
            ("@midnight", "\"@midnight\" is not understood"),
            ("@daily @daily", "\"@daily\" is not understood"),
            ("0 0 9 * * 1-5", "has the day of the week as a number, which not all count from the same day"),
            ("0 0 9 * * MON,2", "has the day of the week as a number"),
            ("0 0 9 * * 2/2", "has the day of the week as a number"),
            ("0 0 0 30 2 *", "\"0 0 0 30 2 *\" is never due"),
            ("0 0 0 29 2 * 2027", "is never due"),
            ("0 0 9\n* * *", "it has control characters"),
            ("0 0 9 * * *\u{202e}", "it has control characters"),
            ("ä ö ü * * *", "is not a cron expression: "),
        ] {
            let what = objection_to_cron(text).unwrap_or_default();
            assert!(what.contains(why), "{text:?}: {what:?} lacks {why:?}");
        }
        let long = format!("{}0 0 9 * * *", "0,".repeat(95));
        assert_eq!(objection_to_cron(&long).unwrap(), "it has more than 200 characters");
        assert_eq!(objection_to_cron(&long[2..]), None);
    }

    #[test]
    fn the_shortest_distance_of_a_cron_expression() {
        for (cron, seconds) in [
            ("* * * * * *", 1),
            ("0,59 0 9 * * *", 59),
            ("0 * * * * *", 60),
            ("30 */5 * * * *", 300),
            ("0 */7 * * * *", 240), // 56 to the next hour
            ("0 */7 9 * * *", 420),
            ("0 0 9 * * *", 86_400),
            ("0 0 9,17 * * MON", 28_800),
            ("0 59,0 0,23 * * *", 60),
            ("59 59 23 31 12 *", 86_400),
            ("@hourly", 3600),
        ] {
            assert_eq!(shortest_distance(cron).map(|distance| distance.num_seconds()), Some(seconds), "{cron}");
        }
        assert_eq!(shortest_distance("every day"), None);
        assert_eq!(shortest_distance(""), None);
    }

    #[test]
    fn the_shortest_distance_is_that_between_slots() {
        for cron in ["0 */7 * * * *", "5,10 1,50 3-5 * * *", "0 58,2 * * * *", "0 0 0 * * *", "7 */13 */5 * * *"] {
            let schedule = Schedule::from_str(cron).unwrap();
            let slots: Vec<DateTime<Utc>> = schedule.after(&DateTime::<Utc>::UNIX_EPOCH).take(5000).collect();
            let shortest = slots.windows(2).map(|pair| pair[1] - pair[0]).min();
            assert_eq!(shortest_distance(cron), shortest, "{cron}");
        }
    }
}
