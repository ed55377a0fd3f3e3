//! `status`: how each control stands, and since when.

use serde_json::json;

use super::arguments::Place;
use super::exit::Exit;
use super::machine::Machine;
use super::{environment, out};
use crate::controls;
use crate::ledger::history::{self, History};
use crate::report::style::{Style, Tone, count};

/// Shows it from the ledger. Asks the Mac nothing.
pub fn run(place: &Place, as_json: bool) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let folder = machine.places().ledger();
    let history = match history::read(&folder) {
        Ok(history) => history,
        Err(error) => {
            out::failure(&error);
            return Exit::CouldNotRun;
        }
    };
    let standing = |state: &str| history.controls.values().filter(|standing| standing.state == state).count();
    let weak = standing("drifted") + standing("unknown");
    if as_json {
        out::json(&json!({
            "v": 1,
            "simulated": machine.simulated_name(),
            "last_run": history.runs.ended,
            "unfinished_run": history.runs.begun.as_ref().filter(|run| run.ended.is_none()),
            "controls": history.controls,
        }));
    } else {
        out::print(&text(&history, machine.simulated_name(), &environment::style()));
    }
    if weak > 0 || history.controls.is_empty() { Exit::Drift } else { Exit::Fine }
}

fn text(history: &History, simulated: Option<&str>, style: &Style) -> String {
    let mut out = String::new();
    if let Some(name) = simulated {
        out.push_str(&format!("{}\n", style.paint(&format!("Simulated Mac {name}: not a real one"), Tone::Unsure)));
    }
    match &history.runs.ended {
        Some(run) => out.push_str(&format!(
            "Last run: {} {} by {}\n",
            run.command,
            run.ended.as_deref().unwrap_or("(no end on record)"),
            crate::text::visible(&run.cause)
        )),
        None => out.push_str("No run has ended on record. holdfast enforce makes one.\n"),
    }
    if let Some(run) = history.runs.begun.as_ref().filter(|run| run.ended.is_none()) {
        out.push_str(&format!("A run that began {} has no end on record.\n", run.started));
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
            _ => ("UNKNOWN", Tone::Unsure),
        };
        let pad = " ".repeat(8_usize.saturating_sub(word.len()));
        out.push_str(&format!("  {}{pad}{:<36} since {}\n", style.paint(word, tone), control.id, standing.since));
        if let Some(fixed) = &standing.fixed_at {
            let times = if standing.fixes == 1 { "once".to_owned() } else { format!("{} times", standing.fixes) };
            out.push_str(&format!("          mended {times}, last {fixed}\n"));
        }
    }
    let standing = |state: &str| history.controls.values().filter(|standing| standing.state == state).count();
    out.push_str(&format!(
        "\n{}: {} compliant, {} drifted, {} unknown, {} not applicable, {} off\n",
        count(history.controls.len(), "control", "controls"),
        standing("compliant"),
        standing("drifted"),
        standing("unknown"),
        standing("not_applicable"),
        standing("off")
    ));
    out
}
