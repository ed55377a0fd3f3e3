#![allow(clippy::disallowed_methods, reason = "a test makes the files whose events it waits for")]
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Weak;
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
    assert!(watcher.take().everything && watcher.said_lost);
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

/// As FSEvents are, and the crate's way with them: a stream stops while its folders are changed, and what happens before it has
/// started again it never tells.
struct Stream(Arc<Mutex<State>>);

struct State {
    handler: Box<dyn notify::EventHandler>,
    folders: Vec<PathBuf>,
    runs: bool,
}

thread_local! {
    static STREAMS: RefCell<Vec<Weak<Mutex<State>>>> = const { RefCell::new(Vec::new()) };
    /// The file that changes while a stream starts.
    static MEANWHILE: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// A file changes: whoever runs and watches its folder tells.
fn happens(file: &Path) {
    for stream in STREAMS.with_borrow(|all| all.iter().filter_map(Weak::upgrade).collect::<Vec<_>>()) {
        let mut state = lock(&stream);
        if state.runs && state.folders.iter().any(|folder| Some(folder.as_path()) == file.parent()) {
            state.handler.handle_event(Ok(Event::new(EventKind::Any).add_path(file.to_owned())));
        }
    }
}

impl notify::Watcher for Stream {
    fn new<F: notify::EventHandler>(handler: F, _: notify::Config) -> notify::Result<Self> {
        let state = Arc::new(Mutex::new(State { handler: Box::new(handler), folders: Vec::new(), runs: false }));
        STREAMS.with_borrow_mut(|all| all.push(Arc::downgrade(&state)));
        Ok(Self(state))
    }

    fn watch(&mut self, _: &Path, _: RecursiveMode) -> notify::Result<()> {
        Err(notify::Error::generic("folders are changed all at once"))
    }

    fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
        Err(notify::Error::generic("folders are changed all at once"))
    }

    fn paths_mut<'a>(&'a mut self) -> Box<dyn notify::PathsMut + 'a> {
        lock(&self.0).runs = false;
        Box::new(Change(self))
    }

    fn kind() -> notify::WatcherKind {
        notify::WatcherKind::NullWatcher
    }
}

struct Change<'a>(&'a Stream);

impl notify::PathsMut for Change<'_> {
    fn add(&mut self, path: &Path, _: RecursiveMode) -> notify::Result<()> {
        lock(&self.0.0).folders.push(path.to_owned());
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> notify::Result<()> {
        lock(&self.0.0).folders.retain(|folder| folder != path);
        Ok(())
    }

    fn commit(self: Box<Self>) -> notify::Result<()> {
        if REFUSED.get() {
            return Err(notify::Error::generic("unable to start FSEvent stream"));
        }
        if let Some(file) = MEANWHILE.take() {
            happens(&file);
        }
        lock(&self.0.0).runs = true;
        Ok(())
    }
}

/// A Mac with a policy file, heard by [`Stream`]; then Ada's folder is there, and she has logged in.
fn as_ada_logs_in(root: &Path) -> (Watcher<Stream>, PathBuf) {
    put(root, policy::LOCAL_FILE, "a");
    let controls = crate::controls::all();
    let mut watcher = Watcher::<Stream>::by(Interests::new(root, &controls, BTreeSet::new()));
    watcher.arrange();
    fs::create_dir_all(root.join("Users/ada/Library/Preferences")).unwrap();
    watcher.interest(Interests::new(root, &controls, BTreeSet::from(["ada".to_owned()])));
    (watcher, root.join(policy::LOCAL_FILE.trim_start_matches('/')))
}

#[test]
fn what_happens_while_other_folders_are_taken_up_is_heard() {
    let (_keep, root) = scratch();
    let (mut watcher, file) = as_ada_logs_in(&root);
    MEANWHILE.set(Some(file.clone()));
    watcher.arrange();
    assert!(watcher.take().policy, "it changed while the watch began anew");
    happens(&file);
    assert!(watcher.take().policy);
}

#[test]
fn the_watcher_before_goes_on_for_a_while() {
    let (_keep, root) = scratch();
    let (mut watcher, file) = as_ada_logs_in(&root);
    let before = || STREAMS.with_borrow(|all| all.first().and_then(Weak::upgrade));
    watcher.arrange();
    watcher.take();
    watcher.arrange();
    let late = Event::new(EventKind::Any).add_path(file);
    lock(&before().expect("it is there")).handler.handle_event(Ok(late));
    assert!(watcher.take().policy);
    let (_, since) = watcher.before.first_mut().unwrap();
    *since = since.checked_sub(OVERLAP * 2).unwrap();
    watcher.arrange();
    assert!(before().is_none(), "all that it had to tell is told");
}

#[test]
fn each_of_several_watchers_before_goes_on_for_as_long_as_the_others() {
    let (_keep, root) = scratch();
    let (mut watcher, file) = as_ada_logs_in(&root);
    let runs = || STREAMS.with_borrow(|all| all.iter().filter_map(Weak::upgrade).count());
    watcher.arrange();
    assert_eq!(runs(), 2);
    fs::create_dir_all(root.join("Users/bob/Library/Preferences")).unwrap();
    let both = ["ada", "bob"].map(str::to_owned);
    watcher.interest(Interests::new(&root, &crate::controls::all(), BTreeSet::from(both)));
    watcher.arrange();
    assert_eq!(runs(), 3, "what the first one has to tell may still come");
    watcher.take();
    let first = STREAMS.with_borrow(|all| all.first().and_then(Weak::upgrade)).expect("it is there");
    lock(&first).handler.handle_event(Ok(Event::new(EventKind::Any).add_path(file)));
    drop(first);
    assert!(watcher.take().policy);
    let (_, since) = watcher.before.first_mut().unwrap();
    *since = since.checked_sub(OVERLAP * 2).unwrap();
    watcher.arrange();
    assert_eq!(runs(), 2, "only the one whose time is over has ended");
}

#[test]
fn what_changed_before_anything_could_be_watched_is_looked_at() {
    let (_keep, root) = scratch();
    put(&root, policy::LOCAL_FILE, "a");
    let mut watcher = Watcher::<Stream>::by(Interests::new(&root, &[], BTreeSet::new()));
    REFUSED.set(true);
    watcher.arrange();
    assert!(watcher.take().is_nothing(), "everything is looked at as the daemon starts");
    put(&root, policy::LOCAL_FILE, "b");
    REFUSED.set(false);
    watcher.arrange();
    assert!(watcher.take().policy, "it may have changed since the daemon looked");
    watcher.arrange();
    assert!(watcher.take().is_nothing());
}

#[test]
fn where_other_folders_cannot_be_taken_up_the_ones_before_stay_watched() {
    let (_keep, root) = scratch();
    let (mut watcher, file) = as_ada_logs_in(&root);
    let adas = root.join("Users/ada/Library/Preferences/com.apple.screensaver.plist");
    REFUSED.set(true);
    for _ in 0..2 {
        watcher.arrange();
        assert!(watcher.take().is_nothing(), "there is nothing new to hear of");
        happens(&file);
        assert!(watcher.take().policy);
        happens(&adas);
        assert!(watcher.take().is_nothing());
    }
    REFUSED.set(false);
    watcher.arrange();
    assert!(!watcher.take().controls.is_empty(), "it is tried again, and her files may have changed before");
    happens(&adas);
    assert!(!watcher.take().controls.is_empty());
    happens(&file);
    assert!(watcher.take().policy);
}
