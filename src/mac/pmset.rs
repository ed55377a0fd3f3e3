//! `pmset`: power settings, per source. Lines are ` key` padded to 20 characters and the value; longer keys contain spaces.

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::Single;
use super::lines::{Reply, integer, misread, quiet};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/bin/pmset";

/// The block of what the current source supports and uses, the only source in the answer to `pmset -g`.
pub const IN_USE: &str = "Currently in use";

/// Power settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Power {
    /// Settings of the whole Mac, `DestroyFVKeyOnStandby` and `SleepDisabled`. An absent one was never set.
    pub system: BTreeMap<String, i64>,
    /// Settings by source: `AC Power`, `Battery Power`, `UPS Power`, or [`IN_USE`].
    pub sources: BTreeMap<String, BTreeMap<String, Setting>>,
}

/// The value of a power setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// A number: a switch, minutes or seconds.
    Number(i64),
    /// A path (`hibernatefile`).
    Path(String),
}

impl Power {
    /// The number that `key` has for `source`; `None` where it is not supported there.
    #[must_use]
    pub fn number(&self, source: &str, key: &str) -> Option<i64> {
        match self.sources.get(source)?.get(key)? {
            Setting::Number(number) => Some(*number),
            Setting::Path(_) => None,
        }
    }
}

/// For which source a setting is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// All of them.
    All,
    /// Battery.
    Battery,
    /// Power adapter.
    Ac,
}

/// What is in use now, and what holds for the whole Mac?
#[must_use]
pub fn general() -> Question<Power> {
    Question::lines(Invocation::new(PROGRAM, &["-g"]), parse_general)
}

/// What is set for each source?
#[must_use]
pub fn custom() -> Question<Power> {
    Question::lines(Invocation::new(PROGRAM, &["-g", "custom"]), parse_custom)
}

/// Sets each key to its value for `source`, in one call. Keys are the setter's, in small letters.
#[must_use]
pub fn set(source: Source, settings: &[(&str, i64)]) -> Change {
    let mut args = vec![match source {
        Source::All => "-a",
        Source::Battery => "-b",
        Source::Ac => "-c",
    }];
    let numbers: Vec<String> = settings.iter().map(|(_, value)| value.to_string()).collect();
    for ((key, _), number) in settings.iter().zip(&numbers) {
        args.extend([*key, number.as_str()]);
    }
    Change { run: Invocation::new(PROGRAM, &args), read: parse_setter }
}

/// What the setter calls the one setting of the whole Mac's that the agent changes, and what [`general`] calls it.
const WHOLE_MAC: (&str, &str) = ("destroyfvkeyonstandby", "DestroyFVKeyOnStandby");

/// The settings of a power source that the agent changes.
const OF_SOURCE: [&str; 7] = ["hibernatemode", "powernap", "standby", "autopoweroff", "womp", "displaysleep", "sleep"];

/// The command `args` as a change of the agent's own: keys that it sets, each with a whole number. What is set for all sources
/// is set for each.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let (flag, pairs) = args.split_first()?;
    let sources: &[Source] = match *flag {
        "-a" => &[Source::Battery, Source::Ac],
        "-b" => &[Source::Battery],
        "-c" => &[Source::Ac],
        _ => return None,
    };
    let mut singles = Vec::new();
    for pair in pairs.chunks(2) {
        let [key, number] = pair else { return None };
        let value: i64 = number.parse().ok()?;
        if *key == WHOLE_MAC.0 && *flag == "-a" {
            let holds = Question::about(Invocation::new(PROGRAM, &["-g"]), &value.to_string(), |value, output| {
                // Absent is 0: never set.
                let is = parse_general(output)?.system.get(WHOLE_MAC.1).copied().unwrap_or(0);
                Ok(is.to_string() == value)
            });
            singles.push(Single::new(format!("pmset {key}"), set(Source::All, &[(key, value)]), vec![holds]));
        } else if OF_SOURCE.contains(key) {
            singles.extend(sources.iter().map(|source| of_source(*source, key, value)));
        } else {
            return None;
        }
    }
    (!singles.is_empty()).then_some(singles)
}

fn of_source(source: Source, key: &str, value: i64) -> Single {
    let heading = if source == Source::Ac { "AC Power" } else { "Battery Power" };
    let wanted = format!("{heading}/{key}/{value}");
    let holds = Question::about(Invocation::new(PROGRAM, &["-g", "custom"]), &wanted, |wanted, output| {
        let mut parts = wanted.split('/');
        let (heading, key, value) = (parts.next(), parts.next(), parts.next());
        let is = parse_custom(output)?.number(heading.unwrap_or_default(), key.unwrap_or_default());
        Ok(is.is_some_and(|is| Some(is.to_string().as_str()) == value))
    });
    Single::new(format!("pmset {key} ({heading})"), set(source, &[(key, value)]), vec![holds])
}

/// Reads what a setter said: nothing, or a warning that the timings are unusual.
///
/// # Errors
/// [`Misread::Refused`] where it is not root or the Mac lacks the setting, on either stream and with any exit status.
pub(crate) fn parse_setter(output: &Output) -> Result<(), Misread> {
    const EXPECTED: &str = "silence";
    let reply = Reply::of(output)?;
    let refused =
        reply.lines.iter().find(|line| line.contains("must be run as root") || line.contains("not supported"));
    if let Some(line) = refused {
        return Err(Misread::refused(line));
    }
    reply.status_in(&[0], EXPECTED)?;
    let warning = reply.lines.first().is_none_or(|line| line.starts_with("Warning: "));
    if warning && reply.lines.iter().skip(1).all(|line| line.starts_with("- ")) {
        Ok(())
    } else {
        Err(reply.misread(EXPECTED))
    }
}

/// Reads `pmset -g`.
///
/// # Errors
/// [`Misread`] where the block [`IN_USE`] is missing or a line is unknown.
pub(crate) fn parse_general(output: &Output) -> Result<Power, Misread> {
    let power = parse(output)?;
    if power.sources.len() == 1 && power.sources.contains_key(IN_USE) {
        Ok(power)
    } else {
        Err(Misread::new("\"Currently in use:\" and its settings", "other blocks"))
    }
}

/// Reads `pmset -g custom`.
///
/// # Errors
/// [`Misread`] where no source has a block or a line is unknown.
pub(crate) fn parse_custom(output: &Output) -> Result<Power, Misread> {
    let power = parse(output)?;
    if power.sources.is_empty() || power.sources.contains_key(IN_USE) {
        return Err(Misread::new("\"AC Power:\" or \"Battery Power:\" and its settings", "other blocks"));
    }
    Ok(power)
}

/// Where a line belongs.
enum Block {
    System,
    /// Printed by macOS 10.11 and older; says nothing about settings.
    Profiles,
    Source(String),
}

fn parse(output: &Output) -> Result<Power, Misread> {
    const EXPECTED: &str = "power settings in known blocks";
    let stdout = output.stdout()?;
    quiet(output, EXPECTED)?;
    let fail = || misread(EXPECTED, stdout);
    let mut power = Power { system: BTreeMap::new(), sources: BTreeMap::new() };
    let mut block = None;
    let mut seen: Vec<&str> = Vec::new();
    let mut indented = None;
    for line in stdout.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let entry = line.trim_start();
        if matches!(block, Some(Block::Profiles)) && is_profile(line) {
            continue;
        }
        if entry.len() == line.len()
            && let Some(title) = line.strip_suffix(':')
        {
            block = Some(begin(title).filter(|_| !seen.contains(&title)).ok_or_else(fail)?);
            seen.push(title);
            if let Some(Block::Source(name)) = &block {
                power.sources.insert(name.clone(), BTreeMap::new());
            }
            continue;
        }
        // A copy may have lost the space before each setting: then before all of them.
        let here = entry.len() < line.len();
        if *indented.get_or_insert(here) != here {
            return Err(fail());
        }
        let (key, value) = setting(entry).ok_or_else(fail)?;
        let repeated = match (&block, value) {
            (Some(Block::System), Setting::Number(number)) => power.system.insert(key, number).is_some(),
            (Some(Block::Source(name)), value) => {
                power.sources.get_mut(name).ok_or_else(fail)?.insert(key, value).is_some()
            }
            _ => return Err(fail()),
        };
        if repeated {
            return Err(fail());
        }
    }
    if power.sources.values().any(BTreeMap::is_empty) {
        return Err(fail());
    }
    Ok(power)
}

fn begin(title: &str) -> Option<Block> {
    match title {
        "System-wide power settings" => Some(Block::System),
        "Active Profiles" => Some(Block::Profiles),
        "AC Power" | "Battery Power" | "UPS Power" | IN_USE => Some(Block::Source(title.to_owned())),
        _ => None,
    }
}

/// `Battery Power`, tabs (spaces in a copy), a number, and a star where it is in use.
fn is_profile(line: &str) -> bool {
    line.rsplit_once(char::is_whitespace).is_some_and(|(source, number)| {
        matches!(source.trim(), "AC Power" | "Battery Power" | "UPS Power")
            && integer(number.strip_suffix('*').unwrap_or(number)).is_some()
    })
}

/// Reads `key value`, where the key may contain spaces and a number may have notes in parentheses after it.
fn setting(entry: &str) -> Option<(String, Setting)> {
    if let Some(rest) = entry.strip_prefix("hibernatefile") {
        let path = rest.trim_start();
        let whole = path.starts_with('/') && rest.starts_with(char::is_whitespace);
        return whole.then(|| ("hibernatefile".to_owned(), Setting::Path(path.to_owned())));
    }
    let mut key_end = 0;
    for (at, word) in words(entry) {
        let note = entry.get(at + word.len()..)?.trim();
        let noted = note.is_empty() || (note.starts_with('(') && note.ends_with(')'));
        if at > 0
            && noted
            && let Some(number) = integer(word)
        {
            let key = entry.get(..key_end)?;
            return (!key.starts_with(char::is_whitespace)).then(|| (key.to_owned(), Setting::Number(number)));
        }
        if word.starts_with('(') {
            return None;
        }
        key_end = at + word.len();
    }
    None
}

/// The words of `text`, each with where it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(char::is_whitespace).filter_map(move |word| {
        let begins = at;
        at += word.len() + text.get(at + word.len()..)?.chars().next().map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((begins, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    const GENERAL: &str = "System-wide power settings:\n DestroyFVKeyOnStandby\t\t1\n SleepDisabled\t\t0\nCurrently in use:\n standby              1\n Sleep On Power Button 1\n hibernatefile        /var/vm/sleep image\n highstandbythreshold 50\n sleep                0 (sleep prevented by powerd, Some App (beta), 3)\n displaysleep         10 (display sleep prevented by X)(Graphics dim captured)\n standbydelay         -1\n";

    #[test]
    fn keys_notes_paths_and_signs_are_read() {
        let power = parse_general(&out(GENERAL)).unwrap();
        assert_eq!(power.system["DestroyFVKeyOnStandby"], 1);
        for (key, value) in [
            ("standby", 1),
            ("Sleep On Power Button", 1),
            ("highstandbythreshold", 50),
            ("sleep", 0),
            ("displaysleep", 10),
            ("standbydelay", -1),
        ] {
            assert_eq!(power.number(IN_USE, key), Some(value), "{key}");
        }
        assert_eq!(power.sources[IN_USE]["hibernatefile"], Setting::Path("/var/vm/sleep image".into()));
    }

    #[test]
    fn sources_are_told_apart_and_the_old_block_left_out() {
        let custom = parse_custom(&out("AC Power:\n womp 1\nBattery Power:\n womp 0\n")).unwrap();
        assert_eq!((custom.number("AC Power", "womp"), custom.number("Battery Power", "womp")), (Some(1), Some(0)));
        let old = "System-wide power settings:\nActive Profiles:\nBattery Power\t\t-1\nAC Power\t\t-1*\nCurrently in use:\n sleep 1\n";
        assert_eq!(parse_general(&out(old)).unwrap().number(IN_USE, "sleep"), Some(1));
        for copied in [old.replace("\t\t", "        "), old.replace("\nBattery", "\n Battery").replace("\nAC", "\n AC")]
        {
            assert_eq!(parse_general(&out(&copied)), parse_general(&out(old)), "{copied}");
        }
        assert!(parse_general(&out(&old.replace("-1*", "yes"))).is_err());
        let flat = "Currently in use:\nsleep                5\n";
        assert_eq!(parse_general(&out(flat)).unwrap().number(IN_USE, "sleep"), Some(5));
    }

    #[test]
    fn unclear_answers_are_refused() {
        for bad in [
            "",
            "standby              1\n",
            " standby              1\n",
            "System-wide power settings:\n SleepDisabled\t\t1\n",
            "Currently in use:\n",
            "Currently in use:\n standby\n",
            "Currently in use:\n standby one\n",
            "Currently in use:\n standby 1\n standby 0\n",
            "Currently in use:\n sleep 0 (sleep prevented by pow\n",
            "Currently in use:\n standby 1\nOther:\n x 1\n",
            "Currently in use:\n standby 1\nnonsense\n",
            "Currently in use:\n standby 1\nError 5\n",
            "Currently in use:\n standby 1 2\n x y\n",
        ] {
            assert!(parse_general(&out(bad)).is_err(), "{bad}");
        }
        assert!(parse_custom(&out(GENERAL)).is_err());
        assert!(parse_custom(&out("AC Power:\n womp 1\nAC Power:\n womp 0\n")).is_err());
        assert!(parse_general(&out_with(99, GENERAL)).is_err());
    }

    #[test]
    fn a_setter_is_silent_or_refuses() {
        let change = set(Source::All, &[("destroyfvkeyonstandby", 1), ("hibernatemode", 25)]);
        assert_eq!(change.run.argv[1..], ["-a", "destroyfvkeyonstandby", "1", "hibernatemode", "25"]);
        assert_eq!((change.read)(&Output::default()), Ok(()));
        for refusal in
            [out("'pmset' must be run as root...\n"), err(1, "HighPowerMode not supported on Battery Power\n")]
        {
            assert!(matches!((change.read)(&refusal), Err(Misread::Refused { .. })));
        }
        let warning =
            "Warning: Idle sleep timings for \"AC Power\" may not behave as expected.\n- Disk sleep should be less.\n";
        assert_eq!(parse_setter(&out(warning)), Ok(()));
        assert!(parse_setter(&out("Usage: pmset\n")).is_err());
        assert!(parse_setter(&out_with(99, "")).is_err());
    }
}
