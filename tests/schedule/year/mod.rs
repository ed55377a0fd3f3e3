//! A simulated year: the daemon's schedule against a reckoning that is made in another way.

mod driver;
mod reckoning;
mod world;

use chrono_tz::Tz;
use holdfast::schedule::{CatchUp, Form, Item, Why};

use super::{cron, daily, every, item, splayed};
use driver::{Seen, Wait, drive};
use reckoning::{Clocks, reckon};
use world::World;

/// Every form by itself and in mixtures, with both catch-up rules, with and without a splay.
fn items() -> Vec<Item> {
    let all = || {
        vec![
            every(6 * 3600),
            daily(&["07:00", "12:30"]),
            cron("0 30 12 ? * Mon-Fri"),
            cron("0 15 */3 * * *"),
            Form::Boot,
        ]
    };
    let (once, skip) = (CatchUp::Once, CatchUp::Skip);
    vec![
        item(vec![every(900)], once),
        item(vec![every(8 * 3600)], skip),
        splayed(item(vec![every(3600)], once), 1234),
        item(vec![daily(&["09:00"])], once),
        item(vec![daily(&["01:30", "02:00", "02:15", "09:00", "23:59"])], skip),
        splayed(item(vec![daily(&["00:00", "01:59", "17:05"])], once), 754),
        item(vec![cron("0 30 1 * * *")], once),
        item(vec![cron("0 */20 * * * *")], once),
        item(vec![cron("30 0,45 * * * Mon-Fri")], skip),
        splayed(item(vec![cron("0 0 12 ? * Mon")], once), 3600),
        item(vec![cron("0 10 2 1,15 * *")], skip),
        item(vec![Form::Boot], once),
        item(vec![Form::Boot, daily(&["08:00"])], skip),
        splayed(item(all(), once), 600),
        item(all(), once),
        item(all(), skip),
    ]
}

#[track_caller]
fn same(name: &str, seen: &[Seen], expected: &[Seen]) {
    for (n, (seen, expected)) in seen.iter().zip(expected).enumerate() {
        assert!(seen == expected, "{name}, number {n}\nthe daemon:    {seen:?}\nthe reckoning: {expected:?}");
    }
    let (more, fewer) = (seen.get(expected.len()), expected.get(seen.len()));
    assert!(more.is_none() && fewer.is_none(), "{name}: only by the daemon {more:?}, only by the reckoning {fewer:?}");
}

fn a_year_in(zone: Tz) {
    let world = World::new();
    let clocks = Clocks::new(&world, zone);
    let mut reasons = std::collections::BTreeSet::new();
    for (n, item) in items().iter().enumerate() {
        let expected = reckon(&world, item, &clocks);
        let seen = drive(&world, item, zone, Wait::ToNext, i64::MAX);
        same(&format!("item {n} in {zone}"), &seen, &expected);
        assert!(seen.len() > 15, "{n}: {}", seen.len());
        reasons.extend(seen.iter().filter_map(|seen| seen.missed.as_ref()).flat_map(|missed| missed.why.clone()));
    }
    // The year has all of it.
    let all = [Why::Asleep, Why::PoweredOff, Why::DaemonStopped, Why::Stalled, Why::ClockSetForward, Why::Busy];
    assert_eq!(reasons, all.into());
}

#[test]
fn a_year_in_london() {
    a_year_in(Tz::Europe__London);
}

#[test]
fn a_year_in_new_york() {
    a_year_in(Tz::America__New_York);
}

#[test]
fn a_year_on_lord_howe_island() {
    a_year_in(Tz::Australia__Lord_Howe);
}

#[test]
fn a_year_in_casablanca() {
    a_year_in(Tz::Africa__Casablanca);
}

/// The year above goes from slot to slot; the daemon never waits for longer than 30 s.
#[test]
fn nothing_happens_in_the_slices_between() {
    // Up to and with the first changes of the time.
    let (world, zone, until) = (World::new(), Tz::Europe__London, 26 * 86_400);
    for (n, item) in items().iter().enumerate().step_by(3) {
        let slices = drive(&world, item, zone, Wait::Slices, until);
        same(&format!("item {n}"), &slices, &drive(&world, item, zone, Wait::ToNext, until));
    }
}
