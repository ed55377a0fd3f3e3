//! `firmwarepasswd`: the firmware password of Intel Macs.

use super::Machine;
use super::tools::{Call, Reply, ended, said};

/// On Apple silicon only the words are proven, not stream and status.
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    if !call.is_root() || !matches!(call.args.as_slice(), ["-check" | "-mode"]) {
        return Ok(None);
    }
    if mac.state.apple_silicon() {
        return ended(1, "ERROR | SetupTRBSettings | The firmware on this machine is not supported.\n");
    }
    let set = mac.state.startup.firmware_password;
    match call.args.as_slice() {
        ["-check"] => said(format!("Password Enabled: {}\n", if set { "Yes" } else { "No" })),
        _ if set => said("Mode: command\nOption roms not allowed\n"),
        _ => said("Mode: none\nOption roms allowed\n\n"),
    }
}
