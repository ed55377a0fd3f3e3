//! What a pass says in the terms of the frameworks that auditors use: which requirement is met on this Mac, and by which controls.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::run::Context;
use super::style::{Style, Tone, count};
use crate::control::Refs;
use crate::enforce::{Line, Outcome};

mod known;

/// A framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// NIST SP 800-53 revision 5.
    Nist80053r5,
    /// CIS Critical Security Controls, version 8.
    CisV8,
    /// SOC 2, trust services criteria.
    Soc2,
    /// The CIS benchmark for the Mac's version of macOS.
    CisMacos,
    /// The DISA STIG for the Mac's version of macOS.
    Stig,
}

impl Framework {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Nist80053r5, Self::CisV8, Self::Soc2, Self::CisMacos, Self::Stig];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nist80053r5 => "nist-800-53r5",
            Self::CisV8 => "cis-v8",
            Self::Soc2 => "soc2",
            Self::CisMacos => "cis-macos",
            Self::Stig => "stig",
        }
    }

    /// The framework with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|framework| framework.name() == name)
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Nist80053r5 => "NIST SP 800-53 revision 5",
            Self::CisV8 => "CIS Critical Security Controls, version 8",
            Self::Soc2 => "SOC 2 trust services criteria",
            Self::CisMacos => "CIS benchmark for macOS",
            Self::Stig => "DISA STIG for macOS",
        }
    }

    /// What a control answers of it on this macOS major version.
    fn ids(self, refs: &Refs, macos: u32) -> Vec<&'static str> {
        let of = |ids: &'static [(u32, &'static str)]| {
            let is_of = |version: u32| ids.iter().filter(move |(of, _)| *of == version).map(|(_, id)| *id);
            // No benchmark for macOS 27 is known to this release: the last one before it is read instead.
            let version = if macos == 27 && is_of(27).next().is_none() { 26 } else { macos };
            is_of(version).collect()
        };
        match self {
            Self::Nist80053r5 => refs.nist_800_53r5.to_vec(),
            Self::CisV8 => refs.cis_v8.to_vec(),
            Self::Soc2 => refs.soc2.to_vec(),
            Self::CisMacos => of(refs.cis_macos),
            Self::Stig => of(refs.stig),
        }
    }

    /// The requirements that are known to be in it, whether a control answers them or not.
    fn known(self, macos: u32) -> Vec<String> {
        let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let numbered = |counts: &[u32], head: &str| {
            let of = |(n, many): (usize, &u32)| (1..=*many).map(move |m| format!("{}.{m}", n + 1)).collect::<Vec<_>>();
            counts.iter().enumerate().flat_map(of).map(|id| format!("{head}{id}")).collect()
        };
        match self {
            Self::Nist80053r5 => own(known::NIST),
            Self::CisV8 => numbered(&known::SAFEGUARDS, ""),
            Self::Soc2 => numbered(&known::COMMON_CRITERIA, "CC"),
            Self::CisMacos => {
                let more = match macos {
                    14 => known::CIS_14,
                    15 => known::CIS_15,
                    _ => known::CIS_26,
                };
                [own(known::CIS_COMMON), own(more)].concat()
            }
            // Its numbers have no order of their own that could be listed; only what controls answer is.
            Self::Stig => Vec::new(),
        }
    }
}

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// All controls that answer it here hold.
    Met,
    /// One of them has drifted, or is exempt.
    Unmet,
    /// None has drifted, and one could not be told, or policy has switched it off, so that nobody looked.
    Unknown,
    /// No control answers it on this Mac: none exists or applies, or policy has switched them all off.
    NotCovered,
}

impl Met {
    /// The word in the document.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::Unknown => "unknown",
            Self::NotCovered => "not_covered",
        }
    }
}

/// One requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Its number.
    pub id: String,
    /// How it stands.
    pub met: Met,
    /// The controls that answer it, with their states' words, in catalogue order.
    pub controls: Vec<(&'static str, &'static str)>,
}

/// How the requirements of one framework stand, in the framework's order. `macos` is the Mac's major version.
#[must_use]
pub fn requirements(framework: Framework, macos: u32, lines: &[Line]) -> Vec<Requirement> {
    let mut by_id: BTreeMap<String, Vec<&Line>> =
        framework.known(macos).into_iter().map(|id| (id, Vec::new())).collect();
    for line in lines {
        let ids: BTreeSet<&str> = framework.ids(&line.control.refs, macos).into_iter().collect();
        for id in ids {
            by_id.entry(id.to_owned()).or_default().push(line);
        }
    }
    let mut all: Vec<Requirement> = by_id
        .into_iter()
        .map(|(id, lines)| Requirement {
            id,
            met: met(&lines),
            controls: lines.iter().map(|line| (line.control.id, line.outcome.word())).collect(),
        })
        .collect();
    all.sort_by_cached_key(|requirement| natural(&requirement.id));
    all
}

/// Everything but "holds" counts against it, so that no state which is new to this page passes.
fn met(lines: &[&Line]) -> Met {
    let counted: Vec<&Outcome> = lines
        .iter()
        .map(|line| &line.outcome)
        .filter(|outcome| !matches!(outcome, Outcome::NotApplicable { .. }))
        .collect();
    let holds = |outcome: &&&Outcome| matches!(outcome, Outcome::Compliant { .. } | Outcome::Fixed { .. });
    let off = |outcome: &&&Outcome| matches!(outcome, Outcome::Off { .. });
    let unknown = |outcome: &&&Outcome| off(outcome) || matches!(outcome, Outcome::Unknown { .. });
    if counted.iter().all(|outcome| off(&outcome)) {
        Met::NotCovered
    } else if counted.iter().any(|outcome| !holds(&outcome) && !unknown(&outcome)) {
        Met::Unmet
    } else if counted.iter().any(|outcome| unknown(&outcome)) {
        Met::Unknown
    } else {
        Met::Met
    }
}

/// Numbers by their value: 2.10 after 2.9, AC-11 after AC-2.
fn natural(id: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let (mut word, mut number) = (String::new(), String::new());
    for c in id.chars() {
        if c.is_ascii_digit() {
            number.push(c);
        } else {
            if !number.is_empty() {
                parts.push((std::mem::take(&mut word), number.parse().unwrap_or(u64::MAX)));
                number.clear();
            }
            word.push(c);
        }
    }
    parts.push((word, number.parse().unwrap_or(0)));
    parts
}

fn of(met: Met, all: &[Requirement]) -> usize {
    all.iter().filter(|requirement| requirement.met == met).count()
}

const ORDER: [Met; 4] = [Met::Met, Met::Unmet, Met::Unknown, Met::NotCovered];

/// Whether each requirement that controls answer here is met.
#[must_use]
pub fn all_met(frameworks: &[Framework], macos: u32, lines: &[Line]) -> bool {
    let mut all = frameworks.iter().flat_map(|framework| requirements(*framework, macos, lines));
    all.all(|requirement| matches!(requirement.met, Met::Met | Met::NotCovered))
}

/// The document: each framework with its counts and requirements.
#[must_use]
pub fn json(frameworks: &[Framework], macos: u32, lines: &[Line], context: &Context<'_>) -> Value {
    let each = |framework: &Framework| {
        let all = requirements(*framework, macos, lines);
        let counts: BTreeMap<&str, usize> = ORDER.iter().map(|met| (met.word(), of(*met, &all))).collect();
        let list: Vec<Value> = all
            .iter()
            .map(|one| {
                let controls: Vec<Value> =
                    one.controls.iter().map(|(id, state)| json!({ "id": id, "state": state })).collect();
                json!({ "id": one.id, "state": one.met.word(), "controls": controls })
            })
            .collect();
        json!({ "framework": framework.name(), "title": framework.title(), "counts": counts, "requirements": list })
    };
    json!({
        "v": 1,
        "simulated": context.simulated,
        "policy": context.policy.aim(),
        "problems": context.problems,
        "macos": macos,
        "frameworks": frameworks.iter().map(each).collect::<Vec<_>>(),
    })
}

/// For people. What no control answers is counted, and listed where one framework was asked for.
#[must_use]
pub fn text(frameworks: &[Framework], macos: u32, lines: &[Line], style: &Style) -> String {
    let mut out = String::new();
    for framework in frameworks {
        let all = requirements(*framework, macos, lines);
        out.push_str(&format!("{}\n", style.paint(framework.title(), Tone::Heading)));
        for one in all.iter().filter(|one| one.met != Met::NotCovered) {
            let (word, tone) = match one.met {
                Met::Met => ("met", Tone::Good),
                Met::Unmet => ("UNMET", Tone::Bad),
                _ => ("UNKNOWN", Tone::Unsure),
            };
            // What does not apply decides nothing.
            let controls: Vec<String> = one
                .controls
                .iter()
                .filter(|(_, state)| *state != "not_applicable")
                .map(|(id, state)| if one.met == Met::Met { (*id).to_owned() } else { format!("{id} {state}") })
                .collect();
            let pad = " ".repeat(8_usize.saturating_sub(word.len()));
            let controls = style.wrap(&controls.join(", "), 25);
            out.push_str(&format!("  {}{pad}{:<15}{controls}\n", style.paint(word, tone), one.id));
        }
        let left: Vec<&str> = all.iter().filter(|one| one.met == Met::NotCovered).map(|one| one.id.as_str()).collect();
        if frameworks.len() == 1 && !left.is_empty() {
            out.push_str(&format!("  not covered on this Mac: {}\n", style.wrap(&left.join(", "), 27)));
        }
        out.push_str(&format!(
            "  {}: {} met, {} unmet, {} unknown, {} not covered on this Mac\n\n",
            count(all.len(), "requirement", "requirements"),
            of(Met::Met, &all),
            of(Met::Unmet, &all),
            of(Met::Unknown, &all),
            left.len()
        ));
    }
    out
}

#[cfg(test)]
mod tests;
