//! Display and system sleep of laptops with Apple silicon.

use std::collections::BTreeMap;

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Plan, Refs, Remedy, Setting, Severity, Step, Variant, View, Watch,
};
use crate::facts::{Form, Processor};
use crate::host::ToolError;
use crate::mac::pmset::{self, Source};

static DISPLAY: Setting = Setting {
    key: "MaximumDisplaySleep",
    doc: "Longest time without input before the display sleeps. 0 (never) is never compliant.",
    kind: Kind::Integer { default: 10, min: 1, max: 60, unit: "minutes" },
    laxer: Laxer::Higher,
};

static SYSTEM: Setting = Setting {
    key: "MaximumSystemSleep",
    doc: "Longest time without input before the Mac sleeps, not before its display does. 0 (never) is never compliant.",
    kind: Kind::Integer { default: 15, min: 1, max: 180, unit: "minutes" },
    laxer: Laxer::Higher,
};

/// The domain in which an Energy Saver payload forces what `pmset` sets, and how its keys for laptops begin.
const MCX: &str = "com.apple.MCX";
const ENERGY_SAVER: &str = "com.apple.EnergySaver.portable.";

/// Both power sources of a laptop, with their headings in `pmset -g custom`.
const SOURCES: [(Source, &str); 2] = [(Source::Battery, "Battery Power"), (Source::Ac, "AC Power")];

/// The control.
pub static SLEEP: Control = Control {
    id: "display_and_system_sleep",
    title: "A laptop that nobody uses goes to sleep",
    why: "A sleeping Mac is locked, and one with Apple silicon goes on to standby from there.",
    check: "pmset -g custom: displaysleep and sleep from 1 minute to what policy allows, for both power sources, the display not \
            after the Mac",
    refs: Refs {
        cis_macos: &[(14, "2.9.1.2"), (15, "2.10.1.1"), (26, "2.10.1.2")],
        cis_v8: &["4.1"],
        soc2: &["CC6.1"],
        mscp: Some("os_sleep_and_display_sleep_apple_silicon_enable"),
        cis_level: Some(2),
        ..Refs::NONE
    },
    user_impact: "The Mac sleeps sooner, on the power adapter too; programs that ask for it still keep it awake.",
    disruptive: Some("long jobs stop when the Mac goes to sleep, where their program does not keep it awake"),
    settings: &[&DISPLAY, &SYSTEM],
    watches: &[Watch::Beginning("/Library/Preferences/com.apple.PowerManagement."), Watch::Domain(MCX)],
    variants: &[
        Variant {
            processor: Some(Processor::AppleSilicon),
            forms: &[Form::Laptop],
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::Automatic {
                    how: "for each power source that needs it, of which it has the settings that are off: pmset -b displaysleep 10 \
                          sleep 15, and the same with -c; with the policy's minutes",
                    plan,
                    side_effects: "none",
                    all_or_nothing: false,
                },
            )
        },
        Variant {
            processor: Some(Processor::AppleSilicon),
            ..Variant::absent((14, 27), "it is asked of laptops: a Mac without a battery is not carried about")
        },
        Variant {
            processor: Some(Processor::Intel),
            ..Variant::absent((14, 27), "on Intel laptops hibernation decides what a sleeping Mac keeps in memory")
        },
    ],
    probe: |view| {
        let mut off = Vec::new();
        for timer in timers(view)? {
            let Timer { heading, display, system, .. } = timer;
            let wanted = timer.wanted(view);
            if (display, system) != wanted {
                off.push(format!("display {}, Mac {} ({heading})", shown(display), shown(system)));
            }
        }
        let (most, later) = (view.settings.integer(&DISPLAY), view.settings.integer(&SYSTEM));
        Ok(if off.is_empty() {
            Finding::compliant("both within bounds, for both power sources")
        } else {
            Finding::drifted(off.join("; "), format!("display 1 to {most} min, Mac 1 to {later} min and not before it"))
        })
    },
    ..Control::of(Area::ScreenLock, Level::L2, Severity::Low)
};

fn shown(minutes: i64) -> String {
    if minutes == 0 { "never".to_owned() } else { format!("{minutes} min") }
}

/// When one power source lets the display and the Mac sleep, in minutes.
struct Timer {
    source: Source,
    heading: &'static str,
    display: i64,
    system: i64,
}

impl Timer {
    /// What it should be: what it is, as far as that is within bounds. The Mac does not sleep before its display.
    fn wanted(&self, view: &View<'_>) -> (i64, i64) {
        let latest = view.settings.integer(&SYSTEM);
        let bound = view.settings.integer(&DISPLAY).min(latest);
        let display = if (1..=bound).contains(&self.display) { self.display } else { bound };
        (display, if (display..=latest).contains(&self.system) { self.system } else { latest })
    }
}

/// Those of both power sources. A list with one of them, or one of their numbers, missing was cut short.
fn timers(view: &View<'_>) -> Result<Vec<Timer>, ToolError> {
    let custom = view.ask(&pmset::custom())?;
    let timer = |(source, heading): (Source, &'static str)| {
        let number = |key: &str| {
            custom.number(heading, key).ok_or_else(|| ToolError::Incomplete {
                asked: "/usr/bin/pmset -g custom".into(),
                lacks: format!("{key} for {heading}"),
            })
        };
        Ok(Timer { source, heading, display: number("displaysleep")?, system: number("sleep")? })
    };
    SOURCES.into_iter().map(timer).collect()
}

fn plan(view: &View<'_>) -> Result<Plan, ToolError> {
    if let Some(key) = view.forced_with_prefix(MCX, ENERGY_SAVER)? {
        return Ok(Plan::Managed { by: format!("a profile forces {MCX} {key}") });
    }
    let mut steps = Vec::new();
    for timer in timers(view)? {
        let (display, system) = timer.wanted(view);
        let all = [("displaysleep", timer.display, display), ("sleep", timer.system, system)];
        let off: Vec<_> = all.into_iter().filter(|(_, is, wanted)| is != wanted).collect();
        if off.is_empty() {
            continue;
        }
        let set: Vec<_> = off.iter().map(|(key, _, wanted)| (*key, *wanted)).collect();
        let back: Vec<_> = off.iter().map(|(key, is, _)| (*key, *is)).collect();
        let prior: BTreeMap<_, _> =
            back.iter().map(|(key, is)| (format!("pmset {key} ({})", timer.heading), (*is).into())).collect();
        let undo = vec![pmset::set(timer.source, &back)];
        steps.push(Step { change: pmset::set(timer.source, &set), undo, prior });
    }
    Ok(Plan::Now(steps))
}
