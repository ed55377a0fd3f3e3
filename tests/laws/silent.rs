//! The law of silence: a tool that says nothing, a tool that is not there, and a value that somebody set by hand where only a
//! profile counts, make no control compliant.

use std::sync::Mutex;

use holdfast::control::{Control, Forced, Wanted};
use holdfast::controls;
use holdfast::enforce::{Outcome, Summary};
use holdfast::host::{Look, ToolError};
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::sim::{SimMac, World};
use plist::{Dictionary, Value};

use crate::bench::*;

/// The tools that say what kind of Mac it is, which is asked before anything else.
const SURVEY: [&str; 2] = ["/usr/bin/sw_vers", "/usr/sbin/system_profiler"];

/// A Mac whose tools are all as one fault has them, but for those that are spared. Files are there as they are.
struct Mute<'a> {
    mac: &'a SimMac,
    fault: Fault,
    spared: &'a [&'a str],
    /// The tools that were asked and gave no true answer.
    asked: Mutex<Vec<Ask>>,
}

impl<'a> Mute<'a> {
    fn new(mac: &'a SimMac, fault: Fault, spared: &'a [&'a str]) -> Self {
        Self { mac, fault, spared, asked: Mutex::default() }
    }
}

impl Look for Mute<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let Ask::Run(run) = ask else { return self.mac.look(ask) };
        if self.spared.contains(&run.program()) {
            return self.mac.look(ask);
        }
        self.asked.lock().unwrap().push(ask.clone());
        match self.fault {
            // Status 0 and not a word, whatever the tool would have said.
            Fault::Empty => Ok(Answer::Ran(holdfast::mac::Output::default())),
            _ => Err(ToolError::Missing { command: ask.to_string() }),
        }
    }
}

const SILENCES: [Fault; 2] = [Fault::Empty, Fault::Missing];

fn is_compliant(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Compliant { .. })
}

fn check(look: &dyn Look, catalogue: &[&'static Control]) -> Summary {
    pass(look, catalogue, &everything()).check()
}

#[test]
fn with_all_tools_silent_or_missing_no_control_is_compliant() {
    let (mut tried, mut macs) = (0, 0);
    for world in World::ALL {
        for (name, mac) in every_mac(world) {
            macs += 1;
            for fault in SILENCES {
                for line in check(&Mute::new(&mac, fault.clone(), &[]), &controls::all()).lines {
                    let what = format!("{} on {}@{}, {fault:?}", line.control.id, world.name(), name.name());
                    assert!(!is_compliant(&line.outcome), "{what}: {:?}", line.outcome);
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, controls::all().len() * macs * SILENCES.len());
    assert!(macs >= 18, "{macs}");
}

/// The Mac itself is known, so that a control has only its own questions to fall back on.
#[test]
fn on_a_known_mac_no_control_is_compliant_that_asked_a_tool_in_vain() {
    let mut tried = 0;
    for world in World::ALL {
        for (name, mac) in every_mac(world) {
            for fault in SILENCES {
                for control in controls::all() {
                    let mute = Mute::new(&mac, fault.clone(), &SURVEY);
                    let outcome = check(&mute, &[control]).lines.remove(0).outcome;
                    let asked = mute.asked.lock().unwrap();
                    let Some(first) = asked.first() else { continue };
                    let what = format!("{} on {}@{}, {fault:?} of {first}", control.id, world.name(), name.name());
                    assert!(!is_compliant(&outcome), "{what}: {outcome:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

/// A control that tells the Mac's good state by a tool when all is well must not do without that tool when it falls silent.
#[test]
fn on_a_known_mac_no_control_is_compliant_without_the_tool_that_it_rests_on() {
    let mut tried = 0;
    for (name, mac) in every_mac(World::Hardened) {
        for control in controls::all() {
            let heard = Mute::new(&mac, Fault::Empty, &SURVEY);
            let asks_tools = {
                struct Heard<'a>(&'a SimMac, &'a Mutex<Vec<Ask>>);
                impl Look for Heard<'_> {
                    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
                        if matches!(ask, Ask::Run(run) if !SURVEY.contains(&run.program())) {
                            self.1.lock().unwrap().push(ask.clone());
                        }
                        self.0.look(ask)
                    }
                }
                let asked = Mutex::default();
                check(&Heard(&mac, &asked), &[control]);
                !asked.into_inner().unwrap().is_empty()
            };
            if asks_tools {
                let outcome = check(&heard, &[control]).lines.remove(0).outcome;
                assert!(!is_compliant(&outcome), "{} on {}: {outcome:?}", control.id, name.name());
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// The controls that nothing but a profile holds, which apply to this Mac.
fn forced_here(mac: &SimMac) -> Vec<&'static Control> {
    let facts = facts(mac);
    let applies = |control: &&'static Control| control.remedy(&facts).is_some();
    controls::all().into_iter().filter(|control| !control.forced.is_empty()).filter(applies).collect()
}

fn dictionary(mac: &SimMac, path: &str) -> Dictionary {
    match mac.look(&Ask::File(path.into())).unwrap() {
        Answer::File(FileAnswer::Present { bytes, .. }) => {
            plist::from_bytes::<Value>(&bytes).unwrap().into_dictionary().unwrap()
        }
        _ => Dictionary::new(),
    }
}

fn managed(domain: &str) -> String {
    format!("/Library/Managed Preferences/{domain}.plist")
}

/// The value of a key that a profile forces, put in its place or taken away.
fn force(mac: &SimMac, key: &Forced, value: Option<Value>) {
    let path = managed(key.domain);
    let mut all = dictionary(mac, &path);
    match value {
        Some(value) => all.insert(key.key.to_owned(), value),
        None => all.remove(key.key),
    };
    mac.put_file(&path, Some(all)).unwrap();
}

/// How many controls a profile alone holds, at the least: what a law below has tried is counted against it.
const AT_LEAST: usize = 2;

#[test]
fn what_is_set_only_locally_makes_no_control_compliant_that_a_profile_holds() {
    for world in World::ALL {
        for (name, mac) in every_mac(world) {
            let catalogue = forced_here(&mac);
            assert!(catalogue.len() >= AT_LEAST, "{} on {}", catalogue.len(), name.name());
            // Whatever the world has, every forged value is the one that a profile would have, in each place but the one.
            for control in &catalogue {
                for key in control.forced {
                    let good = key.wanted.value(&holdfast::control::Settings::default());
                    force(&mac, key, None);
                    for path in [
                        format!("/Library/Preferences/{}.plist", key.domain),
                        format!("/Library/Managed Preferences/alice/{}.plist", key.domain),
                        format!("/Users/alice/Library/Preferences/{}.plist", key.domain),
                    ] {
                        let mut all = dictionary(&mac, &path);
                        all.insert(key.key.to_owned(), good.clone());
                        mac.put_file(&path, Some(all)).unwrap();
                    }
                }
            }
            let silent = Mute::new(&mac, Fault::Empty, &SURVEY);
            for look in [&mac as &dyn Look, &silent] {
                for line in check(look, &catalogue).lines {
                    let what = format!("{} on {}@{}", line.control.id, world.name(), name.name());
                    assert!(matches!(line.outcome, Outcome::Drifted { .. }), "{what}: {:?}", line.outcome);
                }
            }
        }
    }
}

/// Values that are not what `wanted` says, and values of other types that look as if they were.
fn wrong(wanted: &Wanted) -> Vec<Value> {
    let text = |text: &str| Value::from(text);
    let mut all = vec![text(""), text("yes"), Value::Array(Vec::new()), Dictionary::new().into(), Value::Real(0.5)];
    all.extend(match wanted {
        Wanted::Flag(flag) => vec![(!flag).into(), i64::from(!flag).into(), 2.into(), text(&flag.to_string())],
        Wanted::Number(number) => vec![(number + 1).into(), (-number).into(), text(&number.to_string())],
        Wanted::Text(word) => vec![text(&word.to_lowercase()), text(&format!("{word} ")), true.into()],
        Wanted::AtMost(setting) => {
            let most = holdfast::control::Settings::default().integer(setting);
            vec![0.into(), (-1).into(), (most + 1).into(), text(&most.to_string())]
        }
    });
    all
}

#[test]
fn a_forced_value_that_is_another_or_of_another_type_is_not_compliant() {
    let (mut controls_tried, mut values_tried) = (0, 0);
    for (name, mac) in every_mac(World::Hardened) {
        for control in forced_here(&mac) {
            let clean = check(&mac, &[control]).lines.remove(0).outcome;
            assert!(is_compliant(&clean), "{} on {}: {clean:?}", control.id, name.name());
            controls_tried += 1;
            for key in control.forced {
                if facts(&mac).macos.major() > key.last {
                    continue;
                }
                for value in wrong(&key.wanted).into_iter().map(Some).chain([None]) {
                    let other = mac.copy().unwrap();
                    force(&other, key, value.clone());
                    let outcome = check(&other, &[control]).lines.remove(0).outcome;
                    let what = format!("{} {} on {} forced to {value:?}", control.id, key.key, name.name());
                    assert!(!is_compliant(&outcome), "{what}: {outcome:?}");
                    values_tried += 1;
                }
            }
        }
    }
    assert!(controls_tried > AT_LEAST * 4, "{controls_tried}");
    assert!(values_tried > controls_tried * 8, "{values_tried}");
}
