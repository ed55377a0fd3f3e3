//! `daemon`: what launchd starts.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::Place;
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{out, stop};
use crate::agent::Places;
use crate::controls;
use crate::daemon::lock::Lock;
use crate::daemon::{self, Core, complaints, trust};
use crate::host::{Real, ToolError, files, survey::survey};
use crate::installed::COMPLAINTS;
use crate::ledger::Cause;
use crate::sign_out::Notifier;
use crate::sign_out::notice::Threaded;
use crate::sim::SimMac;

/// Runs until it is told to stop.
pub fn run(place: &Place) -> Exit {
    let machine = match Machine::open(place).and_then(|machine| machine.needs_root("daemon").map(|()| machine)) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    if let Err(error @ ToolError::Missing { .. }) = survey(machine.look()) {
        return complain(
            &format!("this is not a Mac (holdfast daemon --simulate neglected shows one): {}", error.chain()),
            Exit::CouldNotRun,
        );
    }
    if let Machine::Real(_) = machine
        && let Err(error) = complaints::keep_small(std::io::stderr().as_fd(), Path::new(COMPLAINTS))
    {
        // Not worth staying away for.
        complain(&format!("{COMPLAINTS} could not be kept small: {error}"), Exit::CouldNotRun);
    }
    let places = machine.places();
    let own = match own_program(&machine) {
        Ok(own) => own,
        Err(exit) => return exit,
    };
    let faults = trust::faults(&places, own.as_deref());
    if !faults.is_empty() {
        for fault in faults {
            complain(&format!("not to be trusted: {fault}"), Exit::CouldNotRun);
        }
        return complain("the daemon does not run until that is put right", Exit::CouldNotRun);
    }
    let _lock = match lock(&places) {
        Ok(lock) => lock,
        Err(exit) => return exit,
    };
    let notifier = match notifier(&machine, own) {
        Ok(notifier) => notifier,
        Err(exit) => return exit,
    };
    let mut agent = machine.agent("daemon", controls::all());
    agent.cause = Cause { kind: "event".into(), user: None, detail: Some("the daemon".into()) };
    let core = Core::new(agent, chrono::Local, notifier.as_ref());
    match daemon::run(core, &stop::STOP) {
        Ok(()) => Exit::Fine,
        Err(error) => complain(&format!("the daemon could not be started: {error}"), Exit::CouldNotRun),
    }
}

/// Where this program lies, for a real Mac.
fn own_program(machine: &Machine) -> Result<Option<PathBuf>, Exit> {
    let Machine::Real(_) = machine else { return Ok(None) };
    let own = std::env::current_exe().and_then(|own| own.canonicalize());
    own.map(Some)
        .map_err(|error| complain(&format!("this program's own path cannot be told: {error}"), Exit::CouldNotRun))
}

/// Keeps other daemons out. Makes the state folder where it is missing.
fn lock(places: &Places) -> Result<Lock, Exit> {
    let state: &Path = &places.state();
    if let Err(error) = files::make_dir(state, 0o755) {
        out::failure(&error);
        return Err(Exit::CouldNotRun);
    }
    Lock::take(state).map_err(|error| {
        out::failure(&error);
        Exit::CouldNotRun
    })
}

/// What tells users: on threads of its own, so with a door of its own to the same Mac.
fn notifier(machine: &Machine, own: Option<PathBuf>) -> Result<Box<dyn Notifier>, Exit> {
    match machine {
        Machine::Real(_) => {
            Ok(Box::new(Threaded::new(Arc::new(Real::new(own.unwrap_or_default()).stopping(&stop::STOP)))))
        }
        Machine::Simulated { folder, .. } => match SimMac::open(folder) {
            Ok(mac) => Ok(Box::new(Threaded::new(Arc::new(mac)))),
            Err(error) => {
                out::failure(&error);
                Err(Exit::CouldNotRun)
            }
        },
    }
}
