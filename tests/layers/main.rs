//! The dependency direction of `src/`, held by reading the source: which module may use which, how long a file may get,
//! and that nothing is left half done.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a file of the project that cannot be read fails the test"
)]

mod source;
mod table;

use source::{Source, Use};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder of the project, in order, with its path relative to the project.
fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((name, path));
            }
        }
    }
    found.sort();
    found
}

/// Every Rust file of `src/`, read, without those that only tests compile.
fn sources() -> BTreeMap<String, Source> {
    let all: BTreeMap<String, Source> = files("src")
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs"))
        .map(|(name, path)| (name.clone(), Source::read(&name, &fs::read_to_string(path).unwrap())))
        .collect();
    assert!(all.len() > 10, "src/ was not found, only {:?}", all.keys());
    let of_tests: Vec<String> = all.values().flat_map(|source| source.test_files.clone()).collect();
    // A module for tests only has modules of its own in its folder.
    let is_of_tests = |name: &str| {
        of_tests
            .iter()
            .any(|test| name == test || test.strip_suffix("mod.rs").is_some_and(|folder| name.starts_with(folder)))
    };
    all.into_iter().filter(|(name, _)| !is_of_tests(name)).collect()
}

/// What is wrong with the uses in one file, in words.
fn wrong_uses(source: &Source) -> Vec<String> {
    let of_modules = source.uses.iter().map(|used| (used, table::forbids(&source.module, &used.path)));
    let of_crates = source.roots.iter().map(|used| (used, table::forbids_crate(&source.module, &used.path.concat())));
    of_modules
        .chain(of_crates)
        .filter_map(|(Use { path, line }, why)| {
            let (name, module) = (&source.name, source.module.join("::"));
            Some(format!("{name}:{line}: {module} uses {}: {}", path.join("::"), why?))
        })
        .collect()
}

#[test]
fn modules_use_only_what_is_below_them() {
    let wrong: Vec<String> = sources().values().flat_map(wrong_uses).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_place_in_the_table() {
    let all = sources();
    let strangers: Vec<_> =
        all.values().filter(|source| !table::has_place(&source.module)).map(|source| &source.name).collect();
    assert!(strangers.is_empty(), "not in tests/layers/table.rs: {strangers:?}");
}

/// Lines outside `#[cfg(test)]`; a file longer than this has two subjects.
const LONGEST: usize = 450;

#[test]
fn no_source_file_is_too_long() {
    let long: Vec<String> = sources()
        .values()
        .filter(|source| source.lines > LONGEST)
        .map(|source| format!("{} has {} lines outside its tests, more than {LONGEST}", source.name, source.lines))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The one file that allows unsafe code, for an attribute that names a section of the program file.
const ALLOWS_UNSAFE: &str = "src/info_plist.rs";

/// The lines of a Rust file that say something about the lint on unsafe code, but for forbidding it.
fn allowances(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains(concat!("unsafe", "_code")) && !line.contains("#![forbid(")).collect()
}

#[test]
fn one_file_alone_allows_what_is_unsafe() {
    let files: Vec<_> = ["src", "tests", "examples"].into_iter().flat_map(files).collect();
    let mut found = 0;
    for (name, path) in files.iter().filter(|(name, _)| name.ends_with(".rs")) {
        let text = fs::read_to_string(path).unwrap();
        let lines = allowances(&text);
        let code: Vec<_> = lines.iter().filter(|line| !line.trim_start().starts_with("//")).collect();
        if name == ALLOWS_UNSAFE {
            found += code.len();
        } else {
            assert!(code.is_empty(), "{name}: {code:?}");
        }
    }
    assert_eq!(found, 1, "{ALLOWS_UNSAFE} should allow it for one item");
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    assert!(
        lib.lines().any(|line| line == concat!("#![forbid(unsafe", "_code)]")),
        "the library forbids it as a whole"
    );
}

/// Signs of work left undone, in pieces so that this file does not find itself.
const LEFTOVERS: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("unim", "plemented"),
    concat!("to", "do!"),
    concat!("#[ig", "nore"),
];

/// The lines of a text that hold a sign of work left undone.
fn leftovers(name: &str, text: &str) -> Vec<String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| LEFTOVERS.iter().any(|sign| line.contains(sign)))
        .map(|(index, line)| format!("{name}:{}: {}", index + 1, line.trim()))
        .collect()
}

#[test]
fn nothing_is_left_half_done() {
    let found: Vec<String> = ["src", "tests", "scripts", "examples"]
        .into_iter()
        .flat_map(files)
        .flat_map(|(name, path)| leftovers(&name, &String::from_utf8_lossy(&fs::read(path).unwrap())))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The checker itself, shown samples that it must and must not object to.
mod the_checker {
    use super::{LEFTOVERS, Source, allowances, leftovers, table, wrong_uses};

    fn verdict(name: &str, text: &str) -> Vec<String> {
        wrong_uses(&Source::read(name, text))
    }

    #[track_caller]
    fn objects(name: &str, text: &str, expected: &str) {
        let found = verdict(name, text);
        assert!(
            found.len() == 1 && found[0].contains(expected),
            "expected one fault with \"{expected}\", got {found:#?}"
        );
    }

    #[track_caller]
    fn accepts(name: &str, text: &str) {
        let found = verdict(name, text);
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn objects_to_a_path_that_points_up() {
        objects("src/mac/pmset.rs", "use crate::host::Look;", "mac::pmset uses host::Look");
        objects("src/host/real.rs", "fn f() -> crate::enforce::Pass { g() }", "enforce::Pass");
        objects("src/control.rs", "use super::controls;", "controls");
        objects("src/control.rs", "mod a { mod b { use super::super::super::ledger::Entry; } }", "ledger::Entry");
        objects("src/policy/mod.rs", "use crate::{text, facts::{self, Version}, ledger::{Entry}};", "ledger::Entry");
        objects("src/text.rs", "pub(crate) use crate :: clock :: Clock;", "clock::Clock");
        objects("src/ledger/entry.rs", "macro_rules! m { () => { $crate::report::text() } }", "report::text");
        objects(
            "src/host/mod.rs",
            "impl<'a> X<'a> { fn f(c: char) { if c == '\"' { crate::cli::run() } } }",
            "cli::run",
        );
    }

    #[test]
    fn objects_to_what_hides_a_path() {
        objects("src/host/real.rs", "use crate::*;", "names everything");
        objects("src/host/real.rs", "use super::super::*;", "names everything");
        objects("src/host/real.rs", "use crate as all;", "another name");
        objects("src/host/real.rs", "use crate::Entry;", "not in the table");
        objects("src/stray.rs", "use crate::text;", "no place in the table");
    }

    #[test]
    fn holds_the_simulated_mac_apart() {
        accepts("src/sim/pmset.rs", "use crate::mac::{Ask, Answer, Output}; use crate::host::Look; use super::State;");
        objects("src/sim/pmset.rs", "use crate::mac::pmset;", "mac::pmset");
        objects("src/sim/pmset.rs", "use crate::mac::{self, Ask};", "uses mac:");
        objects("src/sim/pmset.rs", "use crate::mac::*;", "mac::*");
        objects("src/sim/pmset.rs", "use crate::control::Control;", "control::Control");
        objects("src/agent.rs", "use crate::sim::SimMac;", "sim::SimMac");
        objects("src/enforce.rs", "use crate::sim::SimMac;", "sim::SimMac");
        accepts("src/cli/mod.rs", "use crate::sim::SimMac;");
    }

    #[test]
    fn keeps_crates_at_home() {
        objects("src/agent.rs", "use notify::Watcher;", "agent uses notify: notify belongs to daemon");
        objects("src/controls/firewall.rs", "fn f() { sysinfo::System::boot_time() }", "belongs to clock");
        objects("src/policy/mod.rs", "use cron as c;", "belongs to control::timing, schedule");
        objects("src/control/settings.rs", "type A = Box<::cron::Schedule>;", "belongs to control::timing");
        objects("src/enforce.rs", "use ::tokio::time;", "belongs to host, daemon, cli");
        objects("src/enforce.rs", "extern crate tokio;", "belongs to host, daemon, cli");
        accepts("src/daemon/watcher.rs", "use notify::{Event, Watcher as _}; fn f(a: notify::Event) {}");
        accepts("src/schedule/mod.rs", "fn f() -> cron::Schedule { g() }");
        accepts("src/control/timing.rs", "use cron::Schedule;");
        accepts("src/sign_out/act.rs", "use crate::mac::osascript; fn f() { osascript::notify(1) } fn notify() {}");
        accepts("src/sign_out/act.rs", "fn f(cron: &str) { g(cron); h.notify.cron() } // notify::Watcher");
        accepts("src/agent.rs", "#[cfg(test)] mod tests { use notify::Watcher; }");
    }

    #[test]
    fn accepts_what_points_down_and_what_only_looks_like_a_path() {
        accepts("src/host/real.rs", "use crate::mac::Ask; use super::error::ToolError; pub(in crate::host) fn f() {}");
        accepts("src/mac/pmset.rs", "// crate::host\n/* crate::host /* crate::cli */ crate::host */ fn f<'a>() {}");
        accepts(
            "src/mac/pmset.rs",
            r##"const A: &str = "crate::host \" crate::cli"; const B: &str = r#"crate::"host"#;"##,
        );
        accepts("src/mac/pmset.rs", "use other::crate_host::x; fn f() { mycrate::host() }");
        accepts("src/main.rs", "use holdfast::cli;");
    }

    #[test]
    fn passes_over_tests_and_sees_what_follows_them() {
        accepts("src/mac/pmset.rs", "#[cfg(test)]\n#[allow(x)]\nmod tests { use crate::host::Look; mod deeper {} }");
        accepts("src/mac/pmset.rs", "#[cfg(test)] use crate::host::{Look, Touch};");
        objects("src/mac/pmset.rs", "#[cfg(test)] mod tests { fn f() {} } use crate::host::Look;", "host::Look");
        objects("src/mac/pmset.rs", "#[cfg(not(test))] use crate::host::Look;", "host::Look");
        let source = Source::read("src/mac/pmset.rs", "#[cfg(test)]\nmod tests;\n");
        assert_eq!(source.test_files, ["src/mac/pmset/tests.rs", "src/mac/pmset/tests/mod.rs"]);
        let source = Source::read("src/mac/mod.rs", "#[cfg(test)] mod samples;");
        assert_eq!(source.test_files, ["src/mac/samples.rs", "src/mac/samples/mod.rs"]);
    }

    #[test]
    fn counts_the_lines_outside_tests() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        assert_eq!(Source::read("src/text.rs", text).lines, 3);
    }

    #[test]
    fn finds_each_sign_of_work_left_undone() {
        for sign in LEFTOVERS {
            assert_eq!(leftovers("a", &format!("x\n  {sign}] y\n")).len(), 1, "{sign}");
        }
        assert!(leftovers("a", "a method to do it, ignored and implemented\n").is_empty());
    }

    #[test]
    fn sees_who_allows_what_is_unsafe() {
        assert_eq!(allowances(concat!("x\n#[allow(unsafe", "_code)]\n")).len(), 1);
        assert_eq!(allowances(concat!("#![expect(unsafe", "_code)]\n")).len(), 1);
        assert!(allowances(concat!("#![forbid(unsafe", "_code)]\n")).is_empty());
    }

    #[test]
    fn the_table_names_each_module_once() {
        let mut names = table::ORDER.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table::ORDER.len());
    }
}
