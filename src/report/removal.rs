//! What `uninstall` removed, what it left, and why, for people.

use crate::enforce::undo::{Became, Undone};
use crate::text::{command_line, visible};

use super::style::{Style, Tone, count};

/// What became of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone; for a job or a setting, it was stopped or put back. In words, which.
    Gone(&'static str),
    /// It stays, and is meant to.
    Kept {
        /// Why.
        why: String,
    },
    /// It should be gone, or put back, and is not.
    Left {
        /// Why not.
        why: String,
    },
}

/// One thing: a file, a folder, a job, a receipt, a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its path or name.
    pub what: String,
    /// What became of it.
    pub became: Fate,
}

impl Item {
    /// It is gone.
    #[must_use]
    pub fn gone(what: impl Into<String>, how: &'static str) -> Self {
        Self { what: what.into(), became: Fate::Gone(how) }
    }

    /// It stays, and is meant to.
    #[must_use]
    pub fn kept(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), became: Fate::Kept { why: why.into() } }
    }

    /// It should be gone and is not.
    #[must_use]
    pub fn left(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), became: Fate::Left { why: why.into() } }
    }
}

/// How many of `items` should be gone and are not.
#[must_use]
pub fn left(items: &[Item]) -> usize {
    items.iter().filter(|item| matches!(item.became, Fate::Left { .. })).count()
}

/// A setting that was to be put back; `None` where there was nothing to put back.
#[must_use]
pub fn undone(undone: &Undone) -> Option<Item> {
    let what = format!("{}: {}", undone.control, undone.setting);
    Some(match &undone.became {
        Became::Already => return None,
        Became::Back { .. } => Item::gone(what, "put back"),
        Became::Would => Item::kept(what, "would be put back"),
        Became::Changed => Item::kept(what, "somebody else has changed it since the agent did; it is theirs"),
        Became::Shared { with } => Item::kept(
            what,
            format!(
                "{with} has set it, too, or was about to, and may need it so: asked for together, with --control {} \
                 --control {with}, it is put back",
                undone.control
            ),
        ),
        Became::Others { since } => {
            Item::kept(what, format!("somebody else has set it again; so since {since} it is theirs"))
        }
        Became::Earlier => Item::kept(
            what,
            "an earlier run had set it to something else, and the way back leads to before that: --control puts it back",
        ),
        Became::Later { run } => Item::kept(what, format!("run {run} has changed it again; --run {run} is about that")),
        Became::NoWayBack => Item::kept(what, "there is no way back to what was there before"),
        Became::Unknown { argv } => {
            let why = "was not run: no command of the agent's own";
            Item::left(what, format!("{} {why}", command_line(argv)))
        }
        Became::Unread { why } => Item::left(what, format!("could not be told how it is now: {why}")),
        Became::NotBack { why } => Item::left(what, format!("could not be put back: {why}")),
        Became::Behind { setting } => Item::left(what, format!("{setting} would have to be put back first")),
        Became::Interrupted => Item::left(what, "told to stop"),
    })
}

/// Columns of the word, with the gap behind it.
const WORD: usize = 10;

/// A line for each, the words wrapped to the width.
#[must_use]
pub fn rows(items: &[Item], style: &Style) -> String {
    let mut text = String::new();
    for item in items {
        let (word, tone, why) = match &item.became {
            Fate::Gone(how) => (*how, Tone::Good, None),
            Fate::Kept { why } => ("kept", Tone::Quiet, Some(why)),
            Fate::Left { why } => ("LEFT", Tone::Bad, Some(why)),
        };
        let pad = " ".repeat(WORD.saturating_sub(word.chars().count()).max(1));
        // A path alone is not wrapped: it can then be copied.
        let is_path = item.what.starts_with('/');
        let what = if is_path { visible(&item.what) } else { style.wrap(&item.what, WORD) };
        text.push_str(&format!("{}{pad}{what}\n", style.paint(word, tone)));
        if let Some(why) = why {
            let gap = " ".repeat(WORD);
            text.push_str(&format!("{gap}{}\n", style.wrap(why, WORD)));
        }
    }
    text
}

/// [`rows`], and how it all ends.
#[must_use]
pub fn text(items: &[Item], style: &Style) -> String {
    let end = match (left(items), items.iter().any(|item| matches!(item.became, Fate::Gone(_)))) {
        (0, true) => "Holdfast is removed from this Mac.".to_owned(),
        (0, false) => "There was nothing of Holdfast to remove.".to_owned(),
        (n, _) => format!("Not done whole: {} left.", count(n, "thing is", "things are")),
    };
    format!("{}\n{end}\n", rows(items, style))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_with_its_reason_within_80_columns() {
        let style = Style { colour: false, width: 80 };
        let long = "/Library/Holdfast/share/bash-completion/completions/holdfast";
        let items = [
            Item::gone(long, "removed"),
            Item::kept(
                "/Library/Logs/Holdfast",
                "the compliance log stays unless --remove-logs is given, for evidence",
            ),
            Item::left("/Library/Holdfast/bin/holdfast", "could not be removed: Operation not permitted (os error 1)"),
        ];
        let shown = text(&items, &style);
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(shown.contains(&format!("removed   {long}\n")) && shown.contains("LEFT      /Library"), "{shown}");
        assert!(shown.ends_with("\nNot done whole: 1 thing is left.\n"), "{shown}");
        assert!(text(&items[..2], &style).ends_with("\nHoldfast is removed from this Mac.\n"));
        assert!(text(&[], &style).contains("nothing of Holdfast"));
        let evil = text(&[Item::left("\u{1b}[2J", "\r\u{202e}")], &style);
        assert!(!evil.chars().any(|c| c != '\n' && crate::text::is_unsafe(c)), "{evil:?}");
    }
}
