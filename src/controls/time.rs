//! The clock: without the right time neither certificates nor logs are worth much.

use crate::control::preference::{MCX, RESTRICTIONS};
use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Plan, Refs, Remedy, Setting, Severity, Step, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::{launchd, systemsetup};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&NETWORK_TIME, &NETWORK_TIME_SERVER, &TIME_SERVICE];

const TIMED: &str = "com.apple.timed";

static NETWORK_TIME: Control = Control {
    id: "network_time",
    title: "The clock is set by a time server",
    why: "With a wrong clock expired certificates pass, and logs of different Macs cannot be compared.",
    check: "systemsetup -getusingnetworktime: on or off",
    refs: Refs {
        cis_macos: &[(14, "2.3.2.1"), (15, "2.3.2.1"), (26, "2.3.2.1")],
        cis_level: Some(1),
        cis_v8: &["8.4"],
        nist_800_53r5: &["AU-12(1)", "SC-45(1)"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-000014"), (15, "APPL-15-000014"), (26, "APPL-26-000014")],
        mscp: Some("system_settings_time_server_enforce"),
    },
    user_impact: "None.",
    watches: &[Watch::Domain(TIMED), Watch::Domain(RESTRICTIONS)],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::Automatic {
            how: "systemsetup -setusingnetworktime on",
            plan: |view| {
                const KEYS: &[(&str, &str)] =
                    &[(TIMED, "TMAutomaticTimeOnlyEnabled"), (RESTRICTIONS, "forceAutomaticDateAndTime")];
                let on = view.ask(&systemsetup::network_time())?.on;
                let switch = || Plan::switch(systemsetup::set_network_time, "network time", on, true);
                Ok(view.managed(KEYS)?.unwrap_or_else(switch))
            },
            side_effects: "a wrong clock is put right at once",
            all_or_nothing: false,
        },
    )],
    probe: |view| {
        let on = view.ask(&systemsetup::network_time())?.on;
        Ok(Finding::switch(on, true))
    },
    ..Control::of(Area::Time, Level::L1, Severity::Medium)
};

static SERVERS: Setting = Setting {
    key: "Servers",
    doc: "Time servers that may set the clock, names or addresses with blanks between them; the first is set where another does.",
    kind: Kind::Text { default: "time.apple.com" },
    laxer: Laxer::Any,
};

/// The servers of the setting.
fn servers(view: &View<'_>) -> Result<Vec<String>, ToolError> {
    let all: Vec<String> = view.settings.text(&SERVERS).split_whitespace().map(str::to_owned).collect();
    match all.iter().find(|server| !systemsetup::is_host(server)) {
        None if !all.is_empty() => Ok(all),
        None => Err(ToolError::Unsupported { what: "a list of time servers without one".to_owned() }),
        Some(bad) => Err(ToolError::Unsupported { what: format!("the time server \"{}\"", crate::text::excerpt(bad)) }),
    }
}

static NETWORK_TIME_SERVER: Control = Control {
    id: "network_time_server",
    title: "The time comes from an approved server",
    why: "Who sets the clock decides which certificates are valid.",
    check: "systemsetup -getnetworktimeserver: one of the setting's servers",
    refs: Refs {
        cis_macos: &[(14, "2.3.2.1"), (15, "2.3.2.1"), (26, "2.3.2.1")],
        cis_level: Some(1),
        cis_v8: &["8.4"],
        nist_800_53r5: &["AU-12(1)", "SC-45(1)"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-000170"), (15, "APPL-15-000170"), (26, "APPL-26-000170")],
        mscp: Some("system_settings_time_server_configure"),
    },
    user_impact: "Where the server cannot be reached, the clock drifts.",
    settings: &[&SERVERS],
    // Where systemsetup keeps it.
    watches: &[Watch::File("/private/etc/ntp.conf"), Watch::Domain(MCX)],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::sets("systemsetup -setnetworktimeserver SERVER, with the first of the setting's servers", |view| {
            let is = view.ask(&systemsetup::time_server())?.server;
            let all = servers(view)?;
            let wanted = all.first().filter(|_| !is_one_of(&is, &all));
            let step = |wanted: &String| Step {
                change: systemsetup::set_time_server(wanted),
                undo: vec![systemsetup::set_time_server(&is)],
                prior: [("network time server".to_owned(), is.as_str().into())].into(),
            };
            let steps = wanted.map(step).into_iter().collect();
            Ok(view.managed(&[(MCX, "timeServer")])?.unwrap_or(Plan::Now(steps)))
        }),
    )],
    probe: |view| {
        let is = view.ask(&systemsetup::time_server())?.server;
        let all = servers(view)?;
        Ok(Finding::judge(is_one_of(&is, &all), is, all.join(" or ")))
    },
    ..Control::of(Area::Time, Level::L1, Severity::Medium)
};

fn is_one_of(server: &str, all: &[String]) -> bool {
    all.iter().any(|known| known.eq_ignore_ascii_case(server))
}

static TIME_SERVICE: Control = Control {
    id: "time_service",
    title: "The service that keeps the clock is loaded",
    why: "Without it the clock is set by nobody; System Integrity Protection keeps it loaded, so its absence is a sign of tampering.",
    check: "launchctl print system: com.apple.timed is loaded",
    refs: Refs {
        cis_macos: &[(14, "2.3.2.2"), (15, "2.3.2.2"), (26, "2.3.2.2")],
        cis_level: Some(1),
        cis_v8: &["8.4"],
        nist_800_53r5: &["AU-12(1)", "SC-45(1)"],
        soc2: &["CC7.2"],
        stig: &[(14, "APPL-14-000180"), (15, "APPL-15-000180"), (26, "APPL-26-000180")],
        mscp: Some("os_time_server_enabled"),
    },
    user_impact: "None.",
    watches: crate::control::service::OVERRIDES,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "Restart the Mac. Where the service is still missing, see whether System Integrity Protection is on, and \
                           install macOS anew: the service cannot be loaded from outside.",
        },
    )],
    probe: |view| {
        let loaded = view.ask(&launchd::system())?.services.contains_key(TIMED);
        Ok(Finding::judge(loaded, if loaded { "loaded" } else { "not loaded" }, "loaded"))
    },
    ..Control::of(Area::Time, Level::L1, Severity::Medium)
};
