//! Settings of each person: whose count, who is named, what one who is not to be read does to the others, who is changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use holdfast::control::{Control, Finding, Plan, View};
use holdfast::controls;
use holdfast::enforce::Pass;
use holdfast::host::survey::survey;
use holdfast::host::{Look, Once, ToolError};
use holdfast::ledger::memory::MemoryJournal;
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::policy::Policy;
use holdfast::sim::{Mac, SimMac, World};
use plist::Value;

use crate::cases::{look, mac, plan, put, says};

const TERMINAL: &str = "terminal_secure_input";
const WEAK: &str = "neglected@arm-laptop-26";

fn of(name: &str, file: &str) -> String {
    format!("/Users/{name}/Library/Preferences/{file}.plist")
}

fn secure(mac: &SimMac, name: &str, on: bool) {
    put(mac, &of(name, "com.apple.Terminal"), &[("SecureKeyboardEntry", on.into())]);
}

/// What is made of the file of one person.
struct Spoilt<'a> {
    mac: &'a SimMac,
    uid: u32,
    how: fn(&Ask, Answer) -> Result<Answer, ToolError>,
}

impl Look for Spoilt<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let answer = self.mac.look(ask)?;
        match ask {
            Ask::UserFile(file) if file.uid == self.uid => (self.how)(ask, answer),
            _ => Ok(answer),
        }
    }
}

fn link(ask: &Ask, _: Answer) -> Result<Answer, ToolError> {
    let Ask::UserFile(file) = ask else { panic!("{ask}") };
    Err(ToolError::UnsafeFile { path: file.path(), why: "it is a symbolic link".into() })
}

fn unread(ask: &Ask, _: Answer) -> Result<Answer, ToolError> {
    let Ask::UserFile(file) = ask else { panic!("{ask}") };
    Err(ToolError::File { path: file.path(), source: Arc::new(std::io::ErrorKind::PermissionDenied.into()) })
}

fn roots(_: &Ask, answer: Answer) -> Result<Answer, ToolError> {
    let Answer::File(FileAnswer::Present { bytes, mode, .. }) = answer else { panic!("{answer:?}") };
    Ok(Answer::File(FileAnswer::Present { bytes, owner: 0, mode }))
}

fn nothing_in_it(_: &Ask, answer: Answer) -> Result<Answer, ToolError> {
    let Answer::File(FileAnswer::Present { owner, mode, .. }) = answer else { panic!("{answer:?}") };
    Ok(Answer::File(FileAnswer::Present { bytes: Vec::new(), owner, mode }))
}

#[test]
fn one_of_two_has_drifted_and_is_named() {
    let mac = mac(WEAK);
    says(&mac, TERMINAL, "drifted", "alice: secure keyboard entry off; bob: secure keyboard entry off");
    secure(&mac, "alice", true);
    let (word, seen) = look(&mac, TERMINAL);
    assert_eq!((word, seen.as_str()), ("drifted", "bob: secure keyboard entry off"));
    secure(&mac, "bob", true);
    let (word, seen) = look(&mac, TERMINAL);
    assert_eq!((word, seen.as_str()), ("compliant", "alice: secure keyboard entry on; bob: secure keyboard entry on"));
}

#[test]
fn whoever_is_logged_in_everybody_counts() {
    let mac = mac(WEAK);
    secure(&mac, "alice", true);
    mac.edit(|state| state.behind.clear()).unwrap();
    says(&mac, TERMINAL, "drifted", "bob: secure keyboard entry off");
    mac.edit(|state| state.console_user = None).unwrap();
    says(&mac, TERMINAL, "drifted", "bob: secure keyboard entry off");
    // Once the account is not hidden it is a person's, whose settings are at their defaults.
    secure(&mac, "bob", true);
    mac.edit(|state| state.users.iter_mut().for_each(|user| user.hidden = false)).unwrap();
    says(&mac, TERMINAL, "drifted", "helpdesk: secure keyboard entry not set: off");
}

#[test]
fn a_file_that_is_not_to_be_read_makes_it_unknown_unless_another_has_drifted() {
    for (how, words) in [
        (link as fn(&Ask, Answer) -> _, "it is a symbolic link"),
        (unread, "could not be read"),
        (roots, "a file of user 502's"),
        (nothing_in_it, "not understood"),
    ] {
        let mac = mac(WEAK);
        let spoilt = Spoilt { mac: &mac, uid: 502, how };
        let (word, seen) = look(&spoilt, TERMINAL);
        let both = seen.starts_with("alice: secure keyboard entry off; bob: could not be told: ");
        assert!(word == "drifted" && both && seen.contains(words), "{word}: {seen}");
        secure(&mac, "alice", true);
        says(&spoilt, TERMINAL, "unknown", words);
        says(&spoilt, TERMINAL, "unknown", "/Users/bob/Library/Preferences/com.apple.Terminal.plist");
    }
}

#[test]
fn settings_for_this_mac_alone_need_its_uuid_and_all_need_a_home() {
    struct Without<'a>(&'a SimMac, &'a str);
    impl Look for Without<'_> {
        fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
            let mut answer = self.0.look(ask)?;
            if let Answer::Ran(output) = &mut answer {
                let text = String::from_utf8(output.stdout.clone()).unwrap();
                output.stdout = text.replace(self.1, "x").into_bytes();
            }
            Ok(answer)
        }
    }
    let mac = mac("hardened@arm-laptop-26");
    says(&Without(&mac, "platform_UUID"), "bluetooth_sharing", "unknown", "the hardware UUID");
    says(&Without(&mac, "platform_UUID"), TERMINAL, "compliant", "alice: ");
    says(&Without(&mac, "NFSHomeDirectory"), TERMINAL, "unknown", "the home folder of alice");
}

fn with_exempt(mac: &SimMac, exempt: &[&str]) -> Finding {
    past(mac, controls::find(TERMINAL).unwrap(), exempt).unwrap()
}

/// What is found of a control past these users.
fn past(mac: &dyn Look, control: &'static Control, exempt: &[&str]) -> Result<Finding, String> {
    let facts = survey(mac).unwrap();
    let policy = Policy::built_in(&[control]);
    let exempt: Vec<String> = exempt.iter().map(|name| (*name).to_owned()).collect();
    let settings = &policy.of(control).settings;
    let now = chrono::DateTime::UNIX_EPOCH;
    let view = View { mac, facts: &facts, settings, exempt: &exempt, now, after_change: false };
    control.look(&view).map_err(|error| error.chain())
}

#[test]
fn whom_policy_exempts_matters_to_just_the_controls_that_say_so() {
    let mut matters = BTreeSet::new();
    for (world, kind) in World::ALL.into_iter().flat_map(|world| Mac::ALL.map(|kind| (world, kind))) {
        let mac = SimMac::in_memory(world, kind);
        let everybody: Vec<String> = mac.state().users.iter().map(|user| user.name.clone()).collect();
        let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
        let once = Once::new(&mac);
        let heeds = |control: &&'static Control| past(&once, control, &[]) != past(&once, control, &everybody);
        matters.extend(controls::all().into_iter().filter(heeds).map(|control| control.id));
    }
    let say = controls::all().into_iter().filter(|control| control.is_of_each_user()).map(|control| control.id);
    assert_eq!(matters, say.collect(), "by what is found, and by what they say");
    assert!(matters.contains(TERMINAL));
}

#[test]
fn who_is_exempt_is_passed_over() {
    let mac = mac(WEAK);
    secure(&mac, "alice", true);
    assert!(matches!(with_exempt(&mac, &[]), Finding::Drifted { .. }));
    let Finding::Compliant { seen } = with_exempt(&mac, &["bob"]) else { panic!("bob is exempt") };
    assert_eq!(seen, "alice: secure keyboard entry on; passed over by policy: bob");
    let Finding::Drifted { seen, .. } = with_exempt(&mac, &["alice"]) else { panic!("bob is not exempt") };
    assert_eq!(seen, "bob: secure keyboard entry off; passed over by policy: alice");
    let Finding::NotApplicable { because } = with_exempt(&mac, &["bob", "alice"]) else { panic!("all are exempt") };
    assert!(because.contains("exempts everybody") && because.contains("alice, bob"), "{because}");
}

#[test]
fn who_is_exempt_needs_no_secure_token_and_the_others_do() {
    let tokens = controls::find("secure_tokens").unwrap();
    let mac = mac(WEAK);
    let Finding::Compliant { seen } = past(&mac, tokens, &["bob"]).unwrap() else { panic!("bob is exempt") };
    assert_eq!(seen, "held by alice; passed over by policy: bob");
    let Finding::Drifted { seen, .. } = past(&mac, tokens, &["alice"]).unwrap() else { panic!("bob is not exempt") };
    assert_eq!(seen, "missing for bob; held by alice");
    mac.edit(|state| {
        state.crypto_users.clear();
        state.users.iter_mut().for_each(|user| user.secure_token = false);
    })
    .unwrap();
    let Finding::Drifted { seen, .. } = past(&mac, tokens, &["bob"]).unwrap() else { panic!("alice is not exempt") };
    assert_eq!(seen, "held by nobody: FileVault cannot be turned on (alice); passed over by policy: bob");
    let all = past(&mac, tokens, &["alice", "bob"]).unwrap();
    assert!(matches!(&all, Finding::NotApplicable { because } if because.contains("exempts alice, bob")), "{all:?}");
}

/// The users whom a plan changes, and whom it waits for.
fn planned(mac: &SimMac) -> (Vec<u32>, String) {
    match plan(mac, TERMINAL) {
        Plan::Now(steps) => (steps.iter().filter_map(|step| step.change.run.as_user).collect(), String::new()),
        Plan::Later { because } => (Vec::new(), because),
        Plan::Managed { by } => panic!("{by}"),
    }
}

#[test]
fn those_who_are_logged_in_are_changed_and_the_others_named() {
    let mac = mac(WEAK);
    assert_eq!(planned(&mac).0, [501, 502]);
    mac.edit(|state| state.behind.clear()).unwrap();
    assert_eq!(planned(&mac).0, [501]);
    let (catalogue, go_on) = ([controls::find(TERMINAL).unwrap()], std::sync::atomic::AtomicBool::new(false));
    let policy = Policy::built_in(&catalogue);
    let mut journal = MemoryJournal::default();
    let pass = Pass::new(&mac, &catalogue, &policy, chrono::DateTime::UNIX_EPOCH, &go_on);
    pass.enforce(&mac, &mut journal).unwrap();
    let told = format!("{:?}", journal.events);
    assert!(told.contains("bob: secure keyboard entry off (not logged in, so it is not changed)"), "{told}");
    // Nobody has set it back: that bob's must wait is no contest.
    assert!(told.contains("refused: true"), "{told}");
    assert!(told.contains("\"as-user\", \"501\", \"--\", \"/usr/bin/defaults\""), "{told}");
    let (changed, because) = planned(&mac);
    assert!(changed.is_empty() && because.contains("not logged in: bob"), "{because}");
    mac.edit(|state| state.log_in("bob")).unwrap();
    assert_eq!(planned(&mac).0, [502]);
}

#[test]
fn what_a_profile_forces_goes_before_a_persons_own() {
    const FORCED: &str = "/Library/Managed Preferences";
    let mac = mac("hardened@arm-laptop-26");
    let off = [("SecureKeyboardEntry", Value::from(false))];
    put(&mac, &format!("{FORCED}/bob/com.apple.Terminal.plist"), &off);
    says(&mac, TERMINAL, "drifted", "bob: secure keyboard entry off, forced by a profile");
    assert!(matches!(plan(&mac, TERMINAL), Plan::Managed { by } if by.contains("com.apple.Terminal")));
    put(&mac, &format!("{FORCED}/com.apple.Terminal.plist"), &[("SecureKeyboardEntry", true.into())]);
    says(&mac, TERMINAL, "compliant", "bob: secure keyboard entry on, forced by a profile");
}

#[test]
fn a_restriction_settles_it_where_this_macos_heeds_it() {
    const RESTRICTIONS: &str = "com.apple.applicationaccess";
    for (origin, id, key, heeded) in [
        (WEAK, "media_sharing", "allowMediaSharing", true),
        ("neglected@arm-laptop-15", "media_sharing", "allowMediaSharing", true),
        ("neglected@intel-laptop-14", "media_sharing", "allowMediaSharing", false),
        ("neglected@intel-laptop-14", "airplay_receiver", "allowAirPlayIncomingRequests", true),
    ] {
        let mac = mac(origin);
        let file = |folder: &str| format!("/Library/Managed Preferences/{folder}{RESTRICTIONS}.plist");
        let word = |heeded| if heeded { "compliant" } else { "drifted" };
        put(&mac, &file(""), &[(key, true.into())]);
        says(&mac, id, "drifted", "alice: ");
        // Set on the Mac itself it restricts nobody.
        put(&mac, &format!("/Library/Preferences/{RESTRICTIONS}.plist"), &[(key, false.into())]);
        says(&mac, id, "drifted", "alice: ");
        put(&mac, &file("alice/"), &[(key, false.into())]);
        let (is, seen) = look(&mac, id);
        assert!(is == "drifted" && seen.contains("bob: ") && seen.contains("alice: ") != heeded, "{seen}");
        put(&mac, &file(""), &[(key, false.into())]);
        says(&mac, id, word(heeded), if heeded { key } else { "alice: " });
    }
}

#[test]
fn a_corner_counts_by_its_number_alone() {
    let mac = mac("hardened@arm-laptop-26");
    const ID: &str = "hot_corner_disables_screen_saver";
    for (value, word) in [
        (Value::from(6), "drifted"),
        (Value::from("6"), "drifted"),
        (Value::from(5), "compliant"),
        (Value::Array(Vec::new()), "drifted"),
    ] {
        put(&mac, &of("bob", "com.apple.dock"), &[("wvous-tr-corner", value)]);
        says(&mac, ID, word, if word == "drifted" { "bob: top right" } else { "bob: " });
    }
}
