//! A neglected Mac is hardened by a preset and given back, by the program itself: field by field it is then as before.

use std::collections::BTreeSet;

use holdfast::control::Remedy;
use holdfast::controls;
use holdfast::host::survey::survey;
use holdfast::report::catalogue::{Here, explain};
use holdfast::report::style::Style;
use holdfast::sim::{Mac, World};
use serde_json::Value;

use crate::program::{Fields, Program, differing};

const PRESETS: [&str; 3] = ["cis-level-2", "cis-level-1", "level-3"];

/// What the catalogue says of every control whose changes can be put back.
const UNDO: &str = "holdfast restore puts back what was there before";

/// The controls that the agent sets on this Mac and of which the catalogue does not say that they can be put back.
fn documented(program: &Program) -> BTreeSet<String> {
    let facts = survey(&program.mac).unwrap();
    let at = Here { facts: Some(&facts), ..Here::default() };
    let wide = Style { colour: false, width: 300 };
    let set = controls::all().into_iter().filter(|it| matches!(it.remedy(&facts), Some(Remedy::Automatic { .. })));
    set.filter(|it| !explain(it, &at, &wide).contains(UNDO)).map(|it| it.id.to_owned()).collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The controls of a report that were changed, and those of them with a change that has no way back.
fn changed(report: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let of = |is: &dyn Fn(&Value) -> bool| {
        let is = |control: &&Value| array(&control["changes"]).iter().any(is);
        array(&report["controls"]).iter().filter(is).map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    (of(&|_| true), of(&|change| array(&change["undo"]).is_empty()))
}

/// What enforcing this one control alone changes on a Mac that is as the given one was.
fn fields_of(mac: Mac, preset: &str, control: &str, before: &Fields) -> BTreeSet<String> {
    let alone = Program::on(World::Neglected, mac);
    alone.run(&["enforce", "--preset", preset, "--control", control]);
    differing(before, &alone.fields())
}

fn is_given_back(mac: Mac, preset: &str) {
    let what = format!("{} at {preset}", mac.name());
    let program = Program::on(World::Neglected, mac);
    let before = program.fields();
    let (status, report) = program.json(&["enforce", "--preset", preset]);
    assert_eq!(status, 2, "{what}");
    let (changed, without_undo) = changed(&report);
    let hardened = program.fields();
    assert!(differing(&before, &hardened).len() >= changed.len() && changed.len() > 3, "{what}: {changed:?}");

    let documented: BTreeSet<String> = documented(&program).intersection(&changed).cloned().collect();
    assert_eq!(without_undo, documented, "{what}: changes without a way back, and those that the catalogue names");
    let excepted: BTreeSet<String> =
        documented.iter().flat_map(|control| fields_of(mac, preset, control, &before)).collect();
    let expected = if excepted.is_empty() { 0 } else { 2 };

    let (status, dry) = program.json(&["restore", "--all", "--dry-run"]);
    assert_eq!((status, differing(&hardened, &program.fields())), (expected, BTreeSet::new()), "{what}");
    let (status, restored) = program.json(&["restore", "--all"]);
    assert_eq!(array(&dry["settings"]).len(), array(&restored["settings"]).len(), "{what}");

    let after = program.fields();
    assert_eq!(differing(&before, &after), excepted, "{what}");
    assert_eq!(status, expected, "{what}: {restored}");
    let held: BTreeSet<String> = array(&restored["held"]).iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    assert_eq!(held, &changed - &documented, "{what}");

    // The same command once more leaves alone what was put back.
    program.run(&["enforce", "--preset", preset]);
    assert_eq!(differing(&after, &program.fields()), BTreeSet::new(), "{what}");
}

#[test]
fn every_neglected_mac_is_as_before_but_for_what_the_catalogue_says_cannot_be_put_back() {
    for mac in Mac::ALL {
        for preset in PRESETS {
            is_given_back(mac, preset);
        }
    }
}

#[test]
fn a_field_that_does_not_come_back_is_seen() {
    let program = Program::on(World::Neglected, Mac::default());
    let before = program.fields();
    program.mac.edit(|state| state.firewall.on = !state.firewall.on).unwrap();
    assert_eq!(differing(&before, &program.fields()), ["state.firewall.on".to_owned()].into());
    let list = [("Key".to_owned(), plist::Value::from(1))].into_iter().collect();
    program.mac.put_file("/Library/Preferences/com.example.plist", Some(list)).unwrap();
    let new = ["Library/Preferences/com.example.plist Key", "Library/Preferences/com.example.plist mode"];
    let is = differing(&before, &program.fields());
    assert!(new.iter().all(|field| is.contains(*field)) && is.len() == 3, "{is:?}");
}
