//! The FileVault key while the Mac sleeps.

use std::collections::BTreeMap;

use crate::control::energy::{self, FILES, Tables, governed, lacks, tables};
use crate::control::preference::{MCX, truth};
use crate::control::{Area, Can, Control, Finding, Level, Plan, Refs, Remedy, Severity, Step, Variant, View};
use crate::facts::{Form, Processor};
use crate::host::ToolError;
use crate::mac::Change;
use crate::mac::pmset::{self, Source};

/// What destroying the key needs beside itself. Alone, `destroyfvkeyonstandby` makes Intel laptops power off and lose work:
/// the key goes while memory is still powered, and Power Nap or auto power-off then wake a Mac that cannot read its disk.
/// With mode 25 memory is on disk whenever the Mac sleeps, so a separate standby timer has nothing left to do.
/// (drduh macOS-Security-and-Privacy-Guide #124 and #264, mSCP #176; the recorded Macs that run with the key set have
/// exactly these values.)
const COMPANIONS: &[(&str, i64)] = &[("hibernatemode", 25), ("powernap", 0), ("standby", 0), ("autopoweroff", 0)];

const KEY: &str = "DestroyFVKeyOnStandby";

/// What `pmset` calls the key where it is set.
const SETTER: &str = "destroyfvkeyonstandby";

/// The control of Intel laptops.
pub static KEY_DESTROYED_ON_STANDBY: Control = Control {
    id: "filevault_key_destroyed_on_standby",
    title: "The FileVault key is destroyed when the Mac goes to standby",
    why: "As long as the key stays in memory, a sleeping Mac can be made to give it up.",
    check: "pmset -g (DestroyFVKeyOnStandby) and pmset -g custom: hibernatemode 25, powernap, standby and autopoweroff 0 for \
            every power source, as one set; a profile that forces DestroyFVKeyOnStandby in com.apple.MCX decides about the key",
    refs: Refs {
        nist_800_53r5: &["SC-28"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_hibernate_mode_destroyfvkeyonstandby_enable"),
        ..Refs::NONE
    },
    user_impact: "Waking from sleep takes longer and asks for the password before macOS starts; Power Nap is off, so nothing is \
                  fetched or updated while the Mac sleeps.",
    disruptive: Some("waking takes longer and asks for the password; Power Nap and nightly maintenance stop"),
    watches: FILES,
    variants: &[
        Variant {
            macos: (14, 26),
            processor: Some(Processor::Intel),
            forms: &[Form::Laptop],
            ..Variant::everywhere(
                Can::Yes,
                Remedy::Automatic {
                    how: "one command: pmset -a destroyfvkeyonstandby 1 hibernatemode 25 powernap 0 standby 0 autopoweroff 0 \
                          (of these, what this Mac has)",
                    plan: plan_key,
                    side_effects: "hibernation, Power Nap, standby and auto power-off change with it",
                    all_or_nothing: true,
                },
            )
        },
        Variant {
            processor: Some(Processor::Intel),
            ..Variant::absent((14, 26), "a Mac without a battery does not go to standby with its key in memory")
        },
        Variant::absent(
            (14, 27),
            "Apple silicon keeps the key in its Secure Enclave; that destroying it has an effect there is not proven",
        ),
    ],
    probe: |view| {
        let wanted = "destroyed, with hibernatemode 25, powernap 0, standby 0 and autopoweroff 0";
        let (destroyed, tables) = (is_destroyed(view)?, tables(view)?);
        let mut off = Vec::new();
        if !destroyed {
            off.push("the key is kept".to_owned());
        }
        for (key, value) in COMPANIONS {
            let have = tables.values().filter(|table| table.contains_key(*key)).count();
            // Only hibernatemode is certain to exist on a laptop, the others depend on the model; but what one power source
            // has the other has too, so a key with one of them only comes from a list that was cut short.
            if have != tables.len() && (have > 0 || *key == "hibernatemode") {
                return Err(lacks(format!("{key} for every power source")));
            }
            for (source, table) in &tables {
                if let Some(is) = table.get(*key)
                    && is != value
                {
                    off.push(format!("{key} {is} ({source})"));
                }
            }
        }
        Ok(if off.is_empty() {
            Finding::compliant("destroyed, and its companions are set")
        } else {
            Finding::drifted(off.join(", "), wanted)
        })
    },
    ..Control::of(Area::FileVault, Level::L2, Severity::Medium)
};

/// What a profile says about the key, if one does.
fn forced(view: &View<'_>) -> Result<Option<bool>, ToolError> {
    let value = view.forced(MCX, KEY)?;
    value
        .map(|value| truth(&value).map_err(|why| ToolError::from_misread(format!("forced {MCX} {KEY}"), None, why)))
        .transpose()
}

/// Whether the key is destroyed: as a profile says, otherwise as `pmset` does. Whether `pmset -g` shows what a profile forces
/// is not known, so it is not asked there.
fn is_destroyed(view: &View<'_>) -> Result<bool, ToolError> {
    forced(view)?.map_or_else(|| Ok(set_by_pmset(view)? == 1), Ok)
}

/// The key's own setting; absent is 0: never set.
fn set_by_pmset(view: &View<'_>) -> Result<i64, ToolError> {
    Ok(view.ask(&pmset::general())?.system.get(KEY).copied().unwrap_or(0))
}

/// The set as one change. Where a profile has the key destroyed only its companions are set: leaving them would leave the half
/// that makes laptops power off and lose work.
fn plan_key(view: &View<'_>) -> Result<Plan, ToolError> {
    if let Some(managed) = governed(view)? {
        return Ok(managed);
    }
    let (mut pairs, mut undo, mut prior) = (Vec::new(), Vec::new(), BTreeMap::new());
    match forced(view)? {
        Some(true) => {}
        Some(false) => return Ok(Plan::Managed { by: format!("a profile forces {MCX} {KEY} (false)") }),
        None => {
            let destroyed = set_by_pmset(view)?;
            pairs.push((SETTER, 1));
            undo.push(pmset::set(Source::All, &[(SETTER, destroyed)]));
            prior.insert(format!("pmset {KEY}"), destroyed.into());
        }
    }
    let tables = tables(view)?;
    pairs.extend(COMPANIONS.iter().filter(|(key, _)| tables.values().any(|table| table.contains_key(*key))));
    put_back(&tables, COMPANIONS, &mut undo, &mut prior);
    Ok(Plan::Now(vec![Step { change: pmset::set(Source::All, &pairs), undo, prior }]))
}

/// For each power source, one change that puts back what it has now for `pairs`.
fn put_back(
    tables: &Tables,
    pairs: &[(&'static str, i64)],
    undo: &mut Vec<Change>,
    prior: &mut BTreeMap<String, serde_json::Value>,
) {
    for (source, heading) in energy::SOURCES {
        let Some(table) = tables.get(heading) else { continue };
        let before: Vec<(&str, i64)> =
            pairs.iter().filter_map(|(key, _)| table.get(*key).map(|value| (*key, *value))).collect();
        if !before.is_empty() {
            let (change, was) = energy::put_back((source, heading), &before);
            undo.push(change);
            prior.extend(was);
        }
    }
}

const STANDBY_ON: &[(&str, i64)] = &[("standby", 1)];

/// The control of Apple silicon laptops.
pub static STANDBY: Control = Control {
    id: "filevault_standby",
    title: "The Mac goes from sleep to standby",
    why: "In standby an Apple silicon laptop writes its memory to the encrypted disk and powers it off.",
    check: "pmset -g custom: standby 1 for every power source",
    refs: Refs { nist_800_53r5: &["SC-28"], soc2: &["CC6.1", "CC6.7"], ..Refs::NONE },
    user_impact: "Waking after a long sleep takes a moment longer.",
    watches: FILES,
    variants: &[
        Variant {
            processor: Some(Processor::AppleSilicon),
            forms: &[Form::Laptop],
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::sets("pmset -a standby 1", |view| {
                    if let Some(managed) = governed(view)? {
                        return Ok(managed);
                    }
                    let tables = tables(view)?;
                    let mut undo = Vec::new();
                    let mut prior = BTreeMap::new();
                    put_back(&tables, STANDBY_ON, &mut undo, &mut prior);
                    Ok(Plan::Now(vec![Step { change: pmset::set(Source::All, STANDBY_ON), undo, prior }]))
                }),
            )
        },
        Variant {
            processor: Some(Processor::AppleSilicon),
            ..Variant::absent((14, 27), "a Mac without a battery is not carried about asleep")
        },
        Variant {
            processor: Some(Processor::Intel),
            ..Variant::absent((14, 27), "on Intel laptops filevault_key_destroyed_on_standby decides")
        },
    ],
    probe: |view| {
        let mut off = Vec::new();
        for (source, table) in tables(view)? {
            match table.get("standby") {
                Some(1) => {}
                Some(_) => off.push(source),
                None => return Err(lacks(format!("standby for {source}"))),
            }
        }
        Ok(if off.is_empty() {
            Finding::compliant("on")
        } else {
            Finding::drifted(format!("off ({})", off.join(", ")), "on")
        })
    },
    ..Control::of(Area::FileVault, Level::L2, Severity::Low)
};
