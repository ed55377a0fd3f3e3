//! One line of the ledger for a person. Whatever the file holds, nothing in it steers the terminal.

use crate::ledger::query::Unread;
use crate::ledger::{Announced, Counts, Entry, Event};
use crate::report::style::{Style, Tone, count};
use crate::text::{excerpt, visible};

/// Columns of the time, with the gap behind it.
const TIME: usize = 26;
/// Columns of the word, with the gap behind it.
const WORD: usize = 15;

/// An entry, with its line break.
pub fn entry(entry: &Entry, style: &Style) -> String {
    let (word, tone, parts) = said(entry);
    row(&visible(&entry.time), &word, tone, &parts, style)
}

/// A line that a crash cut short.
pub fn torn(segment: &str, line: u64, style: &Style) -> String {
    row("", "ledger", Tone::Quiet, &[format!("{segment}:{line}: {}", Unread::Torn)], style)
}

fn row(time: &str, word: &str, tone: Tone, parts: &[String], style: &Style) -> String {
    let gap = " ".repeat(TIME.saturating_sub(time.chars().count()).max(1));
    let pad = " ".repeat(WORD.saturating_sub(word.chars().count()).max(1));
    let parts: Vec<String> = parts.iter().map(|part| style.wrap(part, TIME + WORD)).collect();
    let between = format!("\n{}", " ".repeat(TIME + WORD));
    format!("{time}{gap}{}{pad}{}\n", style.paint(word, tone), parts.join(&between))
}

/// The word for the event, safe to show, and what it says, in paragraphs.
fn said(entry: &Entry) -> (String, Tone, Vec<String>) {
    let (word, tone, text) = match &entry.event {
        Event::RunStarted { command, cause, mac, partial, .. } => {
            let who = match (cause.user.as_deref(), cause.kind.as_str()) {
                (Some(user), _) => format!(" by {user}"),
                (None, "command_line") => " by nobody named".to_owned(),
                (None, _) => String::new(),
            };
            let mac = mac.as_deref().unwrap_or("a Mac of unknown kind");
            let detail = cause.detail.as_ref().filter(|detail| *detail != command).map(|detail| format!(" ({detail})"));
            let partial = if *partial { "; not the whole policy" } else { "" };
            let text =
                format!("{command}{}, {}{who}, on {mac}{partial}", detail.unwrap_or_default(), words(&cause.kind));
            ("run", Tone::Heading, text)
        }
        Event::Found { control, state, seen, wanted, .. } => {
            let wanted = wanted.as_ref().map(|wanted| format!("; wanted: {wanted}")).unwrap_or_default();
            let tone = match state.as_str() {
                "compliant" => Tone::Good,
                "drifted" => Tone::Bad,
                "unknown" => Tone::Unsure,
                _ => Tone::Quiet,
            };
            return (words(&excerpt(state)), tone, vec![format!("{control}: {seen}{wanted}")]);
        }
        Event::Intends { control, changes } => {
            let parts = changes.iter().flat_map(announced).collect::<Vec<_>>();
            return ("intends".to_owned(), Tone::Changed, [vec![format!("{control}:")], parts].concat());
        }
        Event::Fixed { control, seen } => ("fixed", Tone::Changed, format!("{control}: {seen}")),
        Event::NotFixed { control, why, .. } => ("not fixed", Tone::Bad, format!("{control}: {why}")),
        Event::Managed { control, by } => ("managed", Tone::Unsure, format!("{control}: {by}")),
        Event::Deferred { control, because } => ("deferred", Tone::Unsure, format!("{control}: {because}")),
        Event::TakesBack { control, changes } => {
            let lines: Vec<String> = changes.iter().map(|argv| argv.join(" ")).collect();
            ("takes back", Tone::Changed, format!("{control}: {}", lines.join("; ")))
        }
        Event::TakenBack { control, whole, seen } => {
            (if *whole { "taken back" } else { "not taken back" }, Tone::Changed, format!("{control}: {seen}"))
        }
        Event::PolicyProblem { layer, key, problem } => ("policy", Tone::Unsure, format!("{layer} {key}: {problem}")),
        Event::RunEnded { counts, interrupted, .. } => {
            (if *interrupted { "interrupted" } else { "ended" }, Tone::Heading, totals(counts))
        }
        Event::Contested { control, mended, suspects } => {
            let who = if suspects.is_empty() { "nobody known".to_owned() } else { suspects.join(", ") };
            let times = count(mended.len(), "time", "times");
            ("contested", Tone::Bad, format!("{control}: mended {times} within a day; may be set back by: {who}"))
        }
        Event::Rearmed { control, because } => ("re-armed", Tone::Unsure, format!("{control}: {because}")),
        Event::DaemonStarted { agent, pid } => ("daemon", Tone::Heading, format!("started, {agent}, process {pid}")),
        Event::DaemonStopped { because } => ("daemon", Tone::Heading, format!("stopped: {because}")),
        Event::Gap { from, to, why } => ("gap", Tone::Unsure, format!("{}, {from} to {to}", words(why))),
        Event::Crashed { what, message } => ("crashed", Tone::Bad, format!("{what}: {message}")),
        Event::Scheduled { item, form, anchor } => {
            ("schedule", Tone::Quiet, format!("{item}: {form}, from {anchor} on"))
        }
        Event::Missed { item, first, last, count: n, why, made_up, user } => {
            let whose = user.as_ref().map(|user| format!(" of {user}")).unwrap_or_default();
            let when = if first == last { first.clone() } else { format!("{n} times, {first} to {last}") };
            let why: Vec<String> = why.iter().map(|why| words(why)).collect();
            let then = if *made_up { "made up now" } else { "let go" };
            ("missed", Tone::Unsure, format!("{item}{whose}: {when} ({}); {then}", why.join(", ")))
        }
        Event::SignOut { stage, user, due, triggers, detail, until } => {
            let whose = if user.is_empty() { String::new() } else { format!("{user}: ") };
            let until = until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
            let detail = if detail.is_empty() { String::new() } else { format!("; {detail}") };
            let triggers = triggers.iter().map(|trigger| words(trigger)).collect::<Vec<_>>().join(", ");
            let text = format!("{whose}{}{until} (due {due} by {triggers}){detail}", words(stage.word()));
            ("sign-out", Tone::Heading, text)
        }
        Event::Torn { line } => {
            ("ledger", Tone::Quiet, format!("line {line} of this segment was cut short by a crash, and is kept"))
        }
        Event::EndDiffers { recorded_seq, seen, .. } => {
            let recorded = recorded_seq.map(|seq| format!("; its recorded end is number {seq}")).unwrap_or_default();
            ("ledger", Tone::Bad, format!("the ledger was not as the agent had left it: {seen}{recorded}"))
        }
        Event::Checkpoint { after, part, parts, state, schedule, sign_outs, .. } => {
            let after = after.as_deref().unwrap_or("none");
            let part = if *parts > 1 { format!(", part {part} of {parts}") } else { String::new() };
            let of = [
                count(state.len(), "control", "controls"),
                count(schedule.len(), "item of the schedule", "items of the schedule"),
                count(sign_outs.len(), "user's sign-outs", "users' sign-outs"),
            ];
            let of: Vec<_> = of.into_iter().filter(|words| !words.starts_with("0 ")).collect();
            let of = if of.is_empty() { "nothing".to_owned() } else { of.join(", ") };
            ("ledger", Tone::Quiet, format!("a new segment begins, after {after}: the state of {of}{part}"))
        }
        Event::Flushed { segments, first_seq, last_seq, because, problems, .. } => {
            let problems = if *problems > 0 { format!(" (problems in them: {problems})") } else { String::new() };
            let segments = count(segments.len(), "segment", "segments");
            let text = format!("{segments} removed, numbers {first_seq} to {last_seq}: {because}{problems}");
            ("ledger", Tone::Unsure, text)
        }
        Event::Foreign => {
            ("ledger", Tone::Unsure, format!("an event that only a newer version knows (format {})", entry.v))
        }
    };
    (word.to_owned(), tone, vec![text])
}

/// A change, what was there before it, and what puts that back.
fn announced(change: &Announced) -> Vec<String> {
    let mut parts = vec![change.argv.join(" ")];
    let was = |(key, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::Null => format!("{key} not set"),
        value => format!("{key} = {value}"),
    };
    if !change.prior.is_empty() {
        parts.push(format!("before: {}", change.prior.iter().map(was).collect::<Vec<_>>().join(", ")));
    }
    let undo: Vec<String> = change.undo.iter().map(|argv| argv.join(" ")).collect();
    parts.push(if undo.is_empty() { "undo: none".to_owned() } else { format!("undo: {}", undo.join("; ")) });
    parts
}

fn totals(counts: &Counts) -> String {
    format!(
        "{} compliant, {} fixed, {} drifted, {} unknown, {} not applicable, {} off",
        counts.compliant, counts.fixed, counts.drifted, counts.unknown, counts.not_applicable, counts.off
    )
}

/// A word of the ledger as people write it.
fn words(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(event: Event) -> Entry {
        Entry {
            v: 1,
            seq: 1,
            time: "2026-03-31T08:00:00.000Z".into(),
            boot: None,
            run: "r".into(),
            simulated: false,
            event,
            prev: String::new(),
        }
    }

    fn shown(event: Event) -> String {
        entry(&of(event), &Style { colour: false, width: 80 })
    }

    #[test]
    fn nothing_in_the_ledger_steers_the_terminal() {
        let evil = || "\u{1b}[2J\u{202e}\r".to_owned();
        let change =
            Announced { argv: vec![evil()], prior: [(evil(), evil().into())].into(), undo: vec![vec![evil()]] };
        let events = [
            Event::Found { control: evil(), state: evil(), mode: evil(), seen: evil(), wanted: Some(evil()) },
            Event::Intends { control: evil(), changes: vec![change] },
            Event::EndDiffers { recorded_seq: None, recorded_hash: None, seen: evil() },
            Event::Flushed {
                segments: vec![evil()],
                first_seq: 1,
                last_seq: 2,
                last_hash: evil(),
                because: evil(),
                problems: 1,
            },
        ];
        for event in events {
            let mut crafted = of(event);
            crafted.time = evil();
            let shown = entry(&crafted, &Style::PLAIN);
            assert!(!shown.chars().any(|c| c != '\n' && crate::text::is_unsafe(c)), "{shown:?}");
        }
        assert!(!torn(&evil(), 1, &Style::PLAIN).contains('\u{1b}'));
    }

    #[test]
    fn a_change_is_shown_with_what_was_there_and_what_puts_it_back() {
        let change = Announced {
            argv: vec!["/usr/bin/defaults".into(), "write".into()],
            prior: [("idleTime".to_owned(), 1200.into()), ("old".to_owned(), serde_json::Value::Null)].into(),
            undo: vec![vec!["/usr/bin/defaults".into(), "delete".into()]],
        };
        let shown = shown(Event::Intends { control: "screen_lock".into(), changes: vec![change] });
        for part in
            ["/usr/bin/defaults write\n", "before: idleTime = 1200, old not set\n", "undo: /usr/bin/defaults delete"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn what_the_ledger_says_about_itself_is_in_words_and_fits_80_columns() {
        let events = [
            Event::Torn { line: 7 },
            Event::EndDiffers { recorded_seq: Some(9), recorded_hash: None, seen: "the ledger ends with 4".into() },
            Event::Checkpoint {
                after: Some("compliance.000000000001.ndjson".into()),
                part: 1,
                parts: 1,
                runs: Box::default(),
                state: [].into(),
                schedule: [].into(),
                sign_outs: [].into(),
                daemon_since: None,
            },
            Event::Flushed {
                segments: vec!["compliance.000000000001.ndjson".into()],
                first_seq: 1,
                last_seq: 360,
                last_hash: "ab".repeat(32),
                because: "retention of 90 days".into(),
                problems: 0,
            },
            Event::Foreign,
        ];
        for event in events {
            let shown = shown(event);
            assert!(!shown.contains(['{', '}', '"']), "{shown}");
            assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        }
    }
}
