//! What `restore` put back, what it left, and why, for people and programs.

use serde_json::{Value, json};

use super::removal::{self, Fate};
use super::style::{Style, Tone, count};
use crate::enforce::undo::{Became, Undone};
use crate::text::command_line;

/// What a restore came to.
#[derive(Debug)]
pub struct Restored<'a> {
    /// Every setting that it was about.
    pub undone: &'a [Undone],
    /// The controls that are held in audit mode because of it.
    pub held: &'a [&'a str],
    /// Whether it was only asked what would be done.
    pub dry_run: bool,
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<&'a str>,
}

impl Restored<'_> {
    fn of(&self, which: impl Fn(&Undone) -> bool) -> usize {
        self.undone.iter().filter(|undone| which(undone)).count()
    }

    /// How it ends: 1 something could not be put back, 2 something was left on purpose, 0 all of it is as it was before, or would be.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.of(Undone::is_failure) > 0 {
            1
        } else if self.of(|undone| !is_back(undone)) > 0 {
            2
        } else {
            0
        }
    }
}

fn is_back(undone: &Undone) -> bool {
    matches!(undone.became, Became::Back { .. } | Became::Already | Became::Would)
}

/// The word for what became of a setting, in JSON.
fn word(became: &Became) -> &'static str {
    match became {
        Became::Back { .. } => "put_back",
        Became::Already => "already",
        Became::Would => "would_put_back",
        Became::Changed | Became::Others { .. } => "changed_since",
        Became::Earlier => "set_by_earlier_run",
        Became::Later { .. } => "set_by_later_run",
        Became::Shared { .. } => "held_by_another",
        Became::NoWayBack => "no_way_back",
        Became::Unknown { .. } => "not_ours",
        Became::Unread { .. } => "unread",
        Became::NotBack { .. } => "not_put_back",
        Became::Behind { .. } => "behind_another",
        Became::Interrupted => "interrupted",
    }
}

/// What is shown in front of a setting, and what behind it.
fn shown(undone: &Undone) -> (&'static str, Tone, Option<String>) {
    let by = undone.back.as_ref().map(|argv| command_line(argv));
    match (&undone.became, removal::undone(undone).map(|item| item.became)) {
        (Became::Would, _) => ("would", Tone::Changed, by.map(|by| format!("put it back by {by}"))),
        (_, None) => ("as before", Tone::Quiet, None),
        (_, Some(Fate::Gone(how))) => (how, Tone::Changed, by.map(|by| format!("by {by}"))),
        (_, Some(Fate::Kept { why })) => ("skipped", Tone::Unsure, Some(why)),
        (_, Some(Fate::Left { why })) => ("LEFT", Tone::Bad, Some(why)),
    }
}

/// Columns of the word, with the gap behind it.
const WORD: usize = 11;

/// A line for each setting, what is held from now on, and how it all ends.
#[must_use]
pub fn text(restored: &Restored<'_>, style: &Style) -> String {
    let mut out = String::new();
    for undone in restored.undone {
        let (word, tone, why) = shown(undone);
        let pad = " ".repeat(WORD.saturating_sub(word.len()).max(1));
        let what = style.wrap(&format!("{}: {}", undone.control, undone.setting), WORD);
        out.push_str(&format!("{}{pad}{what}\n", style.paint(word, tone)));
        if let Some(why) = why {
            out.push_str(&format!("{:WORD$}{}\n", "", style.wrap(&why, WORD)));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    if !restored.held.is_empty() {
        let held = format!(
            "Held in audit mode from now on, until policy changes for it or holdfast resume: {}",
            restored.held.join(", ")
        );
        out.push_str(&format!("{}\n", style.wrap(&held, 0)));
    }
    out.push_str(&format!("{}\n", style.wrap(&end(restored), 0)));
    out
}

fn end(restored: &Restored<'_>) -> String {
    let settings = |n| count(n, "setting", "settings");
    let (back, failed) = (restored.of(is_back), restored.of(Undone::is_failure));
    let skipped = restored.undone.len() - back - failed;
    let mut end = match (restored.undone.is_empty(), restored.dry_run) {
        (true, _) => return "There is nothing to put back.".to_owned(),
        (_, true) => format!("{} would be as before; nothing was changed", settings(back)),
        (_, false) => format!("{} as before", settings(back)),
    };
    if skipped > 0 {
        let force = restored.of(|undone| word(&undone.became) == "changed_since") > 0;
        let force = if force { " (--force puts back what somebody else has changed, too)" } else { "" };
        end.push_str(&format!("; {} skipped{force}", settings(skipped)));
    }
    if failed > 0 {
        end.push_str(&format!("; {} left", settings(failed)));
    }
    end + "."
}

/// The same as JSON, format version 1.
#[must_use]
pub fn json(restored: &Restored<'_>) -> Value {
    let setting = |undone: &Undone| {
        let why = match &undone.became {
            Became::Back { seen } => Some(seen.clone()),
            Became::Would | Became::Already => None,
            _ => shown(undone).2,
        };
        json!({ "control": undone.control, "setting": undone.setting, "back": undone.back,
                "became": word(&undone.became), "why": why })
    };
    json!({
        "v": 1,
        "simulated": restored.simulated,
        "dry_run": restored.dry_run,
        "settings": restored.undone.iter().map(setting).collect::<Vec<_>>(),
        "held": restored.held,
        "exit_status": restored.exit_status(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(became: Became) -> Undone {
        let back = Some(vec!["/usr/bin/defaults".to_owned(), "delete".to_owned(), "\u{1b}[2J".to_owned()]);
        Undone { control: "firewall_on".to_owned(), setting: "a setting ".repeat(9), back, became }
    }

    fn restored(undone: &[Undone]) -> Restored<'_> {
        Restored { undone, held: &["firewall_on"], dry_run: false, simulated: None }
    }

    #[test]
    fn what_was_left_decides_the_exit_status() {
        let back = || of(Became::Back { seen: "now off".into() });
        assert_eq!(restored(&[]).exit_status(), 0);
        assert_eq!(restored(&[back(), of(Became::Already)]).exit_status(), 0);
        assert_eq!(restored(&[back(), of(Became::Changed)]).exit_status(), 2);
        assert_eq!(restored(&[of(Became::Changed), of(Became::Interrupted)]).exit_status(), 1);
    }

    #[test]
    fn each_word_has_its_line_within_80_columns_and_steers_no_terminal() {
        let why = || "because \u{1b}[2J of a long word ".repeat(5);
        let all = [
            Became::Back { seen: why() },
            Became::Already,
            Became::Would,
            Became::Changed,
            Became::Earlier,
            Became::Later { run: why() },
            Became::Shared { with: why() },
            Became::Others { since: why() },
            Became::NoWayBack,
            Became::Unknown { argv: vec![why()] },
            Became::Unread { why: why() },
            Became::NotBack { why: why() },
            Became::Behind { setting: why() },
            Became::Interrupted,
        ]
        .map(of);
        let text = text(&restored(&all), &Style { colour: false, width: 80 });
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(!text.chars().any(|c| c != '\n' && crate::text::is_unsafe(c)), "{text:?}");
        assert_eq!(text.matches(": a setting").count(), all.len());
        let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.ends_with("3 settings as before; 6 settings skipped (--force puts back what somebody else has changed, too); 5 settings left."), "{said}");
    }
}
