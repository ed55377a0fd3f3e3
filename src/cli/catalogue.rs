//! `controls` and `explain`.

use chrono::Local;

use super::arguments::{Controls, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out};
use crate::controls;
use crate::host::survey::survey;
use crate::policy::exemptions::EXEMPTIONS;
use crate::report::catalogue::{self, Here};
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
    let agent = machine.agent("explain", controls::all());
    let loaded = agent.load_policy(machine.look());
    for problem in loaded.problems.iter().filter(|problem| may_be_about(&problem.key, &problem.what, control.id)) {
        out::error(&format!("holdfast: {}\n", text::visible(&problem.to_string())));
    }
    let exempt = loaded.exempt.from(control);
    let here = Here { facts: facts.as_ref(), held, exempt: &exempt, simulated: machine.simulated_name() };
    if json {
        out::json(&catalogue::explain_json(control, &here));
    } else {
        let style = environment::style();
        let held = held.map(|since| shown(since, &Local));
        let here = Here { held: held.as_deref(), ..here };
        out::print(&format!("{}{}", machine.heading(&style), catalogue::explain(control, &here, &style)));
    }
    Exit::Fine
}

/// Whether a problem of policy's may be why nobody is exempt from the control `id`: one of exemptions, or of the whole layer, that
/// names it, or none at all. Which control a faulty exemption is meant for cannot always be told.
fn may_be_about(key: &str, what: &str, id: &str) -> bool {
    let words = || what.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let names_another = || controls::all().iter().any(|control| words().any(|word| word == control.id));
    (key.is_empty() || key.starts_with(EXEMPTIONS)) && (words().any(|word| word == id) || !names_another())
}

/// Says that there is no control of this name, and which was probably meant.
pub fn no_such(id: &str) -> Exit {
    let all = controls::all();
    let known = all.iter().map(|control| control.id).chain(all.iter().filter_map(|control| control.refs.mscp));
    let hint = text::nearest(id, known).map(|meant| format!(" (did you mean {meant}?)")).unwrap_or_default();
    complain(&format!("there is no control \"{}\"{hint}; holdfast controls lists them", text::excerpt(id)), Exit::Usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faulty_exemption_may_be_the_one_that_is_missed_unless_it_is_another_controls() {
        for (key, what, is) in [
            ("", "it cannot be read", true),
            ("Exemptions", "it is no array", true),
            ("Exemptions.3.Reason", "it is missing", true),
            ("Exemptions.0.Expires", "the exemption from siri was over", true),
            ("Exemptions.0.Expires", "the exemption from siri_improvement was over", false),
            ("Exemptions.0.Control", "there is no control \"sirri\" (did you mean siri?)", true),
            ("ExemptionWarningDays", "it is missing", false),
            ("Controls.siri.Mode", "it is missing", false),
        ] {
            assert_eq!(may_be_about(key, what, "siri"), is, "{key}: {what}");
        }
    }
}
