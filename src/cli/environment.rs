//! What the command line takes from its environment: who runs it, and how the terminal wants its text.

use std::io::IsTerminal;

use crate::report::style::Style;

/// An environment variable, where it is set to something.
#[allow(clippy::disallowed_methods)] // the one place that reads the environment
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the command line begins with this command.
pub fn asks_for(command: &str) -> bool {
    std::env::args_os().nth(1).is_some_and(|first| first == command)
}

/// Whether this process may do what only root may.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The user that this process acts as.
pub fn user_id() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// Whether this process is root, or the user `owner`.
pub fn may_write_as(owner: u32) -> bool {
    is_root() || user_id() == owner
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

/// How to show text on standard output: colour only on a terminal that wants it, `NO_COLOR` honoured; as wide as `COLUMNS` or
/// the terminal says.
pub fn style() -> Style {
    let terminal = std::io::stdout().is_terminal();
    let colour = terminal && variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb");
    let asked = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let real = || terminal.then(|| terminal_size::terminal_size_of(std::io::stdout())).flatten();
    Style { colour, width: width(asked.or_else(|| real().map(|(columns, _)| columns.0.into()))) }
}

/// The columns to use of those that there are, where that is known.
fn width(columns: Option<usize>) -> usize {
    // A terminal that says 0 does not know.
    columns.filter(|columns| *columns > 0).map_or(Style::PLAIN.width, |n| n.clamp(Style::NARROWEST, Style::WIDEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_has_bounds() {
        for (columns, used) in
            [(None, 100), (Some(0), 100), (Some(1), 60), (Some(60), 60), (Some(80), 80), (Some(500), 120)]
        {
            assert_eq!(width(columns), used, "{columns:?}");
        }
    }
}
