//! One line of the ledger: an [`Entry`] as ASCII JSON of bounded length, and back; and reading lines without trusting them.

use std::io::{self, BufRead};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Entry, LedgerError};

/// The longest line, in bytes, with its line break.
pub const MAX_LINE: usize = 8192;

/// What stands for the hash of the line before the first.
pub const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The byte that closes a line which a crash cut short, before the line break: ASCII's cancel, "what was sent is to be
/// ignored". No line that was written whole has it. So what a crash of ours left is told from anything else that cannot be
/// read, also where the closing itself was cut short.
pub const CLOSED: u8 = 0x18;

/// No text is cut to fewer bytes than this, so that a beginning and the mark remain.
const LEAST: usize = 48;

/// An entry as it goes to disk.
#[derive(Debug)]
pub struct Encoded {
    /// ASCII JSON on one line, with the line break.
    pub bytes: Vec<u8>,
    /// Whether texts had to be shortened.
    pub shortened: bool,
}

/// `entry` as one line of at most [`MAX_LINE`] bytes. Where it is longer, its longest texts are cut to a common length, each
/// with a mark that says how many bytes are missing. Changes are never cut: an undo that lacks its end is another command.
///
/// # Errors
/// [`LedgerError::TooLong`] where even that does not fit.
pub fn encode(entry: &Entry) -> Result<Encoded, LedgerError> {
    let json = |source| LedgerError::Json { source };
    let whole = ascii_line(&serde_json::to_string(entry).map_err(json)?);
    let Some(excess) = whole.len().checked_sub(MAX_LINE).filter(|n| *n > 0) else {
        return Ok(Encoded { bytes: whole, shortened: false });
    };
    let too_long = LedgerError::TooLong { bytes: whole.len(), max: MAX_LINE };
    let mut value = serde_json::to_value(entry).map_err(json)?;
    let mut lengths = Vec::new();
    each_text(&mut value, &mut |text| lengths.push(escaped_len(text)));
    let Some(level) = level(&lengths, excess) else { return Err(too_long) };
    each_text(&mut value, &mut |text| {
        if escaped_len(text) > level {
            *text = cut(text, level);
        }
    });
    let bytes = ascii_line(&serde_json::to_string(&value).map_err(json)?);
    if bytes.len() > MAX_LINE { Err(too_long) } else { Ok(Encoded { bytes, shortened: true }) }
}

/// Whether `entry` fits one line as it is.
///
/// # Errors
/// [`LedgerError::Json`].
pub(super) fn fits(entry: &Entry) -> Result<bool, LedgerError> {
    let json = serde_json::to_string(entry).map_err(|source| LedgerError::Json { source })?;
    Ok(ascii_line(&json).len() <= MAX_LINE)
}

/// The entry on a line, given without its line break.
///
/// # Errors
/// In words, why it is not one.
pub fn decode(line: &[u8]) -> Result<Entry, String> {
    if !line.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err("holds bytes that are not printable ASCII".to_owned());
    }
    serde_json::from_slice(line).map_err(|error| format!("is not an entry: {error}"))
}

/// SHA-256 of `bytes` in lowercase hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hex(Sha256::new().chain_update(bytes))
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `text` cut to at most `most` bytes as they are written in a line, with a mark that says how many bytes are missing.
#[must_use]
pub(super) fn cut(text: &str, most: usize) -> String {
    if escaped_len(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(mark(text.len()).len());
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += escaped_len_of(*c);
            used <= room
        })
        .collect();
    let missing = text.len() - kept.len();
    kept + &mark(missing)
}

fn mark(missing: usize) -> String {
    format!(" [{missing} bytes cut]")
}

/// The greatest length that saves `excess` bytes when all longer texts are cut to it.
fn level(lengths: &[usize], excess: usize) -> Option<usize> {
    let enough = |level: usize| lengths.iter().map(|length| length.saturating_sub(level)).sum::<usize>() >= excess;
    if !enough(LEAST) {
        return None;
    }
    let (mut fits, mut too_much) = (LEAST, MAX_LINE);
    while too_much - fits > 1 {
        let middle = usize::midpoint(fits, too_much);
        if enough(middle) { fits = middle } else { too_much = middle }
    }
    Some(fits)
}

/// Calls `with` on every text in `entry` that may be shortened: all but the chain's own fields, the event's name,
/// and the changes of an `intends` or `takes_back`.
fn each_text(entry: &mut Value, with: &mut dyn FnMut(&mut String)) {
    if let Value::Object(fields) = entry {
        for (name, value) in fields {
            if !matches!(name.as_str(), "time" | "event" | "prev" | "changes") {
                each_text_within(value, with);
            }
        }
    }
}

fn each_text_within(value: &mut Value, with: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => with(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text_within(item, with)),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, item)| each_text_within(item, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `json` with everything but printable ASCII as `\uXXXX`. Outside of strings JSON has nothing else, so this is still JSON.
pub(super) fn ascii_line(json: &str) -> Vec<u8> {
    let mut line = Vec::with_capacity(json.len() + 1);
    for c in json.chars() {
        match c {
            ' '..='~' => line.push(c as u8),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    line.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    line.push(b'\n');
    line
}

/// Bytes that `text` takes within a line.
pub(super) fn escaped_len(text: &str) -> usize {
    text.chars().map(escaped_len_of).sum()
}

/// Bytes that `c` takes within a line.
fn escaped_len_of(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        ' '..='~' => 1,
        c => 6 * c.len_utf16(),
    }
}

/// A line as it is on disk, whatever it holds.
#[derive(Debug)]
pub(super) struct Raw {
    /// Its bytes without the line break; no more than [`MAX_LINE`] of them.
    pub(super) bytes: Vec<u8>,
    /// How many bytes it has, without the line break.
    pub(super) length: u64,
    /// Whether a line break ends it.
    pub(super) ended: bool,
    /// SHA-256 of all its bytes without the line break.
    pub(super) hash: String,
    /// SHA-256 of it once [`CLOSED`] is put behind it; `None` where a line break ends it.
    pub(super) hash_closed: Option<String>,
}

impl Raw {
    /// The entry, or in words why there is none.
    pub(super) fn decode(&self) -> Result<Entry, String> {
        if self.length >= MAX_LINE as u64 {
            return Err(format!("has {} bytes, more than a line may have", self.length));
        }
        decode(&self.bytes)
    }

    /// Whether it is a line that a crash cut short and the agent closed, from what it looks like.
    pub(super) fn is_closed(&self) -> bool {
        self.length <= MAX_LINE as u64 && self.bytes.last() == Some(&CLOSED)
    }

    /// Whether it can be what a crash left of one line of ours.
    pub(super) fn is_cut_short(&self) -> bool {
        !self.ended && (self.length < MAX_LINE as u64 || self.is_closed())
    }
}

/// The next line of `from`, in bounded memory; `None` at the end.
pub(super) fn next(from: &mut impl BufRead) -> io::Result<Option<Raw>> {
    let mut hasher = Sha256::new();
    let mut bytes = Vec::new();
    let mut length = 0_u64;
    loop {
        let chunk = match from.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let at_end = chunk.is_empty();
        let break_at = chunk.iter().position(|byte| *byte == b'\n');
        let (of_line, _) = chunk.split_at(break_at.unwrap_or(chunk.len()));
        hasher.update(of_line);
        bytes.extend_from_slice(of_line.get(..of_line.len().min(MAX_LINE - bytes.len())).unwrap_or_default());
        length += of_line.len() as u64;
        let used = of_line.len() + usize::from(break_at.is_some());
        from.consume(used);
        if at_end && length == 0 {
            return Ok(None);
        }
        if at_end || break_at.is_some() {
            let ended = break_at.is_some();
            let hash_closed = (!ended).then(|| hex(hasher.clone().chain_update([CLOSED])));
            return Ok(Some(Raw { bytes, length, ended, hash: hex(hasher), hash_closed }));
        }
    }
}

#[cfg(test)]
mod tests;
