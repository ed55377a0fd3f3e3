use chrono::Utc;

use super::*;
use crate::ledger::history::{Run, Standing};

fn looked(states: &[&str]) -> Looked {
    let mut history = History::default();
    for (control, state) in controls::all().iter().zip(states) {
        let since = "2026-03-31T08:00:00.000Z".to_owned();
        let standing =
            Standing { state: (*state).to_owned(), since: since.clone(), seen_at: since, ..Standing::default() };
        history.controls.insert(control.id.to_owned(), standing);
    }
    history.runs.ended = Some(Run {
        run: "r1".into(),
        command: "enforce".into(),
        cause: "command_line".into(),
        user: Some("root (sudo by somebody with a long name\u{1b}[2J)".into()),
        detail: Some("enforce --level 3".into()),
        started: "2026-03-31T08:00:00.000Z".into(),
        ended: Some("2026-03-31T08:00:01.000Z".into()),
        partial: true,
        interrupted: true,
        ..Run::default()
    });
    Looked { history, disproved: None }
}

#[test]
fn it_fits_80_columns_names_who_ran_it_and_steers_no_terminal() {
    let states: Vec<&str> = ["compliant", "drifted", "unknown", "not_applicable", "off", "exempt"].repeat(8);
    let mut looked = looked(&states);
    looked.disproved = Some(format!("it ends\u{1b} {}", "early ".repeat(20)));
    let text = text(&looked, None, &[], None, &Utc, &Style { colour: false, width: 200 });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\u{1b}'));
    for part in [
        "enforce --level 3",
        "by root (sudo by",
        "2026-03-31 08:00:01 +00:00",
        "interrupted",
        "The ledger does not hold: it ends",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn counts_are_of_the_standings_and_add_up() {
    let standings = Standings::of(&looked(&["compliant", "drifted", "unknown", "off", "who knows"]).history);
    let expected = Standings {
        total: 5,
        compliant: 1,
        drifted: 1,
        unknown: 2,
        not_applicable: 0,
        off: 1,
        exempt: 0,
        contested: 0,
        held: 0,
    };
    assert_eq!(standings, expected);
    let text = text(&looked(&["compliant"]), Some("The daemon runs."), &[], None, &Utc, &Style::PLAIN);
    assert!(text.contains("\nThe daemon runs.\n"), "{text}");
    assert!(text.contains("\n1 control: 1 compliant, 0 drifted"), "{text}");
}

#[test]
fn what_is_contested_is_named_with_when_how_often_and_by_whom() {
    let mut looked = looked(&["compliant", "drifted", "compliant"]);
    for standing in looked.history.controls.values_mut() {
        standing.contested = Some("2026-03-31T09:00:00.000Z".into());
        standing.mended = vec!["2026-03-31T08:30:00.000Z".into(); 5];
        standing.suspects = vec![
            "profile for com.apple.SoftwareUpdate".into(),
            "Jamf Pro (/usr/local/jamf/bin/jamf)".into(),
            format!("an agent \u{1b}[2J {}", "with a long path ".repeat(8)),
        ];
    }
    let text = text(&looked, None, &[], None, &Utc, &Style { colour: false, width: 200 });
    assert!(text.lines().all(|line| line.chars().count() <= 80) && !text.contains('\u{1b}'), "{text}");
    let unwrapped = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in
        ["contested since 2026-03-31 09:00:00 +00:00: mended 5 times within a day", "(/usr/local/jamf/bin/jamf)"]
    {
        assert_eq!(unwrapped.matches(part).count(), 1, "{part}: {text}");
    }
    assert!(unwrapped.contains("3 controls: 2 compliant, 1 drifted (1 contested), 0 unknown"), "{text}");
}

#[test]
fn the_problems_of_the_policy_stand_below_the_counts() {
    use crate::policy::{Enrolled, LayerText, Layers, read};
    let bytes = b"<plist><dict><key>Level</key><string>two</string><key>Nope</key><true/></dict></plist>".to_vec();
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (_, problems) = read(&layers, &controls::all(), &Enrolled::Yes);
    let text = text(&looked(&["compliant"]), None, &problems, None, &Utc, &Style::PLAIN);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let (_, below) = text.split_once(" exempt\n\nproblem: managed policy, Level: ").expect(&text);
    assert_eq!(below.matches("\nproblem: managed policy, Nope: ").count(), 1, "{text}");
}
