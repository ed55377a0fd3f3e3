//! What else ends or opens a session: idle logout, sleep, who may unlock.

use crate::control::preference::RESTRICTIONS;
use crate::control::{
    Aim, Area, Can, Control, Finding, Forced, Kind, Laxer, Level, Local, Plan, Refs, Remedy, Setting, Severity, Step,
    Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::bioutil;
use crate::mac::security::{self, Right};

mod sleep;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&OWNER_ONLY, &TOUCH_ID, &AUTOMATIC_LOGOUT, &sleep::SLEEP];

/// The rule that takes the session's owner and nobody else.
const OWNER: &str = "authenticate-session-owner";

static OWNER_ONLY: Control = Control {
    id: "screen_lock_session_owner_only",
    title: "Only whoever locked the screen can unlock it",
    why: "Otherwise any administrator can walk into another person's open session.",
    check: "security authorizationdb read system.login.screensaver: the rule authenticate-session-owner, itself or in the rule of \
            Platform SSO that stands there (which is then read, too)",
    refs: Refs {
        cis_macos: &[(14, "5.7"), (15, "5.7"), (26, "5.7")],
        cis_v8: &["4.3"],
        nist_800_53r5: &["IA-2", "IA-2(5)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000090"), (15, "APPL-15-000090"), (26, "APPL-26-000090")],
        mscp: Some("os_unlock_active_user_session_disable"),
        cis_level: Some(1),
    },
    user_impact: "No administrator can unlock another person's screen. Touch ID unlocks it only where screenUnlockMode is 1 in \
                  com.apple.loginwindow, which a profile can set.",
    watches: &[Watch::File("/private/var/db/auth.db")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::Automatic {
            how: "security authorizationdb write system.login.screensaver authenticate-session-owner, where one plain rule stands \
                  there that can be put back by its name and is not Platform SSO's",
            plan: plan_owner,
            side_effects: "Touch ID stops unlocking the screen, unless screenUnlockMode is 1",
            all_or_nothing: false,
        },
    )],
    probe: |view| {
        let (rules, from) = match view.ask(&security::right(security::SCREENSAVER))? {
            Right::Rule { rules } => match sso(&rules) {
                Some(name) => match view.ask(&security::right(name))? {
                    Right::Rule { rules: inner } => (inner, format!(" in {name}")),
                    Right::User { .. } | Right::Other => (Vec::new(), format!(" in {name}")),
                },
                None => (rules, String::new()),
            },
            Right::User { .. } | Right::Other => (Vec::new(), String::new()),
        };
        let others =
            |rule: &&String| matches!(rule.as_str(), "authenticate-session-owner-or-admin" | "use-login-window-ui");
        // Beside the owner's, Platform SSO's rule has rules of its own, which take nobody else.
        let holds = if from.is_empty() {
            rules == [OWNER]
        } else {
            rules.iter().any(|rule| rule == OWNER) && !rules.iter().any(|rule| others(&rule))
        };
        let seen = if rules.is_empty() { "no rule".to_owned() } else { rules.join(", ") };
        Ok(Finding::judge(holds, format!("{seen}{from}"), OWNER))
    },
    ..Control::of(Area::ScreenLock, Level::L1, Severity::Medium)
};

/// The one rule that stands there, where it is Platform SSO's.
fn sso(rules: &[String]) -> Option<&str> {
    match rules {
        [one] if one.contains("psso") && security::is_rule_name(one) => Some(one),
        _ => None,
    }
}

fn plan_owner(view: &View<'_>) -> Result<Plan, ToolError> {
    let Right::Rule { rules } = view.ask(&security::right(security::SCREENSAVER))? else { return Err(unusual()) };
    if sso(&rules).is_some() {
        return Ok(Plan::Later { because: "Platform SSO's rule decides here, which is to be changed by hand".into() });
    }
    let [rule] = rules.as_slice() else { return Err(unusual()) };
    if !security::is_rule_name(rule) {
        return Err(unusual());
    }
    Ok(Plan::Now(vec![Step {
        change: security::set_screensaver(OWNER),
        undo: vec![security::set_screensaver(rule)],
        prior: [(security::screensaver_setting(), rule.as_str().into())].into(),
    }]))
}

/// What stands there is no single rule: some other software's, which could not be put back by a name.
fn unusual() -> ToolError {
    let what = format!("how to put back {}, which is more than one rule; it is left alone", security::SCREENSAVER);
    ToolError::Unsupported { what }
}

static FINGERPRINT: Forced = Forced::flag(RESTRICTIONS, "allowFingerprintForUnlock", false);

static TOUCH_ID: Control = Control {
    id: "touch_id_unlock",
    title: "Fingerprints do not unlock the screen",
    why: "For those whose rules forbid biometrics: a finger can be put to a sensor against its owner's will, a password cannot.",
    check: "allowFingerprintForUnlock of com.apple.applicationaccess, forced to false by a profile; otherwise bioutil \
            -r -s, by which they may be off for the whole Mac. What bioutil shows of a profile is not on record, so a \
            profile comes first",
    refs: Refs {
        nist_800_53r5: &["IA-5"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-002090"), (15, "APPL-15-002090"), (26, "APPL-26-002090")],
        mscp: Some("system_settings_biometric_disable"),
        ..Refs::NONE
    },
    user_impact: "People type their password each time.",
    watches: &[Watch::Domain(RESTRICTIONS)],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::Profile {
            payload: "com.apple.applicationaccess: allowFingerprintForUnlock = false. bioutil -w -s -u 0 is said to do \
                      the same for the whole Mac; that it still does on macOS 26 is nowhere confirmed, so this agent \
                      does not",
        },
    )],
    probe: |view| {
        let forced = FINGERPRINT.probe(view)?;
        let Finding::Drifted { seen, wanted } = forced else { return Ok(forced) };
        let allowed = view.ask(&bioutil::system())?;
        Ok(if allowed.functionality && allowed.unlock {
            Finding::drifted(format!("they do; {seen}"), wanted)
        } else {
            Finding::compliant("off for the whole Mac, as bioutil says")
        })
    },
    ..Control::of(Area::ScreenLock, Level::L3, Severity::Medium)
};

/// The preferences of everybody and every program on this Mac.
const GLOBAL: &str = ".GlobalPreferences";

static IDLE: Setting = Setting {
    key: "MaximumIdle",
    doc: "Longest time without input before the session is ended. 0 (never) is never compliant.",
    kind: Kind::Integer { default: 86_400, min: 180, max: 604_800, unit: "seconds" },
    laxer: Laxer::Higher,
};

static LOGOUT_KEY: Local = Local::new(GLOBAL, "com.apple.autologout.AutoLogOutDelay", Aim::AtMost(&IDLE));

static AUTOMATIC_LOGOUT: Control = Control {
    id: "automatic_logout",
    title: "A session that nobody uses is ended after a bounded time",
    why: "A session that stays open for days keeps its keys and its network access for whoever gets at the Mac.",
    check: "com.apple.autologout.AutoLogOutDelay of .GlobalPreferences: what a profile forces, otherwise /Library/Preferences",
    refs: Refs {
        nist_800_53r5: &["AC-2(5)", "AC-12"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000160"), (15, "APPL-15-000160"), (26, "APPL-26-000160")],
        mscp: Some("system_settings_automatic_logout_enforce"),
        ..Refs::NONE
    },
    user_impact: "Whoever leaves the Mac alone for that long is logged out; unsaved work can be lost, or holds the logout up.",
    disruptive: Some("people are logged out while work goes on unattended, and unsaved work can be lost"),
    settings: &[&IDLE],
    watches: &[Watch::Domain(GLOBAL)],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::sets(
            "defaults write /Library/Preferences/.GlobalPreferences com.apple.autologout.AutoLogOutDelay -int N",
            |view| LOGOUT_KEY.plan(view),
        ),
    )],
    probe: |view| LOGOUT_KEY.probe(view),
    ..Control::of(Area::ScreenLock, Level::L2, Severity::Medium)
};
