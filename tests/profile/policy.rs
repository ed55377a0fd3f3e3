//! `profile policy`: the made profile, read back as the managed layer, gives what was asked for.

use std::collections::BTreeMap;

use holdfast::control::{Kind, Setting, Value};
use holdfast::controls;
use holdfast::policy::assign::Refused;
use holdfast::policy::presets::{self, Preset};
use holdfast::policy::{self, Enrolled, Instead, LayerText, Layers, Mode, Origin, Policy, tables};
use holdfast::profile::policy::{DOMAIN, policy, profile};
use plist::Dictionary;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::{assert_frame, forced, payloads, reread};

/// The preferences that the profile forces.
fn made(preset: &Preset, set: &[String]) -> Dictionary {
    let dictionary = policy(preset, set.iter().map(String::as_str), &controls::all()).unwrap();
    let root = reread(&profile(preset, dictionary, Some("Example")));
    assert_frame(&root, "policy");
    let [payload] = payloads(&root)[..] else { panic!("not one payload") };
    forced(payload, DOMAIN).clone()
}

/// What a Mac with these preferences forced is held to.
fn held(preferences: &Dictionary) -> Policy {
    let mut bytes = Vec::new();
    plist::Value::Dictionary(preferences.clone()).to_writer_xml(&mut bytes).unwrap();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (policy, problems) = policy::read(&layers, &controls::all(), &Enrolled::Yes);
    assert_eq!(problems, []);
    policy
}

#[test]
fn each_preset_is_its_name_and_no_more() {
    for preset in &presets::ALL {
        let preferences = made(preset, &[]);
        assert_eq!(preferences.len(), 1);
        assert_eq!(preferences["Preset"].as_string(), Some(preset.name));
        let (policy, expected) = (held(&preferences), Policy::built_in_at(&controls::all(), &Instead::preset(preset)));
        for (row, built_in) in policy.rows().into_iter().zip(expected.rows()) {
            let is_preset = row.key == "Preset";
            assert_eq!(
                row.from,
                if is_preset { Origin::Managed } else { built_in.from },
                "{}: {}",
                preset.name,
                row.key
            );
            assert_eq!((row.key, row.value, row.in_force), (built_in.key, built_in.value, built_in.in_force));
        }
    }
}

/// A key, and whether the values drawn for it need another key to make sense.
fn keys() -> Vec<(String, Option<&'static Setting>)> {
    let mut keys = vec![("ExemptionWarningDays".to_owned(), Some(&policy::EXEMPTION_WARNING_DAYS))];
    for section in tables::SECTIONS {
        keys.extend(
            section.settings.iter().map(|setting| (format!("{}.{}", section.name, setting.key), Some(*setting))),
        );
    }
    for control in controls::all() {
        let path = |key: &str| format!("Controls.{}.{key}", control.id);
        keys.push((path("Mode"), None));
        keys.extend(control.settings.iter().copied().chain(tables::TIMING).map(|s| (path(s.key), Some(s))));
    }
    // It asks for a notice: told apart below.
    keys.retain(|(key, _)| key != "SignOut.Deferrals");
    keys
}

/// A value that fits, drawn by `number`.
fn fitting(setting: Option<&'static Setting>, number: u64, pick: &Index) -> Value {
    let one = |texts: &[&str]| Value::Text(texts[pick.index(texts.len())].to_owned());
    let some =
        |texts: &[&str]| Value::List(texts[..pick.index(texts.len() + 1)].iter().map(|t| (*t).to_owned()).collect());
    let Some(setting) = setting else { return one(&Mode::ALL.map(Mode::word)) };
    match &setting.kind {
        // Nearer together than this is a slip.
        Kind::Integer { .. } if setting.key == "Interval" => {
            Value::Integer(i64::try_from(300 + number % 86_400).unwrap())
        }
        Kind::Integer { min, max, .. } => {
            Value::Integer(min + i64::try_from(number % u64::try_from(max - min + 1).unwrap()).unwrap())
        }
        Kind::Flag { .. } => Value::Flag(number.is_multiple_of(2)),
        Kind::Versions { .. } => Value::List(vec![format!("14.{}", number % 10), format!("26.{}", number % 7)]),
        Kind::Names => some(&["ada", "bob.smith", "_x-1", "日本"]),
        Kind::Times => some(&["07:30", "00:00", "23:59"]),
        Kind::Cron => one(&["", "0 0 3 * * *", "0 30 7 * * Mon,Thu"]),
        Kind::Choice { words, .. } => one(words),
        Kind::Text { .. } => one(&["", "In {minutes} minutes, <b>&amp;</b> = \"so\"", " ä 日本 👩 ", "true", "1"]),
        Kind::Path { .. } => one(&["/Library/Logs/x y.log", "/a=b,c"]),
    }
}

fn assignment(key: &str, value: &Value) -> String {
    let value = match value {
        Value::List(list) => list.join(","),
        Value::Text(text) => text.clone(),
        other => other.to_string(),
    };
    format!("{key}={value}")
}

fn json(value: &Value) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_asked_for_is_what_the_managed_layer_says(
        chosen in subsequence(keys(), 0..12),
        numbers in prop::collection::vec((any::<u64>(), any::<Index>()), 12),
        order in any::<Index>(),
        preset in 0..presets::ALL.len(),
    ) {
        let preset = &presets::ALL[preset];
        let asked: BTreeMap<String, Value> = chosen
            .into_iter()
            .zip(&numbers)
            .map(|((key, setting), (number, pick))| (key, fitting(setting, *number, pick)))
            .collect();
        let mut set: Vec<String> = asked.iter().map(|(key, value)| assignment(key, value)).collect();
        let preferences = made(preset, &set);
        let turn = order.index(set.len().max(1));
        set.rotate_left(turn);
        prop_assert_eq!(&preferences, &made(preset, &set), "the order of --set shows");

        let bare = held(&made(preset, &[]));
        let policy = held(&preferences);
        for row in policy.rows() {
            match asked.get(&row.key) {
                Some(value) => prop_assert_eq!((&row.value, row.from), (&json(value), Origin::Managed), "{}", row.key),
                None => {
                    let same = bare.rows().into_iter().find(|other| other.key == row.key);
                    prop_assert_eq!(Some((row.value, row.from)), same.map(|row| (row.value, row.from)), "{}", row.key);
                }
            }
        }
    }
}

#[test]
fn a_key_is_known_by_each_of_its_names() {
    let preset = presets::find("level-1").unwrap();
    let says = |set: &str| made(preset, &[set.to_owned()]);
    let full = says("Controls.firewall_on.Mode=audit");
    assert_eq!(full, says("firewall_on.Mode=audit"));
    assert_eq!(full, says("system_settings_firewall_enable.Mode=audit"));
    assert_eq!(full, says("Controls.system_settings_firewall_enable.Mode=audit"));
    assert_eq!(says("filevault_unlockers.Allowed= ada , bob"), says("filevault_unlockers.Allowed=ada,bob"));
    let empty = says("SignOut.Times=");
    assert_eq!(empty["SignOut"].as_dictionary().unwrap()["Times"].as_array().unwrap().len(), 0);
}

#[test]
fn a_default_that_was_asked_for_holds_against_the_local_layer() {
    let preset = presets::find("level-1").unwrap();
    let preferences = made(preset, &["Schedule.CheckInterval=900".to_owned()]);
    assert_eq!(preferences["Schedule"].as_dictionary().unwrap()["CheckInterval"].as_signed_integer(), Some(900));
}

#[test]
fn what_policy_would_not_take_is_refused_in_its_words() {
    let refused = |set: &[&str]| policy(&presets::ALL[0], set.iter().copied(), &controls::all()).unwrap_err();
    for (set, words) in [
        ("Levle=2", "Levle: there is no key \"Levle\" (did you mean Level?)"),
        ("firewal_on.Mode=off", "Controls.firewal_on: there is no key \"firewal_on\" (did you mean firewall_on?)"),
        ("Controls.firewall_on.Mod=off", "Controls.firewall_on.Mod: there is no key \"Mod\" (did you mean Mode?)"),
        ("Controls.firewall_on=off", "Controls.firewall_on: expected a dictionary, found a string"),
        ("firewall_on=off", "firewall_on: controls are named inside Controls"),
        ("SignOut=x", "SignOut: expected a dictionary, found a string"),
        ("Exemptions=x", "Exemptions: expected an array, found a string"),
    ] {
        let Refused::Key(fault) = refused(&[set]) else { panic!("{set}") };
        assert_eq!(fault.to_string(), words);
    }
    for (set, words) in [
        (&["Level=2"][..], "Level: the preset level-1 stands in its place, and has no levels"),
        (&["Level=4"], "Level: 4 is not between 1 and 3 levels"),
        (&["Level=two"], "Level: expected a whole number, found a string"),
        (&["Level=1.0"], "Level: expected a whole number, found a string"),
        (&["SignOut.AtBoot=YES"], "SignOut.AtBoot: expected true or false, found a string"),
        (&["firewall_on.Mode=Off"], "Controls.firewall_on.Mode: \"Off\" is not a mode (enforce, audit, off)"),
        (&["SignOut.Deferrals=2"], "SignOut.Deferrals: nobody can put off what nobody is told of: NoticeMinutes is 0"),
        (&["SignOut.NoticeText=a\u{1}b"], "SignOut.NoticeText: it has control characters"),
    ] {
        let Refused::Values(faults) = refused(set) else { panic!("{set:?}") };
        assert_eq!(faults.len(), 1);
        assert!(faults[0].to_string().starts_with(words), "{}", faults[0]);
    }
    assert!(matches!(refused(&["Level"]), Refused::Form(text) if text == "Level"));
    let twice = refused(&["firewall_on.Mode=off", "system_settings_firewall_enable.Mode=off"]);
    assert!(matches!(twice, Refused::Twice(key) if key == "Controls.firewall_on.Mode"));
    assert_eq!(made(&presets::ALL[0], &["SignOut.Deferrals=2".into(), "SignOut.NoticeMinutes=5".into()]).len(), 2);
}
