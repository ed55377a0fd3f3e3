//! The Jamf Pro client: when it last checked in, by its own log.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};

use super::{FileAnswer, Invocation, Misread, Output, Question, lines};

/// Where the client keeps its settings. `/var` is a link on a Mac, so the log has its whole path.
pub const DOMAIN: &str = "com.jamfsoftware.jamf";
/// The client's log.
pub const LOG: &str = "/private/var/log/jamf.log";
/// The keychain with the certificate by which the server knows this Mac.
pub const KEYCHAIN: &str = "/Library/Application Support/JAMF/JAMF.keychain";

/// What the log says of a check-in: `EEE MMM dd HH:MM:SS`, local time, no year and no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    weekday: Weekday,
    month: u32,
    day: u32,
    time: NaiveTime,
}

impl Stamp {
    /// The instant: the latest one not after `now` (but for a minute of slack) at which the calendar shows this day on this day of
    /// the week.
    ///
    /// # Errors
    /// In words, where no year of the last eleven has it, in which every such day comes round; and where it is ahead of `now` by
    /// no more than clocks and zones are apart. The log names no zone: after a flight west, or the end of summer time, what was
    /// written a moment ago lies ahead, and is not of some year long ago that had this day of the week.
    pub fn before(&self, now: DateTime<Utc>, offset: FixedOffset) -> Result<DateTime<Utc>, &'static str> {
        let this_year = now.with_timezone(&offset).year();
        let in_year = |year| {
            let day =
                NaiveDate::from_ymd_opt(year, self.month, self.day).filter(|day| day.weekday() == self.weekday)?;
            NaiveDateTime::new(day, self.time).and_local_timezone(offset).single().map(|at| at.to_utc())
        };
        // One year more than this: on New Year's Eve the log may be ahead.
        let at = (0..=11).filter_map(|back| in_year(this_year + 1 - back)).find(|at| *at <= now + ZONES);
        match at.ok_or("a check-in on a day that any late year has")? {
            at if at <= now + SLACK => Ok(at),
            _ => Err("a check-in in this time zone: the last one is ahead of the clock"),
        }
    }
}

/// By how much the log may be ahead of the clock.
const SLACK: TimeDelta = TimeDelta::minutes(1);
/// By how much two time zones can be apart, from UTC-12 to UTC+14.
const ZONES: TimeDelta = TimeDelta::hours(26);

/// When did the client last check in? `None` where there is no log, `Some(None)` where the log names no check-in.
#[must_use]
pub fn last_check_in() -> Question<Option<Option<Stamp>>> {
    Question::file(LOG, parse_log)
}

/// By how much is the Mac's clock ahead of UTC now?
#[must_use]
pub fn time_offset() -> Question<FixedOffset> {
    Question::lines(Invocation::new("/bin/date", &["+%z"]), parse_offset)
}

/// Reads the log. A message may span lines, and a host's name may have spaces, so a line counts only where it begins with a
/// date and names `jamf[PID]:`. A last line without its end is still being written.
fn parse_log(file: &FileAnswer) -> Result<Option<Option<Stamp>>, Misread> {
    let FileAnswer::Present { bytes, owner, mode } = file else { return Ok(None) };
    if *owner != 0 || mode & 0o022 != 0 {
        let saw = format!("owner {owner}, mode {mode:04o}");
        return Err(Misread::new("a log of root's that nobody else may write", saw));
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').and_then(|end| bytes.get(..end)).unwrap_or_default();
    let text = String::from_utf8_lossy(whole);
    let mut stamps = text.lines().filter_map(line).peekable();
    if stamps.peek().is_none() {
        return Err(Misread::new("lines of the form \"EEE MMM dd HH:MM:SS HOST jamf[PID]: MESSAGE\"", &text));
    }
    Ok(Some(stamps.rfind(|(_, message)| is_check_in(message)).map(|(stamp, _)| stamp)))
}

fn is_check_in(message: &str) -> bool {
    message.starts_with("Checking for policies triggered by \"recurring check-in\"")
}

/// The date and the message of one line.
fn line(line: &str) -> Option<(Stamp, &str)> {
    let mut rest = line;
    let mut word = || {
        let (word, after) = rest.split_once(' ')?;
        rest = after.trim_start_matches(' ');
        Some(word)
    };
    let weekday = WEEKDAYS.iter().find(|(name, _)| Some(*name) == line.get(..3))?.1;
    word()?;
    let month = word()?;
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let (day, time) = (word()?, word()?);
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let time = NaiveTime::parse_from_str(time, "%H:%M:%S").ok()?;
    let (_, after) = rest.split_once(" jamf[")?;
    let (pid, message) = after.split_once("]: ")?;
    let is_pid = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    is_pid.then_some((Stamp { weekday, month, day, time }, message))
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Mon),
    ("Tue", Weekday::Tue),
    ("Wed", Weekday::Wed),
    ("Thu", Weekday::Thu),
    ("Fri", Weekday::Fri),
    ("Sat", Weekday::Sat),
    ("Sun", Weekday::Sun),
];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads the answer of `date +%z`: a sign and four digits, at most 14 hours.
pub(crate) fn parse_offset(output: &Output) -> Result<FixedOffset, Misread> {
    const EXPECTED: &str = "an offset from UTC such as +0100";
    let reply = lines::Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let text = reply.only(EXPECTED)?;
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<i32>().ok());
    let plain = text.len() == 5 && text.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    let seconds = match (text.chars().next(), number(1..3), number(3..5)) {
        (Some(sign @ ('+' | '-')), Some(hours @ 0..=14), Some(minutes @ 0..=59)) if plain => {
            (hours * 60 + minutes) * if sign == '-' { -60 } else { 60 }
        }
        _ => return Err(reply.misread(EXPECTED)),
    };
    FixedOffset::east_opt(seconds).ok_or_else(|| reply.misread(EXPECTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::out;

    fn log(text: &str) -> Result<Option<Option<Stamp>>, Misread> {
        parse_log(&FileAnswer::Present { bytes: text.into(), owner: 0, mode: 0o644 })
    }

    fn at(text: &str, now: &str, offset: &str) -> Option<String> {
        let offset = parse_offset(&out(&format!("{offset}\n"))).unwrap();
        let stamp = log(text).unwrap().unwrap()?;
        let at = stamp.before(now.parse().unwrap(), offset).ok()?;
        Some(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }

    const CHECK_IN: &str = "Checking for policies triggered by \"recurring check-in\" for user \"u\"...";

    #[test]
    fn the_last_check_in_is_found_whatever_the_host_is_called() {
        let text = format!(
            "Sun Nov 22 09:00:00 mac jamf[1]: {CHECK_IN}\nSun Nov 22 10:16:41 Ada’s long Mac jamf[80]: {CHECK_IN}\n\
             Sun Nov 22 10:20:00 Ada’s long Mac jamf[80]: Executing Policy X\nwith a second line\n"
        );
        assert_eq!(at(&text, "2026-11-22T12:00:00Z", "+0000").unwrap(), "2026-11-22T10:16:41Z");
        assert_eq!(at(&text, "2026-11-22T12:00:00Z", "+0100").unwrap(), "2026-11-22T09:16:41Z");
        assert_eq!(at(&text, "2026-11-22T23:00:00Z", "-1100").unwrap(), "2026-11-22T21:16:41Z");
        let padded = format!("Sun Nov  1 09:00:00 mac jamf[1]: {CHECK_IN}\n");
        assert_eq!(at(&padded, "2026-11-22T12:00:00Z", "+0000").unwrap(), "2026-11-01T09:00:00Z");
    }

    #[test]
    fn the_year_is_the_last_one_that_fits_day_and_weekday() {
        // The last day of 2025 was a Wednesday.
        let text = format!("Wed Dec 31 23:50:00 mac jamf[1]: {CHECK_IN}\n");
        assert_eq!(at(&text, "2026-01-01T00:10:00Z", "+0000").unwrap(), "2025-12-31T23:50:00Z");
        assert_eq!(at(&text, "2026-11-22T12:00:00Z", "+0000").unwrap(), "2025-12-31T23:50:00Z");
        // Clocks of different zones around the turn of the year.
        assert_eq!(at(&text, "2025-12-31T10:00:00Z", "+1400").unwrap(), "2025-12-31T09:50:00Z");
        // No 22 November on a Monday before 2021.
        let old = format!("Mon Nov 22 10:00:00 mac jamf[1]: {CHECK_IN}\n");
        assert_eq!(at(&old, "2026-11-22T12:00:00Z", "+0000").unwrap(), "2021-11-22T10:00:00Z");
        let never = format!("Mon Feb 30 10:00:00 mac jamf[1]: {CHECK_IN}\n");
        assert_eq!(at(&never, "2026-11-22T12:00:00Z", "+0000"), None);
    }

    #[test]
    fn what_was_written_in_another_zone_is_not_of_another_year() {
        // Summer time ended on 1 November 2026 in New York, a Sunday, as 1 November 2020 was.
        let text = format!("Sun Nov  1 01:58:00 mac jamf[1]: {CHECK_IN}\n");
        assert_eq!(at(&text, "2026-11-01T05:59:00Z", "-0400").unwrap(), "2026-11-01T05:58:00Z");
        assert_eq!(at(&text, "2026-11-01T06:05:00Z", "-0500"), None);
        assert_eq!(at(&text, "2026-11-01T06:57:00Z", "-0500").unwrap(), "2026-11-01T06:58:00Z");
        // Written in Kiritimati, read on Baker Island: as far apart as zones are.
        assert_eq!(at(&text, "2026-10-31T11:58:00Z", "-1200"), None);
        // Ahead by more than that: it cannot be of this year.
        assert_eq!(at(&text, "2026-10-31T11:57:00Z", "-1200").unwrap(), "2020-11-01T13:58:00Z");
        // The first of January, while it is still December here.
        let text = format!("Fri Jan  1 01:00:00 mac jamf[1]: {CHECK_IN}\n");
        assert_eq!(at(&text, "2026-12-31T20:00:00Z", "+0000"), None);
        assert_eq!(at(&text, "2027-01-01T01:00:00Z", "+0000").unwrap(), "2027-01-01T01:00:00Z");
    }

    #[test]
    fn no_log_no_check_in_and_no_sense_are_told_apart() {
        assert_eq!(parse_log(&FileAnswer::Absent), Ok(None));
        assert_eq!(log("Sun Nov 22 09:00:00 mac jamf[1]: Executing Policy\n"), Ok(Some(None)));
        // Still being written, so not counted.
        assert!(log(&format!("Sun Nov 22 09:00:00 mac jamf[1]: {CHECK_IN}")).is_err());
        for bad in ["", "\n", "garbage\n", "Sun Nov 22 09:00:00 mac sshd[1]: x\n", "Sun Nov 22 9h mac jamf[1]: x\n"] {
            assert!(log(bad).is_err(), "{bad}");
        }
        for (owner, mode) in [(501, 0o644), (0, 0o666)] {
            let text = format!("Sun Nov 22 09:00:00 mac jamf[1]: {CHECK_IN}\n");
            assert!(parse_log(&FileAnswer::Present { bytes: text.into(), owner, mode }).is_err());
        }
    }

    #[test]
    fn an_offset_is_a_sign_and_four_digits() {
        let seconds = |text: &str| parse_offset(&out(text)).ok().map(|offset| offset.local_minus_utc());
        assert_eq!(seconds("+0530\n"), Some(19_800));
        assert_eq!(seconds("-0330\n"), Some(-12_600));
        for bad in ["", "0100\n", "+100\n", "+01:00\n", "+9900\n", "+0160\n", "+0a00\n", "UTC\n"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
