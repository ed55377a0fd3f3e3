//! The manual page `holdfast-policy(5)`: every key of policy.

use clap_mangen::roff::{Roff, bold, italic, roman};
use holdfast::control::Setting;
use holdfast::controls;
use holdfast::policy::exemptions;
use holdfast::policy::tables::{SECTIONS, TIMING};
use holdfast::policy::{EXEMPTIONS, LOCAL_FILE, MANAGED_FILE, Mode, TOP};
use holdfast::profile::words;

/// What manual pages of this section are called at their top.
const MANUAL: &str = "File Formats Manual";

const DESCRIPTION: [&str; 2] = [
    "The policy of holdfast(8) is a property list, XML or binary, of the preference domain org.holdfast.agent. Its keys are in \
     UpperCamelCase; the names of controls are as holdfast controls lists them.",
    "Each key stands here with its type and range, its default, and in which direction it is weaker. Nothing is converted: a \
     number that is written as a string or as a real number is of a wrong type. What is wrong costs the one key, which then has \
     the value of the next layer, and is on record; holdfast config validate names each fault before any Mac has the file.",
];

const EXAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"
  "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>Level</key><integer>2</integer>
    <key>Controls</key>
    <dict>
        <key>firewall_stealth</key>
        <dict><key>Mode</key><string>audit</string></dict>
    </dict>
    <key>SignOut</key>
    <dict>
        <key>Times</key><array><string>07:30</string></array>
    </dict>
</dict>
</plist>"#;

/// The whole page, with the day that it is of.
pub fn page(day: &str) -> String {
    let mut page = Roff::new();
    let source = format!("Holdfast {}", env!("CARGO_PKG_VERSION"));
    page.control("TH", ["HOLDFAST-POLICY", "5", day, &source, MANUAL]);
    page.control("SH", ["NAME"]);
    page.text([roman("holdfast-policy - what holdfast(8) holds a Mac to")]);
    page.control("SH", ["DESCRIPTION"]);
    for (n, text) in DESCRIPTION.iter().enumerate() {
        if n > 0 {
            page.control("PP", []);
        }
        page.text([roman(*text)]);
    }
    layers(&mut page);
    page.control("SH", ["KEYS"]);
    page.control("SS", ["At the top"]);
    settings(&mut page, &TOP);
    for section in SECTIONS {
        page.control("SS", [section.name]);
        page.text([roman(format!("A dictionary. {}", section.doc))]);
        settings(&mut page, section.settings);
    }
    page.control("SS", [EXEMPTIONS]);
    page.text([roman(format!("An array of dictionaries. {} One with any fault counts for nothing.", exemptions::DOC))]);
    for field in &exemptions::FIELDS {
        page.control("TP", []);
        page.text([bold(field.key)]);
        let needed = if field.required { "" } else { " It may be left out." };
        page.text([roman(format!("{}{needed} At most {} characters.", field.doc, field.longest))]);
    }
    page.control("SS", ["Controls"]);
    page.text([roman(
        "A dictionary of dictionaries, one for each control, by its id or by its rule id in NIST's macOS Security Compliance \
         Project. A control above the level is not looked at, unless its mode is named. Each takes these keys, and its own that \
         are below.",
    )]);
    mode(&mut page);
    settings(&mut page, &TIMING);
    for control in controls::all() {
        page.control("SS", [format!("Controls.{}", control.id).as_str()]);
        page.text([
            roman(format!("{}. Level {}; Mode is by default ", control.title, u8::from(control.level))),
            bold(Mode::default_for(control).word()),
            roman("."),
        ]);
        settings(&mut page, control.settings);
    }
    page.control("SH", ["FILES"]);
    for (path, what) in [(MANAGED_FILE, "The managed layer."), (LOCAL_FILE, "The local layer.")] {
        page.control("TP", []);
        page.text([italic(path)]);
        page.text([roman(what)]);
    }
    page.control("SH", ["EXAMPLES"]);
    page.control("nf", []);
    for line in EXAMPLE.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
    page.control("SH", ["SEE ALSO"]);
    page.text([
        bold("holdfast"),
        roman("(8), "),
        bold("defaults"),
        roman("(1), "),
        bold("profiles"),
        roman("(1), "),
        bold("plist"),
        roman("(5)"),
    ]);
    page.render()
}

fn layers(page: &mut Roff) {
    page.control("SH", ["LAYERS AND PRECEDENCE"]);
    page.text([roman("Each value is taken from the first of these that has a good one:")]);
    for (name, what) in [
        ("managed", format!("{MANAGED_FILE}, which macOS makes of the profiles that an MDM has installed.")),
        ("local", format!("{LOCAL_FILE}, set by an administrator of the Mac.")),
        ("default", "Built in; the defaults below.".to_owned()),
    ] {
        page.control("TP", []);
        page.text([bold(name)]);
        page.text([roman(what)]);
    }
    page.control("PP", []);
    page.text([roman(
        "What weakens the Mac counts only from the managed layer, or from the local one on a Mac that is known not to be \
         enrolled in an MDM. Weakening is a preset, a mode below the control's default, a value weaker than the default or the preset's in \
         the direction that stands with the key, a shorter retention, and a control's own schedule.",
    )]);
    page.control("PP", []);
    page.text([roman(
        "Of a layer that is malformed, or that somebody other than root could have written, the last good copy is used; where \
         there is none, it counts as absent. holdfast config show lists each value in force with where it came from. On the \
         command line --level and --preset hold one run to another level or preset.",
    )]);
}

fn mode(page: &mut Roff) {
    page.control("TP", []);
    page.text([bold("Mode"), roman(format!(" ({})", Mode::ALL.map(Mode::word).join(", ")))]);
    page.text([roman(
        "How firmly it is held: enforce looks and mends what root can mend, audit looks and reports, off does not look. The default \
         is enforce, and audit for a control that can get in somebody's way. Weaker: towards off.",
    )]);
}

/// A list of keys with all that there is to know about each.
fn settings(page: &mut Roff, settings: &[&Setting]) {
    for setting in settings {
        page.control("TP", []);
        page.text([bold(setting.key), roman(format!(" ({})", words::bounds(&setting.kind)))]);
        let weaker = words::weaker(setting.laxer).map(|word| format!(" Weaker: {word}.")).unwrap_or_default();
        page.text([
            roman(format!("{} Default: ", setting.doc)),
            bold(setting.default().to_string()),
            roman(format!(".{weaker}")),
        ]);
    }
}
