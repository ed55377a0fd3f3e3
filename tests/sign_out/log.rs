//! The compatibility log over a year, in places that do not take it, and when it is off.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Weekday};
use holdfast::ledger::Stage::{Confirmed, Delivered};

use crate::bench::{Bench, at, daily, start};

/// Weekends and five weeks of holidays off: the Mac is switched off then, and every night it sleeps.
#[test]
fn three_hundred_daily_sign_outs_in_a_year_are_three_hundred_lines() {
    let mut bench = Bench::new(&[daily("12:00"), ("CompatibilityLogSize", 2048.into()), ("CatchUp", "skip".into())]);
    let (mut day, mut worked) = (start(), 0);
    let mut lines = Vec::new();
    while day < start() + TimeDelta::days(365) {
        let off = day.weekday() == Weekday::Sun || (200..213).contains(&day.ordinal());
        if !off {
            if day.weekday() == Weekday::Mon {
                bench.reboot_at(day + TimeDelta::hours(2));
                bench.log_in("alice");
            } else {
                bench.sleep_until(day + TimeDelta::hours(2));
            }
            bench.until(day + TimeDelta::hours(12));
            worked += 1;
            let log = bench.log();
            let last = log.lines().last().unwrap().to_owned();
            let fields: Vec<&str> = last.split_whitespace().collect();
            let read = NaiveDateTime::parse_from_str(&format!("{} {}", fields[8], fields[9]), "%Y-%m-%d %H:%M:%S");
            assert_eq!(read.unwrap().and_utc().date_naive(), day.date_naive());
            lines.push(last);
        }
        day += TimeDelta::days(1);
    }
    assert_eq!((worked, bench.handed().len()), (302, 302));
    let delivered = bench.steps().iter().filter(|step| step.1 == Delivered).count();
    let confirmed = bench.steps().iter().filter(|step| step.1 == Confirmed).count();
    lines.dedup();
    assert_eq!((delivered, confirmed, lines.len()), (302, 302, 302));
    assert!(bench.log().len() <= 2048);
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing_and_is_on_record() {
    let mut bench = Bench::new(&[daily("08:00")]);
    let folder = bench.dir.path().join("Library/Logs");
    #[allow(clippy::disallowed_methods, reason = "the test's part is to make the fault")]
    {
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o775)).unwrap();
    }
    bench.until(at("2026-01-05 08:05:00"));
    assert_eq!((bench.handed().len(), bench.log()), (1, String::new()));
    let words = bench.words(Confirmed);
    assert!(words.contains("compatibility log") && words.contains("its group may write"), "{words}");
}

#[test]
fn a_log_that_is_off_is_not_written() {
    let mut bench = Bench::new(&[daily("08:00"), ("CompatibilityLog", false.into())]);
    bench.until(at("2026-01-05 08:05:00"));
    assert_eq!((bench.handed().len(), bench.log()), (1, String::new()));
    assert!(!bench.dir.path().join("Library").exists());
}

#[test]
fn the_line_has_the_local_time_of_the_delivery() {
    let mut bench = Bench::new(&[daily("12:00")]);
    bench.zone = chrono_tz::Australia::Lord_Howe;
    bench.until(start() + TimeDelta::days(1));
    assert_eq!(bench.log(), "Automatically signed out out of Jamf Trust at 2026-01-06 12:00:00\n");
}
