#![allow(clippy::disallowed_methods, reason = "a test makes the files whose events it waits for")]
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use super::*;
use crate::policy;

const SLACK: Duration = Duration::from_secs(20);

/// What is heard within a moment in which it may well be heard.
fn next(watcher: &mut Watcher) -> Happened {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(SLACK, watcher.heard()).await.expect("something is heard");
        tokio::time::sleep(Duration::from_millis(100)).await;
    });
    watcher.take()
}

fn on(root: &Path) -> Watcher {
    let mut watcher = Watcher::new(Interests::new(root, &[], BTreeSet::new()));
    watcher.arrange();
    watcher
}

fn put(root: &Path, file: &str, text: &str) {
    let path = root.join(file.trim_start_matches('/'));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

#[test]
fn a_file_that_is_replaced_is_heard_and_reading_is_not() {
    let (_keep, root) = scratch();
    put(&root, policy::LOCAL_FILE, "a");
    let mut watcher = on(&root);
    put(&root, policy::LOCAL_FILE, "b");
    let heard = next(&mut watcher);
    assert!(heard.policy && !heard.everything, "{heard:?}");
    // Another file of the same folder marks the end of what reading may have caused.
    fs::read(root.join(policy::LOCAL_FILE.trim_start_matches('/'))).unwrap();
    fs::write(root.join("Library/Preferences/other.plist"), "").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(watcher.take().is_nothing());
}

#[test]
fn folders_that_come_later_and_come_again_are_watched() {
    const FILE: &str = "/Users/ada/Library/Preferences/ByHost/com.apple.screensaver.0B7C6E5D.plist";
    let (_keep, root) = scratch();
    let by_host = root.join("Users/ada/Library/Preferences/ByHost");
    fs::create_dir_all(by_host.parent().unwrap()).unwrap();
    let users = BTreeSet::from(["ada".to_owned()]);
    let mut watcher = Watcher::new(Interests::new(&root, &crate::controls::all(), users));
    watcher.arrange();
    let is_heard = |watcher: &mut Watcher| next(watcher).controls.contains("screen_lock_idle_timeout");
    for text in ["first", "second"] {
        put(&root, FILE, text);
        assert!(is_heard(&mut watcher), "{text}: the folder appears");
        watcher.arrange();
        watcher.take();
        put(&root, FILE, "changed");
        assert!(is_heard(&mut watcher), "{text}: the file in it changes");
        fs::remove_dir_all(&by_host).unwrap();
        assert!(is_heard(&mut watcher), "{text}: it goes");
        watcher.arrange();
        watcher.take();
    }
}

#[test]
fn what_appears_where_nothing_could_be_watched_is_seen_by_the_next_call() {
    let (_keep, root) = scratch();
    fs::create_dir(root.join("Library")).unwrap();
    let mut watcher = on(&root);
    put(&root, policy::MANAGED_FILE, "");
    std::thread::sleep(Duration::from_millis(200));
    assert!(watcher.take().is_nothing(), "neither the root folder nor one in it is watched");
    watcher.arrange();
    assert!(watcher.take().policy);
    put(&root, policy::MANAGED_FILE, "changed");
    assert!(next(&mut watcher).policy);
}

#[test]
fn what_is_watched_from_now_on_may_have_changed_before() {
    let (_keep, root) = scratch();
    fs::create_dir_all(root.join("Library/Preferences")).unwrap();
    fs::create_dir_all(root.join("Users/ada/Library/Preferences")).unwrap();
    let controls = crate::controls::all();
    let mut watcher = Watcher::new(Interests::new(&root, &controls, BTreeSet::new()));
    watcher.arrange();
    assert!(watcher.take().is_nothing(), "everything is looked at as the daemon starts");
    watcher.interest(Interests::new(&root, &controls, BTreeSet::from(["ada".to_owned()])));
    watcher.arrange();
    assert!(!watcher.take().controls.is_empty());
    watcher.arrange();
    assert!(watcher.take().is_nothing());
}

#[test]
fn a_loss_is_everything() {
    let (_keep, root) = scratch();
    let mut watcher = on(&root);
    watcher.shared.hear(Err(notify::Error::generic("lost")));
    assert!(watcher.take().everything);
    watcher.shared.hear(Ok(Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan)));
    assert!(watcher.take().everything && watcher.said);
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}
