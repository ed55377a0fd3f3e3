//! Owners and modes: what counts, whom policy exempts, and that links lead nowhere.

use holdfast::control::{Finding, Plan, Reach, Remedy, Settings, View};
use holdfast::controls;
use holdfast::host::survey::survey;
use holdfast::host::{ToolError, Touch};
use holdfast::mac::FileKind;
use holdfast::sim::state::permissions::Mark;
use holdfast::sim::{Mac, SimMac, World};

/// The control looked at, and what is planned where the agent sets it, with some users exempt.
fn judged(mac: &SimMac, id: &str, exempt: &[&str]) -> (Result<Finding, ToolError>, Option<Result<Plan, ToolError>>) {
    let control = controls::find(id).unwrap();
    let (facts, settings) = (survey(mac).unwrap(), Settings::default());
    let exempt: Vec<String> = exempt.iter().map(|name| (*name).to_owned()).collect();
    let now = chrono::DateTime::UNIX_EPOCH;
    let view = View { mac, facts: &facts, settings: &settings, exempt: &exempt, now, after_change: false };
    let plan = match &control.variant(&facts).unwrap().reach {
        Reach::Applies { remedy: Remedy::Automatic { plan, .. }, .. } => Some(plan(&view)),
        _ => None,
    };
    (control.look(&view), plan)
}

fn hardened() -> SimMac {
    SimMac::in_memory(World::Hardened, Mac::default())
}

fn mark(mac: &SimMac, path: &str, mark: Mark) {
    mac.edit(|state| state.permissions.mark(path, mark)).unwrap();
}

fn link() -> Mark {
    Mark { kind: FileKind::Link, ..Mark::file(501, 20, 0o777) }
}

fn commands(plan: Option<Result<Plan, ToolError>>) -> Vec<String> {
    let Some(Ok(Plan::Now(steps))) = plan else { panic!("{plan:?}") };
    steps.iter().map(|step| step.change.to_string()).collect()
}

#[test]
fn each_home_counts_but_those_of_exempt_users_and_those_that_are_none() {
    let mac = hardened();
    let holds =
        |exempt: &[&str]| matches!(judged(&mac, "home_folder_permissions", exempt).0, Ok(Finding::Compliant { .. }));
    assert!(holds(&[]));
    for (path, other) in [
        ("/Users/linked", link()),
        ("/Users/Deleted Users", Mark::folder(0, 80, 0o755)),
        ("/Users/a file", Mark::file(501, 20, 0o644)),
        ("/Users/Guest", Mark::folder(201, 20, 0o755)),
    ] {
        mark(&mac, path, other);
        assert!(holds(&[]), "{path}");
    }
    mark(&mac, "/Users/alice", Mark::folder(501, 20, 0o750));
    assert!(!holds(&[]) && !holds(&["bob"]) && holds(&["alice"]));
    assert_eq!(commands(judged(&mac, "home_folder_permissions", &[]).1), ["/bin/chmod -h 0700 /Users/alice"]);
    assert!(commands(judged(&mac, "home_folder_permissions", &["alice"]).1).is_empty());
    mac.edit(|state| state.permissions.marks.retain(|path, mark| path == "/Users" || mark.owner < 500)).unwrap();
    mac.edit(|state| state.users.retain(|user| user.uid < 500)).unwrap();
    assert!(matches!(judged(&mac, "home_folder_permissions", &[]).0, Ok(Finding::NotApplicable { .. })));
}

#[test]
fn a_link_in_the_place_of_what_is_guarded_is_unknown_and_never_changed() {
    for (id, path) in [
        ("audit_control_permissions", "/private/etc/security/audit_control"),
        ("audit_log_permissions", "/private/var/audit"),
    ] {
        let mac = hardened();
        mark(&mac, path, link());
        let (found, plan) = judged(&mac, id, &[]);
        assert!(found.is_err() && plan.is_some_and(|plan| plan.is_err()), "{id}");
    }
    // Among the records there is one by nature, to the record being written.
    let mac = hardened();
    mark(&mac, "/private/var/audit/current", link());
    assert!(matches!(judged(&mac, "audit_log_permissions", &[]).0, Ok(Finding::Compliant { .. })));
    mark(&mac, "/Library/Security/PolicyBanner.txt", link());
    assert!(matches!(judged(&mac, "login_window_banner", &[]).0, Ok(Finding::Drifted { .. })));
    mark(&mac, "/Users/Guest", link());
    assert!(matches!(judged(&mac, "guest_home_folder", &[]).0, Ok(Finding::Drifted { .. })));
}

#[test]
fn an_audit_that_is_not_set_up_has_no_files_to_guard_and_does_not_record() {
    let mac = SimMac::in_memory(World::Factory, Mac::default());
    let (found, plan) = judged(&mac, "audit_control_permissions", &[]);
    assert!(matches!(found, Ok(Finding::NotApplicable { .. })) && commands(plan).is_empty());
    for id in ["audit_daemon", "audit_flags", "audit_retention"] {
        let Ok(Finding::Drifted { seen, .. }) = judged(&mac, id, &[]).0 else { panic!("{id}") };
        assert!(seen.contains("not set up"), "{seen}");
    }
    let mac = hardened();
    mac.edit(|state| state.permissions.auditing = false).unwrap();
    assert!(matches!(judged(&mac, "audit_daemon", &[]).0, Ok(Finding::Drifted { .. })));
}

#[test]
fn more_records_than_one_line_of_the_ledger_holds_are_left_to_a_person() {
    let mac = hardened();
    let add = |count: usize| {
        for n in 0..count {
            mark(&mac, &format!("/private/var/audit/2026030108{n:04}.20260302080000"), Mark::file(0, 0, 0o640));
        }
    };
    add(24);
    let plan = judged(&mac, "audit_log_permissions", &[]).1;
    let Some(Ok(Plan::Now(steps))) = plan else { panic!("{plan:?}") };
    assert_eq!(steps.len(), 24);
    let line = serde_json::to_string(&steps).unwrap();
    assert!(line.len() < holdfast::ledger::line::MAX_LINE * 9 / 10, "{}", line.len());
    for step in &steps {
        mac.touch(&step.change).unwrap();
    }
    assert!(matches!(judged(&mac, "audit_log_permissions", &[]).0, Ok(Finding::Compliant { .. })));
    add(25);
    let (found, plan) = judged(&mac, "audit_log_permissions", &[]);
    let Ok(Finding::Drifted { seen, .. }) = found else { panic!("{found:?}") };
    assert!(seen.ends_with("and 20 more"), "{seen}");
    assert!(plan.is_some_and(|plan| plan.is_err()));
}

#[test]
fn what_everybody_may_write_counts_but_for_the_sticky_bit_and_links() {
    let mac = hardened();
    for (path, other) in [
        ("/Library/Application Support/Sticky", Mark::folder(0, 0, 0o1777)),
        ("/Library/Linked", link()),
        ("/Library/file", Mark::file(0, 0, 0o666)),
        ("/Applications/Linked.app", link()),
        ("/Applications/folder", Mark::folder(0, 0, 0o777)),
    ] {
        mark(&mac, path, other);
    }
    let drifted = |id: &str| matches!(judged(&mac, id, &[]).0, Ok(Finding::Drifted { .. }));
    assert!(!drifted("library_not_world_writable") && !drifted("applications_not_world_writable"));
    mark(&mac, "/Library/Audio/Plug-Ins/HAL", Mark::folder(0, 0, 0o777));
    mark(&mac, "/Applications/Open.app", Mark::folder(0, 80, 0o777));
    assert!(drifted("library_not_world_writable") && drifted("applications_not_world_writable"));
    mac.edit(|state| state.permissions.marks.clear()).unwrap();
    mac.install_jamf_trust(None).unwrap();
    assert!(judged(&mac, "applications_not_world_writable", &[]).0.is_err(), "no /Applications is no answer");
}
