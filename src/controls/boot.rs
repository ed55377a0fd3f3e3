//! What the Mac starts, with which arguments, and how the system volume is mounted then.

use crate::control::{Area, Cadence, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant};
use crate::facts::{Form, Processor};
use crate::host::ToolError;
use crate::mac::{mdmclient, mount, nvram};

/// The controls.
pub const CONTROLS: &[&Control] = &[&EXTERNAL_BOOT, &BOOT_ARGUMENTS, &SYSTEM_VOLUME_READ_ONLY];

static EXTERNAL_BOOT: Control = Control {
    id: "external_boot",
    title: "The Mac does not start from external media",
    why: "Whoever can start the Mac from a disk of their own gets past what the Mac's own system enforces.",
    check: "mdmclient QuerySecurityInfo, ExternalBootLevel",
    refs: Refs { nist_800_53r5: &["SI-7"], soc2: &["CC6.8", "CC7.1"], ..Refs::NONE },
    user_impact: "The Mac cannot be started from a USB disk.",
    cadence: Cadence::Slow,
    variants: &[
        Variant {
            forms: &[Form::Virtual],
            ..Variant::absent((14, 27), "a virtual Mac's start-up is in the hands of the host that runs it")
        },
        Variant {
            macos: (14, 26),
            processor: Some(Processor::Intel),
            ..Variant::everywhere(
                Can::Manual,
                Remedy::ByHand {
                    instructions: "In recoveryOS: Startup Security Utility, disallow booting from external or removable media.",
                },
            )
        },
        Variant {
            processor: Some(Processor::AppleSilicon),
            ..Variant::absent(
                (14, 27),
                "Apple silicon has no such switch; it starts another disk's macOS only after an owner of this one approved it",
            )
        },
        Variant::absent((27, 27), "macOS 27 runs on Apple silicon only, which has no such switch"),
    ],
    probe: |view| {
        let question = mdmclient::security_info();
        let level = view.ask(&question)?.get(&["SecureBoot", "ExternalBootLevel"]).map(str::to_ascii_lowercase);
        match level.as_deref() {
            Some("disallowed") => Ok(Finding::compliant("disallowed")),
            Some("allowed") => Ok(Finding::drifted("allowed", "disallowed")),
            // A Mac without a T2 chip says so in these words (Apple's documentation of the MDM answer SecurityInfo).
            Some("not supported") => {
                Ok(Finding::not_applicable("this Mac has no T2 chip, which alone can disallow it"))
            }
            _ => Err(ToolError::Incomplete {
                asked: question.ask.to_string(),
                lacks: "a known ExternalBootLevel".into(),
            }),
        }
    },
    ..Control::of(Area::StartupSecurity, Level::L2, Severity::Medium)
};

/// Arguments that take protections off: code signing and entitlements (`amfi...`, `cs_...`), System Integrity Protection
/// (`rootless`), the signatures of kernel extensions (`kext-dev-mode`), task ports (`ipc_control_port_options`), and the preview
/// of pointer authentication for programs that are not Apple's. An argument counts whatever its value: with some of them 0 is the
/// weak one, with others anything else.
const DANGEROUS: &[&str] = &[
    "amfi",
    "cs_enforcement_disable",
    "cs_debug",
    "rootless",
    "kext-dev-mode",
    "ipc_control_port_options",
    "PE_i_can_has_debugger",
    "-arm64e_preview_abi",
];

/// Every argument of Apple Mobile File Integrity begins so: `amfi_get_out_of_my_way`, `amfi_allow_any_signature`.
const AMFI: &str = "amfi_";

/// Whether the kernel argument `argument` takes a protection off.
fn is_dangerous(argument: &str) -> bool {
    let name = argument.split_once('=').map_or(argument, |(name, _)| name);
    name.starts_with(AMFI) || DANGEROUS.contains(&name)
}

static BOOT_ARGUMENTS: Control = Control {
    id: "boot_arguments",
    title: "No boot argument takes a protection off",
    why: "One word in the firmware's memory makes macOS run code that nobody signed.",
    check: "nvram boot-args: none of amfi, amfi_..., cs_enforcement_disable, cs_debug, rootless, kext-dev-mode, \
            ipc_control_port_options, PE_i_can_has_debugger and -arm64e_preview_abi, whatever their values; other arguments are let be",
    refs: Refs {
        cis_macos: &[(14, "5.1.3"), (15, "5.1.3"), (26, "5.1.3")],
        cis_level: Some(1),
        cis_v8: &["2.3", "2.6"],
        soc2: &["CC6.8", "CC7.1"],
        mscp: Some("os_mobile_file_integrity_enable"),
        ..Refs::NONE
    },
    user_impact: "None.",
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand {
            instructions: "Set boot-args again without the words that were found (nvram boot-args=\"the others\", as root; nvram -d \
                           boot-args where there are no others), and restart. Where macOS refuses, do it in Terminal in recoveryOS. \
                           This agent does not: the words are somebody's intent, and only a restart shows what they did.",
        },
    )],
    probe: |view| {
        let Some(arguments) = view.ask(&nvram::boot_arguments())?.boot_arguments else {
            return Ok(Finding::compliant("no boot arguments are set"));
        };
        let found: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| is_dangerous(word)).collect();
        Ok(match (found.as_slice(), arguments.as_slice()) {
            ([], []) => Finding::compliant("no boot arguments are set"),
            ([], others) => Finding::compliant(format!("none among {}", others.join(" "))),
            (found, _) => Finding::drifted(found.join(" "), "none that takes a protection off"),
        })
    },
    ..Control::of(Area::StartupSecurity, Level::L1, Severity::High)
};

static SYSTEM_VOLUME_READ_ONLY: Control = Control {
    id: "system_volume_read_only",
    title: "The system volume is mounted read-only",
    why: "What runs must not be able to change macOS itself.",
    check: "mount: the options of /",
    refs: Refs {
        nist_800_53r5: &["MA-4(1)", "SC-34", "SI-7"],
        soc2: &["CC6.8", "CC7.1"],
        mscp: Some("os_system_read_only"),
        ..Refs::NONE
    },
    user_impact: "None.",
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "Restart. Where it is writable again, csrutil authenticated-root enable in Terminal in recoveryOS; then \
                           look for who mounted it so.",
        },
    )],
    probe: |view| {
        let options = view.ask(&mount::root())?.options;
        let read_only = options.iter().any(|option| option == "read-only");
        Ok(Finding::judge(read_only, options.join(", "), "read-only"))
    },
    ..Control::of(Area::StartupSecurity, Level::L2, Severity::Low)
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_judged_by_its_whole_name() {
        for (argument, dangerous) in [
            ("amfi_get_out_of_my_way=1", true),
            ("amfi_get_out_of_my_way", true),
            ("amfi=0xff", true),
            ("-arm64e_preview_abi", true),
            ("rootless=0", true),
            ("-v", false),
            ("keepsyms=1", false),
            ("xamfi_x=1", false),
            ("amfix=1", false),
            ("note=amfi_get_out_of_my_way", false),
        ] {
            assert_eq!(is_dangerous(argument), dangerous, "{argument}");
        }
    }
}
