//! The six Macs, as unpacked: each a generation of macOS on a kind of hardware.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::state::{
    DialogAnswer, Enrollment, FileVault, Firewall, FirewallApp, Form, Gatekeeper, Hardware, JamfTrust, MacOs, Mdm,
    Override, Power, PowerSource, Processor, Seal, SecureBoot, Sharing, Sip, Startup, State, User,
};

/// A simulated Mac's hardware and macOS generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mac {
    /// An Intel MacBook Pro with a T2 chip, macOS 14.
    IntelLaptop14,
    /// An Apple silicon MacBook Pro, macOS 15.
    ArmLaptop15,
    /// An Apple silicon MacBook Air, macOS 26.
    #[default]
    ArmLaptop26,
    /// An Apple silicon MacBook Air, macOS 27.
    ArmLaptop27,
    /// An Apple silicon Mac mini, macOS 26.
    ArmDesktop26,
    /// A virtual Mac on Apple silicon, macOS 26.
    Vm26,
}

/// What differs from Mac to Mac.
struct Model {
    name: &'static str,
    /// Version and build that is current.
    current: (&'static str, &'static str),
    /// Version and build that is behind; 27 has none yet.
    outdated: (&'static str, &'static str),
    processor: Processor,
    form: Form,
    model: &'static str,
    model_name: &'static str,
    chip: &'static str,
    /// Version of the system in the local policy.
    local_policy: &'static str,
}

impl Mac {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::IntelLaptop14, Self::ArmLaptop15, Self::ArmLaptop26, Self::ArmLaptop27, Self::ArmDesktop26, Self::Vm26];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.model().name
    }

    /// Version and build that is behind what policy asks for; on 27, which has no older one, the current.
    pub(super) fn outdated(self) -> (&'static str, &'static str) {
        self.model().outdated
    }

    fn model(self) -> Model {
        let air = Model {
            name: "arm-laptop-26",
            current: ("26.5.2", "25F84"),
            outdated: ("26.2", "25C56"),
            processor: Processor::AppleSilicon,
            form: Form::Laptop,
            model: "Mac16,13",
            model_name: "MacBook Air",
            chip: "Apple M4",
            local_policy: "25.6.84.0.0,0",
        };
        match self {
            Self::IntelLaptop14 => Model {
                name: "intel-laptop-14",
                current: ("14.8", "23J21"),
                outdated: ("14.4.1", "23E224"),
                processor: Processor::Intel,
                model: "MacBookPro16,1",
                model_name: "MacBook Pro",
                chip: "6-Core Intel Core i7",
                ..air
            },
            Self::ArmLaptop15 => Model {
                name: "arm-laptop-15",
                current: ("15.7.9", "24G830"),
                outdated: ("15.1", "24B83"),
                model: "Mac15,3",
                model_name: "MacBook Pro",
                chip: "Apple M3",
                local_policy: "24.7.830.0.0,0",
                ..air
            },
            Self::ArmLaptop26 => air,
            Self::ArmLaptop27 => Model {
                name: "arm-laptop-27",
                current: ("27.0", "26A428"),
                outdated: ("27.0", "26A428"),
                model: "Mac16,12",
                local_policy: "26.1.428.0.0,0",
                ..air
            },
            Self::ArmDesktop26 => {
                Model { name: "arm-desktop-26", form: Form::Desktop, model: "Mac16,10", model_name: "Mac mini", ..air }
            }
            Self::Vm26 => Model {
                name: "vm-26",
                form: Form::Virtual,
                model: "VirtualMac2,1",
                model_name: "Apple Virtual Machine 1",
                chip: "Apple M4 (Virtual)",
                ..air
            },
        }
    }

    /// The Mac as its first user finds it: current, not enrolled, everything at its default.
    pub(super) fn unpacked(self) -> State {
        let model = self.model();
        let (version, build) = model.current;
        State {
            origin: String::new(),
            macos: MacOs { product: "macOS".into(), version: version.into(), extra: None, build: build.into() },
            hardware: Hardware {
                processor: model.processor,
                form: model.form,
                model: model.model.into(),
                name: model.model_name.into(),
                chip: model.chip.into(),
                uuid: "7C1E5A90-3B64-5D2F-9A17-0E8F46B2C3D1".into(),
                boot_session: "2F7B61D4-90CE-4E7A-8C35-5A1D3E9B7F02".into(),
            },
            users: system_accounts(),
            console_user: None,
            behind: Vec::new(),
            enrollment: Enrollment {
                mdm: Mdm::No,
                automated: false,
                server: None,
                bootstrap_token_supported: false,
                bootstrap_token_escrowed: false,
            },
            firewall: Firewall {
                on: false,
                block_all: false,
                stealth: false,
                allow_built_in: true,
                allow_downloaded: true,
                logging: true,
                logging_option: "throttled".into(),
                apps: ["/usr/libexec/remoted", "/usr/bin/python3", "/usr/sbin/cupsd", "/usr/libexec/sharingd"]
                    .map(app)
                    .into(),
            },
            filevault: FileVault {
                on: false,
                conversion: None,
                restart: None,
                deferral: None,
                personal_key: false,
                institutional_key: false,
                master_keychain: false,
            },
            startup_volume: "disk3s1".into(),
            crypto_users: Vec::new(),
            power: power(model.processor, model.form),
            startup: Startup {
                firmware_password: false,
                recovery_lock: false,
                secure_boot: Some(SecureBoot::Full),
                kernel_extensions: false,
                local_policy_version: model.local_policy.into(),
                other_systems: Vec::new(),
                sip: Sip::Enabled,
                authenticated_root: true,
                seal: Seal::Sealed,
            },
            gatekeeper: Gatekeeper { assessments: true, developer_id: true },
            sharing: Sharing {
                remote_login: false,
                remote_apple_events: false,
                remote_management: false,
                smb_guests: false,
                network_time: true,
                network_time_server: "time.apple.com".into(),
            },
            updates: Vec::new(),
            service_overrides: ["com.apple.ftpd", "com.apple.smbd", "com.apple.bootpd"]
                .map(|label| Override { label: label.into(), disabled: true })
                .into(),
            receipts: BTreeMap::new(),
            jobs: Vec::new(),
            processes: Vec::new(),
            jamf_trust: JamfTrust::default(),
            dialog: DialogAnswer::default(),
            notices: Vec::new(),
            access: Default::default(),
            fleet: Default::default(),
            guard: Default::default(),
            passwords: Default::default(),
            people: Default::default(),
            permissions: Default::default(),
            services: Default::default(),
        }
    }
}

fn app(path: &str) -> FirewallApp {
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    FirewallApp { name, bundle_id: None, path: path.into(), allowed: true }
}

/// Some of macOS's own accounts, as every Mac has them.
fn system_accounts() -> Vec<User> {
    let account = |name: &str, full_name: &str, uid: i64, uuid: &str, home: &str, shell: &str| User {
        name: name.into(),
        full_name: full_name.into(),
        uid,
        gid: uid,
        admin: matches!(name, "root" | "_mbsetupuser"),
        generated_uid: format!("FFFFEEEE-DDDD-CCCC-BBBB-AAAA{uuid}"),
        hidden: false,
        home: home.into(),
        shell: shell.into(),
        secure_token: false,
        screen_lock_delay: None,
    };
    vec![
        account("root", "System Administrator", 0, "00000000", "/var/root", "/bin/sh"),
        account("daemon", "System Services", 1, "00000001", "/var/root", "/usr/bin/false"),
        account("nobody", "Unprivileged User", -2, "FFFFFFFE", "/var/empty", "/usr/bin/false"),
        account("_mbsetupuser", "Setup User", 248, "000000F8", "/var/setup", "/bin/bash"),
    ]
}

fn power(processor: Processor, form: Form) -> Power {
    let (battery, ac) = match (processor, form) {
        (Processor::Intel, Form::Laptop) => intel_laptop(),
        (_, Form::Laptop) => apple_silicon_laptop(),
        (_, Form::Desktop) => (None, desktop()),
        (_, Form::Virtual) => (None, virtual_machine()),
    };
    let source = |name: &str, table: Value| PowerSource {
        name: name.into(),
        settings: match table {
            Value::Object(settings) => settings,
            _ => Map::new(),
        },
    };
    let mut sources: Vec<PowerSource> = battery.map(|table| source("Battery Power", table)).into_iter().collect();
    sources.push(source("AC Power", ac));
    Power {
        destroy_key_on_standby: 0,
        sleep_disabled: 0,
        sources,
        current: "AC Power".into(),
        live: LIVE.map(str::to_owned).into(),
        sleep_prevented_by: vec!["powerd".into()],
        display_sleep_prevented_by: Vec::new(),
        charge: (form == Form::Laptop).then_some(80),
        assertions: Vec::new(),
    }
}

/// The keys of `pmset -g` in the order of captures; those that only Intel laptops have where its captures have them.
const LIVE: [&str; 24] = [
    "standbydelaylow",
    "standby",
    "Sleep On Power Button",
    "halfdim",
    "autorestart",
    "hibernatefile",
    "proximitywake",
    "powernap",
    "gpuswitch",
    "networkoversleep",
    "disksleep",
    "standbydelayhigh",
    "sleep",
    "autopoweroffdelay",
    "hibernatemode",
    "autopoweroff",
    "ttyskeepawake",
    "displaysleep",
    "tcpkeepalive",
    "highstandbythreshold",
    "lowpowermode",
    "womp",
    "acwake",
    "lidwake",
];

/// Key set and order as captured on a 2019 MacBook Pro; the values of `AC Power` beyond that capture are the usual ones.
fn intel_laptop() -> (Option<Value>, Value) {
    let battery = json!({
        "lidwake": 1, "autopoweroff": 1, "standbydelayhigh": 86400, "autopoweroffdelay": 28800, "standbydelaylow": 10800,
        "standby": 1, "proximitywake": 0, "hibernatemode": 3, "powernap": 0, "gpuswitch": 2,
        "hibernatefile": "/var/vm/sleepimage", "ttyskeepawake": 1, "highstandbythreshold": 50, "displaysleep": 2,
        "sleep": 1, "lessbright": 1, "halfdim": 1, "acwake": 0, "tcpkeepalive": 1, "disksleep": 10,
    });
    let ac = json!({
        "lidwake": 1, "autopoweroff": 1, "standbydelayhigh": 86400, "autopoweroffdelay": 28800, "standbydelaylow": 10800,
        "standby": 1, "proximitywake": 1, "hibernatemode": 3, "powernap": 1, "gpuswitch": 2,
        "hibernatefile": "/var/vm/sleepimage", "ttyskeepawake": 1, "highstandbythreshold": 50, "displaysleep": 10,
        "womp": 1, "networkoversleep": 0, "sleep": 1, "acwake": 0, "halfdim": 1, "tcpkeepalive": 1, "disksleep": 10,
    });
    (Some(battery), ac)
}

/// Key set and order as recorded on an Apple silicon laptop.
fn apple_silicon_laptop() -> (Option<Value>, Value) {
    let battery = json!({
        "Sleep On Power Button": 1, "lowpowermode": 0, "standby": 1, "ttyskeepawake": 1, "hibernatemode": 3,
        "powernap": 1, "hibernatefile": "/var/vm/sleepimage", "displaysleep": 2, "womp": 0, "networkoversleep": 0,
        "sleep": 1, "lessbright": 1, "tcpkeepalive": 1, "disksleep": 10,
    });
    let ac = json!({
        "Sleep On Power Button": 1, "lowpowermode": 0, "standby": 1, "ttyskeepawake": 1, "hibernatemode": 3,
        "powernap": 1, "hibernatefile": "/var/vm/sleepimage", "displaysleep": 10, "womp": 1, "networkoversleep": 0,
        "sleep": 1, "tcpkeepalive": 1, "disksleep": 10,
    });
    (Some(battery), ac)
}

/// An Apple silicon desktop's key set is not proven by a capture.
fn desktop() -> Value {
    json!({
        "Sleep On Power Button": 1, "autorestart": 0, "lowpowermode": 0, "standby": 0, "ttyskeepawake": 1,
        "hibernatemode": 0, "powernap": 1, "hibernatefile": "/var/vm/sleepimage", "displaysleep": 10, "womp": 1,
        "networkoversleep": 0, "sleep": 1, "tcpkeepalive": 1, "disksleep": 10,
    })
}

/// Nor is a virtual Mac's.
fn virtual_machine() -> Value {
    json!({
        "Sleep On Power Button": 1, "ttyskeepawake": 1, "hibernatemode": 0, "hibernatefile": "/var/vm/sleepimage",
        "displaysleep": 10, "networkoversleep": 0, "sleep": 0, "disksleep": 10,
    })
}
