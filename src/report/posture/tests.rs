use super::*;
use crate::controls;
use crate::facts::{Form, Processor, Version};
use crate::ledger::history::Standing;
use crate::policy::Policy;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn facts(version: &str) -> Facts {
    Facts {
        macos: Version::parse(version).unwrap(),
        build: "25F84".into(),
        processor: Processor::AppleSilicon,
        form: Form::Laptop,
        model: "Mac16,13".into(),
        uuid: None,
    }
}

/// Everything on record in one state since one moment.
fn history(state: &str, seen_at: &str) -> History {
    let standing =
        Standing { state: state.into(), since: seen_at.into(), seen_at: seen_at.into(), ..Standing::default() };
    let mut history = History::default();
    history.controls = controls::all().iter().map(|control| (control.id.to_owned(), standing.clone())).collect();
    history
}

fn posture(state: &str, seen_at: &str, now: &str) -> Posture {
    let all = controls::all();
    Posture::of(&all, &history(state, seen_at), &Policy::built_in(&all), Some(&facts("26.5")), at(now))
}

fn value(document: &Value, fact: &str) -> Vec<(String, String)> {
    let value = document["facts"][fact]["value"].as_object().unwrap();
    value.iter().map(|(until, said)| (until.clone(), said.as_str().unwrap().to_owned())).collect()
}

#[test]
fn a_value_stands_only_behind_the_instant_at_which_it_ends() {
    let document = posture("compliant", "2026-11-22T10:00:00.000Z", "2026-11-22T10:30:00Z").json(None);
    // Cheap looks are believed for two hours, slow ones for four of their intervals.
    assert_eq!(value(&document, "firewall"), [("2026-11-22T12:00:00.000Z".to_owned(), "on".to_owned())]);
    assert_eq!(value(&document, "bootstrap_token")[0].1, "escrowed");
    assert_eq!(value(&document, "macos"), [("2026-11-22T14:30:00.000Z".to_owned(), "26.5".to_owned())]);
    // Nowhere else is a value to be had.
    for (name, fact) in document["facts"].as_object().unwrap() {
        let keys: Vec<&String> = fact.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["value", "unknown", "seen", "limit_seconds", "control", "question"], "{name}");
        assert_eq!(fact["unknown"], Value::Null, "{name}");
    }
}

#[test]
fn what_is_too_old_or_from_the_future_or_not_known_has_no_value() {
    for (state, seen, now, why) in [
        ("compliant", "2026-11-22T10:00:00.000Z", "2026-11-23T10:00:00Z", "stale"),
        ("compliant", "2026-11-22T10:00:00.000Z", "2026-11-22T09:00:00Z", "stale"),
        ("compliant", "garbage", "2026-11-22T10:00:00Z", "stale"),
        ("unknown", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00Z", "unread"),
        ("off", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00Z", "off"),
        ("exempt", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00Z", "exempt"),
        ("a word of another version", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00Z", "unread"),
    ] {
        let posture = posture(state, seen, now);
        let document = posture.json(None);
        for (name, id, _) in BY_CONTROL {
            assert_eq!(value(&document, name), [], "{name} ({id}), {state} {seen} {now}");
            let fact = &document["facts"][name];
            assert_eq!(fact["unknown"], why, "{name} ({id}), {state} {seen} {now}");
            // What policy has off was not looked at, whenever the last pass was.
            assert_eq!(fact["seen"].is_null(), state == "off" || seen == "garbage", "{name} ({id}), {state}");
        }
        let text = posture.text(&Utc, &Style::PLAIN);
        assert_eq!(text.matches("unknown").count(), BY_CONTROL.len(), "{text}");
    }
    // The very instant of the end is too late.
    let posture = posture("compliant", "2026-11-22T10:00:00.000Z", "2026-11-22T12:00:00Z");
    assert_eq!(value(&posture.json(None), "firewall"), []);
}

#[test]
fn weak_is_said_as_plainly_as_strong() {
    let document = posture("drifted", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00Z").json(Some("a@b"));
    for (name, _, [_, weak]) in BY_CONTROL {
        assert_eq!(value(&document, name)[0].1, weak, "{name}");
    }
    assert_eq!(document["simulated"], "a@b");
}

#[test]
fn every_fact_has_its_control_and_nothing_on_record_is_no_value() {
    let all = controls::all();
    for (name, id, _) in BY_CONTROL {
        assert!(all.iter().any(|control| control.id == id), "{name} asks {id}, which is no control");
    }
    let none = Posture::of(&all, &History::default(), &Policy::built_in(&all), None, at("2026-11-22T10:00:00Z"));
    let document = none.json(None);
    for (name, fact) in document["facts"].as_object().unwrap() {
        assert_eq!(value(&document, name), [], "{name}");
        assert_eq!(fact["seen"], Value::Null, "{name}");
        let why = if fact["control"].is_null() { "unread" } else { "never_looked_at" };
        assert_eq!(fact["unknown"], why, "{name}");
    }
}

#[test]
fn only_the_newest_three_versions_are_mended() {
    let all = controls::all();
    for (version, expected) in
        [("14.8", "no"), ("15.7", "yes"), ("26.5", "yes"), ("27.0", "yes"), ("13.7", "no"), ("28.0", "no")]
    {
        let now = at("2026-11-22T10:00:00Z");
        let made = Posture::of(&all, &History::default(), &Policy::built_in(&all), Some(&facts(version)), now);
        assert_eq!(value(&made.json(None), "macos_supported")[0].1, expected, "{version}");
    }
}
