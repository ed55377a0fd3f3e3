//! docs/profiles.md: its commands are run, and its table is the program's.

use std::fs;
use std::path::Path;
use std::process::Command;

use holdfast::profile::companion::table::{Carrier, WAYS};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profiles.md")).unwrap()
}

/// The words of a command line, those in quotes whole.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote, mut word) = (Vec::new(), None, String::new());
    for c in line.chars().chain([' ']) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ' ') if !word.is_empty() => words.push(std::mem::take(&mut word)),
            (None, ' ') => {}
            _ => word.push(c),
        }
    }
    words
}

#[test]
fn every_command_of_the_page_makes_the_file_that_it_says() {
    let (page, dir) = (page(), tempfile::tempdir().unwrap());
    #[allow(clippy::disallowed_methods, reason = "a certificate for the program to read")]
    fs::write(dir.path().join("escrow.cer"), [0x30, 3, 0x30, 1, 0]).unwrap();
    let mut run = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("holdfast ")) {
        let (command, file) = line.split_once(" > ").unwrap();
        #[allow(clippy::disallowed_methods, reason = "a test starts the program that it tests")]
        let done =
            Command::new(env!("CARGO_BIN_EXE_holdfast")).args(words(command)).current_dir(&dir).output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let begins = if file.ends_with(".mobileconfig") { "<?xml" } else { "{\n  \"Type\"" };
        assert!(done.status.success() && text.starts_with(begins), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        run += 1;
    }
    assert_eq!(run, page.matches("\nholdfast profile ").count());
    assert!(run >= 8, "{run}");
}

#[test]
fn the_table_of_the_page_names_what_the_programs_has() {
    let page = page();
    for way in WAYS {
        let (Carrier::Payload(name) | Carrier::Preferences(name) | Carrier::Declaration(name)) = way.carrier;
        let rows: Vec<&str> =
            page.lines().filter(|line| line.starts_with("| ") && line.contains(&format!("`{name}`"))).collect();
        let (first, last) = way.macos;
        let versions = if first == last { format!("| {first} |") } else { format!(" {first} to {last} |") };
        // What two rows say between them (a key that moves) stands in the one of both.
        let whole = rows.iter().any(|row| row.contains(" 14 to 27 |"));
        assert!(whole || rows.iter().any(|row| row.ends_with(&versions)) || way.macos == (14, 15), "{way}: {rows:?}");
    }
    for line in page.lines().filter(|line| line.starts_with("note: ")) {
        let (control, what) = line["note: ".len()..].split_once(": ").unwrap();
        let made = super::companion::full(&super::companion::held("level-1", &[]), 27);
        assert!(made.notes.iter().any(|note| note.control == control && note.what == what), "{line}");
    }
}
