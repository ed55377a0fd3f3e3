//! Presets: each is exactly what its page says, names only controls and values that there are, and weakens nothing from the wrong
//! layer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod asked;

use std::collections::{BTreeMap, BTreeSet};

use holdfast::control::{Level, Value};
use holdfast::controls;
use holdfast::policy::presets::{ALL, NONE, Preset, Select, WORDS, find};
use holdfast::policy::{Enrolled, Instead, LayerText, Layers, Mode, Origin, Policy, Problem, ncsc, read, read_instead};

/// What a preset comes to: the controls, each with its values in words.
type Comes = BTreeMap<String, String>;

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What the page says of each preset, and of each of its levels where it has some.
fn said() -> BTreeMap<String, Comes> {
    let mut all: BTreeMap<String, Comes> = BTreeMap::new();
    let mut under = String::new();
    for line in page("presets.md").lines() {
        if let Some(name) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            name.clone_into(&mut under);
        } else if let Some(rest) = line.strip_prefix("| [`") {
            let id = rest.split('`').next().unwrap().to_owned();
            let values = line.trim_end_matches(" |").rsplit(" | ").next().unwrap().trim_end_matches('|').trim();
            assert!(all.entry(under.clone()).or_default().insert(id, values.to_owned()).is_none(), "{line}");
        }
    }
    all
}

/// What the managed layer comes to with this preset in it.
fn comes_to(preset: &Preset, level: Option<Level>) -> Comes {
    let level =
        level.map(|level| format!("<key>Level</key><integer>{}</integer>", u8::from(level))).unwrap_or_default();
    let (policy, problems) =
        layers(&format!("<key>Preset</key><string>{}</string>{level}", preset.name), "", &Enrolled::Yes);
    assert_eq!(problems, []);
    let of = |policy: &holdfast::policy::ControlPolicy| {
        let given = policy.control.settings.iter().filter(|s| policy.settings_from[s.key] == Origin::Preset);
        let words: Vec<String> = given.map(|s| format!("`{}` {}", s.key, policy.settings.value(s))).collect();
        (policy.control.id.to_owned(), words.join(", "))
    };
    policy.controls.values().filter(|policy| policy.selected).map(of).collect()
}

fn layers(managed: &str, local: &str, enrolled: &Enrolled) -> (Policy, Vec<Problem>) {
    let text = |inside: &str| match inside {
        "" => LayerText::Absent,
        inside => LayerText::Bytes(format!("<plist version=\"1.0\"><dict>{inside}</dict></plist>").into_bytes()),
    };
    let layers = Layers { managed: text(managed), local: text(local), ..Layers::default() };
    read(&layers, &controls::all(), enrolled)
}

fn levels(preset: &Preset) -> Vec<Option<Level>> {
    if preset.has_levels() { [Level::L1, Level::L2, Level::L3].map(Some).to_vec() } else { vec![None] }
}

#[test]
fn each_preset_is_exactly_what_its_page_says() {
    let mut said = said();
    for preset in &ALL {
        for level in levels(preset) {
            let name =
                level.map_or(preset.name.to_owned(), |level| format!("{}, level {}", preset.name, u8::from(level)));
            let page = said.remove(&name).unwrap_or_else(|| panic!("{name} is not on the page"));
            assert_eq!(comes_to(preset, level), page, "{name}");
            assert!(!page.is_empty(), "{name}");
        }
    }
    assert_eq!(said.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "there is no such preset");
}

#[test]
fn every_control_that_a_preset_names_exists_with_its_values() {
    let mut missing = BTreeSet::new();
    for preset in &ALL {
        missing
            .extend(preset.ids().into_iter().filter(|id| controls::find(id).is_none_or(|control| control.id != *id)));
        let (Select::List(list) | Select::Leveled(list)) = preset.select else { continue };
        for one in list {
            let Some(control) = controls::find(one.control) else { continue };
            for (key, value) in one.values {
                let setting = control.settings.iter().find(|setting| setting.key == *key);
                let setting = setting.unwrap_or_else(|| panic!("{}: no {}.{key}", preset.name, control.id));
                assert_eq!(setting.objection(value), None, "{}: {}.{key}", preset.name, control.id);
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn a_list_names_each_control_once_at_each_level_and_one_has_a_name() {
    for preset in &ALL {
        let (Select::List(list) | Select::Leveled(list)) = preset.select else { continue };
        let places: BTreeSet<_> = list.iter().map(|one| (one.control, one.level)).collect();
        assert_eq!(places.len(), list.len(), "{}", preset.name);
    }
    let names: Vec<&str> = [NONE].into_iter().chain(ALL.iter().map(|preset| preset.name)).collect();
    assert_eq!(names, WORDS);
}

#[test]
fn levels_and_the_benchmark_follow_the_catalogue_so_that_a_new_control_needs_no_edit() {
    let ids = |wanted: &dyn Fn(&holdfast::control::Control) -> bool| -> BTreeSet<String> {
        controls::all().into_iter().filter(|control| wanted(control)).map(|control| control.id.to_owned()).collect()
    };
    let of = |name: &str| comes_to(find(name).unwrap(), None).into_keys().collect::<BTreeSet<_>>();
    for (n, level) in [(1, Level::L1), (2, Level::L2), (3, Level::L3)] {
        assert_eq!(of(&format!("level-{n}")), ids(&|control| control.level <= level));
    }
    assert_eq!(of("cis-level-1"), ids(&|control| control.refs.cis_level == Some(1)));
    assert_eq!(of("cis-level-2"), ids(&|control| control.refs.cis_level.is_some()));
    assert!(of("cis-level-1").len() > 10);
}

#[test]
fn the_values_that_their_sources_have() {
    let value = |name: &str, level: Option<Level>, id: &str, key: &str| {
        let policy = Policy::built_in_at(&controls::all(), &Instead { preset: find(name), level, ..Instead::NOTHING });
        let control = controls::find(id).unwrap();
        policy.of(control).settings.value(control.settings.iter().find(|setting| setting.key == key).unwrap())
    };
    let idle = |name, level| value(name, level, "screen_lock_idle_timeout", "MaximumIdle");
    assert_eq!(idle("jumpcloud", None), Value::Integer(300));
    assert_eq!(idle("how-to-harden", Some(Level::L2)), Value::Integer(300));
    assert_eq!(idle("ncsc", None), Value::Integer(600));
    assert_eq!(value("ncsc", None, "screen_lock_password_delay", "MaximumDelay"), Value::Integer(0));
    for (level, flag) in [(Level::L2, true), (Level::L3, false)] {
        assert_eq!(value("how-to-harden", Some(level), "firewall_allow_signed", "BuiltIn"), Value::Flag(flag));
    }
}

#[test]
fn single_values_stand_over_a_preset_from_either_layer_but_not_weaker_ones_from_the_local() {
    let jumpcloud = "<key>Preset</key><string>jumpcloud</string>";
    let idle = |seconds: i64| {
        format!(
            "<key>Controls</key><dict><key>screen_lock_idle_timeout</key><dict><key>MaximumIdle</key><integer>{seconds}</integer>\
             </dict></dict>"
        )
    };
    let control = controls::find("screen_lock_idle_timeout").unwrap();
    let seen = |policy: &Policy| {
        (policy.of(control).settings.integer(control.settings[0]), policy.of(control).settings_from["MaximumIdle"])
    };
    let (policy, problems) = layers(&format!("{jumpcloud}{}", idle(600)), "", &Enrolled::Yes);
    assert_eq!((seen(&policy), problems), ((600, Origin::Managed), vec![]));
    // 600 is not weaker than the default, and weaker than the preset.
    let (policy, problems) = layers(jumpcloud, &idle(600), &Enrolled::Yes);
    assert_eq!((seen(&policy), problems.len()), ((300, Origin::Preset), 1));
    assert!(problems[0].what.contains("600 is weaker than 300"), "{}", problems[0].what);
    assert_eq!(seen(&layers(jumpcloud, &idle(120), &Enrolled::Yes).0), (120, Origin::Local));
    assert_eq!(seen(&layers(jumpcloud, &idle(600), &Enrolled::No).0), (600, Origin::Local));
    // A control that is named is looked at, in the preset or not, and off is off.
    let named = |id: &str, mode: &str| {
        format!(
            "{jumpcloud}<key>Controls</key><dict><key>{id}</key><dict><key>Mode</key><string>{mode}</string></dict></dict>"
        )
    };
    let is_selected =
        |text: &str, id: &str| layers(text, "", &Enrolled::Yes).0.of(controls::find(id).unwrap()).selected;
    assert!(
        !is_selected(jumpcloud, "firewall_stealth")
            && is_selected(&named("firewall_stealth", "enforce"), "firewall_stealth")
    );
    assert!(is_selected(jumpcloud, "firewall_on") && !is_selected(&named("firewall_on", "off"), "firewall_on"));
    let why = layers(jumpcloud, "", &Enrolled::Yes).0.left_out(controls::find("firewall_stealth").unwrap());
    assert_eq!(why.as_deref(), Some("does not belong to preset jumpcloud (managed)"));
}

#[test]
fn a_preset_and_a_level_together() {
    let preset = |name: &str| format!("<key>Preset</key><string>{name}</string>");
    let level = "<key>Level</key><integer>2</integer>";
    for one in ALL.iter().filter(|one| !one.has_levels()) {
        let (policy, problems) = layers(&format!("{}{level}", preset(one.name)), "", &Enrolled::Yes);
        assert_eq!(problems.len(), 1, "{}", one.name);
        assert!(problems[0].key == "Level" && problems[0].what.ends_with("; ignored"), "{}", problems[0]);
        let alone = layers(&preset(one.name), "", &Enrolled::Yes).0;
        assert_eq!(policy.digest(), alone.digest(), "{}: the level counts for nothing", one.name);
    }
    let (policy, problems) = layers(&format!("{}{level}", preset("how-to-harden")), "", &Enrolled::Yes);
    assert_eq!((policy.aim(), problems), ("preset how-to-harden, level 2".to_owned(), vec![]));
    let (policy, problems) = layers(&preset("Jumpcloud"), "", &Enrolled::Yes);
    assert_eq!((policy.aim(), problems.len()), ("level 1".to_owned(), 1));
    assert_eq!(layers(&format!("{}{level}", preset(NONE)), "", &Enrolled::Yes).0.aim(), "level 2");
}

#[test]
fn the_local_layer_chooses_no_preset_on_an_enrolled_mac_and_none_over_a_managed_level() {
    let ncsc = "<key>Preset</key><string>ncsc</string>";
    for enrolled in [Enrolled::Yes, Enrolled::Unknown("hung".into())] {
        let (policy, problems) = layers("", ncsc, &enrolled);
        assert_eq!((policy.aim(), problems.len()), ("level 1".to_owned(), 1));
    }
    assert_eq!(layers("", ncsc, &Enrolled::No).0.aim(), "preset ncsc");
    for enrolled in [Enrolled::Yes, Enrolled::No] {
        let (policy, problems) = layers("<key>Level</key><integer>3</integer>", ncsc, &enrolled);
        assert_eq!((policy.aim(), problems.len(), problems[0].key.as_str()), ("level 3".to_owned(), 1, "Preset"));
        let (policy, _) = layers("<key>Preset</key><string>cis-level-2</string>", ncsc, &enrolled);
        assert_eq!(policy.aim(), "preset cis-level-2");
    }
}

#[test]
fn the_command_line_stands_in_place_of_both_and_names_no_mode() {
    let read = |managed: &str, instead: &Instead| {
        let bytes = format!("<plist version=\"1.0\"><dict>{managed}</dict></plist>").into_bytes();
        let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
        let (policy, problems) = read_instead(&layers, &controls::all(), &Enrolled::Yes, instead);
        assert_eq!(problems, []);
        policy
    };
    let ncsc = "<key>Preset</key><string>ncsc</string>";
    let control = controls::find("screen_lock_idle_timeout").unwrap();
    let idle = |policy: &Policy| policy.of(control).settings.integer(control.settings[0]);
    let asked = read(ncsc, &Instead::preset(find("jumpcloud").unwrap()));
    assert_eq!(
        (asked.aim(), idle(&asked), asked.preset_from),
        ("preset jumpcloud".to_owned(), 300, Origin::CommandLine)
    );
    let asked = read(ncsc, &Instead::level(Level::L3));
    assert_eq!((asked.aim(), idle(&asked)), ("level 3".to_owned(), 900), "its values go with the preset");
    let asked = read("<key>Preset</key><string>how-to-harden</string>", &Instead::level(Level::L3));
    assert_eq!(asked.aim(), "preset how-to-harden, level 3");
    let asked = read("<key>Level</key><integer>3</integer>", &Instead::preset(find("ncsc").unwrap()));
    assert_eq!(asked.aim(), "preset ncsc");
    for preset in &ALL {
        for policy in read(ncsc, &Instead::preset(preset)).controls.values() {
            assert_eq!(
                (policy.mode, policy.named),
                (Mode::default_for(policy.control), false),
                "{}",
                policy.control.id
            );
        }
    }
}

#[test]
fn ncsc_has_36_settings_each_with_controls_or_a_reason() {
    let numbers: Vec<u32> = ncsc::ROWS.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=36).collect::<Vec<_>>());
    for row in &ncsc::ROWS {
        assert_ne!(row.controls.is_empty(), row.reason.is_none(), "{}", row.number);
        assert!(
            row.reason.is_none() || !row.note.is_empty() || row.reason == Some(ncsc::Reason::Provisioning),
            "{}",
            row.number
        );
    }
    let text = page("ncsc.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")).collect();
    assert_eq!(rows.len(), 36);
    for (row, line) in ncsc::ROWS.iter().zip(rows) {
        assert!(line.starts_with(&format!("| {} | ", row.number)), "{line}");
        assert_eq!(line.matches("](controls.md#").count(), row.controls.len(), "{line}");
    }
    for (id, values) in &ncsc::VALUES {
        let control = controls::find(id).unwrap();
        for (key, value) in *values {
            let setting = control.settings.iter().find(|setting| setting.key == *key).unwrap();
            assert_eq!(setting.objection(value), None, "{id}.{key}");
        }
    }
}
