use super::*;
use crate::ledger::verify::{Problem, Removed};

fn report() -> Report {
    let segments = vec!["compliance.ndjson".to_owned()];
    Report { ok: true, lines: 26, segments, first_seq: 361, last_seq: 386, ..Report::default() }
}

#[test]
fn what_was_removed_and_what_a_crash_left_is_said() {
    let mut report = report();
    assert_eq!(verified(&report, None), "the ledger is whole: 26 lines in 1 segment, numbers 361 to 386\n");
    let because = "retention of 90 days\u{1b}".to_owned();
    report.removed.push(Removed { first_seq: 1, last_seq: 360, time: "2026-03-31".into(), because, problems: 0 });
    let segment = "compliance.ndjson".to_owned();
    report.unfinished = Some(Problem { segment, line: 27, what: "is cut short, probably by a crash".into() });
    let said = verified(&report, Some("r1"));
    assert!(said.ends_with(
        "compliance.ndjson:27: is cut short, probably by a crash\n\
         numbers 1 to 360 were removed on 2026-03-31: retention of 90 days\\u{1b}\n"
    ));
}

#[test]
fn no_ledger_is_not_a_whole_one() {
    let none = Report { ok: true, ..Report::default() };
    assert!(verified(&none, None).starts_with("there is no ledger yet"));
    assert!(verified(&none, Some("r1")).contains("there is no ledger, and status.json tells of run r1"));
    let empty = Report { ok: true, segments: vec!["compliance.ndjson".to_owned()], ..Report::default() };
    assert!(verified(&empty, None).starts_with("there is no ledger yet"));
    assert!(verified(&empty, Some("r1")).contains("there is nothing in the ledger, and status.json tells of run r1"));
}
