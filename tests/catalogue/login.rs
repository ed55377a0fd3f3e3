//! Login window, accounts and sessions: which source decides, and what is left alone.

use holdfast::control::Plan;
use holdfast::host::Touch;
use holdfast::sim::SimMac;
use holdfast::sim::state::permissions::Mark;
use plist::Value;

use crate::cases::{Reworded, mac, plan, put, says};

const LOCAL: &str = "/Library/Preferences/com.apple.loginwindow.plist";
const FORCED: &str = "/Library/Managed Preferences/com.apple.loginwindow.plist";
const NAMES: &str = "login_window_name_and_password";
const OWNER: &str = "screen_lock_session_owner_only";

/// What the plan runs, one line for each step.
fn lines(plan: Plan) -> Vec<String> {
    let Plan::Now(steps) = plan else { panic!("{plan:?}") };
    steps.iter().map(|step| step.change.to_string()).collect()
}

#[test]
fn a_profile_decides_before_what_is_set_locally() {
    let mac = mac("factory@arm-laptop-26");
    for (value, word) in
        [(Value::from(true), "compliant"), ("YES".into(), "compliant"), (1.into(), "compliant"), (2.into(), "drifted")]
    {
        put(&mac, LOCAL, &[("SHOWFULLNAME", value)]);
        says(&mac, NAMES, word, "set locally");
    }
    put(&mac, LOCAL, &[("SHOWFULLNAME", true.into())]);
    put(&mac, FORCED, &[("SHOWFULLNAME", false.into())]);
    says(&mac, NAMES, "drifted", "false, forced by a profile");
    assert!(matches!(plan(&mac, NAMES), Plan::Managed { by } if by.contains("SHOWFULLNAME")));
}

#[test]
fn a_limit_takes_no_never_and_nothing_beyond_it() {
    const PATH: &str = "/Library/Preferences/.GlobalPreferences.plist";
    const KEY: &str = "com.apple.autologout.AutoLogOutDelay";
    let mac = mac("factory@arm-laptop-15");
    for (value, word) in [(0, "drifted"), (1, "compliant"), (86_400, "compliant"), (86_401, "drifted"), (-1, "drifted")]
    {
        put(&mac, PATH, &[(KEY, value.into())]);
        says(&mac, "automatic_logout", word, "set locally");
    }
}

#[test]
fn without_a_text_from_policy_there_is_no_message_to_hold() {
    says(&mac("hardened@arm-laptop-26"), "login_window_message", "not_applicable", "policy gives no text");
}

#[test]
fn from_macos_26_on_a_host_info_of_minus_1_is_none() {
    for (origin, word) in [("factory@arm-laptop-15", "drifted"), ("factory@arm-laptop-26", "compliant")] {
        let mac = mac(origin);
        says(&mac, "login_window_host_info", "compliant", "not set");
        put(&mac, FORCED, &[("AdminHostInfo", (-1).into())]);
        says(&mac, "login_window_host_info", word, "-1");
        put(&mac, FORCED, &[("AdminHostInfo", "HostName".into())]);
        says(&mac, "login_window_host_info", "drifted", "HostName");
    }
}

#[test]
fn a_password_left_by_automatic_login_is_told_and_left_to_a_person() {
    const ID: &str = "automatic_login";
    let mac = mac("neglected@arm-laptop-26");
    let leave = |state: &mut holdfast::sim::State| {
        state.permissions.marks.insert("/private/etc/kcpassword".into(), Mark::file(0, 0, 0o600));
    };
    mac.edit(leave).unwrap();
    says(&mac, ID, "drifted", "on: \"alice\", set locally; the password is left");
    let Plan::Now(steps) = plan(&mac, ID) else { panic!("nothing planned") };
    mac.touch(&steps[0].change).unwrap();
    says(&mac, ID, "drifted", "off, but the password is left");
    assert!(matches!(plan(&mac, ID), Plan::Later { because } if because.contains("kcpassword")));
}

#[test]
fn a_profile_on_guests_is_not_fought() {
    let mac = mac("neglected@arm-laptop-26");
    assert_eq!(lines(plan(&mac, "guest_account")), ["/usr/sbin/sysadminctl -guestAccount off"]);
    put(&mac, "/Library/Managed Preferences/com.apple.MCX.plist", &[("EnableGuestAccount", true.into())]);
    assert!(matches!(plan(&mac, "guest_account"), Plan::Managed { by } if by.contains("EnableGuestAccount")));
}

fn with_rule<'a>(mac: &'a SimMac, to: &'a str) -> Reworded<'a> {
    let from = "<string>authenticate-session-owner-or-admin</string>";
    Reworded { mac, program: "/usr/bin/security", from, to }
}

#[test]
fn only_the_owners_rule_alone_lets_nobody_else_unlock() {
    let mac = mac("neglected@arm-laptop-26");
    for (rule, word) in [
        ("<string>authenticate-session-owner</string>", "compliant"),
        ("<string>use-login-window-ui</string>", "drifted"),
        ("<string>authenticate-session-owner</string><string>allow</string>", "drifted"),
    ] {
        says(&with_rule(&mac, rule), OWNER, word, rule.split(['<', '>']).nth(2).unwrap());
    }
}

#[test]
fn what_stands_where_the_rule_does_and_has_no_name_to_go_back_to_stays() {
    let mac = mac("neglected@arm-laptop-26");
    mac.edit(|state| state.access.screensaver_rule = "psso-screensaver".into()).unwrap();
    assert!(matches!(plan(&mac, OWNER), Plan::Later { because } if because.contains("Platform SSO")));
    // The rule that Platform SSO put there is asked about; the simulated Mac has none.
    says(&mac, OWNER, "unknown", "psso-screensaver");
}

#[test]
fn root_stays_where_nobody_else_administers_the_mac() {
    const ID: &str = "root_account_disabled";
    let mac = mac("neglected@arm-laptop-26");
    assert_eq!(lines(plan(&mac, ID)), ["/usr/bin/dscl . -delete /Users/root AuthenticationAuthority"]);
    mac.edit(|state| state.users.iter_mut().filter(|user| user.uid > 500).for_each(|user| user.admin = false)).unwrap();
    assert!(matches!(plan(&mac, ID), Plan::Later { because } if because.contains("nobody but root")));
    mac.edit(|state| state.access.root_authority = vec![";DisabledUser;;ShadowHash;".into()]).unwrap();
    says(&mac, ID, "compliant", "disabled");
}

#[test]
fn sleep_is_changed_only_where_it_is_off() {
    const ID: &str = "display_and_system_sleep";
    let mac = mac("factory@arm-laptop-26");
    // As unpacked: the Mac would sleep before its display.
    says(&mac, ID, "drifted", "display 2 min, Mac 1 min (Battery Power); display 10 min, Mac 1 min (AC Power)");
    assert_eq!(lines(plan(&mac, ID)), ["/usr/bin/pmset -b sleep 15", "/usr/bin/pmset -c sleep 15"]);
    mac.edit(|state| {
        for (source, minutes) in state.power.sources.iter_mut().zip([(3, 4), (11, 0)]) {
            source.settings["displaysleep"] = minutes.0.into();
            source.settings["sleep"] = minutes.1.into();
        }
    })
    .unwrap();
    assert_eq!(lines(plan(&mac, ID)), ["/usr/bin/pmset -c displaysleep 10 sleep 15"]);
    put(
        &mac,
        "/Library/Managed Preferences/com.apple.MCX.plist",
        &[("com.apple.EnergySaver.portable.ACPower", plist::Dictionary::new().into())],
    );
    assert!(matches!(plan(&mac, ID), Plan::Managed { .. }));
}

#[test]
fn fingerprints_are_off_by_a_profile_or_for_the_whole_mac() {
    const ID: &str = "touch_id_unlock";
    says(&mac("hardened@arm-laptop-26"), ID, "compliant", "forced by a profile");
    let mac = mac("neglected@arm-laptop-26");
    says(&mac, ID, "drifted", "they do");
    mac.edit(|state| state.access.touch_id_unlock = false).unwrap();
    says(&mac, ID, "compliant", "as bioutil says");
}

#[test]
fn one_account_has_a_hint_and_several_have_one() {
    const ID: &str = "password_hints_removed";
    let mac = mac("neglected@arm-laptop-26");
    says(&mac, ID, "drifted", "alice, bob have one");
    mac.edit(|state| _ = state.access.hints.remove("alice")).unwrap();
    says(&mac, ID, "drifted", "bob has one");
}
