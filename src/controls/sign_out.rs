//! Jamf Trust's periodic sign-out: that the script which was published for it does not run beside this agent.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Plan, Refs, Remedy, Setting, Severity, Step, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::changes::is_anothers;
use crate::mac::files::REPLACED;
use crate::mac::{files, launchctl};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&ORIGINAL_SCRIPT];

static LABEL: Setting = Setting {
    key: "Label",
    doc: "The label of the script's launchd job.",
    kind: Kind::Text { default: "com.jamftrust.automateSignOut" },
    laxer: Laxer::Any,
};

static PLIST: Setting = Setting {
    key: "Plist",
    doc: "The job's property list, in /Library/LaunchDaemons.",
    kind: Kind::Path { default: "/Library/LaunchDaemons/com.jamftrust.automateSignOut.plist" },
    laxer: Laxer::Any,
};

static SCRIPT: Setting = Setting {
    key: "Script",
    doc: "The script, somewhere below /Library.",
    kind: Kind::Path { default: "/Library/Scripts/jamfTrustSignOut.sh" },
    laxer: Laxer::Any,
};

/// The job, its property list and the script, by names that may go into a command.
struct Names {
    label: String,
    plist: String,
    script: String,
}

/// What of it is there.
struct Installed {
    job: bool,
    plist: bool,
    script: bool,
}

/// The names that policy gives, where they cannot be macOS's or this agent's own.
fn names(view: &View<'_>) -> Result<Names, ToolError> {
    let fit = |setting: &'static Setting, fits: fn(&str) -> bool, wanted: &str| {
        let value = view.settings.text(setting);
        if fits(&value) {
            return Ok(value);
        }
        let why = format!("\"{}\" is not {wanted}", crate::text::excerpt(&value));
        Err(ToolError::UnfitSetting { key: setting.key, why })
    };
    Ok(Names {
        label: fit(
            &LABEL,
            |label| launchctl::is_label(label) && is_anothers(label),
            "the label of somebody's own job",
        )?,
        plist: fit(&PLIST, is_daemon, "a property list of somebody's own in /Library/LaunchDaemons")?,
        script: fit(&SCRIPT, is_script, "a file of somebody's own below /Library")?,
    })
}

fn is_daemon(path: &str) -> bool {
    let name = path.strip_prefix("/Library/LaunchDaemons/").and_then(|name| name.strip_suffix(".plist"));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/') && is_anothers(name))
}

fn is_script(path: &str) -> bool {
    const OURS: [&str; 2] = ["/library/holdfast/", "/library/application support/holdfast/"];
    let lower = path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    path.starts_with("/Library/") && is_anothers(name) && !OURS.iter().any(|folder| lower.starts_with(folder))
}

fn installed(view: &View<'_>, names: &Names) -> Result<Installed, ToolError> {
    Ok(Installed {
        job: view.ask(&launchctl::service(&names.label))?.loaded,
        plist: view.ask(&files::is_there(&names.plist))?,
        script: view.ask(&files::is_there(&names.script))?,
    })
}

/// Moves one file to [`REPLACED`], under the time of the run and its own name: what lies there from before is never met.
fn move_away(view: &View<'_>, path: &str) -> Step {
    let name = path.rsplit('/').next().unwrap_or_default();
    let to = format!("{REPLACED}/{}-{name}", view.now.format("%Y%m%dT%H%M%SZ"));
    Step {
        change: files::move_aside(path, &to),
        undo: vec![files::move_aside(&to, path)],
        prior: [(format!("file {path}"), true.into())].into(),
    }
}

/// The job goes first, while its property list can still bring it back; undone from the end, it comes back last.
fn plan(view: &View<'_>) -> Result<Plan, ToolError> {
    let names = names(view)?;
    let is = installed(view, &names)?;
    let mut steps = Vec::new();
    if is.job {
        steps.push(Step {
            change: launchctl::bootout(&names.label),
            // A job without its property list cannot be brought back.
            undo: is.plist.then(|| launchctl::bootstrap(&names.plist)).into_iter().collect(),
            prior: [(format!("launchd job {}", names.label), true.into())].into(),
        });
    }
    for (there, path) in [(is.plist, &names.plist), (is.script, &names.script)] {
        if there {
            steps.push(move_away(view, path));
        }
    }
    Ok(Plan::Now(steps))
}

fn probe(view: &View<'_>) -> Result<Finding, ToolError> {
    let names = names(view)?;
    let is = installed(view, &names)?;
    let parts = [
        (is.job, format!("job {} loaded", names.label)),
        (is.plist, format!("{} present", names.plist)),
        (is.script, format!("{} present", names.script)),
    ];
    let found: Vec<String> = parts.into_iter().filter(|(there, _)| *there).map(|(_, what)| what).collect();
    Ok(if found.is_empty() {
        Finding::compliant("not installed")
    } else {
        Finding::drifted(found.join(", "), "not installed")
    })
}

static ORIGINAL_SCRIPT: Control = Control {
    id: "sign_out_original_script",
    title: "The published Jamf Trust sign-out script is not installed",
    why: "Beside this agent it would sign people out a second time, and it records sign-outs that never happened.",
    check: "launchctl print system/LABEL, and whether the job's property list and the script are there",
    refs: Refs { nist_800_53r5: &["CM-7", "IA-11"], soc2: &["CC6.1"], ..Refs::NONE },
    user_impact: "Jamf Trust is signed out when this agent's policy says so, and no longer when the script did.",
    disruptive: Some("a Mac whose policy has no sign-out schedule yet is then not signed out of Jamf Trust at all"),
    settings: &[&LABEL, &PLIST, &SCRIPT],
    watches: &[Watch::File("/Library/LaunchDaemons/"), Watch::File("/Library/Scripts/")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::sets(
            "launchctl bootout system/LABEL, then mv -n of the property list and the script to \
             /Library/Application Support/Holdfast/replaced; its log stays where it is",
            plan,
        ),
    )],
    probe,
    ..Control::of(Area::SignOut, Level::L1, Severity::Medium)
};
