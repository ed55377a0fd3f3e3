//! The application firewall, by `socketfilterfw`: `com.apple.alf.plist` is gone since macOS 15 and never read.
//!
//! Reads work on a managed Mac; writes are refused there, which is a state of its own and no failure.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Plan, Refs, Remedy, Setting, Severity, Step, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::{Change, socketfilterfw};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&ON, &STEALTH, &BLOCK_ALL, &ALLOW_SIGNED, &LOGGING];

const DOMAIN: &str = "com.apple.security.firewall";

/// What a profile says, and where macOS 14 keeps the firewall's state. Where later versions keep it is not documented, so there
/// the next look on schedule finds a change.
const FILES: &[Watch] = &[Watch::Domain(DOMAIN), Watch::Domain("com.apple.alf")];

/// The profile that governs the firewall, if one does: any of its keys forced makes the tool refuse every setter.
fn governed(view: &View<'_>) -> Result<Option<Plan>, ToolError> {
    const KEYS: [&str; 7] = [
        "EnableFirewall",
        "BlockAllIncoming",
        "EnableStealthMode",
        "AllowSigned",
        "AllowSignedApp",
        "EnableLogging",
        "LoggingOption",
    ];
    view.managed(&KEYS.map(|key| (DOMAIN, key)))
}

/// Switches on `what` where it `is` off, unless a profile governs the firewall.
fn plan(view: &View<'_>, set: fn(bool) -> Change, what: &str, is: bool) -> Result<Plan, ToolError> {
    Ok(governed(view)?.unwrap_or_else(|| Plan::switch(set, &format!("firewall {what}"), is, true)))
}

fn is_on(view: &View<'_>) -> Result<bool, ToolError> {
    Ok(view.ask(&socketfilterfw::global_state())?.state != 0)
}

fn is_stealthy(view: &View<'_>) -> Result<bool, ToolError> {
    Ok(view.ask(&socketfilterfw::stealth_mode())?.stealth)
}

fn blocks_all(view: &View<'_>) -> Result<bool, ToolError> {
    Ok(view.ask(&socketfilterfw::block_all())?.block_all)
}

fn logs(view: &View<'_>) -> Result<bool, ToolError> {
    Ok(view.ask(&socketfilterfw::logging_mode())?.logging)
}

static ON: Control = Control {
    id: "firewall_on",
    title: "The application firewall is on",
    why: "Programs that listen must not be reachable from the network unless somebody allowed it.",
    check: "socketfilterfw --getglobalstate; the number in (State = N) decides, 1 and 2 are on",
    refs: Refs {
        cis_macos: &[(14, "2.2.1"), (15, "2.2.1"), (26, "2.2.1")],
        cis_v8: &["4.1", "4.5", "13.1"],
        nist_800_53r5: &["AC-4", "CM-7", "CM-7(1)", "SC-7", "SC-7(12)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-005050"), (15, "APPL-15-005050"), (26, "APPL-26-005050")],
        mscp: Some("system_settings_firewall_enable"),
        cis_level: Some(1),
    },
    user_impact: "A program that starts to listen may ask for permission; development servers are not reachable from elsewhere.",
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::sets("socketfilterfw --setglobalstate on", |view| {
            plan(view, socketfilterfw::set_global_state, "on", is_on(view)?)
        }),
    )],
    probe: |view| {
        Ok(match view.ask(&socketfilterfw::global_state())?.state {
            0 => Finding::drifted("off", "on"),
            1 => Finding::compliant("on"),
            _ => Finding::compliant("on, blocking all incoming connections"),
        })
    },
    ..Control::of(Area::Firewall, Level::L1, Severity::High)
};

static STEALTH: Control = Control {
    id: "firewall_stealth",
    title: "The firewall's stealth mode is on",
    why: "A Mac that does not answer probes is harder to find on a shared network.",
    check: "socketfilterfw --getstealthmode",
    refs: Refs {
        cis_macos: &[(14, "2.2.2"), (15, "2.2.2"), (26, "2.2.2")],
        cis_v8: &["4.1", "4.5", "4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)", "SC-7", "SC-7(16)"],
        soc2: &["CC6.6"],
        mscp: Some("system_settings_firewall_stealth_mode_enable"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "The Mac no longer answers ping; monitoring that relies on it sees it as down.",
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::sets("socketfilterfw --setstealthmode on", |view| {
            plan(view, socketfilterfw::set_stealth_mode, "stealth mode", is_stealthy(view)?)
        }),
    )],
    probe: |view| Ok(Finding::switch(is_stealthy(view)?, true)),
    ..Control::of(Area::Firewall, Level::L1, Severity::Medium)
};

static BLOCK_ALL: Control = Control {
    id: "firewall_block_all",
    title: "The firewall blocks all incoming connections",
    why: "On a Mac worth a targeted attack nothing at all should be reachable.",
    check: "socketfilterfw --getblockall",
    refs: Refs { nist_800_53r5: &["SC-7(5)"], soc2: &["CC6.6"], ..Refs::NONE },
    user_impact: "Sharing, AirPlay receiving and everything else that listens stop.",
    disruptive: Some("every service of this Mac that others connect to stops"),
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::Automatic {
            how: "socketfilterfw --setblockall on",
            plan: |view| plan(view, socketfilterfw::set_block_all, "block all", blocks_all(view)?),
            side_effects: "the firewall's global state reads 2 instead of 1",
            all_or_nothing: false,
        },
    )],
    probe: |view| Ok(Finding::switch(blocks_all(view)?, true)),
    ..Control::of(Area::Firewall, Level::L3, Severity::Low)
};

static BUILT_IN: Setting = Setting {
    key: "BuiltIn",
    doc: "Whether built-in signed software may receive connections without asking. Turned off, parts of macOS ask.",
    kind: Kind::Flag { default: true },
    laxer: Laxer::Never,
};

static DOWNLOADED: Setting = Setting {
    key: "Downloaded",
    doc: "Whether downloaded signed software may receive connections without asking.",
    kind: Kind::Flag { default: false },
    laxer: Laxer::True,
};

static ALLOW_SIGNED: Control = Control {
    id: "firewall_allow_signed",
    title: "Signed software is let through the firewall as policy says",
    why: "A signature names a developer; it does not say that a program should be reachable.",
    check: "socketfilterfw --getallowsigned: built-in and downloaded signed software, one line each",
    refs: Refs { nist_800_53r5: &["SC-7(12)"], soc2: &["CC6.6"], ..Refs::NONE },
    user_impact: "A downloaded program that starts to listen asks for permission.",
    settings: &[&BUILT_IN, &DOWNLOADED],
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::sets("socketfilterfw --setallowsigned and --setallowsignedapp", |view| {
            if let Some(managed) = governed(view)? {
                return Ok(managed);
            }
            let seen = allow_signed(view)?;
            let mut steps = Vec::new();
            for (set, what, wanted, is) in [
                (
                    socketfilterfw::set_allow_signed as fn(bool) -> Change,
                    "firewall allow built-in signed",
                    view.settings.flag(&BUILT_IN),
                    seen.0,
                ),
                (
                    socketfilterfw::set_allow_signed_app,
                    "firewall allow downloaded signed",
                    view.settings.flag(&DOWNLOADED),
                    seen.1,
                ),
            ] {
                if wanted != is {
                    steps.push(Step::switch(set, what, is, wanted));
                }
            }
            Ok(Plan::Now(steps))
        }),
    )],
    probe: |view| {
        let (built_in, downloaded) = allow_signed(view)?;
        let wanted = (view.settings.flag(&BUILT_IN), view.settings.flag(&DOWNLOADED));
        let words = |(built_in, downloaded)| {
            let word = |allowed| if allowed { "allowed" } else { "not allowed" };
            format!("built-in {}, downloaded {}", word(built_in), word(downloaded))
        };
        Ok(Finding::judge((built_in, downloaded) == wanted, words((built_in, downloaded)), words(wanted)))
    },
    ..Control::of(Area::Firewall, Level::L2, Severity::Low)
};

/// Built-in and downloaded. Every supported macOS prints both lines; one alone is an answer cut short.
fn allow_signed(view: &View<'_>) -> Result<(bool, bool), ToolError> {
    let question = socketfilterfw::allow_signed();
    let seen = view.ask(&question)?;
    match seen.downloaded {
        Some(downloaded) => Ok((seen.built_in, downloaded)),
        None => Err(ToolError::Incomplete {
            asked: question.ask.to_string(),
            lacks: "the line about downloaded signed software".into(),
        }),
    }
}

static LOGGING: Control = Control {
    id: "firewall_logging",
    title: "The firewall logs",
    why: "What was refused is the first trace of a probe.",
    check: "socketfilterfw --getloggingmode: on or off. How much is logged, the detail option that CIS 3.6 asks for as well, is \
            not looked at",
    refs: Refs {
        cis_macos: &[(14, "3.6")],
        cis_v8: &["4.5", "8.2", "8.5"],
        nist_800_53r5: &["AU-12", "SC-7"],
        soc2: &["CC6.6"],
        mscp: Some("os_firewall_log_enable"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "None.",
    watches: FILES,
    variants: &[
        Variant {
            macos: (14, 14),
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::sets("socketfilterfw --setloggingmode on", |view| {
                    plan(view, socketfilterfw::set_logging_mode, "logging", logs(view)?)
                }),
            )
        },
        Variant::absent(
            (15, 27),
            "macOS 15 removed the firewall's logging option: the profile keys went with 15.0, the tool's verbs by 15.4",
        ),
    ],
    probe: |view| Ok(Finding::switch(logs(view)?, true)),
    ..Control::of(Area::Firewall, Level::L1, Severity::Low)
};
