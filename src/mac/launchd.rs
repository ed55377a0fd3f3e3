//! launchd's system domain as a whole, and the services of macOS that the agent switches: one question tells of all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::Single;
use super::launchctl::{self, PROGRAM};
use super::lines::{self, Reply, integer};
use super::{Change, Invocation, Misread, Output, Question};

/// What launchd has in the system domain, and what it is told not to load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// The loaded services by label, with their process where they run. One that waits for a connection is here and has none.
    pub services: BTreeMap<String, Option<i64>>,
    /// The overrides by label: true is disabled. A label that is not in here has none.
    pub disabled: BTreeMap<String, bool>,
}

/// What is in the system domain? The answer closes itself, so a service that is not in it was not cut off.
#[must_use]
pub fn system() -> Question<Domain> {
    Question::lines(Invocation::new(PROGRAM, &["print", "system"]), parse)
}

/// The services of macOS that the agent switches, with the property lists under which macOS may keep each.
///
/// Remote Apple Events are described in `com.apple.eppc.plist` up to some version and by other accounts in a list of their
/// label's name: launchd itself says which it read.
const SWITCHED: &[(&str, &[&str])] = &[
    ("com.apple.AEServer", &["com.apple.eppc.plist", "com.apple.AEServer.plist"]),
    ("com.apple.nfsd", &["com.apple.nfsd.plist"]),
    ("com.apple.screensharing", &["com.apple.screensharing.plist"]),
    ("com.apple.smbd", &["com.apple.smbd.plist"]),
    ("com.apple.tftpd", &["tftp.plist"]),
    ("com.apple.uucp", &["com.apple.uucp.plist"]),
    ("com.openssh.sshd", &["ssh.plist"]),
    ("org.apache.httpd", &["org.apache.httpd.plist"]),
];

const FOLDER: &str = "/System/Library/LaunchDaemons/";

/// The label in `target`, `system/LABEL`, where it is one of these services.
fn switched(target: &str) -> Option<&'static str> {
    let label = target.strip_prefix("system/")?;
    SWITCHED.iter().find(|(known, _)| *known == label).map(|(known, _)| *known)
}

/// Whether the property list at `path` is one of macOS's own for the service `label`, by which it can be brought back.
#[must_use]
pub fn describes(path: &str, label: &str) -> bool {
    let lists = SWITCHED.iter().find(|(known, _)| *known == label).map_or(&[][..], |(_, lists)| lists);
    path.strip_prefix(FOLDER).is_some_and(|name| lists.contains(&name))
}

/// Has launchd load the service `label` of the system domain at the next start, or not, whatever its property list says.
/// Whether it is loaded now stays as it is. `label` is one of the services above.
#[must_use]
pub fn set_enabled(label: &str, enabled: bool) -> Change {
    let verb = if enabled { "enable" } else { "disable" };
    let target = format!("system/{label}");
    Change { run: Invocation::new(PROGRAM, &[verb, &target]), read: lines::silence }
}

/// The setting that [`set_enabled`] changes.
#[must_use]
pub fn override_of(label: &str) -> String {
    format!("launchd override {label}")
}

/// The setting that taking a service out of launchd changes, and bringing it back.
#[must_use]
pub fn job_of(label: &str) -> String {
    format!("launchd job {label}")
}

/// The command `args` as a change of the agent's own to one of these services. `of` is the setting that it is known to be
/// about: the path of a property list does not say its label.
pub(super) fn own(args: &[&str], of: Option<&str>) -> Option<Vec<Single>> {
    let print = |label: &str| Invocation::new(PROGRAM, &["print", &format!("system/{label}")]);
    let single = match args {
        [verb @ ("enable" | "disable"), target] => {
            let label = switched(target)?;
            let overrides = Invocation::new(PROGRAM, &["print-disabled", "system"]);
            let enabled = *verb == "enable";
            let read = if enabled { is_enabled } else { is_disabled };
            let holds = Question::about(overrides, label, read);
            Single::new(override_of(label), set_enabled(label, enabled), vec![holds])
        }
        ["bootout", target] => {
            let label = switched(target)?;
            let is_gone = |label: &str, output: &Output| Ok(!launchctl::parse_print(label, output)?.loaded);
            let holds = Question::about(print(label), label, is_gone);
            Single::new(job_of(label), launchctl::bootout(label), vec![holds])
        }
        ["bootstrap", "system", path] => {
            let (label, _) = SWITCHED.iter().find(|(known, _)| Some(job_of(known).as_str()) == of)?;
            if !describes(path, label) {
                return None;
            }
            let is_loaded = |label: &str, output: &Output| Ok(launchctl::parse_print(label, output)?.loaded);
            let holds = Question::about(print(label), label, is_loaded);
            let single = Single::new(job_of(label), launchctl::bootstrap(path), vec![holds]);
            // launchd refuses to load what it is told not to load.
            Single { needs: Some(override_of(label)), ..single }
        }
        _ => return None,
    };
    Some(vec![single])
}

fn is_enabled(label: &str, output: &Output) -> Result<bool, Misread> {
    Ok(launchctl::parse_print_disabled(output)?.disabled.get(label) == Some(&false))
}

fn is_disabled(label: &str, output: &Output) -> Result<bool, Misread> {
    Ok(launchctl::parse_print_disabled(output)?.disabled.get(label) == Some(&true))
}

/// Reads the answer of `launchctl print system`: of its blocks the loaded services and the overrides, both of which must be
/// there whole. A block opens and closes one tab from the edge, and nothing in it stands so far left.
///
/// # Errors
/// [`Misread`] for other than one whole block with both of them once.
pub(crate) fn parse(output: &Output) -> Result<Domain, Misread> {
    const EXPECTED: &str = "the system domain with its \"services\" and \"disabled services\", whole";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    read(&reply.lines).ok_or_else(|| reply.misread(EXPECTED))
}

fn read(all: &[String]) -> Option<Domain> {
    let [first, body @ .., last] = all else { return None };
    if !matches!(first.as_str(), "system = {" | "com.apple.xpc.launchd.domain.system = {") || last != "}" {
        return None;
    }
    let (mut services, mut disabled) = (None, None);
    let mut lines = body.iter();
    while let Some(line) = lines.next() {
        let text = line.strip_prefix('\t').filter(|text| !text.starts_with(char::is_whitespace))?;
        if text == "disabled services = (no disabled services)" {
            if disabled.replace(BTreeMap::new()).is_some() {
                return None;
            }
            continue;
        }
        let Some(name) = text.strip_suffix(" = {") else { continue };
        let mut rows = Vec::new();
        loop {
            let line = lines.next()?;
            if line == "\t}" {
                break;
            }
            rows.push(line.as_str());
        }
        let again = match name {
            "services" => services.replace(rows.into_iter().map(service).collect::<Option<_>>()?).is_some(),
            "disabled services" => {
                let rows = rows.into_iter().map(|row| {
                    let (label, value) = launchctl::row(row.trim_start())?;
                    Some((label.to_owned(), value))
                });
                disabled.replace(rows.collect::<Option<_>>()?).is_some()
            }
            _ => false,
        };
        if again {
            return None;
        }
    }
    let domain = Domain { services: services?, disabled: disabled? };
    // launchd's own services are always there.
    (!domain.services.is_empty()).then_some(domain)
}

/// A row of the loaded services: the process, 0 or a hyphen for none; how it last ended; the label.
fn service(row: &str) -> Option<(String, Option<i64>)> {
    let (pid, rest) = row.strip_prefix("\t\t")?.trim_start().split_once(char::is_whitespace)?;
    let (status, label) = rest.trim_start().split_once(char::is_whitespace)?;
    let pid = if pid == "-" { 0 } else { integer(pid).filter(|pid| *pid >= 0)? };
    let label = label.trim();
    (!status.is_empty() && !label.is_empty()).then(|| (label.to_owned(), (pid > 0).then_some(pid)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    const DOMAIN: &str = "system = {\n\ttype = system\n\thandle = 0\n\tservice count = 2\n\tservice stats = {\n\t\tx (4096 records)\n\t}\n\ttrial factors = {\n\t}\n\tsecurity context = {\n\t\tuid unset\n\t}\n\n\tservices = {\n\t\t       0      - \tcom.apple.lskdd\n\t\t     876    -15 \tcom.apple.smbd\n\t\t       -   (pe) \tcom.openssh.sshd\n\t}\n\n\tunmanaged processes = {\n\t}\n\n\tendpoints = {\n\t\t       0    M   D   com.apple.fpsd\n\t}\n\n\tdisabled services = {\n\t\t\"com.apple.ftpd\" => disabled\n\t\t\"com.apple.smbd\" => enabled\n\t}\n\n\tproperties = uncorked | audit check done\n}\n";

    fn known(text: &str) -> Option<Domain> {
        parse(&out(text)).ok()
    }

    #[test]
    fn loaded_services_and_overrides_are_read_from_one_answer() {
        let domain = known(DOMAIN).unwrap();
        assert_eq!(domain.services["com.apple.smbd"], Some(876));
        assert_eq!(domain.services["com.openssh.sshd"], None);
        assert_eq!(domain.services.len(), 3);
        assert_eq!(domain.disabled, [("com.apple.ftpd".into(), true), ("com.apple.smbd".into(), false)].into());
        let older = DOMAIN.replacen("system = {", "com.apple.xpc.launchd.domain.system = {", 1);
        assert_eq!(known(&older), Some(domain.clone()));
        let begin = DOMAIN.find("\tdisabled").unwrap();
        let end = DOMAIN.find("\tproperties").unwrap();
        let none = format!("{}\tdisabled services = (no disabled services)\n{}", &DOMAIN[..begin], &DOMAIN[end..]);
        assert_eq!(known(&none), Some(Domain { disabled: BTreeMap::new(), ..domain }));
    }

    #[test]
    fn no_cut_and_no_other_form_is_read() {
        for end in 0..DOMAIN.trim_end().len() {
            assert_eq!(known(&DOMAIN[..end]), None, "{}", &DOMAIN[..end]);
        }
        for (from, to) in [
            ("\tservices = {", "\tserving = {"),
            ("\tdisabled services = {", "\tdisabled = {"),
            ("=> enabled", "=> perhaps"),
            ("876    -15 \t", "many    -15 \t"),
            ("876    -15 \t", "-7    -15 \t"),
            ("876    -15 \tcom.apple.smbd", "876"),
            ("system = {", "gui/501 = {"),
            ("unmanaged processes", "services"),
            ("\tendpoints = {", "\tdisabled services = {\n\t}\n\tendpoints = {"),
        ] {
            let bad = DOMAIN.replacen(from, to, 1);
            assert_ne!(bad, DOMAIN, "{from}");
            assert_eq!(known(&bad), None, "{bad}");
        }
        assert!(parse(&out_with(1, DOMAIN)).is_err());
        assert!(parse(&err(0, "Could not print domain: 1: Operation not permitted\n")).is_err());
    }

    fn settings(args: &[&str], of: Option<&str>) -> Option<Vec<String>> {
        Some(own(args, of)?.into_iter().map(|single| single.setting).collect())
    }

    #[test]
    fn only_these_services_are_switched_and_only_by_macoss_own_lists() {
        let job = Some("launchd job com.apple.smbd");
        for (args, of) in [
            (&["disable", "system/com.apple.timed"][..], None),
            (&["disable", "com.apple.smbd"], None),
            (&["disable", "system/"], None),
            (&["enable", "gui/501/com.apple.smbd"], None),
            (&["bootout", "system/com.apple.timed"], None),
            (&["bootout", "system"], None),
            (&["bootstrap", "system", "/System/Library/LaunchDaemons/com.apple.smbd.plist"], None),
            (&["bootstrap", "system", "/System/Library/LaunchDaemons/ssh.plist"], job),
            (&["bootstrap", "system", "/Library/LaunchDaemons/com.apple.smbd.plist"], job),
            (&["bootstrap", "system", "/System/Library/LaunchDaemons/../com.apple.smbd.plist"], job),
        ] {
            assert_eq!(settings(args, of), None, "{args:?}");
        }
        let list = "/System/Library/LaunchDaemons/com.apple.smbd.plist";
        assert_eq!(
            settings(&["bootout", "system/com.apple.smbd"], None),
            settings(&["bootstrap", "system", list], job)
        );
        let back = own(&["bootstrap", "system", list], job).unwrap().remove(0);
        let enabled = own(&["enable", "system/com.apple.smbd"], None).unwrap().remove(0);
        assert_eq!(back.needs, Some(enabled.setting));
    }

    #[test]
    fn an_override_is_seen_as_the_command_leaves_it() {
        let holds = |verb: &str, text: &str| {
            let single = own(&[verb, "system/com.apple.smbd"], None).unwrap().remove(0);
            single.holds[0].read(&crate::mac::Answer::Ran(out(text))).ok()
        };
        let says = |word: &str| format!("\n\tdisabled services = {{\n\t\t\"com.apple.smbd\" => {word}\n\t}}\n");
        assert_eq!(holds("disable", &says("disabled")), Some(true));
        assert_eq!(holds("disable", &says("enabled")), Some(false));
        assert_eq!(holds("enable", &says("enabled")), Some(true));
        assert_eq!(holds("enable", "\n\tdisabled services = {\n\t}\n"), Some(false));
        assert_eq!(holds("disable", ""), None);
    }
}
