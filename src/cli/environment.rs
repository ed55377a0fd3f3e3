//! What the command line takes from its environment: who runs it, and how the terminal wants its text.

use std::io::IsTerminal;

use crate::report::style::Style;

/// An environment variable, where it is set to something.
#[allow(clippy::disallowed_methods)] // the one place that reads the environment
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether this process may do what only root may.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Who runs the command line: the account of the process, and who stands behind `sudo` as far as `sudo` says.
pub fn user() -> String {
    let uid = nix::unistd::getuid();
    let name = nix::unistd::User::from_uid(uid).ok().flatten().map_or_else(|| format!("uid {uid}"), |user| user.name);
    match variable("SUDO_USER") {
        Some(behind) if behind != name => format!("{name} (sudo by {})", crate::text::excerpt(&behind)),
        _ => name,
    }
}

/// How to show text on standard output: colour only on a terminal that wants it, `NO_COLOR` honoured.
pub fn style() -> Style {
    let terminal = std::io::stdout().is_terminal();
    let colour = terminal && variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb");
    let width = variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns >= 40);
    Style { colour, width: width.unwrap_or(Style::PLAIN.width).min(200) }
}
