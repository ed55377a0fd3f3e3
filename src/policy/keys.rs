//! The keys that policy knows, and what a key that it does not know may have been meant to be.

use super::presets;
use super::tables::Section;
use crate::control::{Control, Kind, Laxer, Setting};

/// A named list of controls with values, in place of the level. Each but one leaves out some control that a level has, so that any counts as weaker.
pub static PRESET: Setting = Setting {
    key: "Preset",
    doc: "A named list of controls with values, in place of Level; none goes by Level.",
    kind: Kind::Choice { default: presets::NONE, words: &presets::WORDS },
    laxer: Laxer::Any,
};

/// How far the Mac is hardened. Nothing is weaker than the default, which is the lowest.
pub static LEVEL: Setting = Setting {
    key: "Level",
    doc: "How far the Mac is hardened; each level includes those below it. With a Preset only for one that has levels.",
    kind: Kind::Integer { default: 1, min: 1, max: 3, unit: "levels" },
    laxer: Laxer::Lower,
};

/// The mode of all controls that policy does not name, for a roll-out that begins with looking. A control that starts in audit
/// mode stays there.
pub static MODE_OF_ALL: Setting = Setting {
    key: MODE,
    doc: "The mode of every control that policy does not name: enforce holds all but the disruptive ones, audit only looks at all.",
    kind: Kind::Choice { default: "enforce", words: &["enforce", "audit"] },
    laxer: Laxer::Any,
};

/// How many days before an exemption ends the ledger says so.
pub static EXEMPTION_WARNING_DAYS: Setting = Setting {
    key: "ExemptionWarningDays",
    doc: "How many days before an exemption ends the ledger says so, once; 0 never does.",
    kind: Kind::Integer { default: 14, min: 0, max: 90, unit: "days" },
    laxer: Laxer::Lower,
};

/// The keys that stand in no dictionary.
pub static TOP: [&Setting; 4] = [&PRESET, &LEVEL, &MODE_OF_ALL, &EXEMPTION_WARNING_DAYS];

/// Keys of a profile's payload that describe the payload. macOS may leave them in the preference file that it makes of it.
pub const BOOKKEEPING: [&str; 10] = [
    "PayloadDescription",
    "PayloadDisplayName",
    "PayloadEnabled",
    "PayloadExpirationDate",
    "PayloadIdentifier",
    "PayloadOrganization",
    "PayloadScope",
    "PayloadType",
    "PayloadUUID",
    "PayloadVersion",
];

/// The key of the dictionary of controls.
pub const CONTROLS: &str = "Controls";
/// The key of a control's mode.
pub const MODE: &str = "Mode";
/// What a whole configuration profile has and a preference file has not.
pub(super) const PROFILE_CONTENT: &str = "PayloadContent";

/// The path of a key of a section.
pub(super) fn section_path(section: &Section, key: &str) -> String {
    format!("{}.{key}", section.name)
}

/// The path of a key of a control.
pub(super) fn control_path(control: &str, key: &str) -> String {
    format!("{CONTROLS}.{control}.{key}")
}

/// What a key of `Controls` stands for.
pub(super) enum Named {
    /// One control, by its id or by the id of its mSCP rule.
    Control(&'static Control),
    /// An mSCP rule that several controls answer to: their ids.
    Several(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// What `name` stands for. A control's own id goes before any alias.
pub(super) fn named(catalogue: &[&'static Control], name: &str) -> Named {
    if let Some(control) = catalogue.iter().find(|control| control.id == name) {
        return Named::Control(control);
    }
    let aliased: Vec<&'static Control> = catalogue.iter().copied().filter(|c| c.refs.mscp == Some(name)).collect();
    match aliased.as_slice() {
        [] => Named::Nothing,
        [control] => Named::Control(control),
        several => Named::Several(several.iter().map(|control| control.id).collect()),
    }
}
