//! A setting that two controls want the same: it is put back with the one that set it last, and never under that one's feet.

use holdfast::agent::restore::Which;
use holdfast::controls;
use holdfast::enforce::undo::Became;
use holdfast::sim::Mac;

use crate::bench::{Bench, names, scheduled};
use crate::restored::{enforce, everything, is_back, neglected, only, restore};

pub const NAP: &str = "power_nap";
pub const KEY: &str = "filevault_key_destroyed_on_standby";

/// An Intel laptop, whose set that destroys FileVault's key has Power Nap off as well.
fn with_the_set() -> Bench {
    let bench = neglected(Mac::IntelLaptop14);
    enforce(&bench);
    bench
}

fn napping(bench: &Bench) -> bool {
    bench.counted.mac.state().power.sources.iter().any(|source| source.settings["powernap"] != 0)
}

#[test]
fn what_another_control_needs_so_is_named_and_stays_until_that_one_is_put_back() {
    let bench = with_the_set();
    let (lines, touches) = (bench.lines(), bench.touches());
    for dry in [true, false] {
        let restored = match dry {
            true => bench.agent().would_restore(&only(NAP), false).unwrap(),
            false => restore(&bench, &only(NAP), false),
        };
        let told: Vec<_> = restored.undone.iter().map(|one| (one.control.as_str(), one.setting.as_str())).collect();
        assert_eq!(told, [(NAP, "pmset powernap (AC Power)"), (NAP, "pmset powernap (Battery Power)")]);
        let shared = Became::Shared { with: KEY.to_owned() };
        assert!(restored.undone.iter().all(|one| one.became == shared), "{restored:?}");
        assert!(restored.held.is_empty());
    }
    // Nothing came of it, so nothing is on record.
    assert_eq!((bench.lines(), bench.touches(), napping(&bench)), (lines, touches, false));
    let restored = restore(&bench, &only(KEY), false);
    assert!(restored.undone.iter().all(is_back), "{restored:?}");
    assert_eq!((restored.held, napping(&bench)), (vec![KEY, NAP], true));
}

#[test]
fn asked_for_with_the_one_that_needs_it_so_it_is_put_back() {
    let bench = with_the_set();
    let both = Which::Controls([NAP, KEY].map(|id| controls::find(id).unwrap()).to_vec());
    let restored = restore(&bench, &both, false);
    assert!(restored.undone.iter().all(is_back), "{restored:?}");
    assert_eq!((restored.held, napping(&bench)), (vec![KEY, NAP], true));
}

/// A policy that has only these mended.
fn mending(ids: &[&str]) -> String {
    let one = |id: &&str| format!("<key>{id}</key><dict><key>Mode</key><string>enforce</string></dict>");
    format!(
        "<key>Level</key><integer>3</integer><key>Controls</key><dict>{}</dict>",
        ids.iter().map(one).collect::<String>()
    )
}

/// The set was made first; then somebody set Power Nap otherwise, and its own control has mended that.
fn mended_under_the_set() -> Bench {
    let bench = neglected(Mac::IntelLaptop14);
    bench.set_policy(&mending(&[KEY]));
    enforce(&bench);
    let wake = |state: &mut holdfast::sim::State| {
        for source in &mut state.power.sources {
            source.settings.insert("powernap".into(), 1.into());
        }
    };
    bench.counted.mac.edit(wake).unwrap();
    bench.set_policy(&mending(&[NAP]));
    enforce(&bench);
    assert!(!napping(&bench));
    bench
}

#[test]
fn what_an_earlier_set_needs_so_stays_too_and_goes_back_with_it_or_after_it() {
    let bench = mended_under_the_set();
    let restored = restore(&bench, &only(NAP), false);
    let shared = Became::Shared { with: KEY.to_owned() };
    assert!(restored.undone.len() == 2 && restored.undone.iter().all(|one| one.became == shared), "{restored:?}");
    assert!(!napping(&bench) && restored.held.is_empty());
    // With the set gone it holds nothing more.
    let restored = restore(&bench, &only(KEY), false);
    assert!(restored.held == [KEY] && !napping(&bench), "{restored:?}");
    let restored = restore(&bench, &only(NAP), false);
    assert!(restored.undone.iter().all(is_back) && napping(&bench), "{restored:?}");
    let both = Which::Controls([NAP, KEY].map(|id| controls::find(id).unwrap()).to_vec());
    for which in [Which::All, both] {
        let bench = mended_under_the_set();
        let restored = restore(&bench, &which, false);
        assert!(restored.undone.iter().all(is_back) && napping(&bench), "{restored:?}");
    }
    let bench = mended_under_the_set();
    let run = bench.agent().history().unwrap().made["pmset powernap (AC Power)"].run.clone();
    let restored = restore(&bench, &Which::Run(run), false);
    assert!(restored.undone.iter().all(is_back) && napping(&bench), "{restored:?}");
}

#[test]
fn who_else_has_set_a_setting_outlasts_rotation() {
    let mut bench = neglected(Mac::IntelLaptop14);
    bench
        .set_policy(&everything("<key>Ledger</key><dict><key>MaximumSegmentSize</key><integer>65536</integer></dict>"));
    enforce(&bench);
    while !names(&bench.events_since(0)).iter().any(|name| name == "checkpoint") {
        bench.pass_seconds(90_000);
        bench.forgets();
        bench.hold(&scheduled(controls::all()));
    }
    let restored = restore(&bench, &only(NAP), false);
    assert!(restored.undone.iter().all(|one| matches!(one.became, Became::Shared { .. })), "{restored:?}");
    assert_eq!(restored.undone.len(), 2);
}
