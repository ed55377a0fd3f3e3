//! `controls` and `explain`.

use super::arguments::{Controls, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out};
use crate::controls;
use crate::host::survey::survey;
use crate::report::catalogue;

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
    let Some(control) = controls::find(id) else {
        return complain(&format!("there is no control \"{id}\"; holdfast controls lists them"), Exit::Usage);
    };
    if json {
        out::json(&catalogue::json(&[control]));
        return Exit::Fine;
    }
    match Machine::open(place) {
        Ok(machine) => {
            let facts = survey(machine.look()).ok();
            out::print(&catalogue::explain(control, facts.as_ref(), &environment::style()));
            Exit::Fine
        }
        Err(exit) => exit,
    }
}
