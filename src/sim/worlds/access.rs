//! The login window, accounts and who gets past.

use super::{Content, State};

const LOGIN_WINDOW: &str = "com.apple.loginwindow";
const GLOBAL: &str = ".GlobalPreferences";
const AUTO_LOGOUT: &str = "com.apple.autologout.AutoLogOutDelay";

/// Everything in its weak state.
pub fn neglected(state: &mut State, content: &mut Content) {
    // Both ways in which it occurs: set to the weak value, and never set.
    content.local(LOGIN_WINDOW, "autoLoginUser", "alice");
    content.local(LOGIN_WINDOW, "SHOWFULLNAME", 0);
    content.local(LOGIN_WINDOW, "RetriesUntilHint", 3);
    content.local(LOGIN_WINDOW, "AdminHostInfo", "HostName");
    content.local(GLOBAL, AUTO_LOGOUT, 0);
    let access = &mut state.access;
    access.screensaver_rule = "authenticate-session-owner-or-admin".into();
    access.root_authority = [
        ";ShadowHash;HASHLIST:<SALTED-SHA512-PBKDF2,SRP-RFC5054-4096-SHA512-PBKDF2>",
        ";Kerberosv5;;root@LKDC:SHA1.5D1F0A7C3B9E;LKDC:SHA1.5D1F0A7C3B9E;",
    ]
    .map(str::to_owned)
    .into();
    access.hints = [("alice", "the usual one"), ("bob", "my first dog")]
        .map(|(name, hint)| (name.to_owned(), hint.to_owned()))
        .into();
    sleep_after(state, 0, 0);
}

/// As unpacked.
pub fn factory(_state: &mut State, _content: &mut Content) {}

/// Everything as the controls want it.
pub fn hardened(state: &mut State, content: &mut Content) {
    content.local(LOGIN_WINDOW, "SHOWFULLNAME", true);
    content.local(LOGIN_WINDOW, "RetriesUntilHint", 0);
    content.local(LOGIN_WINDOW, "DisableFDEAutoLogin", true);
    content.local(LOGIN_WINDOW, "LoginwindowText", "Property of Example Company.");
    content.local(GLOBAL, AUTO_LOGOUT, 3600);
    content.forced("com.apple.applicationaccess", "allowFingerprintForUnlock", false);
    let access = &mut state.access;
    access.screensaver_rule = "authenticate-session-owner".into();
    access.settings_rights.values_mut().for_each(|shared| *shared = false);
    // The hidden account of the help desk administers the Mac.
    for user in state.users.iter_mut().filter(|user| user.uid > 500 && !user.hidden) {
        user.admin = false;
    }
    sleep_after(state, 5, 10);
}

/// How many minutes without input until the display and the Mac sleep, on laptops with Apple silicon.
fn sleep_after(state: &mut State, display: i64, system: i64) {
    if state.apple_silicon() && state.hardware.form == super::Form::Laptop {
        super::set_power(state, &[("displaysleep", display), ("sleep", system)]);
    }
}
