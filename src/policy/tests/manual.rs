//! `docs/policy.md` says of every key what the tables say, and what it shows as an example is good policy.

use super::*;
use crate::control::Setting;
use crate::controls;
use crate::policy::tables::{SECTIONS, TIMING};
use crate::policy::{TOP, validate};

const MANUAL: &str = include_str!("../../../docs/policy.md");

fn bounds(kind: &Kind) -> String {
    match kind {
        Kind::Integer { min, max, unit, .. } => format!("integer, {min} to {max} {unit}"),
        Kind::Flag { .. } => "boolean".to_owned(),
        Kind::Versions { .. } | Kind::Names => "array of strings".to_owned(),
        Kind::Times => "array of strings, `HH:MM`, at most 48".to_owned(),
        Kind::Cron => "string, a cron expression".to_owned(),
        Kind::Choice { words, .. } => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
        Kind::Text { .. } => "string, at most 500 characters".to_owned(),
        Kind::Path { .. } => "string, an absolute path".to_owned(),
    }
}

fn weaker(setting: &Setting) -> &'static str {
    match setting.laxer {
        Laxer::Higher => "more",
        Laxer::Lower => "less",
        Laxer::False => "false",
        Laxer::True => "true",
        Laxer::Any => "any other",
        Laxer::Never => "",
    }
}

fn table(settings: &[&Setting]) -> String {
    let rows = settings.iter().map(|setting| {
        let default = match setting.default() {
            crate::control::Value::Text(text) if !text.is_empty() => format!("`{text}`"),
            other => other.to_string(),
        };
        format!(
            "| `{}` | {} | {default} | {} | {} |\n",
            setting.key,
            bounds(&setting.kind),
            weaker(setting),
            setting.doc
        )
    });
    format!("| key | type | default | weaker | meaning |\n|---|---|---|---|---|\n{}", rows.collect::<String>())
}

#[test]
fn the_tables_of_the_manual_are_those_of_the_code() {
    let mut wanted = vec![table(&TOP)];
    for section in SECTIONS {
        wanted.push(format!("### {}\n\n{}\n\n{}", section.name, section.doc, table(section.settings)));
    }
    wanted.push(table(&TIMING));
    for part in wanted {
        assert!(MANUAL.contains(&format!("\n{part}\n")), "docs/policy.md has not, or not just so:\n\n{part}");
    }
}

#[test]
fn the_examples_of_the_manual_are_good_policy() {
    let examples: Vec<&str> = MANUAL
        .split("```xml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(example, _)| example))
        .collect();
    assert!(examples.len() >= 3, "{}", examples.len());
    for example in examples {
        let faults = validate(format!("<plist version=\"1.0\">{example}</plist>").as_bytes(), &controls::all());
        assert_eq!(faults, [], "{example}");
    }
}
