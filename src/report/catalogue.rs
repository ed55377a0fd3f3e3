//! The catalogue, for people, programs and the manual.

mod place;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::run::{exempt_words, held_words};
use super::style::{Style, Tone};
use crate::control::{Cadence, Can, Control, Kind, Level, Reach, Refs, Remedy, Setting, Variant};
use crate::facts::Facts;
use crate::policy::{Exemption, Mode};
use place::{place, setters};

/// What is done about drift, in words.
fn remedy_words(remedy: &Remedy) -> (&'static str, String) {
    match remedy {
        Remedy::Automatic { how, side_effects, all_or_nothing, .. } => {
            let mut text = (*how).to_owned();
            if *side_effects != "none" {
                text.push_str(&format!("; with it: {side_effects}"));
            }
            if *all_or_nothing {
                text.push_str("; as one set or not at all");
            }
            ("the agent sets it", text)
        }
        Remedy::Profile { payload } => ("only a profile or declaration", (*payload).to_owned()),
        Remedy::ByHand { instructions } => ("only a person", (*instructions).to_owned()),
        Remedy::ServerSide { place } => ("only the MDM", (*place).to_owned()),
    }
}

/// What root can do, and what is done about drift, each as words that say nothing against the other: what a person does no MDM
/// need do, and where root could, nobody is the only one who can.
fn answer(can: Can, remedy: &Remedy) -> (&'static str, String) {
    let (who, how) = remedy_words(remedy);
    let by_hand = matches!((can, remedy), (Can::DetectOnly, Remedy::ByHand { .. }));
    let root = if by_hand { "no: a person, the MDM or macOS itself can" } else { can.sentence() };
    let cannot = matches!(can, Can::DetectOnly | Can::Manual) && !by_hand;
    let who = if cannot { who } else { who.strip_prefix("only ").unwrap_or(who) };
    let mut letters = who.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase()).into_iter();
    (root, format!("{}: {how}", first.chain(letters).collect::<String>()))
}

/// A setting in words: type, bounds and default.
fn setting_words(setting: &Setting) -> String {
    let bounds = match setting.kind {
        Kind::Integer { min, max, unit, .. } => format!("{min} to {max} {unit}, "),
        Kind::Flag { .. } => "true or false, ".to_owned(),
        Kind::Versions { .. } => "a list of versions, ".to_owned(),
        Kind::Names => "a list of names, ".to_owned(),
        Kind::Times => "local times of day, HH:MM, ".to_owned(),
        Kind::Choice { words, .. } => format!("{}, ", words.join(" or ")),
        Kind::Cron | Kind::Text { .. } | Kind::Path { .. } => format!("{}, ", setting.kind.word()),
    };
    format!("{} ({bounds}default {})", setting.doc, setting.default())
}

/// When the daemon looks, in words.
fn cadence(control: &Control) -> String {
    let often = match control.cadence {
        Cadence::Cheap => "with the cheap checks (CheckInterval)",
        Cadence::Slow => "with the slow checks (SlowCheckInterval)",
    };
    let watched: Vec<String> = control.watches.iter().map(|watch| watch.words()).collect();
    if watched.is_empty() {
        often.to_owned()
    } else {
        format!("{often}, and at once after a change of {}", watched.join("; "))
    }
}

/// The framework ids, one framework an entry, empty ones left out.
fn frameworks(refs: &Refs) -> Vec<(&'static str, String)> {
    let per_macos = |ids: &[(u32, &str)]| {
        let mut by_id: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (macos, id) in ids {
            by_id.entry(id).or_default().push(macos.to_string());
        }
        by_id.iter().map(|(id, macos)| format!("{id} (macOS {})", macos.join(", "))).collect::<Vec<_>>().join(", ")
    };
    [
        ("CIS macOS Benchmark", per_macos(refs.cis_macos)),
        ("CIS Controls v8", refs.cis_v8.join(", ")),
        ("NIST 800-53r5", refs.nist_800_53r5.join(", ")),
        ("SOC 2", refs.soc2.join(", ")),
        ("DISA STIG", per_macos(refs.stig)),
        ("mSCP", refs.mscp.unwrap_or_default().to_owned()),
    ]
    .into_iter()
    .filter(|(_, ids)| !ids.is_empty())
    .collect()
}

/// Where the agent can set the control.
fn settable(control: &Control) -> String {
    let places: Vec<String> = control
        .variants
        .iter()
        .filter(|variant| matches!(&variant.reach, Reach::Applies { remedy: Remedy::Automatic { .. }, .. }))
        .map(place)
        .collect();
    if places.is_empty() { "no, it reports".to_owned() } else { places.join("; ") }
}

/// A few lines for each control.
#[must_use]
pub fn list(catalogue: &[&Control], style: &Style) -> String {
    let mut out = String::new();
    let mut area = None;
    for control in catalogue {
        if area != Some(control.area) {
            area = Some(control.area);
            let gap = if out.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{gap}{}\n", style.paint(control.area.title(), Tone::Heading)));
        }
        out.push_str(&format!("  L{} {}\n", u8::from(control.level), control.id));
        out.push_str(&format!("     {}\n", style.wrap(control.title, 5)));
        out.push_str(&format!("     {}\n", style.wrap(&format!("The agent can set it: {}", settable(control)), 5)));
    }
    out
}

/// The catalogue as JSON, format version 1.
#[must_use]
pub fn json(catalogue: &[&Control]) -> Value {
    json!({ "v": 1, "controls": catalogue.iter().map(|control| control_json(control)).collect::<Vec<_>>() })
}

/// What is known of the Mac at hand, and of one control there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here<'a> {
    /// What kind of Mac it is, where that could be told.
    pub facts: Option<&'a Facts>,
    /// Since when the control is held in audit mode.
    pub held: Option<&'a str>,
    /// The exemptions from it that count now.
    pub exempt: &'a [Exemption],
    /// The simulated Mac's name, where it is one.
    pub simulated: Option<&'a str>,
}

/// One control as [`json()`] has it, with the Mac at hand and what holds for it there. `here` is null where the Mac's kind could
/// not be told, and has `applies` null where this release knows nothing about such a Mac.
#[must_use]
pub fn explain_json(control: &Control, at: &Here<'_>) -> Value {
    let here = at.facts.map(|facts| match control.variant(facts).map(|variant| &variant.reach) {
        Some(Reach::Applies { can, remedy }) => {
            json!({ "applies": true, "root_can": can, "remedy": remedy_json(remedy), "because": null })
        }
        Some(Reach::Absent { because }) => {
            json!({ "applies": false, "root_can": null, "remedy": null, "because": because })
        }
        None => json!({ "applies": null, "root_can": null, "remedy": null, "because": NOT_KNOWN }),
    });
    json!({
        "v": 1, "simulated": at.simulated, "mac": at.facts.map(ToString::to_string), "here": here, "held": at.held,
        "exempt": at.exempt.iter().map(Exemption::json).collect::<Vec<_>>(),
        "controls": [control_json(control)],
    })
}

/// That what the agent sets can be put back. A test holds every change of every control to that; one that could not be would have
/// to say so here.
const UNDO: &str = "holdfast restore puts back what was there before, unless somebody else has changed it since";

/// What a control that looks at each user's setting means to who writes policy.
const EACH_USER: &str = "each one's is looked at, so an exemption may name one user";

/// Why nothing can be said about a Mac that no variant is about.
const NOT_KNOWN: &str = "this release knows macOS 14, 15, 26 and 27";

fn remedy_json(remedy: &Remedy) -> Value {
    let (who, how) = remedy_words(remedy);
    json!({ "who": who, "how": how })
}

fn variant_json(variant: &Variant) -> Value {
    let (applies, can, remedy) = match &variant.reach {
        Reach::Applies { can, remedy } => (true, json!(can), remedy_json(remedy)),
        Reach::Absent { because } => (false, Value::Null, json!({ "because": because })),
    };
    json!({ "where": place(variant), "first_macos": variant.macos.0, "last_macos": variant.macos.1,
            "applies": applies, "root_can": can, "remedy": remedy })
}

fn control_json(control: &Control) -> Value {
    let variants: Vec<Value> = control.variants.iter().map(variant_json).collect();
    let settings: Vec<Value> = control
        .settings
        .iter()
        .map(|setting| json!({ "key": setting.key, "doc": setting.doc, "default": setting.default() }))
        .collect();
    let watches: Vec<String> = control.watches.iter().map(|watch| watch.words()).collect();
    json!({
        "id": control.id, "title": control.title, "why": control.why, "check": control.check, "area": control.area,
        "level": control.level, "severity": control.severity, "user_impact": control.user_impact,
        "disruptive": control.disruptive, "default_mode": Mode::default_for(control).word(),
        "of_each_user": control.is_of_each_user(),
        "cadence": control.cadence, "watches": watches, "settings": settings, "variants": variants, "refs": control.refs, "docs": format!("docs/controls.md#{}", control.id),
    })
}

/// Everything about one control, and what holds on the Mac at hand where that is known. Since when it is held is for people.
#[must_use]
pub fn explain(control: &Control, at: &Here<'_>, style: &Style) -> String {
    let mut out = format!("{}\n{}\n\n", style.paint(control.id, Tone::Heading), style.wrap(control.title, 0));
    let mut put = |name: &str, text: &str| out.push_str(&row(name, text, style));
    put("Why", control.why);
    put("Area", control.area.title());
    put("Level", &format!("{}, severity {}", u8::from(control.level), control.severity.word()));
    put("Checked by", control.check);
    put("Looked at", &cadence(control));
    put("The user", control.user_impact);
    if let Some(effect) = control.disruptive {
        put("Disruptive", &format!("{effect}; so it is in audit mode until policy names it"));
    }
    if control.is_of_each_user() {
        put("Users", EACH_USER);
    }
    for setting in control.settings {
        put(setting.key, &setting_words(setting));
    }
    for (name, ids) in frameworks(&control.refs) {
        put(name_of(name), &ids);
    }
    if let Some(facts) = at.facts {
        out.push_str(&format!("\n{}\n", style.wrap(&format!("On this Mac ({facts})"), 0)));
        let (root, what) = match control.variant(facts).map(|variant| &variant.reach) {
            Some(Reach::Applies { can, remedy }) => answer(*can, remedy),
            Some(Reach::Absent { because }) => ("does not apply", (*because).to_owned()),
            None => ("not known", NOT_KNOWN.to_owned()),
        };
        out.push_str(&row("Can root?", root, style));
        out.push_str(&row("Remedy", &what, style));
        if let Some(Remedy::Automatic { .. }) = control.remedy(facts) {
            out.push_str(&row("Undo", UNDO, style));
        }
    } else {
        out.push_str("\nPer macOS and hardware (what this Mac is could not be told)\n");
        for variant in control.variants {
            out.push_str(&format!("  {}\n", style.wrap(&variant_words(variant), 4)));
        }
    }
    for exemption in at.exempt {
        out.push_str(&row("Exempt", &exempt_words(exemption), style));
    }
    if let Some(since) = at.held {
        out.push_str(&row("Held", &held_words(since), style));
    }
    out
}

/// A name and its text in a column; a name too long for its own column stands above.
fn row(name: &str, text: &str, style: &Style) -> String {
    const COLUMN: usize = 14;
    let text = style.wrap(text, COLUMN);
    if name.chars().count() < COLUMN {
        format!("{name:<COLUMN$}{text}\n")
    } else {
        format!("{name}\n{:COLUMN$}{text}\n", "")
    }
}

fn name_of(framework: &str) -> &str {
    match framework {
        "CIS macOS Benchmark" => "CIS macOS",
        "CIS Controls v8" => "CIS v8",
        "NIST 800-53r5" => "NIST 800-53",
        other => other,
    }
}

fn variant_words(variant: &Variant) -> String {
    match &variant.reach {
        Reach::Applies { can, remedy } => {
            let (root, what) = answer(*can, remedy);
            format!("{}: can root set it? {root}. {what}", place(variant))
        }
        Reach::Absent { because } => format!("{}: does not apply: {because}", place(variant)),
    }
}

/// The manual page of all controls, `docs/controls.md`.
#[must_use]
pub fn markdown(catalogue: &[&Control]) -> String {
    let mut sorted = catalogue.to_vec();
    sorted.sort_by_key(|control| (control.area, control.level, std::cmp::Reverse(control.severity), control.id));
    let areas: Vec<&[&Control]> = sorted.chunk_by(|a, b| a.area == b.area).collect();
    let mut out = format!(
        "# Controls\n\nMade from the catalogue by `holdfast controls --markdown`; a test keeps it in step. Do not edit by hand.\n\n\
         {} controls in {} areas. Within an area the lowest level comes first, and in a level the most severe. Level 1 is for every \
         managed Mac, 2 for Macs that see sensitive data, 3 for those worth a targeted attack; each includes those below it. \"Who \
         sets it\": the **agent** by itself, a **profile** or declaration of your MDM, a **person** at the Mac, or the **server**; \
         where a macOS version is named, it differs from one to the other. A control that is *disruptive* stays in audit mode until \
         policy names it.\n\n| area | controls | of level 1 | the agent sets |\n|---|---|---|---|\n",
        sorted.len(),
        areas.len()
    );
    for area in &areas {
        let Some(first) = area.first() else { continue };
        let title = first.area.title();
        let of_one = area.iter().filter(|control| control.level == Level::L1).count();
        let set = area.iter().filter(|control| setters(control).contains("agent")).count();
        out.push_str(&format!("| [{title}](#{}) | {} | {of_one} | {set} |\n", anchor(title), area.len()));
    }
    for area in &areas {
        let Some(first) = area.first() else { continue };
        out.push_str(&format!(
            "\n## {}\n\n| control | what it holds | level | severity | who sets it | what the user notices |\n|---|---|---|---|---|---|\n",
            first.area.title()
        ));
        for control in *area {
            let mark = if control.disruptive.is_some() { " *Disruptive.*" } else { "" };
            out.push_str(&format!(
                "| [{id}](#{id}) | {} | {} | {} | {} | {}{mark} |\n",
                control.title,
                u8::from(control.level),
                control.severity.word(),
                setters(control),
                control.user_impact,
                id = control.id
            ));
        }
        for control in *area {
            out.push_str(&page(control));
        }
    }
    out
}

/// How a heading is named in a link.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .collect::<String>()
        .replace(' ', "-")
}

fn page(control: &Control) -> String {
    let mut out = format!("\n### {}\n\n{}. {}\n\n", control.id, control.title, control.why);
    out.push_str(&format!("- Level {}, severity {}\n", u8::from(control.level), control.severity.word()));
    out.push_str(&format!("- Checked by: {}\n", control.check));
    out.push_str(&format!("- Looked at {}\n", cadence(control)));
    out.push_str(&format!("- What the user notices: {}\n", control.user_impact));
    if let Some(effect) = control.disruptive {
        out.push_str(&format!("- Disruptive: {effect}. In audit mode until policy names it\n"));
    }
    if control.is_of_each_user() {
        out.push_str(&format!("- Users: {EACH_USER}\n"));
    }
    for setting in control.settings {
        out.push_str(&format!("- Setting `{}`: {}\n", setting.key, setting_words(setting)));
    }
    for variant in control.variants {
        out.push_str(&format!("- {}\n", variant_words(variant)));
    }
    for (name, ids) in frameworks(&control.refs) {
        out.push_str(&format!("- {name}: {ids}\n"));
    }
    out
}

#[cfg(test)]
mod tests;
