//! What a crash leaves, and what only looks like it.

use super::*;

/// A ledger of ten lines whose end is recorded, and the bytes of two lines more that a run wrote and then was killed.
fn killed() -> (Test, Vec<u8>, Vec<u8>) {
    let test = Test::with_lines(10, NO_ROTATION);
    let (recorded, record) = (std::fs::read(test.current()).unwrap(), std::fs::read(&test.head).unwrap());
    let mut ledger = test.open(NO_ROTATION);
    (11..=12).for_each(|n| ledger.append(found(n)).unwrap());
    drop(ledger);
    put(&test.head, &record);
    let whole = std::fs::read(test.current()).unwrap();
    (test, recorded, whole)
}

#[test]
fn what_a_crash_leaves_is_told_from_harm_before_it_is_mended() {
    let (test, recorded, whole) = killed();
    for length in recorded.len()..=whole.len() {
        put(&test.current(), &whole[..length]);
        let report = look(&test);
        assert_eq!((report.problems.as_slice(), report.ok), (&[] as &[Problem], true), "cut at {length}");
        let is_cut = whole[length - 1] != b'\n';
        let says = report.unfinished.as_ref().is_some_and(|u| u.what.contains("cut short, probably by a crash"));
        assert_eq!((says, report.unfinished.is_some()), (is_cut, is_cut), "cut at {length}");
    }
    // The same cut within what is on record is harm.
    let end = std::fs::read(test.current()).unwrap();
    test.open(NO_ROTATION).close().unwrap();
    put(&test.current(), &end[..end.len() - 1]);
    let report = look(&test);
    assert!(!report.ok && report.unfinished.is_none());
}

#[test]
fn a_mending_that_is_cut_at_any_byte_is_never_taken_for_harm() {
    let (test, recorded, whole) = killed();
    let record = std::fs::read(&test.head).unwrap();
    for torn_at in [recorded.len() + 1, recorded.len() + 90, whole.len() - 2, whole.len() - 1] {
        put(&test.current(), &whole[..torn_at]);
        put(&test.head, &record);
        drop(test.open(NO_ROTATION));
        let mended = std::fs::read(test.current()).unwrap();
        for length in torn_at..=mended.len() {
            put(&test.current(), &mended[..length]);
            put(&test.head, &record);
            assert!(look(&test).ok, "torn at {torn_at}, mending cut at {length}: {:#?}", look(&test).problems);
            drop(test.open(NO_ROTATION));
            let report = look(&test);
            assert!(
                report.ok && report.unfinished.is_none(),
                "torn at {torn_at}, mending cut at {length}: {report:#?}"
            );
            assert!(std::fs::read(test.current()).unwrap().starts_with(&mended[..length]));
        }
    }
}

#[test]
fn whole_lines_that_cannot_be_read_are_never_marked_away() {
    let garbage: [&[u8]; 5] = [b"x\n", b"\n", b"{\"v\":1\n", b"x\ny\n", b"x\ncut sho"];
    for put_in in garbage {
        for record_moves in [true, false] {
            let test = Test::with_lines(10, NO_ROTATION);
            let record = std::fs::read(&test.head).unwrap();
            let bytes = std::fs::read(test.current()).unwrap();
            put(&test.current(), &[&bytes, put_in].concat());
            assert_names(&look(&test), CURRENT, 11, "before the next run");
            for _ in 0..3 {
                drop(test.open(NO_ROTATION));
                if !record_moves {
                    put(&test.head, &record);
                }
                assert_names(&look(&test), CURRENT, 11, "after the next run");
                let mut ledger = test.open(NO_ROTATION);
                ledger.append(found(1)).unwrap();
                ledger.close().unwrap();
            }
            let report = look(&test);
            assert_names(&report, CURRENT, 11, "after later runs");
            assert_eq!(report.torn, u64::from(put_in.ends_with(b"sho")), "{put_in:?}");
        }
    }
}

#[test]
fn a_mark_for_a_line_that_no_crash_left_does_not_excuse_it() {
    let test = Test::with_lines(3, NO_ROTATION);
    let bytes = std::fs::read(test.current()).unwrap();
    put(&test.current(), &[&bytes, b"x\n".as_slice()].concat());
    let mut ledger = test.open(NO_ROTATION);
    ledger.append(Event::Torn { line: 4 }).unwrap();
    ledger.close().unwrap();
    let report = look(&test);
    assert_names(&report, CURRENT, 4, "the line");
    assert_names(&report, CURRENT, 5, "the mark");
}

#[test]
fn a_rotation_that_a_crash_interrupts_is_unfinished_and_a_removed_segment_is_not() {
    let test = Test::with_lines(40, 6000);
    let record = std::fs::read(&test.head).unwrap();
    let segments = test.segments();
    let full = &segments[segments.len() - 2].1;
    let last = lines_of(full).pop().unwrap();
    let seq = line::decode(last.trim_ascii_end()).unwrap().seq;
    let head = Head { v: 1, seq, hash: line::hash(last.trim_ascii_end()), segment: CURRENT.to_owned() };
    for is_there in [true, false] {
        if is_there {
            put(&test.current(), b"")
        } else {
            remove(&test.current())
        }
        put(&test.head, &record);
        assert!(!look(&test).ok, "the record names more");
        put(&test.head, &serde_json::to_vec(&head).unwrap());
        let report = look(&test);
        assert!(report.ok && report.unfinished.as_ref().is_some_and(|u| u.what.contains("rotation")), "{report:#?}");
    }
}

#[test]
fn no_ledger_is_said_to_be_none() {
    let test = Test::new();
    assert!(verify(&test.folder, &test.head).unwrap().is_absent());
    drop(test.open(NO_ROTATION));
    let begun = look(&test);
    assert!(!begun.is_absent() && begun.has_nothing(), "it was begun, and no run was made: {begun:?}");
    remove(&test.current());
    remove(&test.head);
    assert!(look(&test).is_absent() && look(&test).has_nothing());
    put(&test.head, br#"{"v":1,"seq":3,"hash":"00","segment":"compliance.ndjson"}"#);
    assert!(!look(&test).is_absent() && !look(&test).has_nothing());
}

#[test]
fn a_problem_cannot_steer_the_terminal() {
    let problem = Problem { segment: "compliance\u{1b}[2J.ndjson".into(), line: 3, what: "a\u{202e}b".into() };
    assert_eq!(problem.to_string(), "compliance\\u{1b}[2J.ndjson:3: a\\u{202e}b");
}
