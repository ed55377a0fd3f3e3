//! Which module may use which.

/// The modules from the ground up: each may use those before it, and itself.
pub const ORDER: [&str; 18] = [
    "text",
    "installed",
    "clock",
    "facts",
    "mac",
    "host",
    "control",
    "controls",
    "policy",
    "profile",
    "ledger",
    "schedule",
    "enforce",
    "sign_out",
    "report",
    "agent",
    "daemon",
    "cli",
];

/// The simulated Mac stands beside the order. It is the other side of `mac`, so it may not lean on its builders and
/// parsers: a mistake there would then be made twice and agree with itself.
pub const SIM: &str = "sim";
/// The modules that the simulated Mac may use whole.
pub const SIM_MAY_USE: [&str; 4] = ["text", "clock", "facts", "host"];
/// The words of `mac` that the simulated Mac may use: the shape of questions and answers, not their content.
pub const SIM_MAY_SAY: [&str; 10] = [
    "Ask",
    "Answer",
    "Output",
    "FileAnswer",
    "FileKind",
    "FileStatus",
    "FolderEntry",
    "Invocation",
    "Change",
    "Misread",
];
/// The one thing of the catalogue that it may ask: which keys a profile forces, as domain, key and value. They are what an
/// MDM hands out, and no reading of anything; with a list of its own, each control that only a profile holds would have to be
/// written down twice.
pub const SIM_MAY_ASK: [&str; 2] = ["controls", "forced"];
/// Who may use the simulated Mac.
pub const MAY_USE_SIM: [&str; 1] = ["cli"];

/// The crates with a home, and the modules that it is. What they stand for is one idea of the program, and the rest is told
/// of it in the program's own words: which file events there are, how a cron expression is read, how long the Mac has run.
pub const CRATES: [(&str, &[&str]); 7] = [
    ("clap", &["cli"]),
    ("cron", &["control::timing", "schedule"]),
    ("notify", &["daemon"]),
    ("sysinfo", &["clock"]),
    ("terminal_size", &["cli"]),
    ("tokio", &["host", "daemon", "cli"]),
    ("tracing_subscriber", &["cli"]),
];

/// The files of the crate's root: the list of modules, and the program with what it says of itself. They may use anything.
const ROOT: [&str; 3] = ["lib", "main", "info_plist"];

/// Whether a module has a place in the table.
pub fn has_place(module: &[String]) -> bool {
    let Some(top) = module.first().map(String::as_str) else { return true };
    ORDER.contains(&top) || top == SIM || ROOT.contains(&top)
}

/// Why a module may not use a path from the crate's root, or `None` where it may.
pub fn forbids(module: &[String], path: &[String]) -> Option<String> {
    let user = module.first().map_or("lib", String::as_str);
    let used = path.first().map_or("", String::as_str);
    if ROOT.contains(&user) {
        return None;
    }
    if !has_place(module) {
        return Some(format!("{user} has no place in the table"));
    }
    match used {
        "*" => return Some("a glob of the crate's root names everything".to_owned()),
        "as" => return Some("gives the crate another name, which hides what is used".to_owned()),
        _ => {}
    }
    if used == user {
        return None;
    }
    if used == SIM {
        let by = MAY_USE_SIM.join(", ");
        return (!MAY_USE_SIM.contains(&user)).then(|| format!("only {by}, main and tests may use the simulated Mac"));
    }
    let Some(level) = ORDER.iter().position(|name| *name == used) else {
        return Some(format!("{used} is not in the table"));
    };
    if user == SIM {
        let may = SIM_MAY_USE.contains(&used)
            || used == "mac" && path.get(1).is_some_and(|word| SIM_MAY_SAY.contains(&word.as_str()))
            || path.iter().map(String::as_str).eq(SIM_MAY_ASK);
        return (!may).then(|| {
            let asks = SIM_MAY_ASK.join("::");
            format!("the simulated Mac may use {SIM_MAY_USE:?}, {asks} and, of mac, {SIM_MAY_SAY:?}")
        });
    }
    let own = ORDER.iter().position(|name| *name == user);
    (Some(level) > own).then(|| format!("{used} is above {user}"))
}

/// Why a module may not use a crate, or `None` where it may.
pub fn forbids_crate(module: &[String], name: &str) -> Option<String> {
    let (_, homes) = CRATES.iter().find(|(with_home, _)| *with_home == name)?;
    let at_home = homes.iter().any(|home| {
        let mut own = module.iter().map(String::as_str);
        home.split("::").all(|part| own.next() == Some(part))
    });
    (!at_home).then(|| format!("{name} belongs to {}", homes.join(", ")))
}
