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
    /// The other controls that had left it as this one's change found it, the latest last: they want it set, too.
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

impl Made {
    /// Whether it is one that the fold can have made.
    pub(super) fn is_bounded(&self) -> bool {
        let words = [&self.control, &self.at];
        words.into_iter().chain(&self.others).chain(&self.also).all(|word| is_plain(word))
            && self.taking.iter().chain([&self.run]).all(|run| escaped_len(run) <= LONGEST_TEXT)
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
            made.before = None;
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
                } else if is_run(&made.before)
                    && let Some(earlier) = made.also.pop()
                {
                    // A half-made change is undone, which leads to what the control before it had left, and still wants.
                    made.control = earlier;
                    if let Some(before) = &mut made.before {
                        std::mem::swap(before, &mut made.left);
                    }
                }
            }
        }
        Event::TakenBack { whole, .. } => all.retain(|_, made| {
            let taken = made.control == control && made.taking.take().is_some_and(|by| by == run);
            !(taken && *whole)
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
    if let Some(old) = all.remove(&setting) {
        let found_ours = made.back.is_some() && (made.back.as_ref() == Some(&old.left) || made.back == old.before);
        if found_ours && old.others.is_none() {
            made.before = std::mem::replace(&mut made.back, old.back);
            made.further = old.further || made.before != made.back;
            made.also = old.also;
            made.also.retain(|control| *control != old.control);
            made.also.push(old.control);
            made.also.retain(|control| *control != made.control);
        }
    }
    if size(&setting, &made) > LONGEST_MADE {
        // The way back matters more than whom it touches.
        made.also.clear();
    }
    if size(&setting, &made) <= LONGEST_MADE {
        all.insert(setting, made);
    } else {
        // Too long to keep: it is named, and cannot be put back.
        made = Made { left: Vec::new(), before: None, back: None, ..made };
        all.insert(cut(&setting, LONGEST_TEXT), made);
    }
}
