//! The login window, accounts and who gets past.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The login window, accounts and who gets past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// The rule that unlocking the screen goes by.
    pub screensaver_rule: String,
    /// The rights of settings that concern the whole Mac: whether what was proved for one of them holds for others.
    pub settings_rights: BTreeMap<String, bool>,
    /// By what root can prove to be root; empty where the account was never enabled.
    pub root_authority: Vec<String>,
    /// Password hints by short name.
    pub hints: BTreeMap<String, String>,
    /// Fingerprints may unlock the screen.
    pub touch_id_unlock: bool,
}

const RIGHTS: [&str; 8] =
    ["", ".energysaver", ".network", ".printing", ".sharing", ".softwareupdate", ".startupdisk", ".timemachine"];

impl Default for Access {
    fn default() -> Self {
        Self {
            screensaver_rule: "use-login-window-ui".into(),
            settings_rights: RIGHTS.map(|right| (format!("system.preferences{right}"), true)).into(),
            root_authority: Vec::new(),
            hints: BTreeMap::new(),
            touch_id_unlock: true,
        }
    }
}
