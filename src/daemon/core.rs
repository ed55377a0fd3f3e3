//! What the daemon knows, and its tick: one round of work, in a straight line, that blocks until it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::alive;
use super::events::{Happened, Interests};
use super::gaps::Gaps;
use super::patience::{Alarms, Backoff};
use crate::agent::{Agent, AgentError, Known};
use crate::clock::Moment;
use crate::host::{self, Once, sessions::sessions};
use crate::ledger::history::History;
use crate::ledger::{Event, Journal, LedgerError};
use crate::mac::{Answer, Ask, FileAnswer, sysctl, system_profiler};
use crate::policy::{self, Policy};
use crate::schedule::{Item, LastAlive, items, splay_as_followed};
use crate::sign_out::{Keeper, Notifier};

/// How often a sign of life is left.
const HEARTBEAT: TimeDelta = TimeDelta::minutes(5);
/// How often at most the battery is asked again while it is low.
pub(super) const ASK_BATTERY: TimeDelta = TimeDelta::minutes(5);
/// How often at most everything is looked at because events were lost.
pub(super) const LOST_EVENTS: TimeDelta = TimeDelta::minutes(5);
/// Most events that wait for a ledger that cannot be written.
const MOST_UNSAID: usize = 1000;

/// The daemon, as it goes from tick to tick.
pub struct Core<'a, Z: TimeZone> {
    pub(super) agent: Agent<'a>,
    pub(super) zone: Z,
    pub(super) notifier: &'a dyn Notifier,
    pub(super) keeper: Keeper,
    /// When the keeper wants to be called again.
    pub(super) keeper_at: Option<DateTime<Utc>>,
    /// Whether something happened that may make a sign-out due.
    pub(super) rouse: bool,
    pub(super) known: Known,
    pub(super) policy: Option<Policy>,
    /// The policy's files as they were when it was read.
    files: Option<[Result<FileAnswer, String>; 2]>,
    pub(super) items: Arc<Vec<Item>>,
    device: Option<String>,
    pub(super) boot: Option<String>,
    /// Who is logged in, by short name.
    users: BTreeSet<String>,
    last: Option<Moment>,
    pub(super) gaps: Gaps,
    pub(super) pending: Happened,
    /// Why everything is to be looked at.
    pub(super) whole: Option<String>,
    /// When that was last done because events were lost, in time awake.
    pub(super) lost_at: Option<TimeDelta>,
    /// When a mend that waits may be made.
    pub(super) retries: BTreeMap<&'static str, DateTime<Utc>>,
    pub(super) contested: BTreeSet<&'static str>,
    pub(super) alarms: Alarms,
    /// Whether the battery was low when it was last asked, and when that was, in time awake.
    pub(super) battery: Option<(bool, TimeDelta)>,
    unsaid: Vec<Event>,
    /// Up to when it has been said of each item what was missed.
    pub(super) told_missed: BTreeMap<String, String>,
    /// The ledger, or what else a pass cannot do without.
    pub(super) trouble: Backoff,
    /// The steps that ended in a defect.
    crashes: BTreeMap<&'static str, Backoff>,
    pub(super) keeper_trouble: Backoff,
    complaint: Option<String>,
    alive_at: Option<TimeDelta>,
    pub(super) did: bool,
}

/// What comes after a tick.
#[derive(Clone, Debug)]
pub struct Ticked {
    /// How long to wait for the next one, if nothing happens.
    pub wait: TimeDelta,
    /// What to listen for meanwhile.
    pub interests: Interests,
}

/// The soonest of several times.
pub(super) struct Next {
    now: Moment,
    wait: TimeDelta,
}

impl Next {
    /// By the wall clock.
    pub fn at(&mut self, time: Option<DateTime<Utc>>) {
        self.within(time.map(|time| time.signed_duration_since(self.now.wall)));
    }

    /// In time awake.
    pub fn awake(&mut self, time: Option<TimeDelta>) {
        self.within(time.and_then(|time| time.checked_sub(&self.now.awake)));
    }

    fn within(&mut self, wait: Option<TimeDelta>) {
        self.wait = wait.map_or(self.wait, |wait| self.wait.min(wait.max(TimeDelta::zero())));
    }
}

impl<'a, Z: TimeZone> Core<'a, Z> {
    /// One that has done nothing yet. Its local time is that of `zone`.
    #[must_use]
    pub fn new(agent: Agent<'a>, zone: Z, notifier: &'a dyn Notifier) -> Self {
        Self {
            agent,
            zone,
            notifier,
            keeper: Keeper::new(),
            keeper_at: None,
            rouse: true,
            known: Known::default(),
            policy: None,
            files: None,
            items: Arc::default(),
            device: None,
            boot: None,
            users: BTreeSet::new(),
            last: None,
            gaps: Gaps::default(),
            pending: Happened::default(),
            whole: None,
            lost_at: None,
            retries: BTreeMap::new(),
            contested: BTreeSet::new(),
            alarms: Alarms::default(),
            battery: None,
            unsaid: Vec::new(),
            told_missed: BTreeMap::new(),
            trouble: Backoff::default(),
            crashes: BTreeMap::new(),
            keeper_trouble: Backoff::default(),
            complaint: None,
            alive_at: None,
            did: false,
        }
    }

    /// One round: what happened meanwhile, the policy, what is due, the sign-outs. Blocks, and never panics.
    pub fn tick(&mut self, happened: Happened) -> Ticked {
        let now = self.agent.clock.moment();
        self.did = false;
        self.pending.add(happened);
        self.guard("taking stock of the time", now, |core, now| core.account(now));
        self.guard("reading the policy", now, |core, now| core.read_policy(now));
        self.guard("finding out who is logged in", now, |core, _| core.find_users());
        let mut next = Next { now, wait: HEARTBEAT };
        self.guard("looking and mending", now, |core, now| core.look_and_mend(now, &mut next));
        self.guard("signing out of Jamf Trust", now, |core, now| core.sign_out(now, &mut next));
        if self.pending.is_nothing() {
            self.pending.first = None;
        }
        self.flush(now);
        let now = self.agent.clock.moment();
        self.leave_sign(now, false);
        // What it took is no absence, but the Mac may have gone to sleep over it.
        if let Some(began) = self.last.replace(now) {
            let gaps = self.gaps.pass(&began, &now, true);
            self.unsaid.extend(gaps);
        }
        next.awake(self.trouble.waits(now.awake));
        self.crashes.values().for_each(|crash| next.awake(crash.waits(now.awake)));
        Ticked { wait: next.wait, interests: self.interests() }
    }

    /// The daemon ends, because of the signal `because`: puts that on record.
    pub fn finish(&mut self, because: &str) {
        let now = self.agent.clock.moment();
        self.say(Event::DaemonStopped { because: because.to_owned() });
        self.trouble.is_well();
        self.flush(now);
        self.leave_sign(now, true);
    }

    /// Runs one step. A panic in it is a defect of ours: it goes on record, the next step runs, and this one is let be for a
    /// while.
    fn guard(&mut self, what: &'static str, now: Moment, step: impl FnOnce(&mut Self, Moment)) {
        if self.crashes.get(what).is_some_and(|crash| crash.waits(now.awake).is_some()) {
            return;
        }
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| step(self, now))) else {
            self.crashes.remove(what);
            return;
        };
        let message = crate::text::excerpt(&crate::text::panic_words(panic.as_ref()));
        tracing::error!("{what} ended in a defect: {message}");
        self.say(Event::Crashed { what: what.to_owned(), message });
        self.crashes.entry(what).or_default().fails(now.awake);
    }

    /// Puts an event on record with the next [`Core::flush`].
    pub(super) fn say(&mut self, event: Event) {
        if self.unsaid.len() < MOST_UNSAID {
            self.unsaid.push(event);
        }
    }

    /// Writes what there is to say. Returns whether all of it is on record.
    pub(super) fn flush(&mut self, now: Moment) -> bool {
        if self.unsaid.is_empty() {
            return true;
        }
        if self.trouble.waits(now.awake).is_some() {
            return false;
        }
        let built_in = Policy::built_in(&self.agent.catalogue);
        let mut journal = self.agent.journal(self.policy.as_ref().unwrap_or(&built_in));
        let mut done = 0;
        let said = self.unsaid.iter().try_for_each(|event| {
            journal.append(event.clone())?;
            done += 1;
            Ok::<(), LedgerError>(())
        });
        drop(journal);
        self.unsaid.drain(..done);
        self.did |= done > 0;
        match said {
            Ok(()) => {
                self.is_well();
                true
            }
            Err(error) => {
                self.fails(&AgentError::from(error), now);
                false
            }
        }
    }

    /// Nothing can be done for now.
    pub(super) fn fails(&mut self, error: &dyn std::error::Error, now: Moment) {
        if self.agent.stop.load(Ordering::Relaxed) {
            return;
        }
        self.trouble.fails(now.awake);
        self.complain(error);
    }

    /// Tells engineers what is wrong, once.
    pub(super) fn complain(&mut self, error: &dyn std::error::Error) {
        let words = crate::text::chain(error);
        if self.complaint.as_ref() != Some(&words) {
            tracing::warn!("{}; it is tried again", crate::text::visible(&words));
        }
        self.complaint = Some(words);
    }

    /// The ledger can be written.
    pub(super) fn is_well(&mut self) {
        self.trouble.is_well();
        if self.complaint.take().is_some() {
            tracing::warn!("the trouble is over");
        }
    }

    /// What happened since the last tick, or before the first one.
    fn account(&mut self, now: Moment) {
        let gaps = match self.last.replace(now) {
            Some(last) => self.gaps.pass(&last, &now, false),
            None => self.begin(now),
        };
        let stalls = std::mem::take(&mut self.pending.stalls);
        let stalled: Vec<Event> = stalls.into_iter().flat_map(|(from, to)| self.gaps.stalled(from, to)).collect();
        let gaps = [gaps, stalled].concat();
        self.rouse |= !gaps.is_empty();
        gaps.into_iter().for_each(|gap| self.say(gap));
    }

    fn begin(&mut self, now: Moment) -> Vec<Event> {
        self.whole = Some("the daemon started".to_owned());
        self.pending.sessions = true;
        self.boot = host::ask(self.agent.look, &sysctl::boot_session()).ok().map(|session| session.uuid);
        self.device = host::ask(self.agent.look, &system_profiler::hardware()).ok().and_then(|hardware| hardware.uuid);
        self.say(Event::DaemonStarted { agent: env!("CARGO_PKG_VERSION").into(), pid: std::process::id() });
        match alive::read(&self.agent.places) {
            Ok(Some(last)) => self.gaps.begin(&last, &now, self.boot.as_deref()),
            Ok(None) => Vec::new(),
            Err(error) => {
                tracing::warn!("for how long the daemon was away cannot be told: {error}");
                Vec::new()
            }
        }
    }

    /// Reads the policy where its files are not what they were, or it is asked for.
    fn read_policy(&mut self, _: Moment) {
        let files = [policy::MANAGED_FILE, policy::LOCAL_FILE].map(|path| self.file(path));
        let changed = self.files.as_ref() != Some(&files);
        self.pending.policy = false;
        if !changed && !self.pending.reload {
            return;
        }
        let loaded = self.agent.load_policy(&Once::new(self.agent.look));
        let is_other = self.policy.as_ref().is_none_or(|policy| policy.digest() != loaded.policy.digest());
        if (changed || is_other) && self.files.is_some() {
            self.whole.get_or_insert_with(|| "the policy changed".to_owned());
        }
        self.files = Some(files);
        self.pending.reload = false;
        self.adopt(loaded.policy);
    }

    fn file(&self, path: &str) -> Result<FileAnswer, String> {
        match self.agent.look.look(&Ask::File(path.into())) {
            Ok(Answer::File(file)) => Ok(file),
            Ok(_) => Err("something else answered for a file".to_owned()),
            Err(error) => Err(error.chain()),
        }
    }

    /// From here on it is this policy that counts.
    pub(super) fn adopt(&mut self, policy: Policy) {
        self.items = Arc::new(items(&policy, self.device.as_deref().unwrap_or_default()));
        self.policy = Some(policy);
        self.rouse = true;
    }

    /// The items, with the splay on record where this Mac's own id cannot be told.
    pub(super) fn follow(&mut self, history: &History) {
        if self.device.is_none() {
            for item in Arc::make_mut(&mut self.items) {
                if let Some(followed) = history.schedule.get(&item.name) {
                    splay_as_followed(item, &followed.form);
                }
            }
        }
    }

    /// Who is logged in, where that may have changed.
    fn find_users(&mut self) {
        if !self.pending.sessions {
            return;
        }
        self.pending.sessions = false;
        self.rouse = true;
        match sessions(self.agent.look) {
            Ok(sessions) => self.users = sessions.into_iter().map(|session| session.name).collect(),
            // Those who were stay watched; the passes see to the others.
            Err(error) => tracing::debug!("who is logged in cannot be told: {}", error.chain()),
        }
    }

    /// What to listen for.
    #[must_use]
    pub fn interests(&self) -> Interests {
        let held = |control: &&&'static crate::control::Control| {
            self.policy.as_ref().is_none_or(|policy| policy.of(control).selected)
        };
        let controls: Vec<_> = self.agent.catalogue.iter().filter(held).copied().collect();
        Interests::new(self.root(), &controls, self.users.clone())
    }

    pub(super) fn root(&self) -> &Path {
        self.agent.places.root()
    }

    /// Leaves a sign of life where something was done, and now and then.
    fn leave_sign(&mut self, now: Moment, stopped: bool) {
        let due = self.alive_at.is_none_or(|at| now.awake.checked_sub(&at).is_none_or(|age| age >= HEARTBEAT));
        if !due && !self.did && !stopped {
            return;
        }
        let alive = LastAlive { moment: now, boot: self.boot.clone(), stopped };
        match alive::write(&self.agent.places, &alive) {
            Ok(()) => self.alive_at = Some(now.awake),
            Err(error) => tracing::debug!("no sign of life could be left: {error}: {}", error.source),
        }
    }
}
