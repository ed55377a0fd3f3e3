//! `launchctl`: what launchd has loaded, and what it is told not to load.

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::{Single, is_anothers, is_plain_path};
use super::lines::{self, Reply, integer, misread, said};
use super::{Change, Invocation, Misread, Output, Question, launchd};

pub(super) const PROGRAM: &str = "/bin/launchctl";

/// A service in the system domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Whether launchd has it. A service that waits for a connection is loaded and not running.
    pub loaded: bool,
    /// `running`, `not running`, `SIGTERMed`, ...; `None` where not loaded.
    pub state: Option<String>,
    /// Its process; `None` where it has none.
    pub pid: Option<i64>,
    /// Where launchd has it from: a property list, or in words who submitted it.
    #[serde(skip)]
    pub path: Option<String>,
}

/// Overrides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disabled {
    /// By label: true is disabled. A label that is not in here has no override.
    pub disabled: BTreeMap<String, bool>,
}

/// Whether `text` can be a label that goes into a command: letters, digits, dots, hyphens and underscores, and neither a
/// hyphen nor a dot in front. launchd itself takes more, but a slash or blank would name another domain or thing.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    plain && !text.is_empty() && !text.starts_with(['-', '.'])
}

fn target(label: &str) -> String {
    debug_assert!(is_label(label), "{label} is no label");
    format!("system/{label}")
}

/// Has launchd a service `label` in the system domain? `label` passes [`is_label`].
#[must_use]
pub fn service(label: &str) -> Question<Service> {
    Question::about(Invocation::new(PROGRAM, &["print", &target(label)]), label, parse_print)
}

/// Ends the service `label` of the system domain and takes it out of launchd. `label` passes [`is_label`].
#[must_use]
pub fn bootout(label: &str) -> Change {
    Change { run: Invocation::new(PROGRAM, &["bootout", &target(label)]), read: parse_bootout }
}

/// Has launchd take the service that the property list at `path` (absolute) describes into the system domain.
#[must_use]
pub fn bootstrap(path: &str) -> Change {
    Change { run: Invocation::new(PROGRAM, &["bootstrap", "system", path]), read: parse_bootstrap }
}

/// The command `args` as a change of the agent's own: a service of macOS switched, or a job of somebody's own taken out of
/// launchd, or, where `of` names it, brought back from its property list.
pub(super) fn own(args: &[&str], of: Option<&str>) -> Option<Vec<Single>> {
    const JOB: &str = "launchd job ";
    if let Some(switched) = launchd::own(args, of) {
        return Some(switched);
    }
    let fits = |label: &&str| is_label(label) && is_anothers(label);
    match args {
        ["bootout", target] => {
            let label = target.strip_prefix("system/").filter(fits)?;
            let run = Invocation::new(PROGRAM, &["print", target]);
            let is_gone = Question::about(run, label, |label, output| Ok(!parse_print(label, output)?.loaded));
            Some(vec![Single::new(format!("{JOB}{label}"), bootout(label), vec![is_gone])])
        }
        ["bootstrap", "system", path] => {
            let label = of?.strip_prefix(JOB).filter(fits)?;
            let name = path.strip_prefix("/Library/LaunchDaemons/")?;
            if !is_plain_path(path) || name.contains('/') || !name.ends_with(".plist") || !is_anothers(name) {
                return None;
            }
            let run = Invocation::new(PROGRAM, &["print", &target(label)]);
            let is_loaded = Question::about(run, label, |label, output| Ok(parse_print(label, output)?.loaded));
            let single = Single::new(format!("{JOB}{label}"), bootstrap(path), vec![is_loaded]);
            Some(vec![Single { needs: Some(format!("file {path}")), ..single }])
        }
        _ => None,
    }
}

/// Reads the answer of `launchctl bootout`: silence. That there is no such service, that it is on its way out, and that System
/// Integrity Protection keeps launchd from letting go of a service of macOS before the next start, are no objections: whether
/// it is gone is looked at afterwards.
///
/// # Errors
/// [`Misread::Refused`] for other failures in words.
fn parse_bootout(output: &Output) -> Result<(), Misread> {
    const FINE: [(i32, &str); 3] = [
        (3, "Boot-out failed: 3: No such process"),
        (36, "Boot-out failed: 36: Operation now in progress"),
        (150, "Boot-out failed: 150: Operation not permitted while System Integrity Protection is engaged"),
    ];
    let reply = Reply::of(output)?;
    let fine = |line: &str| FINE.iter().any(|(status, words)| *status == output.status && said(line, words));
    if let [line] = reply.lines.as_slice()
        && fine(line)
    {
        return Ok(());
    }
    obeyed(output, "Boot-out failed: ")
}

/// Reads the answer of `launchctl bootstrap`: silence.
///
/// # Errors
/// [`Misread::Refused`] for failures in words, of which `5: Input/output error` may mean many things, one being that the
/// service is there already.
fn parse_bootstrap(output: &Output) -> Result<(), Misread> {
    obeyed(output, "Bootstrap failed: ")
}

fn obeyed(output: &Output, failed: &str) -> Result<(), Misread> {
    let words = Reply::of(output)?.lines.into_iter().find(|line| line.starts_with(failed));
    words.map_or_else(|| lines::silence(output), |words| Err(Misread::refused(&words)))
}

/// Reads the answer of `launchctl print system/LABEL`.
///
/// # Errors
/// [`Misread`] for other than one whole block about that service, or the words that there is none (exit 113).
pub(crate) fn parse_print(label: &str, output: &Output) -> Result<Service, Misread> {
    const EXPECTED: &str = "one whole block about the service, or that it could not be found";
    let reply = Reply::of(output)?;
    let gone = format!("Could not find service \"{label}\" in domain for system");
    let lines: Vec<&str> = reply.lines.iter().map(String::as_str).filter(|line| !said(line, "Bad request.")).collect();
    if let [line] = lines.as_slice()
        && said(line, &gone)
    {
        reply.status_in(&[0, 113], EXPECTED)?;
        return Ok(Service { loaded: false, state: None, pid: None, path: None });
    }
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (first, body) = lines.split_first().ok_or_else(fail)?;
    if *first != format!("system/{label} = {{") && *first != format!("{label} = {{") {
        return Err(fail());
    }
    let fields = top_level(body).ok_or_else(fail)?;
    let field = |key: &str| -> Result<Option<&str>, Misread> {
        let mut values = fields.iter().filter(|(name, _)| *name == key).map(|(_, value)| *value);
        let value = values.next().filter(|value| !value.is_empty());
        if values.next().is_some() { Err(fail()) } else { Ok(value) }
    };
    let pid = field("pid")?.map(|text| integer(text).ok_or_else(fail)).transpose()?;
    let text = |key: &str| field(key).map(|value| value.map(str::to_owned));
    Ok(Service { loaded: true, state: text("state")?, pid, path: text("path")? })
}

/// The `key = value` lines that lie directly in a block whose first line was taken off; `None` where its blocks do not
/// close as they opened. Arguments of a program may look like anything, so a close must stand below its opening.
fn top_level<'a>(lines: &[&'a str]) -> Option<Vec<(&'a str, &'a str)>> {
    let mut open: Vec<(usize, &str)> = vec![(0, "}")];
    let mut fields = Vec::new();
    for line in lines {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let (depth, close) = *open.last()?;
        if text == close && indent == depth {
            open.pop();
        } else if text.ends_with("= {") || text.ends_with("=> {") {
            open.push((indent, "}"));
        } else if text.ends_with("= [") || text.ends_with("=> [") {
            open.push((indent, "]"));
        } else if open.len() == 1
            && let Some((key, value)) = text.split_once(" =")
        {
            fields.push((key, value.trim()));
        }
    }
    open.is_empty().then_some(fields)
}

/// Reads the answer of `launchctl print-disabled system`, in the dialect up to macOS 12 (`true` is disabled) and since.
///
/// # Errors
/// [`Misread`] for other than whole blocks with known words, and a label that is there twice.
pub(crate) fn parse_print_disabled(output: &Output) -> Result<Disabled, Misread> {
    const EXPECTED: &str = "\"disabled services = {\", labels and \"}\"";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let mut disabled = BTreeMap::new();
    let (mut seen, mut inside) = (false, None);
    for line in reply.lines.iter().map(|line| line.trim_start()) {
        match (line, inside) {
            ("disabled services = (no disabled services)", None) if !seen => seen = true,
            ("disabled services = {", None) if !seen => (seen, inside) = (true, Some(true)),
            ("login item associations = {", None) if seen => inside = Some(false),
            ("}", Some(_)) => inside = None,
            (_, Some(true)) => {
                let (label, value) = row(line).ok_or_else(fail)?;
                if disabled.insert(label.to_owned(), value).is_some() {
                    return Err(fail());
                }
            }
            (_, Some(false)) => {}
            _ => return Err(fail()),
        }
    }
    if seen && inside.is_none() { Ok(Disabled { disabled }) } else { Err(misread(EXPECTED, output.stdout()?)) }
}

/// `"label" => disabled`
pub(super) fn row(line: &str) -> Option<(&str, bool)> {
    let (label, word) = line.strip_prefix('"')?.rsplit_once("\" => ")?;
    let value = match word {
        "disabled" | "true" => true,
        "enabled" | "false" => false,
        _ => return None,
    };
    (!label.is_empty()).then_some((label, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    const LABEL: &str = "com.openssh.sshd";
    const BLOCK: &str = "system/com.openssh.sshd = {\n\tactive count = 1\n\tstate = running\n\n\targuments = {\n\t\tstate = stopped\n\t\t}\n\t}\n\tevents = {\n\t\t\"A\" => [\n\t\t\t0 = \"x\"\n\t\t]\n\t\tpid = 7\n\t}\n\n\tpid = 42\n}\n";

    fn read(text: &str) -> Option<(bool, Option<String>, Option<i64>)> {
        parse_print(LABEL, &out(text)).ok().map(|read| (read.loaded, read.state, read.pid))
    }

    #[test]
    fn only_the_top_level_counts() {
        assert_eq!(read(BLOCK), Some((true, Some("running".into()), Some(42))));
        assert_eq!(
            read("com.openssh.sshd = {\n    state = not running\n    pid =\n    ...\n}\n"),
            Some((true, Some("not running".into()), None))
        );
        for end in 0..BLOCK.trim_end().len() {
            assert_eq!(read(&BLOCK[..end]), None, "{}", &BLOCK[..end]);
        }
    }

    #[test]
    fn unclear_blocks_are_refused() {
        for bad in [
            "system/com.openssh.sshd = {\n\tstate = running\n\tstate = not running\n}\n",
            "system/com.apple.smbd = {\n\tstate = running\n}\n",
            "system/com.openssh.sshd = {\n\tpid = many\n}\n",
            "system/com.openssh.sshd = {\n}\n}\n",
            "system/com.openssh.sshd = {\n\tx = {\n}\n}\n",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(parse_print(LABEL, &out_with(99, BLOCK)).is_err());
    }

    #[test]
    fn a_missing_service_is_told_from_an_error() {
        let gone = "Bad request.\nCould not find service \"com.openssh.sshd\" in domain for system\n";
        assert!(!parse_print(LABEL, &err(113, gone)).unwrap().loaded);
        assert!(parse_print(LABEL, &err(113, &gone[..20])).is_err());
        assert!(parse_print("com.apple.smbd", &err(113, gone)).is_err());
        assert!(parse_print(LABEL, &err(99, gone)).is_err());
        assert!(parse_print(LABEL, &err(113, "Bad request.\n")).is_err());
    }

    #[test]
    fn an_answer_about_another_service_is_none_to_the_question() {
        use crate::mac::Answer;
        let answer = Answer::Ran(out(BLOCK));
        assert!(service(LABEL).read(&answer).unwrap().loaded);
        assert!(service("com.apple.smbd").read(&answer).is_err());
        assert!(service(LABEL).read(&Answer::Ran(out(BLOCK.trim_end()))).is_err());
    }

    #[test]
    fn what_names_more_than_a_service_is_no_label() {
        assert!(is_label("com.jamftrust.automateSignOut") && is_label("a_b-2"));
        for bad in ["", "a/b", "../x", "-k", "a b", "a\nb", "system/x", "ä", ".x", "a;b"] {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn changes_are_silent_or_refused() {
        let out_of = bootout(LABEL);
        assert_eq!(out_of.run.argv, ["/bin/launchctl", "bootout", "system/com.openssh.sshd"]);
        let gone = err(3, "Boot-out failed: 3: No such process\n");
        let going = err(36, "Boot-out failed: 36: Operation now in progress\n");
        let protected =
            err(150, "Boot-out failed: 150: Operation not permitted while System Integrity Protection is engaged\n");
        for fine in [Output::default(), gone, going, protected] {
            assert_eq!((out_of.read)(&fine), Ok(()));
        }
        for refused in
            [err(1, "Boot-out failed: 1: Operation not permitted\n"), err(0, "Boot-out failed: 3: No such process\n")]
        {
            assert!(matches!((out_of.read)(&refused), Err(Misread::Refused { .. })), "{refused:?}");
        }
        assert!((out_of.read)(&out_with(3, "")).is_err());
        let into = bootstrap("/Library/LaunchDaemons/x.plist");
        assert_eq!(into.run.argv[1..], ["bootstrap", "system", "/Library/LaunchDaemons/x.plist"]);
        assert_eq!((into.read)(&Output::default()), Ok(()));
        for bad in [err(5, "Bootstrap failed: 5: Input/output error\n"), err(5, ""), out("x\n")] {
            assert!((into.read)(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn overrides_are_read_in_both_dialects() {
        let read = |text: &str| parse_print_disabled(&out(text)).map(|read| read.disabled).ok();
        let text = "\n\tdisabled services = {\n\t\t\"a\" => disabled\n\t\t\"b\" => enabled\n\t\t\"c\" => true\n\t\t\"d\" => false\n\t}\n";
        let map = read(text).unwrap();
        assert_eq!((map["a"], map["b"], map["c"], map["d"]), (true, false, true, false));
        for end in 0..text.trim_end().len() {
            assert_eq!(read(&text[..end]), None, "{}", &text[..end]);
        }
        let none = "\n\tdisabled services = (no disabled services)\n";
        for empty in ["disabled services = {\n}\n", none, &format!("{none}\tlogin item associations = {{\n\t}}\n")] {
            assert_eq!(read(empty), Some(BTreeMap::new()), "{empty}");
        }
        for twice in [format!("{none}{none}"), format!("{none}{text}"), format!("{text}{none}")] {
            assert_eq!(read(&twice), None, "{twice}");
        }
        for bad in [
            "disabled services = {\n\"a\" => maybe\n}\n",
            "disabled services = {\n\"a\" => true\n\"a\" => false\n}\n",
            "\"a\" => true\n",
            "disabled services = {\n}\nx\n",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
