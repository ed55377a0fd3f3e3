//! Names: one for each control, and no two things behind one name.

use std::collections::{BTreeMap, BTreeSet};

use holdfast::control::{Control, Level, Severity};
use holdfast::controls;

fn is_snake_case(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && !id.ends_with('_')
        && !id.contains("__")
        && id.chars().all(plain)
}

#[test]
fn ids_are_snake_case_and_each_is_listed_once() {
    let mut seen = BTreeSet::new();
    for control in controls::all() {
        assert!(is_snake_case(control.id), "{} is not snake_case: rename it", control.id);
        assert!(seen.insert(control.id), "{} is listed twice: take it out of one CONTROLS array", control.id);
    }
    assert!(!is_snake_case("Firewall_on") && !is_snake_case("a__b") && !is_snake_case("1a") && is_snake_case("a_1"));
}

/// `explain` and `config` take either name, so a rule id must lead to one control, and no rule id may be another's id.
#[test]
fn every_name_finds_one_control() {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for control in controls::all() {
        for name in [Some(control.id), control.refs.mscp].into_iter().flatten() {
            if let Some(other) = names.insert(name, control.id) {
                panic!("{name} means {other} and {}: leave it in the refs of the one that it fits best", control.id);
            }
            assert_eq!(controls::find(name).map(|found| found.id), Some(control.id), "{name}");
        }
    }
}

#[test]
fn an_area_is_one_stretch_of_the_catalogue() {
    let areas: Vec<_> = controls::all().iter().map(|control| control.area).collect();
    for (before, control) in areas.iter().zip(controls::all().iter().skip(1)) {
        assert!(
            *before <= control.area,
            "{} of the area {} comes after the area {}: reports show areas one after the other",
            control.id,
            control.area.title(),
            before.title()
        );
    }
}

fn per_macos(control: &Control, what: &str, ids: &[(u32, &str)]) {
    let majors: Vec<u32> = ids.iter().map(|(macos, _)| *macos).collect();
    let known = crate::supported::majors();
    assert!(majors.iter().all(|macos| known.contains(macos)), "{}: {what} of an unknown macOS {ids:?}", control.id);
    assert!(majors.is_sorted(), "{}: {what} out of order {ids:?}", control.id);
}

#[test]
fn framework_ids_have_their_form() {
    for control in controls::all() {
        let refs = &control.refs;
        per_macos(control, "CIS sections", refs.cis_macos);
        per_macos(control, "STIG ids", refs.stig);
        for (macos, id) in refs.stig {
            let number = id.strip_prefix(&format!("APPL-{macos}-"));
            assert!(number.is_some_and(|n| n.len() == 6), "{}: {id} is no STIG id of macOS {macos}", control.id);
        }
        for id in refs.cis_macos.iter().map(|(_, id)| id).chain(refs.cis_v8) {
            let dotted = id.split('.').count() >= 2 && id.split('.').all(|part| part.parse::<u32>().is_ok());
            assert!(dotted, "{}: {id} is no CIS section", control.id);
        }
        assert!(!refs.soc2.is_empty(), "{}: which SOC 2 criterion does it serve?", control.id);
        assert!(!refs.nist_800_53r5.is_empty() || !refs.cis_v8.is_empty(), "{}: no framework asks for it", control.id);
        if let Some(rule) = refs.mscp {
            assert!(is_snake_case(rule), "{}: {rule} is no rule id", control.id);
        }
    }
}

/// What every Mac is looked at for, though mending it must wait until policy names it.
const LOOKED_FOR_EVERYWHERE: [&str; 5] =
    ["sign_out_original_script", "remote_login", "screen_sharing", "remote_management", "file_sharing"];

/// Level 1 is for every Mac: nothing there may get in somebody's way, and nothing of high severity may wait for level 2.
#[test]
fn levels_fit_what_a_control_does() {
    for control in controls::all() {
        if control.level == Level::L1 && !LOOKED_FOR_EVERYWHERE.contains(&control.id) {
            assert_eq!(control.disruptive, None, "{} is disruptive: move it to level 2 or 3", control.id);
        }
        if control.severity == Severity::High {
            assert_eq!(control.level, Level::L1, "{} is of high severity: it belongs to level 1", control.id);
        }
    }
}
