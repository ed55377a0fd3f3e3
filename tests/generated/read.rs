//! Reads back what each document and form says of the keys of policy.

use std::collections::BTreeMap;

use holdfast::control::{Kind, Setting};
use holdfast::controls;
use holdfast::policy::tables::{SECTIONS, TIMING};
use holdfast::policy::{Mode, Policy, TOP};
use plist::Value as Plist;
use serde_json::Value as Json;

/// What is said of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As `config show` prints it.
    pub default: String,
    /// `60..86400`, `once|skip`, `boolean`, `string` or `strings`; `None` where the document does not say.
    pub bounds: Option<String>,
}

/// What is said of all keys, by path.
pub type Keys = BTreeMap<String, Key>;

fn key(default: impl Into<String>, bounds: impl Into<String>) -> Key {
    Key { default: default.into(), bounds: Some(bounds.into()) }
}

/// What the code has.
pub fn code() -> Keys {
    let of = |setting: &Setting| {
        let bounds = match &setting.kind {
            Kind::Integer { min, max, .. } => format!("{min}..{max}"),
            Kind::Flag { .. } => "boolean".to_owned(),
            Kind::Choice { words, .. } => words.join("|"),
            Kind::Versions { .. } | Kind::Names | Kind::Times => "strings".to_owned(),
            Kind::Cron | Kind::Text { .. } | Kind::Path { .. } => "string".to_owned(),
        };
        key(setting.default().to_string(), bounds)
    };
    let mut keys = Keys::from(TOP.map(|setting| (setting.key.to_owned(), of(setting))));
    for section in SECTIONS {
        keys.extend(section.settings.iter().map(|setting| (format!("{}.{}", section.name, setting.key), of(setting))));
    }
    for control in controls::all() {
        let path = |key: &str| format!("Controls.{}.{key}", control.id);
        keys.insert(path("Mode"), key(Mode::default_for(control).word(), "enforce|audit|off"));
        keys.extend(control.settings.iter().chain(&TIMING).map(|setting| (path(setting.key), of(setting))));
    }
    keys
}

/// A default of a form as `config show` prints it.
fn shown(items: Vec<String>) -> String {
    match items.join(", ") {
        text if text.is_empty() => "none".to_owned(),
        text => text,
    }
}

/// What the Jamf schema has.
pub fn schema(text: &str) -> Keys {
    let root: Json = serde_json::from_str(text).unwrap();
    let mut keys = Keys::new();
    of_schema(&root, &root, "", &mut keys);
    keys
}

fn of_schema(part: &Json, root: &Json, path: &str, keys: &mut Keys) {
    let part = match part["$ref"].as_str() {
        Some(to) => root.pointer(to.trim_start_matches('#')).unwrap(),
        None => part,
    };
    let part = part["anyOf"].get(1).unwrap_or(part);
    if let Some(properties) = part["properties"].as_object() {
        for (name, property) in properties {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            of_schema(property, root, &path, keys);
        }
        return;
    }
    let words = part["enum"].as_array().map(|words| words.iter().map(plain).collect::<Vec<_>>());
    let bounds = match (part["type"].as_str().unwrap(), words) {
        ("integer", Some(words)) => format!("{}..{}", words[0], words[words.len() - 1]),
        ("integer", None) => format!("{}..{}", part["minimum"], part["maximum"]),
        ("string", Some(words)) => words.join("|"),
        ("array", None) => "strings".to_owned(),
        (other, _) => other.to_owned(),
    };
    let default = match &part["default"] {
        Json::Array(items) => shown(items.iter().map(plain).collect()),
        other => shown(vec![plain(other)]),
    };
    keys.insert(path.to_owned(), key(default, bounds));
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// What the manifest has, without the keys of every payload.
pub fn manifest(text: &str) -> Keys {
    let root = Plist::from_reader_xml(text.as_bytes()).unwrap();
    let mut keys = Keys::new();
    of_manifest(&root, "", &mut keys);
    keys
}

fn of_manifest(part: &Plist, path: &str, keys: &mut Keys) {
    let part = part.as_dictionary().unwrap();
    let text = |name: &str| part.get(name).and_then(Plist::as_string).unwrap_or_default();
    let words =
        |name: &str| part.get(name).and_then(Plist::as_array).map(|list| list.iter().map(word).collect::<Vec<_>>());
    if path.is_empty() || text("pfm_type") == "dictionary" {
        for sub in part["pfm_subkeys"].as_array().unwrap() {
            let name = sub.as_dictionary().unwrap()["pfm_name"].as_string().unwrap();
            if path.is_empty() && name.starts_with("Payload") {
                continue;
            }
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            of_manifest(sub, &path, keys);
        }
        return;
    }
    let bounds = match (text("pfm_type"), words("pfm_range_list")) {
        ("integer", Some(list)) => format!("{}..{}", list[0], list[list.len() - 1]),
        ("integer", None) => format!("{}..{}", word(&part["pfm_range_min"]), word(&part["pfm_range_max"])),
        ("string", Some(list)) => list.join("|"),
        ("array", None) => "strings".to_owned(),
        (other, _) => other.to_owned(),
    };
    let default = match &part["pfm_default"] {
        Plist::Array(items) => shown(items.iter().map(word).collect()),
        other => shown(vec![word(other)]),
    };
    keys.insert(path.to_owned(), key(default, bounds));
}

fn word(value: &Plist) -> String {
    match value {
        Plist::Boolean(flag) => flag.to_string(),
        Plist::Integer(number) => number.to_string(),
        Plist::String(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// Bounds as the documents write them.
fn bounds(words: &str) -> String {
    let words = words.replace('`', "");
    if let Some((min, max)) = words.trim_start_matches("integer, ").split_once(" to ") {
        return format!("{min}..{}", max.split(' ').next().unwrap());
    }
    let is_choice =
        |words: &str| words.split_once(" or ").is_some_and(|(first, _)| !first.contains(' ') && first != "true");
    if is_choice(&words) {
        return words.replace(" or ", "|");
    }
    let starts = |list: &[&str]| list.iter().any(|start| words.starts_with(start));
    if starts(&["array of strings", "a list of "]) {
        "strings".to_owned()
    } else if starts(&["string, ", "a text", "the absolute path", "a cron expression"]) {
        "string".to_owned()
    } else if starts(&["boolean", "true or false"]) {
        "boolean".to_owned()
    } else {
        words.replace(", ", "|")
    }
}

/// What holdfast-policy(5) has. The keys that all controls have stand there once.
pub fn page(text: &str) -> Keys {
    let text = text.replace("\\-", "-").replace("\\*(Aq", "'").replace("\\&", "");
    let mut keys = Keys::new();
    let (mut place, mut of_all): (String, Vec<(String, Key)>) = (String::new(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    for (n, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_prefix(".SS ") {
            name.trim_matches('"').clone_into(&mut place);
            if let Some((_, mode)) = lines[n + 1].split_once("Mode is by default \\fB") {
                let (_, mut own) = of_all[0].clone();
                mode.split('\\').next().unwrap().clone_into(&mut own.default);
                keys.insert(format!("{place}.Mode"), own);
                keys.extend(of_all[1..].iter().map(|(name, key)| (format!("{place}.{name}"), key.clone())));
            }
        } else if line.starts_with(".SH ") {
            place.clear();
        } else if let Some((name, rest)) = line.strip_prefix("\\fB").and_then(|line| line.split_once("\\fR ("))
            && lines[n - 1] == ".TP"
            && !place.is_empty()
        {
            let default =
                lines[n + 1].split_once("Default: \\fB").map_or("", |(_, rest)| rest.split_once("\\fR").unwrap().0);
            let said = key(default, bounds(rest.trim_end_matches(')')));
            match place.as_str() {
                "At the top" => drop(keys.insert(name.to_owned(), said)),
                "Controls" => of_all.push((name.to_owned(), said)),
                place => drop(keys.insert(format!("{place}.{name}"), said)),
            }
        }
    }
    keys
}

/// What docs/policy.md has, with docs/controls.md for the controls' own.
pub fn manual(policy: &str, controls: &str) -> Keys {
    let mut keys = Keys::new();
    let (mut place, mut of_all): (String, Vec<(String, Key)>) = (String::new(), Vec::new());
    for line in policy.lines() {
        if let Some(name) = line.strip_prefix("### ").or_else(|| line.strip_prefix("## ")) {
            name.clone_into(&mut place);
        }
        let cells: Vec<&str> = line.split(" | ").collect();
        let Some(name) = cells[0].strip_prefix("| `").and_then(|cell| cell.strip_suffix('`')) else { continue };
        match (place.as_str(), cells.len()) {
            ("Controls", 4) if name == "Mode" => of_all.push((name.to_owned(), key("", bounds(cells[1])))),
            ("Keys", 5) => drop(keys.insert(name.to_owned(), key(cells[2].replace('`', ""), bounds(cells[1])))),
            ("When", 5) => of_all.push((name.to_owned(), key(cells[2].replace('`', ""), bounds(cells[1])))),
            (place, 5) => {
                drop(keys.insert(format!("{place}.{name}"), key(cells[2].replace('`', ""), bounds(cells[1]))));
            }
            _ => {}
        }
    }
    for line in controls.lines() {
        if let Some(id) = line.strip_prefix("### ") {
            place = format!("Controls.{id}");
            keys.extend(of_all.iter().map(|(name, key)| (format!("{place}.{name}"), key.clone())));
            "enforce".clone_into(&mut keys.get_mut(&format!("{place}.Mode")).unwrap().default);
        } else if line.ends_with("In audit mode until policy names it") {
            "audit".clone_into(&mut keys.get_mut(&format!("{place}.Mode")).unwrap().default);
        } else if let Some((name, rest)) = line.strip_prefix("- Setting `").and_then(|line| line.split_once("`: ")) {
            let (range, default) = rest
                .trim_end_matches(')')
                .rsplit_once(", default ")
                .map_or_else(|| panic!("{line}"), |(before, default)| (before.rsplit_once(" (").unwrap().1, default));
            keys.insert(format!("{place}.{name}"), key(default, bounds(range)));
        }
    }
    keys
}

/// What `config show` lists where there is no policy: all but the schedules of controls, which are not there then.
pub fn rows() -> Keys {
    let rows = Policy::built_in(&controls::all()).rows();
    rows.into_iter().map(|row| (row.key, Key { default: row.text, bounds: None })).collect()
}
