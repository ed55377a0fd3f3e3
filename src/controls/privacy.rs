//! What leaves the Mac about its user, where root can see how it really stands.

use crate::control::preference::{RESTRICTIONS, shown, truth};
use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::{plist_file, system_profiler};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&DIAGNOSTICS, &LOCATION];

const FORCED_KEY: &str = "allowDiagnosticSubmission";
/// Where macOS keeps what was chosen in System Settings.
const CHOSEN: &str = "/Library/Application Support/CrashReporter/DiagnosticMessagesHistory.plist";
/// Sent to Apple, and to makers of applications.
const KEYS: [&str; 2] = ["AutoSubmit", "ThirdPartyDataSubmit"];

static DIAGNOSTICS: Control = Control {
    id: "diagnostic_reports",
    title: "No diagnostic reports are sent to Apple or to makers of applications",
    why: "Crash reports and usage data carry parts of what people work on.",
    check: "allowDiagnosticSubmission of com.apple.applicationaccess, forced by a profile; otherwise AutoSubmit and \
            ThirdPartyDataSubmit of /Library/Application Support/CrashReporter/DiagnosticMessagesHistory.plist, both there and both \
            false. Root could write the two, and any administrator could change them back; versions of the consent stand beside them \
            that only macOS knows to keep, so this agent reports",
    refs: Refs {
        cis_macos: &[(14, "2.6.3"), (15, "2.6.3.1"), (15, "2.6.3.4"), (26, "2.6.3.1"), (26, "2.6.3.4")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-20", "SC-7(10)", "SI-11"],
        soc2: &["CC6.7", "P4.2"],
        stig: &[(14, "APPL-14-002021"), (15, "APPL-15-002021"), (26, "APPL-26-002021")],
        mscp: Some("system_settings_diagnostics_reports_disable"),
    },
    user_impact: "None.",
    watches: &[Watch::Domain(RESTRICTIONS), Watch::File(CHOSEN)],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::Profile { payload: "com.apple.applicationaccess: allowDiagnosticSubmission = false" },
    )],
    probe: |view| {
        let wanted = "no reports";
        if let Some(value) = view.forced(RESTRICTIONS, FORCED_KEY)? {
            let off = truth(&value).is_ok_and(|allowed| !allowed);
            return Ok(Finding::judge(off, format!("{FORCED_KEY} {}, forced by a profile", shown(&value)), wanted));
        }
        chosen(view, wanted)
    },
    ..Control::of(Area::Privacy, Level::L1, Severity::Low)
};

/// What was chosen on the Mac itself.
fn chosen(view: &View<'_>, wanted: &str) -> Result<Finding, ToolError> {
    let Some(chosen) = view.ask(&plist_file::file(CHOSEN))? else {
        return Ok(Finding::drifted("nobody has chosen yet, and no profile forces it", wanted));
    };
    let mut sent = Vec::new();
    for key in KEYS {
        match chosen.get(key) {
            Some(value) if truth(value).is_ok_and(|on| !on) => {}
            Some(value) => sent.push(format!("{key} {}", shown(value))),
            None => sent.push(format!("{key} not set")),
        }
    }
    Ok(if sent.is_empty() {
        Finding::compliant("off in System Settings, not forced by a profile")
    } else {
        Finding::drifted(sent.join(", "), wanted)
    })
}

/// The folder of the location service's own settings, in a file that carries the hardware's UUID.
const LOCATION_FILES: &str = "/private/var/db/locationd/Library/Preferences/ByHost/com.apple.locationd.";
const LOCATION_DOMAIN: &str = "com.apple.locationd";
const LOCATION_KEY: &str = "LocationServicesEnabled";

static WANTED: Setting = Setting {
    key: "Wanted",
    doc: "Whether location services are to be on, as the CIS benchmark has it (a lost Mac can be found), or off, as the STIG has it.",
    kind: Kind::Choice { default: "on", words: &["on", "off"] },
    laxer: Laxer::Any,
};

static LOCATION: Control = Control {
    id: "location_services",
    title: "Location services are as policy says",
    why: "On, a lost Mac can be found and the time zone is right; off, nothing learns where it is. Benchmarks disagree, so policy decides.",
    check: "LocationServicesEnabled of com.apple.locationd: what a profile forces, otherwise the location service's own file below \
            /var/db/locationd. The file is not documented by Apple, and macOS may need a restart to heed it, so this agent reports",
    refs: Refs {
        cis_macos: &[(14, "2.6.1.1"), (15, "2.6.1.1"), (26, "2.6.1.1")],
        cis_level: Some(2),
        cis_v8: &["4.1", "4.8"],
        soc2: &["CC6.7", "P4.2"],
        mscp: Some("system_settings_location_services_enable"),
        ..Refs::NONE
    },
    user_impact: "Where they are to be off: maps, weather and Find My stop.",
    settings: &[&WANTED],
    watches: &[Watch::Domain(LOCATION_DOMAIN), Watch::Beginning(LOCATION_FILES)],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand { instructions: "System Settings > Privacy & Security > Location Services." },
    )],
    probe: |view| {
        let wanted = view.settings.text(&WANTED);
        let (value, whose) = match view.forced(LOCATION_DOMAIN, LOCATION_KEY)? {
            Some(value) => (Some(value), "forced by a profile"),
            None => (own_setting(view)?, "set on this Mac"),
        };
        let Some(value) = value else { return Ok(Finding::drifted("not set", wanted)) };
        Ok(match truth(&value) {
            Ok(on) => {
                let is = if on { "on" } else { "off" };
                Finding::judge(is == wanted, format!("{is}, {whose}"), wanted)
            }
            Err(_) => Finding::drifted(format!("neither on nor off: {}, {whose}", shown(&value)), wanted),
        })
    },
    ..Control::of(Area::Privacy, Level::L2, Severity::Low)
};

/// What the location service itself keeps.
fn own_setting(view: &View<'_>) -> Result<Option<plist::Value>, ToolError> {
    let uuid = view.facts.uuid.as_deref().ok_or_else(|| ToolError::Incomplete {
        asked: system_profiler::hardware().ask.to_string(),
        lacks: "platform_UUID, which the file's name needs".into(),
    })?;
    let file = view.ask(&plist_file::system_file(format!("{LOCATION_FILES}{uuid}.plist")))?;
    Ok(file.and_then(|mut file| file.remove(LOCATION_KEY)))
}
