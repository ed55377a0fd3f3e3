//! `log`, `log verify`, `log flush`.

mod flush;
mod text;

use chrono::Local;
use serde_json::json;

use super::arguments::{Log, LogCommand, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{catalogue, environment, out};
use crate::agent::Places;
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::ledger::query::{Filter, Row, Unread, rows};
use crate::ledger::verify::{Report, verify};
use crate::ledger::{LedgerError, run_on_record, when};
use crate::report::local::shown;
use crate::report::style::count;
use crate::text::visible;

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
            Ok(()) => flush::run(&machine, older_than),
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
        Err(id) => return catalogue::no_such(id),
    };
    let filter = Filter { control, since, run: options.run.clone(), state: options.state.clone() };
    let shown = rows(&places.ledger(), filter).and_then(|rows| if options.json { raw(rows) } else { in_words(rows) });
    match shown {
        Ok(exit) => exit,
        Err(error) => {
            out::failure(&error);
            Exit::CouldNotRun
        }
    }
}

/// The lines as they stand in the ledger, byte for byte.
fn raw(rows: impl Iterator<Item = Result<Row, LedgerError>>) -> Result<Exit, LedgerError> {
    let mut exit = Exit::Fine;
    for row in rows.take_while(|_| !out::closed()) {
        let Row { segment, line, mut raw, entry } = row?;
        match entry {
            Ok(_) => {
                raw.push(b'\n');
                // Printable ASCII, since it could be read.
                out::print(&String::from_utf8_lossy(&raw));
            }
            Err(Unread::Torn) => out::error(&format!("holdfast: {segment}:{line}: {}\n", Unread::Torn)),
            Err(why) => exit = unread(&segment, line, &why),
        }
    }
    Ok(exit)
}

fn in_words(rows: impl Iterator<Item = Result<Row, LedgerError>>) -> Result<Exit, LedgerError> {
    let (style, mut exit, mut run_before) = (environment::style(), Exit::Fine, None);
    let mut is_any = false;
    for row in rows.take_while(|_| !out::closed()) {
        let row = row?;
        is_any = true;
        match &row.entry {
            Ok(entry) => {
                if run_before.as_ref().is_some_and(|run| *run != entry.run) {
                    out::print("\n");
                }
                run_before = Some(entry.run.clone());
                out::print(&text::entry(entry, &Local, &style));
            }
            Err(Unread::Torn) => out::print(&text::torn(&row.segment, row.line, &style)),
            Err(why) => exit = unread(&row.segment, row.line, why),
        }
    }
    if !is_any {
        out::print("no entries\n");
    }
    Ok(exit)
}

fn unread(segment: &str, line: u64, why: &Unread) -> Exit {
    complain(&format!("{segment}:{line}: {why}"), Exit::NotUnderstood)
}

fn check(places: &Places, as_json: bool) -> Exit {
    let report = match verify(&places.ledger(), &places.head()) {
        Ok(report) => report,
        Err(error) => {
            out::failure(&error);
            return Exit::CouldNotRun;
        }
    };
    let expected = run_on_record(&places.status("json"));
    let (state, exit) = match (report.has_nothing(), &expected) {
        (true, None) => ("none", Exit::Fine),
        (true, Some(_)) => ("missing", Exit::NotUnderstood),
        (false, _) if !report.ok => ("altered", Exit::NotUnderstood),
        (false, _) if report.unfinished.is_some() => ("unfinished", Exit::Fine),
        (false, _) => ("whole", Exit::Fine),
    };
    if as_json {
        out::json(&json!({ "v": 1, "state": state, "expected_run": expected, "report": report }));
    } else {
        out::print(&verified(&report, expected.as_deref()));
    }
    exit
}

/// What `log verify` says to a person.
fn verified(report: &Report, expected: Option<&str>) -> String {
    match (report.has_nothing(), expected) {
        (true, None) => return "there is no ledger yet: no run has been made\n".to_owned(),
        (true, Some(run)) => {
            let what = if report.is_absent() { "there is no ledger" } else { "there is nothing in the ledger" };
            return format!("{what}, and status.json tells of run {}: it was removed\n", visible(run));
        }
        (false, _) => {}
    }
    let mut out = String::new();
    if report.ok {
        let torn =
            if report.torn > 0 { format!(", {} torn by a crash and marked", report.torn) } else { String::new() };
        out.push_str(&format!(
            "the ledger is whole: {} in {}, numbers {} to {}{torn}\n",
            count(usize::try_from(report.lines).unwrap_or(usize::MAX), "line", "lines"),
            count(report.segments.len(), "segment", "segments"),
            report.first_seq,
            report.last_seq
        ));
    }
    for problem in report.problems.iter().chain(&report.unfinished) {
        out.push_str(&format!("{problem}\n"));
    }
    if report.omitted > 0 {
        out.push_str(&format!("and {} more problems\n", report.omitted));
    }
    for removed in &report.removed {
        let problems = match removed.problems {
            0 => String::new(),
            n => format!(" ({} in them)", count(usize::try_from(n).unwrap_or(usize::MAX), "problem", "problems")),
        };
        out.push_str(&format!(
            "numbers {} to {} were removed on {}: {}{problems}\n",
            removed.first_seq,
            removed.last_seq,
            shown(&removed.time, &Local),
            visible(&removed.because)
        ));
    }
    out
}

#[cfg(test)]
mod tests;
