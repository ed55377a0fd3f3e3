//! Settings of each person.

use holdfast::sim::SimMac;
use serde_json::Value;

use crate::truths::in_file;

/// The priors name the persons' files, which are read as all files are.
pub fn prior(_mac: &SimMac, _what: &str) -> Option<Value> {
    None
}

pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    let state = mac.state();
    let uuid = &state.hardware.uuid;
    let everybodys = |file: &str, key: &str, good: &dyn Fn(&Value) -> bool| {
        let mut people = state.users.iter().filter(|user| user.uid >= 501 && !user.hidden);
        people.all(|user| good(&in_file(mac, &format!("{}/Library/Preferences/{file}.plist", user.home), key)))
    };
    let is_off = |value: &Value| value.is_null() || *value == false || *value == 0;
    Some(match id {
        "hot_corner_disables_screen_saver" => ["tl", "tr", "bl", "br"]
            .into_iter()
            .all(|corner| everybodys("com.apple.dock", &format!("wvous-{corner}-corner"), &|value| *value != 6)),
        "media_sharing" => ["home", "public"]
            .into_iter()
            .all(|kind| everybodys("com.apple.amp.mediasharingd", &format!("{kind}-sharing-enabled"), &is_off)),
        "bluetooth_sharing" => {
            everybodys(&format!("ByHost/com.apple.Bluetooth.{uuid}"), "PrefKeyServicesEnabled", &is_off)
        }
        "airplay_receiver" => {
            let file = format!("ByHost/com.apple.controlcenter.{uuid}");
            everybodys(&file, "AirplayRecieverEnabled", &|value| !value.is_null() && is_off(value))
        }
        "bluetooth_menu" => {
            everybodys(&format!("ByHost/com.apple.controlcenter.{uuid}"), "Bluetooth", &|value| *value == 18)
        }
        "terminal_secure_input" => everybodys("com.apple.Terminal", "SecureKeyboardEntry", &|value| *value == true),
        _ => return None,
    })
}
