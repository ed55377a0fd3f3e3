//! Taking the agent off a Mac: stop the daemon, say so in the ledger, and remove what the package and the agent have put there.
//!
//! It goes on past each thing that cannot be removed, and tells of it. What is missing already is nothing to tell. Nothing is
//! removed while a daemon runs, or where somebody else could exchange what is about to be removed.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::broom::{Broom, half_written};
use super::{Agent, Loaded};
use crate::enforce::Pass;
use crate::enforce::undo::Wish;
use crate::host::survey::survey;
use crate::host::trust::{self, Fault, Owner};
use crate::host::{self, Once, ToolError};
use crate::installed::{COMPLAINTS, FILES, FOLDERS, LABEL, PROGRAM, SHARED, STATE};
use crate::ledger::{Event, Journal, LOCK, LedgerError, is_segment};
use crate::mac::{launchctl, pkgutil};
use crate::policy::{self, Policy, tables};
use crate::report::removal::{self, Item};
use crate::sign_out::Record;
use crate::text;

/// How often the job is looked for after it was stopped. With [`Doors::pause`] of half a second that is longer than launchd
/// gives it to end (`ExitTimeOut`, 15 s).
const LOOKS: u32 = 60;

/// What is to be removed beside what always is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Put back what the agent changed, first.
    pub restore: bool,
    /// Remove the compliance log and the log of sign-outs, too.
    pub remove_logs: bool,
}

/// What a removal cannot do by itself.
pub struct Doors<'a> {
    /// Keeps daemons out of the state folder from now on.
    ///
    /// # Errors
    /// In words, why that cannot be: one runs.
    pub keep_out: &'a mut dyn FnMut(&Path) -> Result<(), String>,
    /// Lets half a second pass.
    pub pause: &'a dyn Fn(),
    /// Called once where another run holds the ledger.
    pub waiting: &'a dyn Fn(),
}

/// Why nothing was removed.
#[derive(Debug, thiserror::Error)]
pub enum UninstallError {
    /// There is no macOS here.
    #[error("this is not a Mac")]
    NotAMac(#[source] ToolError),
    /// Somebody other than root could exchange what is about to be removed.
    #[error("not to be trusted: {}; nothing was removed", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsafe(Vec<Fault>),
    /// The daemon could not be stopped.
    #[error("{0}; nothing was removed")]
    Runs(String),
    /// The ledger could not be used, so what was to be put back was not, or not all of it.
    #[error("the daemon is stopped, and nothing was removed")]
    Ledger(#[from] LedgerError),
    /// It was told to stop.
    #[error("told to stop; the daemon is stopped, and nothing was removed")]
    Interrupted,
}

impl Agent<'_> {
    /// Removes the agent. One item for each thing that was there.
    ///
    /// # Errors
    /// [`UninstallError`] where nothing was removed.
    pub fn uninstall(&self, wanted: Wanted, doors: &mut Doors<'_>) -> Result<Vec<Item>, UninstallError> {
        let once = Once::new(self.look);
        if let Err(error @ ToolError::Missing { .. }) = survey(&once) {
            return Err(UninstallError::NotAMac(error));
        }
        let faults = self.unsafe_ways();
        if !faults.is_empty() {
            return Err(UninstallError::Unsafe(faults));
        }
        let Loaded { policy, .. } = self.load_policy(&once);
        let mut items = Vec::new();
        self.stop_daemon(doors, &mut items)?;
        if wanted.restore && self.has_ledger() {
            self.put_back(once, &policy, doors, &mut items)?;
        } else if wanted.restore && self.places.head().symlink_metadata().is_ok() {
            items.push(Item::left("what the agent changed", "the ledger, which alone tells of it, is gone"));
        }
        if self.stop.load(Ordering::Relaxed) {
            return Err(UninstallError::Interrupted);
        }
        if !wanted.remove_logs {
            self.last_line(&policy, doors, &mut items);
        }
        self.remove_all(wanted, &policy, &mut items);
        Ok(items)
    }

    /// What is wrong with the folders of macOS's own on the way to what is to be removed.
    fn unsafe_ways(&self) -> Vec<Fault> {
        let owner = match self.simulated {
            Some(_) => Owner::Or(nix::unistd::geteuid().as_raw()),
            None => Owner::Root,
        };
        let mut faults: Vec<Fault> = Vec::new();
        for folder in SHARED {
            for fault in trust::folder(&self.places.at(folder), self.places.root(), owner) {
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        faults
    }

    /// Has launchd end the daemon, waits until it is gone, and keeps others from starting.
    fn stop_daemon(&self, doors: &mut Doors<'_>, items: &mut Vec<Item>) -> Result<(), UninstallError> {
        let job = launchctl::service(LABEL);
        let loaded = || host::ask(self.look, &job).map(|service| service.loaded);
        match loaded() {
            Ok(false) => {}
            Ok(true) | Err(_) => {
                let stopped = self.touch.touch(&launchctl::bootout(LABEL));
                let mut now = loaded();
                for _ in 0..LOOKS {
                    if !matches!(now, Ok(true)) {
                        break;
                    }
                    (doors.pause)();
                    now = loaded();
                }
                match (now, stopped) {
                    (Ok(false), _) => items.push(Item::gone(format!("launchd job {LABEL}"), "stopped")),
                    (Ok(true), Ok(())) => {
                        return Err(UninstallError::Runs(format!("launchd still has the job {LABEL}")));
                    }
                    (Ok(true), Err(why)) => {
                        let why = format!("launchd still has the job {LABEL}: {}", why.chain());
                        return Err(UninstallError::Runs(why));
                    }
                    // Whether a daemon runs is told by its lock, below.
                    (Err(why), _) => items.push(Item::left(format!("launchd job {LABEL}"), why.chain())),
                }
            }
        }
        let state = self.places.state();
        if state.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            (doors.keep_out)(&state).map_err(UninstallError::Runs)?;
        }
        Ok(())
    }

    /// Whether there is a ledger to ask and to write to. A crash while a full segment is put aside leaves full ones alone. What
    /// is no folder, or cannot be listed, counts: what is asked of it fails then, and says why.
    fn has_ledger(&self) -> bool {
        let folder = self.places.ledger();
        match folder.symlink_metadata() {
            Err(why) if why.kind() == ErrorKind::NotFound => false,
            Ok(found) if found.is_dir() => host::removal::names(&folder, self.places.root())
                .map_or(true, |names| names.iter().any(|name| name.to_str().is_some_and(is_segment))),
            _ => true,
        }
    }

    /// Puts back what the agent changed.
    fn put_back(
        &self,
        once: Once<'_>,
        policy: &Policy,
        doors: &Doors<'_>,
        items: &mut Vec<Item>,
    ) -> Result<(), LedgerError> {
        let mut journal = self.journal(policy).on_wait(|| (doors.waiting)());
        let made = Record::history(&mut journal)?.made.clone();
        // What was read before the daemon had ended may be out of date.
        once.forget();
        let pass = Pass::new(once, &self.catalogue, policy, self.clock.now(), self.stop);
        let undone = pass.undo(&made, &Wish::all(), self.touch, &mut journal)?;
        items.extend(undone.iter().filter_map(removal::undone));
        journal.close()
    }

    /// Says in the ledger, where there is one, that the agent is about to go.
    fn last_line(&self, policy: &Policy, doors: &Doors<'_>, items: &mut Vec<Item>) {
        if !self.has_ledger() {
            return;
        }
        let mut journal = self.journal(policy).on_wait(|| (doors.waiting)());
        let written = journal.append(Event::Removes { agent: env!("CARGO_PKG_VERSION").into() });
        if let Err(error) = written.and_then(|()| journal.close()) {
            items.push(Item::kept("the ledger's last line", format!("could not be written: {}", text::chain(&error))));
        }
    }

    fn remove_all(&self, wanted: Wanted, policy: &Policy, items: &mut Vec<Item>) {
        let mut broom = Broom { root: self.places.root(), items };
        let at = |path: &str| self.places.at(path);
        for (file, _) in FILES.iter().filter(|(file, _)| *file != PROGRAM) {
            broom.file(&at(file));
        }
        broom.file(&at(policy::LOCAL_FILE));
        broom.keep(&at(policy::MANAGED_FILE), "a profile forces it; remove the profile in the MDM");
        self.remove_logs(wanted, policy, &mut broom);
        self.remove_state(&mut broom);
        self.remove_receipt(broom.items);
        let mut broom = Broom { root: self.places.root(), items };
        broom.file(&at(PROGRAM));
        for folder in FOLDERS {
            broom.folder(&at(folder), "it holds what is not the agent's");
        }
    }

    fn remove_logs(&self, wanted: Wanted, policy: &Policy, broom: &mut Broom<'_>) {
        let ledger = self.places.ledger();
        let is_segment = |name: &OsStr| wanted.remove_logs && name.to_str().is_some_and(is_segment);
        broom.files_in(&ledger, |name| is_segment(name) || name == LOCK);
        let kept = if wanted.remove_logs {
            "it holds what is not the agent's"
        } else {
            "the compliance log; --remove-logs removes it, too"
        };
        broom.folder(&ledger, kept);
        let complaints = self.places.at(COMPLAINTS);
        let says_something = complaints.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() > 0);
        if says_something && !wanted.remove_logs {
            broom.keep(&complaints, "what the daemon complained of; --remove-logs removes it, too");
        } else {
            broom.file(&complaints);
        }
        for log in self.sign_out_logs(policy) {
            if wanted.remove_logs {
                broom.file(&log);
            } else {
                broom.keep(&log, "the log of sign-outs; --remove-logs removes it, too");
            }
            if let (Some(folder), Some(name)) = (log.parent(), log.file_name()) {
                broom.files_in(folder, |found| half_written(found, &[name.to_owned()]));
            }
        }
    }

    /// The log of sign-outs, and the one put aside when it was full.
    fn sign_out_logs(&self, policy: &Policy) -> Vec<PathBuf> {
        let log = self.places.at(&policy.section(&tables::SIGN_OUT).text(&tables::COMPATIBILITY_LOG_PATH));
        let mut aside = OsString::from(&log);
        aside.push(".1");
        vec![log, aside.into()]
    }

    fn remove_state(&self, broom: &mut Broom<'_>) {
        let state = self.places.state();
        for name in STATE {
            broom.file(&state.join(name));
        }
        let own = STATE.map(OsString::from);
        broom.files_in(&state, |name| half_written(name, &own));
        broom.folder(&self.places.replaced(), "what the agent moved out of the way; it is yours");
        broom.folder(&state, "it holds what stays, or what is not the agent's");
    }

    /// Has the system forget that the package was installed.
    fn remove_receipt(&self, items: &mut Vec<Item>) {
        let what = format!("receipt {LABEL}");
        let receipt = || host::ask(self.look, &pkgutil::receipt(LABEL)).map(|receipt| receipt.version);
        if matches!(receipt(), Ok(None)) {
            return;
        }
        let forgotten = self.touch.touch(&pkgutil::forget(LABEL));
        items.push(match (receipt(), forgotten) {
            (Ok(None), _) => Item::gone(what, "forgotten"),
            (_, Err(error)) | (Err(error), _) => Item::left(what, error.chain()),
            (Ok(Some(_)), Ok(())) => Item::left(what, "it is still there"),
        });
    }
}
