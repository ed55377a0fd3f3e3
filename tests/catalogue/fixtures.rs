//! Each control has three transcripts, `tests/fixtures/<id>/{compliant,drifted,unreadable}.json`, and a replay of each gives
//! what its name says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use chrono::DateTime;
use holdfast::control::{Control, Kind};
use holdfast::controls;
use holdfast::enforce::Pass;
use holdfast::facts::{Processor, Version};
use holdfast::host::transcript::{Replay, Transcript};
use holdfast::mac::Ask;
use holdfast::policy::{self, Enrolled, LayerText, Layers, Policy};

use crate::supported::{self, is_on_a_server};

/// A fixture's name, and the word of the outcome that its replay gives.
const KINDS: [(&str, &str); 3] = [("compliant", "compliant"), ("drifted", "drifted"), ("unreadable", "unknown")];

/// The same for what leaves nothing on a Mac: it can neither hold nor drift there.
const KINDS_OF_A_SERVER: [(&str, &str); 2] = [("not_applicable", "not_applicable"), ("unreadable", "unknown")];

/// The fixtures that a control must have.
fn kinds(control: &Control) -> &'static [(&'static str, &'static str)] {
    if is_on_a_server(control) { &KINDS_OF_A_SERVER } else { &KINDS }
}

/// How many questions it takes to tell which Mac it is.
const SURVEY: usize = 2;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A fixture with where it is; what is wrong with the file is the reason for a failure.
fn read(id: &str, kind: &str) -> Result<Transcript, String> {
    let path = format!("tests/fixtures/{id}/{kind}.json");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).map_err(|error| {
        format!("{path} cannot be read ({error}): write a transcript, as src/host/transcript.rs shows")
    })?;
    Transcript::from_json(&text).map_err(|error| format!("{path} is no transcript: {error}"))
}

/// What a control's fixtures need of policy, where at its defaults it asks for nothing.
const SETTINGS: &str = "settings.json";

/// The settings that stand beside a control's fixtures, none where there are none.
fn settings_of(id: &str) -> plist::Dictionary {
    let path = folder().join(id).join(SETTINGS);
    let Ok(text) = fs::read(&path) else { return plist::Dictionary::new() };
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What policy must say before the control has anything to hold: a text, for each setting that has none by default.
pub fn given(control: &Control) -> plist::Dictionary {
    let needed = control.settings.iter().filter(|setting| matches!(setting.kind, Kind::Text { default: "" }));
    needed.map(|setting| (setting.key.to_owned(), plist::Value::from("Property of Example Company."))).collect()
}

/// Every control enforced, at level 3, the disruptive ones too, with the settings that its fixtures need.
pub fn everything() -> Policy {
    let mut by_id = plist::Dictionary::new();
    for control in controls::all() {
        let mut keys = settings_of(control.id);
        keys.insert("Mode".into(), "enforce".into());
        keys.extend(given(control));
        by_id.insert(control.id.into(), keys.into());
    }
    let mut root = plist::Dictionary::new();
    root.insert("Level".into(), 3.into());
    root.insert("Controls".into(), by_id.into());
    let mut bytes = Vec::new();
    plist::Value::from(root).to_writer_xml(&mut bytes).unwrap();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (policy, problems) = policy::read(&layers, &controls::all(), &Enrolled::Yes);
    assert_eq!(problems, Vec::new());
    policy
}

fn list(asks: &[Ask]) -> String {
    asks.iter().map(|ask| format!("\n      {ask}")).collect()
}

/// What is wrong with one fixture; nothing where it does what its name says.
fn faults(control: &'static Control, kind: &str, wanted: &str, policy: &Policy) -> Vec<String> {
    let transcript = match read(control.id, kind) {
        Ok(transcript) => transcript,
        Err(why) => return vec![why],
    };
    let replay = Replay::new(&transcript);
    let go_on = AtomicBool::new(false);
    let catalogue = [control];
    let now = DateTime::from_timestamp(1_795_341_600, 0).unwrap();
    let summary = Pass::new(&replay, &catalogue, policy, now, &go_on).check();
    let outcome = &summary.lines[0].outcome;
    let at = format!("tests/fixtures/{}/{kind}.json", control.id);
    let mut faults = Vec::new();
    if outcome.word() != wanted {
        faults.push(format!("{at} should be {wanted} and is {outcome:?}: mend the transcript or the probe"));
    }
    if !replay.unanswered().is_empty() {
        faults.push(format!("{at} lacks the answers to{}", list(&replay.unanswered())));
    }
    if !replay.unasked().is_empty() {
        faults.push(format!("{at} answers what the control does not ask; take out{}", list(&replay.unasked())));
    }
    match &summary.facts {
        Ok(facts) if Version::parse(&transcript.macos).as_ref() != Some(&facts.macos) => {
            faults.push(format!("{at} says macOS {}, its sw_vers says {}", transcript.macos, facts.macos));
        }
        Ok(facts) if !supported::majors().contains(&facts.macos.major()) => {
            faults.push(format!("{at} is from macOS {}, which is not supported", facts.macos));
        }
        // Only where nothing else decides may a fixture leave open which Mac it comes from.
        Err(error) if !read(control.id, "compliant").is_ok_and(|holds| holds.asks.len() == SURVEY) => {
            faults.push(format!("{at}: no telling which Mac ({error}); make the deciding answer unreadable instead"));
        }
        _ => {}
    }
    if transcript.source.trim().is_empty() {
        faults.push(format!("{at} does not say what kind of source its wording comes from: fill in \"source\""));
    }
    faults
}

#[test]
fn each_control_has_three_transcripts_that_give_what_they_are_named_for() {
    let policy = everything();
    let mut all = Vec::new();
    for control in controls::all() {
        for (kind, wanted) in kinds(control) {
            all.extend(faults(control, kind, wanted, &policy));
        }
    }
    assert!(all.is_empty(), "\n{}\n", all.join("\n"));
}

#[test]
fn no_fixture_lies_there_for_nothing() {
    let ids: BTreeSet<String> = controls::all().iter().map(|control| control.id.to_owned()).collect();
    let mut files: BTreeSet<String> = KINDS.iter().map(|(kind, _)| format!("{kind}.json")).collect();
    files.extend(["not_applicable.json", SETTINGS].map(str::to_owned));
    for name in names(&folder()) {
        assert!(ids.contains(&name), "tests/fixtures/{name} belongs to no control: remove or rename it");
        let found = names(&folder().join(&name));
        let stray: Vec<_> = found.difference(&files).collect();
        let about_server = controls::find(&name).is_some_and(is_on_a_server) != found.contains("not_applicable.json");
        assert!(!about_server, "tests/fixtures/{name}/not_applicable.json is for what is only set on a server");
        assert!(stray.is_empty(), "tests/fixtures/{name}/{stray:?}: replayed by no test, remove it");
    }
}

/// The fixtures together cover every supported macOS and both processors, in each of the three states.
#[test]
fn the_fixtures_are_spread_over_the_supported_macs() {
    for (kind, _) in KINDS {
        let mut seen = BTreeSet::new();
        for control in controls::all() {
            let Ok(transcript) = read(control.id, kind) else { continue };
            let replay = Replay::new(&transcript);
            if let Ok(facts) = holdfast::host::survey::survey(&replay) {
                seen.insert((facts.macos.major(), facts.processor == Processor::Intel));
            }
        }
        for mac in supported::macs() {
            let wanted = (mac.macos.major(), mac.processor == Processor::Intel);
            assert!(seen.contains(&wanted), "no {kind} fixture comes from macOS {} (Intel: {})", wanted.0, wanted.1);
        }
    }
}
