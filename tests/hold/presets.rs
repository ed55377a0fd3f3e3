//! Another preset for one run: what it holds the Mac to, and what it leaves as it is.

use holdfast::agent::Agent;
use holdfast::agent::restore::Which;
use holdfast::control::Level;
use holdfast::controls;
use holdfast::enforce::{Left, Outcome};
use holdfast::ledger::Event;
use holdfast::policy::{Instead, presets};
use holdfast::sim::World;

use crate::bench::Bench;

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
    let instead = Instead { preset: presets::find("how-to-harden"), level: Some(Level::L3) };
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
