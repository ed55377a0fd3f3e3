//! The manual page and the JSON form, both made from the catalogue.

use std::fs;
use std::path::Path;

use holdfast::controls;
use holdfast::report::catalogue;
use serde_json::Value;

#[test]
fn the_manual_page_is_in_step_with_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/controls.md");
    let written = fs::read_to_string(&path).unwrap_or_default();
    let made = catalogue::markdown(&controls::all());
    let differs = written.lines().zip(made.lines()).position(|(written, made)| written != made);
    assert!(
        written == made,
        "docs/controls.md is out of step, first in line {}: cargo run -- controls --markdown > docs/controls.md",
        differs.unwrap_or(written.lines().count().min(made.lines().count())) + 1
    );
    for control in controls::all() {
        let (heading, link) = (format!("\n### {}\n", control.id), format!("| [{0}](#{0}) |", control.id));
        assert!(written.contains(&heading), "docs/controls.md has no heading, and so no anchor, for {}", control.id);
        assert!(written.contains(&link), "the table of docs/controls.md has no link to {}", control.id);
    }
}

fn keys(value: &Value) -> String {
    value.as_object().map(|map| map.keys().map(String::as_str).collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

/// Programs read this: a key may be added, none may change its name or go away while `v` is 1.
#[test]
fn the_json_form_keeps_its_keys() {
    let made = catalogue::json(&controls::all());
    assert_eq!(keys(&made), "v controls");
    assert_eq!(made["v"], 1);
    let list = made["controls"].as_array().unwrap();
    let ids: Vec<&str> = list.iter().map(|control| control["id"].as_str().unwrap()).collect();
    assert_eq!(ids, controls::all().iter().map(|control| control.id).collect::<Vec<_>>());
    for control in list {
        let id = &control["id"];
        assert_eq!(
            keys(control),
            "id title why check area level severity user_impact disruptive default_mode of_each_user cadence watches settings variants refs docs",
            "{id}"
        );
        assert_eq!(keys(&control["refs"]), "cis_macos cis_level cis_v8 nist_800_53r5 soc2 stig mscp", "{id}");
        assert!((1..=3).contains(&control["level"].as_i64().unwrap()), "{id}");
        assert!(["low", "medium", "high"].contains(&control["severity"].as_str().unwrap()), "{id}");
        assert!(["enforce", "audit"].contains(&control["default_mode"].as_str().unwrap()), "{id}");
        for setting in control["settings"].as_array().unwrap() {
            assert_eq!(keys(setting), "key doc default", "{id}");
        }
        for variant in control["variants"].as_array().unwrap() {
            assert_eq!(keys(variant), "where first_macos last_macos applies root_can remedy", "{id}");
            let applies = variant["applies"].as_bool().unwrap();
            assert_eq!(keys(&variant["remedy"]), if applies { "who how" } else { "because" }, "{id}");
            let words = ["yes", "yes_unless_managed", "user_context", "partial", "detect_only", "manual"];
            assert_eq!(variant["root_can"].as_str().is_some_and(|word| words.contains(&word)), applies, "{id}");
        }
    }
}
