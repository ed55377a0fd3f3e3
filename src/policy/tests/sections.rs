//! The dictionaries beside `Controls`, and the schedules of controls.

use super::*;
use crate::agent::Places;
use crate::control::{Setting, Value};
use crate::controls;
use crate::policy::tables::{
    COMPATIBILITY_LOG_PATH, CRON, INTERVAL, LEDGER, MAXIMUM_SEGMENT_SIZE, RETENTION_DAYS, SECTIONS, SIGN_OUT, Section,
    TIMES, TIMING,
};
use crate::policy::{LOCAL_FILE, Layer, MANAGED_FILE, Mode, Origin, validate};

/// A policy that says `given` in `section`.
fn within(section: &str, given: Plist) -> Plist {
    dict([(section, given)])
}

fn every_setting() -> impl Iterator<Item = (&'static Section, &'static Setting)> {
    SECTIONS.into_iter().flat_map(|section| section.settings.iter().map(move |setting| (section, *setting)))
}

fn as_plist(value: &Value) -> Plist {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(items) => list(&items.iter().map(String::as_str).collect::<Vec<_>>()),
        Value::Text(text) => text.as_str().into(),
    }
}

/// Values that fit a setting in every section and in every control, the default not among them.
fn others(setting: &Setting) -> Vec<Plist> {
    match &setting.kind {
        Kind::Integer { default, min, max, .. } => {
            [*min, *max].into_iter().filter(|number| number != default).map(Plist::from).collect()
        }
        Kind::Flag { default } => vec![(!default).into()],
        Kind::Versions { .. } => vec![list(&["14.1"])],
        Kind::Names => vec![list(&["ann"])],
        Kind::Times => vec![list(&["09:00"]), list(&["09:00", "13:30"])],
        Kind::Cron => vec!["0 0 9 * * MON-FRI".into()],
        Kind::Choice { default, words } => {
            words.iter().filter(|word| *word != default).map(|word| (*word).into()).collect()
        }
        Kind::Text { .. } => vec!["In {minutes} min".into()],
        Kind::Path { .. } => vec!["/Library/Logs/Other.log".into()],
    }
}

/// What must stand beside a value for it to count.
fn beside(setting: &Setting) -> Option<(&'static str, Plist)> {
    (setting.key == "Deferrals").then(|| ("NoticeMinutes", 5.into()))
}

#[test]
fn every_key_of_every_section_takes_effect() {
    for (section, setting) in every_setting() {
        let path = format!("{}.{}", section.name, setting.key);
        let default = Policy::built_in(&CATALOGUE);
        assert_eq!(row(&default, &path).from, Origin::Default, "{path}");
        for value in others(setting) {
            let given = [Some((setting.key, value.clone())), beside(setting)];
            let given = Plist::Dictionary(given.into_iter().flatten().map(|(key, v)| (key.to_owned(), v)).collect());
            let (policy, problems) = read_managed(&within(section.name, given));
            let row = row(&policy, &path);
            assert_eq!(problems, [], "{path}");
            assert_eq!((Some(&row.value), row.from, row.in_force), (as_row(&value).as_ref(), Origin::Managed, true));
            let said = &policy.sections[section.name];
            assert_eq!(as_plist(&said.settings.value(setting)), value, "{path}");
            assert_eq!(said.settings_from[setting.key], Origin::Managed, "{path}");
            assert_eq!(policy.section(section).value(setting), said.settings.value(setting));
            assert_ne!(policy.digest(), default.digest(), "{path}");
        }
    }
}

#[test]
fn a_section_without_a_word_has_its_defaults() {
    let policy = Policy::built_in(&CATALOGUE);
    assert_eq!(policy.sections.len(), SECTIONS.len());
    for (section, setting) in every_setting() {
        assert_eq!(policy.section(section).value(setting), setting.default());
        assert_eq!(policy.sections[section.name].settings_from.len(), section.settings.len());
    }
}

#[test]
fn the_tables_agree_with_themselves() {
    for (section, setting) in every_setting() {
        let path = format!("{}.{}", section.name, setting.key);
        assert_eq!(setting.objection(&setting.default()), None, "{path}");
        assert!(setting.doc.ends_with('.') && setting.doc.trim() == setting.doc, "{path}");
        assert_eq!(section.settings.iter().filter(|other| other.key == setting.key).count(), 1, "{path}");
        // A default that says something must be one that the same words in a file would make.
        let (policy, problems) =
            read_managed(&within(section.name, dict([(setting.key, as_plist(&setting.default()))])));
        assert_eq!((problems, policy.digest()), (vec![], Policy::built_in(&CATALOGUE).digest()), "{path}");
    }
    let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    assert_eq!(names, ["Ledger", "Schedule", "Contested", "SignOut"]);
    for control in controls::all() {
        for timing in TIMING {
            assert!(control.settings.iter().all(|own| own.key != timing.key), "{} has {}", control.id, timing.key);
        }
    }
}

#[test]
fn the_ledger_is_a_section_like_the_others() {
    let given = dict([("RetentionDays", 700.into()), ("MaximumSegmentSize", 70_000.into())]);
    let (policy, _) = read_managed(&within("Ledger", given));
    assert_eq!((policy.ledger.retention_days, policy.ledger.max_segment_bytes), (700, 70_000));
    assert_eq!(policy.ledger.retention_days_from, Origin::Managed);
    assert_eq!(policy.section(&LEDGER).integer(&RETENTION_DAYS), 700);
    assert_eq!(policy.section(&LEDGER).integer(&MAXIMUM_SEGMENT_SIZE), 70_000);
}

#[test]
fn bad_values_leave_the_default_and_are_problems() {
    let real = Plist::Array(vec!["09:00".into(), 9.5.into()]);
    for (section, key, value, why) in [
        ("Schedule", "CheckInterval", 59.into(), "59 is not between 60 and 86400 seconds"),
        ("Schedule", "Times", "09:00".into(), "expected a list of local times of day, HH:MM, found a string"),
        ("Schedule", "Times", real, "expected a string as item 2, found a real number"),
        ("Schedule", "Times", list(&["9:00"]), "\"9:00\" is not a time of day between 00:00 and 23:59"),
        ("Schedule", "Times", list(&["09:00", "09:00"]), "09:00 is named more than once"),
        ("Schedule", "Cron", list(&["0 0 9 * * *"]), "expected a cron expression with seconds first, found an array"),
        ("Schedule", "Cron", "0 9 * * *".into(), "has 5 fields where six belong"),
        ("Schedule", "CatchUp", "Once".into(), "\"Once\" is none of once, skip"),
        ("Schedule", "CatchUp", true.into(), "expected a word, found a boolean"),
        ("Contested", "Limit", 1.into(), "1 is not between 2 and 20 times"),
        ("SignOut", "AtBoot", 1.into(), "expected true or false, found an integer"),
        ("SignOut", "NoticeText", "a\nb".into(), "it has control characters"),
        ("SignOut", "NoticeText", Plist::Data(vec![0]), "expected a text, found data"),
        ("SignOut", "CompatibilityLogPath", "a.log".into(), "\"a.log\" is not the absolute path of a file"),
        ("SignOut", "CompatibilityLogPath", 1.into(), "expected the absolute path of a file, found an integer"),
    ] {
        let path = format!("{section}.{key}");
        let (policy, problems) = read_managed(&within(section, dict([(key, value)])));
        assert_eq!((paths(&problems), row(&policy, &path).from), (vec![path.as_str()], Origin::Default), "{why}");
        assert!(problems[0].what.contains(why), "{path}: {:?} lacks {why:?}", problems[0].what);
        assert!(problems[0].what.contains("; default value in force: "), "{:?}", problems[0].what);
    }
}

#[test]
fn unknown_keys_suggest_the_nearest() {
    for (given, path, what) in [
        (within("Shedule", dict([])), "Shedule", "there is no key \"Shedule\" (did you mean Schedule?); ignored"),
        (
            within("SignOut", dict([("Intervall", 1.into())])),
            "SignOut.Intervall",
            "there is no key \"Intervall\" (did you mean Interval?); ignored",
        ),
        (
            within("Contested", dict([("Interval", 1.into())])),
            "Contested.Interval",
            "there is no key \"Interval\"; ignored",
        ),
        (
            about("plain_on", dict([("Intervals", 1.into())])),
            "Controls.plain_on.Intervals",
            "there is no key \"Intervals\" (did you mean Interval?); ignored",
        ),
        (within("SignOut", true.into()), "SignOut", "expected a dictionary, found a boolean; ignored"),
        (dict([("Interval", 900.into())]), "Interval", "there is no key \"Interval\"; ignored"),
    ] {
        let (policy, problems) = read_managed(&given);
        assert_eq!((paths(&problems), problems[0].what.as_str()), (vec![path], what));
        assert_eq!(policy.digest(), Policy::built_in(&CATALOGUE).digest());
    }
}

#[test]
fn a_control_has_a_schedule_of_its_own() {
    let given = dict([
        ("Interval", 7200.into()),
        ("Times", list(&["09:00"])),
        ("Cron", "0 0 12 * * *".into()),
        ("CatchUp", "skip".into()),
        ("Splay", 60.into()),
        ("Seconds", 30.into()),
    ]);
    let (policy, problems) = read_managed(&about("rule_plain_enable", given));
    assert_eq!(problems, []);
    let own = policy.of(&PLAIN);
    assert_eq!((own.settings.integer(&INTERVAL), own.settings.list(&TIMES)), (7200, vec!["09:00".to_owned()]));
    assert_eq!(own.settings.text(&CRON), "0 0 12 * * *");
    for timing in TIMING {
        assert_eq!(row(&policy, &format!("Controls.plain_on.{}", timing.key)).from, Origin::Managed);
        assert_eq!(own.settings_from[timing.key], Origin::Managed);
    }
    assert_eq!(own.settings_from.len(), SETTINGS.len() + TIMING.len());
    // To say when a control is looked at is not to name its mode.
    let (policy, _) = read_managed(&about("high_on", dict([("Interval", 7200.into())])));
    assert_eq!((policy.of(&HIGH).mode, policy.of(&HIGH).selected), (Mode::Enforce, false));
    assert!(!row(&policy, "Controls.high_on.Interval").in_force);
}

#[test]
fn only_schedules_that_policy_sets_are_rows() {
    let of_plain = |policy: &Policy| {
        let rows = policy.rows().into_iter().map(|row| row.key);
        rows.filter_map(|key| key.strip_prefix("Controls.plain_on.").map(str::to_owned)).collect::<Vec<_>>()
    };
    let own: Vec<&str> = std::iter::once("Mode").chain(SETTINGS.iter().map(|setting| setting.key)).collect();
    assert_eq!(of_plain(&Policy::built_in(&CATALOGUE)), own);
    let (policy, _) = read_managed(&about("plain_on", dict([("Interval", 0.into())])));
    assert_eq!(of_plain(&policy), [own, vec!["Interval"]].concat());
    // Said or not, it is the same schedule.
    assert_eq!(policy.digest(), Policy::built_in(&CATALOGUE).digest());
    let (policy, _) = read_managed(&about("plain_on", dict([("Interval", 3600.into())])));
    assert_ne!(policy.digest(), Policy::built_in(&CATALOGUE).digest());
}

#[test]
fn a_local_file_says_only_what_weakens_nothing_on_an_enrolled_mac() {
    let given = dict([
        (
            "Schedule",
            dict([("CheckInterval", 901.into()), ("SlowCheckInterval", 600.into()), ("Times", list(&["09:00"]))]),
        ),
        ("Contested", dict([("Limit", 4.into()), ("RearmHours", 1.into())])),
        ("SignOut", dict([("AtBoot", true.into()), ("CompatibilityLog", false.into()), ("Cron", "@daily".into())])),
        ("Controls", dict([("plain_on", dict([("Interval", 3600.into()), ("Mode", "enforce".into())]))])),
    ]);
    let weak = ["Schedule.CheckInterval", "Contested.Limit", "SignOut.CompatibilityLog", "Controls.plain_on.Interval"];
    let strong = [
        "Schedule.SlowCheckInterval",
        "Schedule.Times",
        "Contested.RearmHours",
        "SignOut.AtBoot",
        "SignOut.Cron",
        "Controls.plain_on.Mode",
    ];
    let (policy, problems) = read_both(None, Some(&given), &Enrolled::No);
    assert_eq!(problems, []);
    for key in weak.iter().chain(&strong) {
        assert_eq!(row(&policy, key).from, Origin::Local, "{key}");
    }
    for enrolled in [Enrolled::Yes, Enrolled::Unknown("x".to_owned())] {
        let (policy, problems) = read_both(None, Some(&given), &enrolled);
        let mut wanted = weak.to_vec();
        wanted.sort_unstable();
        assert_eq!(paths(&problems), wanted);
        assert!(problems.iter().all(|problem| problem.layer == Layer::Local));
        for key in strong {
            assert_eq!(row(&policy, key).from, Origin::Local, "{key}");
        }
        for key in &weak[..3] {
            assert_eq!(row(&policy, key).from, Origin::Default, "{key}");
        }
        assert!(policy.rows().iter().all(|row| row.key != "Controls.plain_on.Interval"));
    }
}

#[test]
fn a_value_that_only_counts_as_weaker_is_not_called_weaker() {
    let (_, problems) = read_both(None, Some(&about("plain_on", dict([("Interval", 3600.into())]))), &Enrolled::Yes);
    assert_eq!(
        problems[0].what,
        "3600 counts as weaker than 0, which only the managed layer may say on an enrolled Mac; \
         default value in force: 0"
    );
}

#[test]
fn schedules_that_come_too_often_are_refused() {
    let sign_out = |key, value: Plist| within("SignOut", dict([(key, value)]));
    let looks = |key: &str, value: &Plist| {
        [within("Schedule", dict([(key, value.clone())])), about("plain_on", dict([(key, value.clone())]))]
    };
    for (value, again) in [(1, "1 second"), (120, "120 seconds"), (299, "299 seconds")] {
        let (policy, problems) = read_managed(&sign_out("Interval", value.into()));
        let what = format!(
            "it is due again after {again}, and at least 300 seconds must lie between; default value in force: 0"
        );
        assert_eq!((paths(&problems), problems[0].what.as_str()), (vec!["SignOut.Interval"], what.as_str()));
        assert_eq!(policy.section(&SIGN_OUT).integer(&INTERVAL), 0);
    }
    for value in [0, 300, 28_800] {
        assert_eq!(validate(&xml(&sign_out("Interval", value.into())), &CATALOGUE), []);
    }
    for (cron, for_sign_outs, for_looks) in [
        ("* * * * * *", false, false),
        ("0,30 0 9 * * *", false, false),
        ("0 * * * * *", false, true),
        ("0 */4 * * * *", false, true),
        ("0 */5 * * * *", true, true),
        ("0 0 9 * * *", true, true),
    ] {
        let faults = validate(&xml(&sign_out("Cron", cron.into())), &CATALOGUE);
        assert_eq!(faults.is_empty(), for_sign_outs, "{cron}: {faults:?}");
        for look in looks("Cron", &cron.into()) {
            let faults = validate(&xml(&look), &CATALOGUE);
            assert_eq!(faults.is_empty(), for_looks, "{cron}: {faults:?}");
        }
    }
    for (value, good) in [(1, false), (59, false), (60, true)] {
        for look in looks("Interval", &value.into()) {
            assert_eq!(validate(&xml(&look), &CATALOGUE).is_empty(), good, "{value}");
        }
    }
}

#[test]
fn nobody_puts_off_what_nobody_is_told_of() {
    let sign_out = |notice: Option<Plist>, deferrals: i64| {
        let given = [notice.map(|value| ("NoticeMinutes", value)), Some(("Deferrals", deferrals.into()))];
        let given = given.into_iter().flatten().map(|(key, value)| (key.to_owned(), value)).collect();
        within("SignOut", Plist::Dictionary(given))
    };
    for (given, wanted) in [
        (sign_out(Some(5.into()), 3), vec![]),
        (sign_out(None, 0), vec![]),
        (sign_out(None, 3), vec!["SignOut.Deferrals"]),
        (sign_out(Some(0.into()), 3), vec!["SignOut.Deferrals"]),
        (sign_out(Some(61.into()), 3), vec!["SignOut.Deferrals", "SignOut.NoticeMinutes"]),
    ] {
        let (policy, problems) = read_managed(&given);
        assert_eq!(paths(&problems), wanted);
        assert_eq!(
            row(&policy, "SignOut.Deferrals").text,
            if wanted.is_empty() && given != sign_out(None, 0) { "3" } else { "0" }
        );
    }
    let (_, problems) = read_managed(&sign_out(None, 3));
    assert_eq!(
        problems[0].what,
        "nobody can put off what nobody is told of: NoticeMinutes is 0; default value in force: 0"
    );
    // The notice may come from the other layer.
    let notice = within("SignOut", dict([("NoticeMinutes", 5.into())]));
    let (_, problems) = read_both(Some(&sign_out(None, 3)), Some(&notice), &Enrolled::Yes);
    assert_eq!(problems, []);
    // Where the managed value is refused the local one has its turn, and is judged alike.
    let (policy, problems) = read_both(Some(&sign_out(None, 3)), Some(&sign_out(None, 2)), &Enrolled::No);
    assert_eq!(problems.iter().map(|problem| problem.layer).collect::<Vec<_>>(), [Layer::Managed, Layer::Local]);
    assert_eq!(row(&policy, "SignOut.Deferrals").text, "0");
}

#[test]
fn the_compatibility_log_is_none_of_the_agents_own_files() {
    let read = |path: &str| {
        let (policy, problems) = read_managed(&within("SignOut", dict([("CompatibilityLogPath", path.into())])));
        let kept = policy.section(&SIGN_OUT).text(&COMPATIBILITY_LOG_PATH);
        (kept == path, problems)
    };
    let places = Places::under("/");
    let own: Vec<String> =
        [places.ledger(), places.state(), places.head()].iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    let inside = own.iter().map(|folder| format!("{folder}/a.log"));
    let others = [
        MANAGED_FILE,
        LOCAL_FILE,
        "/library/logs/holdfast/Compliance.ndjson",
        "/System/Volumes/Data/Library/Logs/Holdfast/a",
        "/Library/Holdfast/bin/holdfast",
        "/Library/LaunchDaemons/org.holdfast.agent.plist",
        "/private/etc/paths.d/holdfast",
        "/etc/paths.d/holdfast",
        "/etc/manpaths.d/holdfast",
        "/var/log/org.holdfast.agent.log",
    ];
    for path in own.iter().cloned().chain(inside).chain(others.map(str::to_owned)) {
        let (kept, problems) = read(&path);
        assert!(!kept, "{path}");
        let wanted = format!(
            "\"{path}\" is one of the agent's own files; default value in force: /Library/Logs/JamfTrustSignOut.log"
        );
        assert_eq!(
            (paths(&problems), problems[0].what.as_str()),
            (vec!["SignOut.CompatibilityLogPath"], wanted.as_str())
        );
    }
    for path in ["/Library/Logs/Holdfast.log", "/Library/Logs/Holdfasting/a.log", "/var/log/jamf.log", "/Holdfast"] {
        assert_eq!(read(path), (true, vec![]), "{path}");
    }
}
