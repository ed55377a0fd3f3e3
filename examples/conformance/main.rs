//! The same questions to the real tools of this Mac and to the simulated Mac of its version.
//!
//! Asks everything that the survey and all controls ask here, and what they ask of the simulated Mac in any of its worlds; has
//! the simulated Mac asked the same; and prints each answer that is not understood, or is of another form than the simulated
//! ones. Values differ as the Macs do and are not compared. It only looks.
//!
//! ```text
//! conformance [--out DIR]
//! ```
//!
//! With `--out` the differing answers are kept in `DIR/recording.json`, as a transcript, with nothing in it that tells of the
//! Mac's people (see [`redact`]), and what is printed in `DIR/report.txt`. Ends with 0 where nothing differs, 1 where something
//! does, 2 where that could not be told. Needs root, as the agent does.

mod counterpart;
mod form;
mod redact;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use counterpart::Counterpart;
use holdfast::agent::{Agent, Places};
use holdfast::clock::SystemClock;
use holdfast::control::Level;
use holdfast::controls;
use holdfast::enforce::{Line, Outcome, Summary};
use holdfast::host::sessions::sessions;
use holdfast::host::transcript::{Exchange, Recorder, Transcript};
use holdfast::host::{Look, Real, ToolError, Touch, ask};
use holdfast::ledger::Cause;
use holdfast::mac::{Ask, Change, sysctl};
use redact::Redaction;

static NEVER: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = match words.as_slice() {
        [] => run(None),
        ["--out", dir] => run(Some(Path::new(dir))),
        // As the agent does, it starts itself inside a user's session to ask as that user.
        ["as-user", uid, "--", ..] => match uid.parse() {
            Ok(uid) => Err(holdfast::host::as_user(uid, args.get(3..).unwrap_or_default()).to_string()),
            Err(_) => Err(format!("{uid}: no user id")),
        },
        _ => Err("usage: conformance [--out DIR]".to_owned()),
    };
    match ended {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(why) => {
            eprintln!("conformance: {why}");
            ExitCode::from(2)
        }
    }
}

/// What was found about one question.
struct Difference {
    /// In words, a line each.
    said: Vec<String>,
    /// The question with the answer as it may be kept; `None` where nothing of the answer may be.
    recorded: Option<Exchange>,
}

/// Compares; says how many differences there are.
fn run(out: Option<&Path>) -> Result<usize, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let real = Real::new(own);
    let recorder = Recorder::new(&real);
    let summary = look(&recorder, Places::under("/"));
    let facts = summary.facts.as_ref().map_err(ToolError::chain)?;
    let counterpart = Counterpart::find(facts, &recorder)?;
    let redaction = Redaction::new(&counterpart.pairs, counterpart.people_known);
    let mut report = vec![format!("{facts}, compared with the simulated {}", counterpart.name)];

    // What the simulated Mac is asked, because it stands otherwise, this one is asked as well.
    let asked = counterpart.asked_of_simulated(&|look| look_all(look));
    let known: Vec<Ask> = exchanges(&recorder).into_iter().map(|exchange| exchange.ask).collect();
    for ask in asked.into_iter().filter(|ask| !known.contains(ask)) {
        // The answer is in the recorder, an error too.
        let _ = recorder.look(&ask);
    }

    let mut differences = unknowns(&summary);
    let mut seen = Vec::new();
    for Exchange { ask, answer } in exchanges(&recorder) {
        if seen.contains(&ask) {
            continue;
        }
        let simulated = counterpart.answers(&ask);
        let said = form::differences(&ask, &answer, &simulated, &redaction);
        if !said.is_empty() {
            let question = counterpart.translated(&ask);
            let said = said.into_iter().map(|line| format!("{question}: {line}")).collect();
            let recorded = redaction.exchange(question, &answer, &simulated);
            differences.push(Difference { said, recorded });
        }
        seen.push(ask);
    }

    report.extend(differences.iter().flat_map(|difference| difference.said.iter().cloned()));
    let withheld = differences.iter().filter(|difference| difference.recorded.is_none()).count();
    report.push(format!("{} questions, {} differences, {withheld} of them not kept", seen.len(), differences.len()));
    let text = report.join("\n") + "\n";
    print!("{text}");
    if let Some(dir) = out {
        let asks: Vec<Exchange> = differences.iter().filter_map(|difference| difference.recorded.clone()).collect();
        keep(dir, &text, &Transcript { macos: facts.macos.to_string(), source: "conformance".into(), asks })?;
    }
    Ok(differences.len())
}

fn exchanges(recorder: &Recorder<'_>) -> Vec<Exchange> {
    recorder.transcript("", "").asks
}

/// Everything that a pass over the whole catalogue asks.
fn look(mac: &dyn Look, places: Places) -> Summary {
    let agent = Agent {
        look: mac,
        touch: &Untouched,
        clock: &SystemClock,
        places,
        simulated: None,
        cause: Cause { kind: "command_line".into(), user: None, detail: None },
        catalogue: controls::all(),
        instead: holdfast::policy::Instead::level(Level::L3),
        stop: &NEVER,
    };
    let summary = agent.plan().summary;
    // Not asked by controls: who is logged in, and which boot this is. Their answers are judged with the others.
    let _ = sessions(mac);
    let _ = ask(mac, &sysctl::boot_session());
    summary
}

/// The same, of a simulated Mac in memory, whose agent has no files.
fn look_all(mac: &dyn Look) {
    look(mac, Places::under("/nonexistent"));
}

/// The controls that this Mac's answers leave unknown: the strictest word on whether an answer is understood. Why is not said: it
/// has parts of answers in it, and those that may be kept are with their questions.
fn unknowns(summary: &Summary) -> Vec<Difference> {
    let unknown = |line: &&Line| matches!(line.outcome, Outcome::Unknown { .. });
    let said = |line: &Line| vec![format!("control {} is unknown", line.control.id)];
    summary.lines.iter().filter(unknown).map(|line| Difference { said: said(line), recorded: None }).collect()
}

/// Writes the report, and the transcript where there is something in it.
#[expect(clippy::disallowed_methods, reason = "its own results, in a folder that the caller names")]
fn keep(dir: &Path, report: &str, transcript: &Transcript) -> Result<(), String> {
    let failed = |path: &Path| {
        let path: PathBuf = path.to_owned();
        move |error: std::io::Error| format!("{}: {error}", path.display())
    };
    fs::create_dir_all(dir).map_err(failed(dir))?;
    let path = dir.join("report.txt");
    fs::write(&path, report).map_err(failed(&path))?;
    let path = dir.join("recording.json");
    if transcript.asks.is_empty() {
        return Ok(());
    }
    let text = transcript.to_json().map_err(|error| error.to_string())?;
    fs::write(&path, text).map_err(failed(&path))
}

/// Nothing is to be changed here.
struct Untouched;

impl Touch for Untouched {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        Err(ToolError::NotSimulated { command: change.to_string() })
    }
}
