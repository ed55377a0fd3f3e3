//! `restore`: puts back what the agent changed, and holds it so. `resume`: lets the agent go on.

use serde_json::json;

use super::arguments::{Place, Restore, Resume};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{catalogue, environment, out, stop};
use crate::agent::restore::Which;
use crate::control::Control;
use crate::controls;
use crate::report::restore;
use crate::report::style::count;

fn waiting() {
    out::error("holdfast: another run holds the ledger; waiting for it to end\n");
}

/// The Mac, for somebody who may change it, and ready to be told to stop.
fn open(place: &Place, what: &str) -> Result<Machine, Exit> {
    let machine = Machine::open(place)?;
    machine.needs_root(what)?;
    match stop::listen() {
        Ok(()) => Ok(machine),
        Err(error) => Err(complain(&format!("signals cannot be listened for: {error}"), Exit::CouldNotRun)),
    }
}

fn named(ids: &[String]) -> Result<Vec<&'static Control>, Exit> {
    ids.iter().map(|id| controls::find(id).ok_or_else(|| catalogue::no_such(id))).collect()
}

/// Puts it back.
pub fn restore(place: &Place, options: &Restore) -> Exit {
    let which = match (named(&options.controls), &options.run) {
        (Err(exit), _) => return exit,
        (_, Some(run)) => Which::Run(run.clone()),
        (_, None) if options.all => Which::All,
        (Ok(controls), None) => Which::Controls(controls),
    };
    let machine = match open(place, "restore") {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let agent = machine.agent(&command_line(options), controls::all());
    let restored = if options.dry_run {
        agent.would_restore(&which, options.force)
    } else {
        agent.restore(&which, options.force, &mut waiting)
    };
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => {
            out::failure(&error);
            let is_wrong = matches!(error, crate::agent::restore::RestoreError::NoSuchRun(_));
            return if is_wrong { Exit::Usage } else { Exit::CouldNotRun };
        }
    };
    for problem in &restored.problems {
        out::error(&format!("holdfast: {}\n", crate::text::visible(&problem.to_string())));
    }
    let report = restore::Restored {
        undone: &restored.undone,
        held: &restored.held,
        dry_run: options.dry_run,
        simulated: machine.simulated_name(),
    };
    if options.json {
        out::json(&restore::json(&report));
    } else {
        let style = environment::style();
        out::print(&format!("{}{}", machine.heading(&style), restore::text(&report, &style)));
    }
    if let Some(error) = &restored.afterwards {
        out::failure(error);
        return Exit::CouldNotRun;
    }
    match report.exit_status() {
        0 => Exit::Fine,
        2 => Exit::Drift,
        _ => Exit::CouldNotRun,
    }
}

/// Ends the holds.
pub fn resume(place: &Place, options: &Resume) -> Exit {
    let named = match named(&options.controls) {
        Ok(named) => named,
        Err(exit) => return exit,
    };
    let machine = match open(place, "resume") {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let given: String = options.controls.iter().map(|id| format!(" --control {id}")).collect();
    let given = format!("resume{}{given}", if options.all { " --all" } else { "" });
    let agent = machine.agent(&given, controls::all());
    let resumed = match agent.resume((!options.all).then_some(named.as_slice()), &mut waiting) {
        Ok(resumed) => resumed,
        Err(error) => {
            out::failure(&error);
            return Exit::CouldNotRun;
        }
    };
    let ids: Vec<&str> = named.iter().map(|control| control.id).collect();
    let not_held: Vec<&str> = ids.into_iter().filter(|id| !resumed.iter().any(|resumed| resumed == id)).collect();
    if options.json {
        let simulated = machine.simulated_name();
        out::json(&json!({ "v": 1, "simulated": simulated, "resumed": resumed, "not_held": not_held }));
        return Exit::Fine;
    }
    let style = environment::style();
    let mut text = machine.heading(&style);
    if resumed.is_empty() {
        text.push_str("Nothing of that is held in audit mode.\n");
    } else {
        let controls = count(resumed.len(), "control is", "controls are");
        let ids = resumed.join(", ");
        let said = format!("{controls} held in audit mode no longer: {ids}. The next pass mends what has drifted.");
        text.push_str(&format!("{}\n", style.wrap(&said, 0)));
    }
    out::print(&text);
    Exit::Fine
}

/// The command as it was given, for the ledger.
fn command_line(options: &Restore) -> String {
    let controls = options.controls.iter().map(|id| format!(" --control {id}"));
    let run = options.run.iter().map(|run| format!(" --run {run}"));
    let flags = [(options.all, " --all"), (options.force, " --force")];
    let flags = flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag.to_owned());
    format!("restore{}", controls.chain(run).chain(flags).collect::<String>())
}
