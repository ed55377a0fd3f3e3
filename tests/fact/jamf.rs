//! The extension attributes are what the table of facts comes to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use holdfast::report::fact::{FACTS, Shape, jamf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/jamf")
}

#[test]
fn the_files_are_the_ones_that_the_table_makes_and_there_are_no_others() {
    let mut expected = BTreeSet::from(["README.md".to_owned()]);
    for file in jamf::files() {
        let there = fs::read_to_string(folder().join(&file.name)).unwrap_or_default();
        assert!(there == file.text, "pkg/jamf/{} is not what the table makes: run the example generate", file.name);
        expected.insert(file.name);
    }
    let found = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_readme_has_the_table() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    assert!(readme.contains(&jamf::table()), "pkg/jamf/README.md should have:\n{}", jamf::table());
}

/// What is between the tags of an element, with the characters that XML escapes as themselves.
fn element(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = xml.split_once(&open).unwrap();
    let (text, rest) = rest.split_once(&close).unwrap();
    assert!(!rest.contains(&open), "{name} is there twice");
    assert!(!text.contains('<'), "{name} has an element in it");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn what_is_imported_has_the_script_itself_and_the_type() {
    for fact in FACTS {
        let xml = jamf::import(&fact);
        let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<extensionAttribute>\n").unwrap();
        assert!(body.ends_with("</scriptContentsMac>\n</extensionAttribute>\n"), "{xml}");
        assert_eq!(element(&xml, "scriptContentsMac"), jamf::script(&fact));
        let data_type = match fact.shape {
            Shape::Count => "integer",
            Shape::Date => "date",
            _ => "string",
        };
        assert_eq!(element(&xml, "dataType"), data_type);
        assert!(element(&xml, "displayName").contains(fact.title));
        assert!(element(&xml, "description").contains(fact.doc));
    }
}

#[test]
fn a_script_names_every_program_by_its_whole_path_and_every_word_of_its_fact() {
    for fact in FACTS {
        let script = jamf::script(&fact);
        let code: Vec<&str> = script.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(script.starts_with("#!/bin/sh\n") && script.is_ascii(), "{script}");
        assert!(!script.contains('@'), "something is left to fill in:\n{script}");
        assert_eq!(code.iter().filter(|line| line.contains("$(")).count(), 2);
        for part in script.split("$(").skip(1) {
            assert!(part.starts_with("/usr/bin/"), "{part}");
        }
        assert!(script.contains(&format!("\"$agent\" ea {})", fact.name)));
        if let Shape::Word(words) = fact.shape {
            for word in words.iter().chain(fact.excuses()) {
                assert!(code.iter().any(|line| line.split([' ', ')']).any(|seen| seen == *word)), "{word}:\n{script}");
            }
        }
    }
}
