//! Display and system sleep of laptops with Apple silicon.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Plan, Refs, Remedy, Setting, Severity, Variant, View, energy,
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
    watches: energy::FILES,
    variants: &[
        Variant {
            processor: Some(Processor::AppleSilicon),
            forms: &[Form::Laptop],
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::sets(
                    "for each power source that needs it, of which it has the settings that are off: pmset -b displaysleep 10 \
                     sleep 15, and the same with -c; with the policy's minutes",
                    plan,
                ),
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
        let number =
            |key: &str| custom.number(heading, key).ok_or_else(|| energy::lacks(format!("{key} for {heading}")));
        Ok(Timer { source, heading, display: number("displaysleep")?, system: number("sleep")? })
    };
    energy::SOURCES.into_iter().map(timer).collect()
}

fn plan(view: &View<'_>) -> Result<Plan, ToolError> {
    if let Some(managed) = energy::governed(view)? {
        return Ok(managed);
    }
    let mut steps = Vec::new();
    for timer in timers(view)? {
        let (display, system) = timer.wanted(view);
        let all = [("displaysleep", timer.display, display), ("sleep", timer.system, system)];
        let off: Vec<_> = all.into_iter().filter(|(_, is, wanted)| is != wanted).collect();
        if !off.is_empty() {
            steps.push(energy::step((timer.source, timer.heading), &off));
        }
    }
    Ok(Plan::Now(steps))
}
