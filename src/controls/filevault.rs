//! Disk encryption and its key. `fdesetup` is only ever asked: a mutating verb from a scheduler has destroyed recovery keys
//! (10.13, rdar 35258997), and a recovery key is never read.

use crate::control::preference::MCX;
use crate::control::{Area, Cadence, Can, Control, Finding, Forced, Level, Refs, Remedy, Severity, Variant, Watch};
use crate::host::ToolError;
use crate::mac::diskutil;
use crate::mac::diskutil::Kind as KeyKind;
use crate::mac::fdesetup::{self, Conversion, State};

mod standby;
mod unlockers;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[
    &ON,
    &DISABLE_BLOCKED,
    &KEY_ESCROWED,
    &unlockers::UNLOCKERS,
    &standby::KEY_DESTROYED_ON_STANDBY,
    &standby::STANDBY,
];

static ON: Control = Control {
    id: "filevault_on",
    title: "FileVault is on for the startup volume",
    why: "A lost or stolen Mac must not give up what is on its disk.",
    check: "fdesetup status; a Mac that is still converting, or waits for a restart, is not there yet",
    refs: Refs {
        cis_macos: &[(14, "2.6.6"), (15, "2.6.6"), (26, "2.6.6")],
        cis_v8: &["3.6", "3.11"],
        nist_800_53r5: &["SC-28", "SC-28(1)"],
        soc2: &["CC6.1", "CC6.7"],
        stig: &[(14, "APPL-14-005020"), (15, "APPL-15-005020"), (26, "APPL-26-005020")],
        mscp: Some("system_settings_filevault_enforce"),
        cis_level: Some(1),
    },
    user_impact: "The password is asked for before macOS starts.",
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::Profile {
            payload: "com.apple.MCX.FileVault2: Enable = On, Defer = true, with com.apple.security.FDERecoveryKeyEscrow. Root \
                      could only arrange for the next login, with a verb of fdesetup that makes keys; this agent runs none",
        },
    )],
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
    ..Control::of(Area::FileVault, Level::L1, Severity::High)
};

static DISABLE_BLOCKED: Control = Control {
    id: "filevault_disable_blocked",
    title: "Users cannot turn FileVault off",
    why: "What protects a stolen Mac must not depend on its user's mood.",
    check: "dontAllowFDEDisable of com.apple.MCX, forced by a profile; a local value has no effect and does not count",
    refs: Refs { nist_800_53r5: &["SC-28"], soc2: &["CC6.1", "CC6.7"], ..Refs::NONE },
    user_impact: "The switch in System Settings is greyed out.",
    watches: &[Watch::Domain(MCX)],
    forced: &[&Forced::flag(MCX, "dontAllowFDEDisable", true)],
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::Profile { payload: "com.apple.MCX: dontAllowFDEDisable = true" },
    )],
    probe: |view| Forced::probe_all(DISABLE_BLOCKED.forced, view),
    ..Control::of(Area::FileVault, Level::L1, Severity::Medium)
};

static KEY_ESCROWED: Control = Control {
    id: "filevault_recovery_key_escrowed",
    title: "A personal recovery key exists and a profile has it escrowed",
    why: "Without an escrowed key a forgotten password loses the data.",
    check: "fdesetup haspersonalrecoverykey, diskutil apfs listcryptousers -plist / (the key's own entry), and a Location \
            in words that a profile forces in com.apple.security.FDERecoveryKeyEscrow. Whether the server holds a valid copy cannot be \
            seen from the Mac; the key itself is never read",
    refs: Refs { nist_800_53r5: &["SC-12", "SC-28"], soc2: &["CC6.1", "CC6.7"], ..Refs::NONE },
    user_impact: "None.",
    cadence: Cadence::Slow,
    watches: &[Watch::Domain("com.apple.security.FDERecoveryKeyEscrow")],
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::Profile {
            payload: "com.apple.security.FDERecoveryKeyEscrow: Location, EncryptCertPayloadUUID; then let the MDM rotate the key",
        },
    )],
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
        // The payload's schema wants text that tells the user where the key is.
        let location = view.forced("com.apple.security.FDERecoveryKeyEscrow", "Location")?;
        let escrow = location.as_ref().and_then(plist::Value::as_string).is_some_and(|text| !text.trim().is_empty());
        let seen = format!(
            "{}, {}",
            if told { "a personal recovery key exists" } else { "no personal recovery key" },
            if escrow { "a profile has it escrowed" } else { "no profile has it escrowed" }
        );
        Ok(Finding::judge(told && escrow, seen, "a personal recovery key, escrowed"))
    },
    ..Control::of(Area::FileVault, Level::L1, Severity::High)
};
