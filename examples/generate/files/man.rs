//! The manual page `holdfast(8)`.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use holdfast::policy::{LOCAL_FILE, MANAGED_FILE};

/// What manual pages of this section are called at their top.
const MANUAL: &str = "System Manager's Manual";

const DESCRIPTION: [&str; 4] = [
    "holdfast holds a Mac's local security settings where policy says they must be, and can prove it. It looks at what is in \
     effect, says in its ledger what it is about to change and what was there before, changes it, and looks again.",
    "launchd starts it as a daemon, which looks on schedule and whenever a file changes that a setting depends on. The other \
     commands look, explain and report. What could not be read is unknown: never a pass, and never a fail.",
    "check, plan, enforce, restore, resume, frameworks, daemon, sign-out --now, log flush and uninstall must be run as root. The others run as anybody, and \
     then say less where root alone may look.",
    "Policy is a preference domain that an MDM forces by a profile: see holdfast-policy(5).",
];

const FILES: [(&str, &str); 11] = [
    ("/Library/Holdfast/bin/holdfast", "The program. /etc/paths.d/holdfast puts its folder on the PATH."),
    ("/Library/LaunchDaemons/org.holdfast.agent.plist", "What launchd starts it by."),
    (MANAGED_FILE, "The policy that an MDM forces. macOS makes it of the installed profiles."),
    (LOCAL_FILE, "The policy that an administrator of the Mac sets."),
    (
        "/Library/Logs/Holdfast/compliance.ndjson",
        "The ledger: one JSON object a line, each chained to the one before it. Older segments lie beside it.",
    ),
    (
        "/Library/Application Support/Holdfast/status.plist",
        "How the Mac stood after the last pass, for other tools; status.json has the same.",
    ),
    ("/Library/Application Support/Holdfast/replaced/", "What the agent moved out of the way."),
    (
        "/Library/Logs/JamfTrustSignOut.log",
        "The log of sign-outs that the original script's extension attribute reads.",
    ),
    (
        "/private/var/log/org.holdfast.agent.log",
        "Why the daemon does not run, and what it could not put on record; empty where all is well.",
    ),
    ("/Library/Holdfast/uninstall.sh", "Removes the agent, also where the program is damaged or gone."),
    ("/Library/Holdfast/share/doc/LICENSE", "The licence."),
];

const EXAMPLES: [(&str, &str); 9] = [
    ("holdfast check", "Look at every control, and change nothing."),
    ("holdfast plan", "Show what enforce would change, with the commands and what is there now."),
    ("holdfast explain firewall_on", "All about one control, and what can be done about it on this Mac."),
    ("holdfast config show", "Each value of policy in force, with where it came from."),
    ("holdfast config validate org.holdfast.agent.plist", "Check a policy file before any Mac has it."),
    (
        "holdfast profile policy --preset level-2 --set Controls.firewall_stealth.Mode=audit",
        "Make a profile of a policy for an MDM.",
    ),
    ("holdfast log --since 24h --state fixed", "What was mended in the last day."),
    ("holdfast log verify", "Find any edit, cut or reorder of the evidence."),
    ("holdfast enforce --simulate neglected --sim-dir /tmp/mac", "Try it on a simulated Mac, on any machine."),
];

const SEE_ALSO: [(&str, &str); 5] =
    [("holdfast-policy", "5"), ("defaults", "1"), ("profiles", "1"), ("launchctl", "1"), ("launchd.plist", "5")];

/// The whole page, with the day that it is of.
pub fn page(day: &str) -> Result<String, String> {
    let mut root =
        holdfast::cli::command().disable_help_subcommand(true).disable_help_flag(true).disable_version_flag(true);
    root.build();
    let mut page = Roff::new();
    let source = format!("Holdfast {}", root.get_version().unwrap_or_default());
    page.control("TH", ["HOLDFAST", "8", day, &source, MANUAL]);
    page.control("SH", ["NAME"]);
    page.text([roman("holdfast - hold a Mac's security settings where policy says they must be, and prove it")]);
    page.control("SH", ["SYNOPSIS"]);
    synopsis(&mut page, &root);
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut page, &DESCRIPTION);
    let mut text = page.render();
    text.push_str(&options(&root)?);
    text.push_str(".SH COMMANDS\n");
    commands(&mut text, &root)?;
    text.push_str(&ending(&root)?.to_roff_with_apostrophes());
    Ok(text)
}

/// Roff that goes on where another text ended.
trait Going {
    /// The text without the lines at the top that a page has once.
    fn to_roff_with_apostrophes(&self) -> String;
}

impl Going for Roff {
    fn to_roff_with_apostrophes(&self) -> String {
        without_preamble(&self.render())
    }
}

/// Leaves out the lines that define the apostrophe: they belong at the top of a page, once.
fn without_preamble(text: &str) -> String {
    let lines = text.lines().skip_while(|line| line.starts_with(".ie ") || line.starts_with(".el "));
    lines.map(|line| format!("{line}\n")).collect()
}

fn paragraphs(page: &mut Roff, texts: &[&str]) {
    for (n, text) in texts.iter().enumerate() {
        if n > 0 {
            page.control("PP", []);
        }
        page.text([roman(*text)]);
    }
}

/// The ways to call it, a line each.
fn synopsis(page: &mut Roff, command: &Command) {
    for (n, line) in usage(command).iter().enumerate() {
        if n > 0 {
            page.control("br", []);
        }
        page.text(marked(line));
    }
}

/// How a command is called, as the help has it.
fn usage(command: &Command) -> Vec<String> {
    let usage = command.clone().render_usage().to_string();
    usage
        .trim_start_matches("Usage:")
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// A line of usage with its literal words bold and what stands for something else in italics.
fn marked(line: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    for word in line.split(' ') {
        if !out.is_empty() {
            out.push(roman(" "));
        }
        let stands_for_something =
            word.starts_with(['[', '<']) || word.chars().all(|c| c.is_ascii_uppercase() || c == '.');
        out.push(if stands_for_something { italic(word) } else { bold(word) });
    }
    out
}

/// The options that every command has: they are global, so each of them has them.
fn options(root: &Command) -> Result<String, String> {
    let rendered = of_mangen(|out| Man::new(root.clone()).render_options_section(out))?;
    let body: String =
        rendered.lines().filter(|line| !line.starts_with(".SH ")).map(|line| format!("{line}\n")).collect();
    Ok(format!(".SH OPTIONS\nEvery command takes these.\n{body}"))
}

/// What clap_mangen writes, without the lines at the top of a page. Before an option's possible values it breaks the line on both
/// sides of an empty one, which itself is a paragraph's end.
fn of_mangen(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<String, String> {
    let mut bytes = Vec::new();
    render(&mut bytes).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    Ok(without_preamble(&text).replace("\n.br\n\n.br\n", "\n.sp\n"))
}

/// Every command that is not hidden, those inside others under the one that they belong to.
fn commands(text: &mut String, parent: &Command) -> Result<(), String> {
    for command in parent.get_subcommands().filter(|command| !command.is_hide_set()) {
        let own = command.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
        let name = command.get_bin_name().unwrap_or_default().trim_start_matches("holdfast ").to_owned();
        let mut part = Roff::new();
        part.control("SS", [name.as_str()]);
        synopsis(&mut part, &own);
        part.control("PP", []);
        part.text([roman(format!("{}.", command.get_about().map(ToString::to_string).unwrap_or_default()))]);
        if let Some(more) = command.get_after_help() {
            part.control("PP", []);
            part.text([roman(more.to_string())]);
        }
        text.push_str(&part.to_roff_with_apostrophes());
        if own.get_arguments().any(|arg| !arg.is_hide_set()) {
            let options = of_mangen(|out| Man::new(own.clone()).render_options_section(out))?;
            text.extend(options.lines().filter(|line| !line.starts_with(".SH ")).map(|line| format!("{line}\n")));
        }
        commands(text, command)?;
    }
    Ok(())
}

/// What comes after the commands.
fn ending(root: &Command) -> Result<Roff, String> {
    let mut page = Roff::new();
    page.control("SH", ["ENVIRONMENT"]);
    tagged(
        &mut page,
        "NO_COLOR",
        "Where it is set and not empty, nothing is coloured. Colour is for terminals only in any case.",
    );
    page.control("SH", ["FILES"]);
    for (path, what) in FILES {
        page.control("TP", []);
        page.text([italic(path)]);
        page.text([roman(what)]);
    }
    page.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in exit_statuses(root)? {
        tagged(&mut page, &status, &meaning);
    }
    page.control("PP", []);
    page.text([
        roman("The commands for management tools differ: "),
        bold("ea"),
        roman(" always ends with 0, "),
        bold("fact"),
        roman(" with 0 or, for a name that there is not, 64, and "),
        bold("audit"),
        roman(" as it says above."),
    ]);
    page.control("SH", ["EXAMPLES"]);
    for (command, what) in EXAMPLES {
        page.control("TP", []);
        page.text([bold(command)]);
        page.text([roman(what)]);
    }
    page.control("SH", ["SEE ALSO"]);
    let mut names = Vec::new();
    for (n, (name, section)) in SEE_ALSO.iter().enumerate() {
        names.extend([bold(*name), roman(format!("({section}){}", if n + 1 < SEE_ALSO.len() { ", " } else { "" }))]);
    }
    page.text(names);
    Ok(page)
}

fn tagged(page: &mut Roff, tag: &str, what: &str) {
    page.control("TP", []);
    page.text([bold(tag)]);
    page.text([roman(what)]);
}

/// The exit statuses with what they mean, taken out of the help, which is where they are written down once.
fn exit_statuses(root: &Command) -> Result<Vec<(String, String)>, String> {
    let help = root.get_after_help().map(ToString::to_string).unwrap_or_default();
    let list = help.strip_prefix("Exit status: ").ok_or("the help does not end with the exit statuses")?;
    list.trim_end_matches('.')
        .split("; ")
        .map(|one| {
            let (status, meaning) =
                one.split_once(' ').ok_or_else(|| format!("{one:?} is no exit status with a meaning"))?;
            let number: u8 = status.parse().map_err(|_| format!("{status:?} is no exit status"))?;
            let mut letters = meaning.chars();
            let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
            Ok((number.to_string(), format!("{first}{}.", letters.as_str())))
        })
        .collect()
}
