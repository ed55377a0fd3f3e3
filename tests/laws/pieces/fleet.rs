//! Device management, the Jamf Pro client, power and radio.

use holdfast::sim::SimMac;
use serde_json::Value;

pub fn prior(_mac: &SimMac, _what: &str) -> Option<Value> {
    None
}

pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    let key = match id {
        "power_nap" => "powernap",
        "wake_on_network" => "womp",
        _ => return None,
    };
    let state = mac.state();
    Some(state.power.sources.iter().all(|source| source.settings.get(key).is_none_or(|is| *is == 0)))
}
