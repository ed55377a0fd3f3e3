//! The command line: one file for each group of commands. The only place that prints.

mod arguments;
mod catalogue;
mod config;
mod daemon;
mod doctor;
mod environment;
mod exit;
mod fact;
mod instead;
mod interpret;
mod log;
mod machine;
mod out;
mod pass;
mod posture;
mod profile;
mod restore;
mod schedule;
mod sign_out;
mod status;
mod stop;
mod uninstall;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::Exit;

/// The commands that must be run as root on a real Mac, as they are called. The documents name the same, and a test holds them to it.
pub const NEED_ROOT: [&str; 10] = [
    "check",
    "plan",
    "enforce",
    "restore",
    "resume",
    "frameworks",
    "daemon",
    "sign-out --now",
    "log flush",
    "uninstall",
];

/// The command line as data: what help, manual pages and completions are made of.
#[must_use]
pub fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

/// Runs the program on the process's own arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, everything else is wrong usage.
            let wrong = error.use_stderr();
            if wrong && environment::asks_for("ea") {
                // Whoever runs it stores what stands in the tags, and nothing else.
                return told(fact::unknown(fact::Dress::Tagged)).into();
            }
            if wrong {
                out::error(&error.render().to_string())
            } else {
                out::print(&error.render().to_string())
            }
            return if wrong { Exit::Usage.into() } else { told(Exit::Fine).into() };
        }
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .with_max_level(if arguments.verbose { tracing::Level::DEBUG } else { tracing::Level::WARN })
        .init();
    told(run(&arguments)).into()
}

/// How the program ends where all that it had to say was read by nobody: it could not do what was asked.
fn told(exit: Exit) -> Exit {
    if out::failed() { Exit::CouldNotRun } else { exit }
}

fn run(arguments: &Arguments) -> Exit {
    let at = &arguments.place;
    match &arguments.command {
        Command::Check(options) => pass::run(at, options, pass::Kind::Check),
        Command::Plan(options) => pass::run(at, options, pass::Kind::Plan),
        Command::Enforce(options) => pass::run(at, options, pass::Kind::Enforce),
        Command::Status(options) => status::run(at, options.json),
        Command::Posture(options) => posture::posture(at, options.json),
        Command::Frameworks(options) => posture::frameworks(at, options),
        Command::Schedule(options) => schedule::run(at, options.json),
        Command::Log(options) => log::run(at, options),
        Command::SignOut(options) => sign_out::run(at, options),
        Command::Controls(options) => catalogue::controls(options),
        Command::Explain { control, json } => catalogue::explain(at, control, *json),
        Command::Config(options) => config::run(at, options),
        Command::Daemon => daemon::run(at),
        Command::Doctor(options) => doctor::run(at, options.json),
        Command::Ea(options) => fact::run(at, options, fact::Dress::Tagged),
        Command::Fact(options) => fact::run(at, options, fact::Dress::Bare),
        Command::Audit(options) => fact::audit(at, options.json),
        Command::Profile(options) => profile::run(options),
        Command::Restore(options) => restore::restore(at, options),
        Command::Resume(options) => restore::resume(at, options),
        Command::Uninstall(options) => uninstall::run(at, options),
        Command::Interpret(options) => interpret::run(options),
        Command::AsUser { uid, argv } => {
            let error = crate::host::as_user(*uid, argv);
            out::error(&format!("holdfast as-user {uid}: {error}\n"));
            Exit::CouldNotRun
        }
    }
}
