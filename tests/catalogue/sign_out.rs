//! The published sign-out script: each of its parts shows, and no text of policy makes a command of another kind.

use std::sync::atomic::AtomicBool;

use chrono::DateTime;
use holdfast::control::{Control, Value};
use holdfast::controls;
use holdfast::enforce::{Outcome, Pass};
use holdfast::host::{Look, Once, ToolError, Touch};
use holdfast::ledger::memory::MemoryJournal;
use holdfast::mac::{Answer, Ask};
use holdfast::policy::{self, Enrolled, LayerText, Layers, Policy};
use holdfast::sim::{Mac, SimMac, World};
use plist::Dictionary;

const ID: &str = "sign_out_original_script";
const LABEL: &str = "com.jamftrust.automateSignOut";
const LIST: &str = "/Library/LaunchDaemons/com.jamftrust.automateSignOut.plist";
const SCRIPT: &str = "/Library/Scripts/jamfTrustSignOut.sh";

fn control() -> &'static Control {
    controls::find(ID).unwrap()
}

/// Enforced, with these texts for its settings.
fn policy(texts: &[(&str, &str)]) -> Policy {
    let mut keys = Dictionary::from_iter([("Mode".to_owned(), plist::Value::from("enforce"))]);
    for (key, text) in texts {
        let setting = control().settings.iter().find(|setting| setting.key == *key).unwrap();
        assert_eq!(setting.objection(&Value::Text((*text).to_owned())), None, "policy already refuses {text}");
        keys.insert((*key).to_owned(), (*text).into());
    }
    let by_id = Dictionary::from_iter([(ID.to_owned(), plist::Value::from(keys))]);
    let root = plist::Value::from(Dictionary::from_iter([("Controls".to_owned(), plist::Value::from(by_id))]));
    let mut bytes = Vec::new();
    root.to_writer_xml(&mut bytes).unwrap();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (policy, problems) = policy::read(&layers, &[control()], &Enrolled::Yes);
    assert_eq!(problems, Vec::new());
    policy
}

fn enforce(look: &dyn Look, touch: &dyn Touch, policy: &Policy, seconds: i64) -> Outcome {
    let (catalogue, go_on) = ([control()], AtomicBool::new(false));
    let now = DateTime::from_timestamp(1_795_341_600 + seconds, 0).unwrap();
    let pass = Pass::new(Once::new(look), &catalogue, policy, now, &go_on);
    pass.enforce(touch, &mut MemoryJournal::default()).unwrap().lines.remove(0).outcome
}

fn found(mac: &SimMac) -> String {
    let (catalogue, go_on, policy) = ([control()], AtomicBool::new(false), policy(&[]));
    let now = DateTime::from_timestamp(1_795_341_600, 0).unwrap();
    match Pass::new(mac, &catalogue, &policy, now, &go_on).check().lines.remove(0).outcome {
        Outcome::Drifted { seen, .. } | Outcome::Compliant { seen } => seen,
        other => panic!("{other:?}"),
    }
}

fn is_there(mac: &SimMac, path: &str) -> bool {
    mac.look(&Ask::File(path.into())).unwrap() != Answer::File(holdfast::mac::FileAnswer::Absent)
}

#[test]
fn each_part_that_is_left_is_named_and_taken_away() {
    let (job, list, script) = (format!("job {LABEL} loaded"), format!("{LIST} present"), format!("{SCRIPT} present"));
    for parts in 1..8 {
        let mac = SimMac::in_memory(World::Neglected, Mac::default());
        let mut left = Vec::new();
        for (bit, name) in [(1, &job), (2, &list), (4, &script)] {
            match (parts & bit != 0, bit) {
                (true, _) => left.push(name.as_str()),
                (false, 1) => mac.edit(|state| state.jobs.clear()).unwrap(),
                (false, 2) => mac.put_file(LIST, None).unwrap(),
                (false, _) => mac.put_file(SCRIPT, None).unwrap(),
            }
        }
        assert_eq!(found(&mac), left.join(", "));
        let outcome = enforce(&mac, &mac, &policy(&[]), 0);
        assert!(matches!(outcome, Outcome::Fixed { .. }), "{left:?}: {outcome:?}");
        assert_eq!(found(&mac), "not installed");
        assert!(!is_there(&mac, LIST) && !is_there(&mac, SCRIPT) && mac.state().jobs.is_empty());
        mac.reboot().unwrap();
        assert_eq!(found(&mac), "not installed");
    }
}

/// A management tool that installs it again meets the same remedy, and nothing that was kept is lost.
#[test]
fn what_comes_back_is_moved_beside_what_was_moved_before() {
    let mac = SimMac::in_memory(World::Neglected, Mac::default());
    for again in 0..3 {
        if again > 0 {
            mac.put_file(LIST, Some(Dictionary::from_iter([("Label".to_owned(), plist::Value::from(LABEL))]))).unwrap();
            mac.reboot().unwrap();
        }
        let outcome = enforce(&mac, &mac, &policy(&[]), again);
        assert!(matches!(outcome, Outcome::Fixed { .. }), "{again}: {outcome:?}");
        let kept = format!("/Library/Application Support/Holdfast/replaced/20261122T10000{again}Z-{LABEL}.plist");
        assert!(is_there(&mac, &kept), "{kept}");
    }
}

/// Says what was asked and done.
struct Heard<'a>(&'a SimMac, std::sync::Mutex<Vec<String>>);

impl Look for Heard<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        self.1.lock().unwrap().push(ask.to_string());
        self.0.look(ask)
    }
}

impl Touch for Heard<'_> {
    fn touch(&self, change: &holdfast::mac::Change) -> Result<(), ToolError> {
        panic!("changed: {change}");
    }
}

#[test]
fn a_text_of_policy_that_names_something_else_is_an_error_and_no_command() {
    let hostile = [
        ("Label", ""),
        ("Label", "a/b"),
        ("Label", "../gui/501/x"),
        ("Label", "a b"),
        ("Label", "-k"),
        ("Label", "a;id"),
        ("Label", "com.apple.screensharing"),
        ("Label", "COM.apple.x"),
        ("Label", "org.holdfast.agent"),
        ("Plist", "/etc/sudoers"),
        ("Plist", "/Library/LaunchDaemons/x/y.plist"),
        ("Plist", "/Library/LaunchDaemons/x"),
        ("Plist", "/Library/LaunchDaemons/.plist"),
        ("Plist", "/Library/LaunchDaemons/org.holdfast.agent.plist"),
        ("Plist", "/Library/LaunchDaemons/com.apple.x.plist"),
        ("Plist", "/System/Library/LaunchDaemons/x.plist"),
        ("Script", "/bin/bash"),
        ("Script", "/Library/Holdfast/bin/holdfast"),
        ("Script", "/library/Scripts/x"),
        ("Script", "/Library/holdfast/bin/x"),
        ("Script", "/Library/Application Support/Holdfast/status.plist"),
        ("Script", "/Library/Preferences/com.apple.loginwindow.plist"),
        ("Script", "/private/etc/hosts"),
    ];
    for (key, text) in hostile {
        let mac = SimMac::in_memory(World::Neglected, Mac::default());
        let heard = Heard(&mac, std::sync::Mutex::default());
        let outcome = enforce(&heard, &heard, &policy(&[(key, text)]), 0);
        let words = format!("policy's {key} cannot be used: ");
        assert!(matches!(&outcome, Outcome::Unknown { why } if why.starts_with(&words)), "{text}: {outcome:?}");
        let asked = heard.1.into_inner().unwrap();
        assert!(!asked.iter().any(|ask| ask.contains("launchctl") || ask.contains("LaunchDaemons")), "{asked:?}");
    }
}

#[test]
fn another_label_and_other_places_are_taken_from_policy() {
    let mac = SimMac::in_memory(World::Neglected, Mac::default());
    let other = policy(&[
        ("Label", "com.example.sign-out_2"),
        ("Plist", "/Library/LaunchDaemons/com.example.plist"),
        ("Script", "/Library/Example/sign out.sh"),
    ]);
    let outcome = enforce(&mac, &mac, &other, 0);
    assert!(matches!(outcome, Outcome::Compliant { .. }), "{outcome:?}");
    assert!(is_there(&mac, LIST));
}
