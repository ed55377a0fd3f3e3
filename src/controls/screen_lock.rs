//! Locking the screen: whether a password is asked for, how soon, and when the screen saver starts.
//!
//! The state lives in each user's key bag. It is asked with `sysadminctl -screenLock status` in the console user's session;
//! a value in root's own preference domain says nothing, and the preference keys of before macOS 10.13 are inert.

use crate::control::people::{Domain, Stand};
use crate::control::preference::{number, shown};
use crate::control::{
    Aim, Area, Can, Control, Finding, Kind, Laxer, Level, Local, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::{dscl, stat, sysadminctl};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&PASSWORD_REQUIRED, &PASSWORD_DELAY, &IDLE_TIMEOUT, &LOGIN_WINDOW_IDLE];

const DOMAIN: &str = "com.apple.screensaver";
/// Forced for users, in some profiles.
const USER_DOMAIN: &str = "com.apple.screensaver.user";

/// The lock itself is in no file that can be watched (since macOS 10.13 it belongs to the user's keys): what profiles say
/// about it is, and each login brings another user's.
const LOCK_FILES: &[Watch] = &[Watch::Domain(DOMAIN), Watch::UserDomain(DOMAIN), Watch::Session];
const IDLE_FILES: &[Watch] = &[
    Watch::Domain(DOMAIN),
    Watch::UserDomain(DOMAIN),
    Watch::Domain(USER_DOMAIN),
    Watch::UserDomain(USER_DOMAIN),
    Watch::Session,
];

const PROFILE_ONLY: &[Variant] = &[Variant::everywhere(
    Can::DetectOnly,
    Remedy::Profile {
        payload: "com.apple.screensaver: askForPassword = true, askForPasswordDelay (seconds); or the declaration \
                  com.apple.configuration.passcode.settings, MaximumGracePeriodInMinutes",
    },
)];

static PASSWORD_REQUIRED: Control = Control {
    id: "screen_lock_password_required",
    title: "A password is asked for when the screen saver ends or the display wakes",
    why: "Whoever walks up to an unattended Mac must not find an open session.",
    check: "sysadminctl -screenLock status, in the console user's session and as that user",
    refs: Refs {
        cis_macos: &[(26, "2.11.2")],
        cis_v8: &["4.7"],
        nist_800_53r5: &["AC-11"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000002"), (15, "APPL-15-000002"), (26, "APPL-26-000002")],
        mscp: Some("system_settings_screensaver_password_enforce"),
        cis_level: Some(1),
    },
    user_impact: "A password prompt (or Touch ID, Apple Watch) at every wake.",
    watches: LOCK_FILES,
    variants: PROFILE_ONLY,
    probe: |view| {
        let (user, lock) = screen_lock(view)?;
        let wanted = "a password is required";
        Ok(match lock.delay_seconds {
            _ if !lock.required => Finding::drifted(format!("no password is required ({user})"), wanted),
            // Apple writes the largest 32-bit number for "never".
            Some(delay) if delay.value() >= NEVER => {
                Finding::drifted(format!("a password is never required ({user})"), wanted)
            }
            _ => Finding::compliant(format!("a password is required ({user})")),
        })
    },
    ..Control::of(Area::ScreenLock, Level::L1, Severity::High)
};

/// A delay of this many seconds or more means "never" (`2147483647` in `askForPasswordDelay`).
const NEVER: f64 = 2_147_483_647.0;

static DELAY: Setting = Setting {
    key: "MaximumDelay",
    doc: "Longest time between the screen saver's start (or display sleep) and the password being required.",
    kind: Kind::Integer { default: 5, min: 0, max: 3600, unit: "seconds" },
    laxer: Laxer::Higher,
};

static PASSWORD_DELAY: Control = Control {
    id: "screen_lock_password_delay",
    title: "The password is asked for soon after the screen saver starts or the display sleeps",
    why: "During the grace period anybody can wake the Mac into the open session.",
    check: "sysadminctl -screenLock status, in the console user's session and as that user",
    refs: Refs {
        cis_macos: &[(14, "2.10.2"), (15, "2.11.2"), (26, "2.11.2")],
        cis_v8: &["4.7"],
        nist_800_53r5: &["AC-11"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000003"), (15, "APPL-15-000003"), (26, "APPL-26-000003")],
        mscp: Some("system_settings_screensaver_ask_for_password_delay_enforce"),
        cis_level: Some(1),
    },
    user_impact: "The Mac locks sooner.",
    settings: &[&DELAY],
    watches: LOCK_FILES,
    variants: PROFILE_ONLY,
    probe: |view| {
        let (user, lock) = screen_lock(view)?;
        let limit = view.settings.integer(&DELAY);
        let wanted = format!("after at most {limit} s");
        Ok(match lock.delay_seconds {
            _ if !lock.required => Finding::drifted(format!("no password is required ({user})"), wanted),
            None => {
                return Err(ToolError::Incomplete {
                    asked: "sysadminctl -screenLock status".into(),
                    lacks: "the delay".into(),
                });
            }
            Some(delay) => Finding::judge(
                delay.value() <= limit as f64,
                format!("a password is required after {delay} s ({user})"),
                wanted,
            ),
        })
    },
    ..Control::of(Area::ScreenLock, Level::L1, Severity::Medium)
};

static IDLE: Setting = Setting {
    key: "MaximumIdle",
    doc: "Longest time without input before the screen saver starts. 0 (never) is never compliant.",
    kind: Kind::Integer { default: 900, min: 60, max: 7200, unit: "seconds" },
    laxer: Laxer::Higher,
};

static IDLE_TIMEOUT: Control = Control {
    id: "screen_lock_idle_timeout",
    title: "The screen saver starts after a bounded time without input",
    why: "A Mac left alone must lock by itself.",
    check: "For every user, the idle time that profiles force in com.apple.screensaver and com.apple.screensaver.user, for the \
            Mac and for the user: each must be in bounds, since which of them wins is not known. Otherwise the user's own idleTime \
            of com.apple.screensaver for this Mac, ~/Library/Preferences/ByHost/com.apple.screensaver.UUID.plist",
    refs: Refs {
        cis_macos: &[(14, "2.10.1"), (15, "2.11.1"), (26, "2.11.1")],
        cis_v8: &["4.3"],
        nist_800_53r5: &["AC-11", "IA-11"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000070"), (15, "APPL-15-000070"), (26, "APPL-26-000070")],
        mscp: Some("system_settings_screensaver_timeout_enforce"),
        cis_level: Some(1),
    },
    user_impact: "The screen saver starts sooner.",
    settings: &[&IDLE],
    watches: IDLE_FILES,
    variants: &[Variant::everywhere(
        Can::UserContext,
        Remedy::Profile {
            payload: "com.apple.screensaver or com.apple.screensaver.user: idleTime (seconds). Root could write it in the user's \
                      session, where the user can move it back: this agent does not, because only a profile holds it",
        },
    )
    .of_each_user()],
    probe: |view| {
        let limit = view.settings.integer(&IDLE);
        let wanted = format!("between 1 and {limit} s");
        let for_all = forced_idle(view, None)?;
        view.each_person(wanted, |person| {
            let forced = [for_all.clone(), forced_idle(view, Some(&person.name))?].concat();
            let (seconds, whose) = match deciding(&forced, limit) {
                Some((seconds, whose)) => (*seconds, whose.as_str()),
                None => match IDLE_DOMAIN.own(view, person, IDLE_KEY, false)? {
                    None => return Ok(Stand { holds: false, seen: "not set".to_owned() }),
                    Some(value) => {
                        let read = number(&value);
                        let asked = || format!("{DOMAIN} {IDLE_KEY} of {}", person.name);
                        (read.map_err(|why| ToolError::from_misread(asked(), None, why))?, "set by the user")
                    }
                },
            };
            Ok(Stand { holds: (1..=limit).contains(&seconds), seen: idle_words(seconds, whose) })
        })
    },
    ..Control::of(Area::ScreenLock, Level::L1, Severity::Medium)
};

const IDLE_KEY: &str = "idleTime";
const IDLE_DOMAIN: Domain = Domain { name: DOMAIN, by_host: true };

/// The first forced time that is out of bounds, otherwise the first.
fn deciding(forced: &[(i64, String)], limit: i64) -> Option<&(i64, String)> {
    forced.iter().find(|(seconds, _)| !(1..=limit).contains(seconds)).or(forced.first())
}

/// What profiles force, in seconds, and for whom: for the Mac, or for one user.
fn forced_idle(view: &View<'_>, user: Option<&str>) -> Result<Vec<(i64, String)>, ToolError> {
    let mut found = Vec::new();
    for domain in [DOMAIN, USER_DOMAIN] {
        let (value, whom) = match user {
            None => (view.forced(domain, IDLE_KEY)?, "the Mac"),
            Some(user) => (view.forced_for(user, domain, IDLE_KEY)?, user),
        };
        let Some(value) = value else { continue };
        let seconds = number(&value)
            .map_err(|why| ToolError::from_misread(format!("forced {domain} {IDLE_KEY} for {whom}"), None, why))?;
        found.push((seconds, format!("forced for {whom} by a profile")));
    }
    Ok(found)
}

fn idle_words(seconds: i64, whose: &str) -> String {
    if seconds == 0 { format!("never, {whose}") } else { format!("{seconds} s, {whose}") }
}

fn judge_idle(seconds: i64, limit: i64, whose: &str, wanted: String) -> Finding {
    Finding::judge((1..=limit).contains(&seconds), idle_words(seconds, whose), wanted)
}

static WINDOW_IDLE: Setting = Setting {
    key: "MaximumIdle",
    doc: "Longest time without input before the screen saver starts at the login window. 0 (never) is never compliant.",
    kind: Kind::Integer { default: 1200, min: 60, max: 7200, unit: "seconds" },
    laxer: Laxer::Higher,
};

const WINDOW_KEY: &str = "loginWindowIdleTime";

static LOGIN_WINDOW_IDLE: Control = Control {
    id: "screen_lock_login_window_idle",
    title: "The screen saver starts at the login window after a bounded time",
    why: "The login window shows account names; they need not stand on the screen for ever.",
    check: "loginWindowIdleTime of com.apple.screensaver: what a profile forces, otherwise /Library/Preferences",
    refs: Refs { nist_800_53r5: &["AC-11"], soc2: &["CC6.1"], ..Refs::NONE },
    user_impact: "None while logged in.",
    settings: &[&WINDOW_IDLE],
    watches: &[Watch::Domain(DOMAIN)],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::sets("defaults write /Library/Preferences/com.apple.screensaver loginWindowIdleTime -int N", |view| {
            Local::new(DOMAIN, WINDOW_KEY, Aim::AtMost(&WINDOW_IDLE)).plan(view)
        }),
    )],
    probe: |view| {
        let limit = view.settings.integer(&WINDOW_IDLE);
        let wanted = format!("between 1 and {limit} s");
        let (value, whose) = match view.forced(DOMAIN, WINDOW_KEY)? {
            Some(value) => (Some(value), "forced by a profile"),
            None => (view.local(DOMAIN, WINDOW_KEY)?, "set locally"),
        };
        let Some(value) = value else { return Ok(Finding::drifted("not set", wanted)) };
        match number(&value) {
            Ok(seconds) => Ok(judge_idle(seconds, limit, whose, wanted)),
            Err(_) => Ok(Finding::drifted(format!("{}, {whose}", shown(&value)), wanted)),
        }
    },
    ..Control::of(Area::ScreenLock, Level::L1, Severity::Low)
};

fn screen_lock(view: &View<'_>) -> Result<(String, sysadminctl::ScreenLock), ToolError> {
    let user = console_user(view, "the screen lock")?;
    let lock = view.ask(&sysadminctl::screen_lock(user.uid))?;
    Ok((user.name, lock))
}

struct ConsoleUser {
    name: String,
    uid: u32,
}

/// Who sits at the Mac. Their user id comes from the directory, so that a name which only looks like an account is refused.
fn console_user(view: &View<'_>, what: &'static str) -> Result<ConsoleUser, ToolError> {
    let Some(name) = view.ask(&stat::console_user())?.console_user else { return Err(ToolError::NoSession { what }) };
    let account = view.ask(&dscl::users())?.into_iter().find(|account| account.name == name);
    match account.and_then(|account| u32::try_from(account.uid).ok()).filter(|uid| *uid != 0) {
        Some(uid) => Ok(ConsoleUser { name, uid }),
        None => Err(ToolError::Contradiction {
            what: format!("{name} owns the console, but the directory knows no such account"),
        }),
    }
}
