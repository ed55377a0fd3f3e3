//! The states that a simulated Mac can start in.

mod access;
mod fleet;
mod forced;
mod guard;
mod passwords;
mod people;
mod permissions;
mod services;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use plist::{Dictionary, Value};

use super::files;
use super::macs::Mac;
use super::origin;
use super::session;
use super::state::{
    CryptoKind, CryptoUser, Enrollment, FileVault, Form, Job, Mdm, Processor, Seal, SecureBoot, Sip, State, Update,
    User,
};

/// A state to start in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// Everything that root, a profile or a person could set is in its weak state.
    Neglected,
    /// As unpacked by its first user: every setting at its default.
    Factory,
    /// Everything as the controls want it at level 3.
    Hardened,
}

impl World {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Neglected, Self::Factory, Self::Hardened];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Neglected => "neglected",
            Self::Factory => "factory",
            Self::Hardened => "hardened",
        }
    }
}

const PERSONAL_KEY: &str = "EBC6C064-0000-11AA-AA11-00306543ECAC";
const BOOTSTRAP_TOKEN: &str = "2457711A-523C-4604-B75A-F48A571D5036";

const UPDATES: &str = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
const APP_STORE: &str = "/Library/Preferences/com.apple.commerce.plist";
const SCREEN_SAVER: &str = "/Library/Preferences/com.apple.screensaver.plist";
const LOGIN_WINDOW: &str = "/Library/Preferences/com.apple.loginwindow.plist";
const DECLARATIONS: &str = "/private/var/db/softwareupdate/SoftwareUpdateDDMStatePersistence.plist";

/// The files that a Mac starts with.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The world's present.
    pub now: DateTime<Utc>,
    lists: BTreeMap<String, Dictionary>,
    others: BTreeMap<String, Vec<u8>>,
}

impl Content {
    /// Sets `key` in the property list at `path`.
    pub fn set(&mut self, path: &str, key: &str, value: impl Into<Value>) {
        self.lists.entry(path.to_owned()).or_default().insert(key.to_owned(), value.into());
    }

    /// Sets `key` of `domain` locally for the whole Mac.
    pub fn local(&mut self, domain: &str, key: &str, value: impl Into<Value>) {
        self.set(&format!("/Library/Preferences/{domain}.plist"), key, value);
    }

    /// Has a profile force `key` of `domain` for the whole Mac.
    pub fn forced(&mut self, domain: &str, key: &str, value: impl Into<Value>) {
        self.set(&format!("/Library/Managed Preferences/{domain}.plist"), key, value);
    }

    /// Puts a file that is no property list.
    pub fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.others.insert(path.to_owned(), bytes.into());
    }

    fn add(&mut self, lists: Lists) {
        for (path, list) in lists {
            self.lists.entry(path).or_default().extend(list);
        }
    }

    fn files(self) -> BTreeMap<String, Vec<u8>> {
        let lists = self.lists.into_iter().map(|(path, mut list)| {
            list.sort_keys();
            (path, files::xml(&Value::Dictionary(list)))
        });
        lists.chain(self.others).collect()
    }
}

/// The present of a Mac that lives in memory, where time stands still: 2026-11-22, nine o'clock.
pub(super) fn present() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_795_338_000)
}

/// The Mac's state and files at `now`.
pub(super) fn make(world: World, mac: Mac, now: DateTime<Utc>) -> (State, BTreeMap<String, Vec<u8>>) {
    let mut state = mac.unpacked();
    state.origin = origin(world, mac);
    let mut content = Content { now, ..Content::default() };
    let more: &[Piece] = match world {
        World::Neglected => {
            content.add(neglected(&mut state, mac));
            content.put(SIGN_OUT_SCRIPT, "# Stands for the script of two lines that was published.\n");
            &[
                access::neglected,
                fleet::neglected,
                forced::neglected,
                guard::neglected,
                passwords::neglected,
                people::neglected,
                permissions::neglected,
                services::neglected,
            ]
        }
        World::Factory => {
            content.add(factory(&mut state));
            &[
                access::factory,
                fleet::factory,
                forced::factory,
                guard::factory,
                passwords::factory,
                people::factory,
                permissions::factory,
                services::factory,
            ]
        }
        World::Hardened => {
            content.add(hardened(&mut state));
            &[
                access::hardened,
                fleet::hardened,
                forced::hardened,
                guard::hardened,
                passwords::hardened,
                people::hardened,
                permissions::hardened,
                services::hardened,
            ]
        }
    };
    for piece in more {
        piece(&mut state, &mut content);
    }
    (state, content.files())
}

/// What one part of the catalogue adds to a world.
type Piece = fn(&mut State, &mut Content);

/// Where the published sign-out script and its launchd job lie.
const SIGN_OUT_SCRIPT: &str = "/Library/Scripts/jamfTrustSignOut.sh";
const SIGN_OUT_JOB: &str = "/Library/LaunchDaemons/com.jamftrust.automateSignOut.plist";

/// Jamf Trust, signed in and connected.
fn with_jamf_trust(state: &mut State) -> (String, Dictionary) {
    state.jamf_trust.running = state.console_user.iter().cloned().collect();
    state.jamf_trust.vpn = Some("Connected".into());
    (session::JAMF_TRUST.to_owned(), session::app("com.jamf.trust", "2.3.1"))
}

/// The published sign-out script with all its triggers, loaded.
fn with_sign_out_script(state: &mut State) -> (String, Dictionary) {
    let label = "com.jamftrust.automateSignOut";
    let arguments = ["/bin/bash", SIGN_OUT_SCRIPT];
    state.jobs.push(Job {
        label: label.into(),
        path: SIGN_OUT_JOB.into(),
        arguments: arguments.map(str::to_owned).into(),
    });
    let daily: Dictionary =
        [("Hour", 23), ("Minute", 59)].map(|(key, n)| (key.to_owned(), Value::from(n))).into_iter().collect();
    list(
        SIGN_OUT_JOB,
        [
            ("Label", label.into()),
            ("ProgramArguments", Value::Array(arguments.map(Value::from).into())),
            ("RunAtLoad", true.into()),
            ("StartInterval", 28_800.into()),
            ("StartCalendarInterval", Value::Dictionary(daily)),
        ],
    )
}

type Lists = Vec<(String, Dictionary)>;

fn list<const N: usize>(path: &str, entries: [(&str, Value); N]) -> (String, Dictionary) {
    (path.to_owned(), entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn managed<const N: usize>(domain: &str, entries: [(&str, Value); N]) -> (String, Dictionary) {
    list(&format!("/Library/Managed Preferences/{domain}.plist"), entries)
}

fn person(name: &str, full_name: &str, uid: i64, generated_uid: &str) -> User {
    User {
        name: name.into(),
        full_name: full_name.into(),
        uid,
        gid: 20,
        admin: name != "bob",
        generated_uid: generated_uid.into(),
        hidden: false,
        home: format!("/Users/{name}"),
        shell: "/bin/zsh".into(),
        secure_token: true,
        screen_lock_delay: Some(0),
    }
}

fn alice() -> User {
    person("alice", "Alice Example", 501, "9B2E7C41-5D08-4F63-A1B9-3C70E5D8F214")
}

fn bob() -> User {
    person("bob", "Bob Example", 502, "D41A6F05-82C7-4B9E-90F3-67E1B2A8C35D")
}

/// A hidden account of the kind that an MDM makes.
fn helpdesk() -> User {
    let user = person("helpdesk", "Help Desk", 503, "1F8C3D67-A94B-4E20-B675-D20E9F4A7C18");
    User { hidden: true, home: "/private/var/helpdesk".into(), ..user }
}

fn unlocker(kind: CryptoKind, uuid: &str) -> CryptoUser {
    CryptoUser { uuid: uuid.to_owned(), kind, owner: kind == CryptoKind::LocalUser }
}

/// The accounts that hold a token.
fn token_holders(state: &State) -> Vec<CryptoUser> {
    let holders = state.users.iter().filter(|user| user.secure_token);
    holders.map(|user| unlocker(CryptoKind::LocalUser, &user.generated_uid)).collect()
}

fn set_power(state: &mut State, settings: &[(&str, i64)]) {
    for source in &mut state.power.sources {
        for (key, number) in settings {
            if let Some(value) = source.settings.get_mut(*key) {
                *value = (*number).into();
            }
        }
    }
}

fn neglected(state: &mut State, mac: Mac) -> Lists {
    let (version, build) = mac.outdated();
    state.macos.version = version.into();
    state.macos.build = build.into();
    let unlocked = |user: User| User { screen_lock_delay: None, ..user };
    state.users.push(unlocked(alice()));
    state.users.push(User { secure_token: false, ..unlocked(bob()) });
    state.users.push(User { secure_token: false, ..unlocked(helpdesk()) });
    state.console_user = Some("alice".into());
    state.crypto_users = token_holders(state);
    // Left behind by somebody whose account is gone.
    state.crypto_users.push(unlocker(CryptoKind::LocalUser, "64D0E8A2-7B15-4C9F-8E36-A5F1907B2DC4"));
    state.enrollment = Enrollment {
        mdm: Mdm::Yes,
        automated: false,
        server: Some("https://mdm.example.com/mdm".into()),
        bootstrap_token_supported: true,
        bootstrap_token_escrowed: false,
    };
    state.firewall.logging = false;
    match (state.hardware.processor, state.hardware.form) {
        (Processor::Intel, Form::Laptop) => {
            set_power(state, &[("hibernatemode", 3), ("powernap", 1), ("standby", 1), ("autopoweroff", 1)]);
        }
        (Processor::AppleSilicon, Form::Laptop) => set_power(state, &[("standby", 0)]),
        _ => {}
    }
    state.startup.secure_boot = Some(SecureBoot::Medium);
    state.startup.kernel_extensions = true;
    state.startup.sip = Sip::Disabled;
    state.startup.authenticated_root = false;
    state.startup.seal = Seal::Broken;
    state.gatekeeper.assessments = false;
    state.sharing.remote_login = true;
    state.updates.push(Update {
        label: format!("macOS Update-{build}"),
        title: "macOS Update".into(),
        version: version.into(),
        size: "3310848K".into(),
        restart: true,
    });
    let mut lists = vec![
        // Off in each of the ways that occur: a string, a number, a boolean.
        list(
            UPDATES,
            [
                ("AutomaticCheckEnabled", "NO".into()),
                ("AutomaticDownload", 0.into()),
                ("AutomaticallyInstallMacOSUpdates", false.into()),
                ("ConfigDataInstall", 0.into()),
                ("CriticalUpdateInstall", false.into()),
            ],
        ),
        list(APP_STORE, [("AutoUpdate", false.into())]),
        list(SCREEN_SAVER, [("loginWindowIdleTime", 0.into())]),
        list(LOGIN_WINDOW, [("GuestEnabled", true.into())]),
        managed(
            "com.apple.applicationaccess",
            [("enforcedSoftwareUpdateDelay", 90.into()), ("forceDelayedSoftwareUpdates", true.into())],
        ),
    ];
    lists.push(with_jamf_trust(state));
    lists.push(with_sign_out_script(state));
    if state.at_least(&[27]) {
        // There only a declaration holds updates back.
        lists.push(declared([("minorOSDeferralPeriod", 90.into())]));
    }
    lists
}

/// What the settings declaration for software update left.
fn declared(settings: impl IntoIterator<Item = (&'static str, Value)>) -> (String, Dictionary) {
    let settings: Dictionary = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let mut fields = Dictionary::new();
    fields.insert("SUCoreDDMDeclarationGlobalSettings".into(), Value::Dictionary(settings));
    list(DECLARATIONS, [("SUCorePersistedStatePolicyFields", Value::Dictionary(fields))])
}

fn factory(state: &mut State) -> Lists {
    state.users.push(alice());
    state.console_user = Some("alice".into());
    state.crypto_users = token_holders(state);
    Vec::new()
}

fn hardened(state: &mut State) -> Lists {
    // A hidden account that could unlock the disk would be one too many.
    let hidden = User { secure_token: false, ..helpdesk() };
    state.users.extend([alice(), bob(), hidden]);
    state.console_user = Some("alice".into());
    state.crypto_users = token_holders(state);
    state.crypto_users.push(unlocker(CryptoKind::PersonalRecovery, PERSONAL_KEY));
    state.crypto_users.push(unlocker(CryptoKind::BootstrapToken, BOOTSTRAP_TOKEN));
    state.enrollment = Enrollment {
        mdm: Mdm::UserApproved,
        automated: true,
        server: Some("https://mdm.example.com/mdm".into()),
        bootstrap_token_supported: true,
        bootstrap_token_escrowed: true,
    };
    let firewall = &mut state.firewall;
    (firewall.on, firewall.block_all, firewall.stealth, firewall.logging) = (true, true, true, true);
    firewall.allow_downloaded = false;
    state.filevault = FileVault { on: true, personal_key: true, ..state.filevault.clone() };
    match (state.hardware.processor, state.hardware.form) {
        (Processor::Intel, Form::Laptop) => {
            state.power.destroy_key_on_standby = 1;
            set_power(state, &[("hibernatemode", 25), ("powernap", 0), ("standby", 0), ("autopoweroff", 0)]);
        }
        (Processor::AppleSilicon, Form::Laptop) => set_power(state, &[("standby", 1)]),
        _ => {}
    }
    match state.hardware.processor {
        Processor::Intel => state.startup.firmware_password = true,
        Processor::AppleSilicon => state.startup.recovery_lock = true,
    }
    let mut lists = vec![
        list(
            UPDATES,
            [
                ("AutomaticCheckEnabled", true.into()),
                ("AutomaticDownload", true.into()),
                ("AutomaticallyInstallMacOSUpdates", true.into()),
                ("ConfigDataInstall", true.into()),
                ("CriticalUpdateInstall", true.into()),
            ],
        ),
        list(APP_STORE, [("AutoUpdate", true.into())]),
        list(SCREEN_SAVER, [("loginWindowIdleTime", 300.into())]),
        list(LOGIN_WINDOW, [("GuestEnabled", false.into())]),
        managed(
            "com.apple.screensaver",
            [("askForPassword", true.into()), ("askForPasswordDelay", 0.into()), ("idleTime", 300.into())],
        ),
        managed(
            "com.apple.security.FDERecoveryKeyEscrow",
            [
                ("EncryptCertPayloadUUID", "3E8A0C57-D142-4B76-9F05-B8C63D21A7E9".into()),
                ("Location", "Example Company keeps the recovery key.".into()),
            ],
        ),
    ];
    lists.push(with_jamf_trust(state));
    if state.at_least(&[26]) {
        // 1 is "always on".
        let on =
            ["automaticallyDownload", "automaticallyInstallOSUpdates", "automaticallyInstallSystemAndSecurityUpdates"];
        // Up to macOS 26 a profile says this one.
        let off = state.at_least(&[27]).then_some("enableRapidSecurityResponseRollback");
        let on = on.into_iter().map(|key| (key, Value::from(1)));
        lists.push(declared(on.chain(off.map(|key| (key, Value::from(false))))));
    }
    lists
}
