//! The policy in force: read from the Mac, and kept for the day when it cannot be.

use chrono::{DateTime, Utc};

use super::Agent;
use crate::enforce::{Exempt, exempt};
use crate::host::{self, Look, files};
use crate::mac::profiles::{self, Mdm};
use crate::mac::{Answer, Ask, FileAnswer};
use crate::policy::{self, Enrolled, LayerText, Layers, Policy, Problem};

/// The policy in force, and what is wrong with its layers.
#[derive(Debug)]
pub struct Loaded {
    /// The policy, as the command line has it held.
    pub policy: Policy,
    /// The policy without that. What is held in audit mode goes by this: another preset for one run ends no hold.
    pub own: Policy,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The exemptions that count at [`Loaded::now`].
    pub exempt: Exempt,
    /// When it was read: the pass that goes by it judges by this time.
    pub now: DateTime<Utc>,
    /// The problems of exemptions that are over.
    over: Vec<Problem>,
    layers: Layers,
}

impl Agent<'_> {
    /// Reads the policy. A layer that cannot be used is replaced by its last good copy.
    #[must_use]
    pub fn load_policy(&self, mac: &dyn Look) -> Loaded {
        let enrolled = enrolled(mac);
        let mut loaded = self.policy_for(mac, &enrolled, self.clock.now());
        if !self.instead.is_nothing() {
            let (policy, problems) =
                policy::read_instead(&loaded.layers, &crate::controls::all(), &enrolled, &self.instead);
            (loaded.policy, loaded.problems) = (policy, [problems, std::mem::take(&mut loaded.over)].concat());
        }
        if self.is_selection() || self.instead.everything {
            self.catalogue.iter().for_each(|control| loaded.policy.select(control));
        }
        loaded
    }

    /// Reads the policy of a Mac that is `enrolled` so, as it is at `now`, whatever the command line asked for.
    pub(super) fn policy_for(&self, mac: &dyn Look, enrolled: &Enrolled, now: DateTime<Utc>) -> Loaded {
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
        let (policy, mut problems) = policy::read(&layers, &crate::controls::all(), enrolled);
        // Without a ledger that can be read only the clock tells what is over.
        let on_record = self.history().map(|history| history.exemptions);
        let on_record = on_record.inspect_err(|error| tracing::debug!("what was over is not known: {error}"));
        let on_record = on_record.unwrap_or_default();
        let over = exempt::problems(&policy, &on_record, now);
        problems.extend(over.iter().cloned());
        Loaded {
            exempt: Exempt::of(&policy, &on_record, now),
            own: policy.clone(),
            policy,
            problems,
            over,
            now,
            layers,
        }
    }

    /// Keeps a copy of each well-formed layer for the day when it is not; drops the copy of a layer that is gone.
    pub(super) fn keep_last_good(&self, loaded: &Loaded) -> Result<(), files::WriteError> {
        let layers = &loaded.layers;
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
}

/// Whether an MDM manages this Mac.
pub(super) fn enrolled(mac: &dyn Look) -> Enrolled {
    match host::ask(mac, &profiles::enrollment()) {
        Ok(enrollment) if enrollment.mdm == Mdm::No => Enrolled::No,
        Ok(_) => Enrolled::Yes,
        Err(error) => Enrolled::Unknown(error.chain()),
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
        Ok(_) => LayerText::Unreadable(format!("{path} was not asked as a file")),
        Err(error) => LayerText::Unreadable(error.chain()),
    }
}
