//! Secure tokens and the bootstrap token: who can unlock and authorise, and whether the MDM can hand that on.

use crate::control::{Area, Cadence, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, View, Watch};
use crate::host::ToolError;
use crate::mac::diskutil::Kind as KeyKind;
use crate::mac::dscl::Account;
use crate::mac::profiles::{self, Mdm};
use crate::mac::{diskutil, dscl, sysadminctl};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&SECURE_TOKENS, &BOOTSTRAP_TOKEN];

static SECURE_TOKENS: Control = Control {
    id: "secure_tokens",
    title: "Every person's account holds a secure token",
    why: "An account without one cannot unlock FileVault, and on Apple silicon cannot authorise updates.",
    check: "sysadminctl -secureTokenStatus for every local account that is not hidden, joined with diskutil apfs \
            listcryptousers -plist / by GeneratedUID; where the two disagree the state is unknown",
    refs: Refs { nist_800_53r5: &["IA-2", "SC-28"], soc2: &["CC6.1", "CC6.3"], ..Refs::NONE },
    user_impact: "None.",
    cadence: Cadence::Slow,
    watches: &[Watch::Session],
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "With an escrowed bootstrap token the account gets one at its next login; otherwise an \
                               administrator who holds one runs sysadminctl -secureTokenOn interactively.",
        },
    )
    .of_each_user()],
    probe: |view| {
        let (with, without): (Vec<_>, Vec<_>) = holders(view)?.into_iter().partition(|(_, holds)| *holds);
        let is_exempt = |(account, _): &(Account, bool)| view.exempt.contains(&account.name);
        let (exempt, without): (Vec<_>, Vec<_>) = without.into_iter().partition(is_exempt);
        let names = |list: &[(Account, bool)]| list.iter().map(|(a, _)| a.name.clone()).collect::<Vec<_>>().join(", ");
        let passed_over = match names(&exempt).as_str() {
            "" => String::new(),
            names => format!("; passed over by policy: {names}"),
        };
        let wanted = "a secure token for every account";
        Ok(match (with.len(), without.len()) {
            (0, 0) if exempt.is_empty() => Finding::not_applicable("no person has an account yet"),
            (0, 0) => Finding::not_applicable(format!("nobody holds one, and policy exempts {}", names(&exempt))),
            (_, 0) => Finding::compliant(format!("held by {}{passed_over}", names(&with))),
            (0, _) => Finding::drifted(
                format!("held by nobody: FileVault cannot be turned on ({}){passed_over}", names(&without)),
                wanted,
            ),
            _ => Finding::drifted(
                format!("missing for {}; held by {}{passed_over}", names(&without), names(&with)),
                wanted,
            ),
        })
    },
    ..Control::of(Area::Tokens, Level::L1, Severity::Medium)
};

/// Each person's account, and whether it holds a secure token.
fn holders(view: &View<'_>) -> Result<Vec<(Account, bool)>, ToolError> {
    let keys = view.ask(&diskutil::crypto_users())?.users;
    let mut holders = Vec::new();
    for account in view.ask(&dscl::users())?.into_iter().filter(Account::is_person) {
        let told = view.ask(&sysadminctl::secure_token(&account.name))?.secure_token;
        let listed = keys
            .iter()
            .any(|key| key.kind == KeyKind::LocalUser && key.uuid.eq_ignore_ascii_case(&account.generated_uid));
        if told != listed {
            return Err(ToolError::Contradiction {
                what: format!(
                    "sysadminctl says that {} {} a secure token, the volume's list of keys says that it {}",
                    account.name,
                    if told { "holds" } else { "does not hold" },
                    if listed { "does" } else { "does not" }
                ),
            });
        }
        holders.push((account, told));
    }
    Ok(holders)
}

static BOOTSTRAP_TOKEN: Control = Control {
    id: "bootstrap_token",
    title: "The bootstrap token is escrowed to the MDM",
    why: "With it new accounts get a secure token by themselves, and the MDM can install updates on Apple silicon.",
    check: "profiles status -type bootstraptoken, the bootstrap token's entry in diskutil apfs listcryptousers -plist /, and \
            the accounts' secure tokens",
    refs: Refs { nist_800_53r5: &["CM-2"], soc2: &["CC6.1", "CC6.3"], ..Refs::NONE },
    user_impact: "None.",
    cadence: Cadence::Slow,
    variants: &[Variant::everywhere(
        Can::DetectOnly,
        Remedy::ByHand {
            instructions: "A user who holds a secure token logs out and in; or an administrator runs profiles install \
                               -type bootstraptoken, which asks for such a user's password.",
        },
    )],
    probe: |view| {
        let token = view.ask(&profiles::bootstrap_token())?;
        let enrolled = view.ask(&profiles::enrollment())?.mdm != Mdm::No;
        if !token.supported {
            return Ok(if enrolled {
                Finding::drifted("the MDM does not support bootstrap tokens", "escrowed")
            } else {
                Finding::not_applicable("the Mac is not enrolled in an MDM that could hold it")
            });
        }
        let Some(escrowed) = token.escrowed else {
            return Err(ToolError::Incomplete {
                asked: "profiles status -type bootstraptoken".into(),
                lacks: "the line about escrow".into(),
            });
        };
        let on_volume =
            view.ask(&diskutil::crypto_users())?.users.iter().any(|key| key.kind == KeyKind::BootstrapToken);
        Ok(match (escrowed, on_volume) {
            (true, true) => Finding::compliant("escrowed"),
            (true, false) => Finding::drifted("escrowed, but its key is not on the volume", "escrowed"),
            (false, true) => Finding::drifted("on the volume, not escrowed", "escrowed"),
            (false, false) if holders(view)?.iter().all(|(_, holds)| !holds) => {
                Finding::drifted("not escrowed, and nobody holds a secure token", "escrowed")
            }
            (false, false) => Finding::drifted("not escrowed", "escrowed"),
        })
    },
    ..Control::of(Area::Tokens, Level::L1, Severity::Medium)
};
