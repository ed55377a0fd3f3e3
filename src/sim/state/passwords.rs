//! Password policy, sudo and the SSH server.

use serde::{Deserialize, Serialize};

/// Password policy, sudo and the SSH server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Passwords {
    /// The account policies, in the order of their categories.
    pub policies: Vec<AccountPolicy>,
    /// What sudoers sets for everybody.
    pub sudo: Sudo,
    /// How the SSH server is set up.
    pub ssh: SshServer,
}

/// One account policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPolicy {
    /// `Authentication`, `PasswordChange` or `PasswordContent`.
    pub category: String,
    /// The predicate.
    pub content: String,
    /// What people are told, by language.
    #[serde(default)]
    pub description: Vec<(String, String)>,
    /// The name.
    pub identifier: String,
    /// The numbers that the predicate names.
    #[serde(default)]
    pub parameters: Vec<(String, i64)>,
}

impl AccountPolicy {
    /// A policy without a description.
    #[must_use]
    pub fn new(category: &str, content: &str, identifier: &str, parameters: &[(&str, i64)]) -> Self {
        Self {
            category: category.into(),
            content: content.into(),
            description: Vec::new(),
            identifier: identifier.into(),
            parameters: parameters.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
        }
    }
}

/// What sudoers sets for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sudo {
    /// For how many tenths of a minute a password counts.
    pub timeout_tenths: i64,
    /// For what: `tty`, `global`, `ppid`.
    pub record: String,
    /// Allowed commands are logged.
    pub log_allowed: bool,
}

/// How the SSH server is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshServer {
    /// `PermitRootLogin` as `sshd -G` prints it.
    pub permit_root_login: String,
    /// `ClientAliveInterval`, in seconds.
    pub client_alive_interval: i64,
    /// `ClientAliveCountMax`.
    pub client_alive_count_max: i64,
    /// Only the algorithms that FIPS 140 approves.
    pub fips: bool,
}

/// As unpacked. That sudo logs what it allows is its own default; Apple's for macOS 15 and later is not proven.
impl Default for Passwords {
    fn default() -> Self {
        let least = AccountPolicy::new(
            "PasswordContent",
            "policyAttributePassword matches '.{4,}+'",
            "com.apple.defaultpasswordpolicy.fde",
            &[],
        );
        let words = ("English".to_owned(), "Enter a password that is four characters or more.".to_owned());
        Self {
            policies: vec![AccountPolicy { description: vec![words], ..least }],
            sudo: Sudo { timeout_tenths: 50, record: "tty".into(), log_allowed: true },
            ssh: SshServer {
                permit_root_login: "without-password".into(),
                client_alive_interval: 0,
                client_alive_count_max: 3,
                fips: false,
            },
        }
    }
}
