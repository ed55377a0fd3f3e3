//! `doctor`: what is wrong with this installation.

use std::path::Path;

use chrono::{DateTime, TimeDelta};
use serde::Serialize;
use serde_json::json;

use super::arguments::Place;
use super::exit::Exit;
use super::machine::Machine;
use super::{environment, out};
use crate::agent::Places;
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::host::{files, survey::survey};
use crate::ledger::history;
use crate::ledger::verify::verify;
use crate::report::style::Tone;

/// How old the last run may be. The daemon's safety net runs every 15 minutes; a day is an agent that does not run.
const STALE: TimeDelta = TimeDelta::days(1);

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    /// `ok`, `wrong` or `unknown`.
    state: &'static str,
    detail: String,
}

fn ok(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding { what, state: "ok", detail: detail.into() }
}

fn wrong(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding { what, state: "wrong", detail: detail.into() }
}

fn unknown(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding { what, state: "unknown", detail: detail.into() }
}

/// Looks at everything that the agent itself needs.
pub fn run(place: &Place, as_json: bool) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let mut findings = vec![match survey(machine.look()) {
        Ok(facts) => ok("this Mac", facts.to_string()),
        Err(error) => unknown("this Mac", error.chain()),
    }];
    if let Machine::Real(_) = machine {
        findings.push(program());
    }
    findings.push(policy(&machine));
    let places = machine.places();
    findings.push(folder("state folder", &places, &places.state()));
    findings.push(folder("ledger folder", &places, &places.ledger()));
    findings.push(ledger(&places));
    findings.push(last_run(&places));
    let healthy = findings.iter().all(|finding| finding.state == "ok");
    if as_json {
        out::json(&json!({ "v": 1, "simulated": machine.simulated_name(), "healthy": healthy, "findings": findings }));
    } else {
        let style = environment::style();
        for finding in &findings {
            let tone = match finding.state {
                "ok" => Tone::Good,
                "wrong" => Tone::Bad,
                _ => Tone::Unsure,
            };
            let pad = " ".repeat(9_usize.saturating_sub(finding.state.len()));
            out::print(&format!(
                "{}{pad}{:<15}{}\n",
                style.paint(finding.state, tone),
                finding.what,
                style.wrap(&finding.detail, 24)
            ));
        }
    }
    if healthy { Exit::Fine } else { Exit::CouldNotRun }
}

/// Whether nobody but root can put another program in this one's place.
fn program() -> Finding {
    let what = "program";
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => return unknown(what, format!("its own path cannot be told: {error}")),
    };
    let folder = own.parent().unwrap_or(Path::new("/"));
    if let Err(error) = files::check_folder(folder, Path::new("/")) {
        return wrong(what, error.chain());
    }
    use std::os::unix::fs::MetadataExt;
    match own.symlink_metadata() {
        Ok(found) if found.uid() != 0 || found.mode() & 0o022 != 0 => wrong(
            what,
            format!(
                "{} belongs to uid {} with mode {:04o}; expected root and no write permission for others",
                own.display(),
                found.uid(),
                found.mode() & 0o7777
            ),
        ),
        Ok(_) => ok(what, format!("{} {}", own.display(), env!("CARGO_PKG_VERSION"))),
        Err(error) => unknown(what, format!("{}: {error}", own.display())),
    }
}

fn policy(machine: &Machine) -> Finding {
    let loaded = machine.agent("doctor", controls::all(), None).load_policy(machine.look());
    match loaded.problems.as_slice() {
        [] => ok("policy", format!("level {}, no problems", u8::from(loaded.policy.level))),
        problems => wrong("policy", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

fn folder(what: &'static str, places: &Places, folder: &Path) -> Finding {
    match files::check_folder(folder, places.root()) {
        Ok(()) => ok(what, folder.display().to_string()),
        Err(error) if !folder.exists() => wrong(what, format!("not there yet: {}", error.chain())),
        Err(error) => wrong(what, error.chain()),
    }
}

fn ledger(places: &Places) -> Finding {
    match verify(&places.ledger(), &places.head()) {
        Ok(report) if report.ok && report.lines > 0 => ok("ledger", format!("{} lines, chain whole", report.lines)),
        Ok(report) if report.ok => wrong("ledger", "empty: no run has been made"),
        Ok(report) => {
            let first = report.problems.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join("; ");
            wrong("ledger", format!("{} problems: {first}", report.problems.len()))
        }
        Err(error) => unknown("ledger", error.to_string()),
    }
}

fn last_run(places: &Places) -> Finding {
    let what = "last run";
    let history = match history::read(&places.ledger()) {
        Ok(history) => history,
        Err(error) => return unknown(what, error.to_string()),
    };
    let Some(ended) = history.runs.ended.and_then(|run| run.ended) else { return wrong(what, "none on record") };
    match DateTime::parse_from_rfc3339(&ended) {
        Ok(at) if SystemClock.now().signed_duration_since(at) > STALE => {
            wrong(what, format!("{ended}, over a day ago"))
        }
        Ok(_) => ok(what, ended),
        Err(error) => unknown(what, format!("\"{}\" is no time: {error}", crate::text::excerpt(&ended))),
    }
}
