use super::*;
use crate::controls;
use crate::policy::{Mode, Policy};

fn lines(outcome: impl Fn(&'static str) -> Outcome) -> Vec<Line> {
    let line = |control: &'static crate::control::Control| Line {
        control,
        mode: Mode::Enforce,
        outcome: outcome(control.id),
        steps: Vec::new(),
    };
    controls::all().into_iter().map(line).collect()
}

fn compliant() -> Outcome {
    Outcome::Compliant { seen: "s".into() }
}

fn drifted() -> Outcome {
    Outcome::Drifted { seen: "s".into(), wanted: "w".into(), left: crate::enforce::Left::Audit }
}

fn unknown() -> Outcome {
    Outcome::Unknown { why: "w".into() }
}

fn find(all: &[Requirement], id: &str) -> (Met, usize) {
    let one = all.iter().find(|one| one.id == id).unwrap();
    (one.met, one.controls.len())
}

#[test]
fn a_requirement_is_met_only_where_every_control_that_counts_holds() {
    let section = |outcome: &dyn Fn(&'static str) -> Outcome| {
        find(&requirements(Framework::CisMacos, 26, &lines(outcome)), "2.2.1").0
    };
    assert_eq!(section(&|_| compliant()), Met::Met);
    assert_eq!(section(&|id| if id == "firewall_on" { drifted() } else { compliant() }), Met::Unmet);
    assert_eq!(section(&|id| if id == "firewall_on" { unknown() } else { compliant() }), Met::Unknown);
    let off = || Outcome::Off { because: "b".into() };
    assert_eq!(section(&|_| off()), Met::NotCovered);
    // What was switched off may not hold: nobody looked.
    let xprotect_off = lines(|id| if id == "xprotect" { off() } else { compliant() });
    let all = requirements(Framework::CisV8, 26, &xprotect_off);
    assert_eq!(find(&all, "10.1").0, Met::Unknown);
    assert!(
        !all_met(&[Framework::CisV8], 26, &xprotect_off) && all_met(&[Framework::Soc2], 26, &lines(|_| compliant()))
    );
    let shown = text(&[Framework::CisV8], 26, &xprotect_off, &Style::PLAIN);
    assert!(shown.contains("xprotect off"), "{shown}");
    assert_eq!(section(&|_| Outcome::NotApplicable { because: "b".into() }), Met::NotCovered);
    // Drift counts more than what could not be told.
    let mixed = lines(|id| match id {
        "firewall_on" => drifted(),
        _ => unknown(),
    });
    let all = requirements(Framework::CisV8, 26, &mixed);
    let (met, controls) = find(&all, "4.5");
    assert!(met == Met::Unmet && controls > 1);
    assert_eq!(find(&requirements(Framework::Nist80053r5, 26, &lines(|_| unknown())), "AC-11").0, Met::Unknown);
}

#[test]
fn what_no_control_answers_is_listed_as_not_covered() {
    for (framework, many) in
        [(Framework::CisV8, 153), (Framework::Soc2, 33), (Framework::CisMacos, 80), (Framework::Nist80053r5, 80)]
    {
        let all = requirements(framework, 26, &lines(|_| compliant()));
        assert!(all.len() >= many, "{}: {}", framework.name(), all.len());
        let covered = all.iter().filter(|one| one.met == Met::Met).count();
        let left = all.iter().filter(|one| one.met == Met::NotCovered).count();
        assert_eq!(covered + left, all.len());
        // Of NIST only what published rules for macOS refer to is listed, and by now all of that is answered.
        assert!(covered > 0 && (left > 0 || framework == Framework::Nist80053r5), "{}", framework.name());
        assert!(all.iter().all(|one| one.controls.is_empty() == (one.met == Met::NotCovered)), "{}", framework.name());
    }
}

#[test]
fn sections_are_those_of_the_macs_own_version() {
    let section = |macos| {
        let all = requirements(Framework::CisMacos, macos, &lines(|_| compliant()));
        all.iter().filter(|one| one.controls.iter().any(|(id, _)| *id == "firewall_logging")).count()
    };
    assert_eq!((section(14), section(15), section(26)), (1, 0, 0));
    // No benchmark for 27 is known: the one for 26 is read.
    let of = |macos| requirements(Framework::CisMacos, macos, &lines(|_| compliant())).len();
    assert_eq!(of(27), of(26));
}

#[test]
fn numbers_are_sorted_as_numbers() {
    let mut ids = vec!["AC-11(1)", "2.10.1", "AC-2", "2.9", "AC-11", "CC6.1", "2.2.2", "AC-2(11)", "AC-2(5)"];
    ids.sort_by_key(|id| natural(id));
    assert_eq!(ids, ["2.2.2", "2.9", "2.10.1", "AC-2", "AC-2(5)", "AC-2(11)", "AC-11", "AC-11(1)", "CC6.1"]);
}

#[test]
fn the_document_counts_what_it_lists() {
    let policy = Policy::built_in(&controls::all());
    let context = Context { command: "frameworks", simulated: None, policy: &policy, problems: &[] };
    let document = json(&Framework::ALL, 26, &lines(|_| compliant()), &context);
    assert_eq!(document["policy"], "level 1");
    assert_eq!(document["frameworks"].as_array().unwrap().len(), Framework::ALL.len());
    for one in document["frameworks"].as_array().unwrap() {
        let listed = one["requirements"].as_array().unwrap();
        for (word, number) in one["counts"].as_object().unwrap() {
            let many = listed.iter().filter(|requirement| requirement["state"] == word.as_str()).count();
            assert_eq!(number.as_u64(), u64::try_from(many).ok(), "{} {word}", one["framework"]);
        }
    }
    for framework in Framework::ALL {
        assert_eq!(Framework::find(framework.name()), Some(framework));
    }
    let shown = text(&[Framework::Soc2], 26, &lines(|_| drifted()), &Style::PLAIN);
    assert!(shown.contains("UNMET") && shown.contains("not covered on this Mac: CC1.1"), "{shown}");
}
