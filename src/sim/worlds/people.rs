//! Settings of each person.

use plist::Value;

use super::{Content, State};

/// A domain, whether it is for this Mac alone, a key, and its value in the weak and in the strong state.
type Own = (&'static str, bool, &'static str, fn() -> Value, fn() -> Value);

const OWN: [Own; 10] = [
    ("com.apple.screensaver", true, "idleTime", || 0.into(), || 300.into()),
    ("com.apple.dock", false, "wvous-tl-corner", || 6.into(), || 13.into()),
    ("com.apple.dock", false, "wvous-br-corner", || 6.into(), || 1.into()),
    ("com.apple.dock", false, "tilesize", || 48.into(), || 48.into()),
    ("com.apple.amp.mediasharingd", false, "home-sharing-enabled", || 1.into(), || 0.into()),
    ("com.apple.amp.mediasharingd", false, "public-sharing-enabled", || true.into(), || false.into()),
    ("com.apple.Bluetooth", true, "PrefKeyServicesEnabled", || true.into(), || false.into()),
    ("com.apple.controlcenter", true, "AirplayRecieverEnabled", || true.into(), || false.into()),
    ("com.apple.controlcenter", true, "Bluetooth", || 24.into(), || 18.into()),
    ("com.apple.Terminal", false, "SecureKeyboardEntry", || false.into(), || true.into()),
];

fn set(state: &State, content: &mut Content, name: &str, value: impl Fn(&Own) -> Value) {
    let Some(user) = state.user(name) else { return };
    for own in &OWN {
        let (domain, by_host, key, ..) = own;
        let path = if *by_host {
            format!("{}/Library/Preferences/ByHost/{domain}.{}.plist", user.home, state.hardware.uuid)
        } else {
            format!("{}/Library/Preferences/{domain}.plist", user.home)
        };
        content.set(&path, key, value(own));
    }
}

/// Everything in its weak state, for two people, one of them at the screen and one behind it.
pub fn neglected(state: &mut State, content: &mut Content) {
    state.behind.push("bob".into());
    for name in ["alice", "bob"] {
        set(state, content, name, |(.., weak, _)| weak());
    }
}

/// As unpacked.
pub fn factory(_state: &mut State, _content: &mut Content) {}

/// Everything as the controls want it.
pub fn hardened(state: &mut State, content: &mut Content) {
    for name in ["alice", "bob"] {
        set(state, content, name, |(.., strong)| strong());
    }
}
