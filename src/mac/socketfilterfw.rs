//! `socketfilterfw`: the application firewall. Two generations of wording; the number in `(State = N)` decides.

use serde::Serialize;

use super::changes::Single;
use super::lines::{self, Reply, after, said, unstopped};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw";

/// What every setter says where device management governs the firewall. Getters still answer there.
const MANAGED: &str = "Firewall settings cannot be modified from command line on managed Mac computers.";

/// The firewall's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GlobalState {
    /// 0 off, 1 on, 2 on and blocking all incoming connections.
    pub state: u8,
}

/// Blocking of all incoming connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BlockAll {
    /// Whether they are blocked.
    pub block_all: bool,
}

/// Stealth mode: no answer to probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stealth {
    /// Whether it is on.
    pub stealth: bool,
}

/// Which signed software may receive connections without being asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AllowSigned {
    /// Software that is part of macOS.
    pub built_in: bool,
    /// Downloaded software; `None` where the answer does not tell.
    pub downloaded: Option<bool>,
}

/// Logging; the verbs are gone from macOS 15.4 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// Whether it is on.
    pub logging: bool,
}

/// How a setter took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Setter {
    /// `managed` where device management governs the firewall; `None` where it did not object.
    pub refused: Option<Refusal>,
}

/// Why a setter refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Device management governs the firewall.
    Managed,
}

fn ask<T>(verb: &str, read: fn(&Output) -> Result<T, Misread>) -> Question<T> {
    Question::lines(Invocation::new(PROGRAM, &[verb]), read)
}

/// Is the firewall on?
#[must_use]
pub fn global_state() -> Question<GlobalState> {
    ask("--getglobalstate", parse_global_state)
}

/// Are all incoming connections blocked?
#[must_use]
pub fn block_all() -> Question<BlockAll> {
    ask("--getblockall", parse_block_all)
}

/// Is stealth mode on?
#[must_use]
pub fn stealth_mode() -> Question<Stealth> {
    ask("--getstealthmode", parse_stealth)
}

/// Is signed software let through without a question?
#[must_use]
pub fn allow_signed() -> Question<AllowSigned> {
    ask("--getallowsigned", parse_allow_signed)
}

/// Does the firewall log? Not on macOS 15.4 and later, which lack the verb.
#[must_use]
pub fn logging_mode() -> Question<Logging> {
    ask("--getloggingmode", parse_logging)
}

fn set(verb: &str, on: bool) -> Change {
    Change { run: Invocation::new(PROGRAM, &[verb, if on { "on" } else { "off" }]), read: read_setter }
}

/// Turns the firewall on or off.
#[must_use]
pub fn set_global_state(on: bool) -> Change {
    set("--setglobalstate", on)
}

/// Blocks all incoming connections, or not.
#[must_use]
pub fn set_block_all(on: bool) -> Change {
    set("--setblockall", on)
}

/// Turns stealth mode on or off.
#[must_use]
pub fn set_stealth_mode(on: bool) -> Change {
    set("--setstealthmode", on)
}

/// Lets built-in signed software through, or not.
#[must_use]
pub fn set_allow_signed(on: bool) -> Change {
    set("--setallowsigned", on)
}

/// Lets downloaded signed software through, or not.
#[must_use]
pub fn set_allow_signed_app(on: bool) -> Change {
    set("--setallowsignedapp", on)
}

/// Turns logging on or off. Not on macOS 15.4 and later.
#[must_use]
pub fn set_logging_mode(on: bool) -> Change {
    set("--setloggingmode", on)
}

/// The command `args` as a change of the agent's own: one of the switches above.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let [verb, word @ ("on" | "off")] = args else { return None };
    let on = *word == "on";
    let is = |verb: &str, read: fn(&str, &Output) -> Result<bool, Misread>| {
        Question::about(Invocation::new(PROGRAM, &[verb]), word, read)
    };
    let (change, holds) = match *verb {
        "--setglobalstate" => (
            set_global_state(on),
            is("--getglobalstate", |word, output| Ok((parse_global_state(output)?.state != 0) == (word == "on"))),
        ),
        "--setblockall" => (
            set_block_all(on),
            is("--getblockall", |word, output| Ok(parse_block_all(output)?.block_all == (word == "on"))),
        ),
        "--setstealthmode" => (
            set_stealth_mode(on),
            is("--getstealthmode", |word, output| Ok(parse_stealth(output)?.stealth == (word == "on"))),
        ),
        "--setallowsigned" => (
            set_allow_signed(on),
            is("--getallowsigned", |word, output| Ok(parse_allow_signed(output)?.built_in == (word == "on"))),
        ),
        "--setallowsignedapp" => (
            set_allow_signed_app(on),
            is("--getallowsigned", |word, output| {
                let missing = || Misread::new("a line about downloaded signed software", "none");
                Ok(parse_allow_signed(output)?.downloaded.ok_or_else(missing)? == (word == "on"))
            }),
        ),
        "--setloggingmode" => (
            set_logging_mode(on),
            is("--getloggingmode", |word, output| Ok(parse_logging(output)?.logging == (word == "on"))),
        ),
        _ => return None,
    };
    Some(vec![Single::new(format!("firewall {verb}"), change, vec![holds])])
}

/// The answer's lines, where it is not the refusal and the exit status is 0.
fn reply(output: &Output, expected: &str) -> Result<Reply, Misread> {
    let reply = Reply::of(output)?;
    if let Some(line) = reply.lines.iter().find(|line| said(line, MANAGED)) {
        return Err(Misread::managed(line));
    }
    reply.status_in(&[0], expected)?;
    Ok(reply)
}

/// Reads the answer of `--getglobalstate`.
///
/// # Errors
/// [`Misread`] for anything but one sentence with its number, and where sentence and number contradict each other.
pub(crate) fn parse_global_state(output: &Output) -> Result<GlobalState, Misread> {
    const EXPECTED: &str = "\"Firewall is enabled. (State = N)\"";
    let reply = reply(output, EXPECTED)?;
    let state = global_state_line(reply.only(EXPECTED)?);
    state.map(|state| GlobalState { state }).ok_or_else(|| reply.misread(EXPECTED))
}

fn global_state_line(line: &str) -> Option<u8> {
    let (sentence, number) = unstopped(line).strip_suffix(')')?.rsplit_once(" (State = ")?;
    let state = match number {
        "0" => 0,
        "1" => 1,
        "2" => 2,
        _ => return None,
    };
    let words = after(sentence, "Firewall is ")?.to_ascii_lowercase();
    let agrees = match unstopped(&words) {
        "disabled" => state == 0,
        "enabled" => state != 0,
        "blocking all non-essential incoming connections" | "set to block all non-essential incoming connections" => {
            state == 2
        }
        // Words not known are left to the number, unless they too speak of a state.
        other => {
            let says = |word: &str| ["enabled", "disabled", "on", "off", "not"].contains(&word);
            !other.split(|c: char| !c.is_alphanumeric()).any(says)
                && other.chars().all(|c| c.is_alphanumeric() || " -,".contains(c))
        }
    };
    agrees.then_some(state)
}

const BLOCK_ALL: &[(&str, bool)] = &[
    ("Firewall has block all state set to enabled.", true),
    ("Firewall has block all state set to disabled.", false),
    ("Block all ENABLED!", true),
    ("Block all DISABLED!", false),
    ("Firewall is blocking all non-essential incoming connections.", true),
    ("Firewall is set to block all non-essential incoming connections", true),
];

const STEALTH: &[(&str, bool)] = &[
    ("Firewall stealth mode is on", true),
    ("Firewall stealth mode is off", false),
    ("Stealth mode enabled", true),
    ("Stealth mode disabled", false),
];

/// The second pair is how releases before 14 say it.
const BUILT_IN: &[(&str, bool)] = &[
    ("Automatically allow built-in signed software ENABLED.", true),
    ("Automatically allow built-in signed software DISABLED.", false),
    ("Automatically allow signed built-in software ENABLED", true),
    ("Automatically allow signed built-in software DISABLED", false),
];

const DOWNLOADED: &[(&str, bool)] = &[
    ("Automatically allow downloaded signed software ENABLED.", true),
    ("Automatically allow downloaded signed software DISABLED.", false),
];

const LOGGING: &[(&str, bool)] = &[("Log mode is on", true), ("Log mode is off", false)];

/// What setters say besides the getters' words.
const ECHOES: &[&str] = &[
    "Enabled allow signed built-in applications automatically",
    "Disabled allow signed built-in applications automatically",
    "Enabled allow signed downloaded applications automatically",
    "Disabled allow signed downloaded applications automatically",
    "Turning on log mode",
    "Turning off log mode",
    "Setting brief log option",
    "Setting detail log option",
    "Setting throttled log option",
];

/// Reads the answer of `--getblockall`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_block_all(output: &Output) -> Result<BlockAll, Misread> {
    reply(output, "the block-all state")?.choose(BLOCK_ALL).map(|block_all| BlockAll { block_all })
}

/// Reads the answer of `--getstealthmode`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_stealth(output: &Output) -> Result<Stealth, Misread> {
    reply(output, "the stealth mode")?.choose(STEALTH).map(|stealth| Stealth { stealth })
}

/// Reads the answer of `--getloggingmode`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_logging(output: &Output) -> Result<Logging, Misread> {
    reply(output, "the log mode")?.choose(LOGGING).map(|logging| Logging { logging })
}

/// Reads the answer of `--getallowsigned`: a line on built-in software, then one on downloaded software.
///
/// # Errors
/// [`Misread`] for anything else, an answer without the second line whose first did not end included.
pub(crate) fn parse_allow_signed(output: &Output) -> Result<AllowSigned, Misread> {
    const EXPECTED: &str = "\"Automatically allow built-in signed software\", then \"downloaded signed software\"";
    let reply = reply(output, EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    let built_in = find(first, BUILT_IN).ok_or_else(fail)?;
    let downloaded = match rest {
        [] if reply.ended => None,
        [second] => Some(find(second, DOWNLOADED).ok_or_else(fail)?),
        _ => return Err(fail()),
    };
    Ok(AllowSigned { built_in, downloaded })
}

fn find(line: &str, wordings: &[(&str, bool)]) -> Option<bool> {
    wordings.iter().find(|(words, _)| said(line, words)).map(|(_, value)| *value)
}

/// Reads what a setter, `--add`, `--remove`, `--blockapp` or `--unblockapp` said.
///
/// # Errors
/// [`Misread`] for words that are neither the refusal on a managed Mac nor a known echo, and for silence.
pub(crate) fn parse_setter(output: &Output) -> Result<Setter, Misread> {
    const EXPECTED: &str = "the new state, or the refusal on a managed Mac";
    let reply = Reply::of(output)?;
    reply.status_in(&[0, 1], EXPECTED)?;
    if let [line] = reply.lines.as_slice()
        && said(line, MANAGED)
    {
        return Ok(Setter { refused: Some(Refusal::Managed) });
    }
    reply.status_in(&[0], EXPECTED)?;
    let echoed = !reply.lines.is_empty() && reply.lines.iter().all(|line| is_echo(line));
    if echoed { Ok(Setter { refused: None }) } else { Err(reply.misread(EXPECTED)) }
}

fn is_echo(line: &str) -> bool {
    let connection = after(line, "Incoming connection to ").map(unstopped);
    let added = after(line, "Application at path ( ").map(unstopped);
    global_state_line(line).is_some()
        || [BLOCK_ALL, STEALTH, BUILT_IN, DOWNLOADED, LOGGING].iter().any(|wordings| find(line, wordings).is_some())
        || ECHOES.iter().any(|words| said(line, words))
        || connection.is_some_and(|rest| rest.ends_with(" is permitted") || rest.ends_with(" is blocked"))
        || added
            .is_some_and(|rest| rest.ends_with(" ) added to firewall") || rest.ends_with(" ) removed from firewall"))
}

/// Reads what a setter said, as a change's answer: here silence is no objection, for the setting is looked at afterwards.
fn read_setter(output: &Output) -> Result<(), Misread> {
    if lines::silence(output).is_ok() {
        return Ok(());
    }
    match parse_setter(output)?.refused {
        None => Ok(()),
        Some(Refusal::Managed) => Err(Misread::managed(MANAGED)),
    }
}

#[cfg(test)]
#[path = "socketfilterfw_tests.rs"]
mod tests;
