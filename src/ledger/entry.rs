//! What the ledger can say: one event a line, stamped with when, which run and what caused it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Counts, Stage};

/// Who or what started a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// `command_line`, `schedule` or `event`.
    pub kind: String,
    /// The command line's user: account name or user id of the process, and who stands behind `sudo` as far as `sudo` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The command, or what the event was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// One change as the ledger keeps it: enough to see it and to put it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// What was there before, per setting touched; `null` where nothing was set.
    #[serde(default)]
    pub prior: BTreeMap<String, Value>,
    /// The commands that put it back; empty where it cannot be put back.
    #[serde(default)]
    pub undo: Vec<Vec<String>>,
}

/// One thing that happened. Serialised with its name under `event`, in snake case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run begins.
    RunStarted {
        /// `check`, `enforce` …
        command: String,
        /// What started it.
        cause: Cause,
        /// The agent's version.
        agent: String,
        /// The Mac, in words; `null` where it could not be told.
        mac: Option<String>,
        /// SHA-256 of the policy in force, in hexadecimal.
        policy: String,
        /// Present and true where it goes over part of the catalogue, or works at another level than the policy's.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        partial: bool,
        /// The items of the schedule that this run settles, by their names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<String>,
    },
    /// A control was looked at.
    Found {
        /// The control's id.
        control: String,
        /// `compliant`, `drifted`, `not_applicable`, `unknown`, `off` or `exempt`.
        state: String,
        /// `enforce`, `audit` or `off`.
        mode: String,
        /// What was seen, why it does not apply, or the whole error.
        seen: String,
        /// What policy wants, where it drifted, or would have drifted were it not exempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wanted: Option<String>,
    },
    /// Changes are about to be made. Always on disk before the first of them.
    Intends {
        /// The control's id.
        control: String,
        /// The changes, in order.
        changes: Vec<Announced>,
    },
    /// The setting was read again after its changes, and holds.
    Fixed {
        /// The control's id.
        control: String,
        /// What was seen afterwards.
        seen: String,
    },
    /// The changes did not bring the setting about.
    NotFixed {
        /// The control's id.
        control: String,
        /// `drifted`, or `unknown` where it could not be read again.
        state: String,
        /// A refusal in the tool's own words, or what was seen afterwards.
        why: String,
        /// Present and true where the tool refused, there was no plan that changes anything, or what is left must wait: then
        /// nobody has set it back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
    },
    /// The setting is governed by an MDM, so it was left alone.
    Managed {
        /// The control's id.
        control: String,
        /// The forcing profile's domain and key, or the tool's own words.
        by: String,
    },
    /// The change must wait.
    Deferred {
        /// The control's id.
        control: String,
        /// For what.
        because: String,
    },
    /// A half-made set of changes, or one setting that the agent changed, is about to be put back.
    TakesBack {
        /// The control's id.
        control: String,
        /// The commands, in order.
        changes: Vec<Vec<String>>,
    },
    /// That was put back, or not.
    TakenBack {
        /// The control's id.
        control: String,
        /// Whether every command of a set was accepted, or the one setting is seen to be as it was before.
        whole: bool,
        /// What went wrong, or what is seen now.
        seen: String,
    },
    /// Something is wrong with the policy.
    PolicyProblem {
        /// `managed` or `local`.
        layer: String,
        /// The key's path, `Controls.firewall_on.Mode`; empty for the layer as a whole.
        key: String,
        /// What, and what is done instead.
        problem: String,
    },
    /// A run ended.
    RunEnded {
        /// How it stands.
        counts: Counts,
        /// Present and true where it was asked to stop, and did so before its last control.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        interrupted: bool,
        /// Present and true as in `run_started`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        partial: bool,
        /// The controls that were looked at and were exactly as they are on record, and so have no line of their own in this
        /// run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unchanged: Vec<String>,
    },
    /// A setting that was mended comes back too often, and is left as it is for now.
    Contested {
        /// The control's id.
        control: String,
        /// When it was mended within the last day, RFC 3339, oldest first.
        mended: Vec<String>,
        /// Who may be setting it: a forcing profile's identifier, a known agent that is running. Empty where nobody is known.
        suspects: Vec<String>,
    },
    /// A contested setting is tried again from now on.
    Rearmed {
        /// The control's id.
        control: String,
        /// Why: time has passed, or policy has changed.
        because: String,
    },
    /// What the agent had changed for a control is put back, and from now on it is held in audit mode.
    Held {
        /// The control's id.
        control: String,
        /// SHA-256 of what policy has for this control, in hexadecimal: the hold ends where it has something else.
        policy: String,
    },
    /// A control is no longer held in audit mode by an earlier `held`.
    Resumed {
        /// The control's id.
        control: String,
        /// Why: policy has changed, `holdfast resume` was run, or nothing was put back.
        because: String,
    },
    /// An exemption counts from now on, ends soon, or counts no more.
    Exemption {
        /// The control's id.
        control: String,
        /// The user's short name; absent where the whole Mac is exempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// `begins`, `ends_soon`, `expired` or `withdrawn`.
        stage: String,
        /// When it ends, or ended, RFC 3339.
        until: String,
        /// Why, as policy says it; empty where policy does not have it any more. So are the two below.
        reason: String,
        /// Who has approved it.
        approver: String,
        /// Where that is written down.
        ticket: String,
    },
    /// The daemon runs.
    DaemonStarted {
        /// The agent's version.
        agent: String,
        /// Its process id.
        pid: u32,
    },
    /// The daemon was told to stop, and does.
    DaemonStopped {
        /// The signal's name.
        because: String,
    },
    /// For a time the daemon could not do its work, or the time itself was changed.
    Gap {
        /// When it last worked, RFC 3339.
        from: String,
        /// When it worked again, RFC 3339.
        to: String,
        /// `asleep`, `powered_off`, `daemon_stopped`, `stalled`, `clock_set_forward` or `clock_set_back`.
        why: String,
    },
    /// One step of the daemon's work ended in a defect of the agent's own.
    Crashed {
        /// What was being done.
        what: String,
        /// The panic's words.
        message: String,
    },
    /// The daemon follows a schedule that is new or changed, or none any more.
    Scheduled {
        /// The item's name.
        item: String,
        /// Its schedule, in words; `never` where policy does not have it any more.
        form: String,
        /// From when its times count, RFC 3339.
        anchor: String,
    },
    /// Times at which an item was due and was not done.
    Missed {
        /// The item's name.
        item: String,
        /// The first of them, RFC 3339.
        first: String,
        /// The last of them, RFC 3339.
        last: String,
        /// How many.
        count: u64,
        /// Why: words as in `gap`, `nobody_logged_in`, `battery_low`, `busy`.
        why: Vec<String>,
        /// Whether one run now stands for all of them.
        made_up: bool,
        /// The user that it concerns, for a sign-out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// One step of one user's sign-out of Jamf Trust.
    SignOut {
        /// How far it has come.
        stage: Stage,
        /// The user's short name; empty where nobody is logged in.
        user: String,
        /// The time that it was due, RFC 3339; of several that one sign-out stands for, the last.
        due: String,
        /// What made it due: `interval`, `time`, `cron`, `boot`, `command_line`.
        triggers: Vec<String>,
        /// In words: a refusal in the tool's own words, until when it was put off, what was seen of the VPN.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
        /// For `postponed` and `held`: until when, RFC 3339.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
    /// A line just before this one was cut short by a crash; its bytes stay where they are, with a closing byte behind them
    /// ([`super::line::CLOSED`]).
    Torn {
        /// Line number in this segment, from 1.
        line: u64,
    },
    /// The ledger is not as the agent left it, as the recorded end shows. Written when that is seen, so that it stays known
    /// after the recorded end has moved on.
    EndDiffers {
        /// The recorded last line's number; `null` where the record is missing or unreadable.
        recorded_seq: Option<u64>,
        /// The recorded last line's SHA-256, in hexadecimal.
        recorded_hash: Option<String>,
        /// What is there instead.
        seen: String,
    },
    /// A new segment begins; everything folded so far, so that start-up reads one segment.
    Checkpoint {
        /// The file name of the segment before, if there is one.
        #[serde(default)]
        after: Option<String>,
        /// Which part of the checkpoint this line is, from 1: more state than fits a line takes several.
        part: u32,
        /// How many parts there are. Only all of them together, in order, are a checkpoint.
        parts: u32,
        /// The runs so far; the same in each part.
        #[serde(default)]
        runs: Box<super::history::Runs>,
        /// The folded state per control.
        state: BTreeMap<String, super::history::Standing>,
        /// The folded state per item of the schedule.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        schedule: BTreeMap<String, super::history::ItemHistory>,
        /// The folded state per user that is signed out.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        sign_outs: BTreeMap<String, super::history::SignOutHistory>,
        /// What the agent changed and nobody has put back since, by the setting's name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        made: BTreeMap<String, super::history::Made>,
        /// What is on record of each exemption.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        exemptions: BTreeMap<String, super::history::ExemptionHistory>,
        /// When the daemon last started, as [`super::history::History::daemon_since`]; the same in each part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        daemon_since: Option<String>,
    },
    /// Old segments are about to be removed, whole. The chain's start stays provable by this.
    Flushed {
        /// File names of the segments.
        segments: Vec<String>,
        /// Number of the first line that goes.
        first_seq: u64,
        /// Number of the last line that goes.
        last_seq: u64,
        /// SHA-256 of the last line that goes: the `prev` of the first that stays.
        last_hash: String,
        /// Why: the retention in days, or the command.
        because: String,
        /// How many problems `verify` found in what goes; they would otherwise go with it.
        #[serde(default)]
        problems: u64,
    },
    /// The agent is about to be removed from this Mac. The last line, unless something could not be removed or the agent is
    /// installed again.
    Removes {
        /// The agent's version.
        agent: String,
    },
    /// An event that this version does not know: the line was written by a newer one. Read only, never written.
    #[serde(other)]
    Foreign,
}

impl Event {
    /// The control that the event is about.
    #[must_use]
    pub fn control(&self) -> Option<&str> {
        match self {
            Self::Found { control, .. }
            | Self::Intends { control, .. }
            | Self::Fixed { control, .. }
            | Self::NotFixed { control, .. }
            | Self::Managed { control, .. }
            | Self::Deferred { control, .. }
            | Self::Contested { control, .. }
            | Self::Rearmed { control, .. }
            | Self::Held { control, .. }
            | Self::Resumed { control, .. }
            | Self::Exemption { control, .. }
            | Self::TakesBack { control, .. }
            | Self::TakenBack { control, .. } => Some(control),
            _ => None,
        }
    }

    /// The state that the event says its control is in: as in `found`, or `fixed` or `contested`.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::Found { state, .. } | Self::NotFixed { state, .. } => Some(state),
            Self::Fixed { .. } => Some("fixed"),
            Self::Contested { .. } => Some("contested"),
            _ => None,
        }
    }

    /// Two events that together say the same, for a list of changes that is too long for one line.
    ///
    /// # Errors
    /// The event itself, where it cannot be told in two.
    pub(super) fn halves(self) -> Result<(Self, Self), Box<Self>> {
        match self {
            Self::Intends { control, mut changes } if changes.len() > 1 => {
                let rest = changes.split_off(changes.len() / 2);
                Ok((Self::Intends { control: control.clone(), changes }, Self::Intends { control, changes: rest }))
            }
            Self::TakesBack { control, mut changes } if changes.len() > 1 => {
                let rest = changes.split_off(changes.len() / 2);
                Ok((Self::TakesBack { control: control.clone(), changes }, Self::TakesBack { control, changes: rest }))
            }
            whole => Err(Box::new(whole)),
        }
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Format version, 1.
    pub v: u32,
    /// Number of the line over all segments, from 1, without a gap.
    pub seq: u64,
    /// RFC 3339, UTC, milliseconds.
    pub time: String,
    /// The boot session's id; `null` where it could not be told.
    pub boot: Option<String>,
    /// The run's id; the same for all lines of a run.
    pub run: String,
    /// Present and true where the Mac is a simulated one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
    /// SHA-256 of the line before (without its line break), in hexadecimal; 64 zeros before the first.
    pub prev: String,
}
