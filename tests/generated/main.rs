//! The generated files are what the code makes now, and all that is made of the tables of settings says the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod agree;
#[path = "../../examples/generate/files/mod.rs"]
mod files;
mod read;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What brings the files into step.
const COMMAND: &str = "cargo run --example generate";

/// How generated files beside others end.
const ATTRIBUTES_END: [&str; 2] = [".sh", ".xml"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, as a path from the checkout's root.
fn below(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        } else {
            found.insert(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn each_generated_file_is_what_is_generated() {
    for file in files::all().unwrap() {
        let written = fs::read(root().join(&file.path)).unwrap_or_default();
        let (old, new) = (String::from_utf8_lossy(&written), String::from_utf8_lossy(&file.content));
        let differs = old.lines().zip(new.lines()).position(|(old, new)| old != new);
        let line = differs.unwrap_or(old.lines().count().min(new.lines().count())) + 1;
        assert!(written == file.content, "{} is out of step, first in line {line}: {COMMAND}", file.path);
    }
}

#[test]
fn nothing_else_lies_among_them() {
    let made: BTreeSet<String> = files::all().unwrap().into_iter().map(|file| file.path).collect();
    let attributes = below(&root().join(files::ATTRIBUTES));
    let attributes = attributes.into_iter().filter(|path| ATTRIBUTES_END.iter().any(|end| path.ends_with(end)));
    let found: BTreeSet<String> = below(&root().join(files::FOLDER)).into_iter().chain(attributes).collect();
    let extra: Vec<&String> = found.difference(&made).collect();
    assert!(extra.is_empty(), "nothing makes these: {extra:?}");
    assert!(found.len() > 20, "{found:?}");
}

#[test]
fn they_are_made_the_same_twice() {
    for (first, second) in files::all().unwrap().into_iter().zip(files::all().unwrap()) {
        assert!(first.path == second.path && first.content == second.content, "{}", first.path);
    }
}

/// The texts that packages carry have no machine's own words and end as texts end.
#[test]
fn each_is_text_that_ends_with_one_line_break() {
    for file in files::all().unwrap() {
        let text = String::from_utf8(file.content).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}", file.path);
        assert!(!text.contains('\r') && !text.contains(env!("CARGO_MANIFEST_DIR")), "{}", file.path);
    }
}

#[test]
fn the_examples_of_the_manual_page_are_commands_that_there_are() {
    let page = fs::read_to_string(root().join("pkg/generated/man/holdfast.8")).unwrap().replace("\\-", "-");
    let (_, examples) = page.split_once("\n.SH EXAMPLES\n").unwrap();
    let commands: Vec<&str> =
        examples.lines().filter_map(|line| line.strip_prefix("\\fBholdfast ")?.strip_suffix("\\fR")).collect();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        let words = ["holdfast"].into_iter().chain(command.split(' '));
        let parsed = holdfast::cli::command().try_get_matches_from(words);
        assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
    }
}
