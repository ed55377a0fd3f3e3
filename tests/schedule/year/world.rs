//! A year of one Mac: when it sleeps, is off, is started anew, and what happens to its clock.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};

/// What the Mac and the daemon on it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// The daemon runs.
    On,
    Asleep,
    Off,
    /// The Mac is on, the daemon is not.
    Stopped,
    /// The daemon is held still, as by `kill -STOP`.
    Stalled,
    /// The daemon is occupied by something that takes long.
    Busy,
}

/// A time in which nothing changes. Times are seconds of real time since the year began.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub doing: Doing,
    pub from: i64,
    pub to: i64,
    /// When the daemon first looks at its clocks: at most 30 s late, or as late as a start takes.
    pub look: i64,
    /// By how much the clock on the wall is ahead of what it would be.
    pub ahead: i64,
    /// Which start of the Mac it belongs to.
    pub boot: u32,
}

/// The year.
pub struct World {
    pub began: DateTime<Utc>,
    pub stretches: Vec<Stretch>,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// Days of the year on which the time is changed, in the morning, and by how much.
const CHANGES: [(i64, i64); 9] = [
    (22, 3 * HOUR),
    (24, -3 * HOUR),
    (71, -HOUR),
    (72, HOUR),
    (101, -4 * MINUTE),
    (102, 4 * MINUTE),
    (150, 100),
    (199, 2 * DAY),
    (200, -2 * DAY),
];

impl World {
    /// A year that begins on a Monday.
    pub fn new() -> Self {
        let began: DateTime<Utc> = "2026-01-05T06:00:07Z".parse().unwrap();
        let mut points: Vec<(i64, Doing, i64)> = vec![(0, Doing::On, 0)];
        let mut chance = 12_345_u64;
        for day in 0..364 {
            // Of a linear congruence, so that each day differs from the others in the same way each time.
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let some = 100 + i64::try_from(chance >> 33).unwrap() % 2300;
            let mut point = |after: i64, doing: Doing| points.push((day * DAY + after, doing, 0));
            // The year began at six, so these count from there.
            match (began + TimeDelta::days(day)).weekday() {
                Weekday::Fri if day % 28 != 4 => {
                    point(12 * HOUR + some, Doing::Off);
                    continue;
                }
                Weekday::Sat if day % 28 != 5 => continue,
                Weekday::Sun if day % 28 != 6 => {
                    point(25 * HOUR + some, Doing::On);
                    continue;
                }
                _ => {}
            }
            if day % 9 == 3 {
                point(6 * HOUR + 10 * MINUTE, Doing::Off);
                point(6 * HOUR + 10 * MINUTE + 95 + some, Doing::On);
            }
            if day % 31 == 8 {
                point(8 * HOUR, Doing::Stopped);
                point(8 * HOUR + 5 * some, Doing::On);
            }
            if day % 23 == 2 {
                point(11 * HOUR + some, Doing::Stalled);
                point(12 * HOUR + some, Doing::On);
            }
            if day % 17 == 1 {
                point(14 * HOUR, Doing::Busy);
                point(14 * HOUR + some, Doing::On);
            }
            point(16 * HOUR + some, Doing::Asleep);
            if day % 5 == 0 {
                // The lid stays shut, and the Mac wakes for a minute.
                point(20 * HOUR, Doing::On);
                point(20 * HOUR + 70, Doing::Asleep);
            }
            point(24 * HOUR + some / 2, Doing::On);
        }
        points.extend(CHANGES.map(|(day, by)| (day * DAY + 4 * HOUR + 5 * MINUTE + 3, Doing::On, by)));
        points.sort_by_key(|point| point.0);
        let mut world = Self { began, stretches: Vec::new() };
        let ends = points.iter().skip(1).map(|point| point.0).chain([364 * DAY + 2 * HOUR]);
        for ((from, doing, by), to) in points.iter().zip(ends) {
            world.add(*doing, *from, to, *by);
        }
        world
    }

    fn add(&mut self, doing: Doing, from: i64, to: i64, by: i64) {
        let last = self.stretches.last();
        let (before, ahead, boot) = last.map_or((Doing::On, 0, 1), |last| (last.doing, last.ahead, last.boot));
        assert!(by == 0 || before == Doing::On, "the time is changed while the daemon looks on");
        assert!(to - from >= 60 || to == from, "{doing:?} from {from} to {to}");
        if to == from {
            return;
        }
        let started = before == Doing::Off && doing == Doing::On;
        let delay = if started { 20 + from % 60 } else { from % 31 };
        let look = if from == 0 { 0 } else { from + delay };
        self.stretches.push(Stretch { doing, from, to, look, ahead: ahead + by, boot: boot + u32::from(started) });
    }

    /// What the clock on the wall shows in `stretch` at the real time `at`.
    pub fn wall(&self, stretch: &Stretch, at: i64) -> DateTime<Utc> {
        self.began + TimeDelta::seconds(at + stretch.ahead)
    }
}
