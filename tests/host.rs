//! The one door against programs and files that misbehave. Runs on any Unix.
#![expect(clippy::disallowed_methods, reason = "the tests set the scene by themselves")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share fails as they do")]

#[path = "host/as_user.rs"]
mod as_user;
#[path = "host/files.rs"]
mod files;
#[path = "host/folders.rs"]
mod folders;
#[path = "host/programs.rs"]
mod programs;

use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast::host::{Look, Real, ToolError};
use holdfast::mac::{Answer, Ask, Invocation, Output};
use tempfile::TempDir;

/// The misbehaving program, which cargo builds together with the tests.
fn unruly() -> String {
    let exe = std::env::current_exe().unwrap();
    let built = exe.parent().and_then(Path::parent).unwrap().join("examples/unruly");
    assert!(built.exists(), "{} is missing: `cargo test` builds it, `cargo test --test` does not", built.display());
    built.into_os_string().into_string().unwrap()
}

fn invocation(argv: &[&str]) -> Invocation {
    let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
    Invocation { argv, as_user: None, limit: Duration::from_secs(20) }
}

fn look(run: Invocation) -> Result<Output, ToolError> {
    match Real::new("/nonexistent/holdfast".into()).look(&Ask::Run(run))? {
        Answer::Ran(output) => Ok(output),
        Answer::File(file) => panic!("a file for a program: {file:?}"),
    }
}

fn sh(script: &str) -> Invocation {
    invocation(&["/bin/sh", "-c", script])
}

/// A scratch folder, by its real path (macOS's own is behind a symbolic link).
fn scratch() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}
