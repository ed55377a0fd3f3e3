//! Which controls are held in audit mode, because what the agent had changed was put back: on record, until policy has something
//! else for them or a person says so.

use std::collections::BTreeMap;

use crate::control::Control;
use crate::controls;
use crate::ledger::Event;
use crate::ledger::history::Standing;
use crate::policy::Policy;

/// The controls that are held, by id, each with since when (RFC 3339).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds(BTreeMap<&'static str, String>);

impl Holds {
    /// Those that are on record and that `policy` has not changed since.
    #[must_use]
    pub fn of(standings: &BTreeMap<String, Standing>, policy: &Policy) -> Self {
        let on_record = on_record(standings).filter(|(control, standing)| !is_lapsed(control, standing, policy));
        Self(on_record.filter_map(|(control, standing)| Some((control.id, standing.held.clone()?))).collect())
    }

    /// Since when the control `id` is held; `None` where it is not.
    #[must_use]
    pub fn since(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

/// The event that has `control` held from now on, for as long as policy has for it what it has now.
#[must_use]
pub fn held(control: &'static Control, policy: &Policy) -> Event {
    Event::Held { control: control.id.to_owned(), policy: policy.digest_of(control) }
}

/// The events that end the holds which a change of `policy` has ended.
#[must_use]
pub fn lapsed(standings: &BTreeMap<String, Standing>, policy: &Policy) -> Vec<Event> {
    on_record(standings)
        .filter(|(control, standing)| is_lapsed(control, standing, policy))
        .map(|(control, _)| Event::Resumed {
            control: control.id.to_owned(),
            because: "policy has changed for it since it was put back".to_owned(),
        })
        .collect()
}

fn on_record(standings: &BTreeMap<String, Standing>) -> impl Iterator<Item = (&'static Control, &Standing)> {
    let held = standings.iter().filter(|(_, standing)| standing.held.is_some());
    held.filter_map(|(id, standing)| Some((controls::find(id)?, standing)))
}

/// A hold of a policy that is not on record has nothing to be told from: only a person ends it.
fn is_lapsed(control: &'static Control, standing: &Standing, policy: &Policy) -> bool {
    standing.held_policy.as_ref().is_some_and(|digest| *digest != policy.digest_of(control))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Enrolled, LayerText, Layers, read};

    const ID: &str = "screen_lock_login_window_idle";

    /// The policy of a managed file with this inside.
    fn policy(inside: &str) -> Policy {
        let text = format!("<plist version=\"1.0\"><dict>{inside}</dict></plist>");
        let layers = Layers { managed: LayerText::Bytes(text.into_bytes()), ..Layers::default() };
        let (policy, problems) = read(&layers, &controls::all(), &Enrolled::Yes);
        assert_eq!(problems, Vec::new());
        policy
    }

    fn of(id: &str, keys: &str) -> Policy {
        policy(&format!("<key>Controls</key><dict><key>{id}</key><dict>{keys}</dict></dict>"))
    }

    #[test]
    fn a_hold_ends_where_policy_changes_for_that_control_and_nowhere_else() {
        let control = controls::find(ID).unwrap();
        let plain = policy("");
        let digest = Some(plain.digest_of(control));
        let standing = Standing { held: Some("1".into()), held_policy: digest, ..Standing::default() };
        let mut standings = BTreeMap::from([(ID.to_owned(), standing)]);
        let same = [
            policy("<key>Level</key><integer>3</integer>"),
            of("firewall_on", "<key>Mode</key><string>audit</string>"),
            of(ID, "<key>Interval</key><integer>3600</integer>"),
        ];
        for policy in [&plain].into_iter().chain(&same) {
            assert_eq!(Holds::of(&standings, policy).since(ID), Some("1"));
            assert_eq!(lapsed(&standings, policy), Vec::new());
        }
        let setting = control.settings[0].key;
        let others = [
            of(ID, &format!("<key>{setting}</key><integer>600</integer>")),
            of(ID, "<key>Mode</key><string>audit</string>"),
            policy("<key>Mode</key><string>audit</string>"),
        ];
        for policy in &others {
            assert_eq!(Holds::of(&standings, policy), Holds::default());
            assert!(matches!(lapsed(&standings, policy).as_slice(), [Event::Resumed { control, .. }] if control == ID));
        }
        // By which policy it was held is not known: only a person ends it.
        standings.get_mut(ID).unwrap().held_policy = None;
        assert!(others.iter().all(|policy| Holds::of(&standings, policy).since(ID).is_some()));
    }
}
