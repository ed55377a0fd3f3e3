//! Every key of policy that is not a control's own: one table, from which reading, documents and validation are made.

use crate::control::{Kind, Laxer, Setting};

const fn seconds(key: &'static str, doc: &'static str, default: i64, min: i64, max: i64, laxer: Laxer) -> Setting {
    Setting { key, doc, kind: Kind::Integer { default, min, max, unit: "seconds" }, laxer }
}

const fn minutes(key: &'static str, doc: &'static str, max: i64, laxer: Laxer) -> Setting {
    Setting { key, doc, kind: Kind::Integer { default: 0, min: 0, max, unit: "minutes" }, laxer }
}

/// A year, in seconds.
const YEAR: i64 = 366 * 86_400;
/// A day, in seconds.
const DAY: i64 = 86_400;

const fn interval(laxer: Laxer) -> Setting {
    seconds(
        "Interval",
        "How often, in seconds of real time that sleep does not stop; 0 is not by interval. It counts from when \
         the agent first saw this schedule.",
        0,
        0,
        YEAR,
        laxer,
    )
}

const fn times(laxer: Laxer) -> Setting {
    Setting { key: "Times", doc: "At these local times of day, HH:MM, every day.", kind: Kind::Times, laxer }
}

const fn cron(laxer: Laxer) -> Setting {
    let doc = "At the local times of this cron expression: second, minute, hour, day of the month, month, day of the week, and \
               perhaps year; empty is none.";
    Setting { key: "Cron", doc, kind: Kind::Cron, laxer }
}

/// `Interval` of a control. It stands in place of the check that the control would have, so that any may be weaker.
pub static INTERVAL: Setting = interval(Laxer::Any);
/// `Times` of a control.
pub static TIMES: Setting = times(Laxer::Any);
/// `Cron` of a control.
pub static CRON: Setting = cron(Laxer::Any);
/// `Interval` of `Schedule` and of `SignOut`, where it only adds: without it nothing more is done.
pub static ADDED_INTERVAL: Setting = interval(Laxer::Never);
/// `Times` of `Schedule` and of `SignOut`.
pub static ADDED_TIMES: Setting = times(Laxer::Never);
/// `Cron` of `Schedule` and of `SignOut`.
pub static ADDED_CRON: Setting = cron(Laxer::Never);
/// `CatchUp`.
pub static CATCH_UP: Setting = Setting {
    key: "CatchUp",
    doc: "What becomes of times that were missed: once makes one run up for all of them, skip lets them go. Both are on record.",
    kind: Kind::Choice { default: "once", words: &["once", "skip"] },
    laxer: Laxer::Any,
};
/// `Splay`.
pub static SPLAY: Setting = seconds(
    "Splay",
    "By up to how much later this Mac does it than the schedule says, so that not all Macs do it at once; always the same on \
     one Mac.",
    0,
    0,
    DAY,
    Laxer::Any,
);
/// What the schedule of a control is made of.
pub static TIMING: [&Setting; 5] = [&INTERVAL, &TIMES, &CRON, &CATCH_UP, &SPLAY];

/// `Schedule.CheckInterval`.
pub static CHECK_INTERVAL: Setting = seconds(
    "CheckInterval",
    "How often the daemon looks at the controls whose checks are cheap.",
    900,
    60,
    DAY,
    Laxer::Higher,
);
/// `Schedule.SlowCheckInterval`.
pub static SLOW_CHECK_INTERVAL: Setting = seconds(
    "SlowCheckInterval",
    "How often the daemon looks at the controls whose tools are slow.",
    3600,
    300,
    7 * DAY,
    Laxer::Higher,
);
/// `Schedule.BatteryFloor`.
pub static BATTERY_FLOOR: Setting = Setting {
    key: "BatteryFloor",
    doc: "On battery below this charge only the cheap checks run; 0 always runs all.",
    kind: Kind::Integer { default: 20, min: 0, max: 100, unit: "percent" },
    laxer: Laxer::Higher,
};

/// `Contested.Limit`.
pub static CONTESTED_LIMIT: Setting = Setting {
    key: "Limit",
    doc: "How often within a day a setting is mended before it is left contested.",
    kind: Kind::Integer { default: 5, min: 2, max: 20, unit: "times" },
    laxer: Laxer::Lower,
};
/// `Contested.FirstDelay`.
pub static CONTESTED_FIRST_DELAY: Setting = seconds(
    "FirstDelay",
    "How long the agent waits before it mends a setting a second time; each further time it waits twice as long, an hour at most.",
    10,
    1,
    3600,
    Laxer::Higher,
);
/// `Contested.RearmHours`.
pub static CONTESTED_REARM: Setting = Setting {
    key: "RearmHours",
    doc: "After how long a contested setting is tried again.",
    kind: Kind::Integer { default: 24, min: 1, max: 720, unit: "hours" },
    laxer: Laxer::Higher,
};

/// `SignOut.AtBoot`.
pub static AT_BOOT: Setting = Setting {
    key: "AtBoot",
    doc: "Sign out once after each start of the Mac, when somebody has logged in.",
    kind: Kind::Flag { default: false },
    laxer: Laxer::Never,
};
/// `SignOut.LoginDelay`.
pub static LOGIN_DELAY: Setting =
    seconds("LoginDelay", "How long after a login a sign-out that waited for it is made.", 60, 0, 3600, Laxer::Higher);
/// `SignOut.MinimumGap`.
pub static MINIMUM_GAP: Setting = seconds(
    "MinimumGap",
    "A time that falls this soon after a sign-out that was delivered counts as made by it.",
    300,
    0,
    DAY,
    Laxer::Higher,
);
/// `SignOut.RetryWindow`.
pub static RETRY_WINDOW: Setting = seconds(
    "RetryWindow",
    "For how long a sign-out that was refused is tried again, at growing distances.",
    900,
    0,
    DAY,
    Laxer::Lower,
);
/// `SignOut.ConfirmWithin`.
pub static CONFIRM_WITHIN: Setting = seconds(
    "ConfirmWithin",
    "How long the VPN service may take to go down after a sign-out before that is called unconfirmed.",
    30,
    1,
    600,
    Laxer::Never,
);
/// `SignOut.LaunchApp`.
pub static LAUNCH_APP: Setting = Setting {
    key: "LaunchApp",
    doc: "Whether a Jamf Trust that is not running is started for its sign-out.",
    kind: Kind::Flag { default: true },
    laxer: Laxer::False,
};
/// `SignOut.NoticeMinutes`.
pub static NOTICE_MINUTES: Setting =
    minutes("NoticeMinutes", "How long before a sign-out the user is told; 0 tells nobody.", 60, Laxer::Never);
/// `SignOut.NoticeText`.
pub static NOTICE_TEXT: Setting = Setting {
    key: "NoticeText",
    doc: "What the notice says; empty is the built-in text. {minutes} stands for how long is left.",
    kind: Kind::Text { default: "" },
    laxer: Laxer::Never,
};
/// `SignOut.Deferrals`.
pub static DEFERRALS: Setting = Setting {
    key: "Deferrals",
    doc: "How often the user may put one sign-out off; asked by swiftDialog alone, as Notification Center takes no answer.",
    kind: Kind::Integer { default: 0, min: 0, max: 20, unit: "times" },
    laxer: Laxer::Higher,
};
/// `SignOut.DeferralMinutes`.
pub static DEFERRAL_MINUTES: Setting = Setting {
    key: "DeferralMinutes",
    doc: "For how long the user puts it off each time.",
    kind: Kind::Integer { default: 30, min: 1, max: 480, unit: "minutes" },
    laxer: Laxer::Higher,
};
/// `SignOut.HoldMinutes`.
pub static HOLD_MINUTES: Setting = minutes(
    "HoldMinutes",
    "For how long at most a sign-out waits while a call or presentation keeps the display awake; 0 does not wait.",
    480,
    Laxer::Higher,
);
/// `SignOut.CompatibilityLog`.
pub static COMPATIBILITY_LOG: Setting = Setting {
    key: "CompatibilityLog",
    doc: "Whether each delivered sign-out is a line of the log that the original script's extension attribute reads.",
    kind: Kind::Flag { default: true },
    laxer: Laxer::False,
};
/// `SignOut.CompatibilityLogPath`.
pub static COMPATIBILITY_LOG_PATH: Setting = Setting {
    key: "CompatibilityLogPath",
    doc: "Where that log is.",
    kind: Kind::Path { default: "/Library/Logs/JamfTrustSignOut.log" },
    laxer: Laxer::Any,
};
/// `SignOut.CompatibilityLogSize`.
pub static COMPATIBILITY_LOG_SIZE: Setting = Setting {
    key: "CompatibilityLogSize",
    doc: "Size at which that log is put aside and begun anew with its last line.",
    kind: Kind::Integer { default: 256 << 10, min: 1 << 10, max: 2 << 20, unit: "bytes" },
    laxer: Laxer::Never,
};

/// `Ledger.MaximumSegmentSize`.
pub static MAXIMUM_SEGMENT_SIZE: Setting = Setting {
    key: "MaximumSegmentSize",
    doc: "Size at which the compliance log begins a new segment.",
    kind: Kind::Integer { default: 10 << 20, min: 64 << 10, max: 1 << 30, unit: "bytes" },
    laxer: Laxer::Never,
};
/// `Ledger.RetentionDays`.
pub static RETENTION_DAYS: Setting = Setting {
    key: "RetentionDays",
    doc: "Days after which whole segments of the compliance log are removed; 0 keeps them for ever.",
    kind: Kind::Integer { default: 365, min: 0, max: 3650, unit: "days" },
    laxer: Laxer::Lower,
};

/// A dictionary of policy beside `Controls`.
#[derive(Debug)]
pub struct Section {
    /// Its key.
    pub name: &'static str,
    /// What it is about, as one sentence.
    pub doc: &'static str,
    /// Its keys.
    pub settings: &'static [&'static Setting],
}

/// How the compliance log is kept.
pub static LEDGER: Section = Section {
    name: "Ledger",
    doc: "How the compliance log is kept.",
    settings: &[&MAXIMUM_SEGMENT_SIZE, &RETENTION_DAYS],
};
/// When the daemon looks.
pub static SCHEDULE: Section = Section {
    name: "Schedule",
    doc: "When the daemon looks. Interval, Times and Cron add passes over everything to the two checks.",
    settings: &[
        &CHECK_INTERVAL,
        &SLOW_CHECK_INTERVAL,
        &BATTERY_FLOOR,
        &ADDED_INTERVAL,
        &ADDED_TIMES,
        &ADDED_CRON,
        &CATCH_UP,
        &SPLAY,
    ],
};
/// What is done about a setting that comes back.
pub static CONTESTED: Section = Section {
    name: "Contested",
    doc: "What is done about a setting that somebody keeps setting back.",
    settings: &[&CONTESTED_LIMIT, &CONTESTED_FIRST_DELAY, &CONTESTED_REARM],
};
/// Jamf Trust's periodic sign-out.
pub static SIGN_OUT: Section = Section {
    name: "SignOut",
    doc: "When and how users are signed out of Jamf Trust. Without Interval, Times, Cron or AtBoot nobody is.",
    settings: &[
        &ADDED_INTERVAL,
        &ADDED_TIMES,
        &ADDED_CRON,
        &AT_BOOT,
        &CATCH_UP,
        &SPLAY,
        &LOGIN_DELAY,
        &MINIMUM_GAP,
        &RETRY_WINDOW,
        &CONFIRM_WITHIN,
        &LAUNCH_APP,
        &NOTICE_MINUTES,
        &NOTICE_TEXT,
        &DEFERRALS,
        &DEFERRAL_MINUTES,
        &HOLD_MINUTES,
        &COMPATIBILITY_LOG,
        &COMPATIBILITY_LOG_PATH,
        &COMPATIBILITY_LOG_SIZE,
    ],
};

/// All of them, in the order that documents have.
pub static SECTIONS: [&Section; 4] = [&LEDGER, &SCHEDULE, &CONTESTED, &SIGN_OUT];
