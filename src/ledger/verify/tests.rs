use super::*;
use crate::ledger::line::NO_HASH;
use crate::ledger::testing::{Place as Test, found, put, remove, rename};
use crate::ledger::{Journal, Ledger};

const NO_ROTATION: u64 = 1 << 20;

/// One look, without waiting for what might be at work.
fn look(test: &Test) -> Report {
    Check::of(&test.folder, &test.head).unwrap().0
}

fn assert_names(report: &Report, segment: &str, line: u64, what: &str) {
    let names = report.problems.iter().any(|p| p.segment == segment && p.line == line);
    assert!(names && !report.ok, "{what}: {segment}:{line} is not named: {:#?}", report.problems);
}

fn assert_says(report: &Report, segment: &str, line: u64, words: &str) {
    let says = report.problems.iter().any(|p| p.segment == segment && p.line == line && p.what.contains(words));
    assert!(says && !report.ok, "{segment}:{line}: nothing says `{words}`: {:#?}", report.problems);
}

fn lines_of(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_ledger_that_nobody_touched_is_sound() {
    for max in [NO_ROTATION, 4000, 1] {
        let test = Test::with_lines(40, max);
        let report = verify(&test.folder, &test.head).unwrap();
        assert_eq!((report.problems.as_slice(), report.ok), (&[] as &[Problem], true));
        assert_eq!((report.lines, report.first_seq), (report.last_seq, 1));
        assert!(report.lines >= 40);
        assert_eq!(report.segments.len() > 1, max < NO_ROTATION);
    }
}

#[test]
fn no_ledger_is_no_problem() {
    let test = Test::new();
    assert!(verify(&test.folder, &test.head).unwrap().ok);
}

#[test]
fn every_altered_byte_is_found_and_its_line_named() {
    for max in [NO_ROTATION, 6000] {
        let test = Test::with_lines(40, max);
        let mut flips = 0;
        for (name, bytes) in test.segments() {
            let path = test.folder.join(&name);
            let mut line = 1;
            for at in 0..bytes.len() {
                let mut altered = bytes.clone();
                altered[at] ^= 1 << (at % 8);
                put(&path, &altered);
                assert_names(&look(&test), &name, line, &format!("byte {at} altered"));
                line += u64::from(bytes[at] == b'\n');
                flips += 1;
            }
            put(&path, &bytes);
        }
        assert!(flips > 8000 && look(&test).ok);
    }
}

#[test]
fn every_removed_line_is_found() {
    for max in [NO_ROTATION, 3000] {
        let test = Test::with_lines(40, max);
        for (name, bytes) in test.segments() {
            let lines = lines_of(&bytes);
            for gone in 0..lines.len() {
                let mut left = lines.clone();
                left.remove(gone);
                put(&test.folder.join(&name), &left.concat());
                let report = look(&test);
                let near = report.problems.iter().any(|p| p.segment == name && p.line.abs_diff(gone as u64 + 1) <= 1);
                assert!(near, "{name}:{}: {:#?}", gone + 1, report.problems);
            }
            put(&test.folder.join(&name), &bytes);
        }
    }
}

#[test]
fn every_two_swapped_lines_are_found() {
    let test = Test::with_lines(40, 6000);
    for (name, bytes) in test.segments() {
        let lines = lines_of(&bytes);
        for first in 0..lines.len() - 1 {
            let mut moved = lines.clone();
            moved.swap(first, first + 1);
            put(&test.folder.join(&name), &moved.concat());
            assert_names(&look(&test), &name, first as u64 + 1, "swapped with the next");
        }
        put(&test.folder.join(&name), &bytes);
    }
}

#[test]
fn a_copied_line_and_an_invented_line_are_found() {
    let test = Test::with_lines(10, NO_ROTATION);
    let bytes = std::fs::read(test.current()).unwrap();
    let lines = lines_of(&bytes);
    for after in 0..lines.len() {
        let mut more = lines.clone();
        more.insert(after, lines[after].clone());
        put(&test.current(), &more.concat());
        assert!(!look(&test).ok, "line {} twice", after + 1);
    }
}

#[test]
fn every_end_cut_off_is_found() {
    for max in [NO_ROTATION, 6000] {
        let test = Test::with_lines(40, max);
        for (name, bytes) in test.segments() {
            let mut line = 1;
            for length in 0..bytes.len() {
                put(&test.folder.join(&name), &bytes[..length]);
                let report = look(&test);
                let near = report.problems.iter().any(|p| p.segment == name && p.line.abs_diff(line) <= 1);
                assert!(near && !report.ok, "{name} cut at {length}, line {line}: {:#?}", report.problems);
                line += u64::from(bytes[length] == b'\n');
            }
            put(&test.folder.join(&name), &bytes);
        }
    }
}

#[test]
fn a_segment_that_is_missing_twice_there_or_misnamed_is_found() {
    let test = Test::with_lines(60, 4000);
    let segments = test.segments();
    assert!(segments.len() > 3);
    for (n, (name, bytes)) in segments.iter().enumerate() {
        let path = test.folder.join(name);
        remove(&path);
        let report = verify(&test.folder, &test.head).unwrap();
        assert!(!report.ok, "{name} removed");
        if let (Some((next, _)), true) = (segments.get(n + 1), n > 0) {
            assert_says(&report, next, 1, &format!("follows {name}, which is missing"));
        }
        put(&path, bytes);
        let copy = test.folder.join(folder::rotated_name(7));
        put(&copy, bytes);
        assert!(!look(&test).ok, "{name} copied to another number");
        remove(&copy);
        let copy = test.folder.join("compliance 2.ndjson");
        put(&copy, bytes);
        assert_names(&look(&test), "compliance 2.ndjson", 0, "copied as Finder does");
        remove(&copy);
        if name != CURRENT {
            let other = test.folder.join(folder::rotated_name(3));
            rename(&path, &other);
            let report = look(&test);
            assert_says(&report, &folder::rotated_name(3), 1, "does not fit the file's name");
            rename(&other, &path);
        }
    }
    assert!(look(&test).ok);
}

#[test]
fn a_missing_or_unreadable_record_of_the_end_is_found() {
    let test = Test::with_lines(5, NO_ROTATION);
    put(&test.head, b"{}");
    assert_names(&look(&test), "head.json", 0, "unreadable");
    remove(&test.head);
    assert_names(&look(&test), "head.json", 0, "missing");
}

#[test]
fn a_segment_that_does_not_begin_with_a_checkpoint_is_found() {
    let test = Test::with_lines(10, NO_ROTATION);
    let lines = lines_of(&std::fs::read(test.current()).unwrap());
    put(&test.folder.join(folder::rotated_name(1)), &lines[..5].concat());
    put(&test.current(), &lines[5..].concat());
    let report = look(&test);
    assert_eq!(report.problems.len(), 1);
    assert_says(&report, CURRENT, 1, "is not a checkpoint");
}

#[test]
fn a_flush_that_names_another_end_than_is_there_is_found() {
    let test = Test::with_lines(60, 4000);
    let (name, _) = test.segments().remove(0);
    let mut ledger = test.open(4000);
    let end = look(&test).last_seq;
    let event = Event::Flushed {
        segments: vec![name],
        first_seq: 1,
        last_seq: end - 30,
        last_hash: NO_HASH.to_owned(),
        because: "a lie".to_owned(),
        problems: 0,
    };
    ledger.append(event).unwrap();
    ledger.close().unwrap();
    let report = look(&test);
    assert_eq!(report.problems.len(), 1, "{:#?}", report.problems);
    assert!(report.problems[0].what.contains("announces a flush"));
}

/// The next run moves the recorded end on; what it saw must not be forgotten by that.
#[test]
fn a_cut_end_stays_known_after_later_runs() {
    type Harm = fn(&Test);
    let cut: Harm = |test| {
        let lines = lines_of(&std::fs::read(test.current()).unwrap());
        put(&test.current(), &lines[..lines.len() - 3].concat());
    };
    let cut_one: Harm = |test| {
        let lines = lines_of(&std::fs::read(test.current()).unwrap());
        put(&test.current(), &lines[..lines.len() - 1].concat());
    };
    let alter: Harm = |test| {
        let text = std::fs::read_to_string(test.current()).unwrap();
        let at = text.rfind("State = ").unwrap();
        put(&test.current(), &[&text.as_bytes()[..at], b"state = ", &text.as_bytes()[at + 8..]].concat());
    };
    let empty: Harm = |test| put(&test.current(), b"");
    let gone: Harm = |test| remove(&test.current());
    let no_record: Harm = |test| remove(&test.head);
    for (n, harm) in [cut, cut_one, alter, empty, gone, no_record].into_iter().enumerate() {
        for max in [NO_ROTATION, 6000] {
            let test = Test::with_lines(40, max);
            harm(&test);
            for _ in 0..2 {
                drop(test.open(max));
                let mut ledger = test.open(max);
                ledger.append(found(1)).unwrap();
                ledger.close().unwrap();
            }
            let report = look(&test);
            let told = report.problems.iter().filter(|p| p.what.starts_with("records that the ledger's end")).count();
            assert_eq!(told, 1, "harm {n}, segments of {max}: {:#?}", report.problems);
        }
    }
}

#[test]
fn an_unreadable_line_that_no_crash_left_is_not_marked_away() {
    let test = Test::with_lines(10, NO_ROTATION);
    let mut lines = lines_of(&std::fs::read(test.current()).unwrap());
    lines[4] = b"{\"v\":1\n".to_vec();
    put(&test.current(), &lines.concat());
    drop(test.open(NO_ROTATION));
    let report = look(&test);
    assert_names(&report, CURRENT, 5, "unreadable in the middle");
    assert_eq!(report.torn, 0);
}

#[test]
fn a_mark_must_be_about_what_is_just_before_it() {
    let test = Test::new();
    let mut ledger = test.open(NO_ROTATION);
    for n in 1..=4 {
        ledger.append(found(n)).unwrap();
    }
    ledger.append(Event::Torn { line: 2 }).unwrap();
    ledger.close().unwrap();
    assert_names(&look(&test), CURRENT, 5, "marks line 2");
}

#[test]
fn an_endless_line_takes_no_memory_and_is_named() {
    let test = Test::with_lines(3, NO_ROTATION);
    let bytes = std::fs::read(test.current()).unwrap();
    put(&test.current(), &[bytes, vec![b'x'; 10 << 20]].concat());
    assert_names(&look(&test), CURRENT, 4, "ten megabytes without a line break");
    let mut reader = BufReader::new(File::open(test.current()).unwrap());
    let longest = std::iter::from_fn(|| line::next(&mut reader).unwrap()).map(|raw| raw.bytes.len()).max();
    assert_eq!(longest, Some(line::MAX_LINE));
}

#[test]
fn problems_without_end_are_counted_not_kept() {
    let test = Test::with_lines(3, NO_ROTATION);
    put(&test.current(), &b"x\n".repeat(5000));
    let report = look(&test);
    assert_eq!(report.problems.len(), MOST_PROBLEMS);
    assert!(report.omitted >= 4000 && !report.ok);
}

#[test]
fn a_beginning_that_no_flush_accounts_for_is_found() {
    let test = Test::with_lines(60, 4000);
    let first = test.segments().remove(0);
    remove(&test.folder.join(first.0));
    let report = look(&test);
    let segment = report.segments[0].clone();
    assert_names(&report, &segment, 1, "older ones removed by hand");
    // A flush of another stretch does not account for it either.
    let mut ledger = test.open(4000);
    let event = Event::Flushed {
        segments: vec!["compliance.000000000001.ndjson".to_owned()],
        first_seq: 1,
        last_seq: report.first_seq - 1,
        last_hash: NO_HASH.to_owned(),
        because: "a lie".to_owned(),
        problems: 0,
    };
    ledger.append(event).unwrap();
    ledger.close().unwrap();
    assert_names(&look(&test), &segment, 1, "flushed with another last line");
}

#[test]
fn a_ledger_may_grow_and_turn_over_while_it_is_read() {
    let test = Test::with_lines(5, 5000);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut ledger: Ledger<'_> = test.open(5000);
            for n in 0..300 {
                ledger.append(found(n)).unwrap();
            }
        });
        while !writer.is_finished() {
            let report = verify(&test.folder, &test.head).unwrap();
            assert!(report.ok, "{:#?}", report.problems);
        }
    });
    assert!(look(&test).ok);
}

mod crash;
