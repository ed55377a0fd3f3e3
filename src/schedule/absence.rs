//! What the clocks say about the time in which the agent did nothing: it slept, the Mac was off, the time was changed.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Absence, Why};
use crate::clock::{Moment, stamp};

/// Shortest time that counts: a run that is later by less is on time all the same.
const NOTABLE: TimeDelta = TimeDelta::seconds(90);
/// Shortest change of the time that counts, forward or back. The kernel gives the start of the Mac in whole seconds, and
/// keeping time by the network moves it a little.
const CLOCK: TimeDelta = TimeDelta::seconds(30);

/// When the daemon was last known to be alive, as it writes it down now and then for its next start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct LastAlive {
    /// Its clocks at that moment. How long the Mac has been awake means nothing to another process.
    pub moment: Moment,
    /// The boot session's id, where it is known.
    pub boot: Option<String>,
    /// Whether it was told to stop.
    pub stopped: bool,
}

/// [`LastAlive`] in a file: times as RFC 3339.
#[derive(Serialize, Deserialize)]
struct Kept {
    wall: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booted: Option<String>,
    awake_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boot: Option<String>,
    stopped: bool,
}

impl From<LastAlive> for Kept {
    fn from(alive: LastAlive) -> Self {
        let LastAlive { moment, boot, stopped } = alive;
        let awake_ms = moment.awake.num_milliseconds();
        Self { wall: stamp(moment.wall), booted: moment.booted.map(stamp), awake_ms, boot, stopped }
    }
}

impl TryFrom<Kept> for LastAlive {
    type Error = chrono::ParseError;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let time = |text: &str| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
        let booted = kept.booted.as_deref().map(time).transpose()?;
        let awake = TimeDelta::try_milliseconds(kept.awake_ms).unwrap_or(TimeDelta::MAX);
        Ok(Self { moment: Moment { wall: time(&kept.wall)?, booted, awake }, boot: kept.boot, stopped: kept.stopped })
    }
}

/// What happened between two moments of one life of the daemon, between which it had nothing to do.
///
/// Where the time was changed while the Mac slept, nobody knows at which of its ends; then both are why for all of it.
#[must_use]
pub fn between(before: &Moment, after: &Moment) -> Vec<Absence> {
    let jump = jump(before, after);
    let passed = (after.wall - before.wall).checked_sub(&jump).unwrap_or(TimeDelta::zero());
    let awake = after.awake.checked_sub(&before.awake).unwrap_or(TimeDelta::zero());
    let asleep = passed.checked_sub(&awake).unwrap_or(TimeDelta::zero());
    let from = start(before, after, passed);
    let over = |why: Why| Absence { from, to: after.wall, why };
    let mut absences = Vec::new();
    if asleep > NOTABLE {
        absences.push(over(Why::Asleep));
    }
    if awake > NOTABLE {
        absences.push(over(Why::Stalled));
    }
    absences.extend(change(before, after, jump));
    absences
}

/// What happened since the daemon's last life, up to the first moment of this one, in the boot session `boot`.
#[must_use]
pub fn at_start(last_alive: &LastAlive, now: &Moment, boot: Option<&str>) -> Vec<Absence> {
    let before = &last_alive.moment;
    let same_boot = match (last_alive.boot.as_deref(), boot) {
        (Some(last), Some(this)) => last == this,
        // Without ids: it was started before the daemon was last alive.
        _ => now.booted.is_none_or(|booted| booted <= before.wall),
    };
    let mut absences = Vec::new();
    if same_boot {
        let jump = jump(before, now);
        let passed = (now.wall - before.wall).checked_sub(&jump).unwrap_or(TimeDelta::zero());
        if passed > NOTABLE {
            absences.push(Absence { from: start(before, now, passed), to: now.wall, why: Why::DaemonStopped });
        }
        absences.extend(change(before, now, jump));
        return absences;
    }
    if now.wall < before.wall {
        // How long it was off cannot be told.
        absences.extend(change(before, now, now.wall - before.wall));
        return absences;
    }
    // From a start that took no longer than usual on, it was as good as off.
    let started = now.booted.filter(|booted| *booted > before.wall && now.wall - *booted > NOTABLE).unwrap_or(now.wall);
    absences.push(Absence { from: before.wall, to: started, why: Why::PoweredOff });
    if started < now.wall {
        absences.push(Absence { from: started, to: now.wall, why: Why::DaemonStopped });
    }
    absences
}

/// Why the agent could not do anything at `slot`: what the first of `absences`, which are in the order in which they came
/// about, says that holds it; [`Why::Busy`] where none does.
#[must_use]
pub fn why(slot: DateTime<Utc>, absences: &[Absence]) -> Why {
    let holds = |absence: &&Absence| absence.from <= slot && slot <= absence.to;
    in_force(absences).iter().find(holds).map_or(Why::Busy, |absence| absence.why)
}

/// The absences that hold any time. Where the clock was set back, the time from there on is still to come, and what was on
/// record of it says nothing any more.
pub(super) fn in_force(absences: &[Absence]) -> Vec<Absence> {
    let mut still_to_come = DateTime::<Utc>::MAX_UTC;
    let mut held = Vec::new();
    for absence in absences.iter().rev() {
        let to = absence.to.min(still_to_come);
        if absence.why == Why::ClockSetBack {
            still_to_come = to;
        } else if absence.from <= to {
            held.push(Absence { to, ..*absence });
        }
    }
    held.reverse();
    held
}

/// By how much the time was changed between two moments of one boot session; zero where the kernel did not say when that
/// began, unless time went back, which it never does by itself.
fn jump(before: &Moment, after: &Moment) -> TimeDelta {
    match (before.booted, after.booted) {
        (Some(before), Some(after)) => after - before,
        _ => (after.wall - before.wall).min(TimeDelta::zero()),
    }
}

/// When the time that passed between two moments began, as the clock is now where it was set back.
fn start(before: &Moment, after: &Moment, passed: TimeDelta) -> DateTime<Utc> {
    after.wall.checked_sub_signed(passed).map_or(before.wall, |began| began.min(before.wall))
}

fn change(before: &Moment, after: &Moment, jump: TimeDelta) -> Option<Absence> {
    let over = |why: Why| Some(Absence { from: before.wall, to: after.wall, why });
    match jump {
        jump if jump > CLOCK => over(Why::ClockSetForward),
        jump if jump < -CLOCK => over(Why::ClockSetBack),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// The clocks, in seconds: the wall's, the start of the Mac by it, how long it has been awake.
    fn moment(wall: i64, booted: i64, awake: i64) -> Moment {
        Moment { wall: at(wall), booted: Some(at(booted)), awake: TimeDelta::seconds(awake) }
    }

    fn absence(from: i64, to: i64, why: Why) -> Absence {
        Absence { from: at(from), to: at(to), why }
    }

    #[test]
    fn sleep_a_stop_and_a_change_of_the_time_are_told_apart() {
        let before = moment(10_000, 0, 5000);
        for (after, expected) in [
            (moment(10_030, 0, 5030), vec![]),
            // The kernel gives the start in whole seconds.
            (moment(10_031, 1, 5030), vec![]),
            (moment(10_120, 0, 5030), vec![]),
            (moment(20_030, 0, 5030), vec![absence(10_000, 20_030, Why::Asleep)]),
            (moment(10_600, 0, 5600), vec![absence(10_000, 10_600, Why::Stalled)]),
            (moment(13_630, 3600, 5030), vec![absence(10_000, 13_630, Why::ClockSetForward)]),
            (moment(6430, -3600, 5030), vec![absence(10_000, 6430, Why::ClockSetBack)]),
        ] {
            assert_eq!(between(&before, &after), expected, "{after:?}");
        }
    }

    #[test]
    fn what_happened_at_once_is_all_named() {
        let before = moment(10_000, 0, 5000);
        let both = |from, to, one, other| vec![absence(from, to, one), absence(from, to, other)];
        assert_eq!(
            between(&before, &moment(10_000 + 8000 + 600, 0, 5600)),
            both(10_000, 18_600, Why::Asleep, Why::Stalled)
        );
        assert_eq!(
            between(&before, &moment(10_000 + 8000 + 3600, 3600, 5000)),
            both(10_000, 21_600, Why::Asleep, Why::ClockSetForward)
        );
        // Slept for 8000 s and then set back by 9000 s: by the clock as it is now, the sleep began at 1000.
        assert_eq!(
            between(&before, &moment(9000, -9000, 5000)),
            [absence(1000, 9000, Why::Asleep), absence(10_000, 9000, Why::ClockSetBack)]
        );
    }

    #[test]
    fn without_the_start_of_the_mac_time_that_passed_is_sleep() {
        let unknown = |wall: i64| Moment { booted: None, ..moment(wall, 0, 0) };
        assert_eq!(between(&unknown(0), &unknown(5000)), [absence(0, 5000, Why::Asleep)]);
        assert_eq!(between(&unknown(5000), &unknown(0)), [absence(5000, 0, Why::ClockSetBack)]);
    }

    fn last(wall: i64, booted: i64, boot: Option<&str>) -> LastAlive {
        LastAlive { moment: moment(wall, booted, 77), boot: boot.map(str::to_owned), stopped: false }
    }

    #[test]
    fn a_start_in_the_same_session_tells_that_the_daemon_was_stopped() {
        let alive = last(10_000, 0, Some("A"));
        let stopped = absence(10_000, 14_000, Why::DaemonStopped);
        assert_eq!(at_start(&alive, &moment(14_000, 0, 0), Some("A")), [stopped]);
        assert_eq!(at_start(&alive, &moment(10_010, 0, 0), Some("A")), []);
        assert_eq!(
            at_start(&alive, &moment(17_600, 3600, 0), Some("A")),
            [absence(10_000, 17_600, Why::DaemonStopped), absence(10_000, 17_600, Why::ClockSetForward)]
        );
        // Whether it is the same session can be told without its id, too.
        assert_eq!(at_start(&last(10_000, 0, None), &moment(14_000, 0, 0), Some("A")), [stopped]);
    }

    #[test]
    fn a_start_in_another_session_tells_that_the_mac_was_off() {
        for alive in [last(10_000, 0, Some("A")), last(10_000, 0, None)] {
            let off = |to| absence(10_000, to, Why::PoweredOff);
            assert_eq!(at_start(&alive, &moment(50_040, 50_000, 0), Some("B")), [off(50_040)]);
            assert_eq!(
                at_start(&alive, &moment(60_000, 50_000, 0), Some("B")),
                [off(50_000), absence(50_000, 60_000, Why::DaemonStopped)]
            );
        }
        let nobody_said = Moment { booted: None, ..moment(60_000, 0, 0) };
        assert_eq!(
            at_start(&last(10_000, 0, Some("A")), &nobody_said, Some("B")),
            [absence(10_000, 60_000, Why::PoweredOff)]
        );
        // A clock that has lost the time: nothing but that can be told.
        assert_eq!(
            at_start(&last(10_000, 0, Some("A")), &moment(500, 460, 0), Some("B")),
            [absence(10_000, 500, Why::ClockSetBack)]
        );
    }

    #[test]
    fn a_slot_is_in_an_absence_at_both_of_its_ends() {
        let absences = [absence(100, 200, Why::Asleep), absence(200, 300, Why::PoweredOff)];
        let expected =
            [(99, Why::Busy), (100, Why::Asleep), (200, Why::Asleep), (201, Why::PoweredOff), (301, Why::Busy)];
        for (slot, reason) in expected {
            assert_eq!(why(at(slot), &absences), reason, "{slot}");
        }
    }

    #[test]
    fn what_was_on_record_of_a_time_that_comes_again_counts_no_more() {
        let back = absence(500, 150, Why::ClockSetBack);
        let absences = [absence(100, 200, Why::Asleep), absence(200, 300, Why::PoweredOff), back];
        for (slot, reason) in [(99, Why::Busy), (150, Why::Asleep), (151, Why::Busy), (250, Why::Busy)] {
            assert_eq!(why(at(slot), &absences), reason, "{slot}");
        }
        let later = [absence(100, 300, Why::Asleep), back, absence(160, 250, Why::Stalled)];
        for (slot, reason) in [(120, Why::Asleep), (200, Why::Stalled), (251, Why::Busy)] {
            assert_eq!(why(at(slot), &later), reason, "{slot}");
        }
    }

    #[test]
    fn when_it_was_last_alive_outlives_a_file() {
        for alive in [last(10_000, 0, Some("A")), LastAlive { stopped: true, boot: None, ..last(1, 0, None) }] {
            let text = serde_json::to_string(&alive).unwrap();
            assert_eq!(serde_json::from_str::<LastAlive>(&text).unwrap(), alive);
        }
        for bad in [r#"{"wall":"yesterday","awake_ms":1,"stopped":false}"#, "{}"] {
            assert!(serde_json::from_str::<LastAlive>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_clock_is_too_far_out() {
        let far = |wall, awake| Moment { wall, booted: Some(wall), awake };
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        for (before, after) in [(first, last), (last, first)] {
            for awake in [TimeDelta::MIN, TimeDelta::MAX] {
                let _ = between(&far(before, TimeDelta::zero()), &far(after, awake));
                let alive = LastAlive { moment: far(before, awake), boot: None, stopped: true };
                let _ = at_start(&alive, &far(after, TimeDelta::zero()), None);
            }
        }
    }
}
