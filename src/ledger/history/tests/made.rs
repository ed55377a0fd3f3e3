//! What the agent changed and still stands so, and where the way back leads.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ledger::Announced;

const SETTING: &str = "/Library/Preferences/d K";

/// The command that puts the one setting to `value`; 0 is not set.
fn set(value: i64) -> Vec<String> {
    let number = value.to_string();
    let args: &[&str] = match value {
        0 => &["delete", "/Library/Preferences/d", "K"],
        _ => &["write", "/Library/Preferences/d", "K", "-int", &number],
    };
    std::iter::once(&"/usr/bin/defaults").chain(args).map(|word| (*word).to_owned()).collect()
}

fn intends(from: i64, to: i64) -> Event {
    let change = Announced { argv: set(to), prior: [].into(), undo: vec![set(from)] };
    Event::Intends { control: "a".to_owned(), changes: vec![change] }
}

fn fixed() -> Event {
    Event::Fixed { control: "a".to_owned(), seen: String::new() }
}

fn not_fixed() -> Event {
    Event::NotFixed { control: "a".to_owned(), state: "drifted".to_owned(), why: String::new(), refused: true }
}

fn takes_back(to: i64) -> Event {
    Event::TakesBack { control: "a".to_owned(), changes: vec![set(to)] }
}

fn taken_back(whole: bool) -> Event {
    Event::TakenBack { control: "a".to_owned(), whole, seen: String::new() }
}

fn made(events: Vec<Event>) -> Option<Made> {
    let numbered = events.into_iter().enumerate();
    let times: Vec<(String, Event)> = numbered.map(|(n, event)| (format!("2026-03-31T08:00:{n:02}Z"), event)).collect();
    fold(times.iter().map(|(time, event)| (time.as_str(), event.clone()))).made.remove(SETTING)
}

/// Where the way back leads.
fn back(events: Vec<Event>) -> Option<Vec<String>> {
    made(events).unwrap().back
}

#[test]
fn the_way_back_leads_before_the_first_change_unless_somebody_else_was_there() {
    let first = vec![found("a", "drifted"), intends(0, 1200), fixed()];
    let then = |more: Vec<Event>| [first.clone(), more].concat();
    assert_eq!(back(first.clone()), Some(set(0)));
    // Policy wants another value.
    let stricter = then(vec![found("a", "drifted"), intends(1200, 600), fixed()]);
    assert_eq!(back(stricter.clone()), Some(set(0)));
    // Somebody put it back to what it was: the same.
    assert_eq!(back(then(vec![found("a", "drifted"), intends(0, 1200), fixed()])), Some(set(0)));
    // Somebody set another value.
    let other = then(vec![found("a", "drifted"), intends(7000, 1200), fixed()]);
    assert_eq!(back(other), Some(set(7000)));
    // Whether the last change came about is not known: either may stand.
    let unsure = then(vec![found("a", "drifted"), intends(1200, 600), not_fixed()]);
    let unsure = made(unsure).unwrap();
    assert_eq!((unsure.left, unsure.before, unsure.back), (set(600), Some(set(1200)), Some(set(0))));
    assert_eq!(made(stricter).unwrap().before, None);
}

#[test]
fn what_was_seen_to_be_set_by_somebody_else_is_theirs() {
    let first = vec![found("a", "drifted"), intends(0, 1), fixed()];
    let others = |more: Vec<Event>| made([first.clone(), more].concat()).unwrap().others;
    assert_eq!(others(vec![found("a", "compliant")]), None);
    assert_eq!(others(vec![found("a", "drifted")]), None);
    assert_eq!(others(vec![found("a", "unknown"), found("a", "compliant")]), None);
    let theirs = others(vec![found("a", "drifted"), found("a", "compliant"), found("a", "compliant")]);
    assert_eq!(theirs.as_deref(), Some("2026-03-31T08:00:04Z"));
    // The agent mended it, or a run broke off whose change came about.
    assert_eq!(others(vec![found("a", "drifted"), intends(0, 1), fixed(), found("a", "compliant")]), None);
    assert_eq!(others(vec![found("a", "drifted"), intends(0, 1), found("a", "compliant")]), None);
    // It refused, and then it was so.
    assert!(others(vec![found("a", "drifted"), intends(0, 1), not_fixed(), found("a", "compliant")]).is_some());
    // A change after that is the agent's again.
    let theirs = vec![found("a", "drifted"), found("a", "compliant"), found("a", "drifted"), intends(1, 2), fixed()];
    let again = made([first, theirs].concat()).unwrap();
    assert_eq!((again.others, again.back), (None, Some(set(1))));
}

/// The same event of the control `b`.
fn b(mut event: Event) -> Event {
    match &mut event {
        Event::Intends { control, .. }
        | Event::Fixed { control, .. }
        | Event::NotFixed { control, .. }
        | Event::TakesBack { control, .. }
        | Event::TakenBack { control, .. } => "b".clone_into(control),
        other => panic!("{other:?}"),
    }
    event
}

#[test]
fn who_else_had_set_it_is_known_for_as_long_as_each_found_what_the_other_left() {
    let whose = |events: Vec<Event>| {
        let made = made(events).unwrap();
        (made.control, made.also, made.back)
    };
    let a = vec![intends(5, 0), fixed()];
    let then = |more: Vec<Event>| [a.clone(), more].concat();
    assert_eq!(whose(a.clone()), ("a".into(), vec![], Some(set(5))));
    let both = then(vec![b(intends(0, 0)), b(fixed())]);
    assert_eq!(whose(both.clone()), ("b".into(), vec!["a".to_owned()], Some(set(5))));
    // Each once, the latest last, and never itself.
    assert_eq!(
        whose([both.clone(), a.clone()].concat()),
        ("a".into(), vec!["b".to_owned()], Some(set(5))),
        "somebody had set it to 5, and b wants it set all the same"
    );
    let again = [both.clone(), vec![intends(0, 0), fixed()], vec![b(intends(0, 0)), b(fixed())]].concat();
    assert_eq!(whose(again), ("b".into(), vec!["a".to_owned()], Some(set(5))));
    assert_eq!(whose(then(vec![b(intends(9, 0)), b(fixed())])), ("b".into(), vec!["a".to_owned()], Some(set(9))));
    // What b could not bring about and undid leads to what a had left, and a has it again.
    for (value, other) in [(0, 0), (1, 0)] {
        let undone = vec![b(intends(other, value)), b(not_fixed()), b(takes_back(other)), b(taken_back(true))];
        assert_eq!(whose(then(undone)), ("a".into(), vec![], Some(set(5))), "{value}");
    }
    // Put back for b it stands no more, for nobody.
    assert_eq!(made([both, vec![b(takes_back(5)), b(taken_back(true))]].concat()), None);
}

/// What b could not bring about, and undid.
fn failed(whole: bool) -> Vec<Event> {
    vec![b(intends(0, 0)), b(not_fixed()), b(takes_back(0)), b(taken_back(whole))]
}

#[test]
fn what_a_failed_change_gave_back_is_not_taken_for_somebody_elses() {
    let once = [vec![intends(5, 0), fixed()], failed(true), vec![found("a", "compliant")]].concat();
    for events in [once.clone(), [once, failed(true), vec![found("a", "compliant")]].concat()] {
        let made = made(events).unwrap();
        assert_eq!((made.control.as_str(), made.others, made.back), ("a", None, Some(set(5))));
    }
}

#[test]
fn a_failed_change_gives_the_setting_back_to_whoever_left_it_so() {
    // b's own earlier change stands, and a's is below it.
    let both = [vec![intends(5, 0), fixed(), b(intends(0, 0)), b(fixed())], failed(true)].concat();
    let made_by = |events: Vec<Event>| {
        let made = made(events).unwrap();
        (made.control, made.also, made.at)
    };
    assert_eq!(made_by(both), ("b".into(), vec!["a".to_owned()], "2026-03-31T08:00:02Z".into()));
    // As long as some of b's change may be left, b has a say.
    let half = [vec![intends(5, 0), fixed()], failed(false)].concat();
    assert_eq!(made_by(half), ("a".into(), vec!["b".to_owned()], "2026-03-31T08:00:00Z".into()));
}

#[test]
fn one_run_is_no_earlier_run_and_a_failed_change_gives_the_run_back() {
    let of = |events: Vec<(&str, Event)>| {
        let mut history = History::default();
        for (run, event) in events {
            history.apply(&entry("2026-03-31T08:00:00Z", run, event));
            // Who left it so outlasts a checkpoint.
            for event in history.clone().checkpoint_events(None) {
                history.apply(&entry("2026-03-31T08:00:00Z", run, event));
            }
        }
        let made = history.made[SETTING].clone();
        (made.run, made.further)
    };
    let a = |run| vec![(run, intends(5, 0)), (run, fixed())];
    let then = |run| [a("r1"), vec![(run, b(intends(0, 0))), (run, b(fixed()))]].concat();
    assert_eq!(of(then("r1")), ("r1".into(), false));
    assert_eq!(of(then("r2")), ("r2".into(), true));
    let undone = failed(true).into_iter().map(|event| ("r2", event)).collect();
    assert_eq!(of([a("r1"), undone].concat()), ("r1".into(), false));
}

#[test]
fn only_what_is_on_record_as_put_back_no_longer_stands() {
    let first = vec![found("a", "drifted"), intends(0, 1), fixed()];
    let then = |more: Vec<Event>| made([first.clone(), more].concat());
    assert!(then(vec![takes_back(0)]).is_some());
    assert!(then(vec![taken_back(true)]).is_some(), "nothing was announced");
    assert!(then(vec![takes_back(0), taken_back(false)]).is_some());
    assert!(then(vec![takes_back(5), taken_back(true)]).is_some(), "another value");
    assert_eq!(then(vec![takes_back(0), taken_back(true)]), None);
    // Of another run: what one announced and did not finish, the next did not do.
    let mut history = History::default();
    for (n, (run, event)) in
        [("r1", intends(0, 1)), ("r1", takes_back(0)), ("r2", taken_back(true))].into_iter().enumerate()
    {
        history.apply(&entry(&format!("2026-03-31T08:00:0{n}Z"), run, event));
    }
    assert!(history.made.contains_key(SETTING));
}

#[test]
fn a_change_of_several_settings_is_kept_setting_by_setting_in_the_order_of_its_undo() {
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let change = Announced {
        argv: line(&["/usr/bin/pmset", "-a", "destroyfvkeyonstandby", "1", "standby", "0"]),
        prior: [].into(),
        undo: vec![
            line(&["/usr/bin/pmset", "-a", "destroyfvkeyonstandby", "0"]),
            line(&["/usr/bin/pmset", "-c", "standby", "1"]),
        ],
    };
    let history = fold([("1", Event::Intends { control: "a".to_owned(), changes: vec![change] })]);
    let of = |setting: &str| history.made[setting].clone();
    assert_eq!(history.made.len(), 3);
    assert_eq!(of("pmset destroyfvkeyonstandby").place, 0);
    assert_eq!(of("pmset standby (AC Power)").place, 1);
    assert_eq!(of("pmset standby (AC Power)").back, Some(line(&["/usr/bin/pmset", "-c", "standby", "1"])));
    // The battery had no such setting.
    assert_eq!(of("pmset standby (Battery Power)").back, None);
}

#[test]
fn the_longest_change_that_a_line_can_hold_is_kept_and_a_longer_one_is_named() {
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let wide = |length: usize| {
        let text = "x".repeat(length);
        let change = Announced {
            argv: line(&["/usr/bin/defaults", "write", "/Library/Preferences/d", "K", "-bool", "true"]),
            prior: [("/Library/Preferences/d K".to_owned(), text.clone().into())].into(),
            undo: vec![line(&["/usr/bin/defaults", "write", "/Library/Preferences/d", "K", "-string", &text])],
        };
        entry("1", "r", Event::Intends { control: "a".to_owned(), changes: vec![change] })
    };
    let fits = (3000..4000).rev().find(|length| encode(&wide(*length)).is_ok_and(|line| !line.shortened)).unwrap();
    let mut history = large();
    history.apply(&wide(fits));
    assert!(history.made[SETTING].back.is_some(), "{fits}");
    for event in history.checkpoint_events(Some("compliance.000000000001.ndjson")) {
        let written = encode(&entry("2026-03-31T08:00:00.000Z", &"r".repeat(128), event)).unwrap();
        assert!(!written.shortened && written.bytes.len() <= MAX_LINE);
    }
    let mut longer = History::default();
    longer.apply(&wide(6000));
    assert_eq!((longer.made[SETTING].back.clone(), longer.made[SETTING].left.len()), (None, 0));
}

/// What happens to one setting.
#[derive(Clone, Debug)]
enum Happens {
    /// Policy wants this, and a pass comes; the second says whether its result is still on record.
    Pass(i64, bool),
    /// Somebody else sets it.
    Set(i64),
}

fn happens() -> impl Strategy<Value = Vec<Happens>> {
    let one = prop_oneof![
        3 => (1_i64..5, any::<bool>()).prop_map(|(value, ended)| Happens::Pass(value, ended)),
        2 => (0_i64..7).prop_map(Happens::Set),
    ];
    vec(one, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Against the setting's real story: whenever it stands as the agent left it, the way back leads to what was there before
    /// the agent's changes in a row began.
    #[test]
    fn the_way_back_is_that_of_the_whole_story(story in happens(), start in 0_i64..7, at in any::<prop::sample::Index>()) {
        let cut = at.index(story.len());
        let (mut is, mut left, mut base) = (start, None, None);
        // What the agent had left before a change whose result is not on record: it may stand yet, so it counts as the agent's.
        let mut before = None;
        let mut history = History::default();
        for (n, one) in story.into_iter().enumerate() {
            let mut lines = Vec::new();
            match one {
                Happens::Set(value) => is = value,
                Happens::Pass(value, _) if value == is => lines.push(found("a", "compliant")),
                Happens::Pass(value, ended) => {
                    lines.extend([found("a", "drifted"), intends(is, value)]);
                    lines.extend(ended.then(fixed));
                    let is_ours = left == Some(is) || before == Some(is);
                    if !is_ours {
                        base = Some(is);
                    }
                    before = (is_ours && !ended).then_some(is);
                    (is, left) = (value, Some(value));
                }
            }
            for event in lines {
                history.apply(&entry(&format!("2026-03-31T08:00:{n:02}Z"), "r", event));
            }
            if n == cut {
                for event in history.clone().checkpoint_events(None) {
                    history.apply(&entry("2026-03-31T08:00:00Z", "r", event));
                }
            }
            if left == Some(is) {
                let made = &history.made[SETTING];
                prop_assert_eq!(&made.left, &set(is));
                prop_assert_eq!(&made.back, &base.map(set));
                prop_assert_eq!(&made.others, &None);
            }
        }
    }
}
