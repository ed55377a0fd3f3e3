//! Which layer's word counts: every combination of what the two layers say and what is known about enrolment.

use super::*;
use crate::policy::{Layer, Mode, Origin};

fn enrolments() -> [Enrolled; 3] {
    [Enrolled::Yes, Enrolled::No, Enrolled::Unknown("profiles hung".to_owned())]
}

/// What a layer says about one key.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Nothing,
    Rubbish,
    /// A good value, by how strong it is.
    Value(i64),
}

/// What must come of it: value, origin, and whose key is a problem. Written out case by case, not as the code decides it.
fn wanted(managed: Says, local: Says, honoured: bool, default: i64) -> (i64, Origin, Vec<Layer>) {
    let mut blamed = Vec::new();
    if managed == Says::Rubbish {
        blamed.push(Layer::Managed);
    }
    let (value, origin) = match (managed, local) {
        (Says::Value(value), _) => (value, Origin::Managed),
        (_, Says::Value(value)) if value >= default || honoured => (value, Origin::Local),
        _ => (default, Origin::Default),
    };
    let refused = matches!(local, Says::Value(_)) && origin == Origin::Default;
    if local == Says::Rubbish || refused {
        blamed.push(Layer::Local);
    }
    (value, origin, blamed)
}

/// Goes through managed × local × enrolment for one key. `good` are the values with their strength, `default` the
/// default's; `layer` makes a layer that says a value.
fn matrix(
    key: &str,
    good: &[(i64, Plist)],
    default: i64,
    text: impl Fn(i64) -> String,
    layer: impl Fn(Plist) -> Plist,
) {
    let all: Vec<Says> = [Says::Nothing, Says::Rubbish]
        .into_iter()
        .chain(good.iter().map(|(strength, _)| Says::Value(*strength)))
        .collect();
    let make = |says: Says| match says {
        Says::Nothing => None,
        Says::Rubbish => Some(layer(Plist::Data(vec![0]))),
        Says::Value(wanted) => {
            good.iter().find(|(strength, _)| *strength == wanted).map(|(_, value)| layer(value.clone()))
        }
    };
    let mut seen = 0;
    for managed in &all {
        for local in &all {
            for enrolled in enrolments() {
                let (policy, problems) = read_both(make(*managed).as_ref(), make(*local).as_ref(), &enrolled);
                let (value, origin, blamed) = wanted(*managed, *local, enrolled == Enrolled::No, default);
                let row = row(&policy, key);
                let case = format!("{key}: managed {managed:?}, local {local:?}, {enrolled:?}");
                assert_eq!((row.text, row.from), (text(value), origin), "{case}");
                assert_eq!(problems.iter().map(|p| p.layer).collect::<Vec<_>>(), blamed, "{case}: {problems:?}");
                assert!(problems.iter().all(|p| p.key == key), "{case}: {problems:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, all.len() * all.len() * 3);
}

fn modes() -> Vec<(i64, Plist)> {
    vec![(0, "off".into()), (1, "audit".into()), (2, "enforce".into())]
}

fn mode_text(strength: i64) -> String {
    ["off", "audit", "enforce"].iter().map(|w| (*w).to_owned()).nth(usize::try_from(strength).unwrap()).unwrap()
}

#[test]
fn mode() {
    matrix("Controls.plain_on.Mode", &modes(), 2, mode_text, |v| about("plain_on", dict([("Mode", v)])));
}

#[test]
fn mode_of_a_disruptive_control() {
    matrix("Controls.rough_on.Mode", &modes(), 1, mode_text, |v| about("rough_on", dict([("Mode", v)])));
}

#[test]
fn an_integer_that_is_laxer_the_higher_it_is() {
    let good: Vec<_> = [0, 299, 300, 301, 1200].map(|n| (-n, n.into())).to_vec();
    let text = |strength: i64| (-strength).to_string();
    matrix("Controls.plain_on.Seconds", &good, -300, text, |v| about("plain_on", dict([("Seconds", v)])));
}

#[test]
fn a_flag_that_is_laxer_when_false() {
    let good = [(0, false.into()), (1, true.into())];
    let text = |strength: i64| (strength == 1).to_string();
    matrix("Controls.plain_on.Strict", &good, 1, text, |v| about("plain_on", dict([("Strict", v)])));
}

#[test]
fn retention_where_nought_is_for_ever() {
    let good = [(1, 1.into()), (364, 364.into()), (365, 365.into()), (3650, 3650.into()), (9999, 0.into())];
    let text = |strength: i64| if strength == 9999 { "0".to_owned() } else { strength.to_string() };
    matrix("Ledger.RetentionDays", &good, 365, text, |v| dict([("Ledger", dict([("RetentionDays", v)]))]));
}

#[test]
fn nought_is_for_ever_in_the_ledger_only() {
    let local = about("plain_on", dict([("RetentionDays", 0.into())]));
    let (policy, problems) = read_both(None, Some(&local), &Enrolled::Yes);
    assert_eq!(row(&policy, "Controls.plain_on.RetentionDays").text, "30");
    assert_eq!(paths(&problems), ["Controls.plain_on.RetentionDays"]);
}

#[test]
fn what_weakens_nothing_counts_from_either_layer() {
    for enrolled in enrolments() {
        let plain = dict([("Style", true.into()), ("Minimum", list(&["14.8", "15.7.1", "26.5", "27"]))]);
        let local = dict([
            ("Level", 3.into()),
            ("Controls", dict([("plain_on", plain)])),
            ("Ledger", dict([("MaximumSegmentSize", 65_536.into())])),
        ]);
        let (policy, problems) = read_both(None, Some(&local), &enrolled);
        assert_eq!(problems, []);
        for key in ["Level", "Controls.plain_on.Style", "Controls.plain_on.Minimum", "Ledger.MaximumSegmentSize"] {
            assert_eq!(row(&policy, key).from, Origin::Local, "{key}");
        }
    }
}

#[test]
fn lists_that_ask_less_count_as_weaker() {
    for (key, value) in
        [("Minimum", list(&["26.5"])), ("Minimum", list(&["14.8", "15.6", "26.5"])), ("Spare", list(&["ann"]))]
    {
        let local = about("plain_on", dict([(key, value)]));
        let path = format!("Controls.plain_on.{key}");
        for enrolled in enrolments() {
            let (policy, problems) = read_both(None, Some(&local), &enrolled);
            let honoured = enrolled == Enrolled::No;
            assert_eq!(row(&policy, &path).from == Origin::Local, honoured);
            assert_eq!(problems.is_empty(), honoured);
        }
    }
}

#[test]
fn a_refusal_says_why_and_what_holds_instead() {
    let local = about("rule_plain_enable", dict([("Mode", "off".into())]));
    let (_, problems) = read_both(None, Some(&local), &Enrolled::Yes);
    let enrolled = "off is weaker than enforce, which only the managed layer may say on an enrolled Mac; \
                    default value in force: enforce";
    assert_eq!((problems[0].key.as_str(), problems[0].what.as_str()), ("Controls.rule_plain_enable.Mode", enrolled));
    let (_, problems) = read_both(None, Some(&local), &Enrolled::Unknown("profiles\nhung".to_owned()));
    assert!(problems[0].what.contains("known not to be enrolled (profiles\\nhung)"), "{problems:?}");
}

#[test]
fn a_mode_that_does_not_count_selects_nothing() {
    let local = about("high_on", dict([("Mode", "audit".into())]));
    let (policy, _) = read_both(None, Some(&local), &Enrolled::Yes);
    assert_eq!((policy.of(&HIGH).mode, policy.of(&HIGH).selected), (Mode::Enforce, false));
    let local = about("high_on", dict([("Mode", "enforce".into())]));
    let (policy, _) = read_both(None, Some(&local), &Enrolled::Yes);
    assert!(policy.of(&HIGH).selected);
}

#[test]
fn a_bad_managed_value_leaves_the_local_one_and_says_so() {
    let managed = about("plain_on", dict([("Seconds", 9999.into())]));
    let local = about("plain_on", dict([("Seconds", 60.into())]));
    let (_, problems) = read_both(Some(&managed), Some(&local), &Enrolled::Yes);
    assert!(problems[0].what.ends_with("; local value in force: 60"), "{problems:?}");
}
