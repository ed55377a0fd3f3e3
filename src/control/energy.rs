//! Energy settings, which `pmset` keeps for each power source: where they are, who else decides them, what puts them back.

use std::collections::BTreeMap;

use super::preference::MCX;
use super::{Plan, Step, View, Watch};
use crate::facts::Form;
use crate::host::ToolError;
use crate::mac::Change;
use crate::mac::pmset::{self, Setting, Source};

/// Where `pmset` keeps its settings, in a file that carries the hardware's UUID, and what profiles say.
pub const FILES: &[Watch] = &[Watch::Beginning("/Library/Preferences/com.apple.PowerManagement."), Watch::Domain(MCX)];

/// The power sources, with their headings in `pmset -g custom`.
pub const SOURCES: [(Source, &str); 2] = [(Source::Battery, "Battery Power"), (Source::Ac, "AC Power")];

/// The numeric settings of each power source, by its heading.
pub type Tables = BTreeMap<String, BTreeMap<String, i64>>;

/// The numeric settings of both power sources of a laptop. A list with one of them missing was cut short.
///
/// # Errors
/// [`ToolError`] where the list was not understood or lacks a source.
pub fn tables(view: &View<'_>) -> Result<Tables, ToolError> {
    let custom = view.ask(&pmset::custom())?;
    let numbers = |table: BTreeMap<String, Setting>| {
        let number = |(key, setting)| if let Setting::Number(number) = setting { Some((key, number)) } else { None };
        table.into_iter().filter_map(number).collect()
    };
    let tables: Tables = custom.sources.into_iter().map(|(source, table)| (source, numbers(table))).collect();
    for (_, heading) in SOURCES {
        if !tables.contains_key(heading) {
            return Err(lacks(format!("the section {heading}")));
        }
    }
    Ok(tables)
}

/// The error for a list of settings that lacks `what`.
#[must_use]
pub fn lacks(what: String) -> ToolError {
    ToolError::Incomplete { asked: pmset::custom().ask.to_string(), lacks: what }
}

/// The profile that governs what `pmset` sets on such a Mac, if one does: the Energy Saver payload puts its values back. Its keys
/// begin with `com.apple.EnergySaver.portable.ACPower` and so on.
///
/// # Errors
/// [`ToolError`] where the managed preferences cannot be read.
pub fn governed(view: &View<'_>) -> Result<Option<Plan>, ToolError> {
    let kind = if view.facts.form == Form::Laptop { "portable" } else { "desktop" };
    let key = view.forced_with_prefix(MCX, &format!("com.apple.EnergySaver.{kind}."))?;
    Ok(key.map(|key| Plan::Managed { by: format!("a profile forces {MCX} {key}") }))
}

/// The change that puts back what a power source has now, and that as it goes on record.
#[must_use]
pub fn put_back(
    (source, heading): (Source, &str),
    before: &[(&str, i64)],
) -> (Change, BTreeMap<String, serde_json::Value>) {
    let prior = before.iter().map(|(key, is)| (format!("pmset {key} ({heading})"), (*is).into()));
    (pmset::set(source, before), prior.collect())
}

/// The step that sets each key of a power source from what it is to what it must be.
#[must_use]
pub fn step(source: (Source, &str), keys: &[(&str, i64, i64)]) -> Step {
    let wanted: Vec<_> = keys.iter().map(|(key, _, wanted)| (*key, *wanted)).collect();
    let before: Vec<_> = keys.iter().map(|(key, is, _)| (*key, *is)).collect();
    let (undo, prior) = put_back(source, &before);
    Step { change: pmset::set(source.0, &wanted), undo: vec![undo], prior }
}
