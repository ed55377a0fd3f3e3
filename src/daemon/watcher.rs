//! File events: which folders are watched, and what is heard of them between two ticks.
//!
//! On macOS these are FSEvents, which report by path whatever becomes of the folder, always with all that is below it; what
//! lies deeper than a watched folder is passed over. On Linux, where simulated Macs live, a watch belongs to a folder and ends
//! with it. Both lose events where there are too many, and say so.
//!
//! A stream of FSEvents cannot be given other folders. The crate stops it and starts another, and neither tells of what happens
//! in between, in folders that were watched all along: so it is when the daemon has started and found out who is logged in, and
//! at each login. Here the other one starts first, and those before go on for a while.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode};
use tokio::time::Instant;

use super::events::{Happened, Interests};

/// How long a watcher goes on after another has taken its place, at least: the system may be late in telling what happened before the present one began.
const OVERLAP: Duration = Duration::from_secs(5);

/// What the watcher's own thread and the daemon share.
struct Shared {
    interests: Mutex<Interests>,
    heard: Mutex<Happened>,
    /// Rung when something was heard.
    bell: tokio::sync::Notify,
}

/// Listens to what becomes of the files that matter.
pub struct Watcher<W = RecommendedWatcher> {
    shared: Arc<Shared>,
    inner: Option<W>,
    /// Those before, and since when each is that. There are several where folders came and went shortly after each other.
    before: Vec<(W, Instant)>,
    /// Whether it has been tried to watch anything. Until then nothing can have been missed: as the daemon starts, it looks anyway.
    has_tried: bool,
    /// What is watched now, and which folder that was when the watch began.
    watched: BTreeMap<PathBuf, (u64, u64)>,
    /// Folders that were waited for and not there when last looked.
    missing: Vec<PathBuf>,
    /// Whether it has been said that events were lost.
    said_lost: bool,
    /// Whether it has been said that not all can be watched.
    said_unwatched: bool,
}

impl Watcher {
    /// One that is told of `interests` once [`Watcher::arrange`] has been called.
    #[must_use]
    pub fn new(interests: Interests) -> Self {
        Self::by(interests)
    }
}

impl<W: notify::Watcher> Watcher<W> {
    /// One that hears by whatever `W` is.
    fn by(interests: Interests) -> Self {
        let shared = Shared { interests: interests.into(), heard: Mutex::default(), bell: tokio::sync::Notify::new() };
        Self {
            shared: Arc::new(shared),
            inner: None,
            before: Vec::new(),
            has_tried: false,
            watched: BTreeMap::new(),
            missing: Vec::new(),
            said_lost: false,
            said_unwatched: false,
        }
    }

    /// What is to be heard from now on.
    pub fn interest(&self, interests: Interests) {
        *lock(&self.shared.interests) = interests;
    }

    /// Ends when something has been heard since the last [`Watcher::take`].
    pub async fn heard(&self) {
        self.shared.bell.notified().await;
    }

    /// What was heard since this was last asked.
    pub fn take(&mut self) -> Happened {
        let heard = std::mem::take(&mut *lock(&self.shared.heard));
        if heard.everything && !std::mem::replace(&mut self.said_lost, true) {
            tracing::warn!("file events were lost; everything is looked at instead");
        }
        heard
    }

    /// Watches what there is to watch now: of a folder that is not there the nearest one above it that is. That is never the
    /// root folder nor one in it, as FSEvents tell of all below, and `/Library` is never still: what appears there is seen by
    /// the next call. What may have happened unseen counts as heard.
    pub fn arrange(&mut self) {
        let interests = lock(&self.shared.interests).clone();
        let wanted = interests.folders();
        let mut now: BTreeMap<PathBuf, (u64, u64)> = BTreeMap::new();
        let mut missing = Vec::new();
        for folder in &wanted {
            let nearest = nearest(folder, interests.root());
            if nearest.as_ref().is_none_or(|(path, _)| path != folder) {
                missing.push(folder.clone());
            }
            now.extend(nearest);
        }
        for appeared in self.missing.iter().filter(|folder| now.contains_key(*folder)) {
            self.hear(interests.judge(appeared));
        }
        self.missing = missing;
        self.before.retain(|(_, since)| since.elapsed() <= OVERLAP);
        if now == self.watched {
            return;
        }
        let until_now = self.watched.clone();
        if let Err(error) = self.watch(now) {
            self.fails(&error);
        }
        // What is watched from now on may have changed since it was last looked at, also where nothing could be watched so far.
        if std::mem::replace(&mut self.has_tried, true) {
            let is_new = |folder: &&PathBuf| {
                self.watched.get(*folder).is_some_and(|id| until_now.get(*folder).is_none_or(|before| before != id))
            };
            wanted.iter().filter(is_new).for_each(|folder| self.hear(interests.judge(folder)));
        }
    }

    /// Makes `now` what is watched, or those of it that can be. Where that is no change, or cannot be begun, all stays as it was.
    fn watch(&mut self, now: BTreeMap<PathBuf, (u64, u64)>) -> notify::Result<()> {
        let shared = Arc::clone(&self.shared);
        let mut inner = W::new(move |event| shared.hear(event), notify::Config::default())?;
        let mut paths = inner.paths_mut();
        let mut watched = BTreeMap::new();
        let mut all = Ok(());
        for (path, id) in now {
            match paths.add(&path, RecursiveMode::NonRecursive) {
                Ok(()) => _ = watched.insert(path, id),
                Err(error) => all = Err(error),
            }
        }
        paths.commit()?;
        if watched != self.watched {
            self.watched = watched;
            self.before.extend(self.inner.replace(inner).map(|before| (before, Instant::now())));
        }
        all
    }

    /// Not all can be watched; the next call tries again, and the passes on schedule see to it meanwhile.
    fn fails(&mut self, error: &notify::Error) {
        if !std::mem::replace(&mut self.said_unwatched, true) {
            tracing::warn!("not all files can be watched, their changes are seen by the next pass only: {error}");
        }
    }

    fn hear(&self, happened: Happened) {
        self.shared.add(happened);
    }
}

impl Shared {
    fn hear(&self, event: notify::Result<Event>) {
        match event {
            Ok(event) if event.need_rescan() => self.add(Happened { everything: true, ..Happened::default() }),
            Err(_) => self.add(Happened { everything: true, ..Happened::default() }),
            Ok(event) if is_change(event.kind) => {
                let judged: Vec<Happened> = {
                    let interests = lock(&self.interests);
                    event.paths.iter().map(|path| interests.judge(path)).collect()
                };
                judged.into_iter().for_each(|happened| self.add(happened));
            }
            Ok(_) => {}
        }
    }

    fn add(&self, happened: Happened) {
        if happened.is_nothing() {
            return;
        }
        lock(&self.heard).add(happened);
        self.bell.notify_one();
    }
}

/// Whether something can be different afterwards. Our own reading is not.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

/// The folder itself, or the nearest one above it that is there, below those in `root`; and which folder that is.
fn nearest(folder: &Path, root: &Path) -> Option<(PathBuf, (u64, u64))> {
    let there = |path: &Path| path.metadata().ok().filter(Metadata::is_dir).map(|found| (found.dev(), found.ino()));
    let deep = |path: &&Path| path.parent().is_some_and(|above| above != root && above.starts_with(root));
    folder.ancestors().take_while(deep).find_map(|path| Some((path.to_owned(), there(path)?)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "watcher_tests.rs"]
mod tests;
