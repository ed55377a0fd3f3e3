//! What the agent changed on this Mac and nobody has put back since, setting by setting, with the way back.
//!
//! The way back leads to what was there before the agent's *first* change, for as long as each later change found what the one
//! before it had left: policy asked for another value then, and nobody else was there. Where a change found something else,
//! somebody had set it meanwhile, and the way back leads to that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LONGEST_TEXT, is_plain};
use crate::ledger::line::{ascii_line, cut, escaped_len};
use crate::ledger::{Announced, Entry, Event};
use crate::mac::changes::{Single, singles};
use crate::text::command_line;

/// Most that one setting takes in a checkpoint, in bytes as written in a line: as much as a change can have that fits a line
/// with its prior value and its undo.
const LONGEST_MADE: usize = 4400;

/// A setting as the agent has left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The control that changed it last.
    pub control: String,
    /// The other controls that had set it and not put it back, the latest last, also where somebody had set it otherwise between:
    /// they want it set, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The run that did; empty where that was an earlier version's, which did not keep it.
    #[serde(default)]
    pub run: String,
    /// Whether the way back leads to before an earlier change of the agent's, which found something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub further: bool,
    /// The number of the line that announced that.
    pub line: u64,
    /// Which of the changes in that line.
    #[serde(default)]
    pub step: usize,
    /// Which of the settings that this change's undo puts back; they are put back in this order.
    #[serde(default)]
    pub place: usize,
    /// When that was, RFC 3339.
    pub at: String,
    /// The command that leaves it so, and changes nothing else; as announced where it is none that this version knows.
    pub left: Vec<String>,
    /// The command that left it as it was before that, where that was the agent too and it is not certain that the last
    /// change came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<String>>,
    /// Whose change that was: where the last one is undone as half made, the setting is that one's again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_by: Option<Owner>,
    /// The command that puts it back; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Vec<String>>,
    /// Whether its control was found drifted since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drifted: bool,
    /// Since when it has been so without the agent, RFC 3339: its control was drifted, and then held with no change of the
    /// agent's between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<String>,
    /// The run that is putting it back and whose result is not on record yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taking: Option<String>,
}

/// Whose change left a setting so, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// As [`Made::control`].
    pub control: String,
    /// As [`Made::run`].
    #[serde(default)]
    pub run: String,
    /// As [`Made::further`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub further: bool,
    /// As [`Made::line`].
    pub line: u64,
    /// As [`Made::step`].
    #[serde(default)]
    pub step: usize,
    /// As [`Made::place`].
    #[serde(default)]
    pub place: usize,
    /// As [`Made::at`].
    pub at: String,
}

impl Made {
    fn owner(&self) -> Owner {
        let Self { control, run, further, line, step, place, at, .. } = self.clone();
        Owner { control, run, further, line, step, place, at }
    }

    /// The last change is undone as half made by `by`, which leads to what the one before it had left: the setting is that one's
    /// again. Until the undoing is on record it is not certain which of the two stands.
    fn give_back(&mut self, by: &str) {
        let (Some(before), Some(owner)) = (&mut self.before, self.before_by.take()) else { return };
        std::mem::swap(before, &mut self.left);
        let last = self.owner();
        let Owner { control, run, further, line, step, place, at } = owner;
        if control != last.control {
            // What the other control was found to be says nothing about this one.
            self.drifted = false;
            self.taking = Some(by.to_owned());
            self.also.retain(|one| *one != control && *one != last.control);
            self.also.push(last.control.clone());
        }
        (self.control, self.run, self.at) = (control, run, at);
        (self.further, self.line, self.step, self.place) = (further, line, step, place);
        self.before_by = Some(last);
    }

    /// Lets go of what has no room beside the way back, which matters more than whom it touches.
    fn fit(&mut self, setting: &str) {
        if size(setting, self) > LONGEST_MADE {
            self.also.clear();
            self.before_by = None;
        }
    }

    /// Whether it is one that the fold can have made.
    pub(super) fn is_bounded(&self) -> bool {
        let before = self.before_by.as_ref();
        let words = before.into_iter().flat_map(|by| [&by.control, &by.at]).chain([&self.control, &self.at]);
        let runs = before.into_iter().map(|by| &by.run).chain([&self.run]);
        words.chain(&self.others).chain(&self.also).all(|word| is_plain(word))
            && runs.chain(&self.taking).all(|run| escaped_len(run) <= LONGEST_TEXT)
    }
}

/// Whether a setting's name and what is known of it fit a checkpoint, and can have been made by the fold.
pub(super) fn is_ours(setting: &str, made: &Made) -> bool {
    made.is_bounded() && size(setting, made) <= LONGEST_MADE
}

fn size(setting: &str, made: &Made) -> usize {
    serde_json::to_string(&(setting, made)).map_or(usize::MAX, |json| ascii_line(&json).len())
}

/// Takes what `entry` says about `control` into account.
pub(super) fn apply(all: &mut BTreeMap<String, Made>, control: &str, entry: &Entry, run: &str) {
    match &entry.event {
        Event::Intends { changes, .. } => {
            of(all, control).for_each(|made| made.drifted = false);
            for (step, change) in changes.iter().enumerate() {
                intends(all, (control, run), entry, step, change);
            }
        }
        Event::Fixed { .. } => of(all, control).for_each(|made| {
            (made.before, made.before_by) = (None, None);
            made.drifted = false;
        }),
        event if holds(event) == Some(false) => of(all, control).for_each(|made| made.drifted = true),
        event if holds(event) == Some(true) => {
            for made in of(all, control).filter(|made| made.drifted && made.others.is_none()) {
                made.others = Some(entry.time.clone());
            }
        }
        Event::TakesBack { changes, .. } => {
            for (setting, made) in all.iter_mut().filter(|(_, made)| made.control == control) {
                let is_run = |argv: &Option<Vec<String>>| changes.iter().any(|change| is_part(change, setting, argv));
                if is_run(&made.back) {
                    made.taking = Some(run.to_owned());
                } else if is_run(&made.before) {
                    made.give_back(run);
                    made.fit(setting);
                }
            }
        }
        Event::TakenBack { whole, .. } => all.retain(|_, made| {
            let is_own = made.control == control;
            let is_given = made.before_by.as_ref().is_some_and(|by| by.control == control);
            let taken = (is_own || is_given) && made.taking.take().is_some_and(|by| by == run) && *whole;
            if taken && !is_own {
                // Nothing of that control's change is left; while some of it may be, it has a say.
                made.also.retain(|one| one != control);
            }
            !(taken && is_own)
        }),
        _ => {}
    }
}

/// Whether a control was found to hold, exempt or not; `None` where the event does not say so.
fn holds(event: &Event) -> Option<bool> {
    let (state, wanted) = match event {
        Event::Found { state, wanted, .. } => (state, wanted.is_some()),
        Event::NotFixed { state, .. } if state == "drifted" => (state, true),
        _ => return None,
    };
    match state.as_str() {
        "compliant" => Some(true),
        "drifted" => Some(false),
        "exempt" => Some(!wanted),
        _ => None,
    }
}

fn of<'a>(all: &'a mut BTreeMap<String, Made>, control: &'a str) -> impl Iterator<Item = &'a mut Made> {
    all.values_mut().filter(move |made| made.control == control)
}

/// Whether the announced `change` does to `setting` what `argv` does.
fn is_part(change: &[String], setting: &str, argv: &Option<Vec<String>>) -> bool {
    let is_it = |part: &[String]| argv.as_deref() == Some(part);
    let parts = singles(change, Some(setting));
    is_it(change) || parts.is_some_and(|parts| parts.iter().any(|part| is_it(&part.change.run.line())))
}

/// A change is announced.
fn intends(
    all: &mut BTreeMap<String, Made>,
    (control, run): (&str, &str),
    entry: &Entry,
    step: usize,
    change: &Announced,
) {
    let made = |place, left, back| Made {
        control: control.to_owned(),
        run: run.to_owned(),
        line: entry.seq,
        step,
        place,
        at: entry.time.clone(),
        left,
        back,
        ..Made::default()
    };
    let Some(lefts) = singles(&change.argv, None) else {
        // Nothing that this version knows how to look at, or to put back. It is named.
        let setting = cut(&command_line(&change.argv), LONGEST_TEXT);
        return keep(all, setting, made(0, change.argv.clone(), change.undo.first().cloned()));
    };
    let of = match lefts.as_slice() {
        [only] => Some(only.setting.clone()),
        _ => None,
    };
    let (mut backs, mut unknown): (Vec<Single>, Option<&Vec<String>>) = (Vec::new(), None);
    for undo in &change.undo {
        match singles(undo, of.as_deref()) {
            Some(parts) => backs.extend(parts),
            None => unknown = Some(undo),
        }
    }
    for left in lefts {
        let place = backs.iter().position(|back| back.setting == left.setting);
        let back = place.and_then(|place| backs.get(place)).map(|back| back.change.run.line());
        let back = back.or_else(|| unknown.cloned());
        keep(all, left.setting, made(place.unwrap_or_default(), left.change.run.line(), back));
    }
}

/// Keeps a change of `setting`, with the way back from the first of those that were the agent's alone.
fn keep(all: &mut BTreeMap<String, Made>, setting: String, mut made: Made) {
    if let Some(mut old) = all.remove(&setting) {
        let owner = old.owner();
        let is_left = made.back.as_ref() == Some(&old.left);
        let found_ours = made.back.is_some() && (is_left || made.back == old.before);
        if found_ours && old.others.is_none() {
            made.before = std::mem::replace(&mut made.back, old.back);
            // What one run changed twice, no earlier run had set to something else.
            made.further = old.further || (old.run != made.run && made.before != made.back);
            made.before_by = if is_left { Some(owner) } else { old.before_by };
        }
        // Whoever else has set it wants it so still, whoever has set it otherwise meanwhile.
        old.also.retain(|control| *control != old.control);
        old.also.push(old.control);
        old.also.retain(|control| *control != made.control);
        made.also = old.also;
    }
    made.fit(&setting);
    if size(&setting, &made) <= LONGEST_MADE {
        all.insert(setting, made);
    } else {
        // Too long to keep: it is named, and cannot be put back.
        made = Made { left: Vec::new(), before: None, before_by: None, back: None, ..made };
        all.insert(cut(&setting, LONGEST_TEXT), made);
    }
}
