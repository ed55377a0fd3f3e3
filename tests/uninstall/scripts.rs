//! What launchd is told, and that the package's scripts and the removal script speak of the same files as the package.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use holdfast::installed::{COMPLAINTS, FILES, FOLDERS, JOB, LABEL, PROGRAM, SHARED};
use plist::Value;

fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn launchd_is_told_this_and_no_more() {
    let list: Value = plist::from_bytes(source("launchd/org.holdfast.agent.plist").as_bytes()).unwrap();
    let expected = [
        ("Label", Value::from(LABEL)),
        ("Program", PROGRAM.into()),
        ("ProgramArguments", Value::Array(vec![PROGRAM.into(), "daemon".into()])),
        // Which implies RunAtLoad.
        ("KeepAlive", true.into()),
        ("ThrottleInterval", 30.into()),
        ("ProcessType", "Background".into()),
        ("LowPriorityIO", true.into()),
        // The daemon ends within 10 s of a signal.
        ("ExitTimeOut", 15.into()),
        ("Umask", "022".into()),
        ("StandardOutPath", "/dev/null".into()),
        ("StandardErrorPath", COMPLAINTS.into()),
    ];
    let found: Vec<_> =
        list.as_dictionary().unwrap().iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    // So there are no MachServices, Sockets, WatchPaths or QueueDirectories that others could start or talk to it by.
    assert_eq!(found, expected);
    assert_eq!(JOB, format!("/Library/LaunchDaemons/{LABEL}.plist"));
}

/// The arguments of each line in the shell function `name` that hands something to `"$1"`.
fn handed(script: &str, name: &str) -> Vec<Vec<String>> {
    let (_, body) = script.split_once(&format!("\n{name}() {{\n")).unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let lines = body.lines().map(str::trim).filter_map(|line| line.strip_prefix("\"$1\" "));
    lines.map(words).collect()
}

fn words(line: &str) -> Vec<String> {
    match line.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(quoted) => vec![quoted.to_owned()],
        None => line.split(' ').map(str::to_owned).collect(),
    }
}

/// Each of `paths` with all folders above it but the root.
fn with_folders_above<'a>(paths: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let all = paths.into_iter().flat_map(|path| Path::new(path).ancestors());
    all.map(|path| path.to_str().unwrap().to_owned()).filter(|path| path != "/").collect()
}

#[test]
fn the_installer_scripts_look_at_every_file_and_every_folder_on_the_way() {
    let files: BTreeSet<_> = FILES.iter().map(|(file, mode)| (format!("{mode:o}"), (*file).to_owned())).collect();
    for script in ["pkg/scripts/preinstall", "pkg/scripts/postinstall"] {
        let found: BTreeSet<_> =
            handed(&source(script), "files").into_iter().map(|line| (line[0].clone(), line[1].clone())).collect();
        assert_eq!(found, files, "{script}");
    }
    let script = source("pkg/scripts/preinstall");
    let folders: Vec<_> = handed(&script, "folders").into_iter().map(|line| line[0].clone()).collect();
    let of_files = FILES.iter().map(|(file, _)| *file).chain([COMPLAINTS]);
    let above = of_files.map(|file| file.rsplit_once('/').unwrap().0);
    assert_eq!(folders.iter().cloned().collect::<BTreeSet<_>>(), with_folders_above(above));
    for (n, folder) in folders.iter().enumerate() {
        assert!(
            !folders[..n].iter().any(|before| before.starts_with(&format!("{folder}/"))),
            "{folder} comes too late"
        );
    }
    assert!(script.contains(&format!("judge_file 644 {COMPLAINTS}\n")));
}

#[test]
fn the_removal_script_looks_at_every_folder_of_macos_and_removes_every_file() {
    let script = source("scripts/uninstall.sh");
    let folders: BTreeSet<_> = handed(&script, "folders").into_iter().map(|line| line[0].clone()).collect();
    assert_eq!(folders, with_folders_above(SHARED).into_iter().chain(["/".to_owned()]).collect());
    let removed: BTreeSet<_> =
        handed(&script, "files").into_iter().map(|line| format!("{}/{}", line[0], line[1])).collect();
    let outside =
        FILES.iter().map(|(file, _)| (*file).to_owned()).filter(|file| !file.starts_with("/Library/Holdfast/"));
    let local = holdfast::policy::LOCAL_FILE.to_owned();
    assert_eq!(removed, outside.chain([local]).collect());
    // The others lie in folders that go whole.
    let lines: Vec<&str> = script.lines().map(str::trim).collect();
    for folder in ["/Library Holdfast", "'/Library/Application Support' Holdfast replaced", "/Library/Logs Holdfast"] {
        assert!(lines.contains(&format!("remove_folder {folder}").as_str()), "{folder}");
    }
    assert!(FOLDERS.contains(&"/Library/Holdfast"));
    let (folder, name) = COMPLAINTS.rsplit_once('/').unwrap();
    for line in [format!("remove_file {folder} {name}"), format!("label={LABEL}"), format!("program={PROGRAM}")] {
        assert!(lines.contains(&line.as_str()), "{line}");
    }
}

/// The lines that a script runs: without comments, and without what stands in quotes for people.
fn commands(script: &str) -> impl Iterator<Item = &str> {
    script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn every_script_starts_safely_and_names_each_program_by_its_whole_path() {
    const SAFE: &str = "PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C; export PATH LC_ALL; unset -v ENV BASH_ENV ZDOTDIR CDPATH GLOBIGNORE TMPDIR IFS";
    const PROGRAMS: [&str; 13] =
        ["chmod", "chown", "find", "grep", "id", "launchctl", "ls", "pkgutil", "rm", "rmdir", "sed", "sleep", "tail"];
    for name in ["pkg/scripts/preinstall", "pkg/scripts/postinstall", "scripts/uninstall.sh"] {
        let script = source(name);
        assert!(script.starts_with("#!/bin/sh\n# "), "{name}");
        let mut lines = commands(&script);
        assert_eq!(lines.next(), Some(SAFE), "{name}");
        assert!(lines.next().unwrap().starts_with("unset -f "), "{name}");
        for line in commands(&script) {
            // A here-document is a file in TMPDIR to the bash of macOS.
            for bad in ["<<", "eval ", "`", "/tmp", "mktemp", "~", "\t"] {
                assert!(!line.contains(bad), "{name}: {bad} in {line}");
            }
            for program in PROGRAMS {
                let starts =
                    [String::new(), "if ".into(), "until ".into(), "! ".into(), "$(".into(), "| ".into(), "&& ".into()];
                for start in starts {
                    let bare = format!("{start}{program} ");
                    let is_there = if start.is_empty() { line.starts_with(&bare) } else { line.contains(&bare) };
                    assert!(!is_there, "{name}: {program} without its path in {line}");
                }
            }
        }
    }
}
