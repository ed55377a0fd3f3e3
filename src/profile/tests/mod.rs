//! What the forms say is what policy takes.

mod instances;

use plist::Date;
use serde_json::Value as Json;

use super::edition::Edition;
use super::{jamf, manifest};
use crate::control::Kind;
use crate::controls;
use crate::policy::TOP;
use crate::policy::tables::{SECTIONS, TIMING};

/// Calls `seen` with each value of `json`, the one that holds it before those in it, and the key that each stands under.
fn walk<'a>(json: &'a Json, key: &'a str, seen: &mut impl FnMut(&'a str, &'a Json)) {
    seen(key, json);
    match json {
        Json::Array(items) => items.iter().for_each(|item| walk(item, key, seen)),
        Json::Object(fields) => fields.iter().for_each(|(key, value)| walk(value, key, seen)),
        _ => {}
    }
}

/// Some edition.
fn edition() -> Edition {
    Edition { number: 7, day: Date::from_xml_format("2026-01-02T00:00:00Z").unwrap() }
}

#[test]
fn the_edition_moves_with_the_settings_and_with_nothing_else() {
    let all = controls::all();
    let before = manifest::manifest(&all, &edition()).unwrap();
    assert_eq!(Edition::of(&before, &all, "2026-03-04").unwrap(), edition());
    let fewer = &all[1..];
    let next = Edition::of(&before, fewer, "2026-03-04").unwrap();
    assert_eq!(next, Edition { number: 8, day: Date::from_xml_format("2026-03-04T00:00:00Z").unwrap() });
    let after = manifest::manifest(fewer, &next).unwrap();
    assert_eq!(Edition::of(&after, fewer, "2026-05-06").unwrap(), next);
    assert!(Edition::of(&before, fewer, "soon").unwrap_err().contains("soon is no day"));
    for (spoilt, word) in
        [("pfm_version", "pfm_version"), ("pfm_last_modified", "pfm_last_modified"), ("<dict>", "manifest")]
    {
        let spoilt = String::from_utf8(before.clone()).unwrap().replace(spoilt, "x");
        assert!(Edition::of(spoilt.as_bytes(), &all, "2026-03-04").unwrap_err().contains(word));
    }
}

/// Older form editors break on a null among the words of a schema; the word "null" is what stands for it.
#[test]
fn the_schema_has_no_null_in_it() {
    let schema = jamf::schema(&controls::all(), &edition());
    let mut values = 0;
    walk(&schema, "", &mut |key, value| {
        values += 1;
        assert!(!value.is_null(), "{key}");
    });
    assert!(values > 1000, "{values}");
}

#[test]
fn everything_is_first_not_configured_and_says_what_it_is() {
    let schema = jamf::schema(&controls::all(), &edition());
    let mut keys = 0;
    let mut check = |name: &str, property: &Json| {
        if property.get("$ref").is_some() {
            return;
        }
        keys += 1;
        assert_eq!(property["anyOf"][0], serde_json::json!({ "title": "Not Configured", "type": "null" }), "{name}");
        assert_eq!(property["anyOf"][1]["title"], "Configured", "{name}");
        assert_eq!(property["anyOf"].as_array().map(Vec::len), Some(2), "{name}");
        let info = property["options"]["infoText"].as_str().unwrap();
        assert!(info.starts_with("Key: ") && info.ends_with(name), "{name}: {info}");
        for text in ["title", "description"] {
            assert!(property[text].as_str().is_some_and(|text| text.len() > 3), "{name} has no {text}");
        }
    };
    walk(&schema, "", &mut |key, value| {
        if ["properties", "definitions"].contains(&key) && value["type"].is_null() {
            for (name, property) in value.as_object().unwrap() {
                if property.get("anyOf").is_some() || property.get("$ref").is_some() {
                    check(name, property);
                }
            }
        }
    });
    let catalogue = controls::all();
    let own: usize = catalogue.iter().map(|control| control.settings.len() + 2).sum();
    let sections: usize = SECTIONS.iter().map(|section| section.settings.len() + 1).sum();
    assert_eq!(keys, TOP.len() + 1 + sections + own + TIMING.len());
}

#[test]
fn no_two_fields_of_a_form_have_the_same_place() {
    let schema = jamf::schema(&controls::all(), &edition());
    let mut forms = 0;
    walk(&schema, "", &mut |_, value| {
        let Some(properties) = value.get("properties").and_then(Json::as_object) else { return };
        let mut places: Vec<u64> = properties
            .values()
            .filter_map(|property| match property["$ref"].as_str() {
                Some(to) => schema["definitions"][to.rsplit('/').next().unwrap()]["property_order"].as_u64(),
                None => property["property_order"].as_u64(),
            })
            .collect();
        if places.is_empty() {
            return; // what the form must not be: no fields of it
        }
        forms += 1;
        assert_eq!(places.len(), properties.len());
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), properties.len(), "{:?}", properties.keys().collect::<Vec<_>>());
    });
    assert_eq!(forms, 2 + SECTIONS.len() + controls::all().len());
}

#[test]
fn a_definition_stands_for_the_same_setting_everywhere() {
    for control in controls::all() {
        for setting in control.settings {
            assert!(TIMING.iter().all(|timing| timing.key != setting.key), "{}.{}", control.id, setting.key);
        }
    }
}

#[test]
fn every_text_has_a_pattern_and_an_example_that_policy_takes() {
    let settings = SECTIONS.iter().flat_map(|section| section.settings.iter().copied());
    let own = controls::all().into_iter().flat_map(|control| control.settings.iter().copied());
    let mut texts = 0;
    for setting in settings.chain(own).chain(TIMING) {
        if matches!(setting.kind, Kind::Integer { .. } | Kind::Flag { .. } | Kind::Choice { .. }) {
            continue;
        }
        texts += 1;
        assert!(super::patterns::of(&setting.kind).is_some(), "{}", setting.key);
        let example = super::words::example(&setting.kind).unwrap().to_owned();
        let value = match setting.kind {
            Kind::Versions { .. } | Kind::Names | Kind::Times => crate::control::Value::List(vec![example]),
            _ => crate::control::Value::Text(example),
        };
        assert_eq!(setting.objection(&value), None, "{}", setting.key);
    }
    assert!(texts >= 8, "{texts}");
}
