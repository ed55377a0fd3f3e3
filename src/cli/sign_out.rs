//! `sign-out`, `sign-out --now`, `sign-out history`.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::Local;

use super::arguments::{Place, SignOut, SignOutCommand};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out, stop};
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::host::ask;
use crate::host::sessions::{Session, sessions};
use crate::ledger::history::user_key;
use crate::ledger::query::{Filter, rows};
use crate::ledger::{LedgerError, Stage};
use crate::mac::{sysctl, system_profiler};
use crate::report::sign_out as report;
use crate::schedule::{Work, items};
use crate::sign_out::Record;
use crate::sign_out::act::{Act, Done, Which};
use crate::sign_out::config::Config;
use crate::sign_out::confirm;
use crate::sign_out::owed::{Past, Schedule};

/// Runs one of them.
pub fn run(place: &Place, options: &SignOut) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    match &options.command {
        Some(SignOutCommand::History(form)) => history(&machine, form.json),
        None if options.now => match machine.needs_root("sign-out --now") {
            Ok(()) => now(&machine, options.user.as_deref(), options.json),
            Err(exit) => exit,
        },
        None => stands(&machine, options.json),
    }
}

fn failed(error: &dyn std::error::Error) -> Exit {
    out::failure(error);
    Exit::CouldNotRun
}

/// How the sign-outs stand, from the ledger and the schedule, and who is logged in.
fn stands(machine: &Machine, as_json: bool) -> Exit {
    let mac = machine.look();
    let looked = match machine.ledger() {
        Ok(looked) => looked,
        Err(exit) => return exit,
    };
    let loaded = machine.agent("sign-out", controls::all()).load_policy(mac);
    let policy = loaded.policy;
    let (config, clock) = (Config::of(&policy), SystemClock.moment());
    let device = ask(mac, &system_profiler::hardware()).ok().and_then(|hardware| hardware.uuid).unwrap_or_default();
    let item = items(&policy, &device).into_iter().find(|item| item.work == Work::SignOut);
    let session = ask(mac, &sysctl::boot_session()).ok().map(|session| session.uuid);
    let boot = session.as_deref().zip(clock.booted);
    let history = &looked.history;
    let schedule = item.as_ref().and_then(|item| Schedule::of(item, history, &config, boot, &Local, &[]));
    let present = sessions(mac).map_err(|error| error.chain());
    let here = present.iter().flatten().map(|session| session.name.as_str());
    let known = history.sign_outs.keys().map(String::as_str).filter(|user| !user.is_empty());
    let users: Vec<report::Standing<'_>> = here
        .chain(known)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|user| report::Standing {
            user,
            logged_in: present.as_ref().ok().map(|all| all.iter().any(|session| session.name == user)),
            last: history.sign_outs.get(&user_key(user)),
            debt: schedule.as_ref().map(|schedule| schedule.debt(&Past::of(history, user), None, clock.wall)),
        })
        .collect();
    let all = report::Standings {
        schedule: item.as_ref().map(|item| item.words.as_str()),
        is_followed: schedule.is_some(),
        unseen: present.as_ref().err().map(String::as_str),
        users,
    };
    if as_json {
        out::json(&report::json(&all, machine.simulated_name(), looked.disproved.as_deref(), &loaded.problems));
    } else {
        let style = environment::style();
        out::print(&machine.heading(&style));
        out::print(&report::text(&all, &Local, &style));
        let problems = loaded.problems.iter();
        let problems: String =
            problems.map(|problem| format!("problem: {}\n", style.wrap(&problem.to_string(), 9))).collect();
        if !problems.is_empty() {
            out::print(&format!("\n{problems}"));
        }
    }
    if let Err(why) = &present {
        out::error(&format!("holdfast: who is logged in could not be read: {}\n", crate::text::visible(why)));
    }
    match &looked.disproved {
        Some(why) => complain(&format!("the ledger does not hold: {why}"), Exit::NotUnderstood),
        None if present.is_err() => Exit::Drift,
        None if !loaded.problems.is_empty() => Exit::BadPolicy,
        None => Exit::Fine,
    }
}

/// Every sign-out on record.
fn history(machine: &Machine, as_json: bool) -> Exit {
    let mut exit = Exit::Fine;
    let mut entries = Vec::new();
    let rows = match rows(&machine.places().ledger(), Filter::default()) {
        Ok(rows) => rows,
        Err(error) => return failed(&error),
    };
    for row in rows {
        match row {
            Ok(row) => match row.entry {
                Ok(entry) => entries.push(entry),
                Err(crate::ledger::query::Unread::Torn) => {}
                Err(why) => {
                    exit = complain(&format!("{}:{}: {why}", row.segment, row.line), Exit::NotUnderstood);
                }
            },
            Err(error) => return failed(&error),
        }
    }
    let all = report::told(entries.into_iter());
    if as_json {
        out::json(&report::history_json(&all, machine.simulated_name()));
    } else {
        let style = environment::style();
        out::print(&machine.heading(&style));
        out::print(&report::history_text(&all, &Local, &style));
    }
    exit
}

/// Signs a user out, as the daemon does, while no other process can.
fn now(machine: &Machine, user: Option<&str>, as_json: bool) -> Exit {
    if let Err(error) = stop::listen() {
        return complain(&format!("signals cannot be listened for: {error}"), Exit::CouldNotRun);
    }
    let agent = machine.agent("sign-out --now", controls::all());
    let policy = agent.load_policy(machine.look()).policy;
    let config = Config::of(&policy);
    let mut journal = agent
        .journal(&policy)
        .on_wait(|| out::error("holdfast: another run holds the ledger; waiting for it to end\n"));
    // From here on nobody else signs anybody out. Who is logged in is asked after that.
    if let Err(error) = Record::history(&mut journal) {
        return failed(&error);
    }
    let session = match whose(machine, user) {
        Ok(session) => session,
        Err(exit) => return exit,
    };
    let places = machine.places();
    let act = Act {
        look: machine.look(),
        touch: machine.touch(),
        clock: &SystemClock,
        config: &config,
        zone: &Local,
        root: places.root(),
    };
    if !as_json {
        out::print(&machine.heading(&environment::style()));
    }
    let mut said = Said { user: &session.name, as_json, steps: Vec::new() };
    let exit = match perform(&act, &mut journal, &session, &mut said) {
        Ok(exit) => exit,
        Err(error) => failed(&error),
    };
    if as_json {
        out::json(&report::now_json(&session.name, &said.steps, machine.simulated_name()));
    }
    match journal.close() {
        Ok(()) => exit,
        Err(error) => failed(&error),
    }
}

/// The session that is meant.
fn whose(machine: &Machine, user: Option<&str>) -> Result<Session, Exit> {
    let all = sessions(machine.look()).map_err(|error| failed(&error))?;
    let found = match user {
        Some(user) => all.into_iter().find(|session| session.name == user),
        None => all.into_iter().find(|session| session.at_screen),
    };
    found.ok_or_else(|| {
        let who = user
            .map_or_else(|| "nobody is logged in at the screen".to_owned(), |user| format!("{user} is not logged in"));
        complain(&format!("{who}: nothing was asked"), Exit::CouldNotRun)
    })
}

/// What is told while it goes on.
struct Said<'a> {
    user: &'a str,
    as_json: bool,
    steps: Vec<(Stage, String)>,
}

impl Said<'_> {
    fn step(&mut self, stage: Stage, detail: &str) {
        if !self.as_json {
            out::print(&report::step_text(self.user, stage, detail, &environment::style()));
        }
        self.steps.push((stage, detail.to_owned()));
    }
}

fn perform(
    act: &Act<'_, Local>,
    record: &mut dyn Record,
    session: &Session,
    said: &mut Said<'_>,
) -> Result<Exit, LedgerError> {
    let which = Which { user: session.name.clone(), due: SystemClock.now(), triggers: vec!["command_line".to_owned()] };
    let note = format!("asked for by {}", environment::user());
    let done = act.perform(record, session, which, Some(note))?;
    let mut delivered = match done {
        Done::NotApplicable => {
            said.step(Stage::NotApplicable, "Jamf Trust is not installed");
            return Ok(Exit::Fine);
        }
        Done::Refused(why) => {
            said.step(Stage::NotDone, &why);
            return Ok(Exit::CouldNotRun);
        }
        Done::Unknown(why) => {
            said.step(Stage::Requested, "");
            said.step(Stage::Unconfirmed, &why);
            return Ok(Exit::Drift);
        }
        Done::Delivered(delivered) => delivered,
    };
    said.step(Stage::Requested, "");
    said.step(Stage::Delivered, "");
    loop {
        if let Some((stage, detail)) = delivered.outcome(act, record)? {
            said.step(stage, &detail);
            return Ok(if stage == Stage::Confirmed { Exit::Fine } else { Exit::Drift });
        }
        if stop::STOP.load(Ordering::Relaxed) || !wait() {
            let why = "told to stop before anything was seen that confirms it";
            delivered.leave(record, why)?;
            said.step(Stage::Unconfirmed, why);
            return Ok(Exit::Drift);
        }
    }
}

/// Waits until it is time to look again. Returns whether that could be done.
fn wait() -> bool {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return false };
    let long = confirm::BETWEEN.to_std().unwrap_or(Duration::from_secs(2));
    runtime.block_on(async { tokio::time::sleep(long).await });
    true
}
