//! Who is logged in and what is done in their sessions: the adapters against the simulated Mac.

use holdfast::host::sessions::sessions;
use holdfast::host::{Look, ToolError, Touch, ask};
use holdfast::mac::{Answer, Ask, dialog, files, jamf_trust, launchctl, open, osascript, pmset_power, scutil};
use holdfast::sim::state::{Assertion, DialogAnswer, Notice, Process};
use holdfast::sim::{Mac, SimMac, State, World};

const ALICE: u32 = 501;
const BOB: u32 = 502;

/// Alice alone is logged in.
fn neglected() -> SimMac {
    let mac = SimMac::in_memory(World::Neglected, Mac::default());
    mac.edit(|state| state.behind.clear()).unwrap();
    mac
}

fn after(edit: impl FnOnce(&mut State)) -> SimMac {
    let mac = neglected();
    mac.edit(edit).unwrap();
    mac
}

/// Name, user id and whether at the screen, of each session.
fn seen(mac: &SimMac) -> Vec<(String, u32, bool)> {
    sessions(mac).unwrap().into_iter().map(|session| (session.name, session.uid, session.at_screen)).collect()
}

fn rows(rows: &[(&str, u32, bool)]) -> Vec<(String, u32, bool)> {
    rows.iter().map(|(name, uid, at_screen)| ((*name).to_owned(), *uid, *at_screen)).collect()
}

#[test]
fn whoever_is_at_the_screen_comes_first_and_the_others_by_number() {
    assert_eq!(seen(&neglected()), rows(&[("alice", ALICE, true)]));
    let both = after(|state| state.log_in("bob"));
    assert_eq!(seen(&both), rows(&[("bob", BOB, true), ("alice", ALICE, false)]));
    both.edit(|state| state.switch_to(None)).unwrap();
    assert_eq!(seen(&both), rows(&[("alice", ALICE, false), ("bob", BOB, false)]));
    both.edit(|state| state.log_out("alice")).unwrap();
    assert_eq!(seen(&both), rows(&[("bob", BOB, false)]));
    let hidden = after(|state| state.log_in("helpdesk"));
    assert_eq!(seen(&hidden)[0], ("helpdesk".to_owned(), 503, true));
}

#[test]
fn nobody_is_logged_in_at_the_login_window_and_in_setup_assistant() {
    for who in [None, Some("root"), Some("_mbsetupuser"), Some("loginwindow")] {
        let mac = after(|state| state.console_user = who.map(str::to_owned));
        assert_eq!(seen(&mac), [], "{who:?}");
    }
    let mac = neglected();
    mac.reboot().unwrap();
    assert_eq!(seen(&mac), []);
}

#[test]
fn a_process_by_another_name_or_of_no_person_is_no_session() {
    let row = |uid, path: &str| Process { uid, path: path.into() };
    const LOGINWINDOW: &str = "/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow";
    let mac = after(|state| {
        state.processes = vec![
            row(502, "/Users/bob/loginwindow"),
            row(502, &format!("{LOGINWINDOW}x")),
            row(248, LOGINWINDOW),
            row(777, LOGINWINDOW),
        ];
    });
    assert_eq!(seen(&mac), rows(&[("alice", ALICE, true)]));
}

#[test]
fn who_is_at_the_screen_without_an_account_is_a_contradiction() {
    let mac = after(|state| state.console_user = Some("ghost".into()));
    assert!(matches!(sessions(&mac), Err(ToolError::Contradiction { what }) if what.contains("ghost")));
}

#[test]
fn each_question_that_cannot_be_asked_is_an_error() {
    struct Without<'a>(&'a SimMac, &'static str);
    impl Look for Without<'_> {
        fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
            match ask {
                Ask::Run(run) if run.program() == self.1 => Err(ToolError::Missing { command: run.to_string() }),
                _ => self.0.look(ask),
            }
        }
    }
    let mac = neglected();
    for program in ["/usr/bin/stat", "/usr/bin/dscl", "/bin/ps"] {
        let result = sessions(&Without(&mac, program));
        assert!(matches!(&result, Err(ToolError::Missing { command }) if command.contains(program)), "{result:?}");
    }
}

/// The state of Jamf Trust's VPN.
fn vpn(mac: &SimMac) -> Option<String> {
    let kind = format!("VPN:{}", jamf_trust::IDENTIFIER);
    let services = ask(mac, &scutil::connections()).unwrap().services;
    services.into_iter().find(|service| service.kind == kind).map(|service| service.status)
}

#[test]
fn a_sign_out_reaches_the_app_in_a_live_session() {
    let mac = neglected();
    assert_eq!(vpn(&mac).as_deref(), Some("Connected"));
    mac.touch(&open::sign_out(ALICE)).unwrap();
    assert_eq!(vpn(&mac).as_deref(), Some("Disconnected"));
    assert_eq!(mac.state().jamf_trust.delivered, ["alice"]);
    let ignored = after(|state| state.jamf_trust.ignores = true);
    ignored.touch(&open::sign_out(ALICE)).unwrap();
    assert_eq!(vpn(&ignored).as_deref(), Some("Connected"));
    assert_eq!(ignored.state().jamf_trust.delivered, ["alice"]);
}

#[test]
fn a_sign_out_that_does_not_reach_the_app_says_why_and_leaves_no_trace() {
    let refused = |mac: &SimMac, uid, words: &str| {
        let before = mac.snapshot();
        let result = mac.touch(&open::sign_out(uid));
        assert!(matches!(&result, Err(ToolError::Refused { words: said, .. }) if said.contains(words)), "{result:?}");
        assert_eq!(mac.snapshot(), before);
    };
    refused(&neglected(), BOB, "-10810");
    refused(&after(|state| state.switch_to(Some("bob"))), 777, "-10810");
    refused(&after(|state| state.jamf_trust.refuses = Some("The app is busy.".into())), ALICE, "The app is busy.");
    let mac = neglected();
    mac.install_jamf_trust(None).unwrap();
    refused(&mac, ALICE, "Unable to find application named 'Jamf Trust'");
    // As root there is no session, whoever is logged in.
    let mut change = open::sign_out(ALICE);
    change.run.as_user = None;
    assert!(matches!(neglected().touch(&change), Err(ToolError::Refused { .. })));
}

#[test]
fn the_app_is_there_with_its_version_or_not() {
    let mac = neglected();
    let app = ask(&mac, &jamf_trust::app()).unwrap().unwrap();
    assert_eq!((app.identifier.as_str(), app.version.as_deref()), (jamf_trust::IDENTIFIER, Some("2.3.1")));
    mac.install_jamf_trust(None).unwrap();
    assert_eq!(ask(&mac, &jamf_trust::app()).unwrap(), None);
    let factory = SimMac::in_memory(World::Factory, Mac::default());
    assert_eq!((ask(&factory, &jamf_trust::app()).unwrap(), vpn(&factory)), (None, None));
}

#[test]
fn a_notice_is_shown_with_its_texts_as_they_are() {
    let mac = neglected();
    let (title, message) = ("-e \"x\"", "Bye \u{201c}now\u{201d}\n$(id) ' \" \\");
    mac.touch(&osascript::notify(ALICE, title, message)).unwrap();
    let shown = Notice { user: "alice".into(), title: format!(" {title}"), message: message.into() };
    assert_eq!(mac.state().notices, [shown]);
    assert!(mac.touch(&osascript::notify(BOB, "t", "m")).is_err());
}

#[test]
fn the_dialog_gives_each_answer() {
    let mac = neglected();
    assert!(!ask(&mac, &dialog::installed()).unwrap());
    assert!(ask(&mac, &dialog::ask(ALICE, "t", "m", 60, true)).is_err());
    mac.install_dialog(true).unwrap();
    assert!(ask(&mac, &dialog::installed()).unwrap());
    for (answer, with_two, with_one) in [
        (DialogAnswer::First, dialog::Reply::Now, dialog::Reply::Now),
        (DialogAnswer::Second, dialog::Reply::Later, dialog::Reply::Dismissed),
        (DialogAnswer::Nothing, dialog::Reply::TimedOut, dialog::Reply::TimedOut),
        (DialogAnswer::Quit, dialog::Reply::Dismissed, dialog::Reply::Dismissed),
    ] {
        mac.edit(|state| state.dialog = answer).unwrap();
        let reply = |can_put_off| ask(&mac, &dialog::ask(ALICE, "t", "m", 60, can_put_off)).unwrap();
        assert_eq!((reply(true), reply(false)), (with_two, with_one), "{answer:?}");
    }
    assert!(ask(&mac, &dialog::ask(BOB, "t", "m", 60, true)).is_err());
}

#[test]
fn power_is_read_on_every_mac() {
    for model in Mac::ALL {
        let mac = SimMac::in_memory(World::Factory, model);
        let laptop = mac.state().power.charge.is_some();
        let battery = ask(&mac, &pmset_power::battery()).unwrap();
        assert_eq!((battery.on_battery, battery.percent.is_some()), (false, laptop), "{}", model.name());
        assert_eq!(ask(&mac, &pmset_power::assertions()).unwrap().display_awake_by, []);
        if laptop {
            mac.edit(|state| (state.power.current, state.power.charge) = ("Battery Power".into(), Some(9))).unwrap();
            let battery = ask(&mac, &pmset_power::battery()).unwrap();
            assert_eq!((battery.on_battery, battery.percent), (true, Some(9)));
        }
    }
    let held = |process: &str, kind: &str| Assertion {
        pid: 812,
        process: process.into(),
        kind: kind.into(),
        name: "A \"call\"".into(),
    };
    let mac = after(|state| {
        state.power.assertions = vec![
            held("zoom.us", "NoDisplaySleepAssertion"),
            held("WindowServer", "PreventUserIdleDisplaySleep"),
            held("backupd", "PreventUserIdleSystemSleep"),
        ];
    });
    let awake = ask(&mac, &pmset_power::assertions()).unwrap().display_awake_by;
    assert_eq!(awake.len(), 1);
    assert_eq!(
        (awake[0].pid, awake[0].process.as_str(), awake[0].name.as_deref()),
        (812, "zoom.us", Some("A \"call\""))
    );
}

#[test]
fn a_job_goes_comes_back_and_is_loaded_at_the_next_start_where_its_list_lies() {
    const LABEL: &str = "com.jamftrust.automateSignOut";
    const LIST: &str = "/Library/LaunchDaemons/com.jamftrust.automateSignOut.plist";
    const AWAY: &str = "/Library/Application Support/Holdfast/replaced/x.plist";
    let mac = neglected();
    let loaded = || ask(&mac, &launchctl::service(LABEL)).unwrap().loaded;
    assert!(loaded());
    assert!(matches!(mac.touch(&launchctl::bootstrap(LIST)), Err(ToolError::Refused { .. })));
    mac.touch(&launchctl::bootout(LABEL)).unwrap();
    assert!(!loaded());
    mac.touch(&launchctl::bootout(LABEL)).unwrap();
    mac.touch(&launchctl::bootstrap(LIST)).unwrap();
    assert!(loaded());
    mac.touch(&files::move_aside(LIST, AWAY)).unwrap();
    assert!(mac.touch(&files::move_aside(LIST, AWAY)).is_err());
    assert!(loaded());
    let boot = mac.state().hardware.boot_session;
    mac.reboot().unwrap();
    assert!(!loaded());
    assert_ne!(mac.state().hardware.boot_session, boot);
    mac.touch(&files::move_aside(AWAY, LIST)).unwrap();
    mac.reboot().unwrap();
    assert!(loaded());
    // What is there already is left alone, without a word.
    mac.put_file(AWAY, Some(plist::Dictionary::new())).unwrap();
    mac.touch(&files::move_aside(LIST, AWAY)).unwrap();
    mac.reboot().unwrap();
    assert!(loaded());
}
