//! Completions for shells.

use clap_complete::{Shell, generate};

/// The scripts, by the file names under which each shell looks for them.
pub fn all() -> Result<Vec<(&'static str, String)>, String> {
    [(Shell::Zsh, "_holdfast"), (Shell::Bash, "holdfast.bash"), (Shell::Fish, "holdfast.fish")]
        .into_iter()
        .map(|(shell, name)| Ok((name, script(shell)?)))
        .collect()
}

fn script(shell: Shell) -> Result<String, String> {
    let mut bytes = Vec::new();
    generate(shell, &mut holdfast::cli::command(), "holdfast", &mut bytes);
    let script = String::from_utf8(bytes).map_err(|error| format!("the completions for {shell}: {error}"))?;
    // Spaces at the ends of lines, and empty lines at the end of the file, are what tools of the checkout complain about.
    let lines: Vec<&str> = script.trim_end().lines().map(str::trim_end).collect();
    Ok(lines.join("\n") + "\n")
}
