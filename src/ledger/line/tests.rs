use proptest::prelude::*;

use super::*;
use crate::ledger::{Announced, Cause, Event};

fn entry(event: Event) -> Entry {
    Entry {
        v: 1,
        seq: 7,
        time: "2026-03-31T08:00:00.000Z".to_owned(),
        boot: None,
        run: "r1".to_owned(),
        simulated: false,
        event,
        prev: NO_HASH.to_owned(),
    }
}

fn not_fixed(why: &str) -> Event {
    Event::NotFixed {
        control: "firewall_on".to_owned(),
        state: "drifted".to_owned(),
        why: why.to_owned(),
        refused: false,
    }
}

fn line_of(event: Event) -> (String, bool) {
    let encoded = encode(&entry(event)).unwrap();
    (String::from_utf8(encoded.bytes).unwrap(), encoded.shortened)
}

#[test]
fn a_line_is_one_object_of_printable_ascii() {
    let (line, shortened) = line_of(not_fixed("a\"b\\\n\u{7f}\u{1b}[31m\u{202e}é𝄞"));
    assert!(!shortened && line.ends_with("}\n"));
    assert!(line.trim_end().bytes().all(|b| (b' '..=b'~').contains(&b)), "{line}");
    assert!(line.contains(r#""why":"a\"b\\\n\u007f\u001b[31m\u202e\u00e9\ud834\udd1e""#), "{line}");
    assert!(
        line.starts_with(
            r#"{"v":1,"seq":7,"time":"2026-03-31T08:00:00.000Z","boot":null,"run":"r1","event":"not_fixed""#
        )
    );
}

#[test]
fn the_longest_text_is_cut_first_and_says_how_much_is_missing() {
    let event = Event::Found {
        control: "firewall_on".to_owned(),
        state: "unknown".to_owned(),
        mode: "enforce".to_owned(),
        seen: "x".repeat(100_000),
        wanted: Some("y".repeat(2000)),
    };
    let (line, shortened) = line_of(event);
    assert!(shortened && (MAX_LINE - 3..=MAX_LINE).contains(&line.len()));
    let Event::Found { seen, wanted, .. } = decode(line.trim_end().as_bytes()).unwrap().event else { panic!("{line}") };
    assert_eq!(wanted.as_deref(), Some("y".repeat(2000).as_str()));
    let kept = seen.bytes().take_while(|b| *b == b'x').count();
    assert_eq!(seen[kept..], format!(" [{} bytes cut]", 100_000 - kept));
}

#[test]
fn a_line_of_exactly_the_longest_length_is_not_cut_and_one_byte_more_is() {
    let around = line_of(not_fixed("")).0.len();
    let (line, shortened) = line_of(not_fixed(&"x".repeat(MAX_LINE - around)));
    assert_eq!((line.len(), shortened), (MAX_LINE, false));
    let (line, shortened) = line_of(not_fixed(&"x".repeat(MAX_LINE - around + 1)));
    assert!(line.len() <= MAX_LINE && shortened);
}

#[test]
fn the_chain_and_the_time_are_never_cut() {
    let mut entry = entry(not_fixed(&"é".repeat(50_000)));
    entry.run = "r".repeat(50_000);
    let decoded = decode(encode(&entry).unwrap().bytes.trim_ascii_end()).unwrap();
    assert_eq!((decoded.prev, decoded.time, decoded.seq), (entry.prev, entry.time, entry.seq));
    assert!(decoded.run.len() < 50_000);
}

#[test]
fn a_line_of_a_newer_version_is_read_as_foreign() {
    let line = encode(&entry(not_fixed("no"))).unwrap().bytes;
    let newer =
        String::from_utf8(line).unwrap().replace("not_fixed", "quarantined").replace("\"v\":1", "\"v\":2,\"new\":{}");
    let decoded = decode(newer.trim_end().as_bytes()).unwrap();
    assert_eq!((decoded.event, decoded.v), (Event::Foreign, 2));
}

#[test]
fn only_printable_ascii_is_a_line() {
    let line = encode(&entry(not_fixed("no"))).unwrap().bytes;
    let line = line.trim_ascii_end();
    assert!(decode(line).is_ok());
    for byte in [b'\r', b'\t', 0x7f, CLOSED] {
        assert!(decode(&[line, &[byte]].concat()).is_err(), "{byte}");
    }
}

#[test]
fn lines_are_read_whatever_they_hold() {
    let text = [b"one\n\n".as_slice(), &[0xff, 0], b"\nlast"].concat();
    let mut from = io::BufReader::with_capacity(3, text.as_slice());
    let raw: Vec<_> = std::iter::from_fn(|| next(&mut from).unwrap()).collect();
    let seen: Vec<_> = raw.iter().map(|raw| (raw.bytes.as_slice(), raw.length, raw.ended)).collect();
    let expected: [(&[u8], u64, bool); 4] =
        [(b"one", 3, true), (b"", 0, true), (&[0xff, 0], 2, true), (b"last", 4, false)];
    assert_eq!(seen, expected);
    assert!(raw.iter().all(|raw| raw.hash == hash(&raw.bytes)));
    // FIPS 180-2, appendix B.1.
    assert_eq!(hash(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/// Texts of all kinds, some far longer than a line.
fn text() -> impl Strategy<Value = String> {
    let repeated =
        ("\\PC{1,4}|[\\x00-\\x1f\\x7f\"\\\\]{1,4}|[\u{202a}-\u{202e}\u{2066}-\u{2069}]{1,4}", 0_usize..25_000);
    prop_oneof![any::<String>(), Just(String::new()), repeated.prop_map(|(piece, times)| piece.repeat(times))]
}

fn event() -> impl Strategy<Value = Event> {
    let prior = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), text().prop_map(Value::from)];
    let announced = (prop::collection::vec(text(), 1..4), prior, prop::collection::vec(text(), 0..3)).prop_map(
        |(argv, prior, undo)| Announced { argv, prior: [("key".to_owned(), prior)].into(), undo: vec![undo] },
    );
    prop_oneof![
        (text(), text(), text(), text(), prop::option::of(text()))
            .prop_map(|(control, state, mode, seen, wanted)| { Event::Found { control, state, mode, seen, wanted } }),
        (text(), prop::collection::vec(announced, 0..6))
            .prop_map(|(control, changes)| Event::Intends { control, changes }),
        (text(), any::<bool>(), text()).prop_map(|(control, whole, seen)| Event::TakenBack { control, whole, seen }),
        (text(), prop::option::of(text()), prop::option::of(text()), prop::option::of(text())).prop_map(
            |(command, user, detail, mac)| Event::RunStarted {
                cause: Cause { kind: command.clone(), user, detail },
                agent: command.clone(),
                policy: command.clone(),
                partial: false,
                items: Vec::new(),
                command,
                mac,
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_event_comes_back_from_one_bounded_ascii_line(event in event()) {
        let entry = entry(event);
        let Encoded { bytes, shortened } = match encode(&entry) {
            Err(LedgerError::TooLong { .. }) if matches!(entry.event, Event::Intends { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        prop_assert!(bytes.len() <= MAX_LINE);
        let (last, text) = bytes.split_last().unwrap();
        prop_assert_eq!(*last, b'\n');
        prop_assert!(text.iter().all(|b| (b' '..=b'~').contains(b)));
        let back = decode(text).unwrap();
        if shortened {
            prop_assert_eq!(std::mem::discriminant(&back.event), std::mem::discriminant(&entry.event));
            prop_assert!(String::from_utf8_lossy(text).contains(" bytes cut]"));
            prop_assert_eq!((back.seq, back.prev), (entry.seq, entry.prev));
            if let (Event::Intends { changes: back, .. }, Event::Intends { changes, .. }) = (back.event, entry.event) {
                prop_assert_eq!(back, changes);
            }
        } else {
            prop_assert_eq!(back, entry);
        }
    }

    #[test]
    fn a_cut_text_fits_and_accounts_for_every_byte(text in text(), most in LEAST..9000) {
        let short = cut(&text, most);
        prop_assert!(escaped_len(&short) <= most);
        if escaped_len(&text) <= most {
            prop_assert_eq!(short, text);
        } else {
            let at = short.rfind(" [").unwrap();
            let missing: usize = short[at + 2..].trim_end_matches(" bytes cut]").parse().unwrap();
            prop_assert_eq!(at + missing, text.len());
            prop_assert!(text.starts_with(&short[..at]));
        }
    }
}
