//! The same year reckoned in another way: every minute of it is turned into local time and held against the words of the
//! schedule, and each slot is then followed by itself to the moment at which the daemon could see that it had come.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use holdfast::schedule::{CatchUp, Due, Form, Item, Missed, Trigger, Why};

use super::driver::Seen;
use super::world::{Doing, World};

/// What the clock shows in a zone, minute by minute.
pub struct Clocks {
    /// The local minute of the first element.
    base: i64,
    /// For each local minute the minutes, of UTC, at which it is shown.
    shown: Vec<Vec<i64>>,
}

impl Clocks {
    /// All minutes of the year, and some more at both ends.
    pub fn new(world: &World, zone: Tz) -> Self {
        let first = world.began.timestamp() / 60 - 5 * 1440;
        let base = first - 1440;
        let mut shown = vec![Vec::new(); 376 * 1440];
        for minute in first..first + 374 * 1440 {
            let local = zone.timestamp_opt(minute * 60, 0).unwrap().naive_local();
            let local = usize::try_from(local.and_utc().timestamp() / 60 - base).unwrap();
            shown[local].push(minute);
        }
        Self { base, shown }
    }

    /// When, in seconds of UTC, a clock shows the local times of the year that have this second and `are` so.
    fn times(&self, second: u32, every_one: bool, are: impl Fn(NaiveDateTime) -> bool) -> BTreeSet<i64> {
        let mut times: BTreeSet<i64> = BTreeSet::new();
        // Not at the very ends, where it is not known what the clock shows before and after.
        for index in 1440..self.shown.len() - 2 * 1440 {
            let minute = self.base + i64::try_from(index).unwrap();
            if !are(DateTime::from_timestamp(minute * 60 + i64::from(second), 0).unwrap().naive_utc()) {
                continue;
            }
            let shown: &[i64] = &self.shown[index];
            let shown = if every_one { shown } else { &shown[..shown.len().min(1)] };
            times.extend(shown.iter().map(|minute| minute * 60 + i64::from(second)));
            if shown.is_empty() {
                // The clock goes on to the next minute that it does show.
                times.extend(self.shown[index..].iter().find_map(|shown| shown.first()).map(|minute| minute * 60));
            }
        }
        times
    }
}

/// All slots, in seconds of UTC, with what made them.
fn slots(world: &World, item: &Item, clocks: &Clocks) -> BTreeMap<i64, BTreeSet<Trigger>> {
    let mut slots: BTreeMap<i64, BTreeSet<Trigger>> = BTreeMap::new();
    let splay = item.splay.num_seconds();
    let mut add = |slot: i64, trigger: Trigger| {
        slots.entry(slot + splay).or_default().insert(trigger);
    };
    for form in &item.forms {
        match form {
            Form::Interval(length) => {
                let mut slot = world.began + *length;
                while slot < world.began + TimeDelta::days(369) {
                    add(slot.timestamp(), Trigger::Interval);
                    slot += *length;
                }
            }
            Form::Times(of_day) => {
                let is_one = |local: NaiveDateTime| of_day.contains(&local.time());
                clocks.times(0, false, is_one).into_iter().for_each(|slot| add(slot, Trigger::Time));
            }
            Form::Cron(cron) => {
                let hourly = cron.source().split(' ').nth(2) == Some("*");
                // The expressions of the test name no other seconds.
                for second in [0, 30] {
                    let is_one = |local: NaiveDateTime| cron.includes(local.and_utc());
                    clocks.times(second, hourly, is_one).into_iter().for_each(|slot| add(slot, Trigger::Cron));
                }
            }
            Form::Boot => {}
        }
    }
    slots
}

/// Everything that must be done and missed about `item` in that year.
pub fn reckon(world: &World, item: &Item, clocks: &Clocks) -> Vec<Seen> {
    let slots = slots(world, item, clocks);
    let wall = |stretch, at| world.wall(stretch, at).timestamp();
    let mut seen = Vec::new();
    // All slots up to there have been seen to.
    let mut done = world.began.timestamp();
    // Of those, the last one that counted, or the run for it.
    let mut settled = done;
    let mut ahead = 0;
    // The times, by the wall, in which the daemon was not there, since the clock was last set back.
    let mut lost: Vec<(i64, i64, Doing)> = Vec::new();
    let mut boot = world.stretches[0].boot;
    let mut end = done;
    for stretch in &world.stretches {
        if stretch.ahead < ahead {
            lost.clear();
            end = wall(stretch, stretch.from);
            let now = wall(stretch, stretch.look);
            settled = if settled > now + 300 { now } else { settled };
            done = settled;
        }
        ahead = stretch.ahead;
        if stretch.doing != Doing::On {
            lost.push((wall(stretch, stretch.from), wall(stretch, stretch.to), stretch.doing));
            end = wall(stretch, stretch.to);
            continue;
        }
        if wall(stretch, stretch.from) > end {
            lost.push((end, wall(stretch, stretch.from), Doing::On));
        }
        end = wall(stretch, stretch.to);
        let started = (stretch.boot != boot && item.forms.iter().any(|form| matches!(form, Form::Boot)))
            .then(|| wall(stretch, stretch.from));
        boot = stretch.boot;
        let mut chances: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let first = wall(stretch, stretch.look);
        if started.is_some() {
            chances.insert(first, Vec::new());
        }
        for slot in slots.range(done + 1..end.max(done + 1)).map(|(slot, _)| *slot) {
            chances.entry(slot.max(first)).or_default().push(slot);
            done = slot;
        }
        for (now, reached) in chances {
            let started = started.filter(|_| now == first);
            let what = outcome(item, &slots, &lost, now, &reached, started);
            if what.due.is_some() {
                settled = now;
            } else if let Some(missed) = &what.missed {
                settled = missed.last.timestamp();
            }
            seen.push(what);
        }
        done = done.max(settled);
    }
    seen
}

/// What comes of the slots that are `reached` at `now`, and of a start of the Mac.
fn outcome(
    item: &Item,
    slots: &BTreeMap<i64, BTreeSet<Trigger>>,
    lost: &[(i64, i64, Doing)],
    now: i64,
    reached: &[i64],
    started: Option<i64>,
) -> Seen {
    let time = |seconds: i64| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap();
    let (late, fresh): (Vec<i64>, Vec<i64>) = reached.iter().partition(|slot| now - **slot > 120);
    let once = item.catch_up == CatchUp::Once;
    let stands_for: Vec<i64> = if once { reached.to_vec() } else { fresh };
    let mut triggers: BTreeSet<Trigger> = stands_for.iter().flat_map(|slot| slots[slot].clone()).collect();
    triggers.extend(started.map(|_| Trigger::Boot));
    let due = stands_for.iter().copied().chain(started).max().map(|slot| Due {
        slot: time(slot),
        triggers: triggers.into_iter().collect(),
        made_up: once && !late.is_empty(),
    });
    let cause = |slot: &i64| {
        let doing = lost.iter().find(|(from, to, _)| (*from..*to).contains(slot)).map(|(_, _, doing)| *doing);
        match doing.unwrap_or_else(|| panic!("the daemon was there at {slot}, and is late at {now}")) {
            Doing::Asleep => Why::Asleep,
            Doing::Off => Why::PoweredOff,
            Doing::Stopped => Why::DaemonStopped,
            Doing::Stalled => Why::Stalled,
            Doing::Busy => Why::Busy,
            Doing::On => Why::ClockSetForward,
        }
    };
    let missed = late.first().zip(late.last()).map(|(first, last)| Missed {
        first: time(*first),
        last: time(*last),
        count: late.len() as u64,
        why: late.iter().map(cause).collect::<BTreeSet<_>>().into_iter().collect(),
        made_up: once,
    });
    Seen { at: time(now), due, missed }
}
