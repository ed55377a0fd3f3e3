//! What a value may be, and what becomes of one that it may not.

use plist::Value as Plist;

use super::*;
use crate::policy::tables::TIMING;
use crate::policy::{BOOKKEEPING, Instead, Mode, Origin, read_instead, validate};

/// Reads one key of `plain_on` and gives what it came to and what was wrong.
fn plain(key: &str, value: Plist) -> (Row, Vec<Problem>) {
    let (policy, problems) = read_managed(&about("plain_on", dict([(key, value)])));
    (row(&policy, &format!("Controls.plain_on.{key}")), problems)
}

#[test]
fn good_values_take_effect() {
    for (key, value, text) in [
        ("Mode", "enforce".into(), "enforce"),
        ("Mode", "audit".into(), "audit"),
        ("Mode", "off".into(), "off"),
        ("Seconds", 0.into(), "0"),
        ("Seconds", 1200.into(), "1200"),
        ("Seconds", Plist::Integer(600_u64.into()), "600"),
        ("Strict", false.into(), "false"),
        ("Minimum", list(&["26.5.1"]), "26.5.1"),
        ("Spare", list(&["ann", "bob"]), "ann, bob"),
        ("Spare", list(&[]), "none"),
    ] {
        let (row, problems) = plain(key, value);
        assert_eq!((row.text.as_str(), row.from), (text, Origin::Managed), "{key}");
        assert_eq!(problems, [], "{key} {text}");
    }
}

#[test]
fn a_bad_value_leaves_the_default_and_is_a_problem_with_its_path() {
    let date = Plist::Date(plist::Date::from_xml_format("2026-01-01T00:00:00Z").unwrap());
    for (key, value, why, default) in [
        ("Mode", "Enforce".into(), "\"Enforce\" is not a mode (enforce, audit, off)", "enforce"),
        ("Mode", "".into(), "is not a mode", "enforce"),
        ("Mode", true.into(), "expected a word, found a boolean", "enforce"),
        ("Seconds", (-1).into(), "-1 is not between 0 and 1200 seconds", "300"),
        ("Seconds", 1201.into(), "1201 is not between", "300"),
        ("Seconds", Plist::Integer(u64::MAX.into()), "18446744073709551615 is not between", "300"),
        ("Seconds", Plist::Integer(((1_u64 << 32) + 5).into()), "4294967301 is not between", "300"),
        ("Seconds", Plist::Integer(i64::MIN.into()), "-9223372036854775808 is not between", "300"),
        ("Seconds", 5.5.into(), "expected a whole number, found a real number", "300"),
        ("Seconds", 600.0.into(), "expected a whole number, found a real number", "300"),
        ("Seconds", f64::NAN.into(), "found a real number", "300"),
        ("Seconds", f64::INFINITY.into(), "found a real number", "300"),
        ("Seconds", 1e300.into(), "found a real number", "300"),
        ("Seconds", "60".into(), "expected a whole number, found a string", "300"),
        ("Seconds", true.into(), "expected a whole number, found a boolean", "300"),
        ("Strict", 1.into(), "expected true or false, found an integer", "true"),
        ("Strict", "YES".into(), "expected true or false, found a string", "true"),
        ("Minimum", "26.5".into(), "expected a list of macOS versions, found a string", "14.8, 15.7, 26.5"),
        ("Minimum", list(&["26.x"]), "\"26.x\" is not a macOS version", "14.8, 15.7, 26.5"),
        ("Minimum", list(&["26.1", "26.2"]), "macOS 26 is named more than once", "14.8, 15.7, 26.5"),
        ("Minimum", list(&[]), "the list is empty", "14.8, 15.7, 26.5"),
        ("Minimum", Plist::Array(vec![26.5.into()]), "expected a string as item 1, found a real", "14.8, 15.7, 26.5"),
        ("Spare", list(&["ann", ""]), "a name is empty", "none"),
        ("Spare", Plist::Array(vec!["ann".into(), date]), "expected a string as item 2, found a date", "none"),
        ("Spare", Plist::Data(vec![1]), "expected a list of account short names, found data", "none"),
    ] {
        let (row, problems) = plain(key, value);
        assert_eq!((row.text.as_str(), row.from), (default, Origin::Default), "{key}: {why}");
        assert_eq!(paths(&problems), [format!("Controls.plain_on.{key}")], "{why}");
        let what = problems[0].what.as_str();
        assert!(what.contains(why), "{what:?} lacks {why:?}");
        assert!(what.ends_with(&format!("; default value in force: {default}")), "{what:?}");
    }
}

#[test]
fn the_level_and_the_ledger_are_bounded_too() {
    let keys = ["Level", "Ledger.MaximumSegmentSize", "Ledger.RetentionDays"];
    for (level, size, days, bad) in [
        (1, 65_536, 0, 0),
        (3, 1_073_741_824, 3650, 0),
        (0, 65_535, -1, 3),
        (4, 1_073_741_825, 3651, 3),
        (i64::MAX, i64::MAX, i64::MAX, 3),
        (i64::MIN, i64::MIN, i64::MIN, 3),
    ] {
        let ledger = dict([("MaximumSegmentSize", size.into()), ("RetentionDays", days.into())]);
        let (policy, problems) = read_managed(&dict([("Level", level.into()), ("Ledger", ledger)]));
        let wanted = if bad == 0 { [level, size, days] } else { [1, 10_485_760, 365] };
        assert_eq!(keys.map(|key| row(&policy, key).value), wanted.map(serde_json::Value::from));
        assert_eq!(problems.len(), bad, "{problems:?}");
        let kept = (u8::from(policy.level), policy.ledger.max_segment_bytes, policy.ledger.retention_days);
        assert_eq!(serde_json::json!(kept), serde_json::json!(wanted));
    }
}

#[test]
fn one_bad_value_costs_nothing_else() {
    let plain = dict([("Mode", "loud".into()), ("Seconds", 60.into()), ("Strikt", true.into())]);
    let (policy, problems) = read_managed(&dict([
        ("Level", "three".into()),
        (
            "Controls",
            dict([("plain_on", plain), ("high_on", 7.into()), ("rough_on", dict([("Mode", "enforce".into())]))]),
        ),
        ("Ledger", dict([("RetentionDays", 400.into())])),
    ]));
    let failed = ["Controls.high_on", "Controls.plain_on.Mode", "Controls.plain_on.Strikt", "Level"];
    assert_eq!(paths(&problems), failed);
    assert_eq!(row(&policy, "Controls.plain_on.Seconds").text, "60");
    assert_eq!(row(&policy, "Controls.rough_on.Mode").text, "enforce");
    assert_eq!(row(&policy, "Ledger.RetentionDays").text, "400");
}

#[test]
fn an_unknown_key_suggests_the_nearest_known_one() {
    for (value, path, what) in [
        (dict([("level", 2.into())]), "level", "there is no key \"level\" (did you mean Level?); ignored"),
        (dict([("Level ", 2.into())]), "Level ", "there is no key \"Level \" (did you mean Level?); ignored"),
        (dict([("Fleet", dict([]))]), "Fleet", "there is no key \"Fleet\"; ignored"),
        (
            about("plan_on", dict([])),
            "Controls.plan_on",
            "there is no key \"plan_on\" (did you mean plain_on?); ignored",
        ),
        (
            about("rule_plain_enabled", dict([])),
            "Controls.rule_plain_enabled",
            "there is no key \"rule_plain_enabled\" (did you mean rule_plain_enable?); ignored",
        ),
        (
            about("plain_on", dict([("mode", "off".into())])),
            "Controls.plain_on.mode",
            "there is no key \"mode\" (did you mean Mode?); ignored",
        ),
        (
            dict([("Ledger", dict([("RetentionDay", 1.into())]))]),
            "Ledger.RetentionDay",
            "there is no key \"RetentionDay\" (did you mean RetentionDays?); ignored",
        ),
        (dict([("plain_on", dict([]))]), "plain_on", "controls are named inside Controls; ignored"),
        (dict([("Controls", list(&["plain_on"]))]), "Controls", "expected a dictionary, found an array; ignored"),
        (dict([("Ledger", 1.into())]), "Ledger", "expected a dictionary, found an integer; ignored"),
    ] {
        let (policy, problems) = read_managed(&value);
        assert_eq!((paths(&problems), problems[0].what.as_str()), (vec![path], what));
        assert_eq!(policy.digest(), Policy::built_in(&CATALOGUE).digest());
    }
}

#[test]
fn a_path_from_a_file_is_made_safe_to_show() {
    let (_, problems) = read_managed(&dict([("a\u{202e}b\nc", 1.into()), (&"x".repeat(5000), 1.into())]));
    assert_eq!(problems[0].key, "a\\u{202e}b\\nc");
    assert!(problems[1].key.chars().count() <= crate::text::EXCERPT);
}

#[test]
fn a_payloads_own_keys_are_no_problem_but_a_whole_profile_is() {
    let mut keys = dict([("Level", 2.into())]).into_dictionary().unwrap();
    for key in BOOKKEEPING {
        keys.insert(key.to_owned(), "text".into());
    }
    assert_eq!(validate(&xml(&Plist::Dictionary(keys.clone())), &CATALOGUE), []);
    keys.insert("PayloadContent".to_owned(), Plist::Array(vec![]));
    let problems = validate(&xml(&Plist::Dictionary(keys)), &CATALOGUE);
    assert_eq!(problems[0].key, "PayloadContent");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].what.starts_with("this is a configuration profile"), "{problems:?}");
}

#[test]
fn a_rule_id_stands_for_its_control() {
    let (policy, problems) = read_managed(&about("rule_plain_enable", dict([("Mode", "off".into())])));
    assert_eq!(policy.of(&PLAIN).mode, Mode::Off);
    assert_eq!(problems, []);

    let (_, problems) = read_managed(&about("rule_plain_enable", dict([("Seconds", "x".into())])));
    assert_eq!(paths(&problems), ["Controls.rule_plain_enable.Seconds"]);

    let (_, problems) = read_managed(&about("rule_twins", dict([("Mode", "off".into())])));
    assert_eq!(paths(&problems), ["Controls.rule_twins"]);
    assert!(problems[0].what.contains("name one: twin_a, twin_b"), "{problems:?}");
}

#[test]
fn a_control_named_both_ways_follows_its_own_id() {
    let alias = ("rule_plain_enable", dict([("Mode", "off".into()), ("Seconds", 30.into())]));
    let own = ("plain_on", dict([("Mode", "audit".into())]));
    for both in [dict([alias.clone(), own.clone()]), dict([own, alias])] {
        let (policy, problems) = read_managed(&dict([("Controls", both)]));
        assert_eq!(policy.of(&PLAIN).mode, Mode::Audit);
        assert_eq!(row(&policy, "Controls.plain_on.Seconds").text, "30");
        assert_eq!(paths(&problems), ["Controls.rule_plain_enable.Mode"]);
        assert!(problems[0].what.contains("Controls.plain_on.Mode, which counts"));
    }
}

#[test]
fn the_level_or_a_name_selects_a_control() {
    let named = |mode: &str, control: &str, level: i64| {
        let given = if mode.is_empty() { dict([]) } else { dict([("Mode", mode.into())]) };
        read_managed(&dict([("Level", level.into()), ("Controls", dict([(control, given)]))])).0
    };
    for (control, mode, selected_at) in [
        (&PLAIN, "", [true, true, true]),
        (&PLAIN, "off", [false, false, false]),
        (&HIGH, "", [false, false, true]),
        (&HIGH, "enforce", [true, true, true]),
        (&HIGH, "audit", [true, true, true]),
        (&HIGH, "off", [false, false, false]),
        (&HIGH, "wrong", [false, false, true]),
    ] {
        for (level, selected) in (1..).zip(selected_at) {
            let policy = named(mode, control.id, level);
            assert_eq!(policy.of(control).selected, selected, "{} {mode} at {level}", control.id);
            assert_eq!(policy.left_out(control).is_none(), selected);
            assert_eq!(row(&policy, &format!("Controls.{}.Mode", control.id)).in_force, selected);
        }
    }
    let policy = named("", "high_on", 2);
    let why = policy.left_out(&HIGH).unwrap();
    assert_eq!(why, "belongs to level 3; policy asks for level 2 (managed)");
    assert_eq!(named("off", "high_on", 3).left_out(&HIGH).unwrap(), "switched off by policy (managed)");
}

#[test]
fn a_disruptive_control_is_audited_until_policy_names_its_mode() {
    let (policy, _) = read_managed(&dict([("Level", 3.into())]));
    assert_eq!((policy.of(&ROUGH).mode, policy.of(&HIGH).mode), (Mode::Audit, Mode::Enforce));
    let (policy, _) = read_managed(&about("rough_on", dict([("Mode", "enforce".into())])));
    assert_eq!(policy.of(&ROUGH).mode, Mode::Enforce);
}

#[test]
fn a_control_that_the_policy_was_made_without_has_its_defaults() {
    let policy = Policy::built_in(&CATALOGUE);
    let own = policy.of(&STRANGER);
    assert_eq!((own.mode, own.mode_from, own.selected), (Mode::Audit, Origin::Default, false));
    assert_eq!(own.settings_from.len(), SETTINGS.len() + TIMING.len());
}

#[test]
fn the_digest_is_of_what_is_in_force() {
    let base = Policy::built_in(&CATALOGUE).digest();
    assert_eq!(base.len(), 64);
    // The same values from elsewhere are the same policy.
    let same = about("plain_on", dict([("Mode", "enforce".into()), ("Seconds", 300.into())]));
    assert_eq!(read_managed(&same).0.digest(), base);
    let mut seen = vec![base];
    for other in [
        dict([("Level", 2.into())]),
        about("plain_on", dict([("Mode", "audit".into())])),
        about("plain_on", dict([("Seconds", 299.into())])),
        about("plain_on", dict([("Spare", list(&["a, b"]))])),
        about("plain_on", dict([("Spare", list(&["a", "b"]))])),
        about("high_on", dict([("Mode", "enforce".into())])),
        dict([("Ledger", dict([("RetentionDays", 0.into())]))]),
    ] {
        let digest = read_managed(&other).0.digest();
        assert!(!seen.contains(&digest), "{other:?}");
        seen.push(digest);
    }
}

#[test]
fn one_key_has_all_controls_only_looked_at_but_those_that_policy_names() {
    let audit = ("Mode", Plist::from("audit"));
    let named = ("Controls", dict([("twin_a", dict([("Mode", "enforce".into())]))]));
    let given = dict([audit.clone(), named, ("Level", 2.into())]);
    let (policy, problems) = read_managed(&given);
    assert_eq!(problems, []);
    let of = |policy: &Policy, control| {
        let own = policy.of(control);
        (own.mode, own.mode_from, own.selected)
    };
    assert_eq!(of(&policy, &PLAIN), (Mode::Audit, Origin::Managed, true));
    assert_eq!(of(&policy, &TWIN_A), (Mode::Enforce, Origin::Managed, true));
    assert_eq!(of(&policy, &ROUGH), (Mode::Audit, Origin::Default, true), "it begins so by itself");
    assert_eq!(of(&policy, &HIGH), (Mode::Audit, Origin::Managed, false), "no control is named by it");
    let layers = Layers { managed: bytes(Some(&given)), ..Layers::default() };
    let (policy, _) = read_instead(&layers, &CATALOGUE, &Enrolled::Yes, &Instead::level(Level::L1));
    assert!(!policy.of(&ROUGH).selected && policy.of(&TWIN_A).selected);
    assert!(!policy.of(&HIGH).selected, "no control is named by it for another level either");
    assert_eq!(row(&policy, "Mode").text, "audit");

    let local = dict([audit]);
    let (policy, problems) = read_both(None, Some(&local), &Enrolled::Yes);
    assert_eq!((policy.of(&PLAIN).mode, paths(&problems)), (Mode::Enforce, vec!["Mode"]));
    assert_eq!(read_both(None, Some(&local), &Enrolled::No).0.of(&PLAIN).mode_from, Origin::Local);
    for wrong in ["off", "Audit", ""] {
        assert_eq!(paths(&read_managed(&dict([("Mode", wrong.into())])).1), ["Mode"], "{wrong}");
    }
}
