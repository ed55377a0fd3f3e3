//! A checkpoint stands for everything before it, whatever that was.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ledger::line::decode;
use crate::ledger::{Announced, Cause, Stage};

/// Times in order, out of order, and none at all.
fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0_i64..200_000).prop_map(|seconds| stamp(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds))),
        1 => Just("no time".to_owned()),
        1 => Just("1".to_owned()),
    ]
}

/// Few enough to meet again, some of them odd or far too long.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0_u8..4).prop_map(|n| format!("name_{n}")),
        2 => (0_u8..60).prop_map(|n| format!("control:name_{n}")),
        2 => "\\PC{0,12}",
        1 => "[\\x00-\\x1f\"\\\\]{0,255}",
        1 => any::<char>().prop_map(|c| c.to_string().repeat(400)),
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    use Stage::{
        Confirmed, Deferred, Delivered, GivenUp, Held, NotApplicable, NotDone, Postponed, Requested, Unconfirmed,
    };
    prop::sample::select(vec![
        Deferred,
        Postponed,
        Held,
        Requested,
        Delivered,
        Confirmed,
        Unconfirmed,
        NotDone,
        GivenUp,
        NotApplicable,
    ])
}

fn event() -> impl Strategy<Value = Event> {
    let state = || prop::sample::select(vec!["compliant", "drifted", "unknown"]).prop_map(str::to_owned);
    prop_oneof![
        (name(), state()).prop_map(|(control, state)| found(&control, &state)),
        (name(), vec(change(), 0..4)).prop_map(|(control, changes)| Event::Intends { control, changes }),
        (name(), vec(command(), 0..3)).prop_map(|(control, changes)| Event::TakesBack { control, changes }),
        (name(), any::<bool>()).prop_map(|(control, whole)| Event::TakenBack { control, whole, seen: String::new() }),
        name().prop_map(|control| Event::Fixed { control, seen: String::new() }),
        (name(), state(), any::<bool>()).prop_map(|(control, state, refused)| Event::NotFixed {
            control,
            state,
            why: String::new(),
            refused
        }),
        (name(), vec(name(), 0..12)).prop_map(|(control, suspects)| Event::Contested {
            control,
            mended: Vec::new(),
            suspects
        }),
        name().prop_map(|control| Event::Rearmed { control, because: String::new() }),
        (name(), name()).prop_map(|(control, policy)| Event::Held { control, policy }),
        name().prop_map(|control| Event::Resumed { control, because: String::new() }),
        (name(), vec(name(), 0..4)).prop_map(|(text, items)| Event::RunStarted {
            command: text.clone(),
            cause: Cause { kind: text.clone(), user: Some(text.clone()), detail: Some(text.clone()) },
            agent: String::new(),
            mac: None,
            policy: text,
            partial: false,
            items
        }),
        vec(name(), 0..4).prop_map(|unchanged| Event::RunEnded {
            counts: Counts { drifted: 3, ..Counts::default() },
            interrupted: false,
            partial: true,
            unchanged
        }),
        (name(), name(), time()).prop_map(|(item, form, anchor)| Event::Scheduled { item, form, anchor }),
        (name(), time(), vec(name(), 0..20), any::<bool>(), prop::option::of(name())).prop_map(
            |(item, last, why, made_up, user)| Event::Missed {
                item,
                first: last.clone(),
                last,
                count: 2,
                why,
                made_up,
                user
            }
        ),
        (stage(), name(), time(), name(), prop::option::of(time())).prop_map(|(stage, user, due, detail, until)| {
            Event::SignOut { stage, user, due, triggers: Vec::new(), detail, until }
        }),
        Just(Event::DaemonStarted { agent: String::new(), pid: 1 }),
        Just(Event::DaemonStopped { because: String::new() }),
    ]
}

/// Commands of the agent's, and others.
fn command() -> impl Strategy<Value = Vec<String>> {
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    prop_oneof![
        4 => (0_i64..3).prop_map(move |n| line(&["/usr/bin/pmset", "-b", "standby", &n.to_string()])),
        2 => Just(line(&["/usr/bin/pmset", "-a", "destroyfvkeyonstandby", "1", "hibernatemode", "25", "standby", "0"])),
        2 => name().prop_map(move |text| line(&["/usr/bin/defaults", "write", "/Library/Preferences/d", "K", "-string", &text])),
        1 => vec(name(), 0..4),
    ]
}

fn change() -> impl Strategy<Value = Announced> {
    (command(), vec(command(), 0..3)).prop_map(|(argv, undo)| Announced { argv, prior: [].into(), undo })
}

fn lines() -> impl Strategy<Value = Vec<Entry>> {
    let boot = prop::option::of(name());
    let line = (time(), name(), boot, event()).prop_map(|(time, run, boot, event)| {
        let mut entry = entry(&time, &run, event);
        entry.boot = boot;
        entry
    });
    vec(line, 0..120)
}

fn fold_lines<'a>(lines: impl IntoIterator<Item = &'a Entry>) -> History {
    let mut history = History::default();
    for line in lines {
        history.apply(line);
    }
    history
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_checkpoint_and_what_follows_come_to_the_same_as_everything(lines in lines(), at in any::<prop::sample::Index>()) {
        let (before, after) = lines.split_at(at.index(lines.len() + 1));
        let first = fold_lines(before);
        // What was there before must not show through.
        let mut again = fold_lines(&[entry("2", "r", found("gone", "drifted"))]);
        for event in first.checkpoint_events(Some("compliance.000000000001.ndjson")) {
            let mut line = entry("2026-03-31T08:00:00.000Z", &"r".repeat(128), event);
            line.boot = first.boot.clone();
            let written = encode(&line).unwrap();
            prop_assert!(!written.shortened && written.bytes.len() <= MAX_LINE);
            again.apply(&decode(&written.bytes[..written.bytes.len() - 1]).unwrap());
        }
        prop_assert_eq!(&again, &first);
        for line in after {
            again.apply(line);
        }
        prop_assert_eq!(again, fold_lines(&lines));
    }
}

#[test]
fn a_checkpoint_of_155_items_and_of_users_with_any_names_is_made_of_whole_lines() {
    let mut history = large();
    for n in 0..155 {
        let item = format!("control:a_control_with_a_name_of_usual_length_{n}");
        let scheduled = Event::Scheduled { item, form: "é".repeat(3000), anchor: "2026-03-31T08:00:00.000Z".into() };
        history.apply(&entry("2026-03-31T08:00:00.000Z", "r", scheduled));
    }
    for c in ['\u{1b}', '"', '\u{10fffd}', '\u{202e}', 'é', '\u{7f}'] {
        let user = c.to_string().repeat(255 / c.len_utf8());
        let due = "2026-03-31T08:00:00.000Z".to_owned();
        let event = Event::SignOut {
            stage: Stage::Delivered,
            user: user.clone(),
            due,
            triggers: Vec::new(),
            detail: c.to_string().repeat(5000),
            until: None,
        };
        history.apply(&entry("2026-03-31T08:00:00.000Z", "r", event));
        assert!(history.sign_outs.contains_key(&user));
    }
    let mut again = History::default();
    for event in history.checkpoint_events(None) {
        let written = encode(&entry("2026-03-31T08:00:00.000Z", "r", event)).unwrap();
        assert!(!written.shortened);
        again.apply(&decode(&written.bytes[..written.bytes.len() - 1]).unwrap());
    }
    assert_eq!(again, history);
    assert_eq!((again.schedule.len(), again.sign_outs.len()), (155, 6));
}
