//! `ea`, `fact` and `audit`: one small file read, for every MDM's script runner. No check, no ledger, no policy, and nothing on
//! standard error: some of those runners take that for part of the value.

use chrono::Local;

use super::arguments::{Fact, Place};
use super::exit::Exit;
use super::machine::Machine;
use super::{environment, out};
use crate::agent::Places;
use crate::clock::{Clock, SystemClock};
use crate::host::files;
use crate::host::trust::{self, Owner};
use crate::report::fact::{self, Reading, UNKNOWN_FACT, Value, Verdict};

/// How a fact is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// In the tags of a Jamf Pro extension attribute.
    Tagged,
    /// As it is.
    Bare,
}

/// Prints one fact, or the list of all. An extension attribute always ends well: one that fails stores nothing, and the value of
/// yesterday stays.
pub fn run(place: &Place, options: &Fact, dress: Dress) -> Exit {
    let Some(name) = options.name.as_deref().filter(|_| !options.list) else {
        out::print(&fact::list());
        return Exit::Fine;
    };
    let Some(fact) = fact::find(name) else {
        return unknown(dress);
    };
    let value = match reading(place) {
        Ok((reading, _)) => fact.value(&reading, SystemClock.now()),
        Err(exit) => return exit,
    };
    print(&value, dress);
    Exit::Fine
}

/// Prints that there is no such fact.
pub fn unknown(dress: Dress) -> Exit {
    print(&Value::Word(UNKNOWN_FACT), dress);
    if dress == Dress::Tagged { Exit::Fine } else { Exit::Usage }
}

fn print(value: &Value, dress: Dress) {
    match dress {
        Dress::Tagged => out::print(&format!("<result>{}</result>\n", value.for_jamf(&Local))),
        Dress::Bare => out::print(&format!("{}\n", value.bare())),
    }
}

/// Exits with how the Mac stands.
pub fn audit(place: &Place, as_json: bool) -> Exit {
    let (reading, simulated) = match reading(place) {
        Ok(reading) => reading,
        Err(exit) => return exit,
    };
    let audit = fact::audit(&reading, SystemClock.now());
    if as_json {
        out::json(&audit.json(simulated.as_deref()));
    } else {
        out::print(&format!("{}\n", audit.text()));
    }
    match audit.verdict {
        Verdict::Compliant => Exit::Fine,
        Verdict::Drifted => Exit::NotCompliant,
        Verdict::CannotTell => Exit::CannotTell,
    }
}

/// The state file of the Mac that `place` names, and the simulated Mac's name where it is one.
fn reading(place: &Place) -> Result<(Reading, Option<String>), Exit> {
    if place.simulate.is_none() && place.sim_dir.is_none() {
        return Ok((read(&Places::under("/"), Owner::Root, false), None));
    }
    let machine = Machine::open(place)?;
    let reading = read(&machine.places(), Owner::Or(environment::user_id()), true);
    Ok((reading, machine.simulated_name().map(str::to_owned)))
}

/// Reads the state file, and says nothing of what is in it where somebody but root could have put it there.
fn read(places: &Places, owner: Owner, simulated: bool) -> Reading {
    if !trust::folder(&places.state(), places.root(), owner).is_empty() {
        return Reading::Unreadable;
    }
    match files::read(&places.status("plist")) {
        Ok(file) => Reading::of(&file, owner, simulated),
        Err(_) => Reading::Unreadable,
    }
}
