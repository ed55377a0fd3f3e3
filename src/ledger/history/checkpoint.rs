//! The folded state as lines at the beginning of a segment, and back.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    ExemptionHistory, History, ItemHistory, LONGEST_TEXT, Made, Runs, SignOutHistory, Standing, is_plain, made,
    sign_outs,
};
use crate::ledger::line::{ascii_line, escaped_len};
use crate::ledger::{Entry, Event};

/// Bytes of standings that one checkpoint line holds, so that the whole stays below the longest line.
const PART: usize = 4000;

/// What some parts of a checkpoint say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// How many parts.
    done: u32,
    state: BTreeMap<String, Standing>,
    schedule: BTreeMap<String, ItemHistory>,
    sign_outs: BTreeMap<String, SignOutHistory>,
    made: BTreeMap<String, Made>,
    exemptions: BTreeMap<String, ExemptionHistory>,
}

impl History {
    /// Takes a part of a checkpoint into account; the last one replaces everything. Returns whether it was that.
    pub(super) fn checkpoint(&mut self, entry: &Entry) -> bool {
        let Event::Checkpoint { part, parts, runs, state, schedule, sign_outs, made, exemptions, daemon_since, .. } =
            &entry.event
        else {
            return false;
        };
        let before = if *part == 1 { Some(Parts::default()) } else { self.parts.take() };
        let Some(mut all) = before.filter(|before| before.done.checked_add(1) == Some(*part)) else {
            self.parts = None;
            return false;
        };
        all.done = *part;
        take(&mut all.state, state, |id, standing| is_plain(id) && standing.is_bounded());
        take(&mut all.schedule, schedule, |name, item| escaped_len(name) <= LONGEST_TEXT && item.is_bounded());
        take(&mut all.sign_outs, sign_outs, |user, standing| sign_outs::is_key(user) && standing.is_bounded());
        take(&mut all.made, made, made::is_ours);
        take(&mut all.exemptions, exemptions, |key, one| escaped_len(key) <= LONGEST_TEXT && one.is_bounded());
        if part < parts {
            self.parts = Some(all);
            return false;
        }
        *self = Self {
            controls: all.state,
            runs: Runs::clone(runs),
            schedule: all.schedule,
            sign_outs: all.sign_outs,
            made: all.made,
            exemptions: all.exemptions,
            daemon_since: daemon_since.clone().filter(|since| is_plain(since)),
            boot: self.boot.take(),
            removed: false,
            parts: None,
        };
        true
    }

    /// The checkpoint that stands for this history, as the events that a new segment begins with: each fits one line.
    #[must_use]
    pub(in crate::ledger) fn checkpoint_events(&self, after: Option<&str>) -> Vec<Event> {
        let mut parts = vec![Parts::default()];
        let mut used = 0;
        fill(&mut parts, &mut used, &self.controls, |part| &mut part.state);
        fill(&mut parts, &mut used, &self.schedule, |part| &mut part.schedule);
        fill(&mut parts, &mut used, &self.sign_outs, |part| &mut part.sign_outs);
        fill(&mut parts, &mut used, &self.made, |part| &mut part.made);
        fill(&mut parts, &mut used, &self.exemptions, |part| &mut part.exemptions);
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        (1..=count)
            .zip(parts)
            .map(|(part, Parts { state, schedule, sign_outs, made, exemptions, .. })| Event::Checkpoint {
                after: after.map(str::to_owned),
                part,
                parts: count,
                runs: Box::new(self.runs.clone()),
                state,
                schedule,
                sign_outs,
                made,
                exemptions,
                daemon_since: self.daemon_since.clone(),
            })
            .collect()
    }
}

fn take<T: Clone>(all: &mut BTreeMap<String, T>, part: &BTreeMap<String, T>, is_ours: fn(&str, &T) -> bool) {
    let ours = part.iter().filter(|(key, value)| is_ours(key, value));
    all.extend(ours.map(|(key, value)| (key.clone(), value.clone())));
}

/// Deals `all` out to the parts, a new one for whatever the last has no room for.
fn fill<T: Clone + Serialize>(
    parts: &mut Vec<Parts>,
    used: &mut usize,
    all: &BTreeMap<String, T>,
    of: fn(&mut Parts) -> &mut BTreeMap<String, T>,
) {
    for (key, value) in all {
        // Never 0 in earnest: a map of texts and numbers can always be written.
        let size = serde_json::to_string(&(key, value)).map_or(0, |json| ascii_line(&json).len());
        if *used + size > PART {
            parts.push(Parts::default());
            *used = 0;
        }
        *used += size;
        if let Some(part) = parts.last_mut() {
            of(part).insert(key.clone(), value.clone());
        }
    }
}
