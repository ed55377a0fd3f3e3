//! Controls for which a service of macOS must be off: launchd has not loaded it, and is not told to.

use super::{Finding, Plan, Remedy, Step, View, Watch};
use crate::host::ToolError;
use crate::mac::{launchctl, launchd};

/// A service of macOS in launchd's system domain, by its label.
///
/// All of them come switched off in their property lists, so without an override they stay off. A service that waits for a
/// connection is loaded and not running: loaded counts.
#[derive(Debug)]
pub struct Service(pub &'static str);

/// Where launchd keeps its overrides. What is loaded is in no file.
pub const OVERRIDES: &[Watch] = &[Watch::File("/private/var/db/com.apple.xpc.launchd/disabled.plist")];

/// How a service stands.
struct Stands {
    loaded: bool,
    /// The override: told to stay off, told to be loaded, or nothing.
    disabled: Option<bool>,
}

impl Service {
    fn stands(&self, view: &View<'_>) -> Result<Stands, ToolError> {
        let mut domain = view.ask(&launchd::system())?;
        Ok(Stands { loaded: domain.services.contains_key(self.0), disabled: domain.disabled.remove(self.0) })
    }

    /// Looks whether it is off.
    ///
    /// # Errors
    /// [`ToolError`] where launchd does not tell.
    pub fn probe(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        const WANTED: &str = "not loaded, and not enabled for the next start";
        let stands = self.stands(view)?;
        let seen = match (stands.loaded, stands.disabled) {
            (false, None) => "not loaded, no override",
            (false, Some(true)) => "not loaded, disabled",
            (false, Some(false)) => "not loaded, but enabled for the next start",
            (true, None) => "loaded, no override",
            (true, Some(false)) => "loaded and enabled",
            (true, Some(true)) => "disabled for the next start, but loaded until then",
        };
        let off = !stands.loaded && stands.disabled != Some(false);
        Ok(Finding::judge(off, format!("{}: {seen}", self.0), WANTED))
    }

    /// Has launchd let go of it where it is loaded, and not load it again. In this order, as it cannot be brought back while it
    /// is told to stay off, and undoing goes the other way round.
    ///
    /// # Errors
    /// [`ToolError`] where launchd does not tell, or has it from elsewhere than macOS's own property list, from which alone it
    /// could be brought back.
    pub fn plan(&self, view: &View<'_>) -> Result<Plan, ToolError> {
        let stands = self.stands(view)?;
        let mut steps = Vec::new();
        if stands.loaded {
            let path = view.ask(&launchctl::service(self.0))?.path.unwrap_or_default();
            if !launchd::describes(&path, self.0) {
                let from =
                    if path.is_empty() { "nowhere that it says".to_owned() } else { crate::text::excerpt(&path) };
                return Err(ToolError::Unsupported {
                    what: format!("how to bring back {}, which launchd has from {from}; it is left alone", self.0),
                });
            }
            steps.push(Step {
                change: launchctl::bootout(self.0),
                undo: vec![launchctl::bootstrap(&path)],
                prior: [(launchd::job_of(self.0), true.into())].into(),
            });
        }
        if stands.disabled != Some(true) {
            let word = stands.disabled.map_or(serde_json::Value::Null, |_| "enabled".into());
            steps.push(Step {
                change: launchd::set_enabled(self.0, false),
                undo: vec![launchd::set_enabled(self.0, true)],
                prior: [(launchd::override_of(self.0), word)].into(),
            });
        }
        Ok(Plan::Now(steps))
    }

    /// The remedy of a control for which it must be off, by its [`Service::plan`].
    #[must_use]
    pub const fn switched_off(plan: fn(&View<'_>) -> Result<Plan, ToolError>) -> Remedy {
        Remedy::Automatic {
            how: "launchctl bootout system/LABEL where launchd has it, then launchctl disable system/LABEL, so that it stays off \
                  after a restart",
            plan,
            side_effects: "connections that it serves end at once. Where System Integrity Protection keeps launchd from letting \
                           go of it, it ends with the next restart. launchctl cannot take an override away: put back, one that \
                           says \"enabled\" stays where there was none",
            all_or_nothing: false,
        }
    }
}
