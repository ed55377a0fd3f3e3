//! Login window and accounts.

use holdfast::sim::SimMac;
use serde_json::{Value, json};

use crate::truths::in_file;

const LOGIN_WINDOW: &str = "/Library/Preferences/com.apple.loginwindow.plist";

pub fn prior(mac: &SimMac, what: &str) -> Option<Value> {
    let access = mac.state().access;
    Some(match what {
        "guest account" => (in_file(mac, LOGIN_WINDOW, "GuestEnabled") == true).into(),
        "authorization right system.login.screensaver" => access.screensaver_rule.into(),
        "AuthenticationAuthority of root" => access.root_authority.into(),
        _ => return None,
    })
}

pub fn holds(mac: &SimMac, id: &str) -> Option<bool> {
    let state = mac.state();
    let window = |key: &str| in_file(mac, LOGIN_WINDOW, key);
    let global = |key: &str| in_file(mac, "/Library/Preferences/.GlobalPreferences.plist", key);
    Some(match id {
        "automatic_login" => window("autoLoginUser").is_null(),
        "guest_account" => window("GuestEnabled") != true,
        "login_window_name_and_password" => window("SHOWFULLNAME") == true,
        "login_window_password_hints" => window("RetriesUntilHint") == 0,
        "filevault_automatic_login" => window("DisableFDEAutoLogin") == true,
        "login_window_host_info" => window("AdminHostInfo").is_null(),
        "login_window_message" => window("LoginwindowText") == json!("Property of Example Company."),
        "automatic_logout" => {
            global("com.apple.autologout.AutoLogOutDelay").as_i64().is_some_and(|idle| (1..=86_400).contains(&idle))
        }
        "screen_lock_session_owner_only" => state.access.screensaver_rule == "authenticate-session-owner",
        "root_account_disabled" => state.access.root_authority.is_empty(),
        "display_and_system_sleep" => state.power.sources.iter().all(|source| {
            let minutes = |key: &str| source.settings.get(key).and_then(Value::as_i64).unwrap_or(0);
            let (display, system) = (minutes("displaysleep"), minutes("sleep"));
            (1..=10).contains(&display) && (1..=15).contains(&system) && display <= system
        }),
        _ => return None,
    })
}
