//! `config show` and `config validate`.

use std::path::Path;

use serde_json::json;

use super::arguments::{Config, ConfigCommand, Place};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out};
use crate::controls;
use crate::policy::{self, MAX_BYTES, Problem};

/// Runs one of them.
pub fn run(place: &Place, options: &Config) -> Exit {
    match &options.command {
        ConfigCommand::Show(form) => show(place, form.json),
        ConfigCommand::Validate { file, json } => validate(file, *json),
    }
}

fn show(place: &Place, as_json: bool) -> Exit {
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let loaded = machine.agent("config show", controls::all(), None).load_policy(machine.look());
    let rows = loaded.policy.rows();
    if as_json {
        out::json(&json!({
            "v": 1,
            "simulated": machine.simulated_name(),
            "digest": loaded.policy.digest(),
            "values": rows,
            "problems": loaded.problems,
        }));
    } else {
        let width = rows.iter().map(|row| row.key.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for row in &rows {
            let off = if row.in_force { "" } else { "  (control not selected)" };
            text.push_str(&format!("{:width$}  {}  [{}]{off}\n", row.key, crate::text::visible(&row.text), row.from));
        }
        text.push_str(&problems_text(&loaded.problems));
        out::print(&text);
    }
    if loaded.problems.is_empty() { Exit::Fine } else { Exit::BadPolicy }
}

fn validate(file: &Path, as_json: bool) -> Exit {
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(error) => return complain(&format!("{}: {error}", file.display()), Exit::CouldNotRun),
    };
    let problems = policy::validate(&bytes, &controls::all());
    if as_json {
        out::json(
            &json!({ "v": 1, "file": file.display().to_string(), "valid": problems.is_empty(), "problems": problems }),
        );
    } else if problems.is_empty() {
        out::print(&format!("{}: a valid policy\n", file.display()));
    } else {
        out::print(&problems_text(&problems));
    }
    if problems.is_empty() { Exit::Fine } else { Exit::BadPolicy }
}

/// The file, up to one byte past what a policy may have.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn problems_text(problems: &[Problem]) -> String {
    let style = environment::style();
    problems.iter().map(|problem| format!("problem: {}\n", style.wrap(&problem.to_string(), 9))).collect()
}
