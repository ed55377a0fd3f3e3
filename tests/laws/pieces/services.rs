//! Services, sharing and network.

use holdfast::sim::SimMac;
use holdfast::sim::state::State;
use serde_json::Value;

use crate::truths::in_file;

/// Whether launchd has a service that can be switched; `None` for another label.
fn is_loaded(state: &State, label: &str) -> Option<bool> {
    Some(match label {
        "com.apple.AEServer" => state.sharing.remote_apple_events,
        "com.apple.nfsd" => state.services.nfs_server,
        "com.apple.screensharing" => state.services.screen_sharing,
        "com.apple.smbd" => state.services.file_sharing,
        "com.apple.tftpd" => state.services.tftp_server,
        "com.apple.uucp" => state.services.uucp,
        "com.openssh.sshd" => state.sharing.remote_login,
        "org.apache.httpd" => state.services.web_server,
        _ => return None,
    })
}

fn is_disabled(state: &State, label: &str) -> Option<bool> {
    state.service_overrides.iter().find(|known| known.label == label).map(|known| known.disabled)
}

pub fn prior(mac: &SimMac, what: &str) -> Option<Value> {
    let state = mac.state();
    if let Some(label) = what.strip_prefix("launchd override ") {
        let word = |disabled| if disabled { "disabled" } else { "enabled" };
        return Some(is_disabled(&state, label).map_or(Value::Null, |disabled| word(disabled).into()));
    }
    if let Some(label) = what.strip_prefix("launchd job ") {
        return is_loaded(&state, label).map(Value::from);
    }
    Some(match what {
        "guest access over SMB" => state.sharing.smb_guests.into(),
        "printer sharing" => state.services.printer_sharing.into(),
        "content caching" => state.services.content_caching.into(),
        "network time" => state.sharing.network_time.into(),
        "network time server" => state.sharing.network_time_server.into(),
        _ => return None,
    })
}

pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    let state = mac.state();
    let off = |label: &str| is_loaded(&state, label) == Some(false) && is_disabled(&state, label) == Some(true);
    Some(match id {
        "web_server" => off("org.apache.httpd"),
        "nfs_server" => off("com.apple.nfsd"),
        "tftp_server" => off("com.apple.tftpd"),
        "uucp_service" => off("com.apple.uucp"),
        "remote_login" => off("com.openssh.sshd"),
        "remote_apple_events" => off("com.apple.AEServer"),
        "screen_sharing" => off("com.apple.screensharing"),
        "file_sharing" => off("com.apple.smbd"),
        "guest_shared_folders" => !state.sharing.smb_guests,
        "printer_sharing" => !state.services.printer_sharing,
        "content_caching" => !state.services.content_caching,
        "network_time" => state.sharing.network_time,
        "network_time_server" => state.sharing.network_time_server == "time.apple.com",
        "bonjour_advertising" => {
            let responder = "/Library/Preferences/com.apple.mDNSResponder.plist";
            in_file(mac, responder, "NoMulticastAdvertisements") == true
        }
        _ => return None,
    })
}
