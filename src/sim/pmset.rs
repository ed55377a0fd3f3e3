//! `pmset`: power management, in the layout of Apple's own source.

use serde_json::Value;

use super::Machine;
use super::state::{Power, PowerSource};
use super::tools::{Call, Reply, ended, said};

/// Settings in the order of `pmset -g cap`.
const CAPABILITIES: [&str; 12] = [
    "displaysleep",
    "disksleep",
    "sleep",
    "womp",
    "networkoversleep",
    "powernap",
    "ttyskeepawake",
    "tcpkeepalive",
    "standby",
    "hibernatemode",
    "hibernatefile",
    "lowpowermode",
];

/// Further keys that the setter takes on some hardware.
const FURTHER: [&str; 9] = [
    "acwake",
    "autopoweroff",
    "autopoweroffdelay",
    "halfdim",
    "highstandbythreshold",
    "lessbright",
    "proximitywake",
    "standbydelayhigh",
    "standbydelaylow",
];

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let power = &mac.state.power;
    let current = power.sources.iter().find(|source| source.name == power.current);
    match call.args.as_slice() {
        ["-g"] | ["-g", "live"] => said(live(mac, current)),
        ["-g", "custom"] => {
            let mut text = String::new();
            for source in &power.sources {
                text.push_str(&format!("{}:\n", source.name));
                for (key, value) in &source.settings {
                    text.push_str(&line(key, value, &[], ""));
                }
            }
            said(text)
        }
        ["-g", "batt"] => said(battery(power)),
        ["-g", "assertions"] => said(assertions(power)),
        ["-g", "cap"] => {
            let mut text = format!("Capabilities for {}:\n", power.current);
            for key in CAPABILITIES {
                if current.is_some_and(|source| source.settings.contains_key(key)) {
                    text.push_str(&format!(" {key}\n"));
                }
            }
            said(text)
        }
        _ => Ok(None),
    }
}

/// The system block, then what is in use now. A system setting's line stands only where it is not 0, after two TABs.
fn live(mac: &Machine, current: Option<&PowerSource>) -> String {
    let power = &mac.state.power;
    let mut text = "System-wide power settings:\n".to_owned();
    for (key, value) in
        [("SleepDisabled", power.sleep_disabled), ("DestroyFVKeyOnStandby", power.destroy_key_on_standby)]
    {
        if value != 0 {
            text.push_str(&format!(" {key}\t\t{value}\n"));
        }
    }
    text.push_str("Currently in use:\n");
    for key in &power.live {
        if let Some(value) = current.and_then(|source| source.settings.get(key)) {
            let (holders, what): (Vec<String>, _) = match key.as_str() {
                "sleep" => (power.sleep_prevented_by.clone(), "sleep"),
                "displaysleep" => (display_holders(power), "display sleep"),
                _ => (Vec::new(), ""),
            };
            text.push_str(&line(key, value, &holders, what));
        }
    }
    text
}

/// As published answers have it: what it draws from, then the battery.
fn battery(power: &Power) -> String {
    let mut text = format!("Now drawing from '{}'\n", power.current);
    if let Some(charge) = power.charge {
        let state = match (power.current.as_str(), charge) {
            ("AC Power", 100) => "charged; 0:00 remaining",
            ("AC Power", _) => "charging; (no estimate)",
            _ => "discharging; (no estimate)",
        };
        text.push_str(&format!(" -InternalBattery-0 (id=22806627)\t{charge}%; {state} present: true\n"));
    }
    text
}

/// What keeps the display awake: the new name of that assertion, and the old one, which counts as the new.
const DISPLAY: [&str; 2] = ["PreventUserIdleDisplaySleep", "NoDisplaySleepAssertion"];

fn display_holders(power: &Power) -> Vec<String> {
    let mut names = power.display_sleep_prevented_by.clone();
    for held in power.assertions.iter().filter(|held| DISPLAY.contains(&held.kind.as_str())) {
        if !names.contains(&held.process) {
            names.push(held.process.clone());
        }
    }
    names
}

fn assertions(power: &Power) -> String {
    let display = power.assertions.iter().any(|held| DISPLAY.contains(&held.kind.as_str()));
    let mut text = "2026-11-22 09:00:00 +0000 \nAssertion status system-wide:\n".to_owned();
    for (kind, count) in [
        ("BackgroundTask", 0),
        ("ApplePushServiceTask", 0),
        ("UserIsActive", 1),
        ("PreventUserIdleDisplaySleep", i32::from(display)),
        ("PreventSystemSleep", 0),
        ("ExternalMedia", 0),
        ("PreventUserIdleSystemSleep", 1),
        ("NetworkClientActive", 0),
    ] {
        text.push_str(&format!("   {kind:<30} {count}\n"));
    }
    text.push_str("Listed by owning process:\n");
    text.push_str("   pid 389(powerd): [0x000001e20001855c] 03:48:26 PreventUserIdleSystemSleep named: \"Powerd - Prevent sleep while display is on\"  \n");
    text.push_str("   pid 446(WindowServer): [0x000036c0000995cf] 00:00:00 UserIsActive named: \"com.apple.iohideventsystem.queue.tickle\"  \n\tTimeout will fire in 600 secs Action=TimeoutActionRelease\n");
    for (n, held) in power.assertions.iter().enumerate() {
        let (pid, process, kind, name) = (held.pid, &held.process, &held.kind, &held.name);
        text.push_str(&format!(
            "   pid {pid}({process}): [0x{:016x}] 00:04:{n:02} {kind} named: \"{name}\"  \n",
            0x3857_0001 + n
        ));
    }
    text.push_str("Kernel Assertions: 0x100=MAGICWAKE\n   id=555  level=255 0x100=MAGICWAKE creat=22/11/2026, 08:00 description=en0 owner=en0\nIdle sleep preventers: IODisplayWrangler\n");
    text
}

fn line(key: &str, value: &Value, holders: &[String], what: &str) -> String {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let note =
        if holders.is_empty() { String::new() } else { format!(" ({what} prevented by {})", holders.join(", ")) };
    format!(" {key:<20} {value}{note}\n")
}

/// `-a` sets every source, `-b` the battery, `-c` the charger; all of one call or nothing. A key that this hardware does not
/// have is taken without a word and changes nothing (not proven). Exit statuses of refusals are not proven.
pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let Some((source, pairs)) = call.args.split_first() else { return Ok(None) };
    let source = match *source {
        "-a" => None,
        "-b" => Some("Battery Power"),
        "-c" => Some("AC Power"),
        _ => return Ok(None),
    };
    if !call.is_root() {
        return ended(77, "'pmset' must be run as root...\n");
    }
    let mut settings = Vec::new();
    for pair in pairs.chunks(2) {
        let [key, value] = pair else { return Ok(None) };
        let known = *key == "destroyfvkeyonstandby" || CAPABILITIES.contains(key) || FURTHER.contains(key);
        let Some(number) = value.parse::<i64>().ok().filter(|number| known && *number >= 0) else { return Ok(None) };
        if (*key, number) == ("lowpowermode", 2) {
            let source = source.unwrap_or("Battery Power");
            return ended(1, format!("HighPowerMode not supported on {source}\n"));
        }
        settings.push((*key, number));
    }
    if settings.is_empty() {
        return Ok(None);
    }
    let power = &mut mac.state.power;
    for (key, number) in settings {
        if key == "destroyfvkeyonstandby" {
            power.destroy_key_on_standby = number;
            continue;
        }
        for table in power.sources.iter_mut().filter(|table| source.is_none_or(|name| name == table.name)) {
            if let Some(value) = table.settings.get_mut(key) {
                *value = number.into();
            }
        }
    }
    said("")
}
