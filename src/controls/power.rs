//! Energy settings that bear on security, by `pmset`.

use crate::control::{Area, Can, Control, Finding, Level, Plan, Refs, Remedy, Severity, Variant, View, energy};
use crate::facts::{Form, Processor};
use crate::host::ToolError;
use crate::mac::pmset::{self, Source};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&POWER_NAP, &WAKE_ON_NETWORK];

/// What `key` is for each power source that has it. The power adapter has it on every Mac of the controls' variants, so a list
/// without it was cut short.
fn values(view: &View<'_>, key: &str) -> Result<Vec<(Source, &'static str, i64)>, ToolError> {
    let power = view.ask(&pmset::custom())?;
    let found: Vec<_> = energy::SOURCES
        .into_iter()
        .filter_map(|(source, heading)| Some((source, heading, power.number(heading, key)?)))
        .collect();
    if !found.iter().any(|(source, _, _)| *source == Source::Ac) {
        return Err(energy::lacks(format!("{key} for AC Power")));
    }
    if view.facts.form == Form::Laptop && !power.sources.contains_key("Battery Power") {
        return Err(energy::lacks("the section Battery Power".into()));
    }
    Ok(found)
}

/// Whether `key` is 0 wherever it is.
fn is_off(view: &View<'_>, key: &str) -> Result<Finding, ToolError> {
    let on: Vec<&str> =
        values(view, key)?.iter().filter(|(_, _, is)| *is != 0).map(|(_, heading, _)| *heading).collect();
    Ok(Finding::judge(
        on.is_empty(),
        if on.is_empty() { "off".into() } else { format!("on ({})", on.join(", ")) },
        "off",
    ))
}

/// Sets `key` to 0 for each power source that has it otherwise.
fn switch_off(view: &View<'_>, key: &'static str) -> Result<Plan, ToolError> {
    if let Some(managed) = energy::governed(view)? {
        return Ok(managed);
    }
    let on = values(view, key)?.into_iter().filter(|(_, _, is)| *is != 0);
    Ok(Plan::Now(on.map(|(source, heading, is)| energy::step((source, heading), &[(key, is, 0)])).collect()))
}

static POWER_NAP: Control = Control {
    id: "power_nap",
    title: "Power Nap is off",
    why: "A sleeping Mac that wakes by itself joins networks and fetches mail with nobody there.",
    check: "pmset -g custom: powernap 0 for every power source that has it",
    refs: Refs {
        cis_macos: &[(14, "2.9.2"), (15, "2.10.2"), (26, "2.10.2")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        mscp: Some("os_power_nap_disable"),
        ..Refs::NONE
    },
    user_impact: "No mail and no backup while the Mac sleeps.",
    watches: energy::FILES,
    variants: &[
        Variant {
            macos: (14, 26),
            processor: Some(Processor::Intel),
            forms: &[Form::Laptop, Form::Desktop],
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::sets("pmset -b powernap 0 and pmset -c powernap 0, for the sources where it is on", |view| {
                    switch_off(view, "powernap")
                }),
            )
        },
        Variant { forms: &[Form::Virtual], ..Variant::absent((14, 27), "a virtual Mac does not take naps of its own") },
        Variant::absent((14, 27), "Apple silicon has no Power Nap to switch off: the setting is Intel's"),
    ],
    probe: |view| is_off(view, "powernap"),
    ..Control::of(Area::Power, Level::L1, Severity::Low)
};

static WAKE_ON_NETWORK: Control = Control {
    id: "wake_on_network",
    title: "The Mac does not wake for network access",
    why: "A Mac that anybody on the network can wake is never really asleep.",
    check: "pmset -g custom: womp 0 for every power source that has it",
    refs: Refs {
        cis_macos: &[(14, "2.9.3"), (15, "2.10.3"), (26, "2.10.3")],
        cis_level: Some(1),
        cis_v8: &["4.8"],
        nist_800_53r5: &["CM-7"],
        soc2: &["CC6.6"],
        mscp: Some("system_settings_wake_network_access_disable"),
        ..Refs::NONE
    },
    user_impact: "The Mac cannot be woken for remote help or overnight updates; Find My may not reach it asleep.",
    disruptive: Some("a sleeping Mac can no longer be woken over the network, for updates and remote help"),
    watches: energy::FILES,
    variants: &[
        Variant {
            forms: &[Form::Virtual],
            ..Variant::absent((14, 27), "a virtual Mac has no network card to be woken by")
        },
        Variant::everywhere(
            Can::YesUnlessManaged,
            Remedy::sets("pmset -b womp 0 and pmset -c womp 0, for the sources where it is on", |view| {
                switch_off(view, "womp")
            }),
        ),
    ],
    probe: |view| is_off(view, "womp"),
    ..Control::of(Area::Power, Level::L2, Severity::Low)
};
