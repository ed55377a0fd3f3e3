//! The page for administrators.

use std::fs;
use std::path::Path;

use holdfast::policy::Policy;
use holdfast::schedule::items;

use crate::bench::policy_of;

#[test]
fn without_a_schedule_in_policy_there_is_nothing_to_keep() {
    for policy in [Policy::built_in(&[]), policy_of(&[("NoticeMinutes", 5.into())])] {
        assert!(items(&policy, "device").iter().all(|item| item.name != "sign_out"));
    }
}

fn source(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// Names of tests are sentences; nothing else on the page has so many words in one.
#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/jamf-trust.md")).unwrap();
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() > 5).collect();
    assert!(named.len() > 10, "{named:?}");
    let mut all = String::new();
    source(&root.join("src"), &mut all);
    source(&root.join("tests"), &mut all);
    let missing: Vec<_> = named.iter().filter(|name| !all.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
