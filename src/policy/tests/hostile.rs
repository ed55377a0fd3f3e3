//! Files made to hurt, arbitrary files, and the law that nothing in a file is lost without a word.

use proptest::prelude::*;

use super::*;
use crate::policy::tables::{CONTESTED, SCHEDULE, SECTIONS, SIGN_OUT, TIMING};
use crate::policy::{BOOKKEEPING, Layer, MAX_BYTES, Origin, is_well_formed, validate};

/// Arrays in arrays, `depth` of them, under one key of a dictionary.
fn nested_xml(depth: usize) -> Vec<u8> {
    format!("<plist><dict><key>A</key>{}{}</dict></plist>", "<array>".repeat(depth), "</array>".repeat(depth))
        .into_bytes()
}

/// A binary property list of `objects`, the first of them its root, with references of four bytes.
fn binary_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        bytes.extend(object);
    }
    let table = bytes.len() as u64;
    bytes.extend(offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 4, 4]);
    for number in [objects.len() as u64, 0, table] {
        bytes.extend(number.to_be_bytes());
    }
    bytes
}

fn array_of(refs: &[u32]) -> Vec<u8> {
    let mut object = vec![0xaf, 0x12];
    object.extend(u32::try_from(refs.len()).unwrap().to_be_bytes());
    object.extend(refs.iter().flat_map(|number| number.to_be_bytes()));
    object
}

fn complaint(bytes: &[u8]) -> String {
    let problems = validate(bytes, &CATALOGUE);
    assert!(problems.len() == 1 && problems[0].key.is_empty(), "{problems:?}");
    problems[0].what.clone()
}

#[test]
fn eight_levels_are_read_and_no_more() {
    assert!(is_well_formed(&nested_xml(7)));
    for depth in [8, 60_000] {
        let whole = nested_xml(depth);
        let cut = whole[..whole.len() - 20].to_vec();
        for bytes in [whole, cut, nested_xml(100_000)[..MAX_BYTES].to_vec()] {
            assert!(complaint(&bytes).starts_with("it is nested more than 8 levels deep"), "{depth}");
        }
    }
    let chain: Vec<Vec<u8>> = (1..=60_000).map(|next| array_of(&[next])).chain([vec![0x09]]).collect();
    assert!(complaint(&binary_of(&chain)).starts_with("it is nested more than 8 levels deep"));
}

#[test]
fn a_small_file_that_stands_for_an_endless_tree_is_refused() {
    // Six levels of 10,000 references to the same next array.
    let wide: Vec<Vec<u8>> = (1..=6).map(|next| array_of(&[next; 10_000])).chain([vec![0x09]]).collect();
    assert!(complaint(&binary_of(&wide)).starts_with("it holds more than 4096 values"));
    // One string of half a megabyte, a thousand times.
    let mut string = vec![0x5f, 0x12];
    string.extend(500_000_u32.to_be_bytes());
    string.extend(vec![b'x'; 500_000]);
    let file = binary_of(&[array_of(&[1; 1000]), string]);
    assert!(complaint(&file).starts_with("its values are longer together than 1048576 bytes"));
    // An array in itself.
    assert!(complaint(&binary_of(&[array_of(&[0])])).starts_with("it is "));
}

#[test]
fn many_values_are_read_and_no_more_than_that() {
    let names = |count: usize| xml(&about("plain_on", dict([("Spare", list(&vec!["n"; count]))])));
    assert_eq!(validate(&names(4000), &CATALOGUE), []);
    assert!(complaint(&names(5000)).starts_with("it holds more than 4096 values"));
}

/// Any value, three levels deep at most.
fn any_value() -> impl Strategy<Value = Plist> {
    let word = prop_oneof![
        Just("enforce"),
        Just("audit"),
        Just("off"),
        Just("26.5"),
        Just("15.7.1"),
        Just("ann"),
        Just("09:00"),
        Just("24:00"),
        Just("skip"),
        Just("0 0 9 * * MON-FRI"),
        Just("* * * * * *"),
        Just("0 9 * * *"),
        Just("/Library/Logs/x.log"),
        Just("/Library/Logs/Holdfast/x"),
        Just(""),
        Just("\u{202e}")
    ];
    let scalar = prop_oneof![
        any::<bool>().prop_map(Plist::from),
        (-5_i64..1300).prop_map(Plist::from),
        any::<i64>().prop_map(Plist::from),
        any::<u64>().prop_map(|n| Plist::Integer(n.into())),
        (-5_i32..1300).prop_map(|n| Plist::Real(n.into())),
        any::<f64>().prop_map(Plist::Real),
        word.prop_map(Plist::from),
        ".{0,12}".prop_map(Plist::String),
        any::<Vec<u8>>().prop_map(Plist::Data),
    ];
    scalar.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Plist::Array),
            prop::collection::vec((".{0,8}", inner), 0..4)
                .prop_map(|pairs| Plist::Dictionary(pairs.into_iter().collect())),
        ]
    })
}

/// A dictionary whose keys are often `known` ones.
fn keyed(known: Vec<String>, value: BoxedStrategy<Plist>) -> BoxedStrategy<Plist> {
    let key = prop_oneof![6 => prop::sample::select(known), 1 => "[A-Za-z_]{1,9}".prop_map(String::from)];
    let pairs = prop::collection::vec((key, value), 0..6);
    pairs.prop_map(|pairs| Plist::Dictionary(pairs.into_iter().collect())).boxed()
}

/// A tree that looks like policy more often than not.
fn any_policy() -> impl Strategy<Value = Plist> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let inner: Vec<&str> = SETTINGS.iter().chain(&TIMING).map(|setting| setting.key).chain(["Mode", "mode"]).collect();
    let ids: Vec<&str> =
        CATALOGUE.iter().map(|c| c.id).chain(["rule_plain_enable", "rule_twins", "PayloadType"]).collect();
    let control = prop_oneof![5 => keyed(owned(&inner), any_value().boxed()), 1 => any_value()].boxed();
    let controls = keyed(owned(&ids), control);
    let any = any_value().boxed();
    let or_any = move |usual: BoxedStrategy<Plist>| prop_oneof![8 => usual, 1 => any.clone()].boxed();
    let extra = keyed(owned(&["PayloadType", "PayloadUUID", "PayloadContent", "plain_on"]), any_value().boxed());
    let sections: Vec<_> = SECTIONS
        .iter()
        .map(|section| {
            let keys = section.settings.iter().map(|setting| setting.key).collect::<Vec<_>>();
            (Just(section.name), or_any(keyed(owned(&keys), any_value().boxed())))
        })
        .collect();
    (any_value(), or_any(controls), sections, extra).prop_map(|(level, controls, sections, extra)| {
        let mut root = extra.into_dictionary().unwrap_or_default();
        root.insert("Level".to_owned(), level);
        root.insert("Controls".to_owned(), controls);
        root.extend(sections.into_iter().map(|(name, said)| (name.to_owned(), said)));
        Plist::Dictionary(root)
    })
}

fn is_section(path: &str) -> bool {
    SECTIONS.iter().any(|section| section.name == path)
}

/// The path of every key that has no dictionary of known shape under it, as problems spell it.
fn leaves(prefix: &str, value: &Plist, depth: usize, out: &mut Vec<(String, Plist)>) {
    match value.as_dictionary() {
        Some(keys) if depth < 3 && !keys.is_empty() => {
            for (key, value) in keys {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                let opens = prefix == "Controls" || path == "Controls" || is_section(&path);
                leaves(&path, value, if opens { depth + 1 } else { 3 }, out);
            }
        }
        Some(_) if prefix.is_empty() || prefix == "Controls" || is_section(prefix) => {}
        _ => out.push((prefix.to_owned(), value.clone())),
    }
}

/// Asserts that every leaf of `layer`'s tree is in force, bookkeeping, shadowed by `above`, or a problem of its own path or of
/// a container's.
fn nothing_is_lost(tree: &Plist, layer: Layer, origin: Origin, policy: &Policy, problems: &[Problem]) {
    let mut all = Vec::new();
    leaves("", tree, 0, &mut all);
    let rows = policy.rows();
    for (path, value) in all {
        let shown = |path: &str| crate::text::visible(path).chars().take(crate::text::EXCERPT).collect::<String>();
        let containers = path.match_indices('.').filter_map(|(at, _)| path.get(..at)).map(shown);
        let ways: Vec<String> = containers.chain([shown(&path)]).collect();
        let of_layer = || problems.iter().filter(|problem| problem.layer == layer);
        let counted = of_layer().any(|problem| problem.key.is_empty() && problem.what.ends_with(" more problems"));
        let blamed = counted || of_layer().any(|problem| ways.contains(&problem.key));
        let canonical = path.replace("Controls.rule_plain_enable.", "Controls.plain_on.");
        let row = rows.iter().find(|row| row.key == canonical);
        let empty = value.as_dictionary().is_some_and(Dictionary::is_empty) && path.starts_with("Controls.");
        let in_force = row.is_some_and(|row| row.from == origin && Some(&row.value) == as_row(&value).as_ref());
        let shadowed = layer == Layer::Local && row.is_some_and(|row| row.from == Origin::Managed);
        let known = in_force || shadowed || BOOKKEEPING.contains(&path.as_str()) || empty;
        assert!(known || blamed, "{path} = {value:?} was lost; {problems:?}");
        assert!(
            !(in_force && blamed) || counted || path != canonical,
            "{path} is in force and a problem: {problems:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, head in prop::sample::select(vec!["", "bplist00", "<plist>", "<plist><dict>"])) {
        let bytes = [head.as_bytes(), &bytes].concat();
        let problems = validate(&bytes, &CATALOGUE);
        prop_assert!(is_well_formed(&bytes) || matches!(&problems[..], [one] if one.key.is_empty()));
    }

    #[test]
    fn damaged_files_never_panic(tree in any_policy(), at in any::<prop::sample::Index>(), byte: u8, cut: bool, as_xml: bool) {
        let mut bytes = if as_xml { xml_of(&tree) } else { binary(&tree) };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        let layers = Layers { local: LayerText::Bytes(bytes), ..Layers::default() };
        let (policy, _) = read(&layers, &CATALOGUE, &Enrolled::No);
        prop_assert_eq!(policy.controls.len(), CATALOGUE.len());
    }

    #[test]
    fn nothing_in_a_file_is_lost_without_a_word(managed in any_policy(), local in any_policy(), which in 0..3) {
        let enrolled = [Enrolled::Yes, Enrolled::No, Enrolled::Unknown("x".to_owned())][usize::try_from(which).unwrap()].clone();
        let layers = Layers {
            managed: LayerText::Bytes(binary(&managed)),
            local: LayerText::Bytes(binary(&local)),
            ..Layers::default()
        };
        let (policy, problems) = read(&layers, &CATALOGUE, &enrolled);
        nothing_is_lost(&managed, Layer::Managed, Origin::Managed, &policy, &problems);
        nothing_is_lost(&local, Layer::Local, Origin::Local, &policy, &problems);
        prop_assert_eq!(policy.controls.len(), CATALOGUE.len());
        prop_assert_eq!(policy.digest().len(), 64);
    }

    #[test]
    fn a_local_file_never_weakens_an_enrolled_mac(local in any_policy()) {
        let layers = Layers { local: LayerText::Bytes(binary(&local)), ..Layers::default() };
        let (policy, _) = read(&layers, &CATALOGUE, &Enrolled::Yes);
        let default = Policy::built_in(&CATALOGUE);
        for (id, own) in &policy.controls {
            let plain = &default.controls[id];
            prop_assert!(own.mode >= plain.mode && (own.selected || !plain.selected));
            for setting in own.control.settings.iter().copied().chain(TIMING) {
                prop_assert!(!setting.is_laxer(&own.settings.value(setting), &setting.default()));
            }
        }
        for section in [&SCHEDULE, &CONTESTED, &SIGN_OUT] {
            for setting in section.settings {
                let value = policy.section(section).value(setting);
                prop_assert!(!setting.is_laxer(&value, &setting.default()), "{} {value}", setting.key);
            }
        }
        let days = policy.ledger.retention_days;
        prop_assert!(days == 0 || days >= 365);
    }
}

/// XML where the tree can be written so; control characters and the like are not XML.
fn xml_of(tree: &Plist) -> Vec<u8> {
    let mut bytes = Vec::new();
    match tree.to_writer_xml(&mut bytes) {
        Ok(()) => bytes,
        Err(_) => binary(tree),
    }
}
