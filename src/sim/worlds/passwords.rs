//! Password policy, sudo and the SSH server.

use super::{Content, State};
use crate::sim::state::passwords::{AccountPolicy, SshServer, Sudo};

/// Everything in its weak state: a lock that ends after a minute and comes late, passwords of any kind.
pub fn neglected(state: &mut State, _content: &mut Content) {
    let passwords = &mut state.passwords;
    let failed = [("autoEnableInSeconds", 60), ("policyAttributeMaximumFailedAuthentications", 20)];
    passwords.policies.insert(0, AccountPolicy::new("Authentication", LOCKED, "Authentication Lockout", &failed));
    passwords.sudo = Sudo { timeout_tenths: 150, record: "global".into(), log_allowed: false };
    passwords.ssh.permit_root_login = "yes".into();
}

/// As unpacked.
pub fn factory(_state: &mut State, _content: &mut Content) {}

const LOCKED: &str = "(policyAttributeFailedAuthentications < policyAttributeMaximumFailedAuthentications) OR \
                      (policyAttributeCurrentTime > (policyAttributeLastFailedAuthenticationTime + autoEnableInSeconds))";

/// Everything as the controls want it: by a profile, whose policies stand before macOS's own, and one set by hand.
pub fn hardened(state: &mut State, content: &mut Content) {
    const DOMAIN: &str = "com.apple.mobiledevice.passwordpolicy";
    for (key, number) in [
        ("maxFailedAttempts", 5),
        ("minutesUntilFailedLoginReset", 15),
        ("minLength", 15),
        ("minComplexChars", 1),
        ("pinHistory", 24),
        ("maxPINAgeInDays", 365),
    ] {
        content.forced(DOMAIN, key, number);
    }
    content.forced(DOMAIN, "requireAlphanumeric", true);
    let by_profile = |category, predicate: &str, key: &str, parameters: &[(&str, i64)]| {
        let identifier = format!("ProfilePayload:6A1F0C83-52D7-4E9B-A0C4-8B3E71F5D296:{key}");
        AccountPolicy::new(category, predicate, &identifier, parameters)
    };
    let matches = |pattern: &str| format!("policyAttributePassword matches '{pattern}'");
    let passwords = &mut state.passwords;
    let own = std::mem::take(&mut passwords.policies);
    passwords.policies = vec![
        by_profile(
            "Authentication",
            LOCKED,
            "minutesUntilFailedLoginReset",
            &[("autoEnableInSeconds", 900), ("policyAttributeMaximumFailedAuthentications", 5)],
        ),
        AccountPolicy::new(
            "Authentication",
            "policyAttributeLastAuthenticationTime > policyAttributeCurrentTime - (policyAttributeInactiveDays * 24 * 60 * 60)",
            "Inactive Account",
            &[("policyAttributeInactiveDays", 35)],
        ),
        by_profile(
            "PasswordChange",
            "policyAttributeCurrentTime > policyAttributeLastPasswordChangeTime + (policyAttributeExpiresEveryNDays * 24 * 60 * 60)",
            "maxPINAgeInDays",
            &[("policyAttributeExpiresEveryNDays", 365)],
        ),
        by_profile("PasswordContent", &matches(".{15,}"), "minLength", &[]),
        by_profile("PasswordContent", &matches("^(?=.*[0-9])(?=.*[a-zA-Z]).+"), "requireAlphanumeric", &[]),
        by_profile("PasswordContent", &matches("(.*[^a-zA-Z0-9].*){1,}"), "minComplexChars", &[]),
        by_profile("PasswordContent", &matches("^(?=.*[A-Z])(?=.*[a-z]).*$"), "customRegex", &[]),
        by_profile(
            "PasswordContent",
            "none policyAttributePasswordHashes in policyAttributePasswordHistory",
            "pinHistory",
            &[("policyAttributePasswordHistoryDepth", 24)],
        ),
    ];
    passwords.policies.extend(own);
    passwords.sudo = Sudo { timeout_tenths: 0, record: "tty".into(), log_allowed: true };
    passwords.ssh =
        SshServer { permit_root_login: "no".into(), client_alive_interval: 900, client_alive_count_max: 1, fips: true };
}
