//! `bputil`: the start-up security policy of Apple silicon.

use super::Machine;
use super::state::{SecureBoot, Sip, Startup};
use super::tools::{Call, Reply, ended, said};

const WARNING: &str = "\
This utility is not meant for normal users or even sysadmins.
It provides unabstracted access to capabilities which are normally handled for the user automatically when changing the \
security policy through GUIs such as the Startup Security Utility in macOS Recovery (\"recoveryOS\").
It is possible to make your system security much weaker and therefore easier to compromise using this tool.
This tool is not to be used in production environments.
It is possible to render your system unbootable with this tool.
It should only be used to understand how the security of Apple Silicon Macs works.
Use at your own risk!

";

/// Layout as captured on 12.2; on Intel and without root the words are not proven.
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-d" | "--display-all-policies"] if !mac.state.apple_silicon() => {
            ended(1, "This utility is only supported on Apple Silicon Macs\n")
        }
        ["-d" | "--display-all-policies"] if !call.is_root() => ended(1, "This utility must be run as root\n"),
        ["-d" | "--display-all-policies"] => said(policies(mac)),
        _ => Ok(None),
    }
}

/// The running system's, then the others'. With which status it ends where one cannot be shown is not proven.
fn policies(mac: &Machine) -> String {
    let startup = &mac.state.startup;
    let mut text = format!("{WARNING}{}", policy(&mac.state.hardware.uuid, startup));
    for other in &startup.other_systems {
        let group = &other.volume_group;
        match other.secure_boot {
            Some(level) => {
                let startup = Startup {
                    secure_boot: Some(level),
                    kernel_extensions: false,
                    sip: Sip::Enabled,
                    authenticated_root: true,
                    ..startup.clone()
                };
                text.push('\n');
                text.push_str(&policy(group, &startup));
            }
            None => text.push_str(&format!(
                "Can't get local policy for Volume Group UUID {group}\nFailed to display local policy for volume group \
                 {group}\n"
            )),
        }
    }
    text
}

fn policy(group: &str, startup: &Startup) -> String {
    let hash = |n: u8| format!("{n:02X}").repeat(48);
    let (local, remote, recovery, next) = (hash(0xA8), hash(0xFA), hash(0xF7), hash(0x19));
    let mut text = format!("Local policy for volume group {group}:\nOS environment:\n");
    plain(&mut text, "OS Type", "", "macOS");
    plain(&mut text, "OS Pairing Status", "", "Not Paired");
    plain(&mut text, "Local Policy Nonce Hash", "(lpnh)", &local);
    plain(&mut text, "Remote Policy Nonce Hash", "(rpnh)", &remote);
    plain(&mut text, "Recovery OS Policy Nonce Hash", "(ronh)", &recovery);
    text.push_str("\nLocal policy:\n");
    for (label, code, value) in [
        ("Pairing Integrity", "", "Valid"),
        ("Signature Type", "", "BAA"),
        ("Unique Chip ID", "(ECID)", "0x1D68A00000001E"),
        ("Board ID", "(BORD)", "0x24"),
        ("Chip ID", "(CHIP)", "0x8103"),
        ("Certificate Epoch", "(CEPO)", "0x1"),
        ("Security Domain", "(SDOM)", "0x1"),
        ("Production Status", "(CPRO)", "1"),
        ("Security Mode", "(CSEC)", "1"),
        ("OS Version", "(love)", startup.local_policy_version.as_str()),
        ("Volume Group UUID", "(vuid)", group),
        ("KEK Group UUID", "(kuid)", group),
        ("Local Policy Nonce Hash", "(lpnh)", &local),
        ("Remote Policy Nonce Hash", "(rpnh)", &remote),
        ("Next Stage Image4 Hash", "(nsih)", &next),
        ("User Authorized Kext List Hash", "(auxp)", "absent"),
        ("Auxiliary Kernel Cache Image4 Hash", "(auxi)", "absent"),
        ("Kext Receipt Hash", "(auxr)", "absent"),
        ("CustomKC or fuOS Image4 Hash", "(coih)", "absent"),
    ] {
        plain(&mut text, label, code, value);
    }
    let (mode, code, value) = match startup.secure_boot {
        Some(SecureBoot::Full) | None => ("Full", "smb0", "absent"),
        Some(SecureBoot::Medium) => ("Reduced", "smb0", "1"),
        Some(SecureBoot::Off) => ("Permissive", "smb0 && smb1", "1"),
    };
    let either = |on: bool, enabled: &'static str, disabled: &'static str| {
        if on { ("Enabled", enabled) } else { ("Disabled", disabled) }
    };
    let kexts = either(startup.kernel_extensions, "1", "absent");
    let sip = either(startup.sip == Sip::Enabled, "absent", "7f");
    let signed = either(startup.authenticated_root, "absent", "1");
    for (label, word, code, value) in [
        ("Security Mode:", mode, code, value),
        ("3rd Party Kexts Status:", kexts.0, "smb2", kexts.1),
        ("User-allowed MDM Control:", "Disabled", "smb3", "absent"),
        ("DEP-allowed MDM Control:", "Disabled", "smb4", "absent"),
        ("SIP Status:", sip.0, "sip0", sip.1),
        ("Signed System Volume Status:", signed.0, "sip1", signed.1),
        ("Kernel CTRR Status:", "Enabled", "sip2", "absent"),
        ("Boot Args Filtering Status:", "Enabled", "sip3", "absent"),
    ] {
        text.push_str(&format!("{label:<29}{word:<11}({code}): {value}\n"));
    }
    text
}

/// A line whose value starts in column 49, the code in brackets right before the colon.
fn plain(text: &mut String, label: &str, code: &str, value: &str) {
    let width = 46_usize.saturating_sub(code.len());
    text.push_str(&format!("{label:<width$}{code}: {value}\n"));
}
