//! `check`, `plan`, `enforce`.

use super::arguments::{Pass as Options, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{catalogue, environment, out, stop};
use crate::agent::Agent;
use crate::control::Control;
use crate::controls;
use crate::host::ToolError;
use crate::report::run;

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Look only.
    Check,
    /// Look, and work out the changes.
    Plan,
    /// Look, and mend.
    Enforce,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Plan => "plan",
            Self::Enforce => "enforce",
        }
    }
}

/// Makes one pass.
pub fn run(place: &Place, options: &Options, kind: Kind) -> Exit {
    let selected = match select(&options.controls) {
        Ok(selected) => selected,
        Err(exit) => return exit,
    };
    let instead = match options.instead.parsed() {
        Ok(instead) => instead,
        Err(exit) => return exit,
    };
    let machine = match Machine::open(place).and_then(|machine| machine.needs_root(kind.word()).map(|()| machine)) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    if let Err(error) = stop::listen() {
        return complain(&format!("signals cannot be listened for: {error}"), Exit::CouldNotRun);
    }
    let agent = machine.agent(&command_line(kind, options), selected);
    let agent = Agent { instead, ..agent };
    let finished = match kind {
        Kind::Check => agent.check(),
        Kind::Plan => agent.plan(),
        Kind::Enforce => {
            match agent.enforce(&mut || out::error("holdfast: another run holds the ledger; waiting for it to end\n")) {
                Ok(finished) => finished,
                Err(error) => {
                    out::failure(&error);
                    return Exit::CouldNotRun;
                }
            }
        }
    };
    let context = run::Context {
        command: kind.word(),
        simulated: machine.simulated_name(),
        policy: &finished.policy,
        problems: &finished.problems,
    };
    if options.json {
        out::json(&run::json(&finished.summary, &context));
    } else {
        out::print(&run::text(&finished.summary, &context, &environment::style()));
    }
    if matches!(&finished.summary.facts, Err(ToolError::Missing { .. })) {
        out::error("holdfast: this does not look like a Mac; holdfast enforce --simulate neglected shows one\n");
    }
    if let Some(error) = &finished.afterwards {
        out::failure(error);
        return Exit::CouldNotRun;
    }
    match run::exit_status(&finished.summary, &finished.problems) {
        0 => Exit::Fine,
        3 => Exit::Mended,
        78 => Exit::BadPolicy,
        _ => Exit::Drift,
    }
}

/// The command as it was given, for the ledger.
fn command_line(kind: Kind, options: &Options) -> String {
    let instead = options.instead.words();
    let controls: String = options.controls.iter().map(|id| format!(" --control {id}")).collect();
    format!("{}{instead}{controls}", kind.word())
}

/// The controls named, or all.
fn select(ids: &[String]) -> Result<Vec<&'static Control>, Exit> {
    let mut wanted = Vec::new();
    for id in ids {
        match controls::find(id) {
            Some(control) => wanted.push(control.id),
            None => {
                return Err(catalogue::no_such(id));
            }
        }
    }
    Ok(controls::all().into_iter().filter(|control| ids.is_empty() || wanted.contains(&control.id)).collect())
}
