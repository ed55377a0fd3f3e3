//! `log`, `log verify`, `log flush`.

use serde_json::json;

use super::arguments::{Log, LogCommand, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out};
use crate::agent::Places;
use crate::clock::{Clock, SystemClock, stamp};
use crate::controls;
use crate::host::{Look, ask};
use crate::ledger::query::{Filter, rows};
use crate::ledger::verify::verify;
use crate::ledger::{Entry, Event, IfBusy, Ledger, LedgerOptions, when};
use crate::mac::sysctl;
use crate::policy::Policy;
use crate::report::style::{Style, Tone};

/// Runs one of them.
pub fn run(place: &Place, options: &Log) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let places = machine.places();
    match &options.command {
        None => show(&places, options),
        Some(LogCommand::Verify(form)) => check(&places, form.json),
        Some(LogCommand::Flush { older_than }) => match machine.needs_root("log flush") {
            Ok(()) => flush(&machine, &places, older_than),
            Err(exit) => exit,
        },
    }
}

fn show(places: &Places, options: &Log) -> Exit {
    let since = match options.since.as_deref().map(|text| when::since(text, SystemClock.now())).transpose() {
        Ok(since) => since,
        Err(error) => return complain(&error.to_string(), Exit::Usage),
    };
    let control = match options.control.as_deref().map(|id| controls::find(id).ok_or(id)).transpose() {
        Ok(control) => control.map(|control| control.id.to_owned()),
        Err(id) => {
            return complain(&format!("there is no control \"{id}\"; holdfast controls lists them"), Exit::Usage);
        }
    };
    let rows = match rows(&places.ledger(), Filter { control, since }) {
        Ok(rows) => rows,
        Err(error) => {
            out::failure(&error);
            return Exit::CouldNotRun;
        }
    };
    let style = environment::style();
    let mut exit = Exit::Fine;
    for row in rows {
        match row.map(|row| (row.segment, row.line, row.entry)) {
            Ok((_, _, Ok(entry))) if options.json => match serde_json::to_string(&entry) {
                Ok(line) => out::print(&format!("{line}\n")),
                Err(error) => exit = complain(&error.to_string(), Exit::CouldNotRun),
            },
            Ok((_, _, Ok(entry))) => out::print(&line(&entry, &style)),
            Ok((segment, number, Err(why))) => {
                exit = complain(&format!("{segment} line {number}: {why}"), Exit::NotUnderstood);
            }
            Err(error) => {
                out::failure(&error);
                return Exit::CouldNotRun;
            }
        }
    }
    exit
}

/// One entry for a person.
fn line(entry: &Entry, style: &Style) -> String {
    let (word, tone, text) = match &entry.event {
        Event::RunStarted { command, cause, mac, .. } => {
            let who = cause.user.as_deref().unwrap_or("nobody named");
            let mac = mac.as_deref().unwrap_or("a Mac of unknown kind");
            ("run", Tone::Heading, format!("{command}, {} by {who}, on {mac}", cause.kind))
        }
        Event::Found { control, state, seen, wanted, .. } => {
            let wanted = wanted.as_ref().map(|wanted| format!("; wanted: {wanted}")).unwrap_or_default();
            let tone = match state.as_str() {
                "compliant" => Tone::Good,
                "drifted" => Tone::Bad,
                "unknown" => Tone::Unsure,
                _ => Tone::Quiet,
            };
            (state.as_str(), tone, format!("{control}: {seen}{wanted}"))
        }
        Event::Intends { control, changes } => {
            let lines: Vec<String> = changes.iter().map(|change| change.argv.join(" ")).collect();
            ("intends", Tone::Changed, format!("{control}: {}", lines.join("; ")))
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
        Event::RunEnded { counts } => {
            let text = format!(
                "{} compliant, {} fixed, {} drifted, {} unknown, {} not applicable, {} off",
                counts.compliant, counts.fixed, counts.drifted, counts.unknown, counts.not_applicable, counts.off
            );
            ("ended", Tone::Heading, text)
        }
        other => ("ledger", Tone::Quiet, format!("{}", json!(other))),
    };
    let pad = " ".repeat(15_usize.saturating_sub(word.len()));
    format!("{}  {}{pad}{}\n", entry.time, style.paint(word, tone), style.wrap(&text, 41))
}

fn check(places: &Places, as_json: bool) -> Exit {
    let report = match verify(&places.ledger(), &places.head()) {
        Ok(report) => report,
        Err(error) => {
            out::failure(&error);
            return Exit::CouldNotRun;
        }
    };
    if as_json {
        out::json(&json!({ "v": 1, "report": report }));
    } else if report.ok {
        let torn =
            if report.torn > 0 { format!(", {} torn by a crash and marked", report.torn) } else { String::new() };
        out::print(&format!(
            "the ledger is whole: {} lines in {} segments, numbers {} to {}{torn}\n",
            report.lines,
            report.segments.len(),
            report.first_seq,
            report.last_seq
        ));
    } else {
        for problem in &report.problems {
            out::print(&format!("{problem}\n"));
        }
    }
    if report.ok { Exit::Fine } else { Exit::NotUnderstood }
}

fn flush(machine: &Machine, places: &Places, older_than: &str) -> Exit {
    let now = SystemClock.now();
    let limit = match when::ago(older_than, now) {
        Ok(limit) => limit,
        Err(error) => return complain(&error.to_string(), Exit::Usage),
    };
    let look: &dyn Look = machine.look();
    let opened = Ledger::open(
        LedgerOptions {
            folder: places.ledger(),
            head: places.head(),
            max_segment_bytes: Policy::built_in(&controls::all()).ledger.max_segment_bytes,
            simulated: machine.simulated_name().is_some(),
            boot: ask(look, &sysctl::boot_session()).ok().map(|session| session.uuid),
            run: format!("{}-{}", now.format("%Y%m%dT%H%M%S%3fZ"), std::process::id()),
            clock: &SystemClock,
        },
        IfBusy::Wait(&mut |_| out::error("holdfast: another run holds the ledger; waiting for it to end\n")),
    );
    let because = format!("log flush --older-than {older_than} by {}", environment::user());
    match opened.and_then(|mut ledger| {
        let removed = ledger.flush(limit, &because)?;
        ledger.close()?;
        Ok(removed)
    }) {
        Ok(removed) if removed.is_empty() => {
            out::print(&format!("no whole segment is older than {}\n", stamp(limit)));
            Exit::Fine
        }
        Ok(removed) => {
            out::print(&format!("removed {}\n", removed.join(", ")));
            Exit::Fine
        }
        Err(error) => {
            out::failure(&error);
            Exit::CouldNotRun
        }
    }
}
