//! File events: which folders are watched, and what is heard of them between two ticks.
//!
//! On macOS these are FSEvents, which report by path whatever becomes of the folder, always with all that is below it; what
//! lies deeper than a watched folder is passed over. On Linux, where simulated Macs live, a watch belongs to a folder and ends
//! with it. Both lose events where there are too many, and say so.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::events::{Happened, Interests};

/// What the watcher's own thread and the daemon share.
struct Shared {
    interests: Mutex<Interests>,
    heard: Mutex<Happened>,
    /// Rung when something was heard.
    bell: tokio::sync::Notify,
}

/// Listens to what becomes of the files that matter.
pub struct Watcher {
    shared: Arc<Shared>,
    inner: Option<RecommendedWatcher>,
    /// What is watched now, and which folder that was when the watch began.
    watched: BTreeMap<PathBuf, (u64, u64)>,
    /// Folders that were waited for and not there when last looked.
    missing: Vec<PathBuf>,
    /// Whether it has been said that events may be lost.
    said: bool,
}

impl Watcher {
    /// One that is told of `interests` once [`Watcher::arrange`] has been called.
    #[must_use]
    pub fn new(interests: Interests) -> Self {
        let shared = Shared { interests: interests.into(), heard: Mutex::default(), bell: tokio::sync::Notify::new() };
        Self { shared: Arc::new(shared), inner: None, watched: BTreeMap::new(), missing: Vec::new(), said: false }
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
        if heard.everything && !std::mem::replace(&mut self.said, true) {
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
        // What is watched from now on may have changed since it was last looked at. As the daemon starts, it looks anyway.
        if !self.watched.is_empty() {
            let is_new = |folder: &&PathBuf| now.contains_key(*folder) && now.get(*folder) != self.watched.get(*folder);
            wanted.iter().filter(is_new).for_each(|folder| self.hear(interests.judge(folder)));
        }
        self.missing = missing;
        if now != self.watched {
            self.watch(now);
        }
    }

    /// Makes `now` what is watched.
    fn watch(&mut self, now: BTreeMap<PathBuf, (u64, u64)>) {
        if self.inner.is_none() {
            let shared = Arc::clone(&self.shared);
            match notify::recommended_watcher(move |event| shared.hear(event)) {
                Ok(inner) => self.inner = Some(inner),
                Err(error) => return self.fails(&error),
            }
        }
        let Some(inner) = &mut self.inner else { return };
        let mut paths = inner.paths_mut();
        let mut trouble = None;
        for (path, id) in &self.watched {
            if now.get(path) != Some(id) {
                // It may be gone, and its watch with it.
                let _ = paths.remove(path);
            }
        }
        let mut watched = BTreeMap::new();
        for (path, id) in now {
            let is_new = self.watched.get(&path) != Some(&id);
            match if is_new { paths.add(&path, RecursiveMode::NonRecursive) } else { Ok(()) } {
                Ok(()) => _ = watched.insert(path, id),
                Err(error) => trouble = Some(error),
            }
        }
        if let Err(error) = paths.commit() {
            trouble = Some(error);
        }
        self.watched = watched;
        if let Some(error) = trouble {
            self.fails(&error);
        }
    }

    /// Not all can be watched; the next call tries again, and the passes on schedule see to it meanwhile.
    fn fails(&mut self, error: &notify::Error) {
        if !std::mem::replace(&mut self.said, true) {
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
