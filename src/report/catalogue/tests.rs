//! What is told of a control and of the Mac at hand, and that it fits.

use super::*;
use crate::controls;
use crate::facts::{Form, Processor, Version};

fn facts() -> Facts {
    Facts {
        macos: Version(vec![26, 5]),
        build: "25F84".into(),
        processor: Processor::AppleSilicon,
        form: Form::Laptop,
        model: "Mac16,13".into(),
        uuid: None,
    }
}

fn narrow() -> Style {
    Style { colour: false, width: 80 }
}

#[test]
fn everything_about_every_control_fits_eighty_columns() {
    let facts = facts();
    let exempt = [exemption(None), exemption(Some("ada"))];
    for control in controls::all() {
        for facts in [None, Some(&facts)] {
            let held = Some("2026-03-31 08:00:00 +00:00");
            for line in explain(control, &Here { facts, held, exempt: &exempt, simulated: None }, &narrow()).lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
    for line in list(&controls::all(), &narrow()).lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

fn exemption(user: Option<&str>) -> Exemption {
    Exemption {
        control: "terminal_secure_input",
        user: user.map(str::to_owned),
        reason: "a lab device".into(),
        approver: "R. Roe".into(),
        ticket: "SEC-12".into(),
        expires: chrono::DateTime::from_timestamp(1_801_414_800, 0).unwrap(),
        place: 0,
    }
}

#[test]
fn who_is_exempt_here_and_why_is_told_as_a_pass_tells_it() {
    let control = controls::find("terminal_secure_input").unwrap();
    let facts = facts();
    for facts in [None, Some(&facts)] {
        let exempt = [exemption(None), exemption(Some("ada"))];
        let at = Here { facts, exempt: &exempt, ..Here::default() };
        let text = explain(control, &at, &Style { colour: false, width: 300 });
        for one in &exempt {
            let told = format!("Exempt        {}\n", exempt_words(one));
            assert!(text.contains(&told), "{text}");
        }
        assert!(text.contains("ada, until 2027-01-31T17:00:00.000Z: a lab device (approved by R. Roe, ticket SEC-12)"));
        let json = explain_json(control, &at);
        assert_eq!(json["exempt"], json!([exempt[0].json(), exempt[1].json()]));
        let none = Here { facts, ..Here::default() };
        assert!(!explain(control, &none, &narrow()).contains("Exempt  "));
        assert_eq!(explain_json(control, &none)["exempt"], json!([]));
    }
}

#[test]
fn whether_single_users_can_be_exempt_is_told() {
    for (id, is) in [("terminal_secure_input", true), ("firewall_on", false)] {
        let control = controls::find(id).unwrap();
        assert_eq!(control_json(control)["of_each_user"], json!(is), "{id}");
        for text in [explain(control, &Here::default(), &Style { colour: false, width: 300 }), page(control)] {
            assert_eq!(text.contains("an exemption may name one user"), is, "{text}");
        }
    }
}

#[test]
fn no_name_is_glued_to_its_text() {
    assert_eq!(row("Why", "because", &narrow()), "Why           because\n");
    assert_eq!(row("MaximumSegmentSize", "text", &narrow()), "MaximumSegmentSize\n              text\n");
}

#[test]
fn what_holds_on_the_mac_at_hand_is_in_the_json() {
    let facts = facts();
    for control in controls::all() {
        let at = Here { facts: Some(&facts), simulated: Some("neglected@x"), ..Here::default() };
        let json = explain_json(control, &at);
        let here = &json["here"];
        match &control.variant(&facts).unwrap().reach {
            Reach::Applies { can, .. } => {
                assert_eq!((&here["applies"], &here["root_can"]), (&json!(true), &json!(can)), "{}", control.id);
                assert!(here["remedy"]["how"].is_string() && here["because"].is_null());
            }
            Reach::Absent { because } => {
                assert_eq!((&here["applies"], &here["because"]), (&json!(false), &json!(because)));
            }
        }
        assert_eq!((&json["simulated"], &json["mac"]), (&json!("neglected@x"), &json!(facts.to_string())));
        assert!(explain_json(control, &Here::default())["here"].is_null());
    }
}

#[test]
fn what_root_can_and_who_acts_do_not_contradict_each_other() {
    let page = |id: &str| page(controls::find(id).unwrap());
    for id in ["secure_tokens", "bootstrap_token", "mdm_enrolled", "xprotect", "time_service", "time_machine_encrypted"]
    {
        assert!(
            page(id).contains("can root set it? no: a person, the MDM or macOS itself can. A person: "),
            "{}",
            page(id)
        );
    }
    assert!(page("recovery_lock").contains("can root set it? no: only MDM or macOS itself can. Only the MDM: "));
    assert!(page("firewall_on").contains(". The agent sets it: "));
    assert!(page("password_hints_removed").contains("can root set it? yes. A person: For each"));
    let (first, others) = (" with spctl, in a form that no source shows", page("gatekeeper_identified_developers"));
    let of_14 = others.lines().find(|line| line.starts_with("- macOS 14: ")).unwrap();
    assert!(of_14.contains("can root set it? yes. A profile or declaration: ") && of_14.contains(first), "{of_14}");
    let facts = facts();
    let here = Here { facts: Some(&facts), ..Here::default() };
    let text = explain(controls::find("secure_tokens").unwrap(), &here, &Style { colour: false, width: 300 });
    assert!(
        text.contains("Can root?     no: a person, the MDM or macOS itself can\nRemedy        A person: "),
        "{text}"
    );
}

#[test]
fn who_sets_it_is_said_once_for_neighbours_where_the_same_one_does() {
    for control in controls::all() {
        let setters = setters(control);
        let who: Vec<&str> = setters.split("; ").filter_map(|one| one.split_once(" (").map(|(who, _)| who)).collect();
        assert!(who.windows(2).all(|two| two[0] != two[1]), "{}: {setters}", control.id);
    }
    assert_eq!(setters(controls::find("update_check").unwrap()), "agent (macOS 14 to 15)");
}
