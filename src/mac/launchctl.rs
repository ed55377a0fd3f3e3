//! `launchctl`: what launchd has loaded, and what it is told not to load.

use std::collections::BTreeMap;

use serde::Serialize;

use super::lines::{Reply, integer, misread, said};
use super::{Misread, Output};

/// A service in the system domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Whether launchd has it. A service that waits for a connection is loaded and not running.
    pub loaded: bool,
    /// `running`, `not running`, `SIGTERMed`, ...; `None` where not loaded.
    pub state: Option<String>,
    /// Its process; `None` where it has none.
    pub pid: Option<i64>,
}

/// Overrides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disabled {
    /// By label: true is disabled. A label that is not in here has no override.
    pub disabled: BTreeMap<String, bool>,
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
        return Ok(Service { loaded: false, state: None, pid: None });
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
    Ok(Service { loaded: true, state: field("state")?.map(str::to_owned), pid })
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
fn row(line: &str) -> Option<(&str, bool)> {
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
