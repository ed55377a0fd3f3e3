//! Accounts and what they may do.

use crate::control::{
    Area, Cadence, Can, Control, Finding, Kind, Laxer, Level, Plan, Refs, Remedy, Setting, Severity, Step, Variant,
};

use crate::mac::dscl::{self, Account};
use crate::mac::security::{self, Right};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&ROOT_DISABLED, &SYSTEM_SETTINGS, &DAILY_USER];

static ROOT_DISABLED: Control = Control {
    id: "root_account_disabled",
    title: "Nobody can log in as root",
    why: "Everybody knows the name root, and what is done under it is nobody's doing.",
    check: "dscl . -read /Users/root AuthenticationAuthority: no such key, or only ;DisabledUser;. Which shell root has says \
            nothing about it",
    refs: Refs {
        cis_macos: &[(14, "5.6"), (15, "5.6"), (26, "5.6")],
        cis_v8: &["5.4"],
        nist_800_53r5: &["IA-2", "IA-2(5)"],
        soc2: &["CC6.1", "CC6.3"],
        stig: &[(14, "APPL-14-000100"), (15, "APPL-15-000100"), (26, "APPL-26-000100")],
        mscp: Some("os_root_disable"),
        cis_level: Some(1),
    },
    user_impact: "Whoever logs in as root, at the screen or over the network, no longer can; sudo goes on as before.",
    disruptive: Some("whoever logs in as root no longer can"),
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::sets(
            "dscl . -delete /Users/root AuthenticationAuthority, where somebody other than root is an administrator",
            |view| {
                if !view.ask(&dscl::administrators())?.iter().any(|name| is_somebody(name)) {
                    let because = "nobody but root is an administrator: make somebody one first";
                    return Ok(Plan::Later { because: because.into() });
                }
                let before = view.ask(&dscl::root_authority())?;
                let step = Step {
                    change: dscl::set_root_authority(&[]),
                    undo: vec![dscl::set_root_authority(&before)],
                    prior: [(dscl::ROOT_SETTING.to_owned(), before.into())].into(),
                };
                Ok(Plan::Now(vec![step]))
            },
        ),
    )],
    probe: |view| {
        let authority = view.ask(&dscl::root_authority())?;
        let disabled = authority.iter().all(|value| value.starts_with(";DisabledUser;"));
        Ok(Finding::judge(disabled, if disabled { "disabled" } else { "enabled" }, "disabled"))
    },
    ..Control::of(Area::Accounts, Level::L2, Severity::Medium)
};

/// Whether a member of the group `admin` is somebody who can log in: neither root nor one of macOS's own accounts, such as
/// that of Setup Assistant.
fn is_somebody(name: &str) -> bool {
    name != "root" && !name.starts_with('_')
}

/// The rights of the settings that concern the whole Mac.
const RIGHTS: [&str; 8] = [
    "system.preferences",
    "system.preferences.energysaver",
    "system.preferences.network",
    "system.preferences.printing",
    "system.preferences.sharing",
    "system.preferences.softwareupdate",
    "system.preferences.startupdisk",
    "system.preferences.timemachine",
];

static SYSTEM_SETTINGS: Control = Control {
    id: "system_settings_need_administrator",
    title: "Settings of the whole Mac ask for an administrator each time",
    why: "Otherwise what an administrator once proved opens all of them to whoever sits there next.",
    check: "security authorizationdb read of system.preferences and seven rights below it: shared false, group admin, \
            authenticate-user true, session-owner false",
    refs: Refs {
        cis_macos: &[(14, "2.6.8"), (15, "2.6.8"), (26, "2.6.8")],
        cis_v8: &["4.1"],
        nist_800_53r5: &["AC-6", "AC-6(1)", "AC-6(2)"],
        soc2: &["CC6.1", "CC6.3"],
        stig: &[(14, "APPL-14-002069"), (15, "APPL-15-002069"), (26, "APPL-26-002069")],
        mscp: Some("system_settings_system_wide_preferences_configure"),
        cis_level: Some(1),
    },
    user_impact: "Each change of printers, network, Time Machine or sharing asks for an administrator's name and password.",
    cadence: Cadence::Slow,
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "For each named right: sudo security authorizationdb read RIGHT > FILE in a folder that only you can \
                           write; set shared and session-owner to false, authenticate-user to true and group to admin in FILE; \
                           sudo security authorizationdb write RIGHT < FILE. Try it on one Mac first: on macOS 15 the change made \
                           sysadminctl and dsconfigad fail for root and MDM agents. This agent does not: the whole rule has to be \
                           written from a file, and it writes none.",
        },
    )],
    probe: |view| {
        let mut open = Vec::new();
        for name in RIGHTS {
            if !is_strict(&view.ask(&security::right(name))?) {
                open.push(name);
            }
        }
        Ok(if open.is_empty() {
            Finding::compliant("each right asks for an administrator each time")
        } else {
            Finding::drifted(format!("not for {}", open.join(", ")), "each right asks for an administrator each time")
        })
    },
    ..Control::of(Area::Accounts, Level::L1, Severity::Medium)
};

/// Whether the right asks an administrator for the password each time.
fn is_strict(right: &Right) -> bool {
    let wanted = Right::User { group: "admin".into(), shared: false, authenticate_user: true, session_owner: false };
    *right == wanted
}

static ADMINISTRATORS: Setting = Setting {
    key: "Administrators",
    doc: "Accounts of people that may be administrators; hidden accounts always may. Empty: no person's account may.",
    kind: Kind::Names,
    laxer: Laxer::Any,
};

static DAILY_USER: Control = Control {
    id: "daily_user_not_administrator",
    title: "People do their daily work in accounts that are no administrators",
    why: "What an administrator is tricked into starting has the whole Mac.",
    check: "dscl . -read /Groups/admin GroupMembership, with the accounts of people: user id 501 and above, not hidden. Who \
            belongs to the group by another group is not seen",
    refs: Refs { cis_v8: &["5.4"], nist_800_53r5: &["AC-6"], soc2: &["CC6.1", "CC6.3"], ..Refs::NONE },
    user_impact: "Installing software and changing settings of the whole Mac asks for an administrator.",
    disruptive: Some("a person who is no longer an administrator cannot install software or use sudo"),
    settings: &[&ADMINISTRATORS],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Make sure that another administrator holds a secure token and that somebody knows its password; then \
                           sudo dseditgroup -o edit -d NAME -t user admin. This agent does not: nothing that it can ask proves that \
                           anybody could still administer the Mac afterwards.",
        },
    )
    .of_each_user()],
    probe: |view| {
        let may = view.settings.list(&ADMINISTRATORS);
        let members = view.ask(&dscl::administrators())?;
        let people = view.ask(&dscl::users())?.into_iter().filter(Account::is_person).map(|account| account.name);
        let are: Vec<String> = people
            .filter(|name| members.contains(name) && !may.contains(name) && !view.exempt.contains(name))
            .collect();
        let wanted = if may.is_empty() {
            "no person's account is an administrator".to_owned()
        } else {
            format!("of people's accounts only {}", may.join(", "))
        };
        Ok(match are.as_slice() {
            [] => Finding::compliant("no other person's account is an administrator"),
            [one] => Finding::drifted(format!("{one} is an administrator"), wanted),
            more => Finding::drifted(format!("{} are administrators", more.join(", ")), wanted),
        })
    },
    ..Control::of(Area::Accounts, Level::L2, Severity::Medium)
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_rule_is_strict() {
        let right = |group: &str, shared, authenticate_user, session_owner| Right::User {
            group: group.into(),
            shared,
            authenticate_user,
            session_owner,
        };
        assert!(is_strict(&right("admin", false, true, false)));
        for lax in [
            right("admin", true, true, false),
            right("admin", false, false, false),
            right("admin", false, true, true),
            right("staff", false, true, false),
            Right::Rule { rules: vec!["allow".into()] },
            Right::Other,
        ] {
            assert!(!is_strict(&lax), "{lax:?}");
        }
    }

    #[test]
    fn neither_root_nor_an_account_of_macos_is_somebody() {
        let somebody: Vec<_> = ["root", "_mbsetupuser", "ada"].into_iter().filter(|name| is_somebody(name)).collect();
        assert_eq!(somebody, ["ada"]);
    }
}
