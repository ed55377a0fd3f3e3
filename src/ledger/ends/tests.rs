use super::*;
use crate::ledger::testing::{Place, found, put, remove};
use crate::ledger::{CURRENT, Journal};

const BIG: u64 = 1 << 20;

fn disproved(place: &Place, expected: Option<&str>) -> Option<String> {
    look(&place.folder, &place.head, expected).unwrap().disproved
}

#[test]
fn a_ledger_that_nobody_touched_is_not_disproved() {
    for max in [BIG, 4000] {
        let place = Place::with_lines(40, max);
        assert_eq!(disproved(&place, Some("r1")), None);
        // A crash leaves more than is recorded, and a last line cut short.
        let record = std::fs::read(&place.head).unwrap();
        let mut ledger = place.open(max);
        ledger.append(found(1)).unwrap();
        drop(ledger);
        put(&place.head, &record);
        let bytes = std::fs::read(place.current()).unwrap();
        put(&place.current(), &bytes[..bytes.len() - 20]);
        assert_eq!(disproved(&place, None), None);
        drop(place.open(max));
        assert_eq!(disproved(&place, None), None);
    }
}

#[test]
fn a_cut_end_an_altered_line_and_a_removed_ledger_disprove_it() {
    let cut = Place::with_lines(10, BIG);
    let bytes = std::fs::read(cut.current()).unwrap();
    let end = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').unwrap();
    put(&cut.current(), &bytes[..=end]);
    assert_eq!(disproved(&cut, None).as_deref(), Some("the ledger ends with line number 9"));
    let text = String::from_utf8(bytes).unwrap();
    put(&cut.current(), text.replace("(State = 5)", "(State = 6)").as_bytes());
    assert_eq!(disproved(&cut, None), Some(format!("{CURRENT}:6: is not chained to the line before it")));
    put(&cut.current(), text.replace("(State = 10)", "(State = 11)").as_bytes());
    assert!(disproved(&cut, None).is_some_and(|why| why.contains("another line of that number")));
    remove(&cut.current());
    remove(&cut.head);
    assert_eq!(disproved(&cut, None), None);
    assert!(disproved(&cut, Some("r1")).is_some_and(|why| why.contains("tells of run r1")));
}

#[test]
fn a_removal_excuses_the_missing_record_only_as_the_last_line_and_without_a_state() {
    let place = Place::with_lines(3, BIG);
    let missing = Some("the record of the end is missing".to_owned());
    let mut ledger = place.open(BIG);
    ledger.append(Event::Removes { agent: "0.1.0".into() }).unwrap();
    drop(ledger);
    remove(&place.head);
    assert_eq!((disproved(&place, None), disproved(&place, Some("r1"))), (None, missing.clone()));
    // It is here again, and has written since.
    let mut ledger = place.open(BIG);
    ledger.append(found(4)).unwrap();
    drop(ledger);
    assert_eq!(disproved(&place, None), None);
    remove(&place.head);
    assert_eq!(disproved(&place, None), missing);
}

#[test]
fn a_state_file_tells_of_a_run_also_where_it_is_not_understood() {
    let place = Place::with_lines(1, BIG);
    let status = place.head.with_file_name("status.json");
    assert_eq!(run_on_record(&status), None);
    put(&status, br#"{"LastRunId":"r\u001b7"}"#);
    assert_eq!(run_on_record(&status).as_deref(), Some("r\\u{1b}7"));
    for text in [b"{}".as_slice(), b"", b"no json", b"{\"LastRunId\":7}"] {
        put(&status, text);
        assert!(run_on_record(&status).is_some());
    }
}
