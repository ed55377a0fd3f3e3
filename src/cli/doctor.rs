//! `doctor`: what is wrong with this installation.

use std::io::ErrorKind;
use std::path::Path;

use chrono::{DateTime, Local, TimeDelta, TimeZone, Utc};
use serde::Serialize;
use serde_json::json;

use super::arguments::Place;
use super::exit::Exit;
use super::machine::Machine;
use super::{environment, out};
use crate::agent::Places;
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::daemon::alive::{self, AliveError};
use crate::daemon::trust;
use crate::host::{files, survey::survey};
use crate::ledger::history::{self, History};
use crate::ledger::verify::verify;
use crate::ledger::{query, run_on_record};
use crate::report::local::shown;
use crate::report::schedule;
use crate::report::style::Tone;
use crate::schedule::LastAlive;
use crate::text::count;

/// How old the last run may be. The daemon's safety net runs every 15 minutes; a day is an agent that does not run.
const STALE: TimeDelta = TimeDelta::days(1);
/// How many problems of policy are named.
const MOST_PROBLEMS: usize = 10;
/// How much must fit in each of the agent's folders, in bytes: a run's lines and the state, many times over.
const ROOM: usize = 1 << 20;

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
    let places = machine.places();
    let own = match &machine {
        Machine::Real(_) => Some(std::env::current_exe().and_then(|own| own.canonicalize())),
        Machine::Simulated { .. } => None,
    };
    match own.transpose() {
        Ok(own) => {
            findings.extend(own.as_deref().map(program));
            findings.extend(trust(&places, own.as_deref()));
        }
        Err(error) => findings.push(unknown("program", format!("its own path cannot be told: {error}"))),
    }
    findings.extend(policy(&machine));
    findings.push(folder("state folder", &places.state()));
    findings.push(folder("ledger folder", &places.ledger()));
    findings.push(ledger(&places));
    findings.extend(of_the_other_kind(&places, machine.simulated_name().is_some()));
    let (now, zone) = (SystemClock.now(), &Local);
    match history::read(&places.ledger()) {
        Ok(history) => {
            findings.extend(daemon(&history, alive::read(&places), now, zone));
            findings.extend(last_run(&history, now, zone));
        }
        Err(error) => findings.push(unknown("last run", error.to_string())),
    }
    let healthy = findings.iter().all(|finding| finding.state == "ok");
    if as_json {
        out::json(&json!({ "v": 1, "simulated": machine.simulated_name(), "healthy": healthy, "findings": findings }));
    } else {
        let style = environment::style();
        out::print(&machine.heading(&style));
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

/// Which program this is.
fn program(own: &Path) -> Finding {
    ok("program", format!("{} {}", own.display(), env!("CARGO_PKG_VERSION")))
}

/// What the daemon would refuse to run with.
fn trust(places: &Places, own: Option<&Path>) -> Vec<Finding> {
    let what = "trust";
    let faults = trust::faults(places, own);
    if faults.is_empty() {
        return vec![ok(what, "nobody but their owner can exchange program, policy, ledger or state")];
    }
    faults.iter().map(|fault| wrong(what, fault.to_string())).collect()
}

fn policy(machine: &Machine) -> Vec<Finding> {
    let loaded = machine.agent("doctor", controls::all()).load_policy(machine.look());
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    if problems.is_empty() {
        return vec![ok("policy", format!("{}, no problems", loaded.policy.aim()))];
    }
    first(&problems).into_iter().map(|problem| wrong("policy", problem)).collect()
}

/// The first [`MOST_PROBLEMS`], and how many more there are.
fn first(problems: &[String]) -> Vec<String> {
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    let rest = (more > 0).then(|| format!("and {}", count(more, "more problem", "more problems")));
    problems.iter().take(MOST_PROBLEMS).cloned().chain(rest).collect()
}

fn folder(what: &'static str, folder: &Path) -> Finding {
    let shown = folder.display();
    use std::os::unix::fs::MetadataExt;
    match folder.symlink_metadata() {
        Ok(found) if environment::may_write_as(found.uid()) => match has_room(folder) {
            Ok(()) => ok(what, format!("{shown}, can be written")),
            Err(error) => wrong(what, failure_words(&error)),
        },
        Ok(found) => ok(what, format!("{shown} (whether uid {} can write to it was not tried)", found.uid())),
        Err(error) if error.kind() == ErrorKind::NotFound => wrong(what, format!("{shown}: not there yet")),
        Err(error) => unknown(what, format!("{shown}: {error}")),
    }
}

/// Makes, syncs and removes a file in `folder`.
fn has_room(folder: &Path) -> Result<(), files::WriteError> {
    let probe = folder.join(".doctor.probe");
    let written = files::write_whole(&probe, &vec![b'x'; ROOM], 0o600);
    let removed = files::remove(&probe);
    written.and(removed)
}

fn failure_words(error: &files::WriteError) -> String {
    format!("{error}: {}", error.source)
}

fn ledger(places: &Places) -> Finding {
    match verify(&places.ledger(), &places.head()) {
        Ok(report) if report.has_nothing() && run_on_record(&places.status("json")).is_some() => {
            wrong("ledger", "it is gone, although a run is on record")
        }
        Ok(report) if report.ok && report.lines > 0 => {
            let cut = report.unfinished.as_ref().map(|problem| format!("; {problem}")).unwrap_or_default();
            ok("ledger", format!("{} lines, chain whole{cut}", report.lines))
        }
        Ok(report) if report.ok => wrong("ledger", "empty: no run has been made"),
        Ok(report) => {
            let first = report.problems.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join("; ");
            wrong("ledger", format!("{}: {first}", count(report.problems.len(), "problem", "problems")))
        }
        Err(error) => unknown("ledger", error.to_string()),
    }
}

/// Lines of a simulated Mac in this Mac's ledger, or the other way round: evidence of something else.
fn of_the_other_kind(places: &Places, simulated: bool) -> Option<Finding> {
    let what = "ledger's Mac";
    let rows = match query::rows(&places.ledger(), query::Filter::default()) {
        Ok(rows) => rows,
        Err(error) => return Some(unknown(what, error.to_string())),
    };
    let strangers = rows.filter_map(|row| match row {
        Ok(row) => row.entry.is_ok_and(|entry| entry.simulated != simulated).then_some(Ok((row.segment, row.line))),
        Err(error) => Some(Err(error)),
    });
    let mut first = None;
    let mut lines = 0;
    for stranger in strangers {
        match stranger {
            Ok(place) => {
                lines += 1;
                first.get_or_insert(place);
            }
            Err(error) => return Some(unknown(what, error.to_string())),
        }
    }
    let (segment, line) = first?;
    let kind = if simulated { "a real Mac" } else { "a simulated Mac" };
    Some(wrong(what, format!("{} of {kind}, the first is {segment} line {line}", count(lines, "line is", "lines are"))))
}

/// Whether the daemon runs, where one ever did: of one that was told to stop, or gives no sign of life, somebody must know.
fn daemon<Z: TimeZone>(
    history: &History,
    alive: Result<Option<LastAlive>, AliveError>,
    now: DateTime<Utc>,
    zone: &Z,
) -> Option<Finding> {
    let what = "daemon";
    if history.daemon_since.is_none() && history.schedule.is_empty() {
        return None;
    }
    Some(match alive {
        Err(error) => unknown(what, error.to_string()),
        Ok(alive) => {
            let is_silent = alive.as_ref().is_some_and(|alive| schedule::is_silent(alive, now));
            let said = schedule::daemon(history, alive.as_ref(), now, zone);
            if history.daemon_since.is_none() || is_silent { wrong(what, said) } else { ok(what, said) }
        }
    })
}

/// How long ago the last run ended, and whether a later one did not.
fn last_run<Z: TimeZone>(history: &History, now: DateTime<Utc>, zone: &Z) -> Vec<Finding> {
    let what = "last run";
    let mut findings = vec![match history.runs.ended.as_ref().and_then(|run| run.ended.as_ref()) {
        None => wrong(what, "none on record"),
        Some(ended) => match DateTime::parse_from_rfc3339(ended) {
            Ok(at) if now.signed_duration_since(at) > STALE => {
                wrong(what, format!("{}, over a day ago", shown(ended, zone)))
            }
            Ok(_) => ok(what, shown(ended, zone)),
            Err(error) => unknown(what, format!("\"{}\" is no time: {error}", crate::text::excerpt(ended))),
        },
    }];
    if let Some(run) = history.runs.begun.as_ref().filter(|run| run.ended.is_none()) {
        let (command, started) = (crate::text::excerpt(&run.command), shown(&run.started, zone));
        let detail = format!("{command} began {started} and has no end on record: it runs still or was cut short");
        findings.push(unknown("unfinished run", detail));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_takes_no_file_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        has_room(folder.path()).unwrap();
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "the probe stays");
        // No file can be made below a file, whoever tries.
        let file = folder.path().join("file");
        files::write_whole(&file, b"", 0o600).unwrap();
        let why = failure_words(&has_room(&file).unwrap_err());
        assert!(why.contains(&file.display().to_string()), "{why}");
    }

    #[test]
    fn ten_problems_are_named_and_the_rest_counted() {
        let problems = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(first(&problems(10)).len(), 10);
        assert_eq!(first(&problems(11)).last().unwrap(), "and 1 more problem");
        assert_eq!(first(&problems(12)).last().unwrap(), "and 2 more problems");
    }

    mod ledgers {
        use super::*;
        use crate::clock::Moment;
        use crate::ledger::{Cause, Event, IfBusy, Journal, Ledger, LedgerOptions};

        fn written(simulated: bool, ends: bool) -> (tempfile::TempDir, Places) {
            let root = tempfile::tempdir().unwrap();
            let places = Places::under(root.path().canonicalize().unwrap());
            for folder in [places.ledger(), places.state()] {
                files::make_dir(&folder, 0o755).unwrap();
            }
            let mut ledger = Ledger::open(
                LedgerOptions {
                    folder: places.ledger(),
                    head: places.head(),
                    max_segment_bytes: 1 << 20,
                    simulated,
                    boot: None,
                    run: "run-1".into(),
                    expected: None,
                    clock: &SystemClock,
                },
                IfBusy::Fail,
            )
            .unwrap();
            let cause = Cause { kind: "schedule".into(), user: None, detail: None };
            ledger
                .append(Event::RunStarted {
                    command: "enforce".into(),
                    cause,
                    agent: "0".into(),
                    mac: None,
                    policy: "0".into(),
                    partial: false,
                    items: Vec::new(),
                })
                .unwrap();
            if ends {
                ledger
                    .append(Event::RunEnded {
                        counts: crate::ledger::Counts::default(),
                        interrupted: false,
                        partial: false,
                        unchanged: Vec::new(),
                    })
                    .unwrap();
            }
            ledger.close().unwrap();
            (root, places)
        }

        #[test]
        fn lines_of_a_simulated_mac_in_a_real_ledger_are_named() {
            for simulated in [false, true] {
                let (_root, places) = written(simulated, true);
                assert!(of_the_other_kind(&places, simulated).is_none());
                let found = of_the_other_kind(&places, !simulated).unwrap();
                assert_eq!(found.state, "wrong");
                assert!(found.detail.contains("line 1"), "{}", found.detail);
            }
        }

        fn last_run_of(places: &Places) -> Vec<Finding> {
            last_run(&history::read(&places.ledger()).unwrap(), SystemClock.now(), &Utc)
        }

        #[test]
        fn a_daemon_that_does_not_run_is_wrong_and_one_that_never_did_is_nothing() {
            let now = SystemClock.now();
            let alive = |minutes| LastAlive {
                moment: Moment { wall: now - TimeDelta::minutes(minutes), ..SystemClock.moment() },
                boot: None,
                stopped: false,
            };
            let state = |history: &History, alive| daemon(history, Ok(alive), now, &Utc).map(|found| found.state);
            let mut history = History::default();
            assert_eq!(state(&history, None), None);
            history.schedule.insert("checks".into(), history::ItemHistory::default());
            assert_eq!(state(&history, Some(alive(1))), Some("wrong"));
            history.daemon_since = Some("2026-07-01T07:00:00.000Z".into());
            assert_eq!(state(&history, Some(alive(1))), Some("ok"));
            assert_eq!(state(&history, Some(alive(60))), Some("wrong"));
        }

        #[test]
        fn a_run_without_an_end_is_named() {
            let (_root, places) = written(false, true);
            let states: Vec<_> = last_run_of(&places).iter().map(|found| (found.what, found.state)).collect();
            assert_eq!(states, [("last run", "ok")]);
            let (_root, places) = written(false, false);
            let states: Vec<_> = last_run_of(&places).iter().map(|found| (found.what, found.state)).collect();
            assert_eq!(states, [("last run", "wrong"), ("unfinished run", "unknown")]);
        }
    }
}
