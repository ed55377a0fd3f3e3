//! The catalogue of facts beside the checkout and our controls say the same: on which Macs a control applies, what root can
//! do about it, its ids in the frameworks. Where we differ on purpose, `differences` says so and why.
//!
//! The facts are read in place: `../shared`, or the folder that `HOLDFAST_SHARED` names.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed expectation in a test")]

mod differences;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use holdfast::control::{Can, Control, Reach};
use holdfast::controls;
use holdfast::facts::{Facts, Form, Processor, Version};
use serde_json::Value;

use differences::DIFFERENCES;

/// Each of our controls, and the entry of the catalogue that is about the same thing.
const SAME: &[(&str, &str)] = &[
    ("screen_lock_password_required", "lock.password_required"),
    ("screen_lock_password_delay", "lock.password_delay"),
    ("screen_lock_idle_timeout", "lock.idle_timeout"),
    ("screen_lock_login_window_idle", "lock.loginwindow_idle"),
    ("firewall_on", "fw.on"),
    ("firewall_stealth", "fw.stealth"),
    ("firewall_block_all", "fw.block_all"),
    ("firewall_allow_signed", "fw.allow_signed"),
    ("firewall_logging", "fw.logging"),
    ("update_check", "su.auto_check"),
    ("update_download", "su.auto_download"),
    ("update_install_macos", "su.auto_install_macos"),
    ("update_security_responses", "su.security_responses"),
    ("update_config_data", "su.config_data"),
    ("update_app_store", "su.app_store_auto"),
    ("update_deferral", "su.deferral_bounded"),
    ("update_minimum_macos", "su.min_os"),
    ("firmware_password", "boot.firmware_password"),
    ("recovery_lock", "boot.recovery_lock"),
    ("secure_boot", "boot.secure_boot_full"),
    ("system_integrity_protection", "boot.sip_on"),
    ("sealed_system_volume", "boot.ssv_on"),
    ("external_boot", "boot.external_boot_off"),
    ("boot_arguments", "boot.amfi_boot_arg"),
    ("system_volume_read_only", "boot.system_ro"),
    ("update_current", "su.currency"),
    ("gatekeeper", "mal.gatekeeper_on"),
    ("gatekeeper_identified_developers", "mal.identified_devs"),
    ("xprotect", "mal.xprotect_on"),
    ("xprotect_version", "mal.xprotect_version"),
    ("library_validation", "mal.library_validation"),
    ("hibernation_intel", "fv.hibernate_intel"),
    ("internal_volumes_encrypted", "fv.internal_volumes"),
    ("external_volumes_encrypted", "fv.external_volumes"),
    ("external_storage_policy", "media.external_storage_policy"),
    ("time_machine_encrypted", "backup.tm_encrypted"),
    ("time_machine_automatic", "backup.tm_auto"),
    ("filevault_on", "fv.on"),
    ("filevault_disable_blocked", "fv.disable_blocked"),
    ("filevault_recovery_key_escrowed", "fv.key_escrowed"),
    ("filevault_unlockers", "fv.no_unexpected_unlockers"),
    ("filevault_key_destroyed_on_standby", "fv.key_destroyed_on_standby"),
    ("filevault_standby", "fv.arm_standby"),
    ("secure_tokens", "acct.secure_token_holders"),
    ("bootstrap_token", "acct.bootstrap_token"),
    ("hot_corner_disables_screen_saver", "lock.hot_corner_not_disable"),
    ("media_sharing", "share.media_off"),
    ("bluetooth_sharing", "share.bluetooth_off"),
    ("airplay_receiver", "share.airplay_receiver_off"),
    ("bluetooth_menu", "radio.bluetooth_menu"),
    ("terminal_secure_input", "app.terminal_secure_input"),
    ("apple_watch_unlock", "lock.watch_unlock_off"),
    ("touch_id_timeout", "lock.touchid_timeout"),
    ("smart_card_removal_locks", "lock.smartcard_removal"),
    ("login_window_banner", "login.policy_banner"),
    ("guest_home_folder", "login.guest_home_absent"),
    ("inactive_accounts_disabled", "acct.inactive_disabled"),
    ("password_lockout_attempts", "pw.lockout_attempts"),
    ("password_lockout_reset", "pw.lockout_reset"),
    ("password_minimum_length", "pw.min_length"),
    ("password_alphanumeric", "pw.alphanumeric"),
    ("password_special_characters", "pw.special_chars"),
    ("password_mixed_case", "pw.mixed_case"),
    ("password_history", "pw.history"),
    ("password_maximum_age", "pw.max_age"),
    ("airdrop", "share.airdrop_off"),
    ("handoff", "share.handoff_off"),
    ("iphone_mirroring", "share.iphone_mirroring_off"),
    ("ssh_root_login", "ssh.no_root"),
    ("ssh_idle_timeout", "ssh.client_alive"),
    ("ssh_fips_cryptography", "ssh.fips_crypto"),
    ("update_security_response_removal", "su.rsr_removal_blocked"),
    ("gatekeeper_override", "mal.no_gatekeeper_override"),
    ("filevault_setup_assistant", "fv.setup_assistant"),
    ("usb_accessories", "media.usb_restricted"),
    ("audit_daemon", "audit.auditd_on"),
    ("audit_flags", "audit.flags"),
    ("audit_retention", "audit.retention"),
    ("audit_log_permissions", "audit.log_perms"),
    ("audit_control_permissions", "audit.control_perms"),
    ("install_log_retention", "audit.install_log"),
    ("system_log_permissions", "audit.syslog_perms"),
    ("sudo_timeout", "sudo.timeout_zero"),
    ("sudo_per_terminal", "sudo.tty_tickets"),
    ("sudo_logging", "sudo.log_allowed"),
    ("home_folder_permissions", "files.home_perms"),
    ("applications_not_world_writable", "files.apps_not_world_writable"),
    ("library_not_world_writable", "files.library_not_world_writable"),
    ("icloud_desktop_and_documents", "icloud.desktop_docs_off"),
    ("icloud_drive", "icloud.drive_off"),
    ("icloud_keychain", "icloud.keychain_off"),
    ("icloud_private_relay", "icloud.private_relay_off"),
    ("account_changes", "icloud.account_changes_off"),
    ("icloud_photos", "icloud.photos_off"),
    ("find_my", "icloud.find_my_off"),
    ("siri", "priv.siri_off"),
    ("diagnostic_reports", "priv.diagnostics_off"),
    ("siri_improvement", "priv.siri_improve_off"),
    ("assistive_voice_improvement", "priv.assistive_voice_off"),
    ("search_improvement", "priv.search_improve_off"),
    ("personalized_advertising", "priv.ads_off"),
    ("location_services", "priv.location_services"),
    ("external_intelligence", "priv.external_ai_off"),
    ("writing_tools", "priv.writing_tools_off"),
    ("on_device_dictation", "priv.on_device_dictation"),
    ("mdm_enrolled", "mdm.enrolled"),
    ("mdm_automated_enrollment", "mdm.ade"),
    ("mdm_profile_locked", "mdm.profile_locked"),
    ("profile_installation", "mdm.profile_ui_install_off"),
    ("required_profiles", "mdm.required_profiles"),
    ("erase_all_content", "mdm.erase_blocked"),
    ("safari_safe_downloads", "app.safari_safe_downloads_off"),
    ("power_nap", "power.power_nap_off"),
    ("wake_on_network", "power.wake_on_lan_off"),
    ("bluetooth", "radio.bluetooth_off"),
    ("display_and_system_sleep", "lock.display_system_sleep"),
    ("screen_lock_session_owner_only", "lock.session_owner_only"),
    ("automatic_logout", "lock.auto_logout"),
    ("touch_id_unlock", "lock.touchid_unlock"),
    ("automatic_login", "login.autologin_off"),
    ("filevault_automatic_login", "login.filevault_autologin_off"),
    ("login_window_name_and_password", "login.name_and_password"),
    ("login_window_password_hints", "login.no_hint_display"),
    ("password_hints_removed", "login.hint_text_removed"),
    ("login_window_message", "login.message_text"),
    ("guest_account", "login.guest_off"),
    ("guest_shared_folders", "login.guest_smb_off"),
    ("login_window_host_info", "login.adminhostinfo_off"),
    ("root_account_disabled", "acct.root_disabled"),
    ("system_settings_need_administrator", "acct.system_prefs_admin"),
    ("daily_user_not_administrator", "acct.daily_user_not_admin"),
    ("packet_filter_default_deny", "fw.pf_default_deny"),
    ("bonjour_advertising", "net.bonjour_adverts_off"),
    ("ipv6_policy", "net.ipv6_policy"),
    ("web_server", "net.httpd_off"),
    ("nfs_server", "net.nfsd_off"),
    ("tftp_server", "net.tftpd_off"),
    ("uucp_service", "net.uucp_off"),
    ("remote_login", "remote.ssh_off"),
    ("remote_apple_events", "remote.rae_off"),
    ("screen_sharing", "remote.screen_sharing_off"),
    ("remote_management", "remote.ard_off"),
    ("file_sharing", "share.smb_off"),
    ("printer_sharing", "share.printer_off"),
    ("internet_sharing", "share.internet_off"),
    ("content_caching", "share.content_cache_off"),
    ("network_time", "time.auto_on"),
    ("network_time_server", "time.server"),
    ("time_service", "time.timed_running"),
];

/// Controls about which the catalogue has no entry, and why not.
const OURS_ALONE: &[(&str, &str)] = &[
    ("sign_out_original_script", "it is about a script that this agent replaces, not about a setting of macOS"),
    ("jamf_url_https", JAMF_PRO),
    ("jamf_certificate_verified", JAMF_PRO),
    ("jamf_device_certificate", JAMF_PRO),
    ("jamf_check_in", JAMF_PRO),
    ("jamf_server_account_passwords", JAMF_PRO),
    ("jamf_server_privileges", JAMF_PRO),
    ("jamf_server_change_management", JAMF_PRO),
    ("jamf_server_log_flushing", JAMF_PRO),
    ("jamf_server_self_service_login", JAMF_PRO),
    ("jamf_server_enrollment_login", JAMF_PRO),
];

const JAMF_PRO: &str = "it is about the Jamf Pro client or its server, not about a setting of macOS";

#[expect(clippy::disallowed_methods, reason = "the environment says where the facts are")]
fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    std::env::var_os("HOLDFAST_SHARED").map_or_else(beside, PathBuf::from)
}

/// The catalogue's entries by id.
fn catalogue() -> BTreeMap<String, Value> {
    let path = shared().join("reference/catalog.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let root: Value = serde_json::from_str(&text).unwrap();
    let entries = root["controls"].as_array().unwrap();
    assert!(entries.len() >= 100, "only {} entries in {}", entries.len(), path.display());
    entries.iter().map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry.clone())).collect()
}

/// The catalogue's word for what we say root can do.
fn word(can: Can) -> &'static str {
    match can {
        Can::Yes => "yes",
        Can::YesUnlessManaged => "yes_unless_managed",
        Can::UserContext => "user_context",
        Can::Partial => "partial",
        Can::DetectOnly => "detect_only",
        Can::Manual => "manual",
    }
}

/// What we say about one macOS and processor: what root can do, in each of the forms where the control applies. Empty: it
/// applies in none.
fn ours(control: &Control, macos: u32, processor: Processor) -> BTreeSet<&'static str> {
    let mut cans = BTreeSet::new();
    for form in [Form::Laptop, Form::Desktop, Form::Virtual] {
        let (build, model) = (String::new(), String::new());
        let facts = Facts { macos: Version(vec![macos]), build, processor, form, model, uuid: None };
        if let Some(Reach::Applies { can, .. }) = control.variant(&facts).map(|variant| &variant.reach) {
            cans.insert(word(*can));
        }
    }
    cans
}

/// What the catalogue says about them; empty where the entry does not apply.
fn theirs(entry: &Value, macos: u32, processor: Processor) -> BTreeSet<&str> {
    let version = macos.to_string();
    let has = match (entry["arch"].as_str().unwrap(), processor) {
        ("any" | "t2+arm64", _) | ("intel" | "t2", Processor::Intel) | ("arm64", Processor::AppleSilicon) => true,
        ("intel" | "t2" | "arm64", _) => false,
        (other, _) => panic!("{}: teach this test the architecture {other:?}", entry["id"]),
    };
    let can = entry["root_daemon_can_enforce"][&version].as_str().unwrap();
    let applies = entry["applies"][&version].as_bool().unwrap();
    assert_eq!(applies, can != "n/a", "{} contradicts itself on macOS {macos}", entry["id"]);
    if has && applies { BTreeSet::from([can]) } else { BTreeSet::new() }
}

fn texts(value: &Value) -> BTreeSet<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn owned(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn of_macos(list: &[(u32, &str)], macos: u32) -> BTreeSet<String> {
    list.iter().filter(|(version, _)| *version == macos).map(|(_, id)| (*id).to_owned()).collect()
}

/// Every point on which a control and its entry differ: what, ours, theirs.
fn differences(control: &Control, entry: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut compare = |what: String, ours: String, theirs: String| {
        if ours != theirs {
            found.push((what, ours, theirs));
        }
    };
    for macos in [14, 15, 26, 27] {
        for (name, processor) in [("Intel", Processor::Intel), ("Apple silicon", Processor::AppleSilicon)] {
            // macOS 27 runs on no Intel Mac.
            if (macos, processor) != (27, Processor::Intel) {
                let (ours, theirs) = (ours(control, macos, processor), theirs(entry, macos, processor));
                compare(format!("macOS {macos}, {name}"), format!("{ours:?}"), format!("{theirs:?}"));
            }
        }
    }
    let (refs, known) = (&control.refs, &entry["refs"]);
    for macos in [14, 15, 26] {
        let (cis, stig) = (&known[format!("cis_macos_{macos}")], &known["stig"][format!("macos_{macos}")]);
        let ours = of_macos(refs.cis_macos, macos);
        compare(format!("CIS macOS {macos}"), format!("{ours:?}"), format!("{:?}", texts(cis)));
        let ours = of_macos(refs.stig, macos);
        compare(format!("STIG macOS {macos}"), format!("{ours:?}"), format!("{:?}", texts(stig)));
    }
    for (what, ours, key) in [
        ("CIS v8", refs.cis_v8, "cis_v8"),
        ("NIST 800-53r5", refs.nist_800_53r5, "nist_800_53r5"),
        ("SOC 2", refs.soc2, "soc2_tsc"),
    ] {
        compare(what.to_owned(), format!("{:?}", owned(ours)), format!("{:?}", texts(&known[key])));
    }
    compare("mSCP".to_owned(), format!("{:?}", refs.mscp), format!("{:?}", entry["mscp"]["rule"].as_str()));
    compare("severity".to_owned(), control.severity.word().to_owned(), entry["severity"].as_str().unwrap().to_owned());
    found
}

/// Whether it is about a rule of mSCP's that the catalogue of facts has no entry for: there is nothing to hold it against.
fn is_new(control: &Control, catalogue: &BTreeMap<String, Value>) -> bool {
    control.refs.mscp.is_some_and(|rule| catalogue.values().all(|entry| entry["mscp"]["rule"] != rule))
}

#[test]
fn every_control_has_its_entry() {
    let catalogue = catalogue();
    let ids: Vec<&str> = controls::all().iter().map(|control| control.id).collect();
    for (id, because) in OURS_ALONE {
        println!("{id}: no entry, as {because}");
        assert!(ids.contains(id), "{id} is no control: take it out of the table");
        assert!(SAME.iter().all(|(ours, _)| ours != id), "{id} has an entry after all: take it out of the table");
    }
    for control in controls::all().into_iter().filter(|control| OURS_ALONE.iter().all(|(ours, _)| *ours != control.id))
    {
        let entries = SAME.iter().filter(|(ours, _)| *ours == control.id).count();
        assert!(entries == 1 || entries == 0 && is_new(control, &catalogue), "{}: name its entry once", control.id);
    }
    for (ours, theirs) in SAME {
        assert!(ids.contains(ours), "{ours} is no control: take it out of the table");
        assert!(catalogue.contains_key(*theirs), "{theirs} of {ours} is not in the catalogue of facts");
        assert_eq!(SAME.iter().filter(|(_, entry)| entry == theirs).count(), 1, "{theirs} stands for two controls");
    }
}

#[test]
fn controls_say_what_the_facts_say() {
    let catalogue = catalogue();
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for (ours, theirs) in SAME {
        let control = controls::find(ours).unwrap();
        for (what, we_say, they_say) in differences(control, &catalogue[*theirs]) {
            let known = DIFFERENCES.iter().find(|known| known.control == *ours && known.what.contains(&what.as_str()));
            match known {
                Some(known) if known.ours == we_say => {
                    seen.insert((*ours, what));
                }
                Some(known) => {
                    faults.push(format!("{ours}, {what}: we say {we_say}, the reason is for {}", known.ours));
                }
                None => faults.push(format!("{ours}, {what}: we say {we_say}, the facts say {they_say}")),
            }
        }
    }
    for known in DIFFERENCES {
        println!("{}: we say {}, for {}", known.control, known.ours, known.because);
        for what in known.what {
            if !seen.contains(&(known.control, (*what).to_owned())) {
                faults.push(format!("{}, {what}: no such difference, take it out of the table", known.control));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "mend src/controls, or say in tests/facts/differences.rs why we differ:\n{}",
        faults.join("\n")
    );
}
