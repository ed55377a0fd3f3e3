//! What policy says about sign-outs, as lengths of time and plain values.

use std::path::PathBuf;

use chrono::TimeDelta;

use crate::control::{Setting, Settings};
use crate::policy::{Policy, tables};

/// The section `SignOut` of policy, beside its schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long after a login a sign-out that waited for it is made.
    pub login_delay: TimeDelta,
    /// Times within this after a delivered sign-out count as made by it.
    pub minimum_gap: TimeDelta,
    /// For how long after the first refusal it is tried again.
    pub retry_window: TimeDelta,
    /// How long the VPN may take to go down.
    pub confirm_within: TimeDelta,
    /// Whether an app that does not run is started for it.
    pub launch_app: bool,
    /// How long before it the user is told; zero tells nobody.
    pub notice: TimeDelta,
    /// What the notice says; empty is the built-in text.
    pub notice_text: String,
    /// How often the user may put one sign-out off.
    pub deferrals: u32,
    /// For how long each time.
    pub deferral: TimeDelta,
    /// For how long at most it waits while a call or presentation is on; zero does not wait.
    pub hold: TimeDelta,
    /// The compatibility log; `None` where policy has it off.
    pub log: Option<Log>,
}

/// The log that the original's extension attribute reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Where it is on the Mac, an absolute path.
    pub path: PathBuf,
    /// Its size, in bytes, at which it is put aside.
    pub size: usize,
}

impl Config {
    /// What `policy` says.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::from(policy.section(&tables::SIGN_OUT).as_ref())
    }
}

impl From<&Settings> for Config {
    fn from(settings: &Settings) -> Self {
        // Every number has bounds in the table, far below those of the types.
        let seconds = |setting: &Setting| TimeDelta::seconds(settings.integer(setting));
        let minutes = |setting: &Setting| TimeDelta::minutes(settings.integer(setting));
        let log = settings.flag(&tables::COMPATIBILITY_LOG).then(|| Log {
            path: PathBuf::from(settings.text(&tables::COMPATIBILITY_LOG_PATH)),
            size: usize::try_from(settings.integer(&tables::COMPATIBILITY_LOG_SIZE)).unwrap_or(0),
        });
        Self {
            login_delay: seconds(&tables::LOGIN_DELAY),
            minimum_gap: seconds(&tables::MINIMUM_GAP),
            retry_window: seconds(&tables::RETRY_WINDOW),
            confirm_within: seconds(&tables::CONFIRM_WITHIN),
            launch_app: settings.flag(&tables::LAUNCH_APP),
            notice: minutes(&tables::NOTICE_MINUTES),
            notice_text: settings.text(&tables::NOTICE_TEXT),
            deferrals: u32::try_from(settings.integer(&tables::DEFERRALS)).unwrap_or(0),
            deferral: minutes(&tables::DEFERRAL_MINUTES),
            hold: minutes(&tables::HOLD_MINUTES),
            log,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Value;

    #[test]
    fn without_policy_nobody_is_told_and_the_log_is_where_the_original_had_it() {
        let config = Config::of(&Policy::built_in(&[]));
        let log = Log { path: "/Library/Logs/JamfTrustSignOut.log".into(), size: 256 << 10 };
        let expected = Config {
            login_delay: TimeDelta::seconds(60),
            minimum_gap: TimeDelta::minutes(5),
            retry_window: TimeDelta::minutes(15),
            confirm_within: TimeDelta::seconds(30),
            launch_app: true,
            notice: TimeDelta::zero(),
            notice_text: String::new(),
            deferrals: 0,
            deferral: TimeDelta::minutes(30),
            hold: TimeDelta::zero(),
            log: Some(log),
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn each_key_reaches_its_field() {
        let mut settings = Settings::default();
        for (setting, number) in [
            (&tables::LOGIN_DELAY, 1),
            (&tables::MINIMUM_GAP, 2),
            (&tables::RETRY_WINDOW, 3),
            (&tables::CONFIRM_WITHIN, 4),
            (&tables::NOTICE_MINUTES, 5),
            (&tables::DEFERRALS, 6),
            (&tables::DEFERRAL_MINUTES, 7),
            (&tables::HOLD_MINUTES, 8),
            (&tables::COMPATIBILITY_LOG_SIZE, 2048),
        ] {
            settings.set(setting, Value::Integer(number));
        }
        settings.set(&tables::LAUNCH_APP, Value::Flag(false));
        settings.set(&tables::NOTICE_TEXT, Value::Text("soon".into()));
        settings.set(&tables::COMPATIBILITY_LOG_PATH, Value::Text("/a/b".into()));
        let expected = Config {
            login_delay: TimeDelta::seconds(1),
            minimum_gap: TimeDelta::seconds(2),
            retry_window: TimeDelta::seconds(3),
            confirm_within: TimeDelta::seconds(4),
            launch_app: false,
            notice: TimeDelta::minutes(5),
            notice_text: "soon".into(),
            deferrals: 6,
            deferral: TimeDelta::minutes(7),
            hold: TimeDelta::minutes(8),
            log: Some(Log { path: "/a/b".into(), size: 2048 }),
        };
        assert_eq!(Config::from(&settings), expected);
        settings.set(&tables::COMPATIBILITY_LOG, Value::Flag(false));
        assert_eq!(Config::from(&settings).log, None);
    }
}
