//! Tools that tell how the Mac is guarded: `xprotect`, `mount`.

use super::Machine;
use super::tools::{Call, Reply, said};

/// Came with macOS 15: before that there is no such program.
pub(super) fn xprotect(mac: &Machine, call: &Call<'_>) -> Reply {
    let guard = &mac.state.guard;
    let word = |on: bool| if on { "enabled" } else { "disabled" };
    match call.args.as_slice() {
        _ if !mac.state.at_least(&[15]) => Ok(None),
        ["status"] => said(format!(
            "XProtect launch scans: {}\nXProtect background scans: {}\n",
            word(guard.launch_scans),
            word(guard.background_scans)
        )),
        ["version"] => said(format!("Version: {} Installed: {}\n", guard.xprotect_version, guard.xprotect_installed)),
        _ => Ok(None),
    }
}

/// The system volume and some of what is always mounted beside it.
pub(super) fn mount(mac: &Machine, call: &Call<'_>) -> Reply {
    let [] = call.args.as_slice() else { return Ok(None) };
    let volume = &mac.state.startup_volume;
    let root = if mac.state.guard.system_writable {
        format!("/dev/{volume} on / (apfs, local, journaled)\n")
    } else {
        format!("/dev/{volume}s1 on / (apfs, sealed, local, read-only, journaled)\n")
    };
    let rest = "devfs on /dev (devfs, local, nobrowse)\n/dev/disk3s6 on /System/Volumes/VM (apfs, local, noexec, journaled, noatime, nobrowse)\n/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)\nmap auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)\n";
    said(format!("{root}{rest}"))
}
