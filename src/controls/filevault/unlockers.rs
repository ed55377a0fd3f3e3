//! Who and what can unlock the disk.

use crate::control::{
    Area, Cadence, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, Watch,
};
use crate::mac::diskutil::{CryptoUser, Kind as KeyKind};
use crate::mac::dscl::Account;
use crate::mac::{diskutil, dscl};

static ALLOWED: Setting = Setting {
    key: "Allowed",
    doc: "Short names of the accounts that may unlock the disk. Empty: every local account that is not hidden.",
    kind: Kind::Names,
    // A list can let a hidden account in.
    laxer: Laxer::Any,
};

static OTHER_RECOVERY_KEYS: Setting = Setting {
    key: "OtherRecoveryKeys",
    doc: "Whether an institutional recovery key or a recovery key kept in iCloud may unlock the disk.",
    kind: Kind::Flag { default: false },
    laxer: Laxer::True,
};

/// The control.
pub static UNLOCKERS: Control = Control {
    id: "filevault_unlockers",
    title: "Only expected accounts and keys can unlock the disk",
    why: "A forgotten or planted account or key that can unlock the disk opens everything on it.",
    check: "diskutil apfs listcryptousers -plist /, joined with the local accounts by GeneratedUID. The personal recovery key and \
            the bootstrap token are expected: filevault_recovery_key_escrowed and bootstrap_token look at them",
    refs: Refs {
        nist_800_53r5: &["AC-2(11)"],
        soc2: &["CC6.1", "CC6.7"],
        mscp: Some("os_filevault_authorized_users"),
        ..Refs::NONE
    },
    user_impact: "None.",
    settings: &[&ALLOWED, &OTHER_RECOVERY_KEYS],
    cadence: Cadence::Slow,
    watches: &[Watch::Session],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Root can, with a verb of fdesetup that changes keys, and this agent runs none of those by itself: from \
                           a schedule they have destroyed recovery keys. An administrator runs: fdesetup remove -uuid UUID. \
                           Never remove the last account.",
        },
    )],
    probe: |view| {
        let keys = view.ask(&diskutil::crypto_users())?.users;
        let accounts = view.ask(&dscl::users())?;
        let allowed = view.settings.list(&ALLOWED);
        Ok(judge(&keys, &accounts, &allowed, view.settings.flag(&OTHER_RECOVERY_KEYS)))
    },
    ..Control::of(Area::FileVault, Level::L1, Severity::Medium)
};

fn judge(keys: &[CryptoUser], accounts: &[Account], allowed: &[String], other_recovery_keys: bool) -> Finding {
    let mut expected = 0;
    let mut unexpected = Vec::new();
    for key in keys {
        let account = accounts.iter().find(|account| account.generated_uid.eq_ignore_ascii_case(&key.uuid));
        match (key.kind, account) {
            (KeyKind::LocalUser, Some(account)) if is_expected(account, allowed) => expected += 1,
            (KeyKind::LocalUser, Some(account)) => unexpected.push(account.name.clone()),
            (KeyKind::LocalUser, None) => unexpected.push(format!("an account that is gone ({})", key.uuid)),
            (KeyKind::InstitutionalRecovery, _) if !other_recovery_keys => {
                unexpected.push("an institutional recovery key".to_owned());
            }
            (KeyKind::IcloudRecovery, _) if !other_recovery_keys => {
                unexpected.push("a recovery key kept in iCloud".to_owned());
            }
            (KeyKind::Unknown, _) => unexpected.push(format!("an entry of unknown kind ({})", key.uuid)),
            (
                KeyKind::PersonalRecovery
                | KeyKind::BootstrapToken
                | KeyKind::InstitutionalRecovery
                | KeyKind::IcloudRecovery,
                _,
            ) => {}
        }
    }
    if unexpected.is_empty() {
        return Finding::compliant(format!("{expected} expected account{}", if expected == 1 { "" } else { "s" }));
    }
    let whom = if allowed.is_empty() { "local accounts that are not hidden".to_owned() } else { allowed.join(", ") };
    Finding::drifted(format!("unexpected: {}", unexpected.join(", ")), format!("only {whom}"))
}

/// The account of Setup Assistant, which macOS gives a key while a Mac is being set up. Known by what the directory says: its
/// UUID is made from its user id, but sources disagree which of the fixed UUIDs is whose (201 is Guest's).
const SETUP_ASSISTANT: (&str, i64) = ("_mbsetupuser", 248);

fn is_expected(account: &Account, allowed: &[String]) -> bool {
    (account.name.as_str(), account.uid) == SETUP_ASSISTANT
        || if allowed.is_empty() { account.is_person() } else { allowed.contains(&account.name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETUP: &str = "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000000F8";
    const GUEST: &str = "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000000C9";

    fn account(name: &str, uid: i64, generated_uid: &str, hidden: bool) -> Account {
        Account { name: name.into(), uid, generated_uid: generated_uid.into(), real_name: None, hidden, home: None }
    }

    fn accounts() -> [Account; 4] {
        [
            account("ada", 501, "A", false),
            account("ghost", 502, "B", true),
            account("_mbsetupuser", 248, SETUP, false),
            account("Guest", 201, GUEST, false),
        ]
    }

    fn unexpected(keys: &[(KeyKind, &str)], allowed: &[&str], other_recovery_keys: bool) -> Option<String> {
        let keys: Vec<_> = keys
            .iter()
            .map(|(kind, uuid)| CryptoUser { uuid: (*uuid).into(), kind: *kind, volume_owner: None })
            .collect();
        let allowed: Vec<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        match judge(&keys, &accounts(), &allowed, other_recovery_keys) {
            Finding::Drifted { seen, .. } => Some(seen.trim_start_matches("unexpected: ").to_owned()),
            _ => None,
        }
    }

    #[test]
    fn accounts_are_expected_as_the_directory_and_the_list_say() {
        use KeyKind::LocalUser;
        for (uuid, allowed, expected) in [
            ("A", &[][..], None),
            ("B", &[], Some("ghost")),
            ("B", &["ghost"], None),
            ("A", &["ghost"], Some("ada")),
            (SETUP, &[], None),
            (SETUP, &["ada"], None),
            (GUEST, &[], Some("Guest")),
            ("C", &[], Some("an account that is gone (C)")),
        ] {
            assert_eq!(unexpected(&[(LocalUser, uuid)], allowed, true).as_deref(), expected, "{uuid} {allowed:?}");
        }
        let planted = [account("_mbsetupuser", 502, "D", true)];
        assert!(!is_expected(&planted[0], &[]));
    }

    #[test]
    fn recovery_keys_of_no_other_control_need_leave() {
        for (kind, without, with) in [
            (KeyKind::PersonalRecovery, None, None),
            (KeyKind::BootstrapToken, None, None),
            (KeyKind::InstitutionalRecovery, Some("an institutional recovery key"), None),
            (KeyKind::IcloudRecovery, Some("a recovery key kept in iCloud"), None),
            (KeyKind::Unknown, Some("an entry of unknown kind (K)"), Some("an entry of unknown kind (K)")),
        ] {
            assert_eq!(unexpected(&[(kind, "K")], &[], false).as_deref(), without, "{kind:?}");
            assert_eq!(unexpected(&[(kind, "K")], &[], true).as_deref(), with, "{kind:?}");
        }
    }
}
