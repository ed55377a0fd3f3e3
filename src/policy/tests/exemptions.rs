//! What counts as an exemption, at which instant each form of an end is, and that no fault ever widens one.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::*;
use crate::policy::exemptions::{FIELDS, LONGEST_NAME, LONGEST_REASON};
use crate::policy::{Layer, Origin, validate};

const END: &str = "2027-01-31T18:00:00+01:00";

/// A good exemption of `PLAIN`, with these keys over it; `None` takes one away.
fn exemption<const N: usize>(with: [(&str, Option<Plist>); N]) -> Plist {
    let mut keys: Dictionary = [
        ("Control", "plain_on"),
        ("Reason", "a lab device"),
        ("Approver", "R. Roe"),
        ("Ticket", "SEC-12"),
        ("Expires", END),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), Plist::from(value)))
    .collect();
    for (key, value) in with {
        match value {
            Some(value) => _ = keys.insert(key.to_owned(), value),
            None => _ = keys.remove(key),
        }
    }
    Plist::Dictionary(keys)
}

fn all(items: Vec<Plist>) -> Plist {
    dict([("Exemptions", Plist::Array(items))])
}

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A property list's date.
fn date(text: &str) -> Plist {
    Plist::Date(plist::Date::from_xml_format(text).unwrap())
}

#[test]
fn an_end_is_the_instant_that_its_text_names_in_every_offset() {
    let noon = utc("2027-01-31T12:00:00Z");
    for hours in -12..=14 {
        for minutes in [0, 30, 45] {
            let seconds = hours * 3600 + if hours < 0 { -minutes } else { minutes } * 60;
            let Some(offset) = FixedOffset::east_opt(seconds).filter(|_| seconds <= 14 * 3600) else { continue };
            let text = noon.with_timezone(&offset).to_rfc3339();
            let (policy, problems) = read_managed(&all(vec![exemption([("Expires", Some(text.as_str().into()))])]));
            assert_eq!((policy.exemptions[0].expires, problems), (noon, vec![]), "{text}");
        }
    }
    for (value, instant) in [
        (Plist::from("2027-01-31T12:00:00Z"), "2027-01-31T12:00:00Z"),
        (Plist::from("2027-01-31T12:00:00.5+14:00"), "2027-01-30T22:00:00.5Z"),
        (Plist::from("2027-01-31T12:00:00-12:00"), "2027-02-01T00:00:00Z"),
        // The hour that summer time takes away or doubles is nothing to an offset.
        (Plist::from("2027-03-28T02:30:00+01:00"), "2027-03-28T01:30:00Z"),
        (Plist::from("2027-10-31T02:30:00+02:00"), "2027-10-31T00:30:00Z"),
        (Plist::from("2027-10-31T02:30:00+01:00"), "2027-10-31T01:30:00Z"),
        (date("2027-01-31T12:00:00Z"), "2027-01-31T12:00:00Z"),
        (date("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00Z"),
    ] {
        let policy = all(vec![exemption([("Expires", Some(value.clone()))])]);
        for bytes in [xml(&policy), binary(&policy)] {
            let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
            let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::Yes);
            assert_eq!((policy.exemptions[0].expires, problems), (utc(instant), vec![]), "{value:?}");
        }
    }
}

#[test]
fn an_end_that_names_no_one_instant_is_none() {
    for bad in [
        "2027-01-31T12:00:00",
        "2027-01-31",
        "2027-01-31T12:00+01:00",
        "2027-01-31T12:00:00 Europe/London",
        "tomorrow",
        "2027-02-30T12:00:00Z",
        "2027-01-31T25:00:00Z",
        "2027-01-31T12:00:00+25:00",
        "+12027-01-31T12:00:00Z",
        "",
        "1969-12-31T23:59:59Z",
        "1801398800",
    ] {
        let (policy, problems) = read_managed(&all(vec![exemption([("Expires", Some(bad.into()))])]));
        assert_eq!((policy.exemptions.len(), paths(&problems)), (0, vec!["Exemptions.0.Expires"]), "{bad}");
        assert!(problems[0].what.ends_with("; the exemption counts for nothing"), "{}", problems[0].what);
    }
    for bad in [Plist::from(1_801_398_800_i64), Plist::from(true), list(&[END]), date("1969-12-31T00:00:00Z")] {
        let (policy, problems) = read_managed(&all(vec![exemption([("Expires", Some(bad))])]));
        assert_eq!((policy.exemptions.len(), paths(&problems)), (0, vec!["Exemptions.0.Expires"]));
    }
}

#[test]
fn every_fault_is_named_and_costs_the_whole_exemption_and_no_other() {
    let good = || exemption([("Control", Some("high_on".into()))]);
    let long = |n: usize| Some(Plist::from("ä".repeat(n)));
    for (bad, path) in [
        (exemption([("Control", None)]), "Control"),
        (exemption([("Control", Some("plain".into()))]), "Control"),
        (exemption([("Control", Some("rule_twins".into()))]), "Control"),
        (exemption([("Control", Some("".into()))]), "Control"),
        (exemption([("Control", Some(list(&["plain_on"])))]), "Control"),
        (exemption([("Reason", None)]), "Reason"),
        (exemption([("Reason", Some(" \t".into()))]), "Reason"),
        (exemption([("Reason", Some("\u{202e}no".into()))]), "Reason"),
        (exemption([("Reason", Some(7_i64.into()))]), "Reason"),
        (exemption([("Reason", long(LONGEST_REASON + 1))]), "Reason"),
        (exemption([("Approver", None)]), "Approver"),
        (exemption([("Approver", long(LONGEST_NAME + 1))]), "Approver"),
        (exemption([("Ticket", None)]), "Ticket"),
        (exemption([("Ticket", Some("".into()))]), "Ticket"),
        (exemption([("Expires", None)]), "Expires"),
        (exemption([("User", Some("".into()))]), "User"),
        (exemption([("User", Some(" ada".into()))]), "User"),
        (exemption([("User", Some(list(&["ada", "bob"])))]), "User"),
        // One for ada must not become one for everybody.
        (exemption([("user", Some("ada".into()))]), "user"),
        (exemption([("Users", Some("ada".into()))]), "Users"),
    ] {
        let (policy, problems) = read_managed(&all(vec![bad.clone(), good()]));
        let kept: Vec<_> = policy.exemptions.iter().map(|exemption| exemption.control).collect();
        assert_eq!(
            (kept, paths(&problems)),
            (vec!["high_on"], vec![format!("Exemptions.0.{path}").as_str()]),
            "{bad:?}"
        );
        assert!(problems[0].what.contains("the exemption counts for nothing"), "{}", problems[0].what);
        assert_eq!(validate(&xml(&all(vec![bad])), &CATALOGUE).len(), 1);
    }
    for (bad, path) in [(Plist::from("plain_on"), "Exemptions.0"), (list(&[]), "Exemptions.0")] {
        let (policy, problems) = read_managed(&all(vec![bad, good()]));
        assert_eq!((policy.exemptions.len(), paths(&problems)), (1, vec![path]));
    }
    let (policy, problems) = read_managed(&dict([("Exemptions", exemption([]))]));
    assert_eq!((policy.exemptions.len(), paths(&problems)), (0, vec!["Exemptions"]));
    let whole = [
        ("Control", Some("each_on".into())),
        ("Reason", long(LONGEST_REASON)),
        ("Approver", long(LONGEST_NAME)),
        ("User", long(LONGEST_NAME)),
    ];
    assert_eq!(read_managed(&all(vec![exemption(whole)])).1, []);
}

#[test]
fn a_key_that_is_there_twice_costs_its_exemption() {
    let text = |keys: &str| {
        format!(
            "<plist version=\"1.0\"><dict><key>Exemptions</key><array><dict>{keys}<key>Control</key><string>plain_on</string>\
             <key>Reason</key><string>r</string><key>Approver</key><string>a</string><key>Ticket</key><string>t</string>\
             <key>Expires</key><string>{END}</string></dict></array></dict></plist>"
        )
    };
    let read = |text: String| {
        let layers = Layers { managed: LayerText::Bytes(text.into_bytes()), ..Layers::default() };
        read(&layers, &CATALOGUE, &Enrolled::Yes)
    };
    assert_eq!(read(text("")).0.exemptions.len(), 1);
    for twice in [
        "<key>User</key><string>ada</string><key>User</key><string>bob</string>",
        "<key>Ticket</key><string>u</string>",
    ] {
        let (policy, problems) = read(text(twice));
        assert_eq!(policy.exemptions, [], "{twice}");
        assert!(paths(&problems).contains(&"Exemptions.0"), "{problems:?}");
    }
}

#[test]
fn one_user_cannot_be_exempt_from_a_control_that_looks_at_none() {
    let of = |control: &str| {
        let (control, user) = (Some(control.into()), Some("ada".into()));
        read_managed(&all(vec![exemption([("Control", control), ("User", user)])]))
    };
    // By its rule's name, too: the problem has the control's own.
    for name in ["plain_on", "rule_plain_enable"] {
        let (policy, problems) = of(name);
        assert_eq!((policy.exemptions.len(), paths(&problems)), (0, vec!["Exemptions.0.User"]), "{name}");
        let said = &problems[0].what;
        assert!(said.contains("plain_on") && said.contains("the whole Mac"), "{said}");
        assert!(said.ends_with("; the exemption counts for nothing"), "{said}");
    }
    let (policy, problems) = of("each_on");
    assert_eq!((policy.exemptions.len(), problems), (1, vec![]));
}

#[test]
fn of_two_for_the_same_the_one_that_ends_first_counts_and_the_other_is_named() {
    let until = |end: &str, more: Option<Plist>| {
        let control = if more.is_some() { "each_on" } else { "plain_on" };
        exemption([("Expires", Some(end.into())), ("Control", Some(control.into())), ("User", more)])
    };
    let (short, long) = ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
    for (items, named) in [
        (vec![until(short, None), until(long, None)], "Exemptions.1"),
        (vec![until(long, None), until(short, None)], "Exemptions.0"),
        (vec![until(short, None), until(short, None)], "Exemptions.1"),
        (
            vec![
                until(long, None),
                exemption([("Control", Some("rule_plain_enable".into())), ("Expires", Some(short.into()))]),
            ],
            "Exemptions.0",
        ),
    ] {
        let (policy, problems) = read_managed(&all(items));
        assert_eq!((policy.exemptions.len(), paths(&problems)), (1, vec![named]));
        assert_eq!(policy.exemptions[0].expires, utc(short));
    }
    // The whole Mac and each user are different.
    let of_each = |user: Option<Plist>| exemption([("Control", Some("each_on".into())), ("User", user)]);
    let (policy, problems) =
        read_managed(&all(vec![of_each(None), of_each(Some("ada".into())), of_each(Some("bob".into()))]));
    assert_eq!((policy.exemptions.len(), problems), (3, vec![]));
}

#[test]
fn the_local_layer_exempts_nothing_whatever_is_known_about_enrolment() {
    let given = all(vec![exemption([])]);
    for enrolled in [Enrolled::Yes, Enrolled::No, Enrolled::Unknown("hung".into())] {
        let (policy, problems) = read_both(None, Some(&given), &enrolled);
        assert_eq!(policy.exemptions, []);
        assert_eq!((problems[0].layer, paths(&problems)), (Layer::Local, vec!["Exemptions"]));
        let other = all(vec![exemption([("Control", Some("high_on".into()))])]);
        let (policy, problems) = read_both(Some(&other), Some(&given), &enrolled);
        let kept: Vec<_> = policy.exemptions.iter().map(|exemption| exemption.control).collect();
        assert_eq!((kept, paths(&problems)), (vec!["high_on"], vec!["Exemptions"]));
    }
    // Nor does a good copy of it, while one of the managed layer is the managed layer.
    let broken = || LayerText::Bytes(b"<plist".to_vec());
    let layers = Layers {
        managed: broken(),
        local: broken(),
        managed_last_good: LayerText::Bytes(xml(&given)),
        local_last_good: LayerText::Bytes(xml(&given)),
    };
    let (policy, _) = read(&layers, &CATALOGUE, &Enrolled::Yes);
    assert_eq!((policy.exemptions.len(), policy.exemptions_from), (1, Origin::ManagedLastGood));
    let layers = Layers { managed: broken(), managed_last_good: LayerText::Absent, ..layers };
    assert_eq!(read(&layers, &CATALOGUE, &Enrolled::No).0.exemptions, []);
}

#[test]
fn what_is_over_is_a_problem_by_its_place_and_one_by_one() {
    let later = exemption([("Control", Some("high_on".into())), ("Expires", Some("2030-01-01T00:00:00Z".into()))]);
    let (policy, problems) = read_managed(&all(vec![later, exemption([])]));
    assert_eq!(problems, []);
    let end = utc(END);
    let over = |now: DateTime<Utc>| policy.problems_over(|exemption| exemption.expires <= now);
    assert_eq!(over(end - TimeDelta::milliseconds(1)), []);
    let problems = over(end);
    assert_eq!(paths(&problems), ["Exemptions.1.Expires"]);
    assert!(problems[0].what.contains("plain_on was over at 2027-01-31T17:00:00.000Z"), "{}", problems[0].what);
    assert_eq!(over(utc("2040-01-01T00:00:00Z")).len(), 2);
}

#[test]
fn an_exemption_is_a_row_and_part_of_the_digest_and_its_days_are_a_setting() {
    let (policy, _) =
        read_managed(&all(vec![exemption([("Control", Some("each_on".into())), ("User", Some("ada".into()))])]));
    let shown = row(&policy, "Exemptions.0");
    assert_eq!((shown.from, shown.in_force), (Origin::Managed, true));
    assert_eq!(shown.value["user"], "ada");
    assert_eq!(shown.value["expires"], "2027-01-31T17:00:00.000Z");
    assert!(shown.text.contains("each_on") && shown.text.contains("SEC-12"), "{}", shown.text);
    assert_ne!(policy.digest(), read_managed(&dict([])).0.digest());
    for (days, kept) in [(0, 0), (90, 90), (91, 14), (-1, 14)] {
        let (policy, problems) = read_managed(&dict([("ExemptionWarningDays", Plist::from(days))]));
        assert_eq!((i64::from(policy.warning_days), problems.is_empty()), (kept, i64::from(days) == kept));
    }
    assert_eq!(FIELDS.iter().filter(|field| !field.required).map(|field| field.key).collect::<Vec<_>>(), ["User"]);
}
