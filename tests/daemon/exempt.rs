//! The daemon wakes for the end of an exemption, and a pass that began before it is not disturbed by it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use holdfast::clock::Clock;
use holdfast::daemon::events::Happened;

use crate::stage::{POLICY, Stage, list, minutes};

fn exempt(end: DateTime<Utc>) -> String {
    let end = end.to_rfc3339_opts(SecondsFormat::Millis, true);
    list(&format!(
        "<key>Exemptions</key><array><dict><key>Control</key><string>firewall_on</string><key>Reason</key><string>a lab</string>\
         <key>Approver</key><string>R. Roe</string><key>Ticket</key><string>SEC-12</string><key>Expires</key><string>{end}</string>\
         </dict></array>"
    ))
}

fn fixes(stage: &Stage) -> Vec<DateTime<Utc>> {
    let fixed = stage.events("fixed").into_iter().filter(|line| line["control"] == "firewall_on");
    fixed.map(|line| line["time"].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn the_daemon_wakes_at_the_end_of_an_exemption_and_enforces() {
    let stage = Stage::new("neglected");
    let end = stage.clock.now() + minutes(24);
    stage.put(POLICY, &exempt(end));
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    stage.live(&mut core, minutes(24) - TimeDelta::seconds(1));
    assert!(fixes(&stage).is_empty(), "exempt");
    stage.live(&mut core, TimeDelta::seconds(3));
    let fixed = fixes(&stage);
    assert_eq!(fixed.len(), 1);
    assert!(fixed[0] >= end && fixed[0] <= end + TimeDelta::seconds(1), "{fixed:?} {end}");
    let run = stage.events("run_started").pop().unwrap();
    assert_eq!(run["cause"]["detail"], "an exemption is over", "{run}");
    let stages: Vec<String> =
        stage.events("exemption").iter().map(|line| line["stage"].as_str().unwrap().to_owned()).collect();
    assert_eq!(stages, ["begins", "ends_soon", "expired"]);
    let lines = stage.ledger().len();
    stage.live(&mut core, minutes(4));
    assert_eq!(stage.ledger().len(), lines, "and that was that");
}

#[test]
fn a_pass_that_began_before_the_end_treats_it_as_exempt_and_the_next_one_at_once_enforces() {
    let stage = Stage::new("neglected");
    let end = stage.clock.now() + minutes(1);
    stage.put(POLICY, &exempt(end));
    let eyes = stage.eyes();
    let mut core = stage.core(&eyes);
    // The first question about the firewall takes until after the end.
    *eyes.before.lock().unwrap() = Some(("socketfilterfw", Box::new(|| stage.clock.pass(minutes(2)))));
    core.tick(Happened::default());
    assert!(stage.clock.now() > end);
    assert!(fixes(&stage).is_empty());
    let found = stage.events("found").into_iter().find(|line| line["control"] == "firewall_on").unwrap();
    assert_eq!(found["state"], "exempt");
    core.tick(Happened::default());
    assert_eq!(fixes(&stage).len(), 1);
}
