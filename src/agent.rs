//! The composition root: policy, pass, ledger and status put together for one run.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;

use crate::clock::{Clock, stamp};
use crate::control::{Control, Level};
use crate::enforce::{Pass, Summary};
use crate::host::survey::survey;
use crate::host::{self, Look, Once, ToolError, Touch, files};
use crate::ledger::{Cause, Event, IfBusy, Journal, Ledger, LedgerError, LedgerOptions, run_on_record};
use crate::mac::profiles::{self, Mdm};
use crate::mac::{Answer, Ask, FileAnswer, sysctl};
use crate::policy::{self, Enrolled, LayerText, Layers, Policy, Problem};
use crate::report::status;

/// Where the agent keeps its own files, under `/` on a Mac and under the simulated Mac's folder otherwise.
#[derive(Clone, Debug)]
pub struct Places {
    root: PathBuf,
}

impl Places {
    /// The places under `root`.
    #[must_use]
    pub fn under(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn at(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// The folder above which nothing is the agent's business.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the ledger's segments.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.at("/Library/Logs/Holdfast")
    }

    /// The folder of the agent's state.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.at("/Library/Application Support/Holdfast")
    }

    /// The folder of what was moved out of the way.
    #[must_use]
    pub fn replaced(&self) -> PathBuf {
        self.state().join("replaced")
    }

    /// The record of how far the ledger reached.
    #[must_use]
    pub fn head(&self) -> PathBuf {
        self.state().join("head.json")
    }

    /// The state for other tools, without its extension.
    #[must_use]
    pub fn status(&self, extension: &str) -> PathBuf {
        self.state().join(format!("status.{extension}"))
    }

    /// The last good copy of a policy layer, `managed` or `local`.
    #[must_use]
    pub fn last_good(&self, layer: &str) -> PathBuf {
        self.state().join(format!("policy.last-good.{layer}.plist"))
    }
}

/// What a run needs.
pub struct Agent<'a> {
    /// The Mac, to look at.
    pub look: &'a dyn Look,
    /// The Mac, to change.
    pub touch: &'a dyn Touch,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Where the agent's own files are.
    pub places: Places,
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<String>,
    /// What started the run.
    pub cause: Cause,
    /// The controls to go through, in order.
    pub catalogue: Vec<&'static Control>,
    /// A level that the command line asks for instead of the policy's.
    pub level: Option<Level>,
    /// Set from outside to stop before the next change.
    pub stop: &'a AtomicBool,
}

/// The policy in force, and what is wrong with its layers.
#[derive(Debug)]
pub struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// What is wrong.
    pub problems: Vec<Problem>,
    layers: Layers,
}

/// A finished run.
#[derive(Debug)]
pub struct Run {
    /// What was found and done.
    pub summary: Summary,
    /// The policy it worked by.
    pub policy: Policy,
    /// What is wrong with the policy.
    pub problems: Vec<Problem>,
    /// What went wrong after the pass, when its evidence was completed.
    pub afterwards: Option<AgentError>,
}

/// Why a run could not be made, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is no macOS here; nothing was written.
    #[error("this is not a Mac (holdfast enforce --simulate neglected shows one)")]
    NotAMac(#[source] ToolError),
    /// The ledger could not be written: nothing was changed after that.
    #[error("the ledger could not be written, so nothing more was changed")]
    Ledger(#[source] LedgerError),
    /// The run was told to stop while it waited for another one; nothing was changed.
    #[error("told to stop while another run held the ledger")]
    Interrupted(#[source] LedgerError),
    /// One of the agent's own files or folders could not be used.
    #[error("the agent's own files could not be used")]
    Untrusted(#[from] ToolError),
    /// One of the agent's own files could not be written.
    #[error("the agent's own files could not be kept")]
    Files(#[from] files::WriteError),
}

impl From<LedgerError> for AgentError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Interrupted { .. } => Self::Interrupted(error),
            other => Self::Ledger(other),
        }
    }
}

impl Agent<'_> {
    /// Reads the policy. A layer that cannot be used is replaced by its last good copy.
    #[must_use]
    pub fn load_policy(&self, mac: &dyn Look) -> Loaded {
        let enrolled = match host::ask(mac, &profiles::enrollment()) {
            Ok(enrollment) if enrollment.mdm == Mdm::No => Enrolled::No,
            Ok(_) => Enrolled::Yes,
            Err(error) => Enrolled::Unknown(error.chain()),
        };
        let last_good = |layer: &str| match files::read(&self.places.last_good(layer)) {
            Ok(FileAnswer::Present { bytes, .. }) => LayerText::Bytes(bytes),
            Ok(FileAnswer::Absent) => LayerText::Absent,
            Err(error) => LayerText::Unreadable(error.chain()),
        };
        let layers = Layers {
            managed: layer(mac, policy::MANAGED_FILE),
            local: layer(mac, policy::LOCAL_FILE),
            managed_last_good: last_good("managed"),
            local_last_good: last_good("local"),
        };
        let (mut policy, problems) = policy::read(&layers, &crate::controls::all(), &enrolled);
        if let Some(level) = self.level {
            policy.at_level(level);
        }
        if self.is_selection() {
            self.catalogue.iter().for_each(|control| policy.select(control));
        }
        Loaded { policy, problems, layers }
    }

    /// Whether a run says nothing about how the Mac stands as a whole: over part of the catalogue, or at another level than
    /// the policy's.
    fn is_partial(&self) -> bool {
        self.level.is_some() || self.is_selection()
    }

    /// Whether the command line named controls.
    fn is_selection(&self) -> bool {
        self.catalogue.len() < crate::controls::all().len()
    }

    /// Keeps a copy of each well-formed layer for the day when it is not; drops the copy of a layer that is gone.
    fn keep_last_good(&self, layers: &Layers) -> Result<(), files::WriteError> {
        for (name, text, kept) in
            [("managed", &layers.managed, &layers.managed_last_good), ("local", &layers.local, &layers.local_last_good)]
        {
            let path = self.places.last_good(name);
            match text {
                LayerText::Bytes(bytes) if policy::is_well_formed(bytes) && kept != text => {
                    files::write_whole(&path, bytes, 0o600)?;
                }
                LayerText::Absent if *kept != LayerText::Absent => files::remove(&path)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Looks only. Writes nothing anywhere.
    #[must_use]
    pub fn check(&self) -> Run {
        self.look_only(|pass| pass.check())
    }

    /// Works out what [`Agent::enforce`] would change. Writes nothing anywhere.
    #[must_use]
    pub fn plan(&self) -> Run {
        self.look_only(|pass| pass.plan())
    }

    fn look_only(&self, how: fn(&Pass<'_>) -> Summary) -> Run {
        let once = Once::new(self.look);
        let Loaded { policy, problems, .. } = self.load_policy(&once);
        let summary = how(&Pass::new(once, &self.catalogue, &policy, self.clock.now(), self.stop));
        Run { summary, policy, problems, afterwards: None }
    }

    /// Looks, mends, and keeps the evidence. `waiting` is called once where another run holds the ledger.
    ///
    /// # Errors
    /// [`AgentError`] where the ledger or the agent's own folders cannot be used. What was changed before that is in the
    /// ledger. What goes wrong after the pass is in [`Run::afterwards`], so that nothing found is lost over it.
    pub fn enforce(&self, waiting: &mut dyn FnMut()) -> Result<Run, AgentError> {
        let once = Once::new(self.look);
        if let Err(error @ ToolError::Missing { .. }) = survey(&once) {
            return Err(AgentError::NotAMac(error));
        }
        for folder in [self.places.state(), self.places.replaced(), self.places.ledger()] {
            files::make_dir(&folder, 0o755)?;
            files::check_folder(&folder, self.places.root())?;
        }
        let mut loaded = self.load_policy(&once);
        let run = format!("{}-{}", self.clock.now().format("%Y%m%dT%H%M%S%3fZ"), std::process::id());
        let mut waited = false;
        let mut ledger = Ledger::open(
            LedgerOptions {
                folder: self.places.ledger(),
                head: self.places.head(),
                max_segment_bytes: loaded.policy.ledger.max_segment_bytes,
                simulated: self.simulated.is_some(),
                boot: host::ask(&once, &sysctl::boot_session()).ok().map(|session| session.uuid),
                run: run.clone(),
                expected: run_on_record(&self.places.status("json")),
                clock: self.clock,
            },
            IfBusy::Wait {
                tell: &mut |_| {
                    waited = true;
                    waiting();
                },
                stop: &|| self.stop.load(Ordering::Relaxed),
            },
        )?;
        // From here on this is the only run. What was read while another one worked may be out of date.
        if waited {
            once.forget();
            loaded = self.load_policy(&once);
        }
        self.keep_last_good(&loaded.layers)?;
        let Loaded { policy, problems, .. } = loaded;
        let pass = Pass::new(once, &self.catalogue, &policy, self.clock.now(), self.stop);
        ledger.append(Event::RunStarted {
            command: "enforce".into(),
            cause: self.cause.clone(),
            agent: env!("CARGO_PKG_VERSION").into(),
            mac: pass.facts.as_ref().map(ToString::to_string).ok(),
            policy: policy.digest(),
            partial: self.is_partial(),
            items: Vec::new(),
        })?;
        for problem in &problems {
            ledger.append(Event::PolicyProblem {
                layer: problem.layer.word().into(),
                key: problem.key.clone(),
                problem: problem.what.clone(),
            })?;
        }
        let summary = pass.enforce(self.touch, &mut ledger)?;
        let interrupted = pass.is_stopped();
        drop(pass);
        let afterwards = self.finish(ledger, &summary, &policy, &problems, &run, interrupted).err();
        Ok(Run { summary, policy, problems, afterwards })
    }

    /// Ends a run: its counts, the retention, the state for other tools, and only then the lock.
    fn finish(
        &self,
        mut ledger: Ledger<'_>,
        summary: &Summary,
        policy: &Policy,
        problems: &[Problem],
        run: &str,
        interrupted: bool,
    ) -> Result<(), AgentError> {
        let partial = self.is_partial();
        ledger.append(Event::RunEnded { counts: summary.counts(), interrupted, partial, unchanged: Vec::new() })?;
        if policy.ledger.retention_days > 0 {
            let age = TimeDelta::days(policy.ledger.retention_days.into());
            ledger.flush(age, &format!("retention of {} days", policy.ledger.retention_days))?;
        }
        if !partial {
            self.write_status(summary, policy, problems, run)?;
        }
        Ok(ledger.close()?)
    }

    fn write_status(
        &self,
        summary: &Summary,
        policy: &Policy,
        problems: &[Problem],
        run: &str,
    ) -> Result<(), files::WriteError> {
        let map = status::flat(
            summary,
            &status::Written {
                time: &stamp(self.clock.now()),
                run,
                command: "enforce",
                policy,
                problems,
                simulated: self.simulated.as_deref(),
            },
        );
        let json = format!("{:#}\n", serde_json::Value::Object(map.clone()));
        files::write_whole(&self.places.status("json"), json.as_bytes(), 0o644)?;
        files::write_whole(&self.places.status("plist"), &status::plist(&map), 0o644)
    }
}

/// One layer's file, where it can be read and trusted.
fn layer(mac: &dyn Look, path: &str) -> LayerText {
    match mac.look(&Ask::File(path.into())) {
        Ok(Answer::File(FileAnswer::Absent)) => LayerText::Absent,
        Ok(Answer::File(FileAnswer::Present { owner, mode, .. })) if owner != 0 || mode & 0o022 != 0 => {
            LayerText::Unreadable(format!(
                "{path} belongs to uid {owner} with mode {mode:04o}; expected root and no write permission for others"
            ))
        }
        Ok(Answer::File(FileAnswer::Present { bytes, .. })) => LayerText::Bytes(bytes),
        Ok(Answer::Ran(_)) => LayerText::Unreadable(format!("{path} was not asked as a file")),
        Err(error) => LayerText::Unreadable(error.chain()),
    }
}
