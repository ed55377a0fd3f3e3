//! Who may say what: an enrolment or a policy file that cannot be read weakens nothing, the local layer weakens nothing on an
//! enrolled Mac, and what an MDM forces is never fought.

use std::path::Path;

use holdfast::agent::{Agent, Loaded, Places};
use holdfast::clock::FixedClock;
use holdfast::control::{Can, Control, Kind, Reach, Remedy, Value};
use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::facts::Form;
use holdfast::host::{Look, Touch};
use holdfast::ledger::{Cause, Event};
use holdfast::mac::{Answer, Ask, FileAnswer};
use holdfast::policy::{self, Enrolled, LayerText, Layers, Mode, Origin, Policy};
use holdfast::sim::{SimMac, World, state::Mdm};

use crate::bench::*;
use crate::trial::LOOK_FAULTS;

/// A policy file in which every control is off.
fn all_off() -> plist::Dictionary {
    let off = || plist::Dictionary::from_iter([("Mode".to_owned(), plist::Value::from("off"))]);
    let by_id = controls::all().into_iter().map(|control| (control.id.to_owned(), plist::Value::Dictionary(off())));
    plist::Dictionary::from_iter([("Controls".to_owned(), plist::Value::Dictionary(by_id.collect()))])
}

fn load(look: &dyn Look, touch: &dyn Touch, root: &Path) -> Loaded {
    let cause = Cause { kind: "command_line".into(), user: None, detail: None };
    let clock = FixedClock(now());
    Agent {
        look,
        touch,
        clock: &clock,
        places: Places::under(root),
        simulated: None,
        cause,
        catalogue: controls::all(),
        instead: policy::Instead::NOTHING,
        stop: &GO_ON,
    }
    .load_policy(look)
}

fn mac_with(mdm: Mdm, managed: Option<plist::Dictionary>, local: Option<plist::Dictionary>) -> SimMac {
    let mac = SimMac::in_memory(World::Neglected, holdfast::sim::Mac::default());
    mac.edit(|state| state.enrollment.mdm = mdm).unwrap();
    mac.put_file(policy::MANAGED_FILE, managed).unwrap();
    mac.put_file(policy::LOCAL_FILE, local).unwrap();
    mac
}

fn weakened(policy: &Policy) -> bool {
    policy.controls.values().any(|own| own.mode == Mode::Off)
}

/// What the look with this number is, and every way in which its answer may be damaged.
fn damages(mac: &SimMac, root: &Path, at: usize) -> (Ask, Vec<Fault>) {
    let probe = Faulty::new(mac, at, Fault::Hang);
    load(&probe, mac, root);
    let Some(Call::Look(ask)) = probe.hit.lock().unwrap().clone() else { panic!("no look {at}") };
    let length = match mac.look(&ask).unwrap() {
        Answer::Ran(output) => output.stdout.len() + output.stderr.len(),
        Answer::File(FileAnswer::Present { bytes, .. }) => bytes.len(),
        Answer::File(FileAnswer::Absent) | Answer::Status(_) | Answer::Folder(_) => 0,
    };
    let whole = if matches!(ask, Ask::Run(_)) { &LOOK_FAULTS[..8] } else { &[Fault::Unreadable, Fault::Garbage][..] };
    (ask, whole.iter().cloned().chain((0..length).map(Fault::Cut)).collect())
}

#[test]
fn an_enrolment_that_cannot_be_read_lets_no_local_weakening_count() {
    let root = tempfile::tempdir().unwrap();
    let free = mac_with(Mdm::No, None, Some(all_off()));
    assert!(weakened(&load(&free, &free, root.path()).policy), "on a Mac without an MDM the local layer counts");
    for mdm in [Mdm::No, Mdm::Yes, Mdm::UserApproved] {
        let mac = mac_with(mdm, None, Some(all_off()));
        let (ask, faults) = damages(&mac, root.path(), 0);
        assert!(ask.to_string().contains("profiles status"), "{ask}");
        for fault in faults {
            let faulty = Faulty::new(&mac, 0, fault.clone());
            let loaded = load(&faulty, &mac, root.path());
            // A cut that leaves every line whole is no damage.
            let harmless = mdm == Mdm::No && matches!(fault, Fault::Cut(_)) && loaded.problems.is_empty();
            assert!(harmless || !weakened(&loaded.policy), "{mdm:?} {fault:?}");
            assert!(harmless || !loaded.problems.is_empty(), "{mdm:?} {fault:?}: not a word of it");
        }
    }
}

#[test]
fn a_policy_file_that_cannot_be_read_weakens_nothing_and_is_said() {
    let root = tempfile::tempdir().unwrap();
    let mut hard = plist::Dictionary::new();
    hard.insert("Level".into(), 3.into());
    for mdm in [Mdm::No, Mdm::UserApproved] {
        let mac = mac_with(mdm, Some(hard.clone()), Some(hard.clone()));
        let whole = load(&mac, &mac, root.path());
        assert_eq!((whole.policy.level_from, whole.problems.len()), (Origin::Managed, 0));
        for at in [1, 2] {
            let (ask, faults) = damages(&mac, root.path(), at);
            assert!(ask.to_string().contains("org.holdfast.agent.plist"), "{ask}");
            for fault in faults {
                let faulty = Faulty::new(&mac, at, fault.clone());
                let loaded = load(&faulty, &mac, root.path());
                assert!(!weakened(&loaded.policy));
                assert_eq!(u8::from(loaded.policy.level), 3, "{ask} {fault:?}: the other layer says so too");
                let harmless = loaded.policy.level_from == Origin::Managed && matches!(fault, Fault::Cut(_));
                assert!(harmless || loaded.problems.len() == 1, "{ask} {fault:?}: {:?}", loaded.problems);
            }
        }
    }
}

/// Values that somebody may try in order to be left alone.
fn lax_values(control: &Control, key: &str, mac: &SimMac) -> Vec<Value> {
    let setting = control.settings.iter().find(|setting| setting.key == key).unwrap();
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    match setting.kind {
        Kind::Names => {
            let all: Vec<String> = mac.state().users.into_iter().map(|user| user.name).collect();
            all.iter().map(|one| Value::List(vec![one.clone()])).chain([Value::List(all.clone())]).collect()
        }
        Kind::Versions { .. } => {
            vec![list(&["14.0", "15.0", "26.0", "27.0"]), list(&["1"]), list(&["14", "15.7", "26.5", "27"])]
        }
        _ => extremes(control, key),
    }
}

#[test]
fn the_local_layer_of_an_enrolled_mac_never_makes_a_drifted_control_compliant() {
    let read = |mac: &SimMac, control: &'static Control, key: &str, value: plist::Value, enrolled: &Enrolled| {
        let own = plist::Dictionary::from_iter([(key.to_owned(), value)]);
        let by_id = plist::Dictionary::from_iter([(control.id.to_owned(), plist::Value::Dictionary(own))]);
        let mut root = plist::Dictionary::new();
        root.insert("Level".into(), 3.into());
        root.insert("Controls".into(), by_id.into());
        let mut bytes = Vec::new();
        plist::Value::from(root).to_writer_xml(&mut bytes).unwrap();
        let layers = Layers { local: LayerText::Bytes(bytes), ..Layers::default() };
        let policy = policy::read(&layers, &controls::all(), enrolled).0;
        pass(mac, &[control], &policy).check().lines.remove(0).outcome.word()
    };
    let (mut kept, mut let_go) = (0, 0);
    for (name, mac) in every_mac(World::Neglected) {
        for control in controls::all() {
            let base = read(&mac, control, "Mode", "enforce".into(), &Enrolled::Yes);
            if base != "drifted" {
                continue;
            }
            let modes = ["off", "audit"].map(|mode| ("Mode", plist::Value::from(mode)));
            let values = control.settings.iter().flat_map(|setting| {
                lax_values(control, setting.key, &mac).into_iter().map(|value| (setting.key, as_plist(value)))
            });
            for (key, value) in modes.into_iter().chain(values) {
                let_go += usize::from(read(&mac, control, key, value.clone(), &Enrolled::No) != "drifted");
                for enrolled in [Enrolled::Yes, Enrolled::Unknown("no answer".into())] {
                    let state = read(&mac, control, key, value.clone(), &enrolled);
                    assert_eq!(state, "drifted", "{} {key} = {value:?} on {}", control.id, name.name());
                    kept += 1;
                }
            }
        }
    }
    // On a Mac of one's own all of this is allowed, and changes something.
    assert!(kept > 200 && let_go > 50, "{kept} {let_go}");
}

/// What an MDM forces for the controls that root can set unless managed: domain, key, and a weak value.
fn forced(id: &str) -> (&'static str, &'static str, plist::Value) {
    let update = |key| ("com.apple.SoftwareUpdate", key, false.into());
    match id {
        "screen_lock_login_window_idle" => ("com.apple.screensaver", "loginWindowIdleTime", 0.into()),
        "automatic_logout" => (".GlobalPreferences", "com.apple.autologout.AutoLogOutDelay", 0.into()),
        "guest_account" => ("com.apple.MCX", "EnableGuestAccount", true.into()),
        "login_window_name_and_password" => ("com.apple.loginwindow", "SHOWFULLNAME", false.into()),
        "login_window_password_hints" => ("com.apple.loginwindow", "RetriesUntilHint", 3.into()),
        "filevault_automatic_login" => ("com.apple.loginwindow", "DisableFDEAutoLogin", false.into()),
        "login_window_host_info" => ("com.apple.loginwindow", "AdminHostInfo", "HostName".into()),
        "login_window_message" => ("com.apple.loginwindow", "LoginwindowText", "Hello".into()),
        "firewall_on" => ("com.apple.security.firewall", "EnableFirewall", false.into()),
        "firewall_stealth" => ("com.apple.security.firewall", "EnableStealthMode", false.into()),
        "firewall_block_all" => ("com.apple.security.firewall", "BlockAllIncoming", false.into()),
        "firewall_allow_signed" => ("com.apple.security.firewall", "AllowSignedApp", true.into()),
        "firewall_logging" => ("com.apple.security.firewall", "EnableLogging", false.into()),
        "update_check" => update("AutomaticCheckEnabled"),
        "update_download" => update("AutomaticDownload"),
        "update_install_macos" => update("AutomaticallyInstallMacOSUpdates"),
        "update_security_responses" => update("CriticalUpdateInstall"),
        "update_config_data" => update("ConfigDataInstall"),
        "update_app_store" => update("AutomaticallyInstallAppUpdates"),
        "filevault_key_destroyed_on_standby" => ("com.apple.MCX", "DestroyFVKeyOnStandby", false.into()),
        "filevault_standby" | "display_and_system_sleep" | "power_nap" | "wake_on_network" => {
            let keys = [("Sleep On Power Button", plist::Value::from(true)), ("System Sleep Timer", 0.into())];
            let power = keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            ("com.apple.MCX", "com.apple.EnergySaver.portable.ACPower", plist::Value::Dictionary(power))
        }
        "library_validation" => ("com.apple.security.libraryvalidation", "DisableLibraryValidation", true.into()),
        "bonjour_advertising" => ("com.apple.mDNSResponder", "NoMulticastAdvertisements", false.into()),
        "content_caching" => ("com.apple.applicationaccess", "allowContentCaching", true.into()),
        "network_time" => ("com.apple.timed", "TMAutomaticTimeOnlyEnabled", false.into()),
        "network_time_server" => ("com.apple.MCX", "timeServer", "ntp.example.net".into()),
        other => panic!("what does an MDM force for {other}? Add it"),
    }
}

#[test]
fn whatever_root_can_set_unless_managed_is_left_alone_where_it_is_managed() {
    let mut tried = Vec::new();
    let mut fought = Vec::new();
    for (name, mac) in every_mac(World::Neglected) {
        let facts = facts(&mac);
        for control in controls::all() {
            let Some(Reach::Applies { can: Can::YesUnlessManaged, remedy: Remedy::Automatic { .. } }) =
                control.variant(&facts).map(|variant| &variant.reach)
            else {
                continue;
            };
            let (domain, key, value) = forced(control.id);
            // macOS 27 heeds no com.apple.SoftwareUpdate payload, so there nothing forces these.
            if domain == "com.apple.SoftwareUpdate" && facts.macos.major() > 26 {
                continue;
            }
            let mac = mac.copy().unwrap();
            // The Energy Saver payload has keys of its own for Macs without a battery.
            let kind = if facts.form == Form::Laptop { ".portable." } else { ".desktop." };
            let file = plist::Dictionary::from_iter([(key.replace(".portable.", kind), value)]);
            mac.put_file(&format!("/Library/Managed Preferences/{domain}.plist"), Some(file)).unwrap();
            let what = format!("{} on {}", control.id, name.name());
            let planned = pass(&mac, &[control], &everything()).plan().lines.remove(0);
            let managed = |outcome: &Outcome| matches!(outcome, Outcome::Drifted { left: Left::Managed { .. }, .. });
            let before = mac.snapshot();
            let (done, events, touches) = enforce(&mac, &mac, &[control], &everything());
            let yields = managed(&planned.outcome)
                && planned.steps.is_empty()
                && managed(&done.lines[0].outcome)
                && events.iter().any(|event| matches!(event, Event::Managed { .. }))
                && touches.is_empty()
                && mac.snapshot() == before;
            if !yields {
                fought.push(format!("{what}: planned {:?}, then {:?}", planned.outcome, done.lines[0].outcome));
            }
            tried.push(control.id);
        }
    }
    assert!(fought.is_empty(), "{}", fought.join("\n"));
    for control in controls::all() {
        let has = control.variants.iter().any(|variant| {
            matches!(variant.reach, Reach::Applies { can: Can::YesUnlessManaged, remedy: Remedy::Automatic { .. } })
        });
        assert!(!has || tried.contains(&control.id), "{} was never tried", control.id);
    }
}
