//! Accounts that nobody uses. An account policy like those of passwords, which no payload or declaration has a key for.

use super::password_policy::{Judged, days, finding};
use crate::control::{Area, Can, Control, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant};
use crate::mac::pwpolicy::{Concern, account_policies};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&INACTIVE];

static DAYS: Setting = Setting {
    key: "MaximumDays",
    doc: "After how many days without use an account must be disabled at the latest.",
    kind: Kind::Integer { default: 35, min: 1, max: 365, unit: "days" },
    laxer: Laxer::Higher,
};

static INACTIVE: Control = Control {
    id: "inactive_accounts_disabled",
    title: "Accounts that nobody uses are disabled",
    why: "Nobody notices when somebody else begins to use an account that was given up.",
    check: "pwpolicy -getaccountpolicies: policyAttributeInactiveDays of the policy that compares the time with \
            policyAttributeLastAuthenticationTime; the lowest number of several counts, and a number outside such a policy, or a \
            predicate in another wording, counts for nothing",
    refs: Refs {
        cis_v8: &["5.3"],
        nist_800_53r5: &["AC-2(3)"],
        soc2: &["CC6.1", "CC6.3"],
        stig: &[(14, "APPL-14-003080"), (15, "APPL-15-003080"), (26, "APPL-26-003080")],
        mscp: Some("pwpolicy_account_inactivity_enforce"),
        ..Refs::NONE
    },
    user_impact: "Who comes back after a long absence has to ask an administrator.",
    disruptive: Some("an account that was not used for so long no longer logs in until an administrator enables it"),
    settings: &[&DAYS],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand {
            instructions: "No payload and no declaration has a key for this, and setting account policies replaces all of them, so \
                           the agent leaves it to a person. Write what pwpolicy -getaccountpolicies prints after its first line \
                           to a file; add to policyCategoryAuthentication a policy with the policyContent \
                           policyAttributeLastAuthenticationTime > policyAttributeCurrentTime - (policyAttributeInactiveDays * 24 * \
                           60 * 60), a policyIdentifier of your own, and policyAttributeInactiveDays with the number of days in \
                           its policyParameters; set the whole with pwpolicy -setaccountpolicies FILE; and look whether the \
                           policies that profiles brought are still there.",
        },
    )],
    probe: |view| {
        let most = view.settings.integer(&DAYS);
        let policies = view.ask(&account_policies())?;
        let judged = Judged {
            holds: policies.inactivity().is_some_and(|after| (1..=most).contains(&after)),
            seen: policies.inactivity().map_or_else(|| "never".to_owned(), |after| format!("after {}", days(after))),
            wanted: format!("after {} or sooner", days(most)),
        };
        finding(&policies, Concern::Inactivity, judged)
    },
    ..Control::of(Area::Accounts, Level::L2, Severity::Low)
};
