//! `controls` and `explain`.

use chrono::Local;

use super::arguments::{Controls, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out};
use crate::controls;
use crate::host::survey::survey;
use crate::report::catalogue;
use crate::report::local::shown;
use crate::text;

/// Lists the catalogue.
pub fn controls(options: &Controls) -> Exit {
    let all = controls::all();
    if options.json {
        out::json(&catalogue::json(&all));
    } else if options.markdown {
        out::print(&catalogue::markdown(&all));
    } else {
        out::print(&catalogue::list(&all, &environment::style()));
    }
    Exit::Fine
}

/// Explains one control.
pub fn explain(place: &Place, id: &str, json: bool) -> Exit {
    let Some(control) = controls::find(id) else { return no_such(id) };
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let facts = survey(machine.look()).ok();
    let history = crate::ledger::history::read(&machine.places().ledger()).unwrap_or_else(|error| {
        let why = text::chain(&error);
        out::error(&format!("holdfast: whether it is held in audit mode is not known: {}\n", text::visible(&why)));
        Default::default()
    });
    let held = history.controls.get(control.id).and_then(|standing| standing.held.as_deref());
    if json {
        out::json(&catalogue::explain_json(control, facts.as_ref(), held, machine.simulated_name()));
    } else {
        let style = environment::style();
        let held = held.map(|since| shown(since, &Local));
        out::print(&format!(
            "{}{}",
            machine.heading(&style),
            catalogue::explain(control, facts.as_ref(), held.as_deref(), &style)
        ));
    }
    Exit::Fine
}

/// Says that there is no control of this name, and which was probably meant.
pub fn no_such(id: &str) -> Exit {
    let all = controls::all();
    let known = all.iter().map(|control| control.id).chain(all.iter().filter_map(|control| control.refs.mscp));
    let hint = text::nearest(id, known).map(|meant| format!(" (did you mean {meant}?)")).unwrap_or_default();
    complain(&format!("there is no control \"{}\"{hint}; holdfast controls lists them", text::excerpt(id)), Exit::Usage)
}
