//! What becomes of a layer that cannot be read.

use super::*;
use crate::policy::{Layer, MAX_BYTES, Mode, Origin, is_well_formed, validate};

fn off() -> Plist {
    about("plain_on", dict([("Mode", "off".into())]))
}

/// Bytes that no policy can be read from, with what is said about them.
fn broken() -> Vec<(Vec<u8>, &'static str)> {
    let whole = xml(&off());
    let mut long = whole.clone();
    long.resize(MAX_BYTES + 1, b' ');
    let two = [whole.as_slice(), &whole].concat();
    vec![
        (vec![], "property list"),
        (b"bplist00".to_vec(), "property list"),
        (b"Level".to_vec(), "property list"),
        (b"{ Level = 3; }".to_vec(), "property list"),
        (whole[..whole.len() / 2].to_vec(), "property list"),
        (two, "property list"),
        (long, "more than 1048576 bytes"),
        (xml(&list(&["Level"])), "it holds an array where a dictionary belongs"),
        (binary(&"text".into()), "it holds a string where a dictionary belongs"),
    ]
}

#[test]
fn both_encodings_are_read_alike() {
    for bytes in [xml(&off()), binary(&off()), [b"\xef\xbb\xbf".as_slice(), &xml(&off())].concat()] {
        assert!(is_well_formed(&bytes));
        let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
        let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::Yes);
        assert_eq!((policy.of(&PLAIN).mode, problems), (Mode::Off, vec![]));
    }
}

#[test]
fn a_layer_that_cannot_be_used_gives_way_to_its_last_good_copy() {
    let mut texts: Vec<(LayerText, &str)> =
        broken().into_iter().map(|(bytes, why)| (LayerText::Bytes(bytes), why)).collect();
    texts.push((LayerText::Unreadable("owned by\u{1b} 501".to_owned()), "could not be read: owned by\\u{1b} 501"));
    for (text, why) in texts {
        for layer in [Layer::Managed, Layer::Local] {
            for (last_good, instead, from) in [
                (LayerText::Bytes(xml(&off())), "the last good copy is used instead", true),
                (LayerText::Absent, "there is no last good copy, so it counts as absent", false),
                (LayerText::Bytes(b"junk".to_vec()), "so it counts as absent", false),
                (
                    LayerText::Unreadable("no permission".to_owned()),
                    "the last good copy could not be read (no permission), so it counts as absent",
                    false,
                ),
            ] {
                let mut layers = Layers::default();
                let kept = match layer {
                    Layer::Managed => {
                        (layers.managed, layers.managed_last_good) = (text.clone(), last_good);
                        Origin::ManagedLastGood
                    }
                    Layer::Local => {
                        (layers.local, layers.local_last_good) = (text.clone(), last_good);
                        Origin::LocalLastGood
                    }
                };
                let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::No);
                let wanted = if from { (Mode::Off, kept) } else { (Mode::Enforce, Origin::Default) };
                assert_eq!((policy.of(&PLAIN).mode, policy.of(&PLAIN).mode_from), wanted);
                assert_eq!((problems.len(), problems[0].layer, problems[0].key.as_str()), (1, layer, ""));
                let what = &problems[0].what;
                assert!(what.contains(why) && what.ends_with(instead), "{what}");
            }
        }
    }
}

#[test]
fn a_layer_that_is_gone_is_not_kept_alive_by_its_last_good_copy() {
    let layers = Layers {
        managed_last_good: LayerText::Bytes(xml(&off())),
        local_last_good: LayerText::Bytes(xml(&off())),
        ..Layers::default()
    };
    let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::No);
    assert_eq!((policy.of(&PLAIN).mode, problems), (Mode::Enforce, vec![]));
}

#[test]
fn one_lost_layer_leaves_the_other() {
    let layers = Layers {
        managed: LayerText::Unreadable("x".to_owned()),
        local: bytes(Some(&about("plain_on", dict([("Seconds", 10.into())])))),
        ..Layers::default()
    };
    let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::Yes);
    assert_eq!((row(&policy, "Controls.plain_on.Seconds").text.as_str(), problems.len()), ("10", 1));
}

#[test]
fn what_a_last_good_copy_gets_wrong_is_said_too() {
    let layers = Layers {
        managed: LayerText::Bytes(vec![]),
        managed_last_good: LayerText::Bytes(xml(&dict([("Level", 9.into())]))),
        ..Layers::default()
    };
    assert_eq!(paths(&read(&layers, &CATALOGUE, &Enrolled::Yes).1), ["", "Level"]);
}

#[test]
fn validate_says_what_read_would() {
    for (bytes, why) in broken() {
        let problems = validate(&bytes, &CATALOGUE);
        assert!(problems.len() == 1 && problems[0].what.contains(why), "{problems:?}");
        assert!(!problems[0].to_string().contains("last good"), "{}", problems[0]);
        assert!(!problems[0].to_string().contains("managed"), "{}", problems[0]);
    }
    assert_eq!(validate(&binary(&off()), &CATALOGUE), []);
    let problems = validate(&xml(&dict([("Level", 9.into()), ("Lewel", 2.into())])), &CATALOGUE);
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["Level: 9 is not between 1 and 3 levels", "Lewel: there is no key \"Lewel\" (did you mean Level?)"]
    );
}

#[test]
fn a_key_that_is_there_twice_is_said_and_the_last_one_counts() {
    let text = b"<plist><dict><key>Level</key><integer>2</integer><key>Controls</key><dict><key>plain_on</key>
        <dict><key>Mode</key><string>off</string><key>Mode</key><string>audit</string></dict></dict>
        <key>Level</key><integer>3</integer></dict></plist>";
    let layers = Layers { managed: LayerText::Bytes(text.to_vec()), ..Layers::default() };
    let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::Yes);
    assert_eq!(paths(&problems), ["Controls.plain_on.Mode", "Level"]);
    assert_eq!((policy.of(&PLAIN).mode, u8::from(policy.level)), (Mode::Audit, 3));
}

#[test]
fn only_so_many_problems_of_a_layer_are_kept() {
    let many = |count: usize| {
        let keys = (0..count).map(|n| (format!("Key{n:04}"), Plist::from(1)));
        Plist::Dictionary(keys.collect())
    };
    for (count, kept) in [(50, 50), (51, 51), (2000, 51)] {
        let (_, problems) = read_both(Some(&many(count)), Some(&many(3)), &Enrolled::No);
        let managed: Vec<_> = problems.iter().filter(|problem| problem.layer == Layer::Managed).collect();
        assert_eq!((managed.len(), problems.len()), (kept, kept + 3));
        let more = managed.last().filter(|problem| problem.key.is_empty()).map(|problem| problem.what.clone());
        assert_eq!(more, (count > 50).then(|| crate::text::count(count - 50, "more problem", "more problems")));
    }
    assert_eq!(validate(&xml(&many(2000)), &CATALOGUE).len(), 51);
}
