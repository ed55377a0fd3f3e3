//! Writes every file that is made from the tables of settings and from the command line: manual pages, completions, the forms of
//! MDM consoles, the tables of `docs/policy.md`.
//!
//! `cargo run --example generate` writes them where they belong in this checkout, `cargo run --example generate DIR` below
//! another folder. `tests/generated.rs` holds the committed ones equal to these.
#![expect(clippy::disallowed_methods, reason = "writing files is its purpose")]

mod files;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let root = match (arguments.next(), arguments.next()) {
        (None, _) => PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        (Some(dir), None) if !dir.to_string_lossy().starts_with('-') => PathBuf::from(dir),
        _ => {
            eprintln!("Usage: cargo run --example generate [DIR]");
            return ExitCode::from(64);
        }
    };
    match write(&root) {
        Ok(count) => {
            println!("{count} files below {}", root.display());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("generate: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Writes all files, and says how many.
fn write(root: &Path) -> Result<usize, String> {
    let files = files::all()?;
    for file in &files {
        let path = root.join(&file.path);
        let told = |error: std::io::Error| format!("{}: {error}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(told)?;
        }
        std::fs::write(&path, &file.content).map_err(told)?;
    }
    Ok(files.len())
}
