//! Which source decides, and what is left alone: cases that a fixture for each state does not show.

use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Utc};
use holdfast::control::{Level, Plan, Reach, Remedy, View};
use holdfast::controls;
use holdfast::enforce::{Outcome, Pass};
use holdfast::host::survey::survey;
use holdfast::host::{Look, ToolError, Touch};
use holdfast::ledger::memory::MemoryJournal;
use holdfast::mac::{Answer, Ask};
use holdfast::policy::{Instead, Policy};
use holdfast::sim::{self, SimMac};
use plist::{Dictionary, Value};

const MCX: &str = "/Library/Managed Preferences/com.apple.MCX.plist";
const RESTRICTIONS: &str = "/Library/Managed Preferences/com.apple.applicationaccess.plist";
const DECLARED: &str = "/private/var/db/softwareupdate/SoftwareUpdateDDMStatePersistence.plist";

pub fn mac(origin: &str) -> SimMac {
    let (world, mac) = sim::parse(origin).unwrap();
    SimMac::in_memory(world, mac)
}

pub fn put(mac: &SimMac, path: &str, entries: &[(&str, Value)]) {
    let dictionary: Dictionary = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    mac.put_file(path, Some(dictionary)).unwrap();
}

/// What the settings declaration left.
fn declare(mac: &SimMac, settings: &[(&str, Value)]) {
    let settings: Dictionary = settings.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let mut fields = Dictionary::new();
    fields.insert("SUCoreDDMDeclarationGlobalSettings".into(), settings.into());
    put(mac, DECLARED, &[("SUCorePersistedStatePolicyFields", fields.into())]);
}

/// A Mac one of whose tools words one thing in another way.
pub struct Reworded<'a> {
    pub mac: &'a SimMac,
    pub program: &'a str,
    pub from: &'a str,
    pub to: &'a str,
}

impl Look for Reworded<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let mut answer = self.mac.look(ask)?;
        if let (Ask::Run(run), Answer::Ran(output)) = (ask, &mut answer)
            && run.program() == self.program
        {
            let text = String::from_utf8(output.stdout.clone()).unwrap();
            assert!(text.contains(self.from), "{text}");
            output.stdout = text.replace(self.from, self.to).into_bytes();
        }
        Ok(answer)
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_341_600, 0).unwrap()
}

/// How the control stands, and in what words.
pub fn look(mac: &dyn Look, id: &str) -> (&'static str, String) {
    let go_on = AtomicBool::new(false);
    let catalogue = [controls::find(id).unwrap()];
    let policy = Policy::built_in_at(&catalogue, &Instead::level(Level::L3));
    let outcome = Pass::new(mac, &catalogue, &policy, now(), &go_on).check().lines.remove(0).outcome;
    let words = match &outcome {
        Outcome::Compliant { seen }
        | Outcome::Drifted { seen, .. }
        | Outcome::Exempt { seen, .. }
        | Outcome::Fixed { seen, .. } => seen,
        Outcome::Unknown { why } => why,
        Outcome::NotApplicable { because } | Outcome::Off { because } => because,
    };
    (outcome.word(), words.clone())
}

pub fn plan(mac: &SimMac, id: &str) -> Plan {
    let control = controls::find(id).unwrap();
    let facts = survey(mac).unwrap();
    let Reach::Applies { remedy: Remedy::Automatic { plan, .. }, .. } = &control.variant(&facts).unwrap().reach else {
        panic!("{id} is not set by the agent on {facts}")
    };
    let policy = Policy::built_in(&[control]);
    plan(&View {
        mac,
        facts: &facts,
        settings: &policy.of(control).settings,
        exempt: &[],
        now: now(),
        after_change: false,
    })
    .unwrap()
}

#[track_caller]
pub fn says(mac: &dyn Look, id: &str, word: &str, words: &str) {
    let (is, seen) = look(mac, id);
    assert!(is == word && seen.contains(words), "{id} is {is} ({seen}), not {word} ({words})");
}

#[test]
fn a_deferral_is_the_longest_that_a_profile_or_declaration_brings() {
    let days = |days: i64| Value::from(days);
    let on = || Value::from(true);
    for (forced, word, words) in [
        (vec![("enforcedSoftwareUpdateDelay", days(7))], "compliant", "7 days, by a profile"),
        (vec![("enforcedSoftwareUpdateMajorOSDeferredInstallDelay", days(90))], "drifted", "90 days"),
        (vec![("enforcedSoftwareUpdateMinorOSDeferredInstallDelay", days(31))], "drifted", "31 days"),
        (vec![("enforcedSoftwareUpdateNonOSDeferredInstallDelay", days(60))], "drifted", "60 days"),
        (vec![("forceDelayedSoftwareUpdates", on())], "compliant", "30 days"),
        (vec![("forceDelayedMajorSoftwareUpdates", on())], "compliant", "30 days"),
        (
            vec![("forceDelayedAppSoftwareUpdates", on()), ("enforcedSoftwareUpdateDelay", days(5))],
            "compliant",
            "5 days",
        ),
        (vec![("forceDelayedSoftwareUpdates", false.into())], "compliant", "no deferral"),
        (vec![("forceDelayedSoftwareUpdates", "perhaps".into())], "unknown", "true or false"),
        (vec![("enforcedSoftwareUpdateDelay", "soon".into())], "unknown", "a whole number"),
    ] {
        let mac = mac("hardened@arm-laptop-26");
        put(&mac, RESTRICTIONS, &forced);
        says(&mac, "update_deferral", word, words);
    }
    for (declared, word, words) in [
        (("majorOSDeferralPeriod", days(31)), "drifted", "31 days, by a declaration"),
        (("systemUpdatesDeferralPeriod", days(30)), "compliant", "30 days, by a declaration"),
        (("somethingNewDeferralPeriod", days(80)), "drifted", "80 days"),
        (("minorOSDeferralPeriod", "7".into()), "unknown", "a whole number of days"),
    ] {
        for origin in ["hardened@arm-laptop-15", "hardened@arm-laptop-26", "hardened@arm-laptop-27"] {
            let mac = mac(origin);
            put(&mac, RESTRICTIONS, &[("enforcedSoftwareUpdateDelay", days(7))]);
            declare(&mac, std::slice::from_ref(&declared));
            says(&mac, "update_deferral", word, words);
        }
    }
}

#[test]
fn a_deferral_counts_where_this_macos_heeds_its_source() {
    let mac27 = mac("hardened@arm-laptop-27");
    put(&mac27, RESTRICTIONS, &[("enforcedSoftwareUpdateDelay", 90.into())]);
    says(&mac27, "update_deferral", "compliant", "no deferral");
    let mac14 = mac("hardened@intel-laptop-14");
    declare(&mac14, &[("majorOSDeferralPeriod", 90.into())]);
    says(&mac14, "update_deferral", "compliant", "no deferral");
    // A profile can be left over, or come from elsewhere, where there is no MDM.
    let factory = mac("factory@arm-laptop-26");
    says(&factory, "update_deferral", "compliant", "no MDM");
    put(&factory, RESTRICTIONS, &[("enforcedSoftwareUpdateDelay", 90.into())]);
    says(&factory, "update_deferral", "drifted", "90 days");
}

#[test]
fn a_declared_switch_is_on_off_or_not_understood() {
    for (value, word, words) in [
        (Value::from(1), "compliant", "on, by a declaration"),
        (Value::from(true), "compliant", "on, by a declaration"),
        (Value::from(0), "drifted", "off, by a declaration"),
        (Value::from(2), "unknown", "0 or 1"),
        (Value::from("1"), "unknown", "0 or 1"),
    ] {
        let mac = mac("factory@arm-laptop-26");
        declare(&mac, &[("automaticallyDownload", value)]);
        says(&mac, "update_download", word, words);
    }
}

#[test]
fn a_state_of_declarations_in_another_form_is_not_no_declaration() {
    let mac = mac("factory@arm-laptop-27");
    put(&mac, DECLARED, &[("SUCorePersistedStatePolicyFields", "text".into())]);
    says(&mac, "update_download", "unknown", "a dictionary");
    says(&mac, "update_deferral", "unknown", "a dictionary");
    let mut fields = Dictionary::new();
    fields.insert("SUCoreDDMDeclarationGlobalSettings".into(), Value::Array(Vec::new()));
    put(&mac, DECLARED, &[("SUCorePersistedStatePolicyFields", fields.into())]);
    says(&mac, "update_download", "unknown", "a dictionary");
    put(&mac, DECLARED, &[("SUCorePersistedStatePolicyFields", Dictionary::new().into())]);
    says(&mac, "update_download", "drifted", "no declaration");
}

#[test]
fn macos_14_takes_no_settings_declaration() {
    let mac = mac("neglected@intel-laptop-14");
    declare(&mac, &[("automaticallyDownload", 1.into())]);
    says(&mac, "update_download", "drifted", "off, set locally");
}

#[test]
fn every_forced_idle_time_must_be_in_bounds() {
    let path = |folder: &str, domain: &str| format!("/Library/Managed Preferences/{folder}{domain}.plist");
    let mac = mac("neglected@arm-laptop-26");
    put(&mac, &path("", "com.apple.screensaver.user"), &[("idleTime", 300.into())]);
    says(&mac, "screen_lock_idle_timeout", "compliant", "forced for the Mac");
    put(&mac, &path("alice/", "com.apple.screensaver.user"), &[("idleTime", 0.into())]);
    says(&mac, "screen_lock_idle_timeout", "drifted", "never, forced for alice");
    put(&mac, &path("alice/", "com.apple.screensaver.user"), &[("idleTime", "soon".into())]);
    says(&mac, "screen_lock_idle_timeout", "unknown", "a whole number");
}

/// The one planned `pmset` command, and what puts back what was there.
fn pmset(plan: Plan) -> (String, String) {
    let Plan::Now(steps) = plan else { panic!("{plan:?}") };
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    (step.change.to_string(), step.undo.iter().map(|change| format!("{change}\n")).collect())
}

#[test]
fn a_key_that_a_profile_has_destroyed_gets_its_companions() {
    const ID: &str = "filevault_key_destroyed_on_standby";
    let mac = mac("neglected@intel-laptop-14");
    put(&mac, MCX, &[("DestroyFVKeyOnStandby", true.into())]);
    says(&mac, ID, "drifted", "hibernatemode 3");
    let (change, undo) = pmset(plan(&mac, ID));
    assert!(change.contains("hibernatemode 25"), "{change}");
    assert!(!change.contains("destroyfvkeyonstandby") && !undo.contains("destroyfvkeyonstandby"), "{change}\n{undo}");
    put(&mac, MCX, &[("DestroyFVKeyOnStandby", false.into())]);
    says(&mac, ID, "drifted", "the key is kept");
    assert!(matches!(plan(&mac, ID), Plan::Managed { .. }));
    put(&mac, MCX, &[("DestroyFVKeyOnStandby", "perhaps".into())]);
    says(&mac, ID, "unknown", "true or false");
}

#[test]
fn an_energy_saver_profile_is_not_fought() {
    let key = "com.apple.EnergySaver.portable.ACPower";
    for (origin, id) in [
        ("neglected@intel-laptop-14", "filevault_key_destroyed_on_standby"),
        ("neglected@arm-laptop-26", "filevault_standby"),
    ] {
        let mac = mac(origin);
        assert!(matches!(plan(&mac, id), Plan::Now(_)), "{id}");
        put(&mac, MCX, &[(key, Dictionary::new().into())]);
        assert!(matches!(plan(&mac, id), Plan::Managed { by } if by.contains(key)), "{id}");
    }
}

#[test]
fn an_escrow_profile_must_say_where_the_key_is() {
    const ESCROW: &str = "/Library/Managed Preferences/com.apple.security.FDERecoveryKeyEscrow.plist";
    let mac = mac("hardened@arm-laptop-26");
    says(&mac, "filevault_recovery_key_escrowed", "compliant", "a profile has it escrowed");
    for location in [Value::from(" "), Value::from(true), Value::Array(Vec::new())] {
        put(&mac, ESCROW, &[("Location", location)]);
        says(&mac, "filevault_recovery_key_escrowed", "drifted", "no profile has it escrowed");
    }
}

#[test]
fn what_could_not_be_put_back_stays() {
    let mac = mac("neglected@arm-laptop-26");
    put(&mac, "/Library/Preferences/com.apple.commerce.plist", &[("AutoUpdate", Value::Array(Vec::new()))]);
    says(&mac, "update_app_store", "drifted", "an array");
    let before = mac.snapshot();
    let go_on = AtomicBool::new(false);
    let catalogue = [controls::find("update_app_store").unwrap()];
    let policy = Policy::built_in(&catalogue);
    let mut journal = MemoryJournal::default();
    Pass::new(&mac, &catalogue, &policy, now(), &go_on).enforce(&mac, &mut journal).unwrap();
    let told = format!("{:?}", journal.events);
    assert!(told.contains("NotFixed") && told.contains("put back"), "{told}");
    assert_eq!(mac.snapshot(), before);
}

#[test]
fn at_the_login_window_everybodys_idle_time_is_looked_at() {
    let mac = mac("neglected@arm-laptop-26");
    mac.edit(|state| (state.console_user, state.behind) = (None, Vec::new())).unwrap();
    says(&mac, "screen_lock_idle_timeout", "drifted", "alice: never, set by the user; bob: never, set by the user");
    put(&mac, "/Library/Managed Preferences/com.apple.screensaver.plist", &[("idleTime", 300.into())]);
    says(&mac, "screen_lock_idle_timeout", "compliant", "300 s, forced for the Mac");
}

#[test]
fn a_seal_counts_where_start_up_insists_on_it() {
    const PROGRAM: &str = "/usr/libexec/mdmclient";
    let mac = mac("hardened@arm-laptop-26");
    let reworded = |to| Reworded { mac: &mac, program: PROGRAM, from: "AuthenticatedRootVolumeEnabled = 1;", to };
    says(&mac, "sealed_system_volume", "compliant", "insists on it");
    for (to, word, words) in [
        ("AuthenticatedRootVolumeEnabled = 0;", "drifted", "does not insist"),
        ("AuthenticatedRootVolumeEnabled = 2;", "unknown", "0 or 1"),
        ("", "compliant", "is not told"),
    ] {
        says(&reworded(to), "sealed_system_volume", word, words);
    }
}

#[test]
fn only_an_intel_mac_can_lack_secure_boot() {
    for (origin, word, words) in [
        ("hardened@intel-laptop-14", "not_applicable", "neither a T2 chip"),
        ("hardened@arm-laptop-26", "unknown", "a known SecureBootLevel"),
    ] {
        let mac = mac(origin);
        let (from, to) = ("SecureBootLevel = full;", "SecureBootLevel = \"not supported\";");
        says(&Reworded { mac: &mac, program: "/usr/libexec/mdmclient", from, to }, "secure_boot", word, words);
    }
}

#[test]
fn a_beta_is_below_the_release_of_its_version() {
    for (version, build, word, words) in [
        ("26.5", "25F71", "compliant", "26.5"),
        ("26.5", "25F770820a", "compliant", "26.5"),
        ("26.5", "25F5042g", "drifted", "26.5 (beta build 25F5042g)"),
        ("26.6", "25G5028f", "compliant", "26.6 (beta build 25G5028f)"),
    ] {
        let mac = mac("hardened@arm-laptop-26");
        mac.edit(|state| (state.macos.version, state.macos.build) = (version.into(), build.into())).unwrap();
        says(&mac, "update_minimum_macos", word, words);
    }
}

#[test]
fn a_switch_is_put_back_with_its_type() {
    const PATH: &str = "/Library/Preferences/com.apple.commerce.plist";
    let mac = mac("neglected@arm-laptop-26");
    for prior in [Value::from(0), Value::from(0.5), Value::from("NO"), Value::from(false)] {
        put(&mac, PATH, &[("AutoUpdate", prior)]);
        let before = mac.snapshot();
        let Plan::Now(steps) = plan(&mac, "update_app_store") else { panic!("nothing planned") };
        mac.touch(&steps[0].change).unwrap();
        says(&mac, "update_app_store", "compliant", "on");
        mac.touch(&steps[0].undo[0]).unwrap();
        assert_eq!(mac.snapshot(), before);
    }
}
