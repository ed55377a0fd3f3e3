//! Printing. A reader that went away (`| head`) is no error; anything else that keeps output from being written is.

use std::io::Write;

use serde_json::Value;

/// Writes `text` to standard output as it is.
pub fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        self::error(&format!("holdfast: standard output: {error}\n"));
    }
}

/// Writes a JSON value to standard output, indented.
pub fn json(value: &Value) {
    print(&format!("{value:#}\n"));
}

/// Writes `text` to standard error as it is. There is nowhere left to complain to where that fails.
pub fn error(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
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
