use chrono::TimeDelta;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::clock::stamp;
use crate::host::trust::Owner;
use crate::mac::FileAnswer;
use crate::policy::Policy;
use crate::policy::tables::SLOW_CHECK_INTERVAL;
use crate::report::status::{self, LONGEST_FRESH, Stands, Written};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const RAN: &str = "2026-11-22T10:24:31.250Z";

/// A state of a real Mac, all controls compliant but for those in `others`.
fn state(others: &[(&str, &str)]) -> Map<String, Json> {
    let catalogue = controls::all();
    let stands = |control: &&'static Control| {
        let state = others.iter().find(|(id, _)| *id == control.id).map_or("compliant", |(_, state)| state);
        Stands {
            control: control.id,
            state: state.to_owned(),
            contested: control.id == "firewall_on" && state == "drifted",
        }
    };
    let stands: Vec<Stands> = catalogue.iter().map(stands).collect();
    let policy = Policy::built_in(&catalogue);
    status::flat(
        &stands,
        &Written {
            time: at(RAN),
            run: "r",
            command: "hold",
            policy: &policy,
            problems: &[],
            mac: None,
            simulated: None,
            signed_out: Some(at("2026-11-21T22:59:00Z")),
        },
    )
}

fn of(map: &Map<String, Json>) -> Reading {
    of_bytes(status::plist(map))
}

fn of_bytes(bytes: Vec<u8>) -> Reading {
    Reading::of(&FileAnswer::Present { bytes, owner: 0, mode: 0o644 }, Owner::Root, false)
}

/// A minute after the pass.
fn soon() -> DateTime<Utc> {
    at(RAN) + TimeDelta::minutes(1)
}

#[track_caller]
fn says(reading: &Reading, name: &str, expected: &str) {
    assert_eq!(find(name).unwrap().value(reading, soon()).bare(), expected, "{name}");
}

#[test]
fn every_fact_says_how_the_mac_stands() {
    let all_well = of(&state(&[]));
    for (name, value) in [
        ("compliance_state", "compliant"),
        ("failing_controls", "none"),
        ("failing_count", "0"),
        ("unknown_controls", "none"),
        ("contested_controls", "none"),
        ("last_run", "2026-11-22T10:24:31Z"),
        ("last_sign_out", "2026-11-21T22:59:00Z"),
        ("agent_health", "ok"),
        ("bootstrap_token", "escrowed"),
        ("exemption_count", "0"),
        ("agent_version", env!("CARGO_PKG_VERSION")),
        ("firewall_on", "compliant"),
    ] {
        says(&all_well, name, value);
    }
    let drifted = of(&state(&[("firewall_on", "drifted"), ("filevault_on", "drifted"), ("secure_boot", "odd")]));
    for (name, value) in [
        ("compliance_state", "drifted"),
        ("failing_controls", "filevault_on,firewall_on"),
        ("failing_count", "2"),
        ("unknown_controls", "secure_boot"),
        ("contested_controls", "firewall_on"),
        ("firewall_on", "drifted"),
        ("secure_boot", "unknown"),
        ("agent_health", "ok"),
    ] {
        says(&drifted, name, value);
    }
    says(&of(&state(&[("secure_boot", "unknown")])), "compliance_state", "unknown");
}

#[test]
fn the_bootstrap_token_is_told_of_by_its_control() {
    for (state_of_it, word) in [
        ("drifted", "not_escrowed"),
        ("not_applicable", "not_applicable"),
        ("off", "not_checked"),
        ("unknown", "unknown"),
        ("odd", "unknown"),
    ] {
        says(&of(&state(&[("bootstrap_token", state_of_it)])), "bootstrap_token", word);
    }
}

#[test]
fn problems_of_the_policy_are_no_compliance() {
    let mut map = state(&[]);
    map.insert("PolicyProblems".into(), 1.into());
    map.insert("State".into(), "bad_policy".into());
    let reading = of(&map);
    says(&reading, "compliance_state", "bad_policy");
    says(&reading, "agent_health", "bad_policy");
    assert_eq!(audit(&reading, soon()).verdict, Verdict::CannotTell);
}

#[test]
fn what_cannot_be_told_has_a_word_of_its_own() {
    let absent = Reading::of(&FileAnswer::Absent, Owner::Root, false);
    for (reading, word) in [(&absent, NEVER_RUN), (&of_bytes(Vec::new()), UNREADABLE)] {
        for fact in FACTS {
            let value = fact.value(reading, soon());
            match fact.shape {
                Shape::Count => assert_eq!(value, Value::Count(CANNOT_TELL), "{}", fact.name),
                Shape::Date => assert_eq!((value.for_jamf(&Utc), value.bare()), (String::new(), word.to_owned())),
                _ => assert_eq!(value, Value::Word(word), "{}", fact.name),
            }
        }
        says(reading, "firewall_on", word);
        assert_eq!(audit(reading, soon()).verdict, Verdict::CannotTell);
    }
}

#[test]
fn an_old_state_and_one_from_the_future_say_nothing_of_the_mac() {
    let reading = of(&state(&[]));
    let ran = at(RAN);
    let hours = TimeDelta::hours;
    for (now, stale) in [
        (ran, false),
        (ran + hours(24), false),
        (ran + hours(24) + TimeDelta::seconds(1), true),
        (ran - TimeDelta::minutes(5), false),
        (ran - TimeDelta::minutes(6), true),
        (at("1970-01-01T00:00:01Z"), true),
        (at("2099-12-31T00:00:00Z"), true),
    ] {
        let names = FACTS.iter().map(|fact| fact.name).chain(["firewall_on"]);
        for fact in names.map(|name| find(name).unwrap()) {
            let value = fact.value(&reading, now);
            let says_so = value == Value::Word(STALE) || value == Value::Count(CANNOT_TELL);
            assert_eq!(says_so, stale && fact.ages, "{} at {now}: {value:?}", fact.name);
        }
        assert_eq!(audit(&reading, now).verdict == Verdict::Compliant, !stale, "{now}");
    }
}

#[test]
fn a_state_stays_fresh_as_long_as_policy_can_ask_for_and_no_longer() {
    let crate::control::Kind::Integer { max, .. } = SLOW_CHECK_INTERVAL.kind else { panic!() };
    assert_eq!(LONGEST_FRESH, 4 * max);
    let built_in = Policy::built_in(&controls::all());
    assert_eq!(status::stale_after(&built_in), 86_400);
    for (after, stale) in [(LONGEST_FRESH, false), (LONGEST_FRESH + 1, true), (0, true), (-1, true), (i64::MAX, true)] {
        let mut map = state(&[]);
        map.insert("StaleAfter".into(), after.into());
        let word = find("compliance_state").unwrap().value(&of(&map), soon()).bare();
        assert_eq!(word == UNREADABLE, stale, "{after}: {word}");
    }
}

/// What stands for every value of a state in turn.
fn hostile() -> Vec<Json> {
    let long = "a".repeat(100_000);
    let texts = [
        "",
        " ",
        "</result><result>compliant",
        "compliant</result>",
        "a\nb",
        "compliant\n",
        "$(touch x)",
        "`touch x`",
        "'\"",
        "firewall_on,<b>",
        "firewall_on,,firewall_on",
        "Compliant",
        "none",
        "..",
        "-1",
        "2026-11-22T10:24:31+00:00",
        "now",
        "9999-12-31T23:59:59Z",
        "\u{202e}",
        &long,
    ];
    let numbers = [-1, 0, 1, 7, 999, 1001, 5_000_000_000, i64::MAX, i64::MIN];
    texts.into_iter().map(Json::from).chain(numbers.map(Json::from)).collect()
}

#[test]
fn whatever_a_state_says_a_fact_has_its_own_form_and_compliance_is_never_made_up() {
    let allowed = |fact: &Fact, value: &Value| match (fact.shape, value) {
        (Shape::Word(words), Value::Word(word)) => words.contains(word) || fact.excuses().contains(word),
        (Shape::Ids, Value::Ids(ids)) => ids
            .iter()
            .all(|id| !id.is_empty() && id.bytes().all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit())),
        (Shape::Ids, Value::Word(word)) => fact.excuses().contains(word),
        (Shape::Version, Value::Version(version)) => {
            version.len() <= 64 && version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b))
        }
        (Shape::Version, Value::Word(word)) => fact.excuses().contains(word),
        (Shape::Count, Value::Count(count)) => (CANNOT_TELL..=1000).contains(count) && *count != NOTHING_TO_ASK,
        (Shape::Date, Value::Date(_) | Value::NoDate(_)) => true,
        _ => false,
    };
    let drifted = state(&[("firewall_on", "drifted")]);
    let keys: Vec<String> = drifted.keys().cloned().collect();
    let mut unreadable = 0;
    for key in keys {
        for evil in hostile() {
            let mut map = drifted.clone();
            map.insert(key.clone(), evil.clone());
            let reading = of(&map);
            for fact in FACTS.iter().copied().chain(find("firewall_on")) {
                let value = fact.value(&reading, soon());
                assert!(allowed(&fact, &value), "{key} = {evil}: {} says {value:?}", fact.name);
                unreadable += u32::from(value == Value::Word(UNREADABLE));
            }
            says_not(&reading, "compliance_state", "compliant");
            assert_ne!(audit(&reading, soon()).verdict, Verdict::Compliant, "{key} = {evil}");
            assert!(!audit(&reading, soon()).text().contains('\n'));
        }
    }
    assert!(unreadable > 500, "{unreadable}");
}

#[track_caller]
fn says_not(reading: &Reading, name: &str, word: &str) {
    assert_ne!(find(name).unwrap().value(reading, soon()).bare(), word, "{name}");
}

#[test]
fn a_key_that_is_missing_or_of_another_type_makes_its_facts_unreadable() {
    let plain = String::from_utf8(status::plist(&state(&[]))).unwrap();
    for (key, fact) in [
        ("State", "compliance_state"),
        ("Drifted", "compliance_state"),
        ("LastRunEpoch", "compliance_state"),
        ("LastRunTime", "last_run"),
        ("StaleAfter", "failing_controls"),
        ("DriftedControls", "failing_controls"),
        ("PolicyProblems", "agent_health"),
        ("LastSignOutEpoch", "last_sign_out"),
        ("BootstrapToken", "bootstrap_token"),
        ("AgentVersion", "agent_version"),
        ("Control_firewall_on", "firewall_on"),
        ("FormatVersion", "compliance_state"),
        ("Simulated", "compliance_state"),
    ] {
        let mut map = state(&[]);
        map.remove(key);
        says(&of(&map), fact, UNREADABLE);
        let named = format!("<key>{key}</key>");
        let (before, after) = plain.split_once(&named).unwrap();
        let rest = after.trim_start().split_once('\n').unwrap().1;
        for other in [
            "<true/>",
            "<real>1</real>",
            "<data>AAAA</data>",
            "<date>2026-11-22T10:24:31Z</date>",
            "<array/>",
            "<dict/>",
        ] {
            says(&of_bytes(format!("{before}{named}{other}\n{rest}").into_bytes()), fact, UNREADABLE);
        }
        let twice =
            format!("{before}{named}{after}").replace("</dict>", &format!("{named}<integer>1</integer></dict>"));
        says(&of_bytes(twice.into_bytes()), "compliance_state", UNREADABLE);
    }
}

#[test]
fn a_cut_file_a_long_one_and_one_in_another_form_are_not_read() {
    let plain = status::plist(&state(&[]));
    says(&of_bytes(plain.clone()), "compliance_state", "compliant");
    for end in 0..plain.trim_ascii_end().len() {
        says(&of_bytes(plain[..end].to_vec()), "compliance_state", UNREADABLE);
    }
    let mut long = plain.clone();
    long.resize(LARGEST + 1, b'\n');
    says(&of_bytes(long), "compliance_state", UNREADABLE);
    let mut binary = Vec::new();
    plist::from_bytes::<plist::Value>(&plain).unwrap().to_writer_binary(&mut binary).unwrap();
    says(&of_bytes(binary), "compliance_state", UNREADABLE);
    says(&of_bytes([plain.as_slice(), b"<result>"].concat()), "compliance_state", UNREADABLE);
}

#[test]
fn only_what_nobody_else_can_write_is_believed() {
    let bytes = status::plist(&state(&[]));
    for (owner, mode, whose, believed) in [
        (0, 0o644, Owner::Root, true),
        (0, 0o600, Owner::Root, true),
        (501, 0o644, Owner::Root, false),
        (501, 0o644, Owner::Or(501), true),
        (0, 0o664, Owner::Root, false),
        (0, 0o646, Owner::Root, false),
    ] {
        let file = FileAnswer::Present { bytes: bytes.clone(), owner, mode };
        let is = matches!(Reading::of(&file, whose, false), Reading::Read(_));
        assert_eq!(is, believed, "{owner} {mode:o} {whose:?}");
    }
    let file = FileAnswer::Present { bytes, owner: 0, mode: 0o644 };
    assert!(matches!(Reading::of(&file, Owner::Root, true), Reading::Unreadable), "a real Mac's for a simulated one");
}

#[test]
fn the_audit_tells_the_whole_story_on_one_line() {
    let reading = of(&state(&[("firewall_on", "drifted"), ("secure_boot", "unknown")]));
    let audit = audit(&reading, soon());
    assert_eq!(audit.verdict.status(), 1);
    assert_eq!(
        audit.text(),
        "drifted; 1 control drifted: firewall_on; 1 control unknown: secure_boot; last run 2026-11-22T10:24:31Z"
    );
    assert_eq!(audit.json(None)["failing_controls"], json!(["firewall_on"]));
}

#[test]
fn jamf_gets_ids_one_a_line_and_local_times() {
    let reading = of(&state(&[("firewall_on", "drifted"), ("filevault_on", "drifted")]));
    let value = |name: &str| find(name).unwrap().value(&reading, soon()).for_jamf(&chrono_tz::America::New_York);
    assert_eq!(value("failing_controls"), "filevault_on\nfirewall_on");
    assert_eq!(value("last_run"), "2026-11-22 05:24:31");
    let mut map = state(&[]);
    map.insert(status::SIGN_OUT_TIME.into(), "".into());
    map.insert(status::SIGN_OUT_EPOCH.into(), 0.into());
    says(&of(&map), "last_sign_out", NEVER);
    assert_eq!(find("last_sign_out").unwrap().value(&of(&map), soon()).for_jamf(&Utc), "");
}

#[test]
fn names_are_names_and_only_the_bootstrap_token_is_also_a_control() {
    let clash: Vec<&str> = FACTS.iter().map(|fact| fact.name).filter(|name| controls::find(name).is_some()).collect();
    assert_eq!(clash, ["bootstrap_token"]);
    for fact in FACTS {
        assert!(fact.name.bytes().all(|b| b == b'_' || b.is_ascii_lowercase()), "{}", fact.name);
        assert_eq!(find(fact.name).unwrap().title, fact.title);
    }
    assert!(list().contains("firewall_on"));
    for none in ["", "Compliance_State", "no_such", "\u{0}", "-h"] {
        assert!(find(none).is_none(), "{none:?}");
    }
}

#[test]
fn a_time_is_told_only_where_both_forms_of_it_agree() {
    let mut map = state(&[]);
    map.insert("LastRunTime".into(), stamp(at(RAN) + TimeDelta::seconds(1)).into());
    says(&of(&map), "last_run", UNREADABLE);
    says(&of(&map), "compliance_state", UNREADABLE);
}

#[test]
fn a_state_that_contradicts_itself_says_nothing() {
    let with = |changes: &[(&str, Json)]| {
        let mut map = state(&[]);
        map.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        of(&map)
    };
    let drifted = |ids: &str, count: i64| {
        with(&[("State", "drifted".into()), ("Drifted", count.into()), ("DriftedControls", ids.into())])
    };
    says(&drifted("firewall_on", 1), "failing_count", "1");
    says(&drifted("", 1), "failing_count", "-2");
    says(&drifted("firewall_on,firewall_on", 2), "failing_controls", UNREADABLE);
    says(&with(&[("Exempt", 1.into())]), "exemption_count", "-2");
    says(&with(&[("State", "drifted".into())]), "agent_health", UNREADABLE);
    says(&with(&[("LastSignOutTime", "".into())]), "last_sign_out", UNREADABLE);
    says(&with(&[("AgentVersion", "1.2.3<b>".into())]), "agent_version", UNREADABLE);
    says(&with(&[("FormatVersion", 2.into())]), "compliance_state", UNREADABLE);
    says(&with(&[("LastRunTime", "2026-11-22T10:24:31+00:00".into())]), "last_run", UNREADABLE);
    for key in ["DriftedControls", "UnknownControls"] {
        let audit = audit(&with(&[(key, "firewall_on".into())]), soon());
        assert_eq!((audit.verdict, &audit.json(None)["state"]), (Verdict::CannotTell, &UNREADABLE.into()), "{key}");
        assert_eq!(audit.json(None)["exit_status"], 2, "{key}");
    }
}
