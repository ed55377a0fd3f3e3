//! The schedule where the clock was set back.

use super::*;
use crate::ledger::{Cause, Stage};

const BEFORE: &str = "2026-03-31T10:00:00.000Z";
const LITTLE: &str = "2026-03-31T09:55:00.000Z";
const MUCH: &str = "2026-03-31T08:00:00.000Z";

/// An item and a user that are settled at ten, and then a gap that ends at `to`.
fn history(why: &str, to: &str) -> History {
    let cause = Cause { kind: "schedule".into(), user: None, detail: None };
    let started = Event::RunStarted {
        command: "enforce".into(),
        cause,
        agent: "0.1.0".into(),
        mac: None,
        policy: String::new(),
        partial: false,
        items: vec!["checks".into()],
    };
    let scheduled = Event::Scheduled { item: "checks".into(), form: "every hour".into(), anchor: BEFORE.into() };
    let requested = Event::SignOut {
        stage: Stage::Requested,
        user: "ada".into(),
        due: BEFORE.into(),
        triggers: Vec::new(),
        detail: String::new(),
        until: None,
    };
    let gap = Event::Gap { from: BEFORE.into(), to: to.into(), why: why.into() };
    fold([(BEFORE, scheduled), (BEFORE, started), (BEFORE, requested), (to, gap)])
}

fn times(history: &History) -> [Option<&str>; 3] {
    let item = &history.schedule["checks"];
    [Some(item.anchor.as_str()), item.settled.as_deref(), history.sign_outs["ada"].settled.as_deref()]
}

#[test]
fn what_lies_ahead_by_more_than_five_minutes_is_taken_back() {
    assert_eq!(times(&history("clock_set_back", MUCH)), [Some(MUCH); 3]);
    // When it was done stays on record.
    assert_eq!(history("clock_set_back", MUCH).schedule["checks"].last_run.as_deref(), Some(BEFORE));
}

#[test]
fn nothing_else_takes_it_back() {
    for (why, to) in [("clock_set_back", LITTLE), ("clock_set_back", "then"), ("asleep", MUCH)] {
        assert_eq!(times(&history(why, to)), [Some(BEFORE); 3], "{why} {to}");
    }
}

#[test]
fn a_request_that_is_refused_later_does_not_bring_it_forward_again() {
    let mut history = history("asleep", BEFORE);
    let step = |stage, time: &str| {
        let (user, due, detail) = ("ada".to_owned(), time.to_owned(), String::new());
        entry(time, "r1", Event::SignOut { stage, user, due, triggers: Vec::new(), detail, until: None })
    };
    history.apply(&step(Stage::Delivered, BEFORE));
    history.apply(&step(Stage::Requested, "2026-03-31T11:00:00.000Z"));
    let gap = Event::Gap { from: BEFORE.into(), to: MUCH.into(), why: "clock_set_back".into() };
    history.apply(&entry(MUCH, "r1", gap));
    history.apply(&step(Stage::NotDone, "2026-03-31T08:00:10.000Z"));
    assert_eq!(history.sign_outs["ada"].settled.as_deref(), Some(MUCH));
}
