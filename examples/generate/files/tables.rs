//! The tables of `docs/policy.md`, put into the page as it stands: all else on it is written by hand.

use std::path::Path;

use holdfast::control::{Kind, Setting, Value};
use holdfast::policy::tables::{SECTIONS, TIMING};
use holdfast::policy::{TOP, exemptions};
use holdfast::profile::words;

/// Where the page is.
pub const PAGE: &str = "docs/policy.md";

const HEAD: &str = "| key | type | default | weaker | meaning |\n|---|---|---|---|---|\n";

/// The page with the tables as they must be.
pub fn page() -> Result<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let mut text = std::fs::read_to_string(&path).map_err(|error| format!("{PAGE}: {error}"))?;
    text = with_table(&text, "## Keys", None, &TOP)?;
    for section in SECTIONS {
        text = with_table(&text, &format!("### {}", section.name), Some(section.doc), section.settings)?;
    }
    text = with_table(&text, "### When", None, &TIMING)?;
    with(&text, "### Exemptions", Some(exemptions::DOC), &exemptions())
}

/// `text` with the first table below `heading` as it must be, and `doc` as the paragraph that the heading has.
fn with_table(text: &str, heading: &str, doc: Option<&str>, settings: &[&Setting]) -> Result<String, String> {
    with(text, heading, doc, &table(settings))
}

fn with(text: &str, heading: &str, doc: Option<&str>, table: &str) -> Result<String, String> {
    let missing = |what: &str| format!("{PAGE}: below \"{heading}\" there is no {what}");
    let (before, below) = text.split_once(&format!("\n{heading}\n\n")).ok_or_else(|| missing("text"))?;
    let (intro, rest) = below.split_once("| key |").ok_or_else(|| missing("table"))?;
    let (_, after) = rest.split_once("\n\n").ok_or_else(|| missing("text after the table"))?;
    let intro = doc.map_or_else(|| intro.to_owned(), |doc| format!("{doc}\n\n"));
    Ok(format!("{before}\n{heading}\n\n{intro}{table}\n{after}"))
}

fn table(settings: &[&Setting]) -> String {
    let rows = settings.iter().map(|setting| {
        let weaker = words::weaker(setting.laxer).unwrap_or_default();
        format!(
            "| `{}` | {} | {} | {weaker} | {} |\n",
            setting.key,
            bounds(&setting.kind),
            default(setting),
            setting.doc
        )
    });
    format!("{HEAD}{}", rows.collect::<String>())
}

/// The keys of an exemption.
fn exemptions() -> String {
    let row = |field: &exemptions::Field| {
        let needed = if field.required { "yes" } else { "no" };
        format!("| `{}` | {needed} | {} | {} |\n", field.key, field.longest, field.doc)
    };
    let rows: String = exemptions::FIELDS.iter().map(row).collect();
    format!("| key | needed | longest | meaning |\n|---|---|---|---|\n{rows}")
}

/// Type and range, with what is typed as it stands set as code.
fn bounds(kind: &Kind) -> String {
    match kind {
        Kind::Choice { words, .. } => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
        kind => words::bounds(kind).replace("HH:MM", "`HH:MM`"),
    }
}

fn default(setting: &Setting) -> String {
    match setting.default() {
        Value::Text(text) if !text.is_empty() => format!("`{text}`"),
        other => other.to_string(),
    }
}
