//! `profile companion`: the table speaks about every control that it must, as the catalogue does, and the made payloads follow
//! from policy.

use std::collections::BTreeSet;

use holdfast::control::{Control, Reach, Remedy};
use holdfast::controls;
use holdfast::policy::{self, Enrolled, LayerText, Layers, Policy, presets};
use holdfast::profile::companion::table::{Carrier, FRAMES, WAYS, WITHOUT, Way};
use holdfast::profile::companion::{Companion, Escrow, Request, companion};
use holdfast::profile::policy::policy as managed;
use plist::{Dictionary, Value};

use super::{assert_frame, forced, payloads, reread, text};

pub const MACOS: [u32; 4] = [14, 15, 26, 27];

/// What a Mac with this preset and these overrides is held to.
pub fn held(preset: &str, set: &[&str]) -> Policy {
    let dictionary = managed(presets::find(preset).unwrap(), set.iter().copied(), &controls::all()).unwrap();
    let mut bytes = Vec::new();
    Value::Dictionary(dictionary).to_writer_xml(&mut bytes).unwrap();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    policy::read(&layers, &controls::all(), &Enrolled::Yes).0
}

/// What comes of everything that can be asked for.
pub fn full(policy: &Policy, macos: u32) -> Companion {
    let escrow = Some(Escrow { certificate: b"0000", location: "the vault" });
    let catalogue = controls::all();
    let update_by = Some("2027-01-31T18:00:00");
    companion(&Request { policy, catalogue: &catalogue, macos, screen_saver: "Flurry", escrow, update_by })
}

fn bare(policy: &Policy, macos: u32) -> Companion {
    let catalogue = controls::all();
    companion(&Request { policy, catalogue: &catalogue, macos, screen_saver: "Flurry", escrow: None, update_by: None })
}

fn of(carrier: Carrier) -> &'static str {
    let (Carrier::Payload(name) | Carrier::Preferences(name) | Carrier::Declaration(name)) = carrier;
    name
}

fn counts(way: &Way, macos: u32) -> bool {
    (way.macos.0..=way.macos.1).contains(&macos)
}

/// What is said about the control on this macOS, on any Mac: each remedy.
fn remedies(control: &'static Control, macos: u32) -> Vec<&'static Remedy> {
    let here = control.variants.iter().filter(|variant| (variant.macos.0..=variant.macos.1).contains(&macos));
    here.filter_map(|variant| match &variant.reach {
        Reach::Applies { remedy, .. } => Some(remedy),
        Reach::Absent { .. } => None,
    })
    .collect()
}

#[test]
fn every_control_that_only_a_profile_sets_is_in_the_table_or_has_a_reason() {
    let mut seen = 0;
    for control in controls::all() {
        let without = WITHOUT.iter().any(|(id, _)| *id == control.id);
        let ways: Vec<&Way> = WAYS.iter().filter(|way| way.control == control.id).collect();
        assert!(!without || ways.is_empty(), "{} has ways and a reason to have none", control.id);
        for macos in MACOS {
            for remedy in remedies(control, macos) {
                let Remedy::Profile { payload } = remedy else { continue };
                seen += 1;
                let here: Vec<_> = ways.iter().filter(|way| counts(way, macos)).collect();
                assert!(
                    without || !here.is_empty(),
                    "{} on macOS {macos}: no way, and no reason in WITHOUT",
                    control.id
                );
                for way in here {
                    assert!(
                        payload.contains(of(way.carrier)),
                        "{} names no {}: {payload}",
                        control.id,
                        of(way.carrier)
                    );
                    for key in way.keys {
                        assert!(payload.contains(key.name), "{} names no {}: {payload}", control.id, key.name);
                    }
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_table_names_what_there_is() {
    let policy = held("level-3", &[]);
    let catalogue = controls::all();
    let escrow = Some(Escrow { certificate: b"0", location: "x" });
    for way in WAYS {
        let control = controls::find(way.control).unwrap_or_else(|| panic!("no control {}", way.control));
        for macos in MACOS.into_iter().filter(|macos| counts(way, *macos)) {
            assert!(!remedies(control, macos).is_empty(), "{way} on macOS {macos}, where {} is not", control.id);
            let update_by = Some("2027-01-31T18:00:00");
            let request =
                Request { policy: &policy, catalogue: &catalogue, macos, screen_saver: "Flurry", escrow, update_by };
            for key in way.keys {
                assert!((key.value)(&request).is_some(), "{way}: {} has no value on macOS {macos}", key.name);
            }
        }
        // Above its last macOS something is said, unless the control is not there or another way takes over.
        for macos in MACOS.into_iter().filter(|macos| *macos > way.macos.1) {
            let other = |other: &&Way| {
                other.control == way.control && counts(other, macos) && other.keys[0].name == way.keys[0].name
            };
            let told =
                !way.after.is_empty() || remedies(control, macos).is_empty() || WAYS.iter().any(|way| other(&way));
            assert!(told, "{way}: nothing is said about macOS {macos}");
        }
        let framed = FRAMES.iter().filter(|frame| frame.carrier == way.carrier).count();
        assert_eq!(framed, usize::from(!matches!(way.carrier, Carrier::Declaration(_))), "{way}");
    }
    for frame in FRAMES {
        assert!(WAYS.iter().any(|way| way.carrier == frame.carrier), "nothing is in {:?}", frame.carrier);
    }
    for (id, _) in WITHOUT {
        assert!(controls::find(id).is_some(), "{id}");
    }
}

/// Every key that the profile or the declarations set, as `TYPE KEY`.
fn keys(made: &Companion, macos: u32) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if let Some(profile) = made.profile("x", macos, None) {
        let root = reread(&profile);
        assert_frame(&root, "companion");
        for payload in payloads(&root) {
            let kind = text(payload, "PayloadType");
            if kind == "com.apple.ManagedClient.preferences" {
                let domain = payload["PayloadContent"].as_dictionary().unwrap().keys().next().unwrap();
                keys.extend(forced(payload, domain).keys().map(|key| format!("{domain} {key} (preference)")));
            } else {
                let own = payload.keys().filter(|key| !policy::BOOKKEEPING.contains(&key.as_str()));
                keys.extend(own.map(|key| format!("{kind} {key}")));
            }
        }
    }
    for declaration in &made.declarations {
        let json = declaration.json();
        keys.extend(json["Payload"].as_object().unwrap().keys().map(|key| format!("{} {key}", declaration.kind)));
    }
    keys
}

#[test]
fn each_macos_gets_what_it_heeds() {
    let policy = held("level-1", &[]);
    let has = |macos: u32, key: &str| keys(&full(&policy, macos), macos).contains(key);
    for (key, expected) in [
        ("com.apple.screensaver askForPassword", [true, true, true, true]),
        ("com.apple.screensaver askForPasswordDelay", [true, true, true, true]),
        ("com.apple.screensaver moduleName", [true, true, true, true]),
        ("com.apple.screensaver idleTime (preference)", [true, true, true, false]),
        ("com.apple.screensaver idleTime", [false, false, false, true]),
        ("com.apple.screensaver loginWindowIdleTime", [true, true, true, false]),
        ("com.apple.security.firewall EnableFirewall", [true, true, true, true]),
        ("com.apple.security.firewall EnableStealthMode", [true, true, true, true]),
        ("com.apple.security.firewall EnableLogging", [true, false, false, false]),
        ("com.apple.security.firewall AllowSigned", [false, false, false, false]),
        ("com.apple.security.firewall BlockAllIncoming", [false, false, false, false]),
        ("com.apple.SoftwareUpdate AutomaticCheckEnabled", [true, true, false, false]),
        ("com.apple.SoftwareUpdate AutomaticDownload", [true, true, true, false]),
        ("com.apple.SoftwareUpdate ConfigDataInstall", [true, true, true, false]),
        ("com.apple.configuration.softwareupdate.settings AutomaticActions", [false, true, true, true]),
        ("com.apple.configuration.softwareupdate.enforcement.specific TargetOSVersion", [true, true, true, true]),
        ("com.apple.MCX.FileVault2 Enable", [true, true, true, true]),
        ("com.apple.MCX dontAllowFDEDisable", [true, true, true, true]),
        ("com.apple.security.FDERecoveryKeyEscrow EncryptCertPayloadUUID", [true, true, true, true]),
    ] {
        assert_eq!(MACOS.map(|macos| has(macos, key)), expected, "{key}");
    }
}

#[test]
fn what_is_refused_is_named_with_its_version_and_what_takes_its_place() {
    let policy = held("level-1", &[]);
    let said = |macos: u32, id: &str| -> Vec<String> {
        let notes = bare(&policy, macos).notes;
        notes.into_iter().filter(|note| note.control == id).map(|note| note.what).collect()
    };
    assert_eq!(
        said(27, "update_download"),
        ["com.apple.SoftwareUpdate AutomaticDownload was removed in macOS 27.0; the declaration \
          com.apple.configuration.softwareupdate.settings sets it, see --declarations"]
    );
    assert_eq!(
        said(27, "update_config_data"),
        [
            "com.apple.SoftwareUpdate ConfigDataInstall was removed in macOS 27.0; no declaration takes its place, but the agent \
          sets it by itself"
        ]
    );
    assert!(said(26, "update_download")[0].contains("deprecated since macOS 26.0"));
    assert_eq!(said(15, "update_download"), Vec::<String>::new());
    assert!(said(15, "firewall_logging")[0].starts_with("com.apple.security.firewall EnableLogging: macOS 15 removed"));
    assert!(said(26, "filevault_recovery_key_escrowed")[0].contains("needs the certificate"));
    assert!(said(26, "update_deferral")[0].contains("the longest counts"));
    let late = bare(&policy, 27).declaration_notes;
    assert!(late.iter().any(|note| note.control == "update_minimum_macos" && note.what.contains("--update-by")));
}

#[test]
fn only_what_is_enforced_is_forced() {
    let all = held("level-3", &[]);
    for macos in MACOS {
        // In audit mode from the start, as it gets in somebody's way.
        assert!(!keys(&full(&all, macos), macos).contains("com.apple.security.firewall BlockAllIncoming"));
    }
    let named = held("level-1", &["firewall_block_all.Mode=enforce", "firewall_allow_signed.Mode=enforce"]);
    for key in ["BlockAllIncoming", "AllowSigned", "AllowSignedApp"] {
        assert!(keys(&full(&named, 26), 26).contains(&format!("com.apple.security.firewall {key}")), "{key}");
    }
    // Each control by itself: switched off or to audit, its keys go, but for those that another control asks for too.
    for way in WAYS {
        let macos = way.macos.1;
        for mode in ["off", "audit"] {
            let level = held("level-3", &[&format!("{}.Mode={mode}", way.control)]);
            let left: BTreeSet<String> = keys(&full(&level, macos), macos);
            for key in way.keys {
                let shared = WAYS.iter().any(|other| {
                    other.control != way.control
                        && other.carrier == way.carrier
                        && counts(other, macos)
                        && other.keys.iter().any(|other| {
                            other.name == key.name || key.name.split('.').next() == other.name.split('.').next()
                        })
                });
                let name = key.name.split('.').next().unwrap();
                let gone =
                    ["", " (preference)"].iter().all(|end| !left.contains(&format!("{} {name}{end}", of(way.carrier))));
                assert!(shared || gone, "{} is {mode}, and {name} is still there", way.control);
            }
            let noted =
                full(&level, macos).notes.iter().any(|note| note.control == way.control && note.what.contains("audit"));
            assert_eq!(noted, mode == "audit", "{}", way.control);
        }
    }
}

#[test]
fn the_firewall_is_not_switched_on_by_the_back_door() {
    let off = full(&held("level-2", &["firewall_on.Mode=off"]), 26);
    assert!(!off.payloads.iter().any(|payload| payload.kind == "com.apple.security.firewall"));
    for id in ["firewall_stealth", "firewall_allow_signed"] {
        let told = off.notes.iter().find(|note| note.control == id).unwrap();
        assert!(told.what.contains("cannot be given without EnableFirewall"), "{}", told.what);
    }
}

/// The payload of this type.
fn payload(made: &Companion, kind: &str) -> Dictionary {
    made.payloads.iter().find(|payload| payload.kind == kind).unwrap().keys.clone()
}

#[test]
fn values_are_the_policys() {
    let set = [
        "screen_lock_password_delay.MaximumDelay=60",
        "screen_lock_idle_timeout.MaximumIdle=300",
        "screen_lock_login_window_idle.MaximumIdle=240",
        "firewall_allow_signed.BuiltIn=false",
        "firewall_allow_signed.Downloaded=true",
        "update_minimum_macos.Minimum=15.7.2,26.1",
    ];
    let made = full(&held("level-2", &set), 26);
    let saver = payload(&made, "com.apple.screensaver");
    assert_eq!(saver["askForPassword"].as_boolean(), Some(true));
    assert_eq!(saver["askForPasswordDelay"].as_signed_integer(), Some(60));
    assert_eq!(saver["loginWindowIdleTime"].as_signed_integer(), Some(240));
    let firewall = payload(&made, "com.apple.security.firewall");
    assert_eq!(
        (firewall["AllowSigned"].as_boolean(), firewall["AllowSignedApp"].as_boolean()),
        (Some(false), Some(true))
    );
    let by = made.declarations.iter().find(|one| one.short() == "softwareupdate.enforcement.specific").unwrap().json();
    assert_eq!(
        by["Payload"],
        serde_json::json!({ "TargetOSVersion": "26.1", "TargetLocalDateTime": "2027-01-31T18:00:00" })
    );

    // The delay is Apple's to want: it is there with the password though its own control is off.
    let alone = full(&held("level-1", &["screen_lock_password_delay.Mode=off"]), 26);
    assert_eq!(payload(&alone, "com.apple.screensaver")["askForPasswordDelay"].as_signed_integer(), Some(5));
    // A macOS that policy names no version for is not sent to one.
    let unlisted = full(&held("level-1", &["update_minimum_macos.Minimum=26.1"]), 27);
    assert!(!unlisted.declarations.iter().any(|one| one.short() == "softwareupdate.enforcement.specific"));
    assert!(full(&held("level-1", &["update_minimum_macos.Minimum=2.6,260.1"]), 26).declarations.len() == 1);
}

#[test]
fn the_escrow_payload_names_the_certificates() {
    let root = reread(&full(&held("level-1", &[]), 26).profile("level-1", 26, Some("Example")).unwrap());
    let find = |kind: &str| payloads(&root).into_iter().find(|payload| text(payload, "PayloadType") == kind).unwrap();
    let escrow = find("com.apple.security.FDERecoveryKeyEscrow");
    let certificate = find("com.apple.security.pkcs1");
    assert_eq!(text(escrow, "EncryptCertPayloadUUID"), text(certificate, "PayloadUUID"));
    assert_eq!((text(escrow, "Location"), certificate["PayloadContent"].as_data()), ("the vault", Some(&b"0000"[..])));
    // Without a certificate there is none of either: none is made up.
    let without = bare(&held("level-1", &[]), 26);
    let kinds: Vec<_> = without.payloads.iter().map(|payload| payload.kind).collect();
    assert!(
        !kinds.contains(&"com.apple.security.pkcs1") && !kinds.contains(&"com.apple.security.FDERecoveryKeyEscrow")
    );
}

#[test]
fn a_declaration_that_says_something_else_has_another_token() {
    let token = |set: &[&str]| {
        let made = full(&held("level-1", set), 27);
        let one = made.declarations.iter().find(|one| one.short() == "softwareupdate.settings").unwrap().json();
        assert!(one["Identifier"].as_str().unwrap().len() <= 64);
        one["ServerToken"].as_str().unwrap().to_owned()
    };
    assert_eq!(token(&[]), token(&["firewall_on.Mode=off"]));
    assert_ne!(token(&[]), token(&["update_download.Mode=off"]));
}
