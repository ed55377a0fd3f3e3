//! `launchctl`: which services are loaded, and which were switched off by hand.

use plist::Value;

use super::launchd;
use super::state::{Job, Override};
use super::tools::{self, Call, Reply, complained, said};
use super::{Machine, SimError};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["print", "system"] => said(launchd::domain(mac)),
        ["print", "system/com.openssh.sshd"] if mac.state.sharing.remote_login => said(sshd()),
        ["print", target] if *target == format!("system/{}", xprotect().label) && mac.state.guard.launch_scans => {
            said(printed(&xprotect()))
        }
        ["print", target] if target.starts_with("system/") => {
            let label = target.trim_start_matches("system/");
            if let Some(job) = mac.state.jobs.iter().find(|job| job.label == label) {
                return said(printed(job));
            }
            if let Some(service) = launchd::service(label).filter(|service| service.is_loaded(&mac.state)) {
                return said(printed(&Job {
                    label: label.to_owned(),
                    path: service.from(&mac.state),
                    arguments: vec![service.program.to_owned()],
                }));
            }
            complained(113, format!("Bad request.\nCould not find service \"{label}\" in domain for system\n"))
        }
        ["print-disabled", "system"] => said(overrides(mac)),
        // The session changes, not the user: whoever wants to be the user as well must become it before.
        ["asuser", _, program @ ..] => tools::answer(mac, &owned(program), call.uid),
        _ => Ok(None),
    }
}

pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["asuser", _, program @ ..] => tools::change(mac, &owned(program), call.uid),
        ["bootout", target] => {
            let Some(label) = target.strip_prefix("system/") else { return Ok(None) };
            if !call.is_root() {
                return complained(1, "Boot-out failed: 1: Operation not permitted\n");
            }
            if let Some(service) = launchd::service(label).filter(|service| service.is_loaded(&mac.state)) {
                *(service.switch)(&mut mac.state) = false;
                return said("");
            }
            let before = mac.state.jobs.len();
            mac.state.jobs.retain(|job| job.label != label);
            let gone = mac.state.jobs.len() < before;
            if gone { said("") } else { complained(3, "Boot-out failed: 3: No such process\n") }
        }
        ["bootstrap", "system", path] => {
            if !call.is_root() {
                let hint = "Try re-running the command as root for richer errors.";
                return complained(5, format!("Bootstrap failed: 5: Input/output error\n{hint}\n"));
            }
            if let Some(service) = launchd::described(path) {
                // What is told to stay off is not loaded, nor what is there already.
                if service.is_loaded(&mac.state) || !service.is_enabled(&mac.state) {
                    return complained(5, "Bootstrap failed: 5: Input/output error\n");
                }
                *(service.switch)(&mut mac.state) = true;
                return said("");
            }
            match job(mac, path)? {
                Some(job) if mac.state.jobs.iter().all(|known| known.label != job.label) => {
                    mac.state.jobs.push(job);
                    said("")
                }
                _ => complained(5, "Bootstrap failed: 5: Input/output error\n"),
            }
        }
        [verb @ ("enable" | "disable"), target] if call.is_root() => {
            let Some(label) = target.strip_prefix("system/") else { return Ok(None) };
            let disabled = *verb == "disable";
            match mac.state.service_overrides.iter_mut().find(|known| known.label == label) {
                Some(known) => known.disabled = disabled,
                None => mac.state.service_overrides.push(Override { label: label.to_owned(), disabled }),
            }
            said("")
        }
        _ => Ok(None),
    }
}

/// The job that the property list at `path` describes; `None` where it describes none.
pub(super) fn job(mac: &Machine, path: &str) -> Result<Option<Job>, SimError> {
    let list = mac.files.dictionary(path)?;
    let label = list.get("Label").and_then(Value::as_string);
    let arguments = list.get("ProgramArguments").and_then(Value::as_array);
    let arguments = arguments.into_iter().flatten().filter_map(Value::as_string).map(str::to_owned).collect();
    Ok(label.map(|label| Job { label: label.to_owned(), path: path.to_owned(), arguments }))
}

/// A job that ran and ended, shorter than a real answer and of its form.
fn printed(job: &Job) -> String {
    let (label, path) = (&job.label, &job.path);
    let program = job.arguments.first().map_or("", String::as_str);
    let arguments: String = job.arguments.iter().map(|argument| format!("\t\t{argument}\n")).collect();
    format!(
        "system/{label} = {{\n\tactive count = 0\n\tpath = {path}\n\ttype = LaunchDaemon\n\tstate = not running\n\n\tprogram = {program}\n\targuments = {{\n{arguments}\t}}\n\n\tdefault environment = {{\n\t\tPATH => /usr/bin:/bin:/usr/sbin:/sbin\n\t}}\n\n\tdomain = system\n\tminimum runtime = 10\n\texit timeout = 5\n\truns = 1\n\tlast exit code = 0\n\n\tspawn type = daemon (3)\n\tproperties = runatload | inferred program\n}}\n"
    )
}

/// XProtect's scan, macOS's own.
fn xprotect() -> Job {
    let program = "/Library/Apple/System/Library/CoreServices/XProtect.app/Contents/MacOS/XProtect";
    Job {
        label: "com.apple.XProtect.daemon.scan".into(),
        path: "/Library/Apple/System/Library/LaunchDaemons/com.apple.XProtect.daemon.scan.plist".into(),
        arguments: vec![program.into()],
    }
}

fn owned(program: &[&str]) -> Vec<String> {
    program.iter().map(|part| (*part).to_owned()).collect()
}

/// Words from 13 on, booleans before.
pub(super) fn overrides(mac: &Machine) -> String {
    let mut text = "\n\tdisabled services = {\n".to_owned();
    for service in &mac.state.service_overrides {
        let state = match (mac.state.at_least(&[13]), service.disabled) {
            (true, true) => "disabled",
            (true, false) => "enabled",
            (false, true) => "true",
            (false, false) => "false",
        };
        text.push_str(&format!("\t\t\"{}\" => {state}\n", service.label));
    }
    text.push_str("\t}\n");
    text
}

/// Remote Login on, nobody connected, as 26.5 prints it: the service is loaded and waits. Each row is its depth and its text.
fn sshd() -> String {
    let mut text = "system/com.openssh.sshd = {\n".to_owned();
    for (depth, row) in SSHD {
        if !row.is_empty() {
            text.push_str(&"\t".repeat(depth));
            text.push_str(row);
        }
        text.push('\n');
    }
    text.push_str("}\n");
    text
}

const SSHD: [(usize, &str); 79] = [
    (1, "active count = 0"),
    (1, "path = /System/Library/LaunchDaemons/ssh.plist"),
    (1, "type = LaunchDaemon"),
    (1, "state = not running"),
    (0, ""),
    (1, "program = /usr/libexec/sshd-keygen-wrapper"),
    (1, "arguments = {"),
    (2, "sshd-keygen-wrapper"),
    (1, "}"),
    (0, ""),
    (1, "stderr path = /dev/null"),
    (1, "default environment = {"),
    (2, "PATH => /usr/bin:/bin:/usr/sbin:/sbin"),
    (1, "}"),
    (0, ""),
    (1, "environment = {"),
    (2, "OSLogRateLimit => 64"),
    (2, "MallocSpaceEfficient => 0"),
    (2, "XPC_SERVICE_NAME => com.openssh.sshd"),
    (1, "}"),
    (0, ""),
    (1, "domain = system"),
    (1, "minimum runtime = 10"),
    (1, "exit timeout = 5"),
    (1, "runs = 0"),
    (1, "last exit code = (never exited)"),
    (0, ""),
    (1, "event triggers = {"),
    (2, "Listeners => {"),
    (3, "keepalive = 0"),
    (3, "service = com.openssh.sshd"),
    (3, "stream = com.apple.bonjour.registration"),
    (3, "monitor = com.apple.UserEventAgent-System"),
    (3, "descriptor = {"),
    (4, r#""Bonjour" => ["#),
    (5, r#"0 = "ssh""#),
    (5, r#"1 = "sftp-ssh""#),
    (4, "]"),
    (4, r#""SockServiceName" => "ssh""#),
    (3, "}"),
    (2, "}"),
    (1, "}"),
    (0, ""),
    (1, "event channels = {"),
    (2, r#""com.apple.bonjour.registration" = {"#),
    (3, "port = 0x0"),
    (3, "active = 0"),
    (3, "managed = 1"),
    (3, "reset = 0"),
    (3, "hide = 0"),
    (3, "watching = 1"),
    (2, "}"),
    (1, "}"),
    (0, ""),
    (1, "sockets = {"),
    (2, r#""Listeners" = {"#),
    (3, "type = stream"),
    (3, "service name = ssh"),
    (0, ""),
    (3, "sockets = {"),
    (4, "7 (no bytes to read)"),
    (4, "8 (no bytes to read)"),
    (3, "}"),
    (0, ""),
    (3, "active = 0"),
    (3, "passive = 1"),
    (3, "bonjour = 1"),
    (3, "ipv4v6 = 0"),
    (3, "receive_packet_info = 0"),
    (2, "}"),
    (1, "}"),
    (0, ""),
    (1, "spawn type = interactive (4)"),
    (1, "jetsam priority = 180"),
    (1, "jetsam memory limit (active, soft) = 30 MB"),
    (1, "jetsam memory limit (inactive, soft) = 30 MB"),
    (1, "jetsamproperties category = daemon"),
    (1, "jetsam thread limit = 32"),
    (1, "cpumon = default"),
];
