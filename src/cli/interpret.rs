//! `interpret`: what the agent makes of a tool's output.

use std::io::Read;
use std::path::Path;

use super::arguments::Interpret;
use super::exit::Exit;
use super::machine::complain;
use super::out;
use crate::mac::{Output, interpret};

/// The most that is read of one stream, in bytes.
const CAP: u64 = 4 * 1024 * 1024;

/// Reads the streams and prints the reading.
pub fn run(options: &Interpret) -> Exit {
    if options.stdout.as_deref() == Some(Path::new("-")) && options.stderr.as_deref() == Some(Path::new("-")) {
        return complain("only one of --stdout and --stderr can be standard input", Exit::Usage);
    }
    let mut streams = Vec::new();
    for file in [&options.stdout, &options.stderr] {
        match file.as_deref().map(read).transpose() {
            Ok(bytes) => streams.push(bytes.unwrap_or_default()),
            Err(error) => {
                let name = file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
                return complain(&format!("{name}: {error}"), Exit::CouldNotRun);
            }
        }
    }
    let stderr = streams.pop().unwrap_or_default();
    let stdout = streams.pop().unwrap_or_default();
    match interpret(&options.argv, &Output { status: options.status, stdout, stderr }) {
        Ok(reading) => {
            out::print(&format!("{reading}\n"));
            Exit::Fine
        }
        Err(error) => {
            out::failure(&error);
            Exit::NotUnderstood
        }
    }
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(CAP).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(CAP).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
