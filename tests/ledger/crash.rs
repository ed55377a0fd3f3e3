use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use holdfast::ledger::{Event, Journal, history};

use crate::{Place, fixed, numbers};

fn put(path: &Path, bytes: &[u8]) {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[allow(clippy::disallowed_methods)] // what a crash between two steps leaves
fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

fn torn(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Torn { .. })).count()
}

/// Ten lines on record as the end, then lines that a run was writing when it was stopped.
#[test]
fn a_ledger_cut_anywhere_after_its_recorded_end_is_mended_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(dir.path(), 1 << 20);
    let mut ledger = place.open();
    (1..=10).for_each(|n| ledger.append(fixed(n)).unwrap());
    ledger.close().unwrap();
    let record = std::fs::read(&place.head).unwrap();
    let recorded = std::fs::metadata(place.current()).unwrap().len() as usize;
    let mut ledger = place.open();
    (11..=12).for_each(|n| ledger.append(fixed(n)).unwrap());
    drop(ledger);
    let whole = std::fs::read(place.current()).unwrap();
    for length in recorded..=whole.len() {
        put(&place.current(), &whole[..length]);
        put(&place.head, &record);
        let cut = &whole[..length];
        let (is_torn, after) = (cut.last() != Some(&b'\n'), format!("cut at {length} of {}", whole.len()));
        let mut ledger = place.open();
        ledger.append(fixed(99)).unwrap();
        ledger.close().unwrap();
        place.assert_sound(&after);
        // Nothing that was there is gone.
        assert!(std::fs::read(place.current()).unwrap().starts_with(cut), "{after}");
        let events = place.events();
        let ended = whole[..length].iter().filter(|b| **b == b'\n').count() as u64;
        // A line that only lacks its break is whole.
        let is_whole = is_torn && whole.get(length) == Some(&b'\n');
        assert_eq!(torn(&events), usize::from(is_torn && !is_whole), "{after}");
        let expected: Vec<u64> = (1..=ended + u64::from(is_whole)).chain([99]).collect();
        assert_eq!(numbers(&events), expected, "{after}");
    }
}

/// The mending itself is cut: after the line break that closes the torn line, and at any byte of the mark.
#[test]
fn a_mending_cut_anywhere_is_mended_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(dir.path(), 1 << 20);
    let mut ledger = place.open();
    (1..=3).for_each(|n| ledger.append(fixed(n)).unwrap());
    ledger.close().unwrap();
    let record = std::fs::read(&place.head).unwrap();
    let whole = std::fs::read(place.current()).unwrap();
    let mut ledger = place.open();
    ledger.append(fixed(4)).unwrap();
    drop(ledger);
    let with_fourth = std::fs::read(place.current()).unwrap();
    for torn_at in [whole.len() + 60, with_fourth.len() - 1] {
        put(&place.current(), &with_fourth[..torn_at]);
        put(&place.head, &record);
        drop(place.open());
        let mended = std::fs::read(place.current()).unwrap();
        for length in torn_at..=mended.len() {
            put(&place.current(), &mended[..length]);
            put(&place.head, &record);
            // And once more, right away.
            drop(place.open());
            let again = std::fs::read(place.current()).unwrap();
            put(&place.current(), &again[..again.len() - 7]);
            put(&place.head, &record);
            let mut ledger = place.open();
            ledger.append(fixed(5)).unwrap();
            ledger.close().unwrap();
            place.assert_sound(&format!("torn at {torn_at}, its mending cut at {length}"));
        }
    }
}

/// A rotation puts the segment aside, makes the next one and writes its checkpoint, of several lines here: stopped anywhere.
#[test]
fn a_rotation_stopped_anywhere_is_completed_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(dir.path(), 30_000);
    let mut ledger = place.open();
    let many = |n: u64| Event::Found {
        control: format!("control_number_{n}"),
        state: "compliant".to_owned(),
        mode: "enforce".to_owned(),
        seen: format!("number {n}"),
        wanted: None,
    };
    let mut n = 0;
    let (before, record, last) = loop {
        n += 1;
        // The rotation records the end before it begins.
        let before = std::fs::read(place.current()).unwrap();
        let last = ledger.last_seq();
        ledger.append(many(n)).unwrap();
        if std::fs::metadata(place.current()).unwrap().len() < before.len() as u64 {
            drop(ledger);
            break (before, std::fs::read(&place.head).unwrap(), last);
        }
    };
    let rotated = place.folder.join("compliance.000000000001.ndjson");
    assert_eq!(std::fs::read(&rotated).unwrap(), before);
    let fold = history::read(&place.folder).unwrap();
    assert_eq!(fold.controls.len() as u64, n);
    let next = std::fs::read(place.current()).unwrap();
    let checkpoint_lines = next.iter().filter(|b| **b == b'\n').count() - 1;
    assert!(checkpoint_lines > 1);
    // The record as it was when the rotation began.
    let hash = holdfast::ledger::line::hash(before.trim_ascii_end().rsplit(|b| *b == b'\n').next().unwrap());
    let head = holdfast::ledger::head::Head { v: 1, seq: last, hash, segment: String::new() };
    let early = serde_json::to_vec(&head).unwrap();
    assert_ne!(record, early);

    let stop = |length: Option<usize>| {
        match length {
            Some(length) => put(&place.current(), &next[..length]),
            None => remove(&place.current()),
        }
        put(&place.head, &early);
        let mut ledger = place.open();
        assert_eq!(ledger.history().controls.len() as u64, n - u64::from(length.is_none_or(|l| l + 1 < next.len())));
        ledger.append(many(n + 1)).unwrap();
        ledger.close().unwrap();
        place.assert_sound(&format!("stopped at {length:?} of {}", next.len()));
        assert_eq!(std::fs::read(&rotated).unwrap(), before);
        let states = history::read(&place.folder).unwrap().controls;
        assert_eq!(states["control_number_1"], fold.controls["control_number_1"]);
    };
    stop(None);
    // Every byte at the seams, every 97th between them.
    let near_seam = |l: usize| next[l.saturating_sub(2)..(l + 2).min(next.len())].contains(&b'\n');
    (0..next.len()).filter(|l| *l < 3 || l % 97 == 0 || near_seam(*l)).for_each(|length| stop(Some(length)));
}
