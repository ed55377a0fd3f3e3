//! `sysadminctl`: screen lock, secure tokens, guests. Everything on standard error, each line as `NSLog` writes it.

use super::Machine;
use super::tools::{Call, Reply, complained, logged};

const LOGIN_WINDOW: &str = "/Library/Preferences/com.apple.loginwindow.plist";

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-screenLock", "status"] => say(&[screen_lock(mac, call.uid)]),
        ["-secureTokenStatus", name] => match mac.state.user(name) {
            Some(user) => {
                let word = if user.secure_token { "ENABLED" } else { "DISABLED" };
                say(&[format!("Secure token is {word} for user {}", user.full_name)])
            }
            // The words for an account that does not exist are not proven.
            None => say(&[format!("Unknown user {name}")]),
        },
        ["-guestAccount", "status"] => {
            let login = mac.files.dictionary(LOGIN_WINDOW)?;
            let on = login.get("GuestEnabled").and_then(plist::Value::as_boolean).unwrap_or(false);
            say(&[format!("Guest account {}.", if on { "enabled" } else { "disabled" })])
        }
        ["-smbGuestAccess", "status"] => {
            let word = if mac.state.sharing.smb_guests { "enabled" } else { "disabled" };
            say(&[format!("SMB guest access {word}")])
        }
        ["-filesystem", "status"] => {
            let word = if mac.state.filevault.on { "YES" } else { "NO" };
            say(&["Boot volume CS FDE: NO".to_owned(), format!("Boot volume APFS FDE: {word}")])
        }
        _ => Ok(None),
    }
}

/// What the setter says is not proven; the state is kept as the preference that System Settings writes.
pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-guestAccount", state @ ("on" | "off")] if call.is_root() => {
            let mut login = mac.files.dictionary(LOGIN_WINDOW)?;
            login.insert("GuestEnabled".to_owned(), (*state == "on").into());
            mac.files.put(LOGIN_WINDOW, login)?;
            say(&[format!("Guest account {}.", if *state == "on" { "enabled" } else { "disabled" })])
        }
        ["-smbGuestAccess", word @ ("on" | "off")] if call.is_root() => {
            mac.state.sharing.smb_guests = *word == "on";
            let word = if mac.state.sharing.smb_guests { "enabled" } else { "disabled" };
            say(&[format!("SMB guest access {word}")])
        }
        _ => Ok(None),
    }
}

/// The setting of whoever asks. Root has none of its own (what it prints for root is not proven).
fn screen_lock(mac: &Machine, uid: Option<u32>) -> String {
    match uid.and_then(|uid| mac.state.user_by_id(uid)).and_then(|user| user.screen_lock_delay) {
        Some(0) => "screenLock delay is immediate".to_owned(),
        Some(seconds) => format!("screenLock delay is {seconds} seconds"),
        None => "screenLock is off".to_owned(),
    }
}

fn say(lines: &[String]) -> Reply {
    complained(0, lines.iter().map(|line| logged("sysadminctl", line)).collect::<String>())
}
