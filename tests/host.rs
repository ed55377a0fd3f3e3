//! The one door against programs and files that misbehave. Runs on any Unix.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]
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
#[path = "host/sessions.rs"]
mod sessions;
#[path = "host/status.rs"]
mod status;
#[path = "host/stopping.rs"]
mod stopping;
#[path = "host/trust.rs"]
mod trust;

use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast::host::{Look, Real, ToolError};
use holdfast::mac::{Answer, Ask, Invocation, Output};
use tempfile::TempDir;

/// The misbehaving program. Cargo builds it with the tests, but not where a single test target is named: then an old one must
/// not stand in for it.
fn unruly() -> String {
    let exe = std::env::current_exe().unwrap();
    let built = exe.parent().and_then(Path::parent).unwrap().join("examples/unruly");
    let sources = std::fs::read_to_string(built.with_extension("d")).unwrap_or_default().replace("\\ ", "\0");
    let made = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    let newest = sources.split_whitespace().skip(1).filter_map(|path| made(Path::new(&path.replace('\0', " ")))).max();
    let is_up_to_date = newest.is_some() && newest <= made(&built);
    assert!(is_up_to_date, "{} is missing or old: `cargo build --examples` makes it", built.display());
    built.into_os_string().into_string().unwrap()
}

fn invocation(argv: &[&str]) -> Invocation {
    let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
    Invocation { argv, as_user: None, limit: Duration::from_secs(20) }
}

fn look(run: Invocation) -> Result<Output, ToolError> {
    match Real::new("/nonexistent/holdfast".into()).look(&Ask::Run(run))? {
        Answer::Ran(output) => Ok(output),
        other => panic!("for a program: {other:?}"),
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
