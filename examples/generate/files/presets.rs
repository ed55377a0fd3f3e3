//! `docs/presets.md` and `docs/ncsc.md`, made of the presets' own tables and of what the policy comes to with each.

use holdfast::control::Level;
use holdfast::controls;
use holdfast::policy::presets::{ALL, Preset};
use holdfast::policy::{Instead, Origin, Policy, ncsc};

/// Where the pages are.
pub const PAGES: [&str; 2] = ["docs/presets.md", "docs/ncsc.md"];

const INTRO: &str = "# Presets

A preset is a list of controls, and values where they differ from the defaults. Policy has it as `Preset`; `check`, `plan`, `enforce` and `config show` take `--preset NAME` for one run, `holdfast profile policy --preset NAME` makes its profile.

- A preset stands **in place of** [`Level`](policy.md#keys). Where both are given, `Level` says how far `how-to-harden` goes; with any other preset it is a problem of the policy, and ignored.
- What policy says of single controls stands over the preset: a value in place of the preset's, `Mode` `off` leaves a control out, any other `Mode` takes one in that the preset does not have.
- A preset names no modes. A control that can get in somebody's way is looked at and left alone until policy names its mode.
- On an enrolled Mac a preset, whichever, counts from the managed layer alone: it takes the choice of controls out of the level that counts otherwise. What the local layer says of a setting is weaker where it is weaker than the preset's value.
- With `--preset` a run is partial, as with `--level`: it leaves the state files as they are, and ends no hold of `holdfast restore`.

This page is made of the presets themselves (`cargo run --example generate`), and a test compares it with what the policy comes to.
";

/// The page of presets.
pub fn presets() -> String {
    let mut out = INTRO.to_owned();
    for preset in &ALL {
        out.push_str(&format!("\n## {}\n\n{}\n\n{}\n", preset.name, preset.doc, preset.source));
        if preset.has_levels() {
            for level in [Level::L1, Level::L2, Level::L3] {
                out.push_str(&format!("\n### {}, level {}\n", preset.name, u8::from(level)));
                out.push_str(&table(preset, level));
            }
        } else {
            out.push_str(&table(preset, Level::L1));
        }
    }
    out
}

/// The controls that are looked at with `preset`, each with the values that it gives.
fn table(preset: &'static Preset, level: Level) -> String {
    let level = preset.has_levels().then_some(level);
    let policy = Policy::built_in_at(&controls::all(), &Instead { preset: Some(preset), level, ..Instead::NOTHING });
    let mut out = "\n| control | what it wants | values |\n|---|---|---|\n".to_owned();
    for control in controls::all() {
        let of = policy.of(control);
        if !of.selected {
            continue;
        }
        let given =
            control.settings.iter().filter(|setting| of.settings_from.get(setting.key) == Some(&Origin::Preset));
        let values: Vec<String> =
            given.map(|setting| format!("`{}` {}", setting.key, of.settings.value(setting))).collect();
        let link = format!("[`{}`](controls.md#{})", control.id, control.id);
        out.push_str(&format!("| {link} | {} | {} |\n", control.title, values.join(", ")));
    }
    out
}

const NCSC: &str = "# NCSC's macOS settings

The provisioning script of the UK's National Cyber Security Centre for macOS set these 36 things, in its versions for macOS 10.9 to 11. NCSC has withdrawn it: it ends at once on every macOS of today. Each setting has its controls here, or the reason why it has none. The preset [`ncsc`](presets.md#ncsc) has all of these controls.

This page is made of a table in the code (`cargo run --example generate`); a test holds that it has 36 rows and that every control exists.

| | what the script set | controls, or why none | today |
|---|---|---|---|
";

/// The page of NCSC's settings.
pub fn ncsc() -> String {
    let row = |row: &ncsc::Row| {
        let links: Vec<String> = row.controls.iter().map(|id| format!("[`{id}`](controls.md#{id})")).collect();
        let outcome = row.reason.map_or_else(|| links.join(", "), |reason| format!("**{}**", reason.words()));
        format!("| {} | {} | {outcome} | {} |\n", row.number, row.what, row.note)
    };
    format!("{NCSC}{}", ncsc::ROWS.iter().map(row).collect::<String>())
}
