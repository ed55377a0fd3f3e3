//! Writing the ledger: one writer at a time, one write a line, on disk before `append` returns.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use nix::fcntl::Flock;

use super::ends;
use super::folder::{self, CURRENT};
use super::head::{self, Head, Witness};
use super::history::{self, History};
use super::line::{self, NO_HASH};
use super::load::{self, Loaded, Scan};
use super::lock::{self, IfBusy};
use super::{Entry, Event, Journal, LedgerError};
use crate::clock::{Clock, stamp};

/// Longest boot and run id that is taken as it is, in bytes as written in a line.
const LONGEST_ID: usize = 128;

/// Where the ledger is and what its lines are stamped with.
pub struct LedgerOptions<'a> {
    /// The folder of the segments. Made (mode 0755) where it is missing.
    pub folder: PathBuf,
    /// The file that witnesses the ledger's end; another folder than `folder`. Its folder is made where it is missing.
    pub head: PathBuf,
    /// A segment is full, in bytes, before a line would take it past this.
    pub max_segment_bytes: u64,
    /// Whether the Mac is a simulated one.
    pub simulated: bool,
    /// The boot session's id, where it is known.
    pub boot: Option<String>,
    /// The run's id.
    pub run: String,
    /// A run that the agent knows of from elsewhere ([`ends::run_on_record`]), so that a ledger must have been here: where
    /// there is none, that goes on record.
    pub expected: Option<String>,
    /// What time it is. Times are recorded as they come, also backwards; the order is by number.
    pub clock: &'a dyn Clock,
}

/// The two things a disk must do. Apart, so that a test can play a disk that fails.
trait Disk: Send {
    fn write(&mut self, file: &File, bytes: &[u8]) -> io::Result<usize>;
    fn sync(&mut self, file: &File) -> io::Result<()>;
}

/// The disk that is there. On macOS `sync_data` and `sync_all` are `fcntl(F_FULLFSYNC)`, which has the drive empty its own cache;
/// plain `fsync` does not (the standard library's `sys/fs/unix.rs`; rust-lang/rust#55920; `fsync(2)` of macOS).
struct RealDisk;

impl Disk for RealDisk {
    fn write(&mut self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

/// The ledger, open for appending. Dropping it records its end if that can be done; [`Ledger::close`] says whether it could.
pub struct Ledger<'a> {
    options: LedgerOptions<'a>,
    current: PathBuf,
    file: File,
    disk: Box<dyn Disk>,
    /// Bytes of the current segment.
    bytes: u64,
    /// Bytes of the current segment that are its checkpoint: one that holds nothing else is not full.
    checkpoint_bytes: u64,
    /// Number of the current segment's first line.
    first_seq: u64,
    /// The last line that is on disk for certain.
    last_seq: u64,
    last_hash: String,
    history: History,
    /// What time it was by the runs before this one.
    before: Option<DateTime<Utc>>,
    /// The last line that the record of the end names.
    witnessed: Option<u64>,
    /// Whether opening it was completed. Until then its end must not be recorded: the record may be all that shows a loss.
    opened: bool,
    poisoned: bool,
    /// Released last, by order of declaration.
    _lock: Flock<File>,
}

impl<'a> Ledger<'a> {
    /// Opens the ledger: takes its lock, repairs what a crash left (closes and marks torn lines, completes a rotation), and puts on
    /// record if its end is not the recorded one.
    ///
    /// # Errors
    /// [`LedgerError`]: another writer and `busy` says not to wait; a file or folder that others could write; a file operation.
    pub fn open(options: LedgerOptions<'a>, busy: IfBusy<'_>) -> Result<Self, LedgerError> {
        Self::open_on(Box::new(RealDisk), options, busy)
    }

    fn open_on(disk: Box<dyn Disk>, mut options: LedgerOptions<'a>, busy: IfBusy<'_>) -> Result<Self, LedgerError> {
        options.run = line::cut(&options.run, LONGEST_ID);
        options.boot = options.boot.map(|boot| line::cut(&boot, LONGEST_ID));
        folder::ensure(&options.folder)?;
        if let Some(parent) = options.head.parent() {
            folder::ensure(parent)?;
        }
        let lock = lock::take(&options.folder, busy)?;
        let witness = head::read(&options.head)?;
        let asked = if let Witness::Known(head) = &witness { Some(head.seq) } else { None };
        let loaded = load::load(&options.folder, asked)?;
        if loaded.scans.is_empty() && witness == Witness::Absent {
            // Before the first line, so that a ledger with lines and no record is never the work of a crash.
            head::write(&options.head, &Head::before_the_first())?;
        }
        let differs = ends::difference(&witness, &loaded, options.expected.as_deref()).map(ends::Difference::event);
        let mut ledger = Self::resume(disk, options, lock, loaded, asked)?;
        if let Some(event) = differs {
            ledger.put(event)?;
            // The recorded number can be this very line's, of a ledger that is no more.
            ledger.witnessed = None;
            ledger.witness()?;
        }
        ledger.opened = true;
        Ok(ledger)
    }

    /// Goes on where `loaded` ends.
    fn resume(
        disk: Box<dyn Disk>,
        options: LedgerOptions<'a>,
        lock: Flock<File>,
        loaded: Loaded,
        witnessed: Option<u64>,
    ) -> Result<Self, LedgerError> {
        let Loaded { history, mut scans, last_rotated } = loaded;
        let current = options.folder.join(CURRENT);
        let here = scans.pop_if(|scan| scan.segment.first.is_none());
        let before_seq = scans.last().map_or(0, Scan::last_seq);
        let before_hash = scans.into_iter().filter_map(|scan| scan.last_hash).next_back();
        let file = if here.is_some() {
            folder::open_to_append(&current)?
        } else {
            let file = folder::create_to_append(&current)?;
            folder::sync(&options.folder)?;
            file
        };
        let last_hash = here.as_ref().and_then(|scan| scan.last_hash.clone()).or(before_hash);
        let mut ledger = Self {
            current,
            file,
            disk,
            bytes: here.as_ref().map_or(0, |scan| scan.bytes),
            checkpoint_bytes: here.as_ref().and_then(|scan| scan.checkpoint_end).unwrap_or(0),
            first_seq: here.as_ref().map_or(before_seq.saturating_add(1), |scan| scan.first_seq),
            last_seq: here.as_ref().map_or(before_seq, Scan::last_seq),
            last_hash: last_hash.unwrap_or_else(|| NO_HASH.to_owned()),
            before: history.runs.reckoned(),
            history,
            witnessed,
            opened: false,
            poisoned: false,
            options,
            _lock: lock,
        };
        if let Some(scan) = &here {
            ledger.mark_torn(scan)?;
        }
        if last_rotated.is_some() && here.is_none_or(|scan| scan.checkpoint_end.is_none()) {
            ledger.put_checkpoint(last_rotated.as_deref())?;
        }
        Ok(ledger)
    }

    /// Closes a last line without a line break, and marks what a crash cut short and is not yet marked. Each byte written leaves
    /// what the next opening understands: a line without a line break, or one that is [`line::CLOSED`] and not marked.
    fn mark_torn(&mut self, scan: &Scan) -> Result<(), LedgerError> {
        if let Some(closing) = scan.closing {
            self.write_synced(closing.0)?;
        }
        scan.unmarked.iter().try_for_each(|line| self.put(Event::Torn { line: *line }))
    }

    /// What the ledger comes to, this run included.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Number of the last line that is on disk; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The folder of the segments.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.options.folder
    }

    /// What time it is, for what must not be done too early: no later than the runs before this one make likely. `None` where
    /// there was none.
    pub(super) fn cautious_now(&self) -> Option<DateTime<Utc>> {
        Some(history::at_most(self.options.clock.now(), self.before?))
    }

    /// The file that witnesses the ledger's end.
    #[must_use]
    pub fn head(&self) -> &Path {
        &self.options.head
    }

    /// Records the ledger's end and gives the lock back.
    ///
    /// # Errors
    /// [`LedgerError`] where the end could not be recorded.
    pub fn close(mut self) -> Result<(), LedgerError> {
        if !self.poisoned {
            history::keep(&self.options.folder, &self.history);
        }
        self.witness()
    }

    fn witness(&mut self) -> Result<(), LedgerError> {
        if self.witnessed != Some(self.last_seq) {
            let head = Head { v: 1, seq: self.last_seq, hash: self.last_hash.clone(), segment: CURRENT.to_owned() };
            head::write(&self.options.head, &head)?;
            self.witnessed = Some(self.last_seq);
        }
        Ok(())
    }

    fn entry(&self, event: Event) -> Entry {
        Entry {
            v: 1,
            seq: self.last_seq.saturating_add(1),
            time: stamp(self.options.clock.now()),
            boot: self.options.boot.clone(),
            run: self.options.run.clone(),
            simulated: self.options.simulated,
            event,
            prev: self.last_hash.clone(),
        }
    }

    /// `event` as the events that each fit one line: more than one only for a long list of changes.
    fn pieces(&self, event: Event) -> Result<Vec<Event>, LedgerError> {
        let (mut todo, mut done) = (vec![event], Vec::new());
        while let Some(event) = todo.pop() {
            let entry = self.entry(event);
            if line::fits(&entry)? {
                done.push(entry.event);
                continue;
            }
            match entry.event.clone().halves() {
                Ok((first, second)) => todo.extend([second, first]),
                Err(whole) => {
                    line::encode(&entry)?;
                    done.push(*whole);
                }
            }
        }
        Ok(done)
    }

    /// Writes one event at the end, in a new segment where this one is full.
    fn put_rotating(&mut self, event: Event) -> Result<(), LedgerError> {
        let length = line::encode(&self.entry(event.clone()))?.bytes.len() as u64;
        let is_full = self.bytes.saturating_add(length) > self.options.max_segment_bytes;
        // One that is mostly checkpoint is not full, however much state there is: the next would be no better.
        let least = self.checkpoint_bytes.min(self.options.max_segment_bytes / 2);
        if is_full && self.bytes > self.checkpoint_bytes.saturating_add(least) {
            self.rotate()?;
        }
        self.put(event)
    }

    /// Writes one event at the end of this segment.
    fn put(&mut self, event: Event) -> Result<(), LedgerError> {
        let mut entry = self.entry(event);
        let line = line::encode(&entry)?;
        let Some((_, text)) = line.bytes.split_last() else { return Ok(()) };
        if line.shortened {
            // The fold must be what the next opening reads.
            entry = line::decode(text).unwrap_or(entry);
        }
        self.write_synced(&line.bytes)?;
        self.last_seq = entry.seq;
        self.last_hash = line::hash(text);
        self.history.apply(&entry);
        Ok(())
    }

    /// One write, on disk when it returns. A part that was written stays, for the next opening to close and mark.
    fn write_synced(&mut self, bytes: &[u8]) -> Result<(), LedgerError> {
        let there = folder::stat(&self.current, &self.file)?;
        let seen = if there.nlink() == 0 { 0 } else { there.len() };
        if seen != self.bytes || there.nlink() == 0 {
            return Err(LedgerError::Changed { path: self.current.clone(), expected: self.bytes, seen });
        }
        let written = self.disk.write(&self.file, bytes).map_err(LedgerError::io("appending", &self.current))?;
        if written != bytes.len() {
            return Err(LedgerError::Short { path: self.current.clone(), written, wanted: bytes.len() });
        }
        self.disk.sync(&self.file).map_err(LedgerError::io("syncing", &self.current))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Puts the full segment aside and begins a new one. A crash after any step is mended by the next opening.
    fn rotate(&mut self) -> Result<(), LedgerError> {
        // So that the record is never older than the newest full segment's end.
        self.witness()?;
        let name = folder::rotated_name(self.first_seq);
        let aside = self.options.folder.join(&name);
        if std::fs::symlink_metadata(&aside).is_ok() {
            return Err(LedgerError::InTheWay { path: aside });
        }
        #[allow(clippy::disallowed_methods)] // under the ledger's lock, to a name that is free
        std::fs::rename(&self.current, &aside).map_err(LedgerError::io("putting aside", &aside))?;
        folder::sync(&self.options.folder)?;
        self.file = folder::create_to_append(&self.current)?;
        folder::sync(&self.options.folder)?;
        self.bytes = 0;
        self.first_seq = self.last_seq.saturating_add(1);
        self.put_checkpoint(Some(&name))?;
        self.witness()
    }

    fn put_checkpoint(&mut self, after: Option<&str>) -> Result<(), LedgerError> {
        for event in self.history.checkpoint_events(after) {
            self.put(event)?;
        }
        self.checkpoint_bytes = self.bytes;
        Ok(())
    }
}

impl Journal for Ledger<'_> {
    /// Appends one event, on several lines where it is a list of changes too long for one. After a failed write nothing more is
    /// taken: what is on disk is only known again once the ledger is opened anew.
    fn append(&mut self, event: Event) -> Result<(), LedgerError> {
        if self.poisoned {
            return Err(LedgerError::Poisoned { path: self.current.clone() });
        }
        let ends_a_run = matches!(event, Event::RunEnded { .. });
        let pieces = self.pieces(event)?;
        let mut done = pieces.into_iter().try_for_each(|event| self.put_rotating(event));
        if done.is_ok() && ends_a_run {
            done = self.witness();
        }
        self.poisoned = done.is_err();
        done
    }
}

impl Drop for Ledger<'_> {
    fn drop(&mut self) {
        if self.opened {
            // Nobody is left to tell. The record is then older than the ledger's end, which is what a crash leaves, too.
            let _ = self.witness();
        }
    }
}

#[cfg(test)]
mod tests;
