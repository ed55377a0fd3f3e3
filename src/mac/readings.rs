//! The table of all questions whose answers can be read: what `holdfast interpret` goes by.
//!
//! One row per invocation; the parsers are those that live questions use.

use serde::Serialize;
use serde_json::Value;

use super::{
    Misread, Output, asset_cache, audit, bioutil, bputil, csrutil, cupsctl, defaults, diskutil, diskutil_volumes, dscl,
    fdesetup, fdesetup_keys, firmwarepasswd, id, jamf, launchctl, launchd, mdmclient, mount, nvram, pfctl, pmset,
    pmset_power, profiles, pwpolicy, scutil, security, socketfilterfw, softwareupdate, spctl, sshd, stat, sudo,
    sw_vers, sysadminctl, sysctl, system_profiler, systemsetup, xprotect,
};

/// Why an output could not be given a reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Interpret {
    /// No answer to such a question is known.
    #[error("no question like \"{command}\" is known")]
    NoSuchQuestion {
        /// The command line.
        command: String,
    },
    /// The question is known; this is no answer to it.
    #[error("the answer is not understood")]
    Misread(#[from] Misread),
}

/// The reading of `output` as the answer to `argv` (program first, by its absolute path or its bare name).
///
/// # Errors
/// [`Interpret`] where the question is not known or the answer not understood.
pub fn interpret(argv: &[String], output: &Output) -> Result<Value, Interpret> {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    let reader = words.split_first().and_then(|(program, args)| {
        let row =
            ROWS.iter().find(|row| row.program == *program || row.program.rsplit('/').next() == Some(*program))?;
        (row.reader)(args)
    });
    let Some(reader) = reader else {
        return Err(Interpret::NoSuchQuestion { command: crate::text::excerpt(&words.join(" ")) });
    };
    Ok(reader(output)?)
}

/// What reads one question's answer.
type Reader<'a> = Box<dyn Fn(&Output) -> Result<Value, Misread> + 'a>;

/// A tool, and what finds the reader for its arguments.
struct Row {
    program: &'static str,
    reader: for<'a> fn(&[&'a str]) -> Option<Reader<'a>>,
}

const ROWS: &[Row] = &[
    Row { program: "/usr/bin/fdesetup", reader: for_fdesetup },
    Row { program: "/usr/sbin/sysadminctl", reader: for_sysadminctl },
    Row { program: "/usr/sbin/diskutil", reader: for_diskutil },
    Row { program: "/usr/libexec/ApplicationFirewall/socketfilterfw", reader: for_socketfilterfw },
    Row { program: "/usr/bin/pmset", reader: for_pmset },
    Row { program: "/usr/sbin/softwareupdate", reader: for_softwareupdate },
    Row { program: "/usr/sbin/firmwarepasswd", reader: for_firmwarepasswd },
    Row { program: "/usr/bin/bputil", reader: for_bputil },
    Row { program: "/usr/bin/csrutil", reader: for_csrutil },
    Row { program: "/usr/sbin/spctl", reader: for_spctl },
    Row { program: "/usr/bin/profiles", reader: for_profiles },
    Row { program: "/bin/launchctl", reader: for_launchctl },
    Row { program: "/usr/sbin/systemsetup", reader: for_systemsetup },
    Row { program: "/usr/bin/defaults", reader: for_defaults },
    Row { program: "/usr/libexec/mdmclient", reader: for_mdmclient },
    Row { program: "/usr/bin/sw_vers", reader: for_sw_vers },
    Row { program: "/usr/sbin/scutil", reader: for_scutil },
    Row { program: "/usr/bin/stat", reader: for_stat },
    Row { program: "/usr/bin/id", reader: for_id },
    Row { program: "/usr/sbin/sysctl", reader: for_sysctl },
    Row { program: "/usr/sbin/system_profiler", reader: for_system_profiler },
    Row { program: "/usr/bin/dscl", reader: for_dscl },
    Row { program: "/bin/date", reader: for_date },
    Row { program: "/usr/bin/pwpolicy", reader: for_pwpolicy },
    Row { program: "/usr/bin/sudo", reader: for_sudo },
    Row { program: "/usr/sbin/sshd", reader: for_sshd },
    Row { program: "/sbin/mount", reader: for_mount },
    Row { program: "/usr/sbin/nvram", reader: for_nvram },
    Row { program: "/usr/bin/xprotect", reader: for_xprotect },
    Row { program: "/usr/sbin/audit", reader: for_audit },
    Row { program: "/usr/bin/security", reader: for_security },
    Row { program: "/usr/bin/bioutil", reader: for_bioutil },
    Row { program: "/usr/sbin/cupsctl", reader: for_cupsctl },
    Row { program: "/usr/bin/AssetCacheManagerUtil", reader: for_asset_cache },
    Row { program: "/sbin/pfctl", reader: for_pfctl },
];

/// A reader that shows what `parse` reads as JSON.
fn json<'a, T: Serialize>(parse: impl Fn(&Output) -> Result<T, Misread> + 'a) -> Option<Reader<'a>> {
    Some(Box::new(move |output| {
        serde_json::to_value(parse(output)?).map_err(|error| Misread::new("a reading", error.to_string()))
    }))
}

fn for_fdesetup<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["status"] => json(fdesetup::parse_status),
        ["list"] | ["list", "-extended"] => json(fdesetup_keys::parse_list),
        ["haspersonalrecoverykey" | "hasinstitutionalrecoverykey" | "isactive"] => json(fdesetup::parse_truth),
        ["showdeferralinfo"] => json(fdesetup_keys::parse_deferral),
        _ => None,
    }
}

fn for_sysadminctl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["-secureTokenStatus", _] => json(sysadminctl::parse_secure_token),
        ["-screenLock", "status"] => json(sysadminctl::parse_screen_lock),
        ["-guestAccount", "status"] => json(sysadminctl::parse_guest_account),
        ["-smbGuestAccess", "status"] => json(sysadminctl::parse_smb_guest_access),
        ["-autologin", "status"] => json(sysadminctl::parse_auto_login),
        _ => None,
    }
}

fn for_diskutil<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    let verbs: Vec<String> = args.iter().map(|word| word.to_ascii_lowercase()).collect();
    let verbs: Vec<&str> = verbs.iter().map(String::as_str).collect();
    match verbs.as_slice() {
        ["apfs", "listcryptousers" | "listusers", "-plist", _]
        | ["apfs", "listcryptousers" | "listusers", _, "-plist"] => json(diskutil::parse_crypto_users),
        ["apfs", "listcryptousers" | "listusers", device] if !device.starts_with('-') => {
            json(diskutil::parse_crypto_users_text)
        }
        ["apfs", "list", "-plist"] => json(diskutil_volumes::parse_containers),
        ["list", "-plist", "internal" | "external", "physical"] => json(diskutil_volumes::parse_disks),
        ["info" | "information", "-plist", _] | ["info" | "information", _, "-plist"] => json(diskutil::parse_volume),
        _ => None,
    }
}

fn for_socketfilterfw<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["--getglobalstate"] => json(socketfilterfw::parse_global_state),
        ["--getblockall"] => json(socketfilterfw::parse_block_all),
        ["--getstealthmode"] => json(socketfilterfw::parse_stealth),
        ["--getallowsigned"] => json(socketfilterfw::parse_allow_signed),
        ["--getloggingmode"] => json(socketfilterfw::parse_logging),
        [verb, ..] if ["--set", "--unblock", "--block"].iter().any(|head| verb.starts_with(head)) => {
            json(socketfilterfw::parse_setter)
        }
        ["--add" | "--remove", ..] => json(socketfilterfw::parse_setter),
        _ => None,
    }
}

fn for_pmset<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["-g"] | ["-g", "live"] => json(pmset::parse_general),
        ["-g", "custom"] => json(pmset::parse_custom),
        ["-g", "batt"] => json(pmset_power::parse_battery),
        ["-g", "assertions"] => json(pmset_power::parse_assertions),
        _ => None,
    }
}

fn for_softwareupdate<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["--schedule"] => json(softwareupdate::parse_schedule),
        ["--list" | "-l", rest @ ..] | [rest @ .., "--list" | "-l"]
            if rest.iter().all(|word| matches!(*word, "--no-scan" | "--all" | "-a")) =>
        {
            json(softwareupdate::parse_list)
        }
        _ => None,
    }
}

fn for_firmwarepasswd<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["-check"] => json(firmwarepasswd::parse_check),
        ["-mode"] => json(firmwarepasswd::parse_mode),
        _ => None,
    }
}

fn for_bputil<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-d" | "--display-policy" | "--display-all-policies"]) { json(bputil::parse) } else { None }
}

fn for_csrutil<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["status"] => json(csrutil::parse_status),
        ["authenticated-root", "status"] | ["authenticated-root"] => json(csrutil::parse_authenticated_root),
        _ => None,
    }
}

fn for_spctl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    let known = args.contains(&"--status") && args.iter().all(|word| matches!(*word, "--status" | "--verbose" | "-v"));
    if known { json(spctl::parse_status) } else { None }
}

fn for_profiles<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    let kind = match args {
        ["status", "-type" | "--type", kind] => *kind,
        ["show", "-type", "configuration", "-output", "stdout-xml"] => return json(profiles::parse_installed),
        ["status", word] => word.strip_prefix("-type=").or_else(|| word.strip_prefix("--type="))?,
        _ => return None,
    };
    match kind {
        "enrollment" => json(profiles::parse_enrollment),
        "bootstraptoken" => json(profiles::parse_bootstrap_token),
        _ => None,
    }
}

fn for_launchctl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["print-disabled", "system" | "system/"] => json(launchctl::parse_print_disabled),
        ["print", "system"] => json(launchd::parse),
        ["print", service] => {
            let label = service.strip_prefix("system/").filter(|label| launchctl::is_label(label))?;
            json(move |output: &Output| launchctl::parse_print(label, output))
        }
        _ => None,
    }
}

fn for_systemsetup<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    let [verb] = args else { return None };
    if verb.eq_ignore_ascii_case("-getnetworktimeserver") {
        return json(systemsetup::parse_time_server);
    }
    let (_, label) = systemsetup::LABELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(verb))?;
    json(|output: &Output| systemsetup::parse(label, output))
}

fn for_defaults<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    let args = match args {
        ["-currentHost", rest @ ..] | ["-host", _, rest @ ..] => rest,
        all => all,
    };
    if matches!(args, ["read", ..]) { json(defaults::parse_read) } else { None }
}

fn for_mdmclient<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["QuerySecurityInfo"]) { json(mdmclient::parse) } else { None }
}

fn for_sw_vers<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if args.is_empty() { json(sw_vers::parse) } else { None }
}

fn for_scutil<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["--nc", "list"]) { json(scutil::parse_nc_list) } else { None }
}

fn for_stat<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-f", "%Su", "/dev/console"] | ["-f%Su", "/dev/console"]) { json(stat::parse) } else { None }
}

fn for_id<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-u"] | ["-u", _]) { json(id::parse) } else { None }
}

fn for_sysctl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-n", "kern.bootsessionuuid"]) { json(sysctl::parse) } else { None }
}

fn for_system_profiler<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["SPHardwareDataType", "-xml"] | ["-xml", "SPHardwareDataType"]) {
        json(system_profiler::parse)
    } else {
        None
    }
}

fn for_date<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["+%z"]) { json(|output| Ok(jamf::parse_offset(output)?.local_minus_utc())) } else { None }
}

fn for_dscl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["-plist", ".", "-readall", "/Users", "RecordName", "hint"] => json(dscl::parse_hints),
        ["-plist", ".", "-readall", "/Users", ..] => json(dscl::parse),
        [".", "-read", "/Groups/admin", "GroupMembership"] => json(dscl::parse_members),
        [".", "-read", "/Users/root", "AuthenticationAuthority"] => json(dscl::parse_authority),
        _ => None,
    }
}

fn for_security<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["authorizationdb", "read", _]) { json(security::parse_right) } else { None }
}

fn for_bioutil<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-r", "-s"]) { json(bioutil::parse_system) } else { None }
}

fn for_pwpolicy<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-getaccountpolicies" | "getaccountpolicies"]) { json(pwpolicy::parse) } else { None }
}

fn for_sudo<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-V" | "--version"]) { json(sudo::parse) } else { None }
}

fn for_sshd<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-G"]) { json(sshd::parse) } else { None }
}

fn for_mount<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if args.is_empty() { json(mount::parse_root) } else { None }
}

fn for_nvram<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["boot-args"]) { json(nvram::parse_boot_arguments) } else { None }
}

fn for_xprotect<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["status"] => json(xprotect::parse_status),
        ["version"] => json(xprotect::parse_version),
        _ => None,
    }
}

fn for_audit<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-c"]) { json(audit::parse) } else { None }
}

fn for_cupsctl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if args.is_empty() { json(cupsctl::parse) } else { None }
}

fn for_asset_cache<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    if matches!(args, ["-j" | "--json", "status"]) { json(asset_cache::parse) } else { None }
}

fn for_pfctl<'a>(args: &[&'a str]) -> Option<Reader<'a>> {
    match args {
        ["-s", "info"] => json(pfctl::parse_info),
        ["-a", "*", "-sr"] => json(pfctl::parse_rules),
        _ => None,
    }
}

#[cfg(test)]
#[path = "readings_tests.rs"]
mod tests;
