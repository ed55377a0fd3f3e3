//! `softwareupdate`: the check's switch, and the list of updates in its two formats. Titles are localised.

use serde::Serialize;

use super::lines::{Reply, after, either, said, unstopped};
use super::{Misread, Output};

/// The automatic check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// Whether macOS looks for updates by itself.
    pub automatic_check: bool,
}

/// Updates on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Updates {
    /// In the order printed.
    pub updates: Vec<Update>,
}

/// An update on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Update {
    /// What `softwareupdate --install` takes.
    pub label: String,
    /// For people, in their language.
    pub title: Option<String>,
    /// The version that it brings.
    pub version: Option<String>,
    /// Whether Apple recommends it.
    pub recommended: bool,
    /// Whether it needs a restart.
    pub restart: bool,
}

/// Reads the answer of `--schedule`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_schedule(output: &Output) -> Result<Schedule, Misread> {
    let reply = Reply::of(output)?;
    reply.status_in(&[0], "whether the automatic check is on")?;
    let automatic_check = reply.choose(&[
        ("Automatic checking for updates is turned on", true),
        ("Automatic checking for updates is turned off", false),
        ("Automatic check is on", true),
        ("Automatic check is off", false),
    ])?;
    Ok(Schedule { automatic_check })
}

/// Reads the answer of `--list`.
///
/// # Errors
/// [`Misread`] where the list is neither empty in words nor has updates with their details, and for unknown lines.
pub(crate) fn parse_list(output: &Output) -> Result<Updates, Misread> {
    const EXPECTED: &str = "\"No new software available.\", or updates with their details";
    let reply = Reply::of(output)?;
    let fail = || reply.misread(EXPECTED);
    let (mut none, mut found) = (false, false);
    let mut updates: Vec<(Entry, Option<Update>)> = Vec::new();
    for line in &reply.lines {
        let text = line.trim_start();
        let copyright = after(text, "Copyright ")
            .is_some_and(|rest| [" Apple", " Apple Inc"].iter().any(|owner| unstopped(rest).ends_with(owner)));
        if said(text, "Software Update Tool")
            || said(text, "Finding available software")
            || copyright
            || is_font_note(text)
        {
            continue;
        }
        if said(text, "No new software available.") {
            none = true;
        } else if said(text, "Software Update found the following new or updated software:") {
            found = true;
        } else if let Some(entry) = entry(text) {
            updates.push((entry, None));
        } else {
            let indented = line.len() > text.len();
            let (entry, slot) = updates.last_mut().filter(|(_, update)| update.is_none()).ok_or_else(fail)?;
            let titled = matches!(entry, Entry::New { .. }) && after(text, "Title:").is_some();
            if !(indented || titled) {
                return Err(fail());
            }
            *slot = Some(entry.update(text).ok_or_else(fail)?);
        }
    }
    // macOS 10.15.7 exits 1 where it says that there is none.
    reply.status_in(if none { &[0, 1] } else { &[0] }, EXPECTED)?;
    // A last line that did not end may lack what stands at its end: that a restart is needed.
    let cut = !reply.ended
        && !updates.is_empty()
        && reply.lines.last().is_none_or(|line| !(line.contains(", Action: restart") || line.ends_with("[restart]")));
    let whole: Option<Vec<Update>> = updates.into_iter().map(|(_, update)| update).collect();
    match whole {
        Some(updates) if !cut && updates.is_empty() == none && updates.is_empty() != found => Ok(Updates { updates }),
        _ => Err(fail()),
    }
}

/// What the font framework logs before or between the lines, since macOS 12: `XType: com.apple.fonts is not accessible.`,
/// `XType: Using static font registry.`
fn is_font_note(line: &str) -> bool {
    after(line, "XType: ").is_some_and(|note| note.ends_with('.'))
}

/// The first line of an update.
enum Entry {
    /// macOS 10.15 and later: `* Label: NAME`.
    New { label: String },
    /// Before: `   * NAME`, with a hyphen where not recommended.
    Old { label: String, recommended: bool },
}

/// `line` has no spaces before it.
fn entry(line: &str) -> Option<Entry> {
    let marked = |mark| line.strip_prefix(mark).map(str::to_owned).filter(|name| !name.is_empty());
    if let Some(label) = marked("* Label: ") {
        return Some(Entry::New { label });
    }
    match marked("* ") {
        Some(label) => Some(Entry::Old { label, recommended: true }),
        None => marked("- ").map(|label| Entry::Old { label, recommended: false }),
    }
}

impl Entry {
    /// The update that the line of details after this one tells.
    fn update(&self, details: &str) -> Option<Update> {
        match self {
            Self::New { label } => new_details(label, details),
            Self::Old { label, recommended } => old_details(label, *recommended, details),
        }
    }
}

/// `Title: T, Version: V, Size: NK, Recommended: YES, Action: restart,`; a title may contain commas.
fn new_details(label: &str, details: &str) -> Option<Update> {
    let mut rest = details.trim_end().trim_end_matches(',');
    let mut update = Update { label: label.to_owned(), title: None, version: None, recommended: false, restart: false };
    let mut seen: Vec<&str> = Vec::new();
    while let Some((before, field)) = rest.rsplit_once(", ") {
        let Some((key, value)) = field.split_once(':') else { break };
        let value = value.trim();
        match key {
            "Version" => update.version = (!value.is_empty()).then(|| value.to_owned()),
            "Size" => is_size(value).then_some(())?,
            "Recommended" => update.recommended = either(value, ("YES", true), ("NO", false))?,
            "Action" => update.restart = said(value, "restart"),
            "Deferred" => {}
            _ => break,
        }
        if seen.contains(&key) {
            return None;
        }
        seen.push(key);
        rest = before;
    }
    let title = rest.strip_prefix("Title:")?.trim();
    update.title = (!title.is_empty()).then(|| title.to_owned());
    (!seen.is_empty()).then_some(update)
}

/// `TITLE (VERSION), 123K [recommended] [restart]`; a title may contain commas and parentheses.
fn old_details(label: &str, recommended: bool, details: &str) -> Option<Update> {
    let mut rest = details.trim();
    let mut update = Update { label: label.to_owned(), title: None, version: None, recommended, restart: false };
    while let Some((before, tag)) = rest.strip_suffix(']').and_then(|body| body.rsplit_once('[')) {
        match tag {
            "recommended" => update.recommended = true,
            "restart" => update.restart = true,
            _ => {}
        }
        rest = before.trim_end().trim_end_matches(',');
    }
    let (named, size) = rest.rsplit_once(", ")?;
    let (title, version) = named.strip_suffix(')')?.rsplit_once('(')?;
    let filled = |text: &str| {
        let text = text.trim().trim_end_matches(',');
        (!text.is_empty()).then(|| text.to_owned())
    };
    update.title = filled(title);
    update.version = filled(version);
    is_size(size).then_some(update)
}

/// Digits and a unit: `868648KiB`, `1624732K`.
fn is_size(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && matches!(unit, "K" | "KB" | "KiB" | "M" | "MB" | "MiB" | "G" | "GB" | "GiB" | "B")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    const HEAD: &str = "Software Update Tool\n\nFinding available software\n";
    const FOUND: &str = "Software Update found the following new or updated software:\n";

    fn read(body: &str) -> Option<Vec<Update>> {
        parse_list(&out(&format!("{HEAD}{FOUND}{body}"))).ok().map(|read| read.updates)
    }

    #[test]
    fn the_switch_is_read_in_both_wordings() {
        let on = |text: &str| parse_schedule(&out(text)).map(|read| read.automatic_check).ok();
        assert_eq!(on("Automatic checking for updates is turned off\n"), Some(false));
        assert_eq!(on("Automatic check is on\n"), Some(true));
        assert_eq!(on("Automatic check is o"), None);
        assert_eq!(on("Automatic check is on\nAutomatic check is off\n"), None);
    }

    #[test]
    fn the_new_list_is_read() {
        let updates = read("* Label: Tool A, B-1.2\n\tTitle: Tool A, B, Version: 1.2, Size: 10KiB, Recommended: NO, \n* Label: macOS X\n\tTitle: macOS X, Version: 26.1, Size: 20K, Recommended: YES, Action: restart, \n").unwrap();
        assert_eq!(
            (updates[0].title.as_deref(), updates[0].recommended, updates[0].restart),
            (Some("Tool A, B"), false, false)
        );
        assert_eq!(
            (updates[1].version.as_deref(), updates[1].recommended, updates[1].restart),
            (Some("26.1"), true, true)
        );
        let bare = read("* Label: L\n\tTitle: T, Size: 1K, \n").unwrap();
        assert_eq!((bare[0].version.as_deref(), bare[0].recommended), (None, false));
    }

    #[test]
    fn the_old_list_is_read() {
        let updates = read("   * Sécurité-10.13\n\tMise à jour (sûre), deux (10.13.6), 123K [recommended] [restart]\n   - Old-1\n\tOld (1), 5K\n").unwrap();
        assert_eq!(updates[0].title.as_deref(), Some("Mise à jour (sûre), deux"));
        assert_eq!((updates[0].version.as_deref(), updates[0].restart), (Some("10.13.6"), true));
        assert!(!updates[1].recommended);
        let commas =
            read("   * B-1\n\tB (10.14.4.1), 328394K, [recommended] [shut down]\n   - iCal-1\n\tiCal, (1), 65K\n")
                .unwrap();
        assert_eq!((commas[0].version.as_deref(), commas[0].restart), (Some("10.14.4.1"), false));
        assert_eq!(commas[1].title.as_deref(), Some("iCal"));
        assert_eq!(read("   * iCal-1\niCal (1), 65K\n"), None, "details of the old list stand indented");
    }

    #[test]
    fn what_a_copy_or_a_framework_does_to_the_list_is_no_harm() {
        let stamp = "2026-12-15 10:17:16.349 softwareupdate[51:52164]";
        let text = format!(
            "{stamp} XType: Using static font registry.\nSoftware Update Tool\nCopyright 2002-2009 Apple\n\n{stamp} XType: com.apple.fonts is not accessible.\n{stamp} XType: XTFontStaticRegistry is enabled.\n{FOUND}   * Label: A-1\nTitle: A, Version: 1, Size: 5KiB, Recommended: YES, Action: restart, Deferred: YES\n"
        );
        let updates = parse_list(&out(&text)).unwrap().updates;
        assert_eq!((updates[0].label.as_str(), updates[0].restart), ("A-1", true));
        assert!(parse_list(&out(&text.replace("XType: XTFont", "Font"))).is_err());
    }

    #[test]
    fn nothing_on_offer_must_be_said() {
        let none = "No new software available.\n";
        assert_eq!(parse_list(&out(&format!("{HEAD}{none}"))).map(|read| read.updates), Ok(vec![]));
        let mut split = err(0, none);
        split.stdout = HEAD.into();
        assert_eq!(parse_list(&split).map(|read| read.updates), Ok(vec![]));
        assert!(parse_list(&out(HEAD)).is_err());
        assert_eq!(parse_list(&out_with(1, &format!("{HEAD}{none}"))).map(|read| read.updates), Ok(vec![]));
        let one = format!("{HEAD}{FOUND}* Label: X\n\tTitle: X, Size: 1K, \n");
        assert!(parse_list(&out(&one)).is_ok());
        assert!(parse_list(&out_with(1, &one)).is_err());
        assert_eq!(read(""), None);
        assert_eq!(read("* Label: X\n"), None);
        assert_eq!(read("* Label: X\n\tTitle: X, Version: 1, Size: 1K, Recommended: YES,"), None);
        assert_eq!(read("* Label: X\n\tTitle: X, Version: 1, Size: 1K, Recommended: PERHAPS, \n"), None);
        assert_eq!(read(&format!("* Label: X\n\tTitle: X, Size: 1K, \n{none}")), None);
        assert_eq!(read("Scan finished with error: Error Domain=X Code=-1\n"), None);
    }
}
