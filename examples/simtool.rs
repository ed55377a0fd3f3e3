//! Every simulated tool as one real program, so that the production host can be run against the simulated Mac: the path that
//! it is started by says which tool it is, and the Mac is the one kept in `/private/sim`.
//!
//! `simtool --tools` prints the tools' absolute paths, a line each; `simtool --create WORLD@MAC DIR` makes a Mac in a folder, or
//! takes the one that is there; `simtool --passwd DIR` prints the people of that Mac as lines for `/etc/passwd`, and
//! `simtool --marks DIR` what stands where with whose ownership, as lines `folder|file|link OWNER:GROUP MODE PATH`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitCode;

use holdfast::host::ToolError;
use holdfast::mac::{FileKind, Output};
use holdfast::sim::{self, SimMac};

/// The host clears the environment, so the place is fixed.
const HOME: &str = "/private/sim";

/// Where the host system's own program of the same name is kept, for calls that are none of the Mac's.
const ORIGINALS: &str = "/private/original";

/// The agent as installed, and what starts it where scripts/rig was given a Mac's own program to install.
const AGENT: &str = "/Library/Holdfast/bin/holdfast";
const MACHRUN: &str = "/private/machrun/machrun";

/// Exit status for a Mac that there is not (`EX_USAGE`).
const USAGE: u8 = 64;

/// The lowest user id of a person on a Mac.
const FIRST_PERSON: i64 = 500;

/// Exit status where the simulation itself fails: not one that a tool of macOS uses.
const BROKEN: u8 = 125;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(why) => {
            eprintln!("simtool: {why}");
            ExitCode::from(BROKEN)
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let mut args = std::env::args_os();
    let own = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    let texts: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = texts.iter().map(String::as_str).collect();
    let Some(tool) = tool(&own.to_string_lossy()) else {
        return match words.as_slice() {
            ["--tools"] => {
                sim::tool_paths().for_each(|path| println!("{path}"));
                Ok(ExitCode::SUCCESS)
            }
            ["--create", name, dir] => {
                let (world, mac) = match sim::parse(name) {
                    Ok(found) => found,
                    Err(error) => {
                        eprintln!("{error}");
                        return Ok(ExitCode::from(USAGE));
                    }
                };
                SimMac::create(Path::new(dir), world, mac).map_err(whole)?;
                Ok(ExitCode::SUCCESS)
            }
            ["--passwd", dir] => {
                let sim = SimMac::open(Path::new(dir)).map_err(whole)?;
                let state = sim.state();
                for user in state.users.iter().filter(|user| user.uid >= FIRST_PERSON) {
                    // What has a meaning of its own in such a line cannot stand in it.
                    let full_name = user.full_name.replace(['\n', ':'], " ");
                    let (name, uid, gid) = (&user.name, user.uid, user.gid);
                    println!("{name}:x:{uid}:{gid}:{full_name}:{}:{}", user.home, user.shell);
                }
                Ok(ExitCode::SUCCESS)
            }
            ["--marks", dir] => {
                let sim = SimMac::open(Path::new(dir)).map_err(whole)?;
                for (path, mark) in sim.marks() {
                    let kind = match mark.kind {
                        FileKind::File => "file",
                        FileKind::Folder => "folder",
                        FileKind::Link => "link",
                        FileKind::Other => continue,
                    };
                    println!("{kind} {}:{} {:04o} {path}", mark.owner, mark.group, mark.mode);
                }
                Ok(ExitCode::SUCCESS)
            }
            _ => Err(
                "start me by the name of a tool, or with --tools, --create WORLD@MAC DIR, --passwd DIR, --marks DIR"
                    .to_owned(),
            ),
        };
    };
    if let ("/bin/launchctl", ["asuser", _, program, ..]) = (tool, words.as_slice()) {
        return Err(become_program(Path::new(program), args.get(3..).unwrap_or_default()));
    }
    let argv: Vec<String> = std::iter::once(tool.to_owned()).chain(texts.iter().cloned()).collect();
    match answer(&argv) {
        Ok(output) => {
            if output.status == 0 {
                follow(tool, &words).map_err(|error| format!("{tool}: {error}"))?;
            }
            print(&output).map_err(|error| error.to_string())
        }
        Err(Failure::Tool(ToolError::NotSimulated { command })) => {
            let original = Path::new(ORIGINALS).join(tool.trim_start_matches('/'));
            if original.exists() {
                return Err(become_program(&original, &args));
            }
            Err(format!("{command}: the simulated Mac does not know this"))
        }
        Err(Failure::Tool(error)) => Err(error.chain()),
        Err(Failure::Other(why)) => Err(why),
    }
}

/// The Mac's path of the tool that was started as `own`: by the whole path where it is one, else by its last part, which no
/// two tools share.
fn tool(own: &str) -> Option<&'static str> {
    let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
    sim::tool_paths().find(|path| *path == own).or_else(|| sim::tool_paths().find(|path| name(path) == name(own)))
}

enum Failure {
    Tool(ToolError),
    Other(String),
}

/// Answers for the Mac, which keeps what changed.
fn answer(argv: &[String]) -> Result<Output, Failure> {
    let sim = SimMac::open(Path::new(HOME)).map_err(|error| Failure::Other(whole(error)))?;
    // Set-user-ID root under the rig, so that what a user sets off can be kept.
    let uid = nix::unistd::getuid();
    let uid = (!uid.is_root()).then(|| uid.as_raw());
    sim.run(argv, uid).map_err(Failure::Tool)
}

/// Does to the files here what the tool did to the Mac's, where that is about files: they lie at their own paths.
#[allow(clippy::disallowed_methods)] // what is not the agent's is changed here, as the real tool would
fn follow(tool: &str, words: &[&str]) -> io::Result<()> {
    let ["-h", what, paths @ ..] = words else { return Ok(()) };
    for path in paths.iter().filter(|path| Path::new(path).symlink_metadata().is_ok()) {
        match tool {
            // Linux keeps no mode of a link.
            "/bin/chmod" if !Path::new(path).is_symlink() => {
                let mode = u32::from_str_radix(what, 8).map_err(io::Error::other)?;
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
            }
            "/usr/sbin/chown" => {
                let ids = what.split_once(':').map(|(owner, group)| (owner.parse().ok(), group.parse().ok()));
                let (owner, group) = ids.unwrap_or_default();
                std::os::unix::fs::lchown(path, owner, group)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn print(output: &Output) -> io::Result<ExitCode> {
    io::stdout().write_all(&output.stdout)?;
    io::stdout().flush()?;
    io::stderr().write_all(&output.stderr)?;
    Ok(ExitCode::from(u8::try_from(output.status).unwrap_or(BROKEN)))
}

/// Turns this process into another program, as whoever started it; comes back only where that fails.
#[allow(clippy::disallowed_methods)] // nothing is started: this process becomes the program, as the real tool's does
fn become_program(program: &Path, args: &[OsString]) -> String {
    if let Err(error) = nix::unistd::setuid(nix::unistd::getuid()) {
        return format!("{}: {error}", program.display());
    }
    let mut command = if program == Path::new(AGENT) && Path::new(MACHRUN).exists() {
        let mut command = std::process::Command::new(MACHRUN);
        command.arg(program);
        command
    } else {
        std::process::Command::new(program)
    };
    let error = command.args(args).exec();
    format!("{}: {error}", program.display())
}

/// An error with all its causes.
fn whole(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
