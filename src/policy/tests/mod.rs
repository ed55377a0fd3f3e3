//! The laws of policy, on a small catalogue of its own.

mod exemptions;
mod hostile;
mod layers;
mod manual;
mod precedence;
mod sections;
mod values;

use plist::{Dictionary, Value as Plist};

use super::{Enrolled, LayerText, Layers, Policy, Problem, Row, read};
use crate::control::{Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant};

/// One setting of each kind; seconds are laxer the higher they are.
static SETTINGS: [&Setting; 6] = [
    &Setting {
        key: "Seconds",
        doc: "d",
        kind: Kind::Integer { default: 300, min: 0, max: 1200, unit: "seconds" },
        laxer: Laxer::Higher,
    },
    &Setting { key: "Strict", doc: "d", kind: Kind::Flag { default: true }, laxer: Laxer::False },
    &Setting {
        key: "Minimum",
        doc: "d",
        kind: Kind::Versions { default: &["14.8", "15.7", "26.5"] },
        laxer: Laxer::Lower,
    },
    &Setting { key: "Spare", doc: "d", kind: Kind::Names, laxer: Laxer::Any },
    &Setting { key: "Style", doc: "d", kind: Kind::Flag { default: false }, laxer: Laxer::Never },
    &Setting {
        key: "RetentionDays",
        doc: "d",
        kind: Kind::Integer { default: 30, min: 0, max: 90, unit: "days" },
        laxer: Laxer::Lower,
    },
];

const fn control(
    id: &'static str,
    level: Level,
    mscp: Option<&'static str>,
    disruptive: Option<&'static str>,
    settings: &'static [&'static Setting],
) -> Control {
    Control {
        id,
        title: "t",
        why: "w",
        check: "c",
        refs: Refs { mscp, ..Refs::NONE },
        user_impact: "u",
        disruptive,
        settings,
        probe: |_| Ok(Finding::compliant("")),
        ..Control::of(Area::Firewall, level, Severity::Low)
    }
}

static PLAIN: Control = control("plain_on", Level::L1, Some("rule_plain_enable"), None, &SETTINGS);
static HIGH: Control = control("high_on", Level::L3, None, None, &[]);
static ROUGH: Control = control("rough_on", Level::L2, None, Some("it gets in the way"), &[]);
static TWIN_A: Control = control("twin_a", Level::L1, Some("rule_twins"), None, &[]);
static TWIN_B: Control = control("twin_b", Level::L1, Some("rule_twins"), None, &[]);
/// The only one that looks at each user.
static EACH: Control = Control {
    variants: &[Variant::everywhere(Can::Yes, Remedy::ByHand { instructions: "i" }).of_each_user()],
    ..control("each_on", Level::L1, None, None, &[])
};
static CATALOGUE: [&Control; 6] = [&PLAIN, &HIGH, &ROUGH, &TWIN_A, &TWIN_B, &EACH];
static STRANGER: Control = control("stranger", Level::L2, None, Some("d"), &SETTINGS);

fn dict<const N: usize>(pairs: [(&str, Plist); N]) -> Plist {
    Plist::Dictionary(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Dictionary>())
}

fn list(items: &[&str]) -> Plist {
    Plist::Array(items.iter().map(|item| Plist::from(*item)).collect())
}

/// A policy that says `given` about the control `name`.
fn about(name: &str, given: Plist) -> Plist {
    dict([("Controls", dict([(name, given)]))])
}

fn xml(value: &Plist) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.to_writer_xml(&mut bytes).unwrap();
    bytes
}

fn binary(value: &Plist) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.to_writer_binary(&mut bytes).unwrap();
    bytes
}

fn bytes(value: Option<&Plist>) -> LayerText {
    value.map_or(LayerText::Absent, |value| LayerText::Bytes(xml(value)))
}

fn read_both(managed: Option<&Plist>, local: Option<&Plist>, enrolled: &Enrolled) -> (Policy, Vec<Problem>) {
    let layers = Layers { managed: bytes(managed), local: bytes(local), ..Layers::default() };
    read(&layers, &CATALOGUE, enrolled)
}

fn read_managed(managed: &Plist) -> (Policy, Vec<Problem>) {
    read_both(Some(managed), None, &Enrolled::Yes)
}

fn row(policy: &Policy, key: &str) -> Row {
    policy.rows().into_iter().find(|row| row.key == key).unwrap_or_else(|| panic!("no row {key}"))
}

/// A value as a row shows it.
fn as_row(value: &Plist) -> Option<serde_json::Value> {
    Some(match value {
        Plist::Boolean(flag) => (*flag).into(),
        Plist::Integer(number) => number.as_signed()?.into(),
        Plist::String(text) => text.clone().into(),
        Plist::Array(items) => items.iter().map(as_row).collect::<Option<Vec<_>>>()?.into(),
        _ => return None,
    })
}

/// The problems' paths, in order.
fn paths(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.key.as_str()).collect()
}
