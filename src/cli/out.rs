//! Printing. A reader that went away (`| head`) is no error; anything else that keeps output from being written is.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::Value;

/// How standard output fares: everything so far was written.
const OPEN: u8 = 0;
/// Its reader went away.
const GONE: u8 = 1;
/// It could not be written.
const FAILED: u8 = 2;

static STDOUT: AtomicU8 = AtomicU8::new(OPEN);

/// Writes `text` to standard output as it is. After the first failure, of which one message tells, nothing more is tried.
pub fn print(text: &str) {
    if closed() {
        return;
    }
    let mut stdout = io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        STDOUT.store(fate(&error), Ordering::Relaxed);
        if failed() {
            self::error(&format!("holdfast: standard output: {error}\n"));
        }
    }
}

/// Whether nothing that is printed from now on will be read, so that work for the sake of printing can stop.
pub fn closed() -> bool {
    STDOUT.load(Ordering::Relaxed) != OPEN
}

/// Whether something that was to be printed could not be written, for another reason than that nobody wants it.
pub fn failed() -> bool {
    STDOUT.load(Ordering::Relaxed) == FAILED
}

fn fate(error: &io::Error) -> u8 {
    if error.kind() == ErrorKind::BrokenPipe { GONE } else { FAILED }
}

/// Writes a JSON value to standard output, indented, in ASCII: what is in it can steer no terminal.
pub fn json(value: &Value) {
    print(&json_text(value));
}

/// A JSON value as [`json`] prints it.
pub fn json_text(value: &Value) -> String {
    format!("{}\n", crate::text::ascii_json(&format!("{value:#}")))
}

/// Writes `text` to standard error as it is. There is nowhere left to complain to where that fails.
pub fn error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes an error with all its causes to standard error, the context first.
pub fn failure(error: &dyn std::error::Error) {
    let mut line = format!("holdfast: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(&format!(": {error}"));
        cause = error.source();
    }
    self::error(&format!("{}\n", crate::text::visible(&line)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_that_went_away_is_no_failure() {
        assert_eq!(fate(&ErrorKind::BrokenPipe.into()), GONE);
        for kind in [ErrorKind::StorageFull, ErrorKind::PermissionDenied, ErrorKind::Other, ErrorKind::WriteZero] {
            assert_eq!(fate(&kind.into()), FAILED);
        }
    }

    #[test]
    fn a_name_in_json_cannot_steer_the_terminal() {
        let text = json_text(&serde_json::json!({ "name": "a\u{9b}2Jb\u{202e}c\u{e9}" }));
        assert_eq!(text, "{\n  \"name\": \"a\\u009b2Jb\\u202ec\\u00e9\"\n}\n");
    }
}
