//! The log of the published sign-out script, kept as its extension attribute reads it.
//!
//! That attribute takes the last line, asks whether it contains `Trust`, and prints its whitespace fields 9 and 10: the date
//! and the time, because of the word that is there twice. So the log holds this one form of line and nothing else of ours, and
//! is replaced whole: whoever opens it sees lines that are whole, the last one of them a sign-out that was delivered.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use nix::unistd::geteuid;

use super::config::Log;
use crate::host::{ToolError, files};
use crate::mac::FileAnswer;

/// What each line begins with, the doubled word included: the attribute counts on it.
const BEGINNING: &str = "Automatically signed out out of Jamf Trust at ";
/// The date and time behind it, local, without a zone.
const FORM: &str = "%Y-%m-%d %H:%M:%S";
/// Permission bits of the log and of the one put aside.
const MODE: u32 = 0o644;
/// Among how many of the last lines one is looked for that a crash may have kept from being written.
const LAST_LINES: usize = 50;

/// Why a line could not be written. The sign-out itself is not concerned.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log or its folder could not be read, or is not to be trusted.
    #[error("the compatibility log cannot be used")]
    Unusable(#[from] ToolError),
    /// Somebody else owns the log, and may have written anything into it.
    #[error("the compatibility log cannot be used: {} belongs to user {owner}", path.display())]
    Foreign {
        /// The log.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// It could not be written.
    #[error("the compatibility log could not be kept")]
    Unwritten(#[from] files::WriteError),
}

impl LogError {
    /// The error with all its causes on one line.
    #[must_use]
    pub fn chain(&self) -> String {
        crate::text::chain(self)
    }
}

/// The line for a sign-out that was delivered at `at`, local time, with its line break.
#[must_use]
pub fn line(at: NaiveDateTime) -> String {
    format!("{BEGINNING}{}\n", at.format(FORM))
}

/// Adds the line for a sign-out delivered at `at` (local time) to `log`, whose path lies below `root`.
///
/// # Errors
/// [`LogError`]; the log then is as it was.
pub fn add(root: &Path, log: &Log, at: NaiveDateTime) -> Result<(), LogError> {
    let path = below(root, &log.path);
    let before = read(root, &path)?;
    write(&path, &before, &[line(at)], log.size)
}

/// Sees to it that the log has `count` lines for sign-outs delivered at `at` among its last lines, and adds what is missing.
/// Returns how many were.
///
/// # Errors
/// [`LogError`]; the log then is as it was.
pub fn complete(root: &Path, log: &Log, at: NaiveDateTime, count: usize) -> Result<usize, LogError> {
    let path = below(root, &log.path);
    let before = read(root, &path)?;
    let wanted = line(at);
    let there = whole(&before)
        .split_inclusive(|byte| *byte == b'\n')
        .rev()
        .take(LAST_LINES)
        .filter(|line| *line == wanted.as_bytes())
        .count();
    let missing = count.saturating_sub(there);
    if missing > 0 {
        write(&path, &before, &vec![wanted; missing], log.size)?;
    }
    Ok(missing)
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// What the log holds, once its folder and its owner are known to be safe.
fn read(root: &Path, path: &Path) -> Result<Vec<u8>, LogError> {
    if let Some(folder) = path.parent() {
        files::make_dir(folder, 0o755)?;
        files::check_folder(folder, root)?;
    }
    match files::read(path)? {
        FileAnswer::Absent => Ok(Vec::new()),
        FileAnswer::Present { owner, .. } if owner != 0 && owner != geteuid().as_raw() => {
            Err(LogError::Foreign { path: path.to_owned(), owner })
        }
        FileAnswer::Present { bytes, .. } => Ok(bytes),
    }
}

fn write(path: &Path, before: &[u8], lines: &[String], limit: usize) -> Result<(), LogError> {
    for (path, bytes) in writes(path, before, lines, limit) {
        files::write_whole(&path, &bytes, MODE)?;
    }
    Ok(())
}

/// The files to write, in order, each whole. A crash between them leaves the log as it was.
fn writes(path: &Path, before: &[u8], lines: &[String], limit: usize) -> Vec<(PathBuf, Vec<u8>)> {
    let before = whole(before);
    let new = lines.concat().into_bytes();
    if before.is_empty() || before.len().saturating_add(new.len()) <= limit {
        return vec![(path.to_owned(), [before, new].concat())];
    }
    // The last sign-out stays in the log, so that it never tells of fewer than one.
    let last = before.split_inclusive(|byte| *byte == b'\n').rfind(|line| is_own(line)).unwrap_or_default().to_owned();
    let mut aside = OsString::from(path);
    aside.push(".1");
    vec![(aside.into(), before), (path.to_owned(), [last, new].concat())]
}

/// The whole lines of a log. What stands behind the last line break was cut short and goes, unless all but the line break is
/// there.
fn whole(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (lines, tail) = bytes.split_at(end);
    let tail = [tail, b"\n"].concat();
    if is_own(&tail) { [lines, &tail].concat() } else { lines.to_vec() }
}

/// Whether `line` is one of this log's form, its line break included.
fn is_own(line: &[u8]) -> bool {
    let at = line.strip_prefix(BEGINNING.as_bytes()).and_then(|rest| std::str::from_utf8(rest).ok());
    let Some(at) = at.and_then(|at| at.strip_suffix('\n')).filter(|at| at.len() == 19) else { return false };
    NaiveDateTime::parse_from_str(at, FORM).is_ok_and(|read| read.format(FORM).to_string() == at)
}

#[cfg(test)]
mod tests;
