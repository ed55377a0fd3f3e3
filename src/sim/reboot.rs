//! What happens to a whole simulated Mac at once: apps come and go, it starts anew.

use super::{Files, Machine, SimError, SimMac, launchctl, session};

const DAEMONS: &str = "/Library/LaunchDaemons/";

impl SimMac {
    /// Installs Jamf Trust of this version, or removes it. It does not start by itself.
    ///
    /// # Errors
    /// [`SimError`] where the file cannot be written.
    pub fn install_jamf_trust(&self, version: Option<&str>) -> Result<(), SimError> {
        self.put_file(session::JAMF_TRUST, version.map(|version| session::app("com.jamf.trust", version)))
    }

    /// Installs swiftDialog, or removes it.
    ///
    /// # Errors
    /// [`SimError`] where the file cannot be written.
    pub fn install_dialog(&self, installed: bool) -> Result<(), SimError> {
        self.put_file(session::DIALOG, installed.then(|| session::app("au.csiro.dialog", "2.5.5")))
    }

    /// Starts the Mac anew: another boot session, nobody logged in, the VPN down, and those jobs loaded whose property
    /// lists are there.
    ///
    /// # Errors
    /// [`SimError`] where a file cannot be read or the state not be kept.
    pub fn reboot(&self) -> Result<(), SimError> {
        let mut held = self.hold()?;
        let machine = &mut *held.machine;
        machine.state.jobs = jobs(machine)?;
        let state = &mut machine.state;
        state.hardware.boot_session = next(&state.hardware.boot_session);
        (state.console_user, state.behind) = (None, Vec::new());
        state.jamf_trust.running.clear();
        if let Some(vpn) = &mut state.jamf_trust.vpn {
            "Disconnected".clone_into(vpn);
        }
        self.save(machine)
    }
}

fn jobs(machine: &Machine) -> Result<Vec<super::state::Job>, SimError> {
    let files = Files::all(&machine.files)?;
    let lists = files.keys().filter(|path| path.starts_with(DAEMONS) && path.ends_with(".plist"));
    lists.filter_map(|path| launchctl::job(machine, path).transpose()).collect()
}

/// The boot session after `uuid`: its last part counted on.
fn next(uuid: &str) -> String {
    let Some((head, tail)) = uuid.rsplit_once('-') else { return uuid.to_owned() };
    let number = u64::from_str_radix(tail, 16).unwrap_or(0);
    format!("{head}-{:012X}", number.wrapping_add(1) & 0xFFFF_FFFF_FFFF)
}
