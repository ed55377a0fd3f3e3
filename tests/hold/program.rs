//! The program on a simulated Mac in a folder, as somebody at the command line has it, and all that can be seen there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use holdfast::sim::{Mac, SimMac, World};
use serde_json::Value;

/// The agent's own files, which are no part of the Mac's state; and the simulation's, which is looked at by itself.
const NOT_THE_MACS: [&str; 4] = ["Library/Logs/Holdfast", "Library/Application Support/Holdfast", "mac.", ".mac"];

pub struct Program {
    pub mac: SimMac,
    home: tempfile::TempDir,
}

/// Each field of a Mac by its path, with its value: of its state, of every property list, and every other file.
pub type Fields = BTreeMap<String, String>;

impl Program {
    pub fn on(world: World, mac: Mac) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { mac: SimMac::create(home.path(), world, mac).unwrap(), home }
    }

    /// Exit status of a command, its output, and what it complains of.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.env_clear().env("COLUMNS", "80").arg("--sim-dir").arg(self.home.path()).args(args);
        let ended = command.stdin(Stdio::null()).output().unwrap();
        let [out, err] = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (ended.status.code().unwrap(), out, err)
    }

    /// The same with `--json`, read, where there is nothing to complain of.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let (status, out, err) = self.run(&[args, &["--json"]].concat());
        assert_eq!(err, "", "{args:?}");
        (status, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}")))
    }

    /// Puts a managed policy in place, of this inside.
    pub fn policy(&self, inside: &str) {
        let path = self.home.path().join("Library/Managed Preferences");
        fs::create_dir_all(&path).unwrap();
        let text = format!("<plist version=\"1.0\"><dict>{inside}</dict></plist>");
        fs::write(path.join("org.holdfast.agent.plist"), text).unwrap();
    }

    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        of_json("state", &serde_json::to_value(self.mac.state()).unwrap(), &mut fields);
        self.walk(self.home.path(), &mut fields);
        fields
    }

    fn walk(&self, folder: &Path, fields: &mut Fields) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(self.home.path()).unwrap().to_str().unwrap().to_owned();
            if NOT_THE_MACS.iter().any(|own| name.starts_with(own)) {
                continue;
            }
            let found = path.symlink_metadata().unwrap();
            if found.is_dir() {
                self.walk(&path, fields);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let before = fields.len();
            match plist::Value::from_reader(std::io::Cursor::new(&bytes)) {
                Ok(list) => of_list(&name, &list, fields),
                Err(_) => _ = fields.insert(name.clone(), format!("{bytes:?}")),
            }
            // A preference that was set and deleted again leaves its list behind with nothing in it: no file to macOS.
            if fields.len() > before {
                fields.insert(format!("{name} mode"), format!("{:04o}", found.permissions().mode() & 0o7777));
            }
        }
    }
}

/// The fields that are not the same in both.
pub fn differing(one: &Fields, other: &Fields) -> BTreeSet<String> {
    one.keys().chain(other.keys()).filter(|field| one.get(*field) != other.get(*field)).cloned().collect()
}

fn of_json(at: &str, value: &Value, fields: &mut Fields) {
    match value {
        Value::Object(all) => all.iter().for_each(|(key, value)| of_json(&format!("{at}.{key}"), value, fields)),
        Value::Array(all) if !all.is_empty() => {
            all.iter().enumerate().for_each(|(n, value)| of_json(&format!("{at}.{n}"), value, fields));
        }
        leaf => _ = fields.insert(at.to_owned(), leaf.to_string()),
    }
}

fn of_list(at: &str, value: &plist::Value, fields: &mut Fields) {
    match value {
        plist::Value::Dictionary(all) => {
            all.iter().for_each(|(key, value)| of_list(&format!("{at} {key}"), value, fields));
        }
        leaf => _ = fields.insert(at.to_owned(), format!("{leaf:?}")),
    }
}
