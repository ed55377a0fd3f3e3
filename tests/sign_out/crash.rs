//! A life of the agent that ends at any line: nothing is asked for twice, nothing is claimed that was not seen.

use std::collections::BTreeSet;

use holdfast::ledger::Stage::{Confirmed, Delivered, Requested, Unconfirmed};
use holdfast::ledger::{Event, Stage};
use proptest::prelude::*;

use crate::bench::{Bench, Death, at, daily, minutes};

/// Lives until a crash at the `line`-th line, then another life for the rest of the day.
fn crashed(line: usize, written: bool) -> Bench {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.book.death = Some(Death { at: line, written });
    *bench.clock.now.lock().unwrap() = at("2026-01-05 08:00:00");
    let mut dead = false;
    for _ in 0..3 {
        dead |= bench.round().is_err();
        if dead {
            break;
        }
    }
    assert!(dead, "line {line}");
    bench.restart();
    bench.until(at("2026-01-05 20:00:00"));
    bench
}

fn count(bench: &Bench, wanted: Stage) -> usize {
    bench.steps().iter().filter(|step| step.1 == wanted).count()
}

#[test]
fn a_request_that_was_on_disk_is_never_made_again() {
    // Before the request is on disk nothing was run.
    let bench = crashed(1, false);
    assert_eq!(bench.stages("alice"), [Requested, Delivered, Confirmed]);
    assert_eq!((bench.handed().len(), bench.log().lines().count()), (1, 1));
    // On disk, and perhaps not asked for any more.
    let bench = crashed(1, true);
    assert_eq!(bench.stages("alice"), [Requested, Unconfirmed]);
    assert_eq!((bench.handed().len(), bench.log()), (0, String::new()));
    assert!(bench.words(Unconfirmed).contains("the agent ended"), "{}", bench.words(Unconfirmed));
    // Asked for, and that it was delivered is not on disk: no line may tell of it.
    let bench = crashed(2, false);
    assert_eq!(bench.stages("alice"), [Requested, Unconfirmed]);
    assert_eq!((bench.handed().len(), bench.log()), (1, String::new()));
}

#[test]
fn the_line_of_a_delivery_is_completed_once() {
    let bench = crashed(2, true);
    assert_eq!(bench.stages("alice"), [Requested, Delivered, Unconfirmed]);
    assert_eq!((bench.handed().len(), bench.log().lines().count()), (1, 1));
    assert!(bench.words(Unconfirmed).contains("was written now"), "{}", bench.words(Unconfirmed));
    assert!(bench.log().ends_with(" at 2026-01-05 08:00:00\n"));
    // Written, and the confirmation is not on disk.
    let bench = crashed(3, false);
    assert_eq!(bench.stages("alice"), [Requested, Delivered, Unconfirmed]);
    assert_eq!(bench.log().lines().count(), 1);
    assert!(!bench.words(Unconfirmed).contains("was written now"), "{}", bench.words(Unconfirmed));
}

#[test]
fn an_outcome_that_was_seen_waits_for_the_ledger() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.book.death = Some(Death { at: 3, written: false });
    *bench.clock.now.lock().unwrap() = at("2026-01-05 08:00:00");
    while bench.round().is_ok() {}
    // The same life, a while later.
    bench.book.death = None;
    *bench.clock.now.lock().unwrap() += minutes(5);
    bench.until(at("2026-01-05 20:00:00"));
    assert_eq!(bench.stages("alice"), [Requested, Delivered, Confirmed]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Lives that end anywhere, over some days with notices, deferrals, refusals, logins and logouts.
    #[test]
    fn no_history_of_crashes_signs_out_twice_or_claims_too_much(
        lives in prop::collection::vec((1..400_i64, 1..5_usize, any::<bool>(), 0..6_u8), 1..14),
        catch_up in prop_oneof![Just("once"), Just("skip")],
    ) {
        let mut bench = Bench::new(&[
            ("Interval", 7200.into()), ("CatchUp", catch_up.into()), ("NoticeMinutes", 2.into()), ("AtBoot", true.into()),
        ]);
        for (length, line, written, what) in lives {
            match what {
                0 => bench.log_out("alice"),
                1 => bench.log_in("alice"),
                2 => bench.log_in("bob"),
                3 => bench.mac.edit(|state| state.jamf_trust.refuses = Some("no".into())).unwrap(),
                4 => bench.mac.edit(|state| state.jamf_trust.refuses = None).unwrap(),
                _ => bench.reboot_at(bench.now() + minutes(3)),
            }
            bench.book.death = Some(Death { at: line, written });
            let end = bench.now() + minutes(length);
            while bench.now() < end {
                match bench.round() {
                    Ok(wake) => {
                        let next = wake.unwrap_or(end).clamp(bench.now() + chrono::TimeDelta::seconds(1), end);
                        *bench.clock.now.lock().unwrap() = next;
                    }
                    Err(_) => bench.restart(),
                }
            }
        }
        bench.restart();
        bench.until(bench.now() + minutes(1));
        // Each request settles its time for its user; only a refusal, or a crash before it, gives it back.
        let mut asked = BTreeSet::new();
        for event in &bench.book.events {
            let Event::SignOut { stage, user, due, .. } = event else { continue };
            match stage {
                Requested => prop_assert!(asked.insert((user.clone(), due.clone())), "{user} was asked twice for {due}"),
                Stage::NotDone => { asked.remove(&(user.clone(), due.clone())); }
                _ => {}
            }
        }
        let delivered = count(&bench, Delivered);
        prop_assert!(bench.handed().len() <= count(&bench, Requested));
        prop_assert!(delivered <= bench.handed().len());
        prop_assert_eq!(bench.log().lines().count(), delivered, "a line for each delivery and none without");
        prop_assert!(count(&bench, Confirmed) <= delivered);
        for (user, history) in &bench.book.history.sign_outs {
            prop_assert!(!matches!(history.stage, Requested), "{user} was left without an end");
        }
    }
}
