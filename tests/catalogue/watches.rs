//! A control that reads a file is told when the file changes.

use std::path::PathBuf;
use std::sync::Mutex;

use holdfast::control::{Cadence, Control, Settings, View};
use holdfast::controls;
use holdfast::host::survey::survey;
use holdfast::host::{Look, ToolError};
use holdfast::mac::{Answer, Ask};
use holdfast::sim::{Mac, SimMac, World};

/// Passes on what is asked, and keeps it.
struct Recorder<'a> {
    mac: &'a SimMac,
    asked: Mutex<Vec<Ask>>,
}

impl Look for Recorder<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        self.asked.lock().unwrap().push(ask.clone());
        self.mac.look(ask)
    }
}

/// All that `control` asks on every model in every world.
fn asked(control: &'static Control) -> Vec<Ask> {
    let mut all = Vec::new();
    for world in World::ALL {
        for model in Mac::ALL {
            let mac = SimMac::in_memory(world, model);
            let facts = survey(&mac).unwrap();
            let recorder = Recorder { mac: &mac, asked: Mutex::default() };
            let settings = Settings::default();
            let now = chrono::DateTime::UNIX_EPOCH;
            let view =
                View { mac: &recorder, facts: &facts, settings: &settings, exempt: &[], now, after_change: false };
            let _ = control.look(&view);
            all.extend(recorder.asked.into_inner().unwrap());
        }
    }
    all
}

/// Folders in which something is written all the time: what becomes of a file there is seen by the next pass.
const RESTLESS: [&str; 1] = ["/private/var/log"];

#[test]
fn every_file_that_a_control_reads_is_one_that_it_watches() {
    let mut files = 0;
    for control in controls::all() {
        for ask in asked(control) {
            let path: PathBuf = match ask {
                Ask::Run(_) => continue,
                Ask::File(path) => path,
                Ask::Status(path) | Ask::Folder(path) if RESTLESS.iter().any(|folder| path.starts_with(folder)) => {
                    continue;
                }
                Ask::Status(path) => path,
                // What matters of a folder is what comes and goes in it.
                Ask::Folder(path) => path.join("anything"),
            };
            files += 1;
            assert!(
                control.watches.iter().any(|watch| watch.concerns(&path)),
                "{} reads {} and does not watch it",
                control.id,
                path.display()
            );
        }
    }
    assert!(files > 100, "{files}");
}

#[test]
fn what_takes_seconds_is_not_asked_every_quarter_of_an_hour() {
    const SLOW: [&str; 6] =
        ["mdmclient", "system_profiler", "diskutil", "softwareupdate", "firmwarepasswd", "-secureTokenStatus"];
    for control in controls::all() {
        let is_slow = |ask: &Ask| matches!(ask, Ask::Run(_)) && SLOW.iter().any(|tool| ask.to_string().contains(tool));
        if let Some(ask) = asked(control).into_iter().find(is_slow) {
            assert_eq!(control.cadence, Cadence::Slow, "{} asks {ask}", control.id);
        }
    }
}

#[test]
fn what_is_watched_has_a_folder_to_watch() {
    for control in controls::all() {
        for watch in control.watches {
            assert!(watch.folders().iter().all(|folder| folder.is_absolute()), "{}: {watch:?}", control.id);
            assert!(!watch.words().is_empty());
        }
    }
}
