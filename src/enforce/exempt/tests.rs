//! Single users exempt from a control that looks at each of them, on a control of its own; and the time at which one ends.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::control::{Area, Can, Level, Plan, Remedy, Severity, Step, Variant, View};
use crate::enforce::{Line, Outcome};
use crate::host::Touch;
use crate::ledger::memory::MemoryJournal;
use crate::mac::{Change, defaults};
use crate::policy::{Enrolled, LayerText, Layers, read};
use crate::sim::{Mac, SimMac, World};

/// Who has the setting; what a change sets it for. Each test has a control of its own in a thread of its own.
static HAS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
static ALONE: Mutex<()> = Mutex::new(());
const USERS: [&str; 3] = ["ada", "bob", "eve"];

/// Those who are not exempt and have it not.
fn without(view: &View<'_>) -> Vec<&'static str> {
    let has = HAS.lock().unwrap();
    USERS.into_iter().filter(|user| !has.contains(user) && !view.exempt.iter().any(|exempt| exempt == user)).collect()
}

fn probe(view: &View<'_>) -> Result<Finding, ToolError> {
    if USERS.iter().all(|user| view.exempt.iter().any(|exempt| exempt == user)) {
        return Ok(Finding::not_applicable("everybody is passed over"));
    }
    let without = without(view).join(", ");
    Ok(Finding::judge(without.is_empty(), format!("without it: {without}"), "all have it"))
}

fn plan(view: &View<'_>) -> Result<Plan, ToolError> {
    let step = |user: &str| Step {
        change: defaults::write_bool("/Users/x", user, true),
        undo: Vec::new(),
        prior: BTreeMap::new(),
    };
    Ok(Plan::Now(without(view).into_iter().map(step).collect()))
}

static EACH: Control = Control {
    id: "each_user",
    title: "t",
    why: "w",
    check: "c",
    user_impact: "u",
    variants: &[Variant::everywhere(Can::UserContext, Remedy::sets("h", plan)).of_each_user()],
    probe,
    ..Control::of(Area::ScreenLock, Level::L1, Severity::Low)
};
static CATALOGUE: [&Control; 1] = [&EACH];

/// Makes a change true, and keeps for whom.
struct Hands(Mutex<Vec<String>>);

impl Touch for Hands {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        let user = USERS.into_iter().find(|user| change.run.argv.iter().any(|word| word == user)).unwrap();
        HAS.lock().unwrap().push(user);
        self.0.lock().unwrap().push(user.to_owned());
        Ok(())
    }
}

fn at(text: &str) -> DateTime<Utc> {
    clock::read(text).unwrap()
}

/// A policy that exempts these from the control, until noon.
fn policy(users: &[Option<&str>], end: &str) -> Policy {
    let one = |user: &Option<&str>| {
        let user = user.map(|user| format!("<key>User</key><string>{user}</string>")).unwrap_or_default();
        format!(
            "<dict><key>Control</key><string>each_user</string>{user}<key>Reason</key><string>r</string>\
             <key>Approver</key><string>a</string><key>Ticket</key><string>t</string><key>Expires</key><string>{end}</string></dict>"
        )
    };
    let items: String = users.iter().map(one).collect();
    let text = format!("<plist version=\"1.0\"><dict><key>Exemptions</key><array>{items}</array></dict></plist>");
    let layers = Layers { managed: LayerText::Bytes(text.into_bytes()), ..Layers::default() };
    let (policy, problems) = read(&layers, &CATALOGUE, &Enrolled::Yes);
    assert_eq!(problems, []);
    policy
}

const NOON: &str = "2027-01-31T12:00:00Z";

/// One pass at `now`, with `has` having the setting: its line, whom it changed something for, and its events.
fn pass(policy: &Policy, has: &[&'static str], now: DateTime<Utc>) -> (Line, Vec<String>, Vec<Event>) {
    *HAS.lock().unwrap() = has.to_vec();
    let (mac, stop) = (SimMac::in_memory(World::Hardened, Mac::default()), AtomicBool::new(false));
    let (hands, mut journal) = (Hands(Mutex::default()), MemoryJournal::default());
    let mut summary = Pass::new(&mac, &CATALOGUE, policy, now, &stop).enforce(&hands, &mut journal).unwrap();
    (summary.lines.remove(0), hands.0.into_inner().unwrap(), journal.events)
}

#[test]
fn an_exempt_user_is_passed_over_and_the_others_are_mended() {
    let _alone = ALONE.lock().unwrap();
    let before = at("2027-01-31T11:59:59.999Z");
    let ada = policy(&[Some("ada")], NOON);
    // Only ada's is not as it should be.
    let (line, touched, events) = pass(&ada, &["bob", "eve"], before);
    assert!(touched.is_empty());
    let Outcome::Exempt { seen, wanted, by } = &line.outcome else { panic!("{line:?}") };
    assert_eq!((seen.as_str(), wanted.as_deref()), ("without it: ada", Some("all have it")));
    assert_eq!(by.iter().map(|one| one.user.as_deref()).collect::<Vec<_>>(), [Some("ada")]);
    assert!(matches!(&events[..], [Event::Found { state, wanted: Some(_), .. }] if state == "exempt"));
    // Bob's too: his is mended, hers is not touched.
    let (line, touched, _) = pass(&ada, &["eve"], before);
    assert_eq!(touched, ["bob"]);
    assert!(matches!(&line.outcome, Outcome::Fixed { before, .. } if before == "without it: bob"), "{line:?}");
    // Everybody has it: nobody needs an exemption.
    let (line, touched, _) = pass(&ada, &USERS, before);
    assert!(matches!(line.outcome, Outcome::Compliant { .. }) && touched.is_empty());
    // All exempt, one by one.
    let (line, touched, _) = pass(&policy(&[Some("ada"), Some("bob"), Some("eve")], NOON), &[], before);
    assert!(matches!(&line.outcome, Outcome::Exempt { by, .. } if by.len() == 3) && touched.is_empty(), "{line:?}");
    // A user who is not there, and one whose name only looks alike, exempt nobody.
    let (_, touched, _) = pass(&policy(&[Some("zoe"), Some("Ada")], NOON), &["bob", "eve"], before);
    assert_eq!(touched, ["ada"]);
}

#[test]
fn an_exempt_mac_is_looked_at_and_what_holds_is_said() {
    let _alone = ALONE.lock().unwrap();
    let before = at("2027-01-31T11:00:00Z");
    for users in [&[None][..], &[None, Some("ada")]] {
        let (line, touched, _) = pass(&policy(users, NOON), &["ada"], before);
        assert!(
            matches!(&line.outcome, Outcome::Exempt { wanted: Some(_), by, .. } if by.len() == 1) && touched.is_empty()
        );
        let (line, _, events) = pass(&policy(users, NOON), &USERS, before);
        assert!(matches!(&line.outcome, Outcome::Exempt { wanted: None, .. }));
        assert!(matches!(&events[..], [Event::Found { state, wanted: None, .. }] if state == "exempt"));
    }
}

#[test]
fn it_is_over_at_its_very_instant_wherever_that_was_written_down() {
    let _alone = ALONE.lock().unwrap();
    for end in [NOON, "2027-02-01T02:00:00+14:00", "2027-01-31T00:00:00-12:00", "2027-01-31T17:45:00+05:45"] {
        let policy = policy(&[None], end);
        let (line, _, _) = pass(&policy, &[], at(NOON) - TimeDelta::milliseconds(1));
        assert_eq!(line.outcome.word(), "exempt", "{end}");
        let (line, touched, _) = pass(&policy, &[], at(NOON));
        assert_eq!((line.outcome.word(), touched.len()), ("fixed", 3), "{end}");
    }
}

/// What is on record after these events.
fn folded(events: &[Event], on_record: &mut crate::ledger::history::History) {
    for event in events {
        on_record.apply(&crate::ledger::Entry {
            v: 1,
            seq: 1,
            time: "2027-01-01T00:00:00.000Z".into(),
            boot: None,
            run: "r".into(),
            simulated: false,
            event: event.clone(),
            prev: String::new(),
        });
    }
}

fn stages(events: &[Event]) -> Vec<&str> {
    let stage = |event: &Event| match event {
        Event::Exemption { stage, .. } => Some(match stage.as_str() {
            BEGINS => BEGINS,
            ENDS_SOON => ENDS_SOON,
            EXPIRED => EXPIRED,
            _ => WITHDRAWN,
        }),
        _ => None,
    };
    events.iter().filter_map(stage).collect()
}

#[test]
fn each_step_is_told_once_and_an_end_is_for_good_also_where_the_clock_is_set_back() {
    let (own, mut history) = (policy(&[Some("ada")], NOON), crate::ledger::history::History::default());
    let mut tell = |policy: &Policy, now: DateTime<Utc>| {
        let events = news(policy, &history.exemptions, now, &CATALOGUE);
        folded(&events, &mut history);
        (stages(&events).into_iter().map(str::to_owned).collect::<Vec<_>>(), history.exemptions.clone())
    };
    let noon = at(NOON);
    let day = TimeDelta::days;
    assert_eq!(tell(&own, noon - day(30)).0, [BEGINS]);
    assert_eq!(tell(&own, noon - day(14) - TimeDelta::seconds(1)).0, [""; 0]);
    assert_eq!(tell(&own, noon - day(14)).0, [ENDS_SOON]);
    assert_eq!(tell(&own, noon - day(2)).0, [""; 0]);
    let (said, on_record) = tell(&own, noon - TimeDelta::milliseconds(1));
    assert!(said.is_empty() && lapsed(&own, &on_record, noon - TimeDelta::milliseconds(1)).is_empty());
    assert_eq!(lapsed(&own, &on_record, noon).into_iter().collect::<Vec<_>>(), ["each_user"]);
    let (said, on_record) = tell(&own, noon);
    assert_eq!(said, [EXPIRED]);
    assert!(lapsed(&own, &on_record, noon).is_empty());
    // The clock goes back: over is over, and a problem.
    for now in [noon - TimeDelta::milliseconds(1), noon - day(400)] {
        assert_eq!(tell(&own, now).0, [""; 0]);
        assert_eq!(Exempt::of(&own, &on_record, now), Exempt::default());
        assert_eq!(problems(&own, &on_record, now).len(), 1);
    }
    // With another end it is another one.
    let renewed = policy(&[Some("ada")], "2027-03-31T12:00:00Z");
    let (said, on_record) = tell(&renewed, noon);
    assert_eq!(said, [BEGINS]);
    assert_eq!(Exempt::of(&renewed, &on_record, noon).users(&EACH), ["ada"]);
    assert_eq!(Exempt::of(&renewed, &on_record, noon).next_end(), Some(at("2027-03-31T12:00:00Z")));
    assert_eq!(tell(&policy(&[], NOON), noon).0, [WITHDRAWN]);
    assert_eq!(tell(&own, noon - day(1)).0, [BEGINS, ENDS_SOON], "it was taken out before it was over");
    // What belongs to no control of the pass is left to one that looks at it.
    assert_eq!(news(&policy(&[], NOON), &on_record, noon, &[]), []);
}
