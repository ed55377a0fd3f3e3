//! `config show` and `config validate`.

use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::arguments::{Config, ConfigCommand, Place, Show};
use super::exit::Exit;
use super::machine::{Machine, complain};
use super::{environment, out};
use crate::agent::Agent;
use crate::clock::{Clock, SystemClock};
use crate::controls;
use crate::policy::{self, Fault, MAX_BYTES, Row};
use crate::report::style::{Style, Tone};

/// Runs one of them.
pub fn run(place: &Place, options: &Config) -> Exit {
    match &options.command {
        ConfigCommand::Show(options) => show(place, options),
        ConfigCommand::Validate { file, json } => validate(file, *json),
    }
}

fn show(place: &Place, options: &Show) -> Exit {
    let instead = match options.instead.parsed() {
        Ok(instead) => instead,
        Err(exit) => return exit,
    };
    let machine = match Machine::open(place) {
        Ok(machine) => machine,
        Err(exit) => return exit,
    };
    let agent = Agent { instead, ..machine.agent("config show", controls::all()) };
    let loaded = agent.load_policy(machine.look());
    let rows = loaded.policy.rows();
    if options.json {
        out::json(&json!({
            "v": 1,
            "simulated": machine.simulated_name(),
            "digest": loaded.policy.digest(),
            "values": rows,
            "problems": loaded.problems,
        }));
    } else {
        let style = environment::style();
        let mut text = rows_text(&rows, &style);
        for problem in &loaded.problems {
            text.push_str(&format!("problem: {}\n", style.wrap(&problem.to_string(), 9)));
        }
        out::print(&format!("{}{text}", machine.heading(&style)));
    }
    if loaded.problems.is_empty() { Exit::Fine } else { Exit::BadPolicy }
}

/// What stands before a value that is shown below its key.
const BELOW: &str = "    ";

/// The values in force, those of one section or control under its name.
fn rows_text(rows: &[Row], style: &Style) -> String {
    // A key's place in the lists is what stands before its last part, without the word that all controls have in common.
    let split = |row: &Row| match row.key.rsplit_once('.') {
        Some((place, key)) => (Some(place.strip_prefix("Controls.").unwrap_or(place).to_owned()), key.to_owned()),
        None => (None, row.key.clone()),
    };
    let keys = rows.iter().map(|row| split(row).1.chars().count() + if split(row).0.is_some() { 2 } else { 0 });
    let column = keys.max().unwrap_or_default() + 2;
    let mut text = String::new();
    let mut under = None;
    for row in rows {
        let (place, key) = split(row);
        let indent = if place.is_some() { "  " } else { "" };
        if place != under {
            let off = if row.in_force { "" } else { "  (not looked at)" };
            text.push_str(&format!("\n{}{off}\n", style.paint(place.as_deref().unwrap_or_default(), Tone::Heading)));
            under = place;
        }
        let (head, value) = (format!("{indent}{key}"), format!("{}  [{}]", row.text, row.from));
        // A word that the column leaves no room for, such as a long path, goes below its key.
        let longest = crate::text::visible(&row.text).split_whitespace().map(|word| word.chars().count()).max();
        if column + longest.unwrap_or_default() > style.width {
            text.push_str(&format!("{head}\n{BELOW}{}\n", style.wrap(&value, BELOW.len())));
        } else {
            text.push_str(&format!("{head:column$}{}\n", style.wrap(&value, column)));
        }
    }
    text
}

fn validate(file: &Path, as_json: bool) -> Exit {
    let name = file.display().to_string();
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(error) => return complain(&format!("{name}: {error}"), Exit::CouldNotRun),
    };
    let problems = policy::validate_at(&bytes, &controls::all(), SystemClock.now());
    if as_json {
        out::json(&json!({ "v": 1, "file": name, "valid": problems.is_empty(), "problems": problems }));
    } else {
        out::print(&verdict(&name, &problems));
    }
    if problems.is_empty() { Exit::Fine } else { Exit::BadPolicy }
}

/// What is wrong with the file, a line each that tools can take apart; or that nothing is.
fn verdict(name: &str, problems: &[Fault]) -> String {
    let name = crate::text::visible(name);
    if problems.is_empty() {
        return format!("{name}: a valid policy\n");
    }
    problems.iter().map(|problem| format!("{name}: {}\n", crate::text::visible(&problem.to_string()))).collect()
}

/// The file, or standard input for `-`, up to one byte past what a policy may have.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let cap = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(cap).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(cap).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn every_value_fits_eighty_columns() {
        let rows = Policy::built_in(&controls::all()).rows();
        let text = rows_text(&rows, &Style { colour: false, width: 80 });
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for row in &rows {
            let key = row.key.rsplit('.').next().unwrap();
            assert!(text.contains(key) && text.contains(row.text.split(' ').next().unwrap()), "{}", row.key);
        }
    }

    #[test]
    fn a_section_and_a_controls_own_schedule_stand_under_their_names() {
        let times: String = (0..24).map(|hour| format!("<string>{hour:02}:00</string>")).collect();
        let text = format!(
            "<plist version=\"1.0\"><dict><key>SignOut</key><dict><key>Times</key><array>{times}</array>\
             <key>NoticeText</key><string>{}</string></dict><key>Controls</key><dict><key>firewall_on</key>\
             <dict><key>Interval</key><integer>300</integer></dict></dict></dict></plist>",
            "Jamf Trust signs you out soon. ".repeat(16).trim_end()
        );
        let layers = policy::Layers { managed: policy::LayerText::Bytes(text.into_bytes()), ..Default::default() };
        let (policy, problems) = policy::read(&layers, &controls::all(), &policy::Enrolled::Yes);
        assert_eq!(problems, []);
        let text = rows_text(&policy.rows(), &Style { colour: false, width: 80 });
        for part in [
            "\nSignOut\n  Interval              0 [default]\n  Times                 00:00, 01:00, 02:00, 03:00,",
            "23:00\n                        [managed]\n  Cron                  none [default]\n",
            "\n  NoticeText            Jamf Trust signs you out soon. Jamf Trust signs you out\n                        soon. ",
            "\nfirewall_on\n  Mode                  enforce [default]\n  Interval              300 [managed]\n\n",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert_eq!(text.matches("\n  Interval  ").count(), 3, "Schedule, SignOut and the one control that has one");
    }

    #[test]
    fn a_verdict_names_the_file_and_the_key_and_no_mac() {
        let check = |text: &str| verdict("my.plist", &policy::validate(text.as_bytes(), &controls::all()));
        let around = |inner: &str| format!("<plist version=\"1.0\"><dict>{inner}</dict></plist>");
        assert_eq!(check(&around("<key>Level</key><integer>2</integer>")), "my.plist: a valid policy\n");
        assert_eq!(
            check(&around("<key>Levle</key><integer>2</integer><key>Level</key><real>2.0</real>")),
            "my.plist: Level: expected a whole number, found a real number\n\
             my.plist: Levle: there is no key \"Levle\" (did you mean Level?)\n"
        );
        let broken = check("<plis>");
        assert!(broken.starts_with("my.plist: it is not a well-formed property list (offset "), "{broken}");
    }
}
