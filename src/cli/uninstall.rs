//! `uninstall`: takes the agent off this Mac.

use std::time::Duration;

use super::arguments::{Place, Uninstall};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out, stop};
use crate::agent::uninstall::{Doors, Wanted};
use crate::controls;
use crate::daemon::lock::Lock;
use crate::report::removal;

/// Between two looks at whether the daemon is gone.
const PAUSE: Duration = Duration::from_millis(500);

/// Removes it.
pub fn run(place: &Place, options: &Uninstall) -> Exit {
    let machine = match Machine::open(place).and_then(|machine| machine.needs_root("uninstall").map(|()| machine)) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    if let Err(error) = stop::listen() {
        return complain(&format!("signals cannot be listened for: {error}"), Exit::CouldNotRun);
    }
    let agent = machine.agent(&command_line(options), controls::all());
    let mut lock = None;
    let mut doors = Doors {
        keep_out: &mut |state| {
            lock = Some(Lock::take(state).map_err(|error| error.to_string())?);
            Ok(())
        },
        pause: &pause,
        waiting: &|| out::error("holdfast: another run holds the ledger; waiting for it to end\n"),
    };
    let wanted = Wanted { restore: options.restore, remove_logs: options.remove_logs };
    match agent.uninstall(wanted, &mut doors) {
        Ok(items) => {
            let style = environment::style();
            out::print(&format!("{}{}", machine.heading(&style), removal::text(&items, &style)));
            if removal::left(&items) == 0 { Exit::Fine } else { Exit::CouldNotRun }
        }
        Err(error) => {
            out::failure(&error);
            Exit::CouldNotRun
        }
    }
}

#[allow(clippy::disallowed_methods)] // launchd tells nobody when a job is gone
fn pause() {
    std::thread::sleep(PAUSE);
}

/// The command as it was given, for the ledger.
fn command_line(options: &Uninstall) -> String {
    let given =
        [(options.restore, " --restore"), (options.keep_logs, " --keep-logs"), (options.remove_logs, " --remove-logs")];
    let given: String = given.into_iter().filter(|(is, _)| *is).map(|(_, option)| option).collect();
    format!("uninstall{given}")
}
