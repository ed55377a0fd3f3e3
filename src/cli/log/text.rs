//! One line of the ledger for a person. Whatever the file holds, nothing in it steers the terminal.

use chrono::TimeZone;

use crate::ledger::query::Unread;
use crate::ledger::{Announced, Entry, Event};
use crate::report::local::{COLUMNS, shown};
use crate::report::run::cause;
use crate::report::style::{Style, Tone, count};
use crate::text::{command_line, excerpt};

/// Columns of the time, with the gap behind it.
const TIME: usize = COLUMNS + 2;
/// Columns of the word, with the gap behind it.
const WORD: usize = 15;
/// Columns in front of what goes on below the first line: few, so that command lines and paths have room.
const BELOW: usize = 10;

/// An entry, with its line break; times in `zone`.
pub fn entry<Z: TimeZone>(entry: &Entry, zone: &Z, style: &Style) -> String {
    let (word, tone, parts) = said(entry, zone);
    row(&shown(&entry.time, zone), &word, tone, &parts, style)
}

/// A line that a crash cut short.
pub fn torn(segment: &str, line: u64, style: &Style) -> String {
    row("", "ledger", Tone::Quiet, &[format!("{segment}:{line}: {}", Unread::Torn)], style)
}

fn row(time: &str, word: &str, tone: Tone, parts: &[String], style: &Style) -> String {
    let gap = " ".repeat(TIME.saturating_sub(time.chars().count()).max(1));
    let pad = " ".repeat(WORD.saturating_sub(word.chars().count()).max(1));
    let first = |n: usize| if n == 0 { TIME + WORD } else { BELOW };
    let parts: Vec<String> =
        parts.iter().enumerate().map(|(n, part)| style.wrap_after(part, first(n), BELOW)).collect();
    let between = format!("\n{}", " ".repeat(BELOW));
    format!("{time}{gap}{}{pad}{}\n", style.paint(word, tone), parts.join(&between))
}

/// The word for the event, safe to show, and what it says, in paragraphs.
fn said<Z: TimeZone>(entry: &Entry, zone: &Z) -> (String, Tone, Vec<String>) {
    let (word, tone, text) = match &entry.event {
        Event::RunStarted { command, cause: why, mac, partial, .. } => {
            let mac = mac.as_deref().unwrap_or("a Mac of unknown kind");
            let partial = if *partial { "; not the whole policy" } else { "" };
            let what = cause(command, &why.kind, why.user.as_deref(), why.detail.as_deref());
            ("run", Tone::Heading, format!("{what}, on {mac}{partial}"))
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
            let lines: Vec<String> = changes.iter().map(|argv| command_line(argv)).collect();
            ("takes back", Tone::Changed, format!("{control}: {}", lines.join("; ")))
        }
        Event::TakenBack { control, whole, seen } => {
            (if *whole { "taken back" } else { "not taken back" }, Tone::Changed, format!("{control}: {seen}"))
        }
        Event::PolicyProblem { layer, key, problem } => {
            let key = if key.is_empty() { "the file as a whole" } else { key };
            ("policy", Tone::Unsure, format!("{layer} policy, {key}: {problem}"))
        }
        Event::RunEnded { counts, interrupted, .. } => {
            (if *interrupted { "interrupted" } else { "ended" }, Tone::Heading, counts.to_string())
        }
        Event::Contested { control, mended, suspects } => {
            let who = if suspects.is_empty() { "nobody known".to_owned() } else { suspects.join(", ") };
            let times = count(mended.len(), "time", "times");
            ("contested", Tone::Bad, format!("{control}: mended {times} within a day; may be set back by: {who}"))
        }
        Event::Rearmed { control, because } => ("re-armed", Tone::Unsure, format!("{control}: {because}")),
        Event::Held { control, .. } => {
            ("held", Tone::Unsure, format!("{control}: in audit mode from now on, because it is put back"))
        }
        Event::Resumed { control, because } => ("resumed", Tone::Unsure, format!("{control}: {because}")),
        Event::Exemption { control, user, stage, until, reason, approver, ticket } => {
            let whose = user.as_ref().map(|user| format!(" for {user}")).unwrap_or_default();
            let why = if reason.is_empty() {
                String::new()
            } else {
                format!(": {reason} (approved by {approver}, ticket {ticket})")
            };
            let text = format!("{control}{whose}: {}, until {}{why}", words(stage), shown(until, zone));
            ("exemption", Tone::Unsure, text)
        }
        Event::DaemonStarted { agent, pid } => ("daemon", Tone::Heading, format!("started, {agent}, process {pid}")),
        Event::DaemonStopped { because } => ("daemon", Tone::Heading, format!("stopped: {because}")),
        Event::Gap { from, to, why } => {
            ("gap", Tone::Unsure, format!("{}, {} to {}", words(why), shown(from, zone), shown(to, zone)))
        }
        Event::Crashed { what, message } => ("crashed", Tone::Bad, format!("{what}: {message}")),
        Event::Scheduled { item, form, anchor } => {
            ("schedule", Tone::Quiet, format!("{item}: {form}, from {} on", shown(anchor, zone)))
        }
        Event::Missed { item, first, last, count: n, why, made_up, user } => {
            let whose = user.as_ref().map(|user| format!(" of {user}")).unwrap_or_default();
            let (from, to) = (shown(first, zone), shown(last, zone));
            let when = if first == last { from } else { format!("{n} times, {from} to {to}") };
            let why: Vec<String> = why.iter().map(|why| words(why)).collect();
            let then = if *made_up { "made up now" } else { "let go" };
            ("missed", Tone::Unsure, format!("{item}{whose}: {when} ({}); {then}", why.join(", ")))
        }
        Event::SignOut { stage, user, due, triggers, detail, until } => {
            let whose = if user.is_empty() { String::new() } else { format!("{user}: ") };
            let until = until.as_ref().map(|until| format!(", until {}", shown(until, zone))).unwrap_or_default();
            let detail = if detail.is_empty() { String::new() } else { format!("; {detail}") };
            let triggers = triggers.iter().map(|trigger| words(trigger)).collect::<Vec<_>>().join(", ");
            let text =
                format!("{whose}{}{until} (due {} by {triggers}){detail}", words(stage.word()), shown(due, zone));
            ("sign-out", Tone::Heading, text)
        }
        Event::Torn { line } => {
            ("ledger", Tone::Quiet, format!("line {line} of this segment was cut short by a crash, and is kept"))
        }
        Event::EndDiffers { recorded_seq, seen, .. } => {
            let recorded = recorded_seq.map(|seq| format!("; its recorded end is number {seq}")).unwrap_or_default();
            ("ledger", Tone::Bad, format!("the ledger was not as the agent had left it: {seen}{recorded}"))
        }
        Event::Checkpoint { after, part, parts, state, schedule, sign_outs, made, exemptions, .. } => {
            let after = after.as_deref().unwrap_or("none");
            let part = if *parts > 1 { format!(", part {part} of {parts}") } else { String::new() };
            let of = [
                count(state.len(), "control", "controls"),
                count(schedule.len(), "item of the schedule", "items of the schedule"),
                count(sign_outs.len(), "user's sign-outs", "users' sign-outs"),
                count(made.len(), "setting that was changed", "settings that were changed"),
                count(exemptions.len(), "exemption", "exemptions"),
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
        Event::Removes { agent } => {
            ("removes", Tone::Heading, format!("Holdfast {agent} is about to be removed from this Mac"))
        }
        Event::Foreign => {
            ("ledger", Tone::Unsure, format!("an event that only a newer version knows (format {})", entry.v))
        }
    };
    (word.to_owned(), tone, vec![text])
}

/// A change, what was there before it, and what puts that back.
fn announced(change: &Announced) -> Vec<String> {
    let mut parts = vec![command_line(&change.argv)];
    let was = |(key, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::Null => format!("{key} not set"),
        value => format!("{key} = {value}"),
    };
    if !change.prior.is_empty() {
        parts.push(format!("before: {}", change.prior.iter().map(was).collect::<Vec<_>>().join(", ")));
    }
    let undo: Vec<String> = change.undo.iter().map(|argv| command_line(argv)).collect();
    parts.push(if undo.is_empty() { "undo: none".to_owned() } else { format!("undo: {}", undo.join("; ")) });
    parts
}

/// A word of the ledger as people write it.
fn words(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::ledger::{Cause, Stage};

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
        entry(&of(event), &Utc, &Style { colour: false, width: 80 })
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
            let shown = entry(&crafted, &Utc, &Style::PLAIN);
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
    fn a_command_can_be_pasted_and_its_long_paths_fit_80_columns() {
        let moved = vec![
            "/bin/mv".to_owned(),
            "/Library/Application Support/Holdfast/replaced/a.plist".to_owned(),
            format!("/Library/LaunchDaemons/{}.plist", "x".repeat(40)),
        ];
        let change = Announced { argv: moved.clone(), prior: [].into(), undo: vec![moved] };
        let shown = shown(Event::Intends { control: "sign_out_original_script".into(), changes: vec![change] });
        let pasted = "/bin/mv '/Library/Application Support/Holdfast/replaced/a.plist' /Library/";
        let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&format!("script: {pasted}")) && flat.contains(&format!("undo: {pasted}")), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }

    #[test]
    fn times_are_those_of_the_clock_on_the_wall() {
        let utc = "2026-03-31T08:00:00.000Z";
        let local = "2026-03-31 09:00:00 +01:00";
        let time = || utc.to_owned();
        for event in [
            Event::Gap { from: time(), to: time(), why: "asleep".into() },
            Event::Scheduled { item: "checks".into(), form: "every hour".into(), anchor: time() },
            Event::Missed {
                item: "checks".into(),
                first: time(),
                last: "2026-03-31T09:00:00.000Z".into(),
                count: 5,
                why: vec!["busy".into()],
                made_up: true,
                user: None,
            },
            Event::SignOut {
                stage: Stage::Postponed,
                user: "ada".into(),
                due: time(),
                triggers: vec!["time".into()],
                detail: String::new(),
                until: Some(time()),
            },
        ] {
            let shown = entry(&of(event), &chrono_tz::Europe::London, &Style::PLAIN);
            let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.starts_with(local) && flat.matches(local).count() > 1 && !flat.contains("00Z"), "{shown}");
        }
    }

    #[test]
    fn who_or_what_made_a_run_is_said_in_words() {
        let started = |command: &str, kind: &str, user: Option<&str>, detail: &str| {
            let cause = Cause { kind: kind.into(), user: user.map(Into::into), detail: Some(detail.into()) };
            let (agent, policy) = (String::new(), String::new());
            let (mac, partial) = (Some("macOS 26.2".into()), true);
            let shown =
                shown(Event::RunStarted { command: command.into(), cause, agent, mac, policy, partial, items: vec![] });
            shown.split_whitespace().skip(3).collect::<Vec<_>>().join(" ")
        };
        for (shown, said) in [
            (started("enforce", "command_line", Some("root"), "enforce --level 2"), "enforce --level 2 by root"),
            (started("enforce", "command_line", None, "enforce"), "enforce by nobody named"),
            (started("hold", "schedule", None, "checks, passes"), "pass of the daemon's (schedule: checks, passes)"),
            (started("hold", "event", None, "the daemon started"), "pass of the daemon's (the daemon started)"),
        ] {
            assert_eq!(shown, format!("run {said}, on macOS 26.2; not the whole policy"));
        }
    }

    #[test]
    fn a_problem_of_a_whole_file_and_one_of_a_key_are_told_apart() {
        for (key, said) in [("", "managed policy, the file as a whole: bad"), ("Level", "managed policy, Level: bad")] {
            let problem = Event::PolicyProblem { layer: "managed".into(), key: key.into(), problem: "bad".into() };
            let shown = entry(&of(problem), &Utc, &Style::PLAIN);
            assert!(shown.contains(said), "{shown}");
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
                made: [].into(),
                exemptions: [].into(),
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
            Event::Removes { agent: "0.1.0".into() },
            Event::Foreign,
        ];
        for event in events {
            let shown = shown(event);
            assert!(!shown.contains(['{', '}', '"']), "{shown}");
            assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        }
    }
}
