//! What passwords must be like: read and compared, never replaced. `pwpolicy` can only set all account policies at once, those
//! that a profile and macOS itself brought included, so a profile or declaration is what sets one.
//!
//! What `pwpolicy` shows is what macOS asks of local accounts, and nothing else counts. A profile whose rule is not among it is
//! named in what was seen: it was refused, or is gone and left its file, or somebody has replaced the policies since. A Mac whose
//! policies were all removed is unknown and not drifted, as its answer cannot be told from one that was cut.

mod characters;

use crate::control::preference::shown;
use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::Misread;
use crate::mac::pwpolicy::{Concern, Policies, account_policies};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[
    &LOCKOUT_ATTEMPTS,
    &LOCKOUT_RESET,
    &characters::MINIMUM_LENGTH,
    &characters::ALPHANUMERIC,
    &characters::SPECIAL_CHARACTERS,
    &characters::MIXED_CASE,
    &HISTORY,
    &MAXIMUM_AGE,
];

const DOMAIN: &str = "com.apple.mobiledevice.passwordpolicy";

/// Where macOS keeps the policies themselves is not documented, so there the next look on schedule finds a change.
const FILES: &[Watch] = &[Watch::Domain(DOMAIN)];

/// `pwpolicy` could set all policies at once, so one is a profile's or a declaration's.
pub(super) const fn by_profile(payload: &'static str) -> Variant {
    Variant::everywhere(Can::Partial, Remedy::Profile { payload })
}

/// What the policies that are understood come to.
pub(super) struct Judged {
    /// Whether that suffices.
    pub holds: bool,
    /// In words.
    pub seen: String,
    /// What policy wants.
    pub wanted: String,
}

/// The finding. Where the policies that are understood suffice, others, which can only ask for more, do not matter. Where they do
/// not, one that is not understood and may be about the same makes the state unknown.
pub(super) fn finding(policies: &Policies, concern: Concern, judged: Judged) -> Result<Finding, ToolError> {
    match policies.unclear(concern) {
        Some(policy) if !judged.holds => {
            let why = Misread::new("account policies with known predicates", &policy.content);
            Err(ToolError::from_misread(account_policies().ask.to_string(), None, why))
        }
        _ => Ok(Finding::judge(judged.holds, judged.seen, judged.wanted)),
    }
}

/// The policies compared, with what a profile forces under `key` named in what was seen.
fn compare(
    view: &View<'_>,
    concern: Concern,
    key: &str,
    judge: impl Fn(&Policies) -> Judged,
) -> Result<Finding, ToolError> {
    let policies = view.ask(&account_policies())?;
    let mut judged = judge(&policies);
    if let Some(value) = view.forced(DOMAIN, key)? {
        judged.seen = format!("{} (a profile forces {key} to {})", judged.seen, shown(&value));
    }
    finding(&policies, concern, judged)
}

/// A number of days in words.
pub(super) fn days(n: i64) -> String {
    if n == 1 { "1 day".to_owned() } else { format!("{n} days") }
}

static ATTEMPTS: Setting = Setting {
    key: "MaximumAttempts",
    doc: "After how many failed attempts an account must be locked at the latest.",
    kind: Kind::Integer { default: 5, min: 2, max: 11, unit: "attempts" },
    laxer: Laxer::Higher,
};

static LOCKOUT_ATTEMPTS: Control = Control {
    id: "password_lockout_attempts",
    title: "Failed attempts to log in lock an account",
    why: "Without a limit a password can be guessed for as long as it takes.",
    check: "pwpolicy -getaccountpolicies: the predicate that compares failed attempts with \
            policyAttributeMaximumFailedAuthentications; the lowest number of several counts, and a predicate in another \
            wording counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.1"), (15, "5.2.1"), (26, "5.2.1")],
        cis_v8: &["6.2"],
        nist_800_53r5: &["AC-7"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000022"), (15, "APPL-15-000022"), (26, "APPL-26-000022")],
        mscp: Some("pwpolicy_account_lockout_enforce"),
        cis_level: Some(1),
    },
    user_impact: "Somebody who mistypes the password too often has to wait, or to ask an administrator.",
    settings: &[&ATTEMPTS],
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: maxFailedAttempts with minutesUntilFailedLoginReset, or the \
         declaration com.apple.configuration.passcode.settings: MaximumFailedAttempts with \
         FailedAttemptsResetInMinutes",
    )],
    probe: |view| {
        let most = view.settings.integer(&ATTEMPTS);
        compare(view, Concern::Lockout, "maxFailedAttempts", |policies| Judged {
            holds: policies.lockout().is_some_and(|(attempts, _)| (1..=most).contains(&attempts)),
            seen: match policies.lockout() {
                Some((attempts, _)) => format!("locked after {attempts} failed attempts"),
                None => "never locked".to_owned(),
            },
            wanted: format!("locked after {most} failed attempts or fewer"),
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L1, Severity::Medium)
};

static RESET: Setting = Setting {
    key: "MinimumMinutes",
    doc: "How long an account that failed attempts have locked must stay so at least.",
    kind: Kind::Integer { default: 15, min: 1, max: 1440, unit: "minutes" },
    laxer: Laxer::Lower,
};

static LOCKOUT_RESET: Control = Control {
    id: "password_lockout_reset",
    title: "An account that failed attempts have locked stays locked for a while",
    why: "A lock that ends at once does not slow down anybody who guesses.",
    check: "pwpolicy -getaccountpolicies: autoEnableInSeconds of the policy that locks first; a longer lock after more \
            attempts does not count, as until then only the short one is in the way, and one that only an administrator ends \
            is long enough",
    refs: Refs {
        cis_macos: &[(14, "5.2.1"), (15, "5.2.1"), (26, "5.2.1")],
        cis_v8: &["6.2"],
        nist_800_53r5: &["AC-7"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000060"), (15, "APPL-15-000060"), (26, "APPL-26-000060")],
        mscp: Some("pwpolicy_account_lockout_timeout_enforce"),
        cis_level: Some(1),
    },
    user_impact: "Somebody who mistypes the password too often waits for that long.",
    settings: &[&RESET],
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: minutesUntilFailedLoginReset with maxFailedAttempts, or the \
         declaration com.apple.configuration.passcode.settings: FailedAttemptsResetInMinutes with \
         MaximumFailedAttempts (and not MaximumGracePeriodInMinutes, which is about unlocking the screen)",
    )],
    probe: |view| {
        let least = view.settings.integer(&RESET);
        compare(view, Concern::Lockout, "minutesUntilFailedLoginReset", |policies| Judged {
            holds: policies.lockout().is_some_and(|(_, seconds)| seconds.is_none_or(|seconds| seconds >= least * 60)),
            seen: match policies.lockout() {
                Some((attempts, Some(seconds))) => format!("locked for {seconds} s after {attempts} failed attempts"),
                Some((attempts, None)) => {
                    format!("locked until an administrator unlocks it after {attempts} failed attempts")
                }
                None => "never locked".to_owned(),
            },
            wanted: format!("locked for {} s or longer", least * 60),
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L1, Severity::Medium)
};

static DEPTH: Setting = Setting {
    key: "Minimum",
    doc: "How many earlier passwords must be refused at least; some editions of the guidance ask for 24.",
    kind: Kind::Integer { default: 15, min: 1, max: 50, unit: "passwords" },
    laxer: Laxer::Lower,
};

static HISTORY: Control = Control {
    id: "password_history",
    title: "Earlier passwords are refused",
    why: "A password that was given up because others knew it must not come back.",
    check: "pwpolicy -getaccountpolicies: policyAttributePasswordHistoryDepth of the policy none \
            policyAttributePasswordHashes in policyAttributePasswordHistory; a predicate in another wording, which macOS \
            passes over, counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.8"), (15, "5.2.8"), (26, "5.2.8")],
        cis_v8: &["5.2"],
        nist_800_53r5: &["IA-5(1)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003009"), (15, "APPL-15-003009")],
        mscp: Some("pwpolicy_history_enforce"),
        cis_level: Some(1),
    },
    user_impact: "Somebody who changes the password has to think of a new one.",
    settings: &[&DEPTH],
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: pinHistory, or the declaration \
         com.apple.configuration.passcode.settings: PasscodeReuseLimit",
    )],
    probe: |view| {
        let least = view.settings.integer(&DEPTH);
        compare(view, Concern::History, "pinHistory", |policies| Judged {
            holds: policies.history().is_some_and(|depth| depth >= least),
            seen: match policies.history() {
                Some(depth) => format!("the last {depth} refused"),
                None => "none refused".to_owned(),
            },
            wanted: format!("the last {least} or more refused"),
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L1, Severity::Low)
};

static AGE: Setting = Setting {
    key: "MaximumDays",
    doc: "After how many days a password must expire at the latest.",
    kind: Kind::Integer { default: 365, min: 1, max: 730, unit: "days" },
    laxer: Laxer::Higher,
};

static MAXIMUM_AGE: Control = Control {
    id: "password_maximum_age",
    title: "Passwords expire",
    why: "A password that others learned without anybody noticing stops to work at some time. NCSC advises against this: \
          whoever follows it switches the control off.",
    check: "pwpolicy -getaccountpolicies: policyAttributeExpiresEveryNDays of the policy that compares the time with \
            policyAttributeLastPasswordChangeTime; the lowest number of several counts, and a predicate in another wording \
            counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.7"), (15, "5.2.7"), (26, "5.2.7")],
        cis_v8: &["5.3"],
        nist_800_53r5: &["IA-5"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003008"), (15, "APPL-15-003008"), (26, "APPL-26-003008")],
        mscp: Some("pwpolicy_max_lifetime_enforce"),
        cis_level: Some(1),
    },
    user_impact: "Everybody has to change the password at that distance.",
    settings: &[&AGE],
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: maxPINAgeInDays, or the declaration \
         com.apple.configuration.passcode.settings: MaximumPasscodeAgeInDays",
    )],
    probe: |view| {
        let most = view.settings.integer(&AGE);
        compare(view, Concern::Age, "maxPINAgeInDays", |policies| Judged {
            holds: policies.age().is_some_and(|age| (1..=most).contains(&age)),
            seen: policies.age().map_or_else(|| "never".to_owned(), |age| format!("after {}", days(age))),
            wanted: format!("after {} or sooner", days(most)),
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L1, Severity::Low)
};
