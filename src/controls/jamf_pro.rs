//! The Jamf Pro client: what its set-up leaves on a Mac, and where to look for what leaves nothing.

use chrono::TimeDelta;
use plist::{Dictionary, Value};

use crate::control::preference::{LOCAL, shown};
use crate::control::{
    Area, Cadence, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::{FileKind, jamf, plist_file, status};

mod server;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[
    &SERVER_HTTPS,
    &CERTIFICATE_CHECKED,
    &DEVICE_CERTIFICATE,
    &CHECK_IN,
    &server::ACCOUNT_PASSWORDS,
    &server::PRIVILEGES,
    &server::CHANGE_MANAGEMENT,
    &server::LOG_FLUSHING,
    &server::SELF_SERVICE_LOGIN,
    &server::ENROLLMENT_LOGIN,
];

/// The client's settings.
const SETTINGS: Watch = Watch::Domain(jamf::DOMAIN);

/// Why nothing is judged on a Mac that Jamf Pro does not manage.
const NO_CLIENT: &str = "Jamf Pro does not manage this Mac: it has no com.jamfsoftware.jamf.plist";

/// The client's settings; `None` where there is no client.
fn client(view: &View<'_>) -> Result<Option<Dictionary>, ToolError> {
    view.ask(&plist_file::file(format!("{LOCAL}/{}.plist", jamf::DOMAIN)))
}

/// What every control of the client says about all Macs.
const fn by_hand(can: Can, instructions: &'static str) -> Variant {
    Variant::everywhere(can, Remedy::ByHand { instructions })
}

static SERVER_HTTPS: Control = Control {
    id: "jamf_url_https",
    title: "The Jamf Pro client talks to its server over https",
    why: "Over plain http anybody on the way can give the client orders, which it runs as root.",
    check: "jss_url of /Library/Preferences/com.jamfsoftware.jamf.plist begins with https://",
    refs: Refs { nist_800_53r5: &["SC-8"], soc2: &["CC6.7"], ..Refs::NONE },
    user_impact: "None.",
    watches: &[SETTINGS],
    variants: &[by_hand(
        Can::Yes,
        "An administrator runs /usr/local/jamf/bin/jamf createConf -url https://SERVER/ -verifySSLCert always; the agent starts no \
         program that does not come with macOS.",
    )],
    probe: |view| {
        let Some(client) = client(view)? else { return Ok(Finding::not_applicable(NO_CLIENT)) };
        let wanted = "an address that begins with https://";
        Ok(match client.get("jss_url") {
            Some(Value::String(url)) => {
                let host = url.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("https://")) && url.len() > 8;
                Finding::judge(host, crate::text::excerpt(url), wanted)
            }
            Some(other) => Finding::drifted(shown(other), wanted),
            None => Finding::drifted("no address", wanted),
        })
    },
    ..Control::of(Area::JamfPro, Level::L1, Severity::High)
};

static ALWAYS: Setting = Setting {
    key: "AlwaysVerify",
    doc: "Whether the certificate must be checked at enrolment, too (verifySSLCert always).",
    kind: Kind::Flag { default: false },
    laxer: Laxer::False,
};

static CERTIFICATE_CHECKED: Control = Control {
    id: "jamf_certificate_verified",
    title: "The Jamf Pro client checks its server's certificate",
    why: "Without the check whoever answers in the server's place gives the client orders, which it runs as root.",
    check: "verifySSLCert of /Library/Preferences/com.jamfsoftware.jamf.plist: always, or always_except_during_enrollment unless \
            policy asks for the former",
    refs: Refs { nist_800_53r5: &["SC-8", "SC-23"], soc2: &["CC6.7"], ..Refs::NONE },
    user_impact: "None.",
    settings: &[&ALWAYS],
    watches: &[SETTINGS],
    variants: &[by_hand(
        Can::Yes,
        "In Jamf Pro: Settings > Security > SSL Certificate Verification; or an administrator runs /usr/local/jamf/bin/jamf \
         createConf -url https://SERVER/ -verifySSLCert always. The agent starts no program that does not come with macOS.",
    )],
    probe: |view| {
        let Some(client) = client(view)? else { return Ok(Finding::not_applicable(NO_CLIENT)) };
        let strict = view.settings.flag(&ALWAYS);
        let wanted = if strict { "always" } else { "always or always_except_during_enrollment" };
        Ok(match client.get("verifySSLCert") {
            Some(Value::String(word)) => {
                let holds = word == "always" || !strict && word == "always_except_during_enrollment";
                Finding::judge(holds, crate::text::excerpt(word), wanted)
            }
            Some(other) => Finding::drifted(shown(other), wanted),
            None => Finding::drifted("not set", wanted),
        })
    },
    ..Control::of(Area::JamfPro, Level::L1, Severity::High)
};

static DEVICE_CERTIFICATE: Control = Control {
    id: "jamf_device_certificate",
    title: "The keychain with the Mac's Jamf Pro certificate is there, and root's alone",
    why: "By this certificate the server knows the Mac; whoever can read it can pose as this Mac, and without it any Mac can.",
    check: "Owner and mode of /Library/Application Support/JAMF/JAMF.keychain: a regular file of root's that nobody else may read or \
            write. It is never opened",
    refs: Refs { nist_800_53r5: &["IA-3", "SC-12"], soc2: &["CC6.1"], ..Refs::NONE },
    user_impact: "None.",
    watches: &[SETTINGS, Watch::File(jamf::KEYCHAIN)],
    variants: &[by_hand(
        Can::Partial,
        "Where it is missing: in Jamf Pro, Settings > Security, enable certificate-based authentication, and re-enrol the Mac. Where \
         others may read it: an administrator runs chmod 600 on it.",
    )],
    probe: |view| {
        if client(view)?.is_none() {
            return Ok(Finding::not_applicable(NO_CLIENT));
        }
        let wanted = "a file of root's, mode 0600";
        Ok(match view.ask(&status::of(jamf::KEYCHAIN))? {
            Some(found) => {
                let private = found.kind == FileKind::File && found.owner == 0 && found.mode & 0o077 == 0;
                Finding::judge(private, found.to_string(), wanted)
            }
            None => Finding::drifted("not there", wanted),
        })
    },
    ..Control::of(Area::JamfPro, Level::L1, Severity::High)
};

static AGE: Setting = Setting {
    key: "MaximumAge",
    doc: "Longest time since the client last checked in.",
    kind: Kind::Integer { default: 24, min: 1, max: 720, unit: "hours" },
    laxer: Laxer::Higher,
};

static CHECK_IN: Control = Control {
    id: "jamf_check_in",
    title: "The Jamf Pro client has checked in lately",
    why: "A client that no longer checks in gets no policy, no inventory and no help.",
    check: "The last line about a recurring check-in in /var/log/jamf.log. Its local time has no year and no zone: the year is the \
            latest one that fits day and weekday, the zone that of date +%z now, so it may be hours off after a flight or a change of \
            clocks. No log, no such line in it, or one that is ahead of the clock in this zone, is unknown",
    refs: Refs { nist_800_53r5: &["CM-6", "SI-4"], soc2: &["CC7.1"], ..Refs::NONE },
    user_impact: "None.",
    settings: &[&AGE],
    cadence: Cadence::Slow,
    watches: &[SETTINGS],
    variants: &[by_hand(
        Can::Partial,
        "An administrator runs /usr/local/jamf/bin/jamf policy and reads what it says; where the client is broken, re-enrol it from \
         Jamf Pro.",
    )],
    probe: |view| {
        if client(view)?.is_none() {
            return Ok(Finding::not_applicable(NO_CLIENT));
        }
        let lacks =
            |what: &str| ToolError::Incomplete { asked: jamf::last_check_in().ask.to_string(), lacks: what.into() };
        let log = view.ask(&jamf::last_check_in())?.ok_or_else(|| lacks("the log itself: there is no such file"))?;
        let stamp = log.ok_or_else(|| lacks("a recurring check-in"))?;
        let offset = view.ask(&jamf::time_offset())?;
        let at = stamp.before(view.now, offset).map_err(lacks)?;
        let limit = view.settings.integer(&AGE);
        let seen = format!("{} UTC", at.format("%Y-%m-%d %H:%M"));
        Ok(Finding::judge(view.now - at <= TimeDelta::hours(limit), seen, format!("within the last {limit} hours")))
    },
    ..Control::of(Area::JamfPro, Level::L1, Severity::Medium)
};
