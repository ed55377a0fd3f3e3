//! Several users, odd names, and the times when there is nobody.

use std::sync::Arc;

use holdfast::host::sessions::sessions;
use holdfast::ledger::Stage::{Confirmed, Delivered, Requested, Unconfirmed};
use holdfast::sign_out::Notifier;
use holdfast::sign_out::notice::{Answer, Notice, Threaded, show};
use holdfast::sim::state::DialogAnswer;
use holdfast::sim::{Mac, SimMac, World};

use crate::bench::{Bench, at, daily};

#[test]
fn all_sessions_are_signed_out_the_one_at_the_screen_first() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.log_in("bob");
    bench.until(at("2026-01-05 08:05:00"));
    assert_eq!(bench.handed(), ["bob", "alice"]);
    assert_eq!(bench.stages("bob"), [Requested, Delivered, Confirmed]);
    // The one VPN went down for bob, so nothing confirms alice's.
    assert_eq!(bench.stages("alice"), [Requested, Delivered, Unconfirmed]);
    assert_eq!(bench.log().lines().count(), 2);
    // Behind the login window both are still logged in.
    bench.mac.edit(|state| state.switch_to(None)).unwrap();
    bench.until(at("2026-01-06 08:05:00"));
    assert_eq!(bench.handed().len(), 4);
}

#[test]
fn one_vpn_that_goes_down_late_confirms_one_user_and_not_the_other() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.reconnects = false;
    bench.log_in("bob");
    bench.mac.edit(|state| state.jamf_trust.ignores = true).unwrap();
    bench.until(at("2026-01-05 08:00:10"));
    assert_eq!(bench.handed(), ["bob"], "alice's waits until bob's is known");
    bench.mac.edit(|state| state.jamf_trust.vpn = Some("Disconnected".into())).unwrap();
    bench.until(at("2026-01-05 08:01:00"));
    assert_eq!(bench.stages("bob").last(), Some(&Confirmed));
    assert_eq!(bench.stages("alice").last(), Some(&Unconfirmed));
}

#[test]
fn somebody_who_was_away_owes_theirs_and_nobody_elses() {
    let mut bench = Bench::new(&[daily("08:00")]);
    bench.until(at("2026-01-05 10:00:00"));
    bench.log_in("bob");
    bench.until(at("2026-01-05 10:10:00"));
    assert_eq!(bench.handed(), ["alice", "bob"]);
    bench.log_out("bob");
    bench.log_in("bob");
    bench.until(at("2026-01-05 12:00:00"));
    assert_eq!(bench.handed().len(), 2, "once for each time");
}

#[test]
fn names_of_any_kind_are_only_ever_data() {
    for (name, full_name) in [
        ("o'brien", "Ada \"Quotes\" O'Brien; rm -rf $(HOME) `id`"),
        ("jose", "Jos\u{e9}\nSecond Line\n502 /sbin/launchd"),
        ("a.b-c_d", "  leading and trailing  "),
        ("\u{e9}va", "\u{202e}reversed"),
    ] {
        let mut bench = Bench::new(&[daily("08:00"), ("NoticeMinutes", 1.into())]);
        bench.add_user(name, full_name, 610);
        bench.log_out("alice");
        bench.log_in(name);
        bench.until(at("2026-01-05 08:05:00"));
        assert_eq!(bench.handed(), [name], "{full_name:?}");
        assert_eq!(bench.stages(name), [Requested, Delivered, Confirmed]);
        assert_eq!(bench.log().lines().count(), 1);
    }
}

#[test]
fn no_person_is_signed_out_where_there_is_none() {
    for nobody in ["root", "_mbsetupuser", "loginwindow"] {
        let mut bench = Bench::new(&[daily("08:00")]);
        bench.mac.edit(|state| state.console_user = Some(nobody.into())).unwrap();
        bench.until(at("2026-01-05 09:00:00"));
        assert_eq!((bench.handed().len(), bench.log()), (0, String::new()), "{nobody}");
        assert!(!bench.steps().iter().any(|step| step.1 == Requested));
        assert_eq!(bench.steps().len(), 1, "{nobody}: deferred once");
    }
}

#[test]
fn whoever_asks_on_a_real_session_list_gets_the_one_at_the_screen_first() {
    let mac = SimMac::in_memory(World::Hardened, Mac::default());
    mac.edit(|state| state.log_in("bob")).unwrap();
    let names: Vec<_> = sessions(&mac).unwrap().into_iter().map(|session| (session.name, session.at_screen)).collect();
    assert_eq!(names, [("bob".to_owned(), true), ("alice".to_owned(), false)]);
}

fn notice() -> Notice {
    Notice { user: "alice".into(), uid: 501, message: "-- $(id) \"'\n".into(), seconds: 60, can_put_off: true }
}

#[test]
fn a_notice_asks_where_swiftdialog_is_and_tells_where_it_is_not() {
    let mac = SimMac::in_memory(World::Hardened, Mac::default());
    assert_eq!(show(&mac, &mac, &notice()), Answer::None);
    assert_eq!(mac.state().notices.len(), 1);
    mac.install_dialog(true).unwrap();
    for (answer, expected) in [
        (DialogAnswer::First, Answer::Now),
        (DialogAnswer::Second, Answer::Later),
        (DialogAnswer::Nothing, Answer::None),
        (DialogAnswer::Quit, Answer::None),
    ] {
        mac.edit(|state| state.dialog = answer).unwrap();
        assert_eq!(show(&mac, &mac, &notice()), expected);
    }
    assert_eq!(mac.state().notices.len(), 1, "one of the two is enough");
}

#[test]
fn a_notice_for_a_session_that_is_gone_is_trouble_in_words() {
    let mac = SimMac::in_memory(World::Hardened, Mac::default());
    mac.install_dialog(true).unwrap();
    mac.edit(|state| state.console_user = None).unwrap();
    let Answer::Trouble(why) = show(&mac, &mac, &notice()) else { panic!("it was shown to nobody") };
    assert!(why.starts_with("no notice could be shown: ") && why.contains("osascript"), "{why}");
}

#[test]
fn notices_are_shown_on_threads_of_their_own_and_answered_once() {
    let mac = Arc::new(SimMac::in_memory(World::Hardened, Mac::default()));
    mac.install_dialog(true).unwrap();
    mac.edit(|state| state.dialog = DialogAnswer::Second).unwrap();
    let notifier = Threaded::new(Arc::clone(&mac));
    assert_eq!(notifier.answer("alice"), None);
    notifier.show(notice());
    let answer = std::iter::repeat_with(|| {
        std::thread::yield_now();
        notifier.answer("alice")
    });
    assert_eq!(answer.take(50_000_000).flatten().next(), Some(Answer::Later));
    assert_eq!(notifier.answer("alice"), None);
}
