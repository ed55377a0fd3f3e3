//! `status`: how each control stands, and since when, and what is wrong with the policy it is held to.

use chrono::{Local, TimeZone};
use serde_json::json;

use super::arguments::Place;
use super::exit::Exit;
use super::machine::Machine;
use super::{environment, out};
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::daemon::alive;
use crate::ledger::Looked;
use crate::ledger::history::{History, Standing};
use crate::policy::Problem;
use crate::report::local::shown;
use crate::report::run;
use crate::report::schedule::daemon;
use crate::report::style::{Style, Tone, count};
use crate::text::visible;

/// Widest line that is made, in columns, however wide the terminal is.
const WIDTH: usize = 80;
/// Columns before what is said about a control below its line.
const INDENT: usize = 10;

/// How many controls stand how, by the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
struct Standings {
    total: usize,
    compliant: usize,
    drifted: usize,
    unknown: usize,
    not_applicable: usize,
    off: usize,
    /// Looked at and left as they are, because policy exempts them.
    exempt: usize,
    /// Of the drifted ones, those that are left alone because they come back.
    contested: usize,
    /// Those that are held in audit mode because they were put back, in whatever state.
    held: usize,
}

impl Standings {
    fn of(history: &History) -> Self {
        let of = |state: &str| history.controls.values().filter(|standing| standing.state == state).count();
        let (compliant, drifted, not_applicable, off, exempt) =
            (of("compliant"), of("drifted"), of("not_applicable"), of("off"), of("exempt"));
        let total = history.controls.len();
        // A word that no version of this agent writes is not known to be good.
        let unknown = total - compliant - drifted - not_applicable - off - exempt;
        let contested = history.controls.values().filter(|standing| is_contested(standing)).count();
        let held = history.controls.values().filter(|standing| standing.held.is_some()).count();
        Self { total, compliant, drifted, unknown, not_applicable, off, exempt, contested, held }
    }
}

/// Whether it has drifted and is left alone because it comes back.
fn is_contested(standing: &Standing) -> bool {
    standing.contested.is_some() && standing.state == "drifted"
}

/// Shows it from the ledger. Asks the Mac nothing but what the policy needs.
pub fn run(place: &Place, as_json: bool) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let problems = machine.agent("status", controls::all()).load_policy(machine.look()).problems;
    let places = machine.places();
    let looked = match machine.ledger() {
        Ok(looked) => looked,
        Err(exit) => return exit,
    };
    let Looked { history, disproved } = &looked;
    let counts = Standings::of(history);
    if as_json {
        out::json(&json!({
            "v": 1,
            "simulated": machine.simulated_name(),
            "last_run": history.runs.ended,
            "unfinished_run": history.runs.begun.as_ref().filter(|run| run.ended.is_none()),
            "daemon_since": history.daemon_since,
            "ledger_problem": disproved,
            "problems": problems,
            "counts": counts,
            "controls": history.controls,
            "exemptions": history.exemptions.values().collect::<Vec<_>>(),
        }));
    } else {
        let alive = alive::read(&places).ok().flatten();
        let known = history.daemon_since.is_some() || !history.schedule.is_empty();
        let daemon = known.then(|| daemon(history, alive.as_ref(), SystemClock.now(), &Local));
        let simulated = machine.simulated_name();
        out::print(&text(&looked, daemon.as_deref(), &problems, simulated, &Local, &environment::style()));
    }
    match disproved {
        Some(_) => Exit::NotUnderstood,
        None if counts.drifted + counts.unknown > 0 || counts.total == 0 => Exit::Drift,
        None if !problems.is_empty() => Exit::BadPolicy,
        None => Exit::Fine,
    }
}

/// `daemon` is what is said of it, `problems` are the policy's.
fn text<Z: TimeZone>(
    looked: &Looked,
    daemon: Option<&str>,
    problems: &[Problem],
    simulated: Option<&str>,
    zone: &Z,
    style: &Style,
) -> String {
    let style = &Style { width: style.width.min(WIDTH), ..*style };
    let history = &looked.history;
    let mut out = String::new();
    if let Some(name) = simulated {
        out.push_str(&run::simulated(name, style));
    }
    if let Some(why) = &looked.disproved {
        let text = format!("The ledger does not hold: {why}. holdfast log verify tells more.");
        for line in style.wrap(&text, 0).lines() {
            out.push_str(&format!("{}\n", style.paint(line, Tone::Bad)));
        }
    }
    match &history.runs.ended {
        Some(run) => {
            let what = run::cause(&run.command, &run.cause, run.user.as_deref(), run.detail.as_deref());
            let text = format!(
                "Last run: {what}, ended {}{}{}",
                run.ended.as_deref().map_or_else(|| "(no end on record)".to_owned(), |ended| shown(ended, zone)),
                if run.partial { "; not the whole policy" } else { "" },
                if run.interrupted { "; interrupted" } else { "" }
            );
            out.push_str(&format!("{}\n", style.wrap(&text, 10).trim_start()));
        }
        None => out.push_str("No run has ended on record: the daemon or holdfast enforce makes one.\n"),
    }
    if let Some(run) = history.runs.begun.as_ref().filter(|run| run.ended.is_none()) {
        out.push_str(&format!("A run that began {} has no end on record.\n", shown(&run.started, zone)));
    }
    if let Some(daemon) = daemon {
        out.push_str(&format!("{}\n", style.wrap(daemon, 0)));
    }
    let mut area = None;
    for control in controls::all() {
        let Some(standing) = history.controls.get(control.id) else { continue };
        if area != Some(control.area) {
            area = Some(control.area);
            out.push_str(&format!("\n{}\n", style.paint(control.area.title(), Tone::Heading)));
        }
        let (word, tone) = match standing.state.as_str() {
            "compliant" => ("ok", Tone::Good),
            "drifted" => ("DRIFTED", Tone::Bad),
            "not_applicable" => ("n/a", Tone::Quiet),
            "off" => ("off", Tone::Quiet),
            "exempt" => ("exempt", Tone::Unsure),
            _ => ("UNKNOWN", Tone::Unsure),
        };
        let pad = " ".repeat(8_usize.saturating_sub(word.len()));
        let since = shown(&standing.since, zone);
        out.push_str(&format!("  {}{pad}{:<36} since {since}\n", style.paint(word, tone), control.id));
        if let Some(fixed) = &standing.fixed_at {
            let times = if standing.fixes == 1 { "once".to_owned() } else { format!("{} times", standing.fixes) };
            out.push_str(&format!("          mended {times}, last {}\n", shown(fixed, zone)));
        }
        if let Some(since) = &standing.held {
            for line in style.wrap(&run::held_words(&shown(since, zone)), INDENT).lines() {
                let line = format!("{:INDENT$}{}", "", line.trim_start());
                out.push_str(&format!("{}\n", style.paint(&line, Tone::Unsure)));
            }
        }
        let exempt = history.exemptions.values().filter(|exemption| exemption.control == control.id && !exemption.over);
        for exemption in exempt {
            let whom = exemption.user.as_deref().unwrap_or("the whole Mac");
            let text = format!("exempt for {whom}, until {}", shown(&exemption.until, zone));
            for line in style.wrap(&visible(&text), INDENT).lines() {
                out.push_str(&format!("{:INDENT$}{}\n", "", line.trim_start()));
            }
        }
        if let Some(since) = standing.contested.as_ref().filter(|_| is_contested(standing)) {
            let text = run::left_words(&shown(since, zone), standing.mended.len(), &standing.suspects);
            for line in style.wrap(&visible(&text), INDENT).lines() {
                let line = format!("{:INDENT$}{}", "", line.trim_start());
                out.push_str(&format!("{}\n", style.paint(&line, Tone::Bad)));
            }
        }
    }
    let Standings { total, compliant, drifted, unknown, not_applicable, off, exempt, contested, held } =
        Standings::of(history);
    let contested = if contested > 0 { format!(" ({contested} contested)") } else { String::new() };
    let held = if held > 0 { format!("; {held} held in audit mode") } else { String::new() };
    let totals = format!(
        "{}: {compliant} compliant, {drifted} drifted{contested}, {unknown} unknown, {not_applicable} not applicable, \
         {off} off, {exempt} exempt{held}",
        count(total, "control", "controls")
    );
    out.push_str(&format!("\n{}\n", style.wrap(&totals, 2).trim_start()));
    for (nth, problem) in problems.iter().enumerate() {
        let gap = if nth == 0 { "\n" } else { "" };
        out.push_str(&format!("{gap}problem: {}\n", style.wrap(&problem.to_string(), 9)));
    }
    out
}

#[cfg(test)]
mod tests;
