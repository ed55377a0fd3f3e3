//! What a password is made of.

use super::{FILES, Judged, by_profile, compare};
use crate::control::{Area, Control, Kind, Laxer, Level, Refs, Setting, Severity};
use crate::mac::pwpolicy::Concern;

/// A number that must be `least` or more, in the words `none` where it is 0 and else the number before `or_more`.
fn at_least(least: i64, is: u32, none: &str, or_more: &str) -> Judged {
    let seen = if is == 0 { none.to_owned() } else { format!("{is} {or_more}") };
    Judged { holds: i64::from(is) >= least, seen, wanted: format!("{least} {or_more}") }
}

/// Two kinds of characters that must both be asked for, in the words for both, the first alone, the second alone and neither.
fn both(asked: (bool, bool), [all, one, other, neither]: [&str; 4]) -> Judged {
    let seen = match asked {
        (true, true) => all,
        (true, false) => one,
        (false, true) => other,
        (false, false) => neither,
    };
    Judged { holds: asked == (true, true), seen: format!("{seen} needed"), wanted: format!("{all} needed") }
}

static LENGTH: Setting = Setting {
    key: "Minimum",
    doc: "How many characters a password must have at least. A passcode payload asks for 16 at most, more need a \
          customRegex.",
    kind: Kind::Integer { default: 15, min: 4, max: 64, unit: "characters" },
    laxer: Laxer::Lower,
};

/// How long.
pub(super) static MINIMUM_LENGTH: Control = Control {
    id: "password_minimum_length",
    title: "Passwords have a minimum length",
    why: "Length is what makes guessing expensive.",
    check: "pwpolicy -getaccountpolicies: policyAttributePassword matches '.{N,}', alone or behind conditions on what must \
            be in it; the largest N counts, and a pattern in another form counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.2"), (15, "5.2.2"), (26, "5.2.2")],
        cis_v8: &["5.2"],
        nist_800_53r5: &["IA-5(1)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003010"), (15, "APPL-15-003010"), (26, "APPL-26-003010")],
        mscp: Some("pwpolicy_minimum_length_enforce"),
        cis_level: Some(1),
    },
    user_impact: "The next password must be that long; the present one stays.",
    settings: &[&LENGTH],
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: minLength, or the declaration \
         com.apple.configuration.passcode.settings: MinimumLength",
    )],
    probe: |view| {
        let least = view.settings.integer(&LENGTH);
        compare(view, Concern::Password, "minLength", |policies| {
            at_least(least, policies.demands().length, "no minimum", "characters or more")
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L1, Severity::Medium)
};

/// Letters and digits.
pub(super) static ALPHANUMERIC: Control = Control {
    id: "password_alphanumeric",
    title: "Passwords need a letter and a digit",
    why: "A password of digits alone is guessed fast, whatever its length.",
    check: "pwpolicy -getaccountpolicies: policyAttributePassword matches a pattern that asks for one of [0-9] and one of \
            [a-zA-Z], or several policies that do so together; a pattern in another form counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.3"), (14, "5.2.4"), (15, "5.2.3"), (15, "5.2.4"), (26, "5.2.3"), (26, "5.2.4")],
        cis_v8: &["5.2"],
        nist_800_53r5: &["IA-5(1)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003007"), (15, "APPL-15-003007"), (26, "APPL-26-003007")],
        mscp: Some("pwpolicy_alpha_numeric_enforce"),
        cis_level: Some(2),
    },
    user_impact: "The next password must have both; the present one stays.",
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: requireAlphanumeric, or the declaration \
         com.apple.configuration.passcode.settings: RequireAlphanumericPasscode",
    )],
    probe: |view| {
        compare(view, Concern::Password, "requireAlphanumeric", |policies| {
            let demands = policies.demands();
            let letter = demands.letters > 0 || demands.upper > 0 || demands.lower > 0;
            let words = [
                "a letter and a digit",
                "a letter and no digit",
                "a digit and no letter",
                "neither a letter nor a digit",
            ];
            both((letter, demands.digits > 0), words)
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L2, Severity::Low)
};

static SPECIAL: Setting = Setting {
    key: "Minimum",
    doc: "How many characters that are neither letters nor digits a password must have at least.",
    kind: Kind::Integer { default: 1, min: 1, max: 4, unit: "characters" },
    laxer: Laxer::Lower,
};

/// Neither letters nor digits.
pub(super) static SPECIAL_CHARACTERS: Control = Control {
    id: "password_special_characters",
    title: "Passwords need special characters",
    why: "Lists of common passwords are mostly letters and digits.",
    check: "pwpolicy -getaccountpolicies: policyAttributePassword matches '(.*[^a-zA-Z0-9].*){N,}'; the largest N counts, \
            and a pattern in another form counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.5"), (15, "5.2.5"), (26, "5.2.5")],
        cis_v8: &["5.2"],
        nist_800_53r5: &["IA-5(1)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003011"), (15, "APPL-15-003011"), (26, "APPL-26-003011")],
        mscp: Some("pwpolicy_special_character_enforce"),
        cis_level: Some(2),
    },
    user_impact: "The next password must have them; the present one stays.",
    settings: &[&SPECIAL],
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: minComplexChars, or the declaration \
         com.apple.configuration.passcode.settings: MinimumComplexCharacters",
    )],
    probe: |view| {
        let least = view.settings.integer(&SPECIAL);
        compare(view, Concern::Password, "minComplexChars", |policies| {
            at_least(least, policies.demands().special, "none needed", "or more needed")
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L2, Severity::Low)
};

/// Capital and small letters.
pub(super) static MIXED_CASE: Control = Control {
    id: "password_mixed_case",
    title: "Passwords need capital and small letters",
    why: "Letters of one case alone are what is guessed first.",
    check: "pwpolicy -getaccountpolicies: policyAttributePassword matches a pattern that asks for one of [A-Z] and one of \
            [a-z], or several policies that do so together; a pattern in another form counts for nothing",
    refs: Refs {
        cis_macos: &[(14, "5.2.6"), (15, "5.2.6"), (26, "5.2.6")],
        cis_v8: &["5.2"],
        nist_800_53r5: &["IA-5(1)"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-003060"), (15, "APPL-15-003060"), (26, "APPL-26-003060")],
        mscp: Some("pwpolicy_custom_regex_enforce"),
        cis_level: Some(2),
    },
    user_impact: "The next password must have both; the present one stays.",
    watches: FILES,
    variants: &[by_profile(
        "com.apple.mobiledevice.passwordpolicy: customRegex with passwordContentRegex \
         ^(?=.*[A-Z])(?=.*[a-z]).*$, or the declaration com.apple.configuration.passcode.settings: CustomRegex \
         with Regex, the same",
    )],
    probe: |view| {
        compare(view, Concern::Password, "customRegex", |policies| {
            let demands = policies.demands();
            let words = [
                "capital and small letters",
                "only capital letters",
                "only small letters",
                "neither capital nor small letters",
            ];
            both((demands.upper > 0, demands.lower > 0), words)
        })
    },
    ..Control::of(Area::PasswordPolicy, Level::L2, Severity::Low)
};
