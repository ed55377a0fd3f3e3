//! How many programs a look starts. Each is a process on every Mac at every pass: a control that asks something that no other asks
//! is to be noticed here.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use holdfast::control::Level;
use holdfast::controls;
use holdfast::enforce::Pass;
use holdfast::host::{Look, Once, ToolError};
use holdfast::mac::{Answer, Ask};
use holdfast::policy::presets::find;
use holdfast::policy::{Instead, Policy};
use holdfast::sim::{Mac, SimMac, World};

/// A Mac that remembers what it was asked.
struct Listens<'a> {
    mac: &'a SimMac,
    asked: Mutex<BTreeMap<Ask, usize>>,
}

impl Look for Listens<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        *self.asked.lock().unwrap().entry(ask.clone()).or_default() += 1;
        self.mac.look(ask)
    }
}

/// The programs that a look at everything of this policy starts on this Mac.
fn programs(mac: &SimMac, policy: &Policy) -> Vec<Ask> {
    let listens = Listens { mac, asked: Mutex::default() };
    let (all, now) = (controls::all(), "2026-11-22T12:00:00Z".parse().unwrap());
    let summary = Pass::new(Once::new(&listens), &all, policy, now, &AtomicBool::new(false)).check();
    assert_eq!(summary.lines.len(), all.len());
    let asked = listens.asked.into_inner().unwrap();
    let twice: Vec<_> = asked.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "asked more than once: {twice:?}");
    asked.into_keys().filter(|ask| matches!(ask, Ask::Run(_))).collect()
}

#[test]
fn a_look_at_everything_starts_at_most_sixty_programs_and_at_cis_level_1_forty() {
    let all = controls::all();
    let wholly = Policy::built_in_at(&all, &Instead::level(Level::L3));
    let cis = Policy::built_in_at(&all, &Instead::preset(find("cis-level-1").unwrap()));
    for world in World::ALL {
        for name in Mac::ALL {
            let mac = SimMac::in_memory(world, name);
            for (what, policy, most) in [("level 3", &wholly, 60), ("cis-level-1", &cis, 40)] {
                let programs = programs(&mac, policy);
                let count = programs.len();
                // A look that hardly asks anything would keep any limit.
                assert!(
                    (most / 2..=most).contains(&count),
                    "{}@{}, {what}: {count}: {programs:#?}",
                    world.name(),
                    name.name()
                );
            }
        }
    }
}
