//! What guards the start-up of the Mac. Checks only: each needs a person in recoveryOS, or an MDM command.

use crate::control::{Area, Cadence, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, View};
use crate::facts::{Form, Processor};
use crate::host::ToolError;
use crate::mac::{bputil, csrutil, diskutil, firmwarepasswd, mdmclient};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&FIRMWARE_PASSWORD, &RECOVERY_LOCK, &SECURE_BOOT, &SIP, &SEALED_VOLUME];

const PHYSICAL: &[Form] = &[Form::Laptop, Form::Desktop];

/// For a virtual Mac: its start-up is in the hands of the program that runs it.
const VIRTUAL: Variant = Variant {
    forms: &[Form::Virtual],
    ..Variant::absent((14, 27), "a virtual Mac's start-up is in the hands of the host that runs it")
};

static FIRMWARE_PASSWORD: Control = Control {
    id: "firmware_password",
    title: "A firmware password is set",
    why: "Without one, anybody with the Mac in hand can start it from another disk or change its start-up options.",
    check: "firmwarepasswd -check",
    refs: Refs {
        nist_800_53r5: &["AC-6"],
        soc2: &["CC6.8", "CC7.1"],
        stig: &[(14, "APPL-14-003013"), (15, "APPL-15-003013")],
        mscp: Some("os_firmware_password_require"),
        ..Refs::NONE
    },
    user_impact: "Starting from recovery or another disk asks for the password.",
    cadence: Cadence::Slow,
    variants: &[
        VIRTUAL,
        Variant {
            macos: (14, 26),
            processor: Some(Processor::Intel),
            forms: PHYSICAL,
            ..Variant::everywhere(
                Can::DetectOnly,
                Remedy::ServerSide {
                    place: "the MDM command SetFirmwarePassword; or a person with firmwarepasswd -setpasswd and a restart",
                },
            )
        },
        Variant {
            processor: Some(Processor::AppleSilicon),
            ..Variant::absent((14, 27), "Apple silicon has no firmware password; Recovery Lock takes its place")
        },
        Variant::absent((27, 27), "macOS 27 runs on Apple silicon only, which has no firmware password"),
    ],
    probe: |view| {
        use firmwarepasswd::Presence;
        Ok(match view.ask(&firmwarepasswd::check())?.firmware_password {
            Presence::Set => Finding::compliant("set"),
            Presence::NotSet => Finding::drifted("not set", "set"),
            Presence::Unsupported => Finding::not_applicable("the firmware of this Mac does not support it"),
        })
    },
    ..Control::of(Area::StartupSecurity, Level::L1, Severity::Medium)
};

static RECOVERY_LOCK: Control = Control {
    id: "recovery_lock",
    title: "Recovery Lock is set",
    why: "Without it, anybody with the Mac in hand reaches recoveryOS and can erase it or weaken its start-up.",
    check: "mdmclient QuerySecurityInfo, IsRecoveryLockEnabled",
    refs: Refs {
        nist_800_53r5: &["AC-6"],
        soc2: &["CC6.8", "CC7.1"],
        stig: &[(14, "APPL-14-005120"), (15, "APPL-15-005120"), (26, "APPL-26-005120")],
        mscp: Some("os_recovery_lock_enable"),
        ..Refs::NONE
    },
    user_impact: "recoveryOS asks for the code.",
    cadence: Cadence::Slow,
    variants: &[
        VIRTUAL,
        Variant {
            processor: Some(Processor::AppleSilicon),
            forms: PHYSICAL,
            ..Variant::everywhere(
                Can::DetectOnly,
                Remedy::ServerSide { place: "the MDM command SetRecoveryLock; it is cleared at unenrolment" },
            )
        },
        Variant {
            processor: Some(Processor::Intel),
            ..Variant::absent((14, 27), "Intel Macs have no Recovery Lock; the firmware password takes its place")
        },
    ],
    probe: |view| {
        let question = mdmclient::security_info();
        match view.ask(&question)?.get(&["IsRecoveryLockEnabled"]) {
            Some("1") => Ok(Finding::compliant("set")),
            Some("0") => Ok(Finding::drifted("not set", "set")),
            _ => Err(ToolError::Incomplete {
                asked: question.ask.to_string(),
                lacks: "IsRecoveryLockEnabled = 0 or 1".into(),
            }),
        }
    },
    ..Control::of(Area::StartupSecurity, Level::L1, Severity::Medium)
};

static SECURE_BOOT: Control = Control {
    id: "secure_boot",
    title: "The running macOS starts with full security",
    why: "Only then does the Mac start nothing but what Apple signed for it.",
    check: "mdmclient QuerySecurityInfo, SecureBootLevel of the running macOS; where it lacks that, on Apple silicon, bputil -d \
            for every volume. A weaker policy of another installed macOS is not looked for",
    refs: Refs {
        nist_800_53r5: &["SI-6", "SI-7", "SI-7(1)", "SI-7(5)"],
        soc2: &["CC6.8", "CC7.1"],
        stig: &[(14, "APPL-14-005100"), (15, "APPL-15-005100"), (26, "APPL-26-005100")],
        mscp: Some("os_secure_boot_verify"),
        ..Refs::NONE
    },
    user_impact: "Third-party kernel extensions need reduced security and do not load.",
    cadence: Cadence::Slow,
    variants: &[
        VIRTUAL,
        Variant {
            forms: PHYSICAL,
            ..Variant::everywhere(
                Can::Manual,
                Remedy::ByHand { instructions: "In recoveryOS: Startup Security Utility, Full Security." },
            )
        },
    ],
    probe: |view| {
        let question = mdmclient::security_info();
        let level = view.ask(&question)?.get(&["SecureBoot", "SecureBootLevel"]).map(str::to_ascii_lowercase);
        match level.as_deref() {
            Some("full") => Ok(Finding::compliant("full")),
            Some(level @ ("medium" | "off")) => Ok(Finding::drifted(level, "full")),
            // A Mac without a T2 chip says so in these words (Apple's documentation of the MDM answer SecurityInfo).
            Some("not supported") if view.facts.processor == Processor::Intel => {
                Ok(Finding::not_applicable("this Mac has neither a T2 chip nor Apple silicon"))
            }
            None if view.facts.processor == Processor::AppleSilicon => {
                let modes: Vec<_> =
                    view.ask(&bputil::display())?.volumes.into_iter().map(|volume| volume.security_mode).collect();
                let words = modes.iter().map(|mode| mode_word(*mode)).collect::<Vec<_>>().join(", ");
                if modes
                    .iter()
                    .any(|mode| matches!(mode, bputil::SecurityMode::Reduced | bputil::SecurityMode::Permissive))
                {
                    Ok(Finding::drifted(words, "full"))
                } else if !modes.is_empty() && modes.iter().all(|mode| *mode == bputil::SecurityMode::Full) {
                    Ok(Finding::compliant(words))
                } else {
                    Err(ToolError::Incomplete {
                        asked: "bputil -d".into(),
                        lacks: "the security mode of every volume".into(),
                    })
                }
            }
            _ => {
                Err(ToolError::Incomplete { asked: question.ask.to_string(), lacks: "a known SecureBootLevel".into() })
            }
        }
    },
    ..Control::of(Area::StartupSecurity, Level::L1, Severity::High)
};

static SIP: Control = Control {
    id: "system_integrity_protection",
    title: "System Integrity Protection is fully on",
    why: "It keeps even root from changing macOS itself.",
    check: "csrutil status; a custom configuration is not fully on, whatever its first word",
    refs: Refs {
        cis_macos: &[(14, "5.1.2"), (15, "5.1.2"), (26, "5.1.2")],
        cis_v8: &["2.3", "2.6", "10.5"],
        nist_800_53r5: &["AC-3", "AU-9", "AU-9(3)", "CM-5", "CM-5(6)", "SC-4", "SI-2", "SI-7"],
        soc2: &["CC6.8", "CC7.1"],
        stig: &[(14, "APPL-14-005001"), (15, "APPL-15-005001"), (26, "APPL-26-005001")],
        mscp: Some("os_sip_enable"),
        cis_level: Some(1),
    },
    user_impact: "None.",
    variants: &[Variant::everywhere(
        Can::Manual,
        Remedy::ByHand { instructions: "In recoveryOS: csrutil enable, in Terminal." },
    )],
    probe: |view| {
        Ok(match view.ask(&csrutil::status())?.sip {
            csrutil::Sip::Enabled => Finding::compliant("enabled"),
            csrutil::Sip::Disabled => Finding::drifted("disabled", "enabled"),
            csrutil::Sip::Custom => Finding::drifted("a custom configuration", "enabled"),
        })
    },
    ..Control::of(Area::StartupSecurity, Level::L1, Severity::High)
};

static SEALED_VOLUME: Control = Control {
    id: "sealed_system_volume",
    title: "The system volume's seal is whole",
    why: "The seal shows that macOS on disk is what Apple shipped.",
    check: "diskutil info -plist /, Sealed; and mdmclient QuerySecurityInfo, AuthenticatedRootVolumeEnabled, where it tells: \
            whether start-up insists on the seal (csrutil authenticated-root can prompt and hang, so it is not asked)",
    refs: Refs {
        cis_macos: &[(14, "5.1.4"), (15, "5.1.4"), (26, "5.1.4")],
        cis_v8: &["3.6", "3.11"],
        nist_800_53r5: &["AC-3", "CM-5", "MA-4(1)", "SC-34", "SI-7", "SI-7(6)"],
        soc2: &["CC6.8", "CC7.1"],
        stig: &[(14, "APPL-14-005070"), (15, "APPL-15-005070"), (26, "APPL-26-005070")],
        mscp: Some("os_authenticated_root_enable"),
        cis_level: Some(1),
    },
    user_impact: "None.",
    cadence: Cadence::Slow,
    variants: &[Variant::everywhere(
        Can::Manual,
        Remedy::ByHand {
            instructions: "In recoveryOS: csrutil authenticated-root enable; where the seal is broken, reinstall macOS.",
        },
    )],
    probe: |view| {
        let question = diskutil::startup_volume();
        match view.ask(&question)?.sealed {
            Some(diskutil::Seal::Yes) => sealed(view),
            Some(diskutil::Seal::No) => Ok(Finding::drifted("not sealed", "sealed")),
            Some(diskutil::Seal::Broken) => Ok(Finding::drifted("the seal is broken", "sealed")),
            None => Err(ToolError::Incomplete { asked: question.ask.to_string(), lacks: "the key Sealed".into() }),
        }
    },
    ..Control::of(Area::StartupSecurity, Level::L1, Severity::High)
};

/// A whole seal counts where start-up insists on it. Not every macOS tells that, and the seal of the running system is what
/// mSCP's macOS 26 rule looks at alone; so where it is not told the seal decides.
fn sealed(view: &View<'_>) -> Result<Finding, ToolError> {
    let question = mdmclient::security_info();
    match view.ask(&question)?.get(&["AuthenticatedRootVolumeEnabled"]) {
        Some("1") => Ok(Finding::compliant("sealed, and start-up insists on it")),
        Some("0") => {
            Ok(Finding::drifted("sealed, but start-up does not insist on it", "sealed, and start-up insists on it"))
        }
        None => Ok(Finding::compliant("sealed (whether start-up insists on it is not told)")),
        Some(_) => Err(ToolError::Incomplete {
            asked: question.ask.to_string(),
            lacks: "AuthenticatedRootVolumeEnabled = 0 or 1".into(),
        }),
    }
}

fn mode_word(mode: bputil::SecurityMode) -> &'static str {
    match mode {
        bputil::SecurityMode::Full => "full",
        bputil::SecurityMode::Reduced => "reduced",
        bputil::SecurityMode::Permissive => "permissive",
        bputil::SecurityMode::Unknown => "not told",
    }
}
