//! Another preset for one run: what it holds the Mac to, and what it leaves as it is.

use holdfast::agent::Agent;
use holdfast::agent::restore::Which;
use holdfast::control::Level;
use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::ledger::Event;
use holdfast::policy::{Instead, presets};
use holdfast::sim::{Mac, World};
use serde_json::Value;

use crate::bench::Bench;
use crate::program::Program;

const ID: &str = "firewall_allow_signed";

#[test]
fn another_preset_for_one_run_ends_no_hold_and_leaves_the_state_file() {
    let bench = Bench::new(World::Neglected);
    bench.set_policy("<key>Level</key><integer>2</integer>");
    bench.agent().enforce(&mut || panic!()).unwrap();
    let restored = bench.agent().restore(&Which::Controls(vec![controls::find(ID).unwrap()]), false, &mut || panic!());
    assert_eq!(restored.unwrap().held, [ID]);
    let (state, before) = (bench.state(), bench.lines());
    // With it the control has other values than those that it is held by.
    let instead = Instead { preset: presets::find("how-to-harden"), level: Some(Level::L3), ..Instead::NOTHING };
    for run in 0..2 {
        let agent = Agent { instead, ..bench.agent() };
        let run = if run == 0 { agent.check() } else { agent.enforce(&mut || panic!()).unwrap() };
        assert_eq!((run.policy.aim().as_str(), run.problems.len()), ("preset how-to-harden, level 3", 0));
        let line = run.summary.lines.iter().find(|line| line.control.id == ID).unwrap();
        assert!(matches!(&line.outcome, Outcome::Drifted { left: Left::Held { .. }, .. }), "{line:?}");
        let stealth = run.summary.lines.iter().find(|line| line.control.id == "secure_tokens").unwrap();
        assert!(
            matches!(&stealth.outcome, Outcome::Off { because } if because.contains("how-to-harden")),
            "{stealth:?}"
        );
    }
    assert!(bench.events_since(before).iter().all(|event| !matches!(event, Event::Resumed { .. })));
    assert!(bench.standing(ID).held.is_some());
    assert_eq!(bench.state(), state, "a run that is not the policy's says nothing of how the Mac stands");
}

#[test]
fn frameworks_look_at_all_but_what_policy_switches_off() {
    let program = Program::on(World::Hardened, Mac::ArmLaptop26);
    let ask = || program.json(&["frameworks", "--framework", "cis-v8"]);
    let state = |document: &Value, id: &str| {
        let all = document["frameworks"][0]["requirements"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).unwrap()["state"].as_str().unwrap().to_owned()
    };
    let (status, document) = ask();
    assert_eq!((status, document["policy"].as_str()), (0, Some("level 1")), "{document}");
    assert_eq!(document["frameworks"][0]["counts"]["unknown"], 0, "what is above level 1 is looked at too");
    program
        .policy("<key>Controls</key><dict><key>xprotect</key><dict><key>Mode</key><string>off</string></dict></dict>");
    let (status, document) = ask();
    assert_eq!((status, state(&document, "10.1").as_str()), (2, "unknown"), "nobody looked at xprotect");
    program.policy("<key>Levl</key><integer>1</integer>");
    let (status, document) = ask();
    assert_eq!((status, document["problems"].as_array().unwrap().len()), (78, 1));
}
