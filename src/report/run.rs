//! A pass, for people and for programs.

use serde_json::{Value, json};

use super::style::{Style, Tone, count};
use crate::clock::stamp;
use crate::control::Remedy;
use crate::enforce::{Left, Line, Outcome, Summary};
use crate::policy::{Exemption, Policy, Problem};

/// What a report says beside the pass itself.
#[derive(Debug)]
pub struct Context<'a> {
    /// `check`, `plan` or `enforce`.
    pub command: &'a str,
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<&'a str>,
    /// The policy that was in force.
    pub policy: &'a Policy,
    /// What is wrong with it.
    pub problems: &'a [Problem],
}

/// The exit status for a finished pass: 2 drift remains or something is unknown; otherwise 78 the policy has problems, so that
/// what holds may not be what was meant; otherwise 3 there was drift and all of it was mended, or 0 all held.
#[must_use]
pub fn exit_status(summary: &Summary, problems: &[Problem]) -> u8 {
    let counts = summary.counts();
    if counts.drifted + counts.unknown > 0 {
        2
    } else if !problems.is_empty() {
        78
    } else if counts.fixed > 0 {
        3
    } else {
        0
    }
}

/// What made a run, in words: the command line and who gave it, or what made the daemon look.
#[must_use]
pub fn cause(command: &str, kind: &str, user: Option<&str>, detail: Option<&str>) -> String {
    let detail = detail.filter(|detail| !detail.is_empty());
    if kind == "command_line" {
        return format!("{} by {}", detail.unwrap_or(command), user.unwrap_or("nobody named"));
    }
    let what = if command == "hold" { "pass of the daemon's" } else { command };
    match (kind, detail) {
        ("event", Some(detail)) => format!("{what} ({detail})"),
        (kind, Some(detail)) => format!("{what} ({}: {detail})", kind.replace('_', " ")),
        (kind, None) => format!("{what} ({})", kind.replace('_', " ")),
    }
}

/// The line that heads a text about a simulated Mac.
#[must_use]
pub fn simulated(name: &str, style: &Style) -> String {
    format!("{}\n", style.paint(&format!("Simulated Mac {name}: not a real one"), Tone::Unsure))
}

/// What the Mac is held to, and what is wrong with it.
#[must_use]
pub fn held_to(policy: &Policy, problems: &[Problem], style: &Style) -> String {
    let mut out = format!("Policy: {}\n", policy.aim());
    for problem in problems {
        out.push_str(&format!("  {} {}\n", style.paint("problem", Tone::Unsure), style.wrap(&problem.to_string(), 10)));
    }
    out
}

/// The pass as text.
#[must_use]
pub fn text(summary: &Summary, context: &Context<'_>, style: &Style) -> String {
    let mut out = String::new();
    out.push_str(&context.simulated.map(|name| simulated(name, style)).unwrap_or_default());
    match &summary.facts {
        Ok(facts) => out.push_str(&format!("{}\n", style.wrap(&facts.to_string(), 0))),
        Err(error) => out.push_str(&format!("Mac of unknown kind: {}\n", style.wrap(&error.chain(), 0))),
    }
    out.push_str(&held_to(context.policy, context.problems, style));
    let mut area = None;
    for line in &summary.lines {
        if area != Some(line.control.area) {
            area = Some(line.control.area);
            out.push_str(&format!("\n{}\n", style.paint(line.control.area.title(), Tone::Heading)));
        }
        out.push_str(&line_text(summary, line, style));
    }
    out.push_str(&remaining(summary, style));
    out.push_str(&format!("\n{}\n", style.wrap(&totals(summary), 2).trim_start()));
    out
}

/// What does not hold or could not be told, grouped by who can do something about it; empty where there is nothing.
fn remaining(summary: &Summary, style: &Style) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &summary.lines {
        let who = match &line.outcome {
            Outcome::Unknown { .. } => "could not be told",
            Outcome::Exempt { wanted: Some(_), .. } => "exempt",
            Outcome::Drifted { left, .. } => match left {
                Left::NoAutomaticRemedy => match remedy(summary, line) {
                    Some(Remedy::ByHand { .. }) => "for a person",
                    Some(Remedy::ServerSide { .. }) => "for the MDM",
                    _ => "for a profile or declaration",
                },
                Left::OnlyLooking | Left::Planned => "for holdfast enforce",
                Left::Audit => "audit mode only",
                Left::Held { .. } => "put back, and held so",
                Left::Managed { .. } => "managed by the MDM",
                Left::Deferred { .. } | Left::Waiting { .. } | Left::Interrupted => "later",
                Left::Contested { .. } => "contested",
                Left::NotFixed { .. } => "tried, not mended",
            },
            _ => continue,
        };
        match groups.iter_mut().find(|(known, _)| *known == who) {
            Some((_, ids)) => ids.push(line.control.id),
            None => groups.push((who, vec![line.control.id])),
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.paint("What remains", Tone::Heading));
    for (who, ids) in groups {
        out.push_str(&format!("  {who:<30}{}\n", style.wrap(&ids.join(", "), 32)));
    }
    out
}

/// What the agent does about a line's control on this Mac.
fn remedy(summary: &Summary, line: &Line) -> Option<&'static Remedy> {
    line.control.remedy(summary.facts.as_ref().ok()?)
}

/// One line's word and its colour.
fn word(line: &Line) -> (&'static str, Tone) {
    match &line.outcome {
        Outcome::Off { .. } => ("off", Tone::Quiet),
        Outcome::Compliant { .. } => ("ok", Tone::Good),
        Outcome::NotApplicable { .. } => ("n/a", Tone::Quiet),
        Outcome::Unknown { .. } => ("UNKNOWN", Tone::Unsure),
        Outcome::Drifted { .. } => ("DRIFTED", Tone::Bad),
        Outcome::Exempt { .. } => ("exempt", Tone::Unsure),
        Outcome::Fixed { .. } => ("FIXED", Tone::Changed),
    }
}

const INDENT: usize = 10;

fn line_text(summary: &Summary, line: &Line, style: &Style) -> String {
    let (state, tone) = word(line);
    let pad = " ".repeat(8_usize.saturating_sub(state.len()));
    let seen = match &line.outcome {
        Outcome::Off { because } | Outcome::NotApplicable { because } => because.clone(),
        Outcome::Compliant { seen } => seen.clone(),
        Outcome::Unknown { why } => why.clone(),
        Outcome::Drifted { seen, wanted, .. } | Outcome::Exempt { seen, wanted: Some(wanted), .. } => {
            format!("{seen}; wanted: {wanted}")
        }
        Outcome::Exempt { seen, wanted: None, .. } => format!("{seen}; it holds all the same"),
        Outcome::Fixed { before, seen } => format!("was {before}, now {seen}"),
    };
    let mut out =
        format!("  {}{pad}{}\n", style.paint(state, tone), style.wrap(&format!("{}: {seen}", line.control.id), INDENT));
    let mut more = |text: String| out.push_str(&format!("{}{}\n", " ".repeat(INDENT), style.wrap(&text, INDENT)));
    if let Outcome::Drifted { left, .. } = &line.outcome
        && let Some(text) = left_text(summary, line, left)
    {
        more(text);
    }
    if let Outcome::Exempt { by, .. } = &line.outcome {
        by.iter().for_each(|exemption| more(exempt_words(exemption)));
    }
    let planned = matches!(&line.outcome, Outcome::Drifted { left: Left::Planned, .. });
    for step in &line.steps {
        more(format!("{} {}", if planned { "would run" } else { "ran" }, step.change));
        if step.undo.is_empty() {
            more("  cannot be undone: there is no way back to what was there before".to_owned());
        }
        for (what, prior) in &step.prior {
            more(format!(
                "  before: {what} = {}",
                if prior.is_null() { "not set".to_owned() } else { prior.to_string() }
            ));
        }
    }
    out
}

/// Why a drifted line was left, and who can do something about it.
fn left_text(summary: &Summary, line: &Line, left: &Left) -> Option<String> {
    Some(match left {
        Left::OnlyLooking => format!("enforce mends it unless an MDM governs it: {}", automatic(summary, line)?),
        Left::Planned => return None,
        Left::Interrupted => "not mended: the run was interrupted".to_owned(),
        Left::Audit => match line.control.disruptive {
            Some(effect) => format!("left alone: audit mode until policy names it, because {effect}"),
            None => "left alone: policy has it in audit mode".to_owned(),
        },
        Left::Held { since } => held_words(since),
        Left::NoAutomaticRemedy => remedy_text(summary, line)?,
        Left::Managed { by } => format!("left alone: managed, {by}"),
        Left::Deferred { because } => format!("later: {because}"),
        Left::Waiting { until } => format!("later: it does not stay mended; tried again from {} on", stamp(*until)),
        Left::Contested { since, times, suspects } => left_words(since, *times, suspects),
        Left::NotFixed { why } => format!("not mended: {why}"),
    })
}

/// Why a setting that comes back is left alone, and who may be setting it.
#[must_use]
pub fn left_words(since: &str, times: usize, suspects: &[String]) -> String {
    let who = if suspects.is_empty() { "nobody known".to_owned() } else { suspects.join(", ") };
    let times = count(times, "time", "times");
    format!("contested since {since}: mended {times} within a day, and set back; may be set by: {who}")
}

/// Why what policy exempts is left alone.
#[must_use]
pub fn exempt_words(exemption: &Exemption) -> String {
    format!("left alone: exempt for {}", exemption.words())
}

/// Why a setting that was put back is left alone.
#[must_use]
pub fn held_words(since: &str) -> String {
    format!("held in audit mode since {since}, when it was put back; until policy changes for it, or holdfast resume")
}

fn remedy_text(summary: &Summary, line: &Line) -> Option<String> {
    Some(match remedy(summary, line)? {
        Remedy::Automatic { .. } => return None,
        Remedy::Profile { payload } => format!("only a profile or declaration can set it: {payload}"),
        Remedy::ByHand { instructions } => format!("only a person can set it: {instructions}"),
        Remedy::ServerSide { place } => format!("only the MDM can set it: {place}"),
    })
}

/// How the agent would mend a line.
fn automatic(summary: &Summary, line: &Line) -> Option<&'static str> {
    match remedy(summary, line)? {
        Remedy::Automatic { how, .. } => Some(how),
        _ => None,
    }
}

/// The counts as one sentence. They are exclusive and add up.
#[must_use]
pub fn totals(summary: &Summary) -> String {
    format!("{}: {}", count(summary.lines.len(), "control", "controls"), summary.counts())
}

/// The pass as JSON, format version 1.
#[must_use]
pub fn json(summary: &Summary, context: &Context<'_>) -> Value {
    let counts = summary.counts();
    json!({
        "v": 1,
        "command": context.command,
        "simulated": context.simulated,
        "mac": summary.facts.as_ref().map(ToString::to_string).ok(),
        "policy": {
            "level": context.policy.level_in_force().map(u8::from),
            "preset": context.policy.preset.map(|preset| preset.name),
            "digest": context.policy.digest(),
            "problems": context.problems,
        },
        "controls": summary.lines.iter().map(|line| line_json(summary, line)).collect::<Vec<_>>(),
        "counts": {
            "total": counts.total(),
            "compliant": counts.compliant,
            "fixed": counts.fixed,
            "drifted": counts.drifted,
            "unknown": counts.unknown,
            "not_applicable": counts.not_applicable,
            "off": counts.off,
            "exempt": counts.exempt,
        },
        "exit_status": exit_status(summary, context.problems),
    })
}

fn line_json(summary: &Summary, line: &Line) -> Value {
    let exempt = match &line.outcome {
        Outcome::Exempt { by, .. } => Some(by.iter().map(Exemption::json).collect::<Vec<_>>()),
        _ => None,
    };
    let (seen, wanted, before, left) = match &line.outcome {
        Outcome::Off { because } | Outcome::NotApplicable { because } => (because, None, None, None),
        Outcome::Compliant { seen } => (seen, None, None, None),
        Outcome::Unknown { why } => (why, None, None, None),
        Outcome::Drifted { seen, wanted, left } => (seen, Some(wanted), None, Some(left)),
        Outcome::Exempt { seen, wanted, .. } => (seen, wanted.as_ref(), None, None),
        Outcome::Fixed { before, seen } => (seen, None, Some(before), None),
    };
    json!({
        "id": line.control.id,
        "area": line.control.area,
        "severity": line.control.severity,
        "mode": line.mode.word(),
        "state": line.outcome.word(),
        "seen": seen,
        "wanted": wanted,
        "before": before,
        "left": left.map(left_word),
        "left_because": left.and_then(|left| left_text(summary, line, left)),
        "exempt": exempt,
        "changes": line.steps,
    })
}

/// The reason's word in JSON.
fn left_word(left: &Left) -> &'static str {
    match left {
        Left::OnlyLooking => "only_looking",
        Left::Planned => "planned",
        Left::Interrupted => "interrupted",
        Left::Audit => "audit",
        Left::Held { .. } => "held",
        Left::NoAutomaticRemedy => "no_automatic_remedy",
        Left::Managed { .. } => "managed",
        Left::Deferred { .. } => "deferred",
        Left::Waiting { .. } => "waiting",
        Left::Contested { .. } => "contested",
        Left::NotFixed { .. } => "not_fixed",
    }
}
