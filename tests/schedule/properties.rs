//! What holds of every schedule, whatever happens.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use holdfast::schedule::{CatchUp, Form, Item, decide};
use proptest::prelude::*;

use super::{cron, daily, every, item, splayed};

const ZONES: [Tz; 6] = [
    Tz::Europe__London,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Africa__Casablanca,
    Tz::Pacific__Apia,
    Tz::UTC,
];

fn form(n: usize) -> Form {
    match n {
        0 => every(900),
        1 => every(5413),
        2 => every(86_400),
        3 => daily(&["09:00"]),
        4 => daily(&["00:00", "01:30", "02:10", "23:59"]),
        5 => cron("0 */10 * * * *"),
        6 => cron("15 30 1,2,3 * * *"),
        7 => cron("0 0 12 ? * Mon-Fri"),
        _ => cron("30 59 23 28-31 * *"),
    }
}

prop_compose! {
    fn items()(forms in proptest::collection::vec(0..9_usize, 1..4), once in any::<bool>(), splay in 0..3_i64) -> Item {
        let catch_up = if once { CatchUp::Once } else { CatchUp::Skip };
        let mut forms: Vec<Form> = forms.into_iter().map(form).collect();
        forms.sort_by_key(Form::trigger);
        forms.dedup_by_key(|form| form.trigger());
        splayed(item(forms, catch_up), splay * 1777)
    }
}

/// The slots after `after` and up to `until`, one by one, as [`decide`] names the next one.
fn slots(
    item: &Item,
    anchor: DateTime<Utc>,
    zone: Tz,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let next = |at: DateTime<Utc>| decide(item, anchor, Some(at), None, at, &zone, &[]).next;
    std::iter::successors(next(after), |slot| next(*slot)).take_while(|slot| *slot <= until).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_slot_is_seen_to_exactly_once(
        item in items(),
        zone in 0..ZONES.len(),
        // From 2011, when a day was left out in Apia, to 2030.
        start in 1_293_840_000_i64..1_900_000_000,
        gaps in proptest::collection::vec(prop_oneof![1..60_i64, 60..4000_i64, 4000..300_000_i64], 1..40),
    ) {
        let zone = ZONES[zone];
        let anchor = DateTime::from_timestamp(start, 0).unwrap();
        let (mut now, mut settled) = (anchor, None);
        for gap in gaps {
            now += TimeDelta::seconds(gap);
            let decision = decide(&item, anchor, settled, None, now, &zone, &[]);
            let from = settled.unwrap_or(anchor);
            let all = slots(&item, anchor, zone, from, now);
            let (late, fresh): (Vec<_>, Vec<_>) = all.iter().partition(|slot| now - **slot > TimeDelta::seconds(120));
            let once = item.catch_up == CatchUp::Once;

            // None is forgotten: what is late is missed, and counted; what is not is done.
            prop_assert_eq!(decision.missed.as_ref().map_or(0, |missed| missed.count), late.len() as u64);
            if let Some(missed) = &decision.missed {
                prop_assert_eq!((Some(&missed.first), Some(&missed.last)), (late.first(), late.last()));
                prop_assert_eq!(missed.made_up, once);
            }
            prop_assert_eq!(decision.due.is_some(), !fresh.is_empty() || once && !late.is_empty());
            // None is both done in time and missed.
            if let (Some(due), Some(missed)) = (&decision.due, &decision.missed) {
                prop_assert!(missed.made_up && due.made_up || due.slot > missed.last);
            }
            prop_assert_eq!(decision.due.as_ref().map(|due| due.slot), decision.due.as_ref().and(all.last().copied()));
            prop_assert!(decision.next.is_some_and(|next| next > now));

            settled = match (&decision.due, &decision.missed) {
                (Some(_), _) => Some(now),
                (None, Some(missed)) => Some(missed.last),
                (None, None) => settled,
            };
            // Nothing of it comes again.
            let again = decide(&item, anchor, settled, None, now, &zone, &[]);
            prop_assert_eq!((again.due, again.missed, again.next), (None, None, decision.next));
        }
    }

    #[test]
    fn slots_come_in_order_and_the_next_one_is_after_now(
        item in items(),
        zone in 0..ZONES.len(),
        start in 1_293_840_000_i64..1_900_000_000,
    ) {
        let anchor = DateTime::from_timestamp(start, 0).unwrap();
        let all = slots(&item, anchor, ZONES[zone], anchor, anchor + TimeDelta::days(3));
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        // Whatever the time between two of them, the next one is the same.
        for pair in all.windows(2).take(50) {
            let between = pair[0] + (pair[1] - pair[0]) / 2;
            let next = decide(&item, anchor, Some(between), None, between, &ZONES[zone], &[]).next;
            prop_assert_eq!(next, Some(pair[1]));
        }
    }
}
