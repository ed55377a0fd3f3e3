//! Named policies to start from: each is a list of controls and the values in which it differs from the defaults. Data only.
//!
//! A preset stands in place of `Level`. What policy says of single controls stands over it, and a control that policy names is
//! looked at, in the preset or not. A preset names no modes: a control that can get in somebody's way is looked at and left alone
//! until policy names it.

use super::ncsc;
use crate::control::{Control, Level, Setting, Value};

/// A named policy.
#[derive(Debug)]
pub struct Preset {
    /// Its name in policy and on the command line.
    pub name: &'static str,
    /// What it is for, as one sentence.
    pub doc: &'static str,
    /// Where its controls and values come from, and what of that is a matter of settings.
    pub source: &'static str,
    /// Its controls.
    pub select: Select,
}

/// Which controls a preset has.
#[derive(Debug)]
pub enum Select {
    /// Those that belong to this level or one below it.
    Level(Level),
    /// Those that the CIS benchmark for macOS asks for at this level of its own, or below it.
    Cis(u8),
    /// Those that NCSC's settings come to ([`ncsc::ROWS`]).
    Ncsc,
    /// These.
    List(&'static [Chosen]),
    /// These, up to the level that policy has: `Level` says how far.
    Leveled(&'static [Chosen]),
}

/// A control of a list, with its values.
#[derive(Debug)]
pub struct Chosen {
    /// The control's id.
    pub control: &'static str,
    /// From which level of the list's own on. A control that is there twice has the values of the higher level from there on.
    pub level: Level,
    /// Values other than the defaults, by the setting's key.
    pub values: &'static [(&'static str, Value)],
}

const fn just(control: &'static str) -> Chosen {
    Chosen { control, level: Level::L1, values: &[] }
}

const fn with(control: &'static str, values: &'static [(&'static str, Value)]) -> Chosen {
    Chosen { control, level: Level::L1, values }
}

const fn from(level: Level, control: &'static str, values: &'static [(&'static str, Value)]) -> Chosen {
    Chosen { control, level, values }
}

/// JumpCloud's four device policies and what its device trust asks of a Mac.
static JUMPCLOUD: [Chosen; 13] = [
    with("screen_lock_idle_timeout", &[("MaximumIdle", Value::Integer(300))]),
    just("screen_lock_password_required"),
    just("filevault_on"),
    just("filevault_recovery_key_escrowed"),
    just("firewall_on"),
    just("update_check"),
    just("update_download"),
    just("update_install_macos"),
    just("update_security_responses"),
    just("update_config_data"),
    with("update_deferral", &[("MaximumDeferral", Value::Integer(90))]),
    just("update_minimum_macos"),
    just("mdm_enrolled"),
];

/// What How To Harden's guides for JumpCloud and Jamf ask of a Mac, by their three levels.
static HOW_TO_HARDEN: [Chosen; 28] = [
    with("screen_lock_idle_timeout", &[("MaximumIdle", Value::Integer(300))]),
    just("screen_lock_password_required"),
    just("filevault_on"),
    just("filevault_recovery_key_escrowed"),
    just("firewall_on"),
    just("firewall_stealth"),
    just("update_check"),
    just("update_download"),
    just("update_install_macos"),
    just("update_security_responses"),
    just("update_config_data"),
    just("update_app_store"),
    with("password_minimum_length", &[("Minimum", Value::Integer(12))]),
    just("password_alphanumeric"),
    just("password_special_characters"),
    with("password_maximum_age", &[("MaximumDays", Value::Integer(90))]),
    with("password_history", &[("Minimum", Value::Integer(5))]),
    with("password_lockout_attempts", &[("MaximumAttempts", Value::Integer(10))]),
    from(Level::L2, "password_minimum_length", &[("Minimum", Value::Integer(14))]),
    from(Level::L2, "screen_lock_password_delay", &[("MaximumDelay", Value::Integer(0))]),
    from(Level::L2, "update_deferral", &[("MaximumDeferral", Value::Integer(30))]),
    from(Level::L2, "update_minimum_macos", &[]),
    from(Level::L2, "mdm_enrolled", &[]),
    from(Level::L2, "gatekeeper", &[]),
    from(Level::L2, "gatekeeper_identified_developers", &[]),
    from(Level::L2, "remote_login", &[]),
    from(Level::L3, "firewall_block_all", &[]),
    from(Level::L3, "firewall_allow_signed", &[("BuiltIn", Value::Flag(false)), ("Downloaded", Value::Flag(false))]),
];

/// All presets, in the order that documents have.
pub static ALL: [Preset; 8] = [
    Preset {
        name: "level-1",
        doc: "What every managed Mac should hold: no user has to change how they work.",
        source: "The controls of level 1.",
        select: Select::Level(Level::L1),
    },
    Preset {
        name: "level-2",
        doc: "For Macs that see sensitive data, at some cost in comfort.",
        source: "The controls of levels 1 and 2.",
        select: Select::Level(Level::L2),
    },
    Preset {
        name: "level-3",
        doc: "For Macs that are worth a targeted attack.",
        source: "Every control.",
        select: Select::Level(Level::L3),
    },
    Preset {
        name: "ncsc",
        doc: "What the macOS provisioning script of the UK's National Cyber Security Centre set, as far as it means anything on a \
              macOS of today.",
        source: "The script's 36 settings are in ncsc.md, each with its controls or with why it has none; its values are the \
                 preset's. The MDM table that NCSC published beside the script disagrees with it twice, which is why both are \
                 settings: it has the password asked for after 5 seconds and not at once \
                 (`Controls.screen_lock_password_delay.MaximumDelay`), and has the firewall block all incoming connections where \
                 the script lets signed software through (`Controls.firewall_block_all.Mode`, which this preset does not have).",
        select: Select::Ncsc,
    },
    Preset {
        name: "jumpcloud",
        doc: "What JumpCloud's device policies for macOS set, and what its device trust asks: locked after 300 seconds, encrypted \
              with an escrowed key, firewall on, up to date, managed.",
        source: "The policies Lock Screen, FileVault 2, Local Firewall Controls and the patch policy, which defers an update by 90 \
                 days at most; the conditions of device trust: managed, encrypted, a minimum version of macOS.",
        select: Select::List(&JUMPCLOUD),
    },
    Preset {
        name: "how-to-harden",
        doc: "What the How To Harden guides for JumpCloud and Jamf ask of a Mac, by their three levels: `Level` says which.",
        source: "Where the two guides differ, the stricter value: locked after 300 seconds at every level, not after 600 at level 2.",
        select: Select::Leveled(&HOW_TO_HARDEN),
    },
    Preset {
        name: "cis-level-1",
        doc: "What the CIS benchmark for macOS asks for at its level 1.",
        source: "The controls that carry that level among their references; their defaults are the benchmark's values.",
        select: Select::Cis(1),
    },
    Preset {
        name: "cis-level-2",
        doc: "What the CIS benchmark for macOS asks for at its level 2, level 1 included.",
        source: "The controls that carry either level among their references; their defaults are the benchmark's values.",
        select: Select::Cis(2),
    },
];

/// The word of policy where there is no preset.
pub const NONE: &str = "none";
/// The words of `Preset` in policy.
pub static WORDS: [&str; 9] =
    [NONE, "level-1", "level-2", "level-3", "ncsc", "jumpcloud", "how-to-harden", "cis-level-1", "cis-level-2"];

/// The preset with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// The names of all presets, joined by commas, for messages.
#[must_use]
pub fn names() -> String {
    ALL.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ")
}

impl Preset {
    /// Whether `Level` says how far it goes.
    #[must_use]
    pub fn has_levels(&self) -> bool {
        matches!(self.select, Select::Leveled(_))
    }

    /// The level that it is, where it is one of the catalogue's.
    #[must_use]
    pub fn is_level(&self) -> Option<Level> {
        match self.select {
            Select::Level(level) => Some(level),
            _ => None,
        }
    }

    /// Whether `control` belongs to it, at `level` where it has levels.
    #[must_use]
    pub fn has(&self, control: &Control, level: Level) -> bool {
        match self.select {
            Select::Level(own) => control.level <= own,
            Select::Cis(own) => control.refs.cis_level.is_some_and(|level| level <= own),
            Select::Ncsc => ncsc::ROWS.iter().any(|row| row.controls.contains(&control.id)),
            Select::List(_) | Select::Leveled(_) => self.chosen(control, level).next().is_some(),
        }
    }

    /// Its value for a setting of `control`; `None` where that is the default.
    #[must_use]
    pub fn value(&self, control: &Control, setting: &Setting, level: Level) -> Option<Value> {
        let own = |values: &[(&str, Value)]| {
            values.iter().find(|(key, _)| *key == setting.key).map(|(_, value)| value.clone())
        };
        match self.select {
            Select::Level(_) | Select::Cis(_) => None,
            Select::Ncsc => ncsc::VALUES.iter().filter(|(id, _)| *id == control.id).find_map(|(_, values)| own(values)),
            Select::List(_) | Select::Leveled(_) => {
                self.chosen(control, level).filter_map(|one| own(one.values)).last()
            }
        }
    }

    /// The ids that it names, whatever the level; none where it names no controls one by one.
    #[must_use]
    pub fn ids(&self) -> Vec<&'static str> {
        let mut ids: Vec<&'static str> = match self.select {
            Select::Level(_) | Select::Cis(_) => Vec::new(),
            Select::Ncsc => ncsc::ROWS.iter().flat_map(|row| row.controls.iter().copied()).collect(),
            Select::List(list) | Select::Leveled(list) => list.iter().map(|one| one.control).collect(),
        };
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn chosen(&self, control: &Control, level: Level) -> impl Iterator<Item = &'static Chosen> {
        let (list, most): (&'static [Chosen], Level) = match self.select {
            Select::List(list) => (list, Level::L3),
            Select::Leveled(list) => (list, level),
            _ => (&[], level),
        };
        let id = control.id;
        list.iter().filter(move |one| one.control == id && one.level <= most)
    }
}
