//! What `uninstall` removed, what it left, and why, for people.

use crate::text::visible;

use super::style::{Style, Tone, count};

/// What became of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
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
    pub became: Became,
}

impl Item {
    /// It is gone.
    #[must_use]
    pub fn gone(what: impl Into<String>, how: &'static str) -> Self {
        Self { what: what.into(), became: Became::Gone(how) }
    }

    /// It stays, and is meant to.
    #[must_use]
    pub fn kept(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), became: Became::Kept { why: why.into() } }
    }

    /// It should be gone and is not.
    #[must_use]
    pub fn left(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), became: Became::Left { why: why.into() } }
    }
}

/// How many of `items` should be gone and are not.
#[must_use]
pub fn left(items: &[Item]) -> usize {
    items.iter().filter(|item| matches!(item.became, Became::Left { .. })).count()
}

/// Columns of the word, with the gap behind it.
const WORD: usize = 10;

/// A line for each, the words wrapped to the width, and how it all ends.
#[must_use]
pub fn text(items: &[Item], style: &Style) -> String {
    let mut text = String::new();
    for item in items {
        let (word, tone, why) = match &item.became {
            Became::Gone(how) => (*how, Tone::Good, None),
            Became::Kept { why } => ("kept", Tone::Quiet, Some(why)),
            Became::Left { why } => ("LEFT", Tone::Bad, Some(why)),
        };
        let pad = " ".repeat(WORD.saturating_sub(word.chars().count()).max(1));
        // Not wrapped: a path can then be copied.
        text.push_str(&format!("{}{pad}{}\n", style.paint(word, tone), visible(&item.what)));
        if let Some(why) = why {
            let gap = " ".repeat(WORD);
            text.push_str(&format!("{gap}{}\n", style.wrap(why, WORD)));
        }
    }
    let end = match (left(items), items.iter().any(|item| matches!(item.became, Became::Gone(_)))) {
        (0, true) => "Holdfast is removed from this Mac.".to_owned(),
        (0, false) => "There was nothing of Holdfast to remove.".to_owned(),
        (n, _) => format!("Not done whole: {} left.", count(n, "thing is", "things are")),
    };
    text.push_str(&format!("\n{end}\n"));
    text
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
