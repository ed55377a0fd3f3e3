//! Tools of a few lines each: `sw_vers`, `date`, `sysctl`, `stat`, `id`, `nvram`, `scutil`.

use super::Machine;
use super::state::SecureBoot;
use super::tools::{Call, Reply, complained, ended, said};

/// One TAB after the colon in fixtures up to 13, two in every capture of 26.
pub(super) fn sw_vers(mac: &Machine, call: &Call<'_>) -> Reply {
    let macos = &mac.state.macos;
    match call.args.as_slice() {
        [] => {
            let gap = if mac.state.at_least(&[26]) { "\t\t" } else { "\t" };
            let mut text = format!("ProductName:{gap}{}\nProductVersion:{gap}{}\n", macos.product, macos.version);
            if let Some(extra) = &macos.extra {
                text.push_str(&format!("ProductVersionExtra:{gap}{extra}\n"));
            }
            text.push_str(&format!("BuildVersion:{gap}{}\n", macos.build));
            said(text)
        }
        ["-productVersion" | "--productVersion"] => said(format!("{}\n", macos.version)),
        ["-buildVersion" | "--buildVersion"] => said(format!("{}\n", macos.build)),
        _ => Ok(None),
    }
}

pub(super) fn date(mac: &Machine, call: &Call<'_>) -> Reply {
    let offset = mac.state.fleet.time_offset.as_str();
    match call.args.as_slice() {
        ["+%z"] => said(format!("{}\n", if offset.is_empty() { "+0000" } else { offset })),
        _ => Ok(None),
    }
}

pub(super) fn sysctl(mac: &Machine, call: &Call<'_>) -> Reply {
    let hardware = &mac.state.hardware;
    match call.args.as_slice() {
        ["-n", "kern.bootsessionuuid"] => said(format!("{}\n", hardware.boot_session)),
        ["-n", "hw.model"] => said(format!("{}\n", hardware.model)),
        _ => Ok(None),
    }
}

/// The console belongs to `root` while nobody is logged in. `/usr/bin` carries the flag `restricted`.
pub(super) fn stat(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-f", "%Su", "/dev/console"] => said(format!("{}\n", mac.state.console_user.as_deref().unwrap_or("root"))),
        ["-f", "%f", "/usr/bin"] => said("524288\n"),
        _ => Ok(None),
    }
}

pub(super) fn id(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-u", name] if !name.starts_with('-') => match mac.state.user(name) {
            Some(user) => said(format!("{}\n", user.uid)),
            None => complained(1, format!("id: {name}: no such user\n")),
        },
        _ => Ok(None),
    }
}

/// A T2 chip's secure boot policy: `%02` full, `%01` medium, `%00` none. The text for a variable that is not there is not
/// proven.
pub(super) fn nvram(mac: &Machine, call: &Call<'_>) -> Reply {
    const POLICY: &str = "94b73556-2197-4702-82a8-3e1337dafbfb:AppleSecureBootPolicy";
    match call.args.as_slice() {
        ["boot-args"] => match &mac.state.guard.boot_arguments {
            Some(arguments) => said(format!("boot-args\t{arguments}\n")),
            None => complained(1, "nvram: Error getting variable - 'boot-args': (iokit/common) data was not found\n"),
        },
        [POLICY] => match mac.state.startup.secure_boot.filter(|_| !mac.state.apple_silicon()) {
            Some(level) => {
                let code = match level {
                    SecureBoot::Full => 2,
                    SecureBoot::Medium => 1,
                    SecureBoot::Off => 0,
                };
                said(format!("{POLICY}\t%{code:02}\n"))
            }
            None => {
                ended(1, format!("nvram: Error getting variable - '{POLICY}': (iokit/common) data was not found\n"))
            }
        },
        _ => Ok(None),
    }
}

/// Jamf Trust's VPN is the only one: without it the heading alone. Known wordings, not proven; nor is the service's name.
pub(super) fn scutil(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["--nc", "list"] => {
            let mut text = "Available network connection services in the current set (*=enabled):\n".to_owned();
            if let Some(status) = &mac.state.jamf_trust.vpn {
                let status = format!("({status})");
                text.push_str(&format!(
                    "* {status:<18} 5E21B7A4-6D0C-4F38-9B12-C4A870F3D65E VPN (com.jamf.trust) \"Jamf Trust Private Access\"  [VPN:com.jamf.trust]\n"
                ));
            }
            said(text)
        }
        _ => Ok(None),
    }
}

/// As one source shows it on Apple silicon, where a Mac without a sensor answers as well.
pub(super) fn bioutil(mac: &Machine, call: &Call<'_>) -> Reply {
    if call.args != ["-r", "-s"] {
        return Ok(None);
    }
    let unlock = u8::from(mac.state.access.touch_id_unlock);
    said(format!(
        "System Touch ID configuration:\n\tBiometrics functionality: 1\n\tBiometrics for unlock: {unlock}\n\tBiometric timeout (in \
         seconds): 172800\n\tMatch timeout (in seconds): 14400\n\tPasscode input timeout (in seconds): 561600\nOperation performed \
         successfully.\n"
    ))
}
