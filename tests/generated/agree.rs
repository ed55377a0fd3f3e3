//! There is one table of settings: whatever is made of it, or written beside it, lists the same keys, defaults and bounds.

use std::fs;

use holdfast::control::Area;
use holdfast::policy::tables::TIMING;

use super::read::{self, Keys};
use super::root;

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What `found` says differently, or not, or beside.
fn differences(wanted: &Keys, found: &Keys) -> Vec<String> {
    let mut out = Vec::new();
    for (path, key) in wanted {
        match found.get(path) {
            None => out.push(format!("{path} is not there")),
            Some(other) if other.default != key.default => {
                out.push(format!("{path} has default {}, not {}", other.default, key.default));
            }
            Some(other) if other.bounds.is_some() && other.bounds != key.bounds => {
                out.push(format!("{path} has bounds {:?}, not {:?}", other.bounds, key.bounds));
            }
            Some(_) => {}
        }
    }
    out.extend(found.keys().filter(|path| !wanted.contains_key(*path)).map(|path| format!("there is no {path}")));
    out
}

/// The keys that `config show` lists without a policy.
fn without_schedules_of_controls(keys: &Keys) -> Keys {
    let of_schedule = |path: &str| {
        path.starts_with("Controls.") && TIMING.iter().any(|timing| path.ends_with(&format!(".{}", timing.key)))
    };
    keys.iter().filter(|(path, _)| !of_schedule(path)).map(|(path, key)| (path.clone(), key.clone())).collect()
}

const SCHEMA: &str = "pkg/generated/jamf-schema.json";
const MANIFEST: &str = "pkg/generated/org.holdfast.agent.plist";
const PAGE: &str = "pkg/generated/man/holdfast-policy.5";

#[test]
fn all_that_is_made_of_the_tables_says_the_same() {
    let code = read::code();
    assert!(code.len() > 200, "{}", code.len());
    for (name, found) in [
        (SCHEMA, read::schema(&text(SCHEMA))),
        (MANIFEST, read::manifest(&text(MANIFEST))),
        (PAGE, read::page(&text(PAGE))),
        ("docs/policy.md and docs/controls.md", read::manual(&text("docs/policy.md"), &text("docs/controls.md"))),
    ] {
        assert_eq!(differences(&code, &found), Vec::<String>::new(), "{name}");
        assert!(found.values().all(|key| key.bounds.is_some()), "{name}");
    }
    let shown = without_schedules_of_controls(&code);
    assert_eq!(differences(&shown, &read::rows()), Vec::<String>::new(), "config show");
}

/// `text` with the first `old` after `mark` changed.
fn planted(text: &str, mark: &str, old: &str, new: &str) -> String {
    let at = text.find(mark).unwrap_or_else(|| panic!("no {mark}"));
    let (before, after) = text.split_at(at);
    assert!(after.contains(old), "no {old} after {mark}");
    format!("{before}{}", after.replacen(old, new, 1))
}

#[test]
fn a_planted_difference_is_found() {
    let code = read::code();
    let check = |found: Keys, what: &str| assert_eq!(differences(&code, &found), [what]);
    let (schema, manifest, page) = (text(SCHEMA), text(MANIFEST), text(PAGE));
    let wrong_default = "Schedule.CheckInterval has default 901, not 900";
    let wrong_bound = "Schedule.CheckInterval has bounds Some(\"61..86400\"), not Some(\"60..86400\")";
    let mark = "\"CheckInterval\"";
    check(read::schema(&planted(&schema, mark, "\"default\": 900", "\"default\": 901")), wrong_default);
    check(read::schema(&planted(&schema, mark, "\"minimum\": 60", "\"minimum\": 61")), wrong_bound);
    let mark = "<string>CheckInterval</string>";
    check(read::manifest(&planted(&manifest, mark, "<integer>900<", "<integer>901<")), wrong_default);
    check(read::manifest(&planted(&manifest, mark, "<integer>60<", "<integer>61<")), wrong_bound);
    let mark = "\\fBCheckInterval\\fR";
    check(read::page(&planted(&page, mark, "\\fB900\\fR", "\\fB901\\fR")), wrong_default);
    check(read::page(&planted(&page, mark, "60 to", "61 to")), wrong_bound);
    let (policy, controls) = (text("docs/policy.md"), text("docs/controls.md"));
    let mark = "| `CheckInterval` |";
    check(read::manual(&planted(&policy, mark, "| 900 |", "| 901 |"), &controls), wrong_default);
    check(read::manual(&planted(&policy, mark, "60 to", "61 to"), &controls), wrong_bound);
    let of_control = "Controls.screen_lock_password_delay.MaximumDelay has default 6, not 5";
    check(read::manual(&policy, &planted(&controls, "`MaximumDelay`", "default 5", "default 6")), of_control);
    let of_mode = "Controls.firewall_block_all.Mode has default enforce, not audit";
    check(
        read::manual(&policy, &planted(&controls, "### firewall_block_all", "In audit mode", "In any mode")),
        of_mode,
    );

    let mut rows = read::rows();
    let shown = without_schedules_of_controls(&code);
    rows.remove("SignOut.AtBoot").unwrap();
    assert_eq!(differences(&shown, &rows), ["SignOut.AtBoot is not there"]);
    let mut more = read::schema(&schema);
    more.insert("Schedule.Extra".to_owned(), more["Level"].clone());
    check(more, "there is no Schedule.Extra");
}

/// `check, plan and uninstall`.
fn listed(words: &[String]) -> String {
    let (last, others) = words.split_last().unwrap();
    format!("{} and {last}", others.join(", "))
}

#[test]
fn the_documents_name_the_commands_that_need_root() {
    let plain = holdfast::cli::NEED_ROOT.map(str::to_owned);
    let marked = holdfast::cli::NEED_ROOT.map(|what| format!("`{what}`"));
    for (path, start, words, end) in [
        ("README.md", "\n", &marked, " need root on a real Mac.\n"),
        ("docs/output.md", "\n", &marked, " must be run as root. "),
        ("pkg/generated/man/holdfast.8", "\n", &plain, " must be run as root. "),
    ] {
        let wanted = format!("{start}{}{end}", listed(words));
        let text = text(path).replace("\\-", "-");
        assert!(text.contains(&wanted), "{path} does not say: {wanted}");
    }
}

#[test]
fn the_documents_name_every_area() {
    let mut areas: Vec<Area> = holdfast::controls::all().iter().map(|control| control.area).collect();
    areas.sort_unstable();
    areas.dedup();
    let words: Vec<String> =
        areas.iter().map(|area| serde_json::to_value(area).unwrap().as_str().unwrap().to_owned()).collect();
    let wanted = format!("| `id`, `area`, `severity` | as in the catalogue; areas are `{}` |\n", words.join(" "));
    assert!(text("docs/output.md").contains(&wanted), "docs/output.md does not say: {wanted}");
}
