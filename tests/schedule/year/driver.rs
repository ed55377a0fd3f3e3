//! What the daemon does with the schedule: looks at its clocks, asks what is to be done, and writes down that it was done.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use holdfast::clock::Moment;
use holdfast::schedule::{Absence, BootSlot, Due, Item, LastAlive, Missed, Why, at_start, between, decide};

use super::world::{Doing, Stretch, World};

/// Something that was done or missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// By the clock on the wall.
    pub at: DateTime<Utc>,
    pub due: Option<Due>,
    pub missed: Option<Missed>,
}

/// How the daemon waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For 30 s at most.
    Slices,
    /// Up to the next slot, because nothing happens in the slices before it.
    ToNext,
}

/// What the ledger keeps of the item, and what the daemon has in mind.
struct Daemon<'a> {
    world: &'a World,
    item: &'a Item,
    zone: Tz,
    anchor: DateTime<Utc>,
    anchor_boot: u32,
    settled: Option<DateTime<Utc>>,
    settled_boot: Option<u32>,
    absences: Vec<Absence>,
    before: Moment,
    alive: LastAlive,
    booted: i64,
    seen: Vec<Seen>,
}

/// Everything that the daemon does about `item` in that year up to the real time `until`.
pub fn drive(world: &World, item: &Item, zone: Tz, wait: Wait, until: i64) -> Vec<Seen> {
    let first = &world.stretches[0];
    let anchor = world.wall(first, first.look);
    let before = Moment { wall: anchor, booted: Some(anchor), awake: TimeDelta::zero() };
    let mut daemon = Daemon {
        world,
        item,
        zone,
        anchor,
        anchor_boot: first.boot,
        settled: None,
        settled_boot: None,
        absences: Vec::new(),
        before,
        alive: LastAlive { moment: before, boot: None, stopped: false },
        booted: 0,
        seen: Vec::new(),
    };
    let (mut awake, mut last) = (0, Doing::On);
    for (n, stretch) in world.stretches.iter().enumerate() {
        if stretch.from >= until {
            break;
        }
        if stretch.doing == Doing::On {
            if last == Doing::Off {
                daemon.booted = stretch.from;
            }
            daemon.stretch(stretch, awake, last, wait);
            if let Some(next) = world.stretches.get(n + 1) {
                daemon.ends(stretch, awake, next.doing);
            }
        }
        if !matches!(stretch.doing, Doing::Asleep | Doing::Off) {
            awake += stretch.to - stretch.from;
        }
        last = stretch.doing;
    }
    daemon.seen
}

impl Daemon<'_> {
    fn moment(&self, stretch: &Stretch, awake: i64, at: i64) -> Moment {
        Moment {
            wall: self.world.wall(stretch, at),
            booted: Some(self.world.wall(stretch, self.booted)),
            awake: TimeDelta::seconds(awake + at - stretch.from),
        }
    }

    /// One stretch in which the daemon runs, after one in which the Mac was `last`.
    fn stretch(&mut self, stretch: &Stretch, awake: i64, last: Doing, wait: Wait) {
        let mut at = stretch.look;
        let moment = self.moment(stretch, awake, at);
        let boot = stretch.boot.to_string();
        match last {
            Doing::Off | Doing::Stopped => self.notice(at_start(&self.alive, &moment, Some(&boot))),
            // What the daemon itself was occupied with ends with a look at the clocks.
            Doing::Busy => {}
            _ => self.notice(between(&self.before, &moment)),
        }
        self.before = moment;
        while at < stretch.to {
            let moment = self.moment(stretch, awake, at);
            self.notice(between(&self.before, &moment));
            self.before = moment;
            let next = self.look(stretch, moment.wall);
            let slot = next.map_or(i64::MAX, |next| (next - self.world.wall(stretch, 0)).num_seconds());
            assert!(slot > at);
            at = match wait {
                Wait::Slices => slot.min(at + 30),
                Wait::ToNext if slot < stretch.to => slot,
                Wait::ToNext => break,
            };
            if wait == Wait::ToNext {
                // As if it had looked in between.
                self.before = self.moment(stretch, awake, at);
            }
        }
        // The last slice of the stretch began less than 30 s before its end.
        let since = (self.before.wall - self.world.wall(stretch, 0)).num_seconds();
        let slices = (stretch.to - 1 - since) / 30;
        self.before = self.moment(stretch, awake, since + 30 * slices);
    }

    /// Leaves behind when the daemon was last alive: at the end where it was told to stop, else at the last of the times at
    /// which it says so.
    fn ends(&mut self, stretch: &Stretch, awake: i64, next: Doing) {
        let stopped = next == Doing::Stopped || stretch.boot.is_multiple_of(2);
        let at = if stopped { stretch.to } else { stretch.to - (stretch.to - stretch.look) % 300 };
        self.alive =
            LastAlive { moment: self.moment(stretch, awake, at), boot: Some(stretch.boot.to_string()), stopped };
    }

    fn notice(&mut self, absences: Vec<Absence>) {
        let now = absences.iter().find(|absence| absence.why == Why::ClockSetBack).map(|absence| absence.to);
        if let Some(now) = now {
            // As the ledger has it: what is settled in the future is settled up to the line that shows it.
            self.settled = self.settled.map(|at| if at - now > TimeDelta::minutes(5) { now } else { at });
        }
        self.absences.extend(absences);
        self.absences.drain(..self.absences.len().saturating_sub(100));
    }

    /// Asks what is to be done, does it, and returns when something is to be done again.
    fn look(&mut self, stretch: &Stretch, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let fresh = stretch.boot != self.anchor_boot && Some(stretch.boot) != self.settled_boot;
        let boot = fresh.then(|| BootSlot { at: self.world.wall(stretch, self.booted) });
        let decision = decide(self.item, self.anchor, self.settled, boot, now, &self.zone, &self.absences);
        if decision.due.is_some() {
            self.settled = Some(now);
            self.settled_boot = Some(stretch.boot);
        } else if let Some(missed) = decision.missed.as_ref() {
            assert!(!missed.made_up, "nothing makes up for it");
            self.settled = Some(missed.last);
        }
        if decision.due.is_some() || decision.missed.is_some() {
            self.seen.push(Seen { at: now, due: decision.due, missed: decision.missed });
        }
        assert!(decision.next.is_none_or(|next| next > now), "{decision:?} at {now}", decision = decision.next);
        decision.next
    }
}
