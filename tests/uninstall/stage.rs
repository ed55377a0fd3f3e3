//! A simulated Mac in a folder, with the agent installed as its package would, and what is there afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use holdfast::installed::{FILES, LABEL, SHARED};
use holdfast::sim::state::Job;
use holdfast::sim::{self, SimMac};

pub const LEDGER: &str = "/Library/Logs/Holdfast/compliance.ndjson";
pub const STATE: &str = "/Library/Application Support/Holdfast";
pub const LOCAL: &str = "/Library/Preferences/org.holdfast.agent.plist";

pub struct Stage {
    pub mac: SimMac,
    pub home: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Stage {
    pub fn new(name: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (world, mac) = sim::parse(name).unwrap();
        let mac = SimMac::create(home.path(), world, mac).unwrap();
        for folder in SHARED.into_iter().chain(["/private/etc", "/Library", "/private"]) {
            make_dir(&home.path().join(&folder[1..]));
        }
        Self { mac, home }
    }

    /// The Mac with the package installed and its job loaded, and no pass made.
    pub fn installed(name: &str) -> Self {
        let stage = Self::new(name);
        for (file, mode) in FILES {
            stage.put(file, b"of the package");
            fs::set_permissions(stage.at(file), PermissionsExt::from_mode(mode)).unwrap();
        }
        stage
            .mac
            .edit(|state| {
                state.receipts.insert(LABEL.into(), "0.1.0".into());
                let arguments = vec!["/Library/Holdfast/bin/holdfast".into(), "daemon".into()];
                state.jobs.push(Job { label: LABEL.into(), path: FILES[0].0.into(), arguments });
            })
            .unwrap();
        stage
    }

    /// Where a path of the Mac's is kept.
    pub fn at(&self, path: &str) -> PathBuf {
        self.home.path().join(path.trim_start_matches('/'))
    }

    pub fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        make_dir(path.parent().unwrap());
        fs::write(path, bytes).unwrap();
    }

    pub fn is_there(&self, path: &str) -> bool {
        self.at(path).symlink_metadata().is_ok()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.env_clear().env("COLUMNS", "80").arg("--sim-dir").arg(self.home.path()).args(args);
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        let output = self.command(args).output().unwrap();
        Ended::from(output)
    }

    /// Every file, folder and link below the Mac's folder, but for the simulation's own, with what it holds.
    pub fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        walk(self.home.path(), self.home.path(), &mut tree);
        tree.retain(|path, _| !path.starts_with("mac.") && !path.starts_with(".mac"));
        tree
    }

    /// The ledger's lines as JSON.
    pub fn ledger(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.at(LEDGER)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Ended {
    /// What was printed, on one line.
    pub fn words(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub fn make_dir(path: &Path) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

fn walk(root: &Path, folder: &Path, tree: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let found = path.symlink_metadata().unwrap();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let what = if found.is_dir() {
            walk(root, &path, tree);
            "folder".to_owned()
        } else if found.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap().display())
        } else {
            format!(
                "{:04o} {}",
                found.permissions().mode() & 0o7777,
                String::from_utf8_lossy(&fs::read(&path).unwrap())
            )
        };
        tree.insert(name, what);
    }
}
