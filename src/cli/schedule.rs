//! `schedule`: what is done when, how it went, and what was missed.

use serde_json::json;

use super::arguments::Place;
use super::exit::Exit;
use super::machine::Machine;
use super::{environment, out};
use crate::clock::{Clock, SystemClock, stamp};
use crate::controls;
use crate::daemon::alive;
use crate::report::schedule::{daemon, rows, text, to_json};
use crate::report::style::{Style, Tone};

/// Widest line that is made, in columns, however wide the terminal is.
const WIDTH: usize = 80;

/// Shows it from the policy and the ledger. Asks the Mac nothing but what the policy needs.
pub fn run(place: &Place, as_json: bool) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let loaded = machine.agent("schedule", controls::all()).load_policy(machine.look());
    let places = machine.places();
    let looked = match machine.ledger() {
        Ok(looked) => looked,
        Err(exit) => return exit,
    };
    let now = SystemClock.now();
    let rows = rows(&loaded.policy, &looked.history, now, &chrono::Local);
    if as_json {
        out::json(&json!({
            "v": 1,
            "simulated": machine.simulated_name(),
            "time": stamp(now),
            "daemon_since": looked.history.daemon_since,
            "ledger_problem": looked.disproved,
            "problems": loaded.problems,
            "items": to_json(&rows),
        }));
    } else {
        let style = environment::style();
        let style = Style { width: style.width.min(WIDTH), ..style };
        let alive = alive::read(&places).ok().flatten();
        let daemon = daemon(&looked.history, alive.as_ref(), now, &chrono::Local);
        let mut text = format!("{}{}", machine.heading(&style), text(&rows, &daemon, &chrono::Local, &style));
        if looked.disproved.is_some() || !loaded.problems.is_empty() {
            text.push('\n');
        }
        if let Some(why) = &looked.disproved {
            let why = format!("The ledger does not hold: {why}. holdfast log verify tells more.");
            for line in style.wrap(&why, 0).lines() {
                text.push_str(&format!("{}\n", style.paint(line, Tone::Bad)));
            }
        }
        for problem in &loaded.problems {
            text.push_str(&format!("problem: {}\n", style.wrap(&problem.to_string(), 9)));
        }
        out::print(&text);
    }
    match looked.disproved {
        Some(_) => Exit::NotUnderstood,
        None if !loaded.problems.is_empty() => Exit::BadPolicy,
        None => Exit::Fine,
    }
}
