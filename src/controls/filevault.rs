//! Disk encryption and its key. `fdesetup` is only ever asked: a mutating verb from a scheduler has destroyed recovery keys
//! (10.13, rdar 35258997), and a recovery key is never read.

use crate::control::preference::truth;
use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Reach, Refs, Remedy, Setting, Severity, Variant,
};
use crate::host::ToolError;
use crate::mac::diskutil::Kind as KeyKind;
use crate::mac::fdesetup::{self, Conversion, State};
use crate::mac::{diskutil, dscl};

mod standby;

/// The area's controls.
pub const CONTROLS: &[&Control] =
    &[&ON, &DISABLE_BLOCKED, &KEY_ESCROWED, &UNLOCKERS, &standby::KEY_DESTROYED_ON_STANDBY, &standby::STANDBY];

static ON: Control = Control {
    id: "filevault_on",
    title: "FileVault is on for the startup volume",
    why: "A lost or stolen Mac must not give up what is on its disk.",
    check: "fdesetup status; a Mac that is still converting, or waits for a restart, is not there yet",
    area: Area::FileVault,
    level: Level::L1,
    severity: Severity::High,
    refs: Refs {
        cis_macos: &[(14, "2.6.6"), (15, "2.6.6"), (26, "2.6.6")],
        cis_v8: &["3.6", "3.11"],
        nist_800_53r5: &["SC-28", "SC-28(1)"],
        soc2: &["CC6.1", "CC6.7"],
        stig: &[(14, "APPL-14-005020"), (15, "APPL-15-005020"), (26, "APPL-26-005020")],
        mscp: Some("system_settings_filevault_enforce"),
    },
    user_impact: "The password is asked for before macOS starts.",
    disruptive: None,
    settings: &[],
    variants: &[Variant {
        macos: (14, 27),
        processor: None,
        forms: &[],
        reach: Reach::Applies {
            can: Can::Partial,
            remedy: Remedy::Profile {
                payload: "com.apple.MCX.FileVault2: Enable = On, Defer = true, with com.apple.security.FDERecoveryKeyEscrow",
            },
        },
    }],
    probe: |view| {
        let status = view.ask(&fdesetup::status())?;
        let percent = status.percent.as_ref().map(|percent| format!(", {percent} %")).unwrap_or_default();
        let seen = match (status.filevault, status.conversion) {
            (State::On, Conversion::None) if !status.restart_needed => return Ok(Finding::compliant("on")),
            (State::On, Conversion::None) => "on, after a restart".to_owned(),
            (_, Conversion::Encrypting) => format!("encrypting{percent}"),
            (_, Conversion::Decrypting) => format!("decrypting{percent}"),
            (State::Off, Conversion::None) if status.deferred => "off, waiting for a user to log in or out".to_owned(),
            (State::Off, Conversion::None) if status.restart_needed => "off, until a restart".to_owned(),
            (State::Off, Conversion::None) => "off".to_owned(),
        };
        Ok(Finding::drifted(seen, "on"))
    },
};

static DISABLE_BLOCKED: Control = Control {
    id: "filevault_disable_blocked",
    title: "Users cannot turn FileVault off",
    why: "What protects a stolen Mac must not depend on its user's mood.",
    check: "dontAllowFDEDisable of com.apple.MCX, forced by a profile; a local value has no effect and does not count",
    area: Area::FileVault,
    level: Level::L1,
    severity: Severity::Medium,
    refs: Refs {
        cis_macos: &[],
        cis_v8: &[],
        nist_800_53r5: &["SC-28"],
        soc2: &["CC6.1", "CC6.7"],
        stig: &[],
        mscp: None,
    },
    user_impact: "The switch in System Settings is greyed out.",
    disruptive: None,
    settings: &[],
    variants: &[Variant {
        macos: (14, 27),
        processor: None,
        forms: &[],
        reach: Reach::Applies {
            can: Can::DetectOnly,
            remedy: Remedy::Profile { payload: "com.apple.MCX: dontAllowFDEDisable = true" },
        },
    }],
    probe: |view| {
        let wanted = "forced to true by a profile";
        Ok(match view.forced("com.apple.MCX", "dontAllowFDEDisable")?.as_ref().map(truth) {
            Some(Ok(true)) => Finding::compliant(wanted),
            Some(_) => Finding::drifted("forced, but not to true", wanted),
            None => Finding::drifted("no profile forces it", wanted),
        })
    },
};

static KEY_ESCROWED: Control = Control {
    id: "filevault_recovery_key_escrowed",
    title: "A personal recovery key exists and a profile has it escrowed",
    why: "Without an escrowed key a forgotten password loses the data.",
    check: "fdesetup haspersonalrecoverykey, diskutil apfs listcryptousers -plist / (the key's own entry), and Location of \
            com.apple.security.FDERecoveryKeyEscrow forced by a profile. Whether the server holds a valid copy cannot be \
            seen from the Mac; the key itself is never read",
    area: Area::FileVault,
    level: Level::L1,
    severity: Severity::High,
    refs: Refs {
        cis_macos: &[],
        cis_v8: &[],
        nist_800_53r5: &["SC-12", "SC-28"],
        soc2: &["CC6.1", "CC6.7"],
        stig: &[],
        mscp: None,
    },
    user_impact: "None.",
    disruptive: None,
    settings: &[],
    variants: &[Variant {
        macos: (14, 27),
        processor: None,
        forms: &[],
        reach: Reach::Applies {
            can: Can::DetectOnly,
            remedy: Remedy::Profile {
                payload: "com.apple.security.FDERecoveryKeyEscrow: Location, EncryptCertPayloadUUID; then let the MDM rotate the key",
            },
        },
    }],
    probe: |view| {
        let told = view.ask(&fdesetup::has_personal_recovery_key())?.answer;
        let listed =
            view.ask(&diskutil::crypto_users())?.users.iter().any(|user| user.kind == KeyKind::PersonalRecovery);
        // fdesetup prints "false" on any error too (its manual page), so its word alone is not enough.
        if told != listed {
            return Err(ToolError::Contradiction {
                what: format!(
                    "fdesetup haspersonalrecoverykey says {told}, the volume's list of keys {} one",
                    if listed { "has" } else { "has not" }
                ),
            });
        }
        let escrow = view.forced("com.apple.security.FDERecoveryKeyEscrow", "Location")?.is_some();
        let seen = format!(
            "{}, {}",
            if told { "a personal recovery key exists" } else { "no personal recovery key" },
            if escrow { "a profile has it escrowed" } else { "no profile has it escrowed" }
        );
        Ok(Finding::judge(told && escrow, seen, "a personal recovery key, escrowed"))
    },
};

static ALLOWED: Setting = Setting {
    key: "Allowed",
    doc: "Short names of the accounts that may unlock the disk. Empty: every local account that is not hidden.",
    kind: Kind::Names,
    laxer: Laxer::Never,
};

/// The account of Setup Assistant, `_mbsetupuser`, uid 201: macOS gives it a key while a Mac is being set up.
const SETUP_ASSISTANT: &str = "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000000C9";

static UNLOCKERS: Control = Control {
    id: "filevault_unlockers",
    title: "Only expected accounts can unlock the disk",
    why: "A forgotten or planted account that can unlock the disk opens everything on it.",
    check: "diskutil apfs listcryptousers -plist /, joined with the local accounts by GeneratedUID",
    area: Area::FileVault,
    level: Level::L1,
    severity: Severity::Medium,
    refs: Refs {
        cis_macos: &[],
        cis_v8: &[],
        nist_800_53r5: &["AC-2(11)"],
        soc2: &["CC6.1", "CC6.7"],
        stig: &[],
        mscp: Some("os_filevault_authorized_users"),
    },
    user_impact: "None.",
    disruptive: None,
    settings: &[&ALLOWED],
    variants: &[Variant {
        macos: (14, 27),
        processor: None,
        forms: &[],
        reach: Reach::Applies {
            can: Can::Yes,
            // Root could remove an unlocker, but only with a mutating fdesetup verb.
            remedy: Remedy::ByHand {
                instructions: "An administrator runs: fdesetup remove -uuid UUID. Never remove the last account.",
            },
        },
    }],
    probe: |view| {
        let keys = view.ask(&diskutil::crypto_users())?.users;
        let accounts = view.ask(&dscl::users())?;
        let allowed = view.settings.list(&ALLOWED);
        let mut expected = 0;
        let mut unexpected = Vec::new();
        for key in keys {
            let account = accounts.iter().find(|account| account.generated_uid.eq_ignore_ascii_case(&key.uuid));
            match (key.kind, account) {
                (KeyKind::Unknown, _) => unexpected.push(format!("an entry of unknown kind ({})", key.uuid)),
                (KeyKind::LocalUser, _) if key.uuid.eq_ignore_ascii_case(SETUP_ASSISTANT) => {}
                (KeyKind::LocalUser, None) => unexpected.push(format!("an account that is gone ({})", key.uuid)),
                (KeyKind::LocalUser, Some(account)) => {
                    let ok = if allowed.is_empty() { account.is_person() } else { allowed.contains(&account.name) };
                    if ok { expected += 1 } else { unexpected.push(account.name.clone()) }
                }
                // Recovery keys and the bootstrap token are controls of their own.
                _ => {}
            }
        }
        let wanted = if allowed.is_empty() {
            "only local accounts that are not hidden".to_owned()
        } else {
            format!("only {}", allowed.join(", "))
        };
        Ok(if unexpected.is_empty() {
            Finding::compliant(format!("{expected} expected account{}", if expected == 1 { "" } else { "s" }))
        } else {
            Finding::drifted(format!("unexpected: {}", unexpected.join(", ")), wanted)
        })
    },
};
