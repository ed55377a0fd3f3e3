//! Whatever the Jamf schema allows is good policy, but for what no JSON Schema can say.

use plist::{Dictionary, Value as Plist};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

use super::super::jamf;
use crate::controls;
use crate::policy::{Fault, validate};

/// At most how many keys of one dictionary an instance names.
const MOST_KEYS: usize = 8;
/// At most how many items a list has.
const MOST_ITEMS: usize = 4;

/// Values that `schema` allows. Of its keywords those that the schema uses; another is a failure, not passed over.
fn allowed(schema: &Json, root: &Json) -> BoxedStrategy<Json> {
    if let Some(to) = schema["$ref"].as_str() {
        return allowed(root.pointer(to.trim_start_matches('#')).unwrap(), root);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let (first, second) = (allowed(&either[0], root), allowed(&either[1], root));
        return prop_oneof![1 => first, 9 => second].boxed();
    }
    if let Some(words) = schema["enum"].as_array() {
        return select(words.clone()).boxed();
    }
    let number = |key: &str| schema[key].as_i64();
    let count = |key: &str, else_: usize| number(key).map_or(else_, |number| usize::try_from(number).unwrap());
    match schema["type"].as_str().unwrap() {
        "null" => Just(Json::Null).boxed(),
        "boolean" => any::<bool>().prop_map(Json::from).boxed(),
        "integer" => {
            let (min, max) = (number("minimum").unwrap(), number("maximum").unwrap());
            let not = schema["not"].clone();
            // The edges of what is allowed, those that another schema would have included.
            let around = |edge: &Json| edge.as_i64().map_or(vec![], |edge| vec![edge - 1, edge, edge + 1]);
            let mut edges = [vec![min, min + 1, max], around(&not["minimum"]), around(&not["maximum"])].concat();
            edges.retain(|edge| (min..=max).contains(edge));
            let any = prop_oneof![select(edges), min..=max].prop_map(Json::from);
            any.prop_filter("not", move |value| not.is_null() || !is(&not, value)).boxed()
        }
        "string" => {
            let pattern = schema["pattern"].as_str().unwrap();
            // What is repeated at most once is allowed too, and most of it is short enough.
            let whole =
                pattern.strip_prefix('^').unwrap().strip_suffix('$').unwrap().replace(")*", ")?").replace(" +", " ");
            let longest = count("maxLength", 100);
            let nameless = |c: char| ('\u{e0000}'..='\u{e007f}').contains(&c);
            string_regex(&whole)
                .unwrap()
                .prop_filter("fits", move |text| text.chars().count() <= longest && !text.contains(nameless))
                .prop_map(Json::from)
                .boxed()
        }
        "array" => {
            let least = count("minItems", 0);
            let unique = schema["uniqueItems"].as_bool().unwrap_or(false);
            vec(allowed(&schema["items"], root), least..=MOST_ITEMS)
                .prop_map(move |mut items| {
                    if unique {
                        let all = std::mem::take(&mut items);
                        all.into_iter().for_each(|item| {
                            if !items.contains(&item) {
                                items.push(item)
                            }
                        });
                    }
                    Json::from(items)
                })
                .boxed()
        }
        "object" => {
            assert_eq!(schema["additionalProperties"], false);
            let (not, all) = (schema["not"].clone(), schema["properties"].as_object().unwrap().clone());
            let root = root.clone();
            let names: Vec<String> = all.keys().cloned().collect();
            let most = MOST_KEYS.min(names.len());
            subsequence(names, 0..=most)
                .prop_flat_map(move |names| {
                    let values: Vec<_> = names.iter().map(|name| allowed(&all[name], &root)).collect();
                    values.prop_map(move |values| names.iter().cloned().zip(values).collect::<serde_json::Map<_, _>>())
                })
                .prop_map(Json::from)
                .prop_filter("not", move |value| not.is_null() || !is(&not, value))
                .boxed()
        }
        other => panic!("{other}"),
    }
}

/// Whether `value` is what a `not` of the schema speaks of.
fn is(schema: &Json, value: &Json) -> bool {
    schema.as_object().unwrap().iter().all(|(keyword, wanted)| match keyword.as_str() {
        "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= wanted.as_i64().unwrap()),
        "type" => wanted == "integer" && value.is_i64(),
        "required" => wanted.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
        "properties" => {
            let parts = wanted.as_object().unwrap();
            parts.iter().all(|(key, part)| value.get(key).is_none_or(|value| is(part, value)))
        }
        "not" => !is(wanted, value),
        other => panic!("{other}"),
    })
}

/// The property list that a console makes of a form: what is null is not in it.
fn plist(json: &Json) -> Option<Plist> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => number.as_i64().unwrap().into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => Plist::Array(items.iter().filter_map(plist).collect()),
        Json::Object(fields) => {
            let fields = fields.iter().filter_map(|(key, value)| Some((key.clone(), plist(value)?)));
            Plist::Dictionary(fields.collect::<Dictionary>())
        }
    })
}

fn faults(json: &Json) -> Vec<Fault> {
    let mut bytes = Vec::new();
    plist(json).unwrap().to_writer_binary(&mut bytes).unwrap();
    validate(&bytes, &controls::all())
}

/// What is wrong with a value and yet no schema can say.
const BEYOND: [(&str, &str); 4] = [
    (".Cron", "is never due"),
    (".Cron", "it is due again after "),
    (".CompatibilityLogPath", "is one of the agent's own files"),
    (".Minimum", "is named more than once"), // two versions of one macOS
];

/// Whether a cron expression has a range that goes downwards, which no schema can see.
fn goes_downwards(cron: &str) -> bool {
    const NAMES: [&str; 19] = [
        "sun", "mon", "tue", "wed", "thu", "fri", "sat", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
        "oct", "nov", "dec",
    ];
    let place = |text: &str| match text.parse() {
        Ok(number) => number,
        Err(_) => NAMES.iter().position(|name| text.eq_ignore_ascii_case(name)).unwrap(),
    };
    cron.split([' ', ','])
        .filter_map(|item| item.split('/').next()?.split_once('-'))
        .any(|(first, last)| place(first) > place(last))
}

/// Whether `fault` is about something that no schema can say.
fn is_beyond(fault: &Fault, instance: &Json) -> bool {
    if fault.key.ends_with(".Cron") && fault.what.contains("is not a cron expression") {
        let cron = instance.pointer(&format!("/{}", fault.key.replace('.', "/"))).and_then(Json::as_str);
        return cron.is_some_and(goes_downwards);
    }
    BEYOND.iter().any(|(key, what)| fault.key.ends_with(key) && fault.what.contains(what))
}

/// How many values are configured in `json`.
fn leaves(json: &Json) -> usize {
    match json {
        Json::Null => 0,
        Json::Object(fields) => fields.values().map(leaves).sum(),
        _ => 1,
    }
}

#[test]
fn what_the_schema_allows_is_good_policy() {
    let schema = jamf::schema(&controls::all(), &super::edition());
    let mut runner = TestRunner::deterministic();
    let mut places: Vec<(Vec<&str>, &Json)> = Vec::new();
    for (key, part) in schema["properties"].as_object().unwrap() {
        places.push((vec![key], part));
    }
    for (key, part) in schema["definitions"].as_object().unwrap() {
        places.push((vec!["Controls", "firewall_on", key], part));
    }
    let (mut values, mut beyond) = (0, 0);
    for (path, part) in places {
        let strategy = allowed(part, &schema);
        for _ in 0..300 {
            let mut instance = strategy.new_tree(&mut runner).unwrap().current();
            for key in path.iter().rev() {
                instance = serde_json::json!({ *key: instance });
            }
            values += leaves(&instance);
            for fault in faults(&instance) {
                assert!(is_beyond(&fault, &instance), "{fault} in {instance}");
                beyond += 1;
            }
        }
    }
    assert!(values > 5000, "{values} values are too few to tell");
    assert!((1..values / 5).contains(&beyond), "{beyond} of {values} values are refused for what no schema can say");
}

#[test]
fn an_untouched_form_is_an_empty_policy() {
    assert_eq!(
        plist(&serde_json::json!({ "Level": null, "Controls": null })),
        Some(Plist::Dictionary(Dictionary::new()))
    );
    assert_eq!(faults(&serde_json::json!({})), []);
}
