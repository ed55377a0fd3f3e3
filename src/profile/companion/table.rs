//! Which control is set by which payload or declaration of Apple's, on which macOS. Types, keys and versions are those of
//! Apple's published schemas (as of macOS 15.1, and what is known of their text for macOS 27).

use plist::Value;

use super::Request;

/// What a setting is delivered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A payload of this type, with keys of its own.
    Payload(&'static str),
    /// This preference domain, forced by a payload `com.apple.ManagedClient.preferences`: for keys that macOS reads there and
    /// that the schema of the domain's own payload does not list.
    Preferences(&'static str),
    /// A declaration of this type; of its keys those in a dictionary are written with full stops.
    Declaration(&'static str),
}

/// One key of a [`Way`].
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its value; `None` where the request lacks what it is made of.
    pub value: fn(&Request<'_>) -> Option<Value>,
}

/// How one control is set from outside.
#[derive(Debug)]
pub struct Way {
    /// The control's id.
    pub control: &'static str,
    /// In what.
    pub carrier: Carrier,
    /// With which keys.
    pub keys: &'static [Key],
    /// First and last macOS major version that heeds it.
    pub macos: (u32, u32),
    /// The macOS major version from which on Apple calls it deprecated, though it still counts, with what to say about it.
    pub deprecated: Option<(u32, &'static str)>,
    /// What to say above the last version: since when it does not count, and why.
    pub after: &'static str,
    /// What to say where the request lacks what the values are made of.
    pub needs: &'static str,
}

/// A payload or preference domain: how it is told from the others in the profile, and its name there.
#[derive(Debug)]
pub struct Frame {
    /// In what.
    pub carrier: Carrier,
    /// The last part of its identifier.
    pub role: &'static str,
    /// Its name.
    pub name: &'static str,
    /// A key that Apple wants whatever else is in it, and no control asks for.
    pub besides: Option<Key>,
    /// A key of a control without which the others cannot be given, and why that is so.
    pub rests_on: Option<(&'static str, &'static str)>,
}

const SCREENSAVER: &str = "com.apple.screensaver";
const RESTRICTIONS: &str = "com.apple.applicationaccess";
const FIREWALL: &str = "com.apple.security.firewall";
const UPDATES: &str = "com.apple.SoftwareUpdate";
const GATEKEEPER: &str = "com.apple.systempolicy.control";
/// The declaration that makes external storage read-only or keeps it out.
const STORAGE: &str = "com.apple.configuration.diskmanagement.settings";
/// The declaration that takes the place of the payload `com.apple.SoftwareUpdate`.
pub const UPDATE_SETTINGS: &str = "com.apple.configuration.softwareupdate.settings";
/// The declaration that installs one version of macOS by a date.
pub const UPDATE_BY: &str = "com.apple.configuration.softwareupdate.enforcement.specific";
/// The payload that sends the recovery key to whoever made the profile.
pub const ESCROW: &str = "com.apple.security.FDERecoveryKeyEscrow";

/// What a way has where nothing else is said.
const PLAIN: Way = Way {
    control: "",
    carrier: Carrier::Payload(""),
    keys: &[],
    macos: (14, 27),
    deprecated: None,
    after: "",
    needs: "",
};

const fn on(name: &'static str) -> Key {
    Key { name, value: |_| Some(true.into()) }
}

const fn always_on(name: &'static str) -> Key {
    Key { name, value: |_| Some("AlwaysOn".into()) }
}

/// Both keys: Apple wants the delay wherever a password is asked for, and heeds it nowhere else.
const LOCK: &[Key] = &[
    on("askForPassword"),
    Key { name: "askForPasswordDelay", value: |request| request.number("screen_lock_password_delay", "MaximumDelay") },
];

const IDLE: &[Key] =
    &[Key { name: "idleTime", value: |request| request.number("screen_lock_idle_timeout", "MaximumIdle") }];

const fn firewall(control: &'static str, keys: &'static [Key]) -> Way {
    Way { control, carrier: Carrier::Payload(FIREWALL), keys, ..PLAIN }
}

const fn update(control: &'static str, keys: &'static [Key]) -> Way {
    Way {
        control,
        carrier: Carrier::Payload(UPDATES),
        keys,
        macos: (14, 26),
        deprecated: Some((26, "is given, but deprecated since macOS 26.0 and removed in 27.0")),
        after: "was removed in macOS 27.0",
        ..PLAIN
    }
}

const fn declared(control: &'static str, keys: &'static [Key]) -> Way {
    Way { control, carrier: Carrier::Declaration(UPDATE_SETTINGS), keys, macos: (15, 27), ..PLAIN }
}

/// All ways.
pub const WAYS: &[Way] = &[
    Way { control: "screen_lock_password_required", carrier: Carrier::Payload(SCREENSAVER), keys: LOCK, ..PLAIN },
    Way { control: "screen_lock_password_delay", carrier: Carrier::Payload(SCREENSAVER), keys: LOCK, ..PLAIN },
    // The schema of the payload lists this key since its text for macOS 27. Before that macOS reads it there all the same.
    Way {
        control: "screen_lock_idle_timeout",
        carrier: Carrier::Preferences(SCREENSAVER),
        keys: IDLE,
        macos: (14, 26),
        ..PLAIN
    },
    Way {
        control: "screen_lock_idle_timeout",
        carrier: Carrier::Payload(SCREENSAVER),
        keys: IDLE,
        macos: (27, 27),
        ..PLAIN
    },
    Way {
        control: "screen_lock_login_window_idle",
        carrier: Carrier::Payload(SCREENSAVER),
        keys: &[Key {
            name: "loginWindowIdleTime",
            value: |request| request.number("screen_lock_login_window_idle", "MaximumIdle"),
        }],
        macos: (14, 26),
        after: "is no key of the payload in Apple's text for macOS 27",
        ..PLAIN
    },
    Way {
        control: "touch_id_unlock",
        carrier: Carrier::Payload(RESTRICTIONS),
        keys: &[Key { name: "allowFingerprintForUnlock", value: |_| Some(false.into()) }],
        ..PLAIN
    },
    firewall("firewall_on", &[on("EnableFirewall")]),
    firewall("firewall_stealth", &[on("EnableStealthMode")]),
    firewall("firewall_block_all", &[on("BlockAllIncoming")]),
    firewall(
        "firewall_allow_signed",
        &[
            Key { name: "AllowSigned", value: |request| request.flag("firewall_allow_signed", "BuiltIn") },
            Key { name: "AllowSignedApp", value: |request| request.flag("firewall_allow_signed", "Downloaded") },
        ],
    ),
    Way { macos: (14, 14), ..firewall("firewall_logging", &[on("EnableLogging")]) },
    Way { macos: (14, 15), ..update("update_check", &[on("AutomaticCheckEnabled")]) },
    update("update_download", &[on("AutomaticDownload")]),
    declared("update_download", &[always_on("AutomaticActions.Download")]),
    update("update_install_macos", &[on("AutomaticallyInstallMacOSUpdates")]),
    declared("update_install_macos", &[always_on("AutomaticActions.InstallOSUpdates")]),
    update("update_security_responses", &[on("CriticalUpdateInstall")]),
    declared("update_security_responses", &[always_on("AutomaticActions.InstallSecurityUpdate")]),
    declared(
        "update_security_response_removal",
        &[Key { name: "RapidSecurityResponse.EnableRollback", value: |_| Some(false.into()) }],
    ),
    update("update_config_data", &[on("ConfigDataInstall")]),
    update("update_app_store", &[on("AutomaticallyInstallAppUpdates")]),
    Way {
        control: "update_minimum_macos",
        carrier: Carrier::Declaration(UPDATE_BY),
        keys: &[
            Key { name: "TargetOSVersion", value: |request| request.least_version() },
            Key { name: "TargetLocalDateTime", value: |request| request.update_by.map(Value::from) },
        ],
        needs: "a date, --update-by, and a version for this macOS in update_minimum_macos.Minimum",
        ..PLAIN
    },
    Way { control: "gatekeeper", carrier: Carrier::Payload(GATEKEEPER), keys: &[on("EnableAssessment")], ..PLAIN },
    // Without the first key the second means nothing.
    Way {
        control: "gatekeeper_identified_developers",
        carrier: Carrier::Payload(GATEKEEPER),
        keys: &[on("EnableAssessment"), on("AllowIdentifiedDevelopers")],
        ..PLAIN
    },
    Way {
        control: "external_storage_policy",
        carrier: Carrier::Declaration(STORAGE),
        keys: &[Key {
            name: "Restrictions.ExternalStorage",
            value: |request| {
                let Some(Value::Boolean(only)) = request.flag("external_storage_policy", "Disallowed") else {
                    return None;
                };
                Some(if only { "Disallowed" } else { "ReadOnly" }.into())
            },
        }],
        macos: (15, 27),
        ..PLAIN
    },
    Way {
        control: "diagnostic_reports",
        carrier: Carrier::Payload(RESTRICTIONS),
        keys: &[Key { name: "allowDiagnosticSubmission", value: |_| Some(false.into()) }],
        ..PLAIN
    },
    Way {
        control: "filevault_on",
        carrier: Carrier::Payload("com.apple.MCX.FileVault2"),
        keys: &[Key { name: "Enable", value: |_| Some("On".into()) }, on("Defer")],
        ..PLAIN
    },
    Way {
        control: "internet_sharing",
        carrier: Carrier::Preferences("com.apple.MCX"),
        keys: &[on("forceInternetSharingOff")],
        ..PLAIN
    },
    Way {
        control: "filevault_recovery_key_escrowed",
        carrier: Carrier::Payload(ESCROW),
        keys: &[
            Key { name: "Location", value: |request| Some(request.escrow?.location.into()) },
            Key {
                name: "EncryptCertPayloadUUID",
                value: |request| request.escrow.map(|_| super::certificate_uuid().into()),
            },
        ],
        needs: "the certificate that recovery keys are encrypted to, --escrow-certificate with --escrow-location, unless your MDM \
                adds its own: a Mac takes one such payload only, and FileVault should not come before it",
        ..PLAIN
    },
];

/// The payloads of the profile, in order.
pub const FRAMES: &[Frame] = &[
    Frame {
        carrier: Carrier::Payload(SCREENSAVER),
        role: "screensaver",
        name: "Screen saver and lock",
        besides: Some(Key { name: "moduleName", value: |request| Some(request.screen_saver.into()) }),
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Preferences(SCREENSAVER),
        role: "screensaver.preferences",
        name: "Screen saver: when it starts",
        besides: None,
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Payload(FIREWALL),
        role: "firewall",
        name: "Firewall",
        besides: None,
        rests_on: Some((
            "EnableFirewall",
            "cannot be given without EnableFirewall, which firewall_on, not enforced here, would bring",
        )),
    },
    // What controls force there besides follows from themselves, under the same name.
    Frame {
        carrier: Carrier::Payload(RESTRICTIONS),
        role: RESTRICTIONS,
        name: "Forced: com.apple.applicationaccess",
        besides: None,
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Payload(UPDATES),
        role: "softwareupdate",
        name: "Software update",
        besides: None,
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Payload(GATEKEEPER),
        role: "gatekeeper",
        name: "Gatekeeper",
        besides: None,
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Payload("com.apple.MCX.FileVault2"),
        role: "filevault",
        name: "FileVault",
        besides: None,
        rests_on: Some((
            "Enable",
            "cannot be given without Enable, which filevault_on, not enforced here, would bring",
        )),
    },
    Frame {
        carrier: Carrier::Payload("com.apple.MCX"),
        role: "filevault.options",
        name: "FileVault: stays on",
        besides: None,
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Preferences("com.apple.MCX"),
        role: "mcx.preferences",
        name: "Internet Sharing: stays off",
        besides: None,
        rests_on: None,
    },
    Frame {
        carrier: Carrier::Payload(ESCROW),
        role: "filevault.escrow",
        name: "FileVault: recovery key",
        besides: None,
        rests_on: None,
    },
];

/// The controls that only a profile or declaration could set and none of these does: id and reason.
pub const WITHOUT: &[(&str, &str)] = &[
    (
        "update_deferral",
        "no profile or declaration caps what others hold back, as of several the longest counts: lower or remove the deferral where \
         it is set",
    ),
    (
        "filevault_setup_assistant",
        "only a Mac that comes by Automated Device Enrollment takes it, before Setup Assistant ends: put it into what the MDM sends \
         then",
    ),
    ("password_lockout_attempts", PASSWORD_POLICY),
    ("password_lockout_reset", PASSWORD_POLICY),
    ("password_minimum_length", PASSWORD_POLICY),
    ("password_alphanumeric", PASSWORD_POLICY),
    ("password_special_characters", PASSWORD_POLICY),
    ("password_mixed_case", PASSWORD_POLICY),
    ("password_history", PASSWORD_POLICY),
    ("password_maximum_age", PASSWORD_POLICY),
];

/// Why no companion has a passcode payload.
const PASSWORD_POLICY: &str = "a password policy must agree with where the passwords come from, such as an identity provider that \
                               synchronises them, and locks people out where it does not: make the passcode payload or \
                               declaration in the MDM, once, for all Macs";
