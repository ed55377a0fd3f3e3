//! The command, as a program: one text on standard output, what there is to know beside it on standard error, and its status.

use std::process::{Command, Output};

fn holdfast(args: &[&str]) -> (String, String, i32) {
    #[allow(clippy::disallowed_methods, reason = "a test starts the program that it tests")]
    let Output { stdout, stderr, status } =
        Command::new(env!("CARGO_BIN_EXE_holdfast")).arg("profile").args(args).output().unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code().unwrap())
}

const SIGNED: &str = "designated => identifier \"org.holdfast.agent\" and anchor apple generic and certificate leaf[subject.OU] = AAAAA00000";

#[test]
fn it_prints_a_profile_and_the_same_one_each_time() {
    for args in [
        &["policy", "--preset", "level-2", "--set", "SignOut.Times=07:30", "--organization", "A & B"][..],
        &["companion", "--macos", "26", "--preset", "level-3"],
        &["service", "--team-id", "AAAAA00000"],
        &["privacy", "--code-requirement", SIGNED],
    ] {
        let (text, said, status) = holdfast(args);
        assert_eq!(status, 0, "{args:?}: {said}");
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist"), "{text}");
        assert!(text.ends_with("</plist>\n"), "{text}");
        assert!(said.lines().all(|line| line.starts_with("note: ")), "{said}");
        assert_eq!(holdfast(args).0, text);
    }
    let (text, _, _) = holdfast(&["policy", "--organization", "A & B"]);
    assert!(text.contains("<string>A &amp; B</string>"), "{text}");
}

#[test]
fn declarations_are_json_one_or_all() {
    let all = holdfast(&["companion", "--macos", "27", "--declarations", "--update-by", "2027-01-31T18:00:00"]);
    let list: serde_json::Value = serde_json::from_str(&all.0).unwrap();
    assert_eq!((list.as_array().unwrap().len(), all.2), (2, 0), "{}", all.1);
    let one = holdfast(&["companion", "--macos", "27", "--declarations=softwareupdate.settings"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&one.0).unwrap(), list[0]);
    let whole =
        holdfast(&["companion", "--macos", "27", "--declarations=com.apple.configuration.softwareupdate.settings"]);
    assert_eq!(whole.0, one.0);
}

#[test]
fn what_cannot_be_given_is_told_with_its_status() {
    for (args, status, part) in [
        (&["policy", "--preset", "level-4"][..], 64, "there is no preset \"level-4\": level-1, level-2, level-3"),
        (&["policy", "--set", "Level"], 64, "\"Level\" is not KEY=VALUE"),
        (&["policy", "--set", "Levle=1"], 64, "did you mean Level?"),
        (&["policy", "--set", "Level=9"], 78, "holdfast: Level: 9 is not between 1 and 3 levels\n"),
        (
            &["policy", "--set", "Level=9", "--set", "SignOut.AtBoot=x"],
            78,
            "holdfast: SignOut.AtBoot: expected true or false",
        ),
        (&["policy", "--organization", "a\u{1b}[31m"], 64, "--organization has control characters"),
        // A variable of a script that was not set.
        (&["policy", "--organization", ""], 64, "--organization is empty"),
        (&["service", "--organization", " "], 64, "--organization is empty"),
        (&["companion", "--macos", "26", "--screen-saver", ""], 64, "--screen-saver is empty"),
        (&["companion"], 64, "--macos"),
        (&["companion", "--macos", "16"], 64, "this release knows macOS 14, 15, 26 and 27"),
        (&["companion", "--macos", "26", "--set", "Level=9"], 78, "not between"),
        (&["companion", "--macos", "26", "--update-by", "2027-01-31T18:00:00"], 64, "--declarations"),
        (&["companion", "--macos", "26", "--declarations", "--update-by", "2027-01-31"], 64, "not a local time"),
        (
            &["companion", "--macos", "26", "--declarations", "--update-by", "2027-02-30T18:00:00"],
            64,
            "not a local time",
        ),
        (&["companion", "--macos", "14", "--declarations"], 1, "nothing to print: no declaration for macOS 14"),
        (
            &["companion", "--macos", "27", "--declarations=x"],
            64,
            "no declaration \"x\" to print here: softwareupdate.settings",
        ),
        (&["companion", "--macos", "26", "--escrow-location", "x"], 64, "--escrow-certificate"),
        (
            &["companion", "--macos", "26", "--escrow-location", "x", "--escrow-certificate", "Cargo.toml"],
            65,
            "Cargo.toml: it is not one X.509 certificate",
        ),
        (
            &["companion", "--macos", "26", "--escrow-location", "x", "--escrow-certificate", "/nowhere/x.pem"],
            1,
            "/nowhere/x.pem: ",
        ),
        (&["service", "--team-id", "aaaaa00000"], 64, "is not a team identifier"),
        (&["privacy"], 64, "--code-requirement"),
        (&["privacy", "--code-requirement", "anchor apple generic"], 64, "other programs fulfil it"),
    ] {
        let (text, said, ended) = holdfast(args);
        assert_eq!((ended, text.as_str()), (status, ""), "{args:?}: {said}");
        assert!(said.contains(part), "{args:?}: {said}");
    }
    let off: Vec<String> = holdfast::controls::all().iter().map(|control| format!("{}.Mode=off", control.id)).collect();
    let args: Vec<&str> = off.iter().flat_map(|set| ["--set", set]).collect();
    let (text, said, status) = holdfast(&[&["companion", "--macos", "26"], args.as_slice()].concat());
    assert_eq!((status, text.as_str()), (1, ""), "{said}");
    assert!(said.contains("nothing to print: no payload for macOS 26"), "{said}");
}

#[test]
fn what_is_weak_is_printed_with_a_warning() {
    for (args, part) in [
        (&["service"][..], "without --team-id any job"),
        (&["privacy", "--code-requirement", "cdhash H\"00\""], "signed ad hoc"),
        (
            &["companion", "--macos", "27"],
            "update_download: com.apple.SoftwareUpdate AutomaticDownload was removed in macOS 27.0",
        ),
    ] {
        let (text, said, status) = holdfast(args);
        assert_eq!(status, 0, "{said}");
        assert!(text.starts_with("<?xml") && said.contains(part), "{said}");
    }
}
