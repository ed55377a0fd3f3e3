//! The vocabulary of controls: what one is, what a probe may see, what it may say, what a plan is made of. No IO, no clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::facts::{Facts, Form, Processor};
use crate::host::{self, Look, ToolError};
use crate::mac::{Change, Question};

mod area;
pub mod energy;
mod forced;
mod local;
pub mod people;
mod owned;
pub mod preference;
pub mod service;
mod settings;
mod switch;
mod timing;
mod watch;

pub use area::{Area, Level, Severity};
pub use forced::{Carrier, Deprecated, Forced, Wanted};
pub use local::{Aim, Local, Unset};
pub use owned::{At, Owned, listed};
pub use settings::{Kind, LONGEST_TEXT, Laxer, Setting, Settings, Value};
pub use timing::{LONGEST_CRON, MOST_TIMES, shortest_distance, time_of_day};
pub use watch::{Cadence, SESSIONS, Watch, user_folders};

/// One security setting that the agent knows how to look at.
#[derive(Debug)]
pub struct Control {
    /// Stable short name, `snake_case`: array line, policy key, fixture folder and ledger name.
    pub id: &'static str,
    /// The state that is wanted, as one sentence without a full stop.
    pub title: &'static str,
    /// Why anybody wants it.
    pub why: &'static str,
    /// How it is checked, in words, with the question asked.
    pub check: &'static str,
    /// Which part of the catalogue it belongs to.
    pub area: Area,
    /// The lowest level that includes it.
    pub level: Level,
    /// How bad the weak state is.
    pub severity: Severity,
    /// Ids of the same requirement elsewhere.
    pub refs: Refs,
    /// What the Mac's user notices.
    pub user_impact: &'static str,
    /// Where holding the setting can get in somebody's way: what happens, in words. Such a control starts in audit mode,
    /// whatever the level, until policy names it.
    pub disruptive: Option<&'static str>,
    /// What policy may adjust.
    pub settings: &'static [&'static Setting],
    /// How often the daemon looks, where policy says nothing.
    pub cadence: Cadence,
    /// What tells the daemon at once that the setting may have changed, beside what the probe reads.
    pub watches: &'static [Watch],
    /// The keys that a profile forces for this, where only a profile can; empty where root can, or no one key says it all.
    pub forced: &'static [&'static Forced],
    /// What applies where; the first that matches counts.
    pub variants: &'static [Variant],
    /// Looks, and says what it found.
    pub probe: fn(&View<'_>) -> Result<Finding, ToolError>,
}

/// Ids of the same requirement in the frameworks that auditors use.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Refs {
    /// Section of the CIS benchmark for macOS, per macOS version.
    pub cis_macos: &'static [(u32, &'static str)],
    /// The lowest level of the CIS benchmark for macOS that asks for it, 1 or 2.
    pub cis_level: Option<u8>,
    /// CIS Critical Security Controls, version 8, safeguards.
    pub cis_v8: &'static [&'static str],
    /// NIST SP 800-53 revision 5.
    pub nist_800_53r5: &'static [&'static str],
    /// SOC 2 trust services criteria.
    pub soc2: &'static [&'static str],
    /// DISA STIG ids, per macOS version.
    pub stig: &'static [(u32, &'static str)],
    /// Rule id in NIST's macOS Security Compliance Project.
    pub mscp: Option<&'static str>,
}

impl Refs {
    /// No framework asks for it: what the others are written over.
    pub const NONE: Self =
        Self { cis_macos: &[], cis_level: None, cis_v8: &[], nist_800_53r5: &[], soc2: &[], stig: &[], mscp: None };
}

/// What holds on some macOS versions and hardware.
#[derive(Debug)]
pub struct Variant {
    /// First and last macOS major version.
    pub macos: (u32, u32),
    /// On which processors; `None` is any.
    pub processor: Option<Processor>,
    /// In which forms; empty is any.
    pub forms: &'static [Form],
    /// Whether each user's setting is looked at there, so that policy can exempt one user and hold the others to it.
    pub of_each_user: bool,
    /// What holds there.
    pub reach: Reach,
}

impl Variant {
    /// It applies to every Mac that this release knows.
    #[must_use]
    pub const fn everywhere(can: Can, remedy: Remedy) -> Self {
        let reach = Reach::Applies { can, remedy };
        Self { macos: (14, 27), processor: None, forms: &[], of_each_user: false, reach }
    }

    /// It exists on no Mac with these macOS versions, first and last.
    #[must_use]
    pub const fn absent(macos: (u32, u32), because: &'static str) -> Self {
        Self { macos, processor: None, forms: &[], of_each_user: false, reach: Reach::Absent { because } }
    }

    /// The same, of a setting that each user has: the probe passes over those whom policy exempts ([`View::exempt`]).
    #[must_use]
    pub const fn of_each_user(self) -> Self {
        Self { of_each_user: true, ..self }
    }

    /// Whether this variant speaks about such a Mac.
    #[must_use]
    pub fn matches(&self, facts: &Facts) -> bool {
        let major = facts.macos.major();
        (self.macos.0..=self.macos.1).contains(&major)
            && self.processor.is_none_or(|processor| processor == facts.processor)
            && (self.forms.is_empty() || self.forms.contains(&facts.form))
    }
}

/// Whether the control exists there, and what can be done about it.
#[derive(Debug)]
pub enum Reach {
    /// It does.
    Applies {
        /// What root can do about it, as a fact about macOS.
        can: Can,
        /// What this agent does about it.
        remedy: Remedy,
    },
    /// It does not.
    Absent {
        /// Why not.
        because: &'static str,
    },
}

/// What a root process can do about a setting, as a fact about macOS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Can {
    /// A root change takes effect and stays until another administrator changes it.
    Yes,
    /// The same, unless a profile or declaration governs the setting.
    YesUnlessManaged,
    /// A change made in each user's session takes effect; the user can change it back.
    UserContext,
    /// Part of it, or in one direction.
    Partial,
    /// Only MDM or macOS itself can change it.
    DetectOnly,
    /// A person must act, in recoveryOS or at the keyboard.
    Manual,
}

impl Can {
    /// The answer to "can root set it here?".
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::YesUnlessManaged => "yes, unless a profile or declaration governs it",
            Self::UserContext => "yes, in each user's session, where the user can change it back",
            Self::Partial => "in part",
            Self::DetectOnly => "no: only MDM or macOS itself can",
            Self::Manual => "no: a person must act",
        }
    }
}

/// What this agent does where the setting has drifted.
#[derive(Debug)]
pub enum Remedy {
    /// Sets it.
    Automatic {
        /// How, in words, with the command.
        how: &'static str,
        /// Works out the steps. Sees the same view as the probe, and only looks.
        plan: fn(&View<'_>) -> Result<Plan, ToolError>,
        /// What else changes with it.
        side_effects: &'static str,
        /// Whether a half-made change is worse than none: then a plan that did not bring the setting about is undone.
        all_or_nothing: bool,
    },
    /// Reports, and names the profile or declaration that sets it.
    Profile {
        /// Payload or declaration type and keys.
        payload: &'static str,
    },
    /// Reports, and says what a person must do.
    ByHand {
        /// What, and where.
        instructions: &'static str,
    },
    /// Reports, and says where in the MDM or elsewhere it is set.
    ServerSide {
        /// The place to look.
        place: &'static str,
    },
}

impl Remedy {
    /// Sets it, with nothing else changing, and each step of the plan worth having without the others.
    #[must_use]
    pub const fn sets(how: &'static str, plan: fn(&View<'_>) -> Result<Plan, ToolError>) -> Self {
        Self::Automatic { how, plan, side_effects: "none", all_or_nothing: false }
    }
}

/// What a probe found. There is no "unknown" here: only an error means that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The setting holds.
    Compliant {
        /// What was seen.
        seen: String,
    },
    /// It does not.
    Drifted {
        /// What was seen.
        seen: String,
        /// What policy wants.
        wanted: String,
    },
    /// There is nothing to hold on this Mac.
    NotApplicable {
        /// Why.
        because: String,
    },
}

impl Finding {
    /// Compliant, having seen `seen`.
    #[must_use]
    pub fn compliant(seen: impl Into<String>) -> Self {
        Self::Compliant { seen: seen.into() }
    }

    /// Drifted: `seen` where `wanted` should be.
    #[must_use]
    pub fn drifted(seen: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self::Drifted { seen: seen.into(), wanted: wanted.into() }
    }

    /// Not applicable, `because`.
    #[must_use]
    pub fn not_applicable(because: impl Into<String>) -> Self {
        Self::NotApplicable { because: because.into() }
    }

    /// Compliant where `holds`, drifted otherwise.
    #[must_use]
    pub fn judge(holds: bool, seen: impl Into<String>, wanted: impl Into<String>) -> Self {
        if holds { Self::compliant(seen) } else { Self::drifted(seen, wanted) }
    }
}

/// What is to be done about a drifted setting.
#[derive(Clone, Debug)]
pub enum Plan {
    /// These steps, in order, now.
    Now(Vec<Step>),
    /// Nothing yet.
    Later {
        /// What must come first.
        because: String,
    },
    /// Nothing: an MDM governs the setting.
    Managed {
        /// The forcing profile's domain and key, or the declaration.
        by: String,
    },
}

/// One change, and what puts the setting back.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The change.
    pub change: Change,
    /// The changes that put back what was there before, in order. Empty: cannot be undone.
    pub undo: Vec<Change>,
    /// What was there before, per setting touched; `null` where nothing was set.
    pub prior: BTreeMap<String, serde_json::Value>,
}

/// All that a control can see.
pub struct View<'a> {
    /// The Mac, to look at.
    pub mac: &'a dyn Look,
    /// What kind of Mac it is.
    pub facts: &'a Facts,
    /// The control's settings from policy.
    pub settings: &'a Settings,
    /// The users whose settings do not count here, by short name: policy exempts them from this control.
    pub exempt: &'a [String],
    /// When the pass began.
    pub now: DateTime<Utc>,
    /// Whether a change has just been made: preference files may lag behind `cfprefsd`, so `defaults` is asked as well.
    pub after_change: bool,
}

impl View<'_> {
    /// Asks the Mac.
    ///
    /// # Errors
    /// [`ToolError`] for everything but an understood answer.
    pub fn ask<T>(&self, question: &Question<T>) -> Result<T, ToolError> {
        host::ask(self.mac, question)
    }
}

impl Control {
    /// What most controls have in common, for each to write its own over: it gets in nobody's way, policy has nothing to adjust,
    /// looking is cheap, no file tells of a change, and no profile is needed. What has no such common value is empty here, and
    /// the probe tells nothing: the tests of the catalogue find what a control forgot.
    #[must_use]
    pub const fn of(area: Area, level: Level, severity: Severity) -> Self {
        Self {
            id: "",
            title: "",
            why: "",
            check: "",
            area,
            level,
            severity,
            refs: Refs::NONE,
            user_impact: "",
            disruptive: None,
            settings: &[],
            cadence: Cadence::Cheap,
            watches: &[],
            forced: &[],
            variants: &[],
            probe: |view| Err(ToolError::Unsupported { what: format!("a control without a probe on {}", view.facts) }),
        }
    }

    /// The variant for such a Mac; `None` where this release knows nothing about it.
    #[must_use]
    pub fn variant(&self, facts: &Facts) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.matches(facts))
    }

    /// Whether it looks at each user's setting, on some Mac at least: then policy can exempt single users from it.
    #[must_use]
    pub fn is_of_each_user(&self) -> bool {
        self.variants.iter().any(|variant| variant.of_each_user)
    }

    /// What the agent does about drift on such a Mac; `None` where the control has no part there.
    #[must_use]
    pub fn remedy(&self, facts: &Facts) -> Option<&'static Remedy> {
        match &self.variant(facts)?.reach {
            Reach::Applies { remedy, .. } => Some(remedy),
            Reach::Absent { .. } => None,
        }
    }

    /// Looks: applicability first, then the probe.
    ///
    /// # Errors
    /// [`ToolError`] where it could not be told, a macOS version that this release does not know included.
    pub fn look(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        match self.variant(view.facts).map(|variant| &variant.reach) {
            Some(Reach::Applies { .. }) => (self.probe)(view),
            Some(Reach::Absent { because }) => Ok(Finding::not_applicable(*because)),
            None => Err(ToolError::Unsupported { what: format!("{} on {}", self.id, view.facts) }),
        }
    }
}
