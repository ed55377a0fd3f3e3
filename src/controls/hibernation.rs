//! How soon an Intel laptop's memory goes to the encrypted disk.

use crate::control::energy::{FILES, lacks, tables};
use crate::control::{Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant};
use crate::facts::{Form, Processor};

/// The controls.
pub const CONTROLS: &[&Control] = &[&HIBERNATION_INTEL];

static DELAY: Setting = Setting {
    key: "MaximumDelay",
    doc: "Longest time asleep before memory is written to disk and powered off, whatever the battery's charge.",
    kind: Kind::Integer { default: 900, min: 60, max: 86_400, unit: "seconds" },
    laxer: Laxer::Higher,
};

/// `hibernatemode` of a laptop that writes its memory to disk and powers it off.
const MODE: i64 = 25;

/// The charge in percent from which on the longer delay counts, at least: a Mac that is well charged may wait longer.
const THRESHOLD: i64 = 90;

static HIBERNATION_INTEL: Control = Control {
    id: "hibernation_intel",
    title: "The Mac hibernates soon after it went to sleep",
    why: "As long as memory is powered, a sleeping Mac can be made to give up what is in it.",
    check: "pmset -g custom: hibernatemode 25, standbydelaylow and standbydelayhigh at most the policy's time and \
            highstandbythreshold at least 90, for every power source. This agent does not set them: hibernatemode belongs to the set \
            of filevault_key_destroyed_on_standby, and to put it back for one control would leave the other's set half made, which \
            makes laptops power off and lose work",
    refs: Refs {
        nist_800_53r5: &["SC-28"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_hibernate_mode_intel_enable"),
        ..Refs::NONE
    },
    user_impact: "Waking from sleep takes longer.",
    settings: &[&DELAY],
    watches: FILES,
    variants: &[
        Variant {
            macos: (14, 26),
            processor: Some(Processor::Intel),
            forms: &[Form::Laptop],
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::ByHand {
                    instructions: "As root: pmset -a hibernatemode 25 standbydelaylow 900 standbydelayhigh 900 highstandbythreshold \
                                   90, with the policy's time. Where filevault_key_destroyed_on_standby is enforced, the agent sets \
                                   the mode.",
                },
            )
        },
        Variant {
            processor: Some(Processor::Intel),
            ..Variant::absent((14, 26), "a Mac without a battery is not carried about asleep")
        },
        Variant::absent((14, 27), "Apple silicon has none of these settings; filevault_standby is its part"),
    ],
    probe: |view| {
        let longest = view.settings.integer(&DELAY);
        let mut off = Vec::new();
        for (source, table) in tables(view)? {
            for key in ["hibernatemode", "standbydelaylow", "standbydelayhigh", "highstandbythreshold"] {
                let is = *table.get(key).ok_or_else(|| lacks(format!("{key} for {source}")))?;
                let holds = match key {
                    "hibernatemode" => is == MODE,
                    "highstandbythreshold" => is >= THRESHOLD,
                    _ => (0..=longest).contains(&is),
                };
                if !holds {
                    off.push(format!("{key} {is} ({source})"));
                }
            }
        }
        let wanted = format!("hibernatemode 25, at the latest {longest} s after it went to sleep");
        Ok(if off.is_empty() { Finding::compliant(wanted) } else { Finding::drifted(off.join(", "), wanted) })
    },
    ..Control::of(Area::FileVault, Level::L2, Severity::Low)
};
