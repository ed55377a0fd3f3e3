use super::*;
use crate::mac::lines::tests::{out, out_with};

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn entry(content: &str, parameters: &[(&str, &str)]) -> String {
    let parameters: String =
        parameters.iter().map(|(key, value)| format!("<key>{key}</key><integer>{value}</integer>")).collect();
    format!(
        "<dict><key>policyContent</key><string>{}</string><key>policyIdentifier</key><string>any name</string>\
         <key>policyParameters</key><dict>{parameters}</dict></dict>",
        escaped(content)
    )
}

fn list(category: &str, entries: &[String]) -> String {
    format!("<key>policyCategory{category}</key><array>{}</array>", entries.concat())
}

fn answer(body: &str) -> String {
    format!(
        "{HEADING}\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>{body}</dict>\n</plist>\n"
    )
}

fn read(body: &str) -> Policies {
    parse(&out(&answer(body))).unwrap()
}

/// The one policy of this category with this predicate.
fn one(category: &str, content: &str, parameters: &[(&str, &str)]) -> Policies {
    read(&list(category, &[entry(content, parameters)]))
}

fn password(content: &str) -> Policies {
    one("PasswordContent", content, &[])
}

const LATER: &str = "(policyAttributeFailedAuthentications < policyAttributeMaximumFailedAuthentications) OR (policyAttributeCurrentTime > (policyAttributeLastFailedAuthenticationTime + autoEnableInSeconds))";
const ATTEMPTS: &str = "policyAttributeMaximumFailedAuthentications";

#[test]
fn only_a_whole_list_below_its_heading_is_read() {
    assert_eq!(read("").policies, []);
    let whole = answer(&list("PasswordContent", &[entry("policyAttributePassword matches '.{8,}'", &[])]));
    for end in 0..whole.trim_end().len() {
        assert!(parse(&out(&whole[..end])).is_err(), "{}", &whole[..end]);
    }
    for bad in [
        whole.replace("global account policies", "account policies for user <ada>"),
        whole.replacen(HEADING, "", 1),
        whole.replace("</plist>", "</plist>\nmore"),
        answer("<key>policyCategoryPasswordContent</key><string>none</string>"),
        answer("<key>policyCategoryPasswordContent</key><array><dict/></array>"),
        answer(&list("PasswordContent", &["<string>x</string>".into()])),
    ] {
        assert!(parse(&out(&bad)).is_err(), "{bad}");
    }
    assert!(parse(&out_with(1, &whole)).is_err());
}

#[test]
fn known_patterns_ask_for_what_they_say() {
    let none = Demands::default();
    for (pattern, demands) in [
        (".{15,}", Demands { length: 15, ..none }),
        (".{4,}+", Demands { length: 4, ..none }),
        ("^.{15,}$", Demands { length: 15, ..none }),
        ("^(?=.*[0-9])(?=.*[a-zA-Z]).+", Demands { digits: 1, letters: 1, ..none }),
        ("^(?=.*[A-Z])(?=.*[a-z]).*$", Demands { upper: 1, lower: 1, ..none }),
        ("^(?=.*[A-Z])(?=.*[a-z]).{12,}$", Demands { upper: 1, lower: 1, length: 12, ..none }),
        ("(.*[A-Z].*){1,}+", Demands { upper: 1, ..none }),
        ("(.*[a-z].*){2,}", Demands { lower: 2, ..none }),
        ("(.*[0-9].*){1,}+", Demands { digits: 1, ..none }),
        ("(.*[^a-zA-Z0-9].*){3,}", Demands { special: 3, ..none }),
    ] {
        let read = password(&format!("policyAttributePassword matches '{pattern}'"));
        assert_eq!(read.demands(), demands, "{pattern}");
        assert_eq!(read.unclear(Concern::Password), None, "{pattern}");
    }
}

#[test]
fn what_only_looks_like_a_rule_about_passwords_is_not_understood() {
    for content in [
        "NOT (policyAttributePassword matches '.{15,}')",
        "policyAttributePassword matches '.{15,}' OR policyAttributePassword matches '.{1,}'",
        "policyAttributePassword matches '.{15,}' OR 1 == 1",
        "policyAttributePassword matches '.{0,15}'",
        "policyAttributePassword matches '.{15}'",
        "policyAttributePassword matches '.{,15}'",
        "policyAttributePassword matches '.{99999,}'",
        "policyAttributePassword matches '(.{15,})?.*'",
        "policyAttributePassword matches '.{15,}|.{1,}'",
        "policyAttributePassword matches '(?=.*[0-9]|.*)(?=.*[a-zA-Z]).+'",
        "policyAttributePassword matches '(?!.*[0-9])(?=.*[a-zA-Z]).+'",
        "policyAttributePassword matches '(.*[A-Z]?.*){1,}+'",
        "policyAttributePassword matches '(.*[^A-Z].*){1,}+'",
        "policyAttributePassword matches '(.*[A-Z].*){0,1}'",
        "policyAttributePassword MATCHES[c] '.{15,}'",
        "policyAttributePassword.length >= 15",
        "",
    ] {
        let read = password(content);
        assert_eq!(read.demands(), Demands::default(), "{content}");
        assert_eq!(read.unclear(Concern::Password).is_some(), !content.is_empty(), "{content}");
    }
}

#[test]
fn passwords_must_satisfy_all_policies_together() {
    let all = [
        "policyAttributePassword matches '.{4,}+'",
        "policyAttributePassword matches '.{8,}'",
        "policyAttributePassword matches '(.*[A-Z].*){1,}+'",
        "policyAttributePassword matches '(.*[0-9].*){1,}+'",
        "(policyAttributeSequentialCharacters < policyAttributeMaximumSequentialCharacters) and (policyAttributeConsecutiveCharacters < policyAttributeMaximumConsecutiveCharacters)",
    ];
    let read = read(&list("PasswordContent", &all.map(|content| entry(content, &[]))));
    let demands = read.demands();
    assert_eq!((demands.length, demands.upper, demands.digits), (8, 1, 1));
    assert_eq!((demands.lower, demands.special), (0, 0));
    assert_eq!(read.unclear(Concern::Password), None);
}

#[test]
fn the_lock_that_comes_first_counts_and_of_several_the_longest() {
    let lock = |attempts: &str, seconds: &str| entry(LATER, &[(ATTEMPTS, attempts), ("autoEnableInSeconds", seconds)]);
    let read = |entries: &[String]| read(&list("Authentication", entries)).lockout();
    assert_eq!(read(&[lock("5", "900"), lock("5", "60")]), Some((5, Some(900))));
    assert_eq!(read(&[lock("10", "900"), lock("5", "60")]), Some((5, Some(60))));
    let forever =
        entry("policyAttributeFailedAuthentications < policyAttributeMaximumFailedAuthentications", &[(ATTEMPTS, "5")]);
    assert_eq!(read(&[lock("5", "900"), forever]), Some((5, None)));
    assert_eq!(read(&[]), None);
}

#[test]
fn a_rule_without_its_number_or_in_another_place_is_not_understood() {
    for (category, content, parameters, concern) in [
        ("Authentication", LATER, &[(ATTEMPTS, "5")][..], Concern::Lockout),
        ("Authentication", LATER, &[("autoEnableInSeconds", "900")], Concern::Lockout),
        ("Authentication", LATER, &[(ATTEMPTS, "0"), ("autoEnableInSeconds", "900")], Concern::Lockout),
        (
            "Authentication",
            &LATER.replace("OR", "AND"),
            &[(ATTEMPTS, "5"), ("autoEnableInSeconds", "900")],
            Concern::Lockout,
        ),
        (
            "Authentication",
            // As the example in pwpolicy(8) has it, with the two numbers the other way round.
            "policyAttributeMaximumFailedAuthentications < policyAttributeFailedAuthentications",
            &[(ATTEMPTS, "5")],
            Concern::Lockout,
        ),
        (
            "PasswordContent",
            "none of policyAttributePasswordHashes in policyAttributePasswordHistory",
            &[("policyAttributePasswordHistoryDepth", "24")],
            Concern::History,
        ),
        (
            "PasswordContent",
            "none policyAttributePasswordHashes in policyAttributePasswordHistory",
            &[],
            Concern::History,
        ),
        (
            "PasswordChange",
            "policyAttributeCurrentTime > (policyAttributeLastPasswordChangeTime + policyAttributeExpiresEveryNDays) * 24 * 60 * 60",
            &[("policyAttributeExpiresEveryNDays", "60")],
            Concern::Age,
        ),
        (
            "Authentication",
            "policyAttributeLastAuthenticationTime > policyAttributeCurrentTime - policyAttributeInactiveDays",
            &[("policyAttributeInactiveDays", "35")],
            Concern::Inactivity,
        ),
    ] {
        let read = one(category, content, parameters);
        assert_eq!(read.rules().count(), 0, "{content}");
        assert!(read.unclear(concern).is_some(), "{content}");
    }
    // A number outside any policy does nothing.
    assert_eq!(read("<key>policyAttributeInactiveDays</key><integer>35</integer>").policies, []);
    // Nor does a predicate in a category where macOS does not ask it.
    let misplaced = one("Authentication", "policyAttributePassword matches '.{15,}'", &[]);
    assert_eq!((misplaced.rules().count(), misplaced.unclear(Concern::Password)), (0, None));
}

#[test]
fn days_are_read_in_each_documented_spelling() {
    for factor in ["24 * 60 * 60", "86400", "DAYS_TO_SECONDS"] {
        for (open, close) in [("(", ")"), ("", "")] {
            for name in ["policyAttributeExpiresEveryNDays", "policyAttributeDaysUntilExpiration"] {
                let content = format!(
                    "policyAttributeCurrentTime > policyAttributeLastPasswordChangeTime + {open}{name} * {factor}{close}"
                );
                assert_eq!(one("PasswordChange", &content, &[(name, "90")]).age(), Some(90), "{content}");
            }
        }
    }
    let content = "policyAttributeLastAuthenticationTime > policyAttributeCurrentTime - (policyAttributeInactiveDays * 24 * 60 * 60)";
    assert_eq!(one("Authentication", content, &[("policyAttributeInactiveDays", "35")]).inactivity(), Some(35));
    let history = one(
        "PasswordContent",
        "none  policyAttributePasswordHashes in\n policyAttributePasswordHistory",
        &[("policyAttributePasswordHistoryDepth", "24")],
    );
    assert_eq!(history.history(), Some(24));
}

#[test]
fn a_policy_with_something_more_in_it_is_not_understood() {
    let plain = entry("policyAttributePassword matches '.{15,}'", &[]);
    let more = plain.replacen("<dict>", "<dict><key>policyDisabled</key><true/>", 1);
    assert_eq!(read(&list("PasswordContent", &[plain])).demands().length, 15);
    let read = read(&list("PasswordContent", &[more]));
    assert_eq!(read.demands().length, 0);
    assert!(read.unclear(Concern::Password).is_some());
}
