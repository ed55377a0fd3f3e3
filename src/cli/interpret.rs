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
    if options.stdout.is_none() && options.stderr.is_none() {
        return complain("what the tool printed is missing: give --stdout FILE, --stderr FILE or both", Exit::Usage);
    }
    if options.stdout.as_deref() == Some(Path::new("-")) && options.stderr.as_deref() == Some(Path::new("-")) {
        return complain("only one of --stdout and --stderr can be standard input", Exit::Usage);
    }
    let mut streams = Vec::new();
    for file in [&options.stdout, &options.stderr] {
        match file.as_deref().map(read).transpose() {
            Ok(bytes) => {
                let bytes = bytes.unwrap_or_default();
                if is_too_long(&bytes) {
                    return complain(
                        &format!("{}: longer than {CAP} bytes", name(file.as_deref())),
                        Exit::NotUnderstood,
                    );
                }
                streams.push(bytes);
            }
            Err(error) => {
                let name = name(file.as_deref());
                return complain(&format!("{name}: {error}"), Exit::CouldNotRun);
            }
        }
    }
    let stderr = streams.pop().unwrap_or_default();
    let stdout = streams.pop().unwrap_or_default();
    match interpret(&options.argv, &Output { status: options.status, stdout, stderr }) {
        Ok(reading) => {
            out::print(&format!("{}\n", crate::text::ascii_json(&reading.to_string())));
            Exit::Fine
        }
        Err(error) => {
            out::failure(&error);
            Exit::NotUnderstood
        }
    }
}

fn name(file: Option<&Path>) -> String {
    file.map(|file| file.display().to_string()).unwrap_or_default()
}

fn is_too_long(bytes: &[u8]) -> bool {
    bytes.len() as u64 > CAP
}

/// A stream, up to one byte past what is read of it.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(CAP + 1).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(CAP + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_too_long_is_refused_and_not_cut() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stdout");
        for (length, too_long) in [(CAP, false), (CAP + 1, true), (CAP + 9, true)] {
            let bytes = vec![b'x'; usize::try_from(length).unwrap()];
            crate::host::files::write_whole(&file, &bytes, 0o600).unwrap();
            assert_eq!(is_too_long(&read(&file).unwrap()), too_long, "{length}");
        }
    }
}
