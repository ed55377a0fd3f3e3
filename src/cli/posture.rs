//! `posture` and `frameworks`.

use chrono::Local;

use super::arguments::{Frameworks, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out, stop};
use crate::agent::Agent;
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::host::survey::survey;
use crate::policy::Instead;
use crate::report::frameworks::{self, Framework};
use crate::report::posture::Posture;
use crate::report::run::{Context, held_to};

/// Shows the posture by the ledger and what kind of Mac it is. Makes no pass.
pub fn posture(place: &Place, as_json: bool) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let looked = match machine.ledger() {
        Ok(looked) => looked,
        Err(exit) => return exit,
    };
    if let Some(why) = &looked.disproved {
        return complain(
            &format!("the ledger does not hold, so nothing is said by it: {why}; holdfast log verify tells more"),
            Exit::NotUnderstood,
        );
    }
    let policy = machine.agent("posture", controls::all()).load_policy(machine.look()).policy;
    let facts = survey(machine.look()).ok();
    let posture = Posture::of(&controls::all(), &looked.history, &policy, facts.as_ref(), SystemClock.now());
    if as_json {
        out::json(&posture.json(machine.simulated_name()));
    } else {
        let style = environment::style();
        out::print(&format!("{}{}", machine.heading(&style), posture.text(&Local, &style)));
    }
    Exit::Fine
}

/// Makes a pass that only looks, and shows it in the terms of the frameworks.
pub fn frameworks(place: &Place, options: &Frameworks) -> Exit {
    let asked = match options.framework.as_deref().map(|name| (name, Framework::find(name))) {
        None => Framework::ALL.to_vec(),
        Some((_, Some(framework))) => vec![framework],
        Some((name, None)) => {
            let known: Vec<&str> = Framework::ALL.iter().map(|framework| framework.name()).collect();
            let name = crate::text::visible(name);
            return complain(&format!("no framework \"{name}\"; known: {}", known.join(", ")), Exit::Usage);
        }
    };
    let machine = match Machine::open(place).and_then(|machine| machine.needs_root("frameworks").map(|()| machine)) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    if let Err(error) = stop::listen() {
        return complain(&format!("signals cannot be listened for: {error}"), Exit::CouldNotRun);
    }
    let agent = machine.agent("frameworks", controls::all());
    let run = Agent { instead: Instead::EVERYTHING, ..agent }.check();
    let macos = match &run.summary.facts {
        Ok(facts) => facts.macos.major(),
        Err(error) => {
            out::failure(error);
            return Exit::CouldNotRun;
        }
    };
    let lines = &run.summary.lines;
    let context = Context {
        command: "frameworks",
        simulated: machine.simulated_name(),
        policy: &run.policy,
        problems: &run.problems,
    };
    if options.json {
        out::json(&frameworks::json(&asked, macos, lines, &context));
    } else {
        let style = environment::style();
        let held_to = held_to(&run.policy, &run.problems, &style);
        out::print(&format!("{}{held_to}{}", machine.heading(&style), frameworks::text(&asked, macos, lines, &style)));
    }
    if !frameworks::all_met(&asked, macos, lines) {
        Exit::Drift
    } else if !run.problems.is_empty() {
        Exit::BadPolicy
    } else {
        Exit::Fine
    }
}
