use super::*;
use crate::ledger::line::{MAX_LINE, NO_HASH, encode};
use crate::ledger::testing::{run_ended, run_started};

mod daemon;
mod made;
mod properties;
mod set_back;

fn entry(time: &str, run: &str, event: Event) -> Entry {
    Entry {
        v: 1,
        seq: 1,
        time: time.to_owned(),
        boot: None,
        run: run.to_owned(),
        simulated: false,
        event,
        prev: NO_HASH.to_owned(),
    }
}

fn found(control: &str, state: &str) -> Event {
    Event::Found {
        control: control.to_owned(),
        state: state.to_owned(),
        mode: "enforce".to_owned(),
        seen: String::new(),
        wanted: None,
    }
}

fn fold<'a>(events: impl IntoIterator<Item = (&'a str, Event)>) -> History {
    let mut history = History::default();
    for (time, event) in events {
        history.apply(&entry(time, "r1", event));
    }
    history
}

#[test]
fn a_state_counts_from_when_it_began_and_not_from_the_last_look() {
    let history = fold([("1", found("a", "drifted")), ("2", found("a", "drifted")), ("3", found("a", "unknown"))]);
    let standing = &history.controls["a"];
    assert_eq!((standing.state.as_str(), standing.since.as_str(), standing.seen_at.as_str()), ("unknown", "3", "3"));
    let history = fold([("1", found("a", "drifted")), ("2", found("a", "drifted"))]);
    assert_eq!((history.controls["a"].since.as_str(), history.controls["a"].seen_at.as_str()), ("1", "2"));
}

#[test]
fn only_what_was_seen_to_hold_counts_as_mended() {
    let intends = Event::Intends { control: "a".to_owned(), changes: Vec::new() };
    let not_fixed =
        Event::NotFixed { control: "a".to_owned(), state: "drifted".to_owned(), why: String::new(), refused: false };
    let fixed = Event::Fixed { control: "a".to_owned(), seen: String::new() };
    let history = fold([("1", found("a", "drifted")), ("2", intends.clone()), ("3", not_fixed)]);
    assert_eq!((history.controls["a"].state.as_str(), history.controls["a"].fixes), ("drifted", 0));
    let history = fold([("1", found("a", "drifted")), ("2", intends), ("3", fixed.clone()), ("4", fixed)]);
    let standing = &history.controls["a"];
    assert_eq!((standing.state.as_str(), standing.since.as_str()), ("compliant", "3"));
    assert_eq!((standing.fixed_at.as_deref(), standing.fixes), (Some("4"), 2));
}

#[test]
fn an_interrupted_run_does_not_hide_the_last_that_ended() {
    let mut history = History::default();
    history.apply(&entry("1", "r1", run_started("enforce")));
    history.apply(&entry("2", "r1", run_ended(3)));
    history.apply(&entry("3", "r2", run_started("check")));
    // Of a run that did not begin here.
    history.apply(&entry("4", "r9", run_ended(9)));
    let (begun, ended) = (history.runs.begun.unwrap(), history.runs.ended.unwrap());
    assert_eq!((begun.run.as_str(), begun.command.as_str(), begun.counts), ("r2", "check", None));
    assert_eq!((ended.run.as_str(), ended.started.as_str(), ended.ended.as_deref()), ("r1", "1", Some("2")));
    assert_eq!(ended.counts.unwrap().compliant, 3);
}

#[test]
fn a_run_says_who_began_it_whether_it_was_whole_and_whether_it_was_broken_off() {
    for (begun, ended, interrupted) in [(true, false, false), (false, true, true), (false, false, false)] {
        let mut history = History::default();
        let Event::RunStarted { command, mut cause, agent, mac, policy, .. } = run_started("enforce") else { panic!() };
        (cause.user, cause.detail) = (Some("root".to_owned()), Some("enforce --level 3".to_owned()));
        let partial = begun;
        history.apply(&entry(
            "1",
            "r1",
            Event::RunStarted { command, cause, agent, mac, policy, partial, items: Vec::new() },
        ));
        assert_eq!(history.runs.begun.as_ref().unwrap().partial, begun);
        let counts = Counts::default();
        history.apply(&entry(
            "2",
            "r1",
            Event::RunEnded { counts, interrupted, partial: ended, unchanged: Vec::new() },
        ));
        let run = history.runs.ended.unwrap();
        assert_eq!((run.partial, run.interrupted), (begun || ended, interrupted));
        assert_eq!((run.user.as_deref(), run.detail.as_deref()), (Some("root"), Some("enforce --level 3")));
    }
}

#[test]
fn no_run_moves_the_time_that_is_reckoned_with_back_or_far_ahead() {
    let mut history = History::default();
    let mut reckoned = |time: &str| {
        history.apply(&entry(time, "r1", run_started("enforce")));
        history.runs.reckoned.clone().unwrap()
    };
    assert_eq!(reckoned("2026-03-31T08:00:00.000Z"), "2026-03-31T08:00:00.000Z");
    assert_eq!(reckoned("2026-03-31T09:00:00.000Z"), "2026-03-31T09:00:00.000Z");
    assert_eq!(reckoned("2099-01-01T00:00:00.000Z"), "2026-04-02T09:00:00.000Z");
    assert_eq!(reckoned("1970-01-01T00:00:00.000Z"), "2026-04-02T09:00:00.000Z");
    assert_eq!(reckoned("no time at all"), "2026-04-02T09:00:00.000Z");
}

fn large() -> History {
    let mut history = History::default();
    let long = || "é".repeat(500);
    let Event::RunStarted { agent, mac, policy, partial, .. } = run_started("") else { panic!() };
    let cause = crate::ledger::Cause { kind: long(), user: Some(long()), detail: Some(long()) };
    let started = Event::RunStarted { command: long(), cause, agent, mac, policy, partial, items: Vec::new() };
    history.apply(&entry("2026-03-31T08:00:00.000Z", &"r".repeat(500), started));
    history.apply(&entry("2026-03-31T08:00:00.000Z", &"r".repeat(500), run_ended(3)));
    for n in 0..300 {
        let event = found(&format!("control_{n}"), "not_applicable");
        history.apply(&entry("2026-03-31T08:00:00.000Z", "r1", event));
    }
    history
}

#[test]
fn a_checkpoint_of_any_size_stands_for_the_history() {
    for history in [History::default(), fold([("1", found("a", "drifted"))]), large()] {
        let events = history.checkpoint_events(Some("compliance.000000000001.ndjson"));
        // What was before it does not show through.
        let mut again = fold([("1", found("gone", "drifted"))]);
        let completed: Vec<_> = events
            .into_iter()
            .map(|event| {
                let entry = entry("2026-03-31T08:00:00.000Z", "r", event);
                assert!(!encode(&entry).unwrap().shortened);
                again.apply(&entry)
            })
            .collect();
        assert_eq!(completed.iter().filter(|completed| **completed).count(), 1);
        assert_eq!(completed.last(), Some(&true));
        assert_eq!(again, history);
    }
    assert!(large().checkpoint_events(None).len() > 300 * 100 / MAX_LINE);
}

#[test]
fn parts_of_a_checkpoint_are_not_one() {
    let events = large().checkpoint_events(None);
    let lack: [Vec<usize>; 4] = [(1..events.len()).collect(), vec![0], vec![0, 2], vec![1, 0]];
    for order in lack {
        let before = fold([("1", found("a", "drifted"))]);
        let mut history = before.clone();
        for n in order {
            assert!(!history.apply(&entry("2", "r1", events[n].clone())));
        }
        assert_eq!(history.controls, before.controls);
    }
    // Begun, cut short, and then written whole.
    let mut history = History::default();
    for event in events.iter().take(2).chain(&events) {
        history.apply(&entry("2", "r1", event.clone()));
    }
    assert_eq!(history, large());
}

#[test]
fn what_no_agent_writes_is_not_folded() {
    let long = "x".repeat(LONGEST_WORD + 1);
    let events = [found(&long, "drifted"), found("é", "drifted"), found("a", &long), found("a b", "drifted")];
    assert_eq!(fold(events.map(|event| ("1", event))), History::default());
    assert_eq!(fold([(long.as_str(), found("a", "drifted"))]), History::default());
}
