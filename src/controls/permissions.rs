//! Permissions of files and folders: of homes, of applications, of what all users share.
//!
//! Folders are listed and never searched: what is deeper than the check says is not looked at, links are not followed, and access
//! control lists are not seen.

use crate::control::{
    Area, At, Can, Control, Finding, Level, Owned, Plan, Refs, Remedy, Severity, Variant, View, Watch, listed,
};
use crate::host::ToolError;
use crate::mac::{FileKind, FileStatus, FolderEntry, status};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&HOMES, &APPLICATIONS, &LIBRARY];

const USERS: &str = "/Users";

/// What a home may be: its owner's alone, or passed through by others who know what is in it.
const HOME: Owned = Owned { ids: None, at_most: 0o711, leave: 0o700 };

static HOMES: Control = Control {
    id: "home_folder_permissions",
    title: "Each home folder is its owner's alone",
    why: "Everybody with an account is in the group staff, to which macOS opens a new home.",
    check: "lstat of every folder in /Users but Shared and Guest that belongs to a person (user id 500 or more): its mode is 0711 \
            at most. What is in it, homes elsewhere and access control lists are not looked at",
    refs: Refs {
        cis_macos: &[(14, "5.1.1"), (15, "5.1.1"), (26, "5.1.1")],
        cis_level: Some(1),
        cis_v8: &["3.3"],
        nist_800_53r5: &["AC-6"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-002068"), (15, "APPL-15-002068"), (26, "APPL-26-002068")],
        mscp: Some("os_home_folders_secure"),
    },
    user_impact: "Other users of the Mac can no longer reach the Public folder and its Drop Box.",
    watches: &[Watch::Session],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::sets("chmod -h of the folder itself: the group and others lose all permissions", |view| {
            let broken = homes(view)?.into_iter().filter_map(|(path, found)| HOME.broken_at(&path, found));
            let steps = broken.map(|at| HOME.steps(&at)).collect::<Result<Vec<_>, _>>()?;
            Plan::bounded(steps.concat())
        }),
    )
    .of_each_user()],
    probe: |view| {
        let homes = homes(view)?;
        if homes.is_empty() {
            return Ok(Finding::not_applicable("no person has a home in /Users"));
        }
        let broken: Vec<At> = homes.into_iter().filter_map(|(path, found)| HOME.broken_at(&path, found)).collect();
        let wanted = "0700 or 0711 for every home";
        Ok(match broken.is_empty() {
            true => Finding::compliant("every home in /Users is its owner's alone"),
            false => Finding::drifted(listed(&broken), wanted),
        })
    },
    ..Control::of(Area::Files, Level::L1, Severity::Medium)
};

/// The home of each person that counts here.
fn homes(view: &View<'_>) -> Result<Vec<At>, ToolError> {
    let is_home = |entry: &FolderEntry| {
        let FolderEntry { name, status } = entry;
        status.kind == FileKind::Folder
            && status.owner >= 500
            && !["Shared", "Guest"].contains(&name.as_str())
            && !view.exempt.contains(name)
    };
    let entries = names_in(view, USERS)?.into_iter().filter(is_home);
    Ok(entries.map(|entry| (format!("{USERS}/{}", entry.name), entry.status)).collect())
}

/// The names in a folder that every Mac has.
fn names_in(view: &View<'_>, path: &str) -> Result<Vec<FolderEntry>, ToolError> {
    let question = status::names_in(path);
    let asked = question.ask.to_string();
    view.ask(&question)?.ok_or_else(|| ToolError::Incomplete { asked, lacks: "the folder itself".into() })
}

fn is_anybodys(found: &FileStatus) -> bool {
    found.kind == FileKind::Folder && found.mode & 0o002 != 0
}

static APPLICATIONS: Control = Control {
    id: "applications_not_world_writable",
    title: "No application is writable by everybody",
    why: "Who can write into an application that others start runs programs as them.",
    check: "lstat of every .app directly in /Applications: no write permission for others. What is inside the bundles and in \
            folders of applications is not looked at",
    refs: Refs {
        cis_macos: &[(14, "5.1.5"), (15, "5.1.5"), (26, "5.1.5")],
        cis_level: Some(1),
        cis_v8: &["3.3"],
        nist_800_53r5: &["AC-6"],
        soc2: &["CC6.1"],
        mscp: Some("os_system_wide_applications_configure"),
        ..Refs::NONE
    },
    user_impact: "An application that updates itself without asking for a password may stop doing so.",
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand {
            instructions: "An administrator with App Management or Full Disk Access runs: chmod -R o-w \
                           \"/Applications/NAME.app\". Privacy protection can refuse a root daemon to change another maker's \
                           bundle, and the whole bundle must change, which could not be put back file by file: the agent leaves \
                           it alone.",
        },
    )],
    probe: |view| {
        let bundles = names_in(view, "/Applications")?.into_iter().filter(|entry| entry.name.ends_with(".app"));
        let open: Vec<At> = bundles
            .filter(|entry| is_anybodys(&entry.status))
            .map(|entry| (format!("/Applications/{}", entry.name), entry.status))
            .collect();
        Ok(match open.is_empty() {
            true => Finding::compliant("no bundle in /Applications is writable by everybody"),
            false => Finding::drifted(listed(&open), "no write permission for others"),
        })
    },
    ..Control::of(Area::Files, Level::L1, Severity::Medium)
};

/// What is listed of `/Library`: itself, and the folders from which programs of all users are loaded.
const LIBRARIES: [&str; 12] = [
    "/Library",
    "/Library/Application Support",
    "/Library/Audio",
    "/Library/Audio/Plug-Ins",
    "/Library/Extensions",
    "/Library/Frameworks",
    "/Library/Internet Plug-Ins",
    "/Library/LaunchAgents",
    "/Library/LaunchDaemons",
    "/Library/PrivilegedHelperTools",
    "/Library/Scripts",
    "/Library/Security",
];

static LIBRARY: Control = Control {
    id: "library_not_world_writable",
    title: "No folder of /Library is writable by everybody",
    why: "What all users' programs load from must not be put there by any one of them.",
    check: "lstat of the folders directly in /Library and in its Application Support, Audio, Audio/Plug-Ins, Extensions, \
            Frameworks, Internet Plug-Ins, LaunchAgents, LaunchDaemons, PrivilegedHelperTools, Scripts and Security: no write \
            permission for others, but where the sticky bit keeps them from what is not theirs. Deeper folders are not looked at",
    refs: Refs {
        cis_macos: &[(14, "5.1.7"), (15, "5.1.7"), (26, "5.1.7")],
        cis_level: Some(2),
        cis_v8: &["3.3"],
        nist_800_53r5: &["AC-6"],
        soc2: &["CC6.1"],
        mscp: Some("os_world_writable_library_folder_configure"),
        ..Refs::NONE
    },
    user_impact: "Audio plug-ins and licence services that write there may stop working.",
    watches: &[
        Watch::File("/Library/Audio/"),
        Watch::File("/Library/Extensions/"),
        Watch::File("/Library/Frameworks/"),
        Watch::File("/Library/Internet Plug-Ins/"),
        Watch::File("/Library/LaunchAgents/"),
        Watch::File("/Library/LaunchDaemons/"),
        Watch::File("/Library/PrivilegedHelperTools/"),
        Watch::File("/Library/Scripts/"),
        Watch::File("/Library/Security/"),
    ],
    variants: &[Variant::everywhere(
        Can::Partial,
        Remedy::ByHand {
            instructions: "An administrator asks the maker of the software whether it needs the permission, and runs: chmod o-w \
                           \"/Library/PATH\". Some makers' licence services and audio plug-ins stop without it, and macOS protects \
                           some of these folders even from root: the agent leaves them alone.",
        },
    )],
    probe: |view| {
        let mut open: Vec<At> = Vec::new();
        for folder in LIBRARIES {
            let entries = match folder {
                "/Library" => Some(names_in(view, folder)?),
                _ => view.ask(&status::names_in(folder))?,
            };
            let is_open = |entry: &FolderEntry| is_anybodys(&entry.status) && entry.status.mode & 0o1000 == 0;
            let found = entries.into_iter().flatten().filter(is_open);
            open.extend(found.map(|entry| (format!("{folder}/{}", entry.name), entry.status)));
        }
        Ok(match open.is_empty() {
            true => Finding::compliant("none of the folders looked at is writable by everybody"),
            false => Finding::drifted(listed(&open), "no write permission for others without the sticky bit"),
        })
    },
    ..Control::of(Area::Files, Level::L2, Severity::Low)
};
