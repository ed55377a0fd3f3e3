//! A program that behaves badly in the way its first argument says, for the tests of the host.
//!
//! Where a file is named, the program's process group is written there first, so that a test can see what is left of
//! it.
#![expect(clippy::disallowed_methods, reason = "misbehaving is its purpose")]

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use holdfast::host::real::abandon;
use holdfast::host::{Look, Real, as_user};
use holdfast::mac::{Answer, Ask, Invocation, Output};
use nix::sys::signal::{Signal, raise};
use nix::unistd::{close, getpgrp, getpid, setsid};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match behave(&args) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("unruly: {why}");
            ExitCode::from(70)
        }
    }
}

fn behave(args: &[&str]) -> io::Result<ExitCode> {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    match args {
        ["hang", group] => {
            tell_group(group)?;
            sleep_long();
        }
        ["hang-silently"] => sleep_long(),
        ["print-then-hang", bytes, group] => {
            tell_group(group)?;
            out.write_all(&vec![b'x'; count(bytes)?])?;
            out.flush()?;
            sleep_long();
        }
        // Both at once, so that whoever reads one stream to its end before the other waits for ever.
        ["print-both", bytes] => {
            let bytes = vec![b'x'; count(bytes)?];
            for (out_part, err_part) in bytes.chunks(1000).zip(bytes.chunks(1000)) {
                err.write_all(err_part)?;
                out.write_all(out_part)?;
            }
            out.flush()?;
        }
        ["print-errors", bytes, group] => {
            tell_group(group)?;
            err.write_all(&vec![b'x'; count(bytes)?])?;
            sleep_long();
        }
        ["print", bytes, group] => {
            tell_group(group)?;
            out.write_all(&vec![b'x'; count(bytes)?])?;
        }
        ["leave-behind", "holding", group] => {
            tell_group(group)?;
            writeln!(out, "done")?;
            leave_behind(Stdio::inherit)?;
        }
        ["leave-behind", "holding-for-a-moment", group] => {
            tell_group(group)?;
            writeln!(out, "done")?;
            start("drip", &["1"], Stdio::inherit)?;
        }
        ["leave-behind", "quietly", group] => {
            tell_group(group)?;
            writeln!(out, "done")?;
            leave_behind(Stdio::null)?;
        }
        ["leave-behind", "escaping", told] => {
            writeln!(out, "done")?;
            start("escape", &[told], Stdio::inherit)?;
            while !Path::new(told).exists() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        ["escape", told] => {
            setsid()?;
            tell_group(told)?;
            sleep_long();
        }
        ["close-and-hang", group] => {
            tell_group(group)?;
            writeln!(out, "done")?;
            close(1)?;
            close(2)?;
            sleep_long();
        }
        ["signal-self", signal] => {
            let signal: Signal = signal.parse()?;
            writeln!(out, "before")?;
            raise(signal)?;
        }
        ["drip", times] => {
            for n in 0..count(times)? {
                std::thread::sleep(Duration::from_millis(100));
                writeln!(out, "{n}")?;
            }
        }
        // As a second signal ends the agent: at once, while a tool of its hangs.
        ["abandon", told] => {
            let argv = [&std::env::current_exe()?.to_string_lossy(), "hang", told].map(str::to_owned).to_vec();
            let hang = Invocation { argv, as_user: None, limit: Duration::from_secs(50) };
            std::thread::spawn(|| Real::new("/nonexistent".into()).look(&Ask::Run(hang)));
            while std::fs::read(told).unwrap_or_default().is_empty() {
                std::thread::sleep(Duration::from_millis(5));
            }
            abandon();
            std::process::exit(1);
        }
        ["report"] => report(&mut out)?,
        // Looks through the one door at another program, from a process with descriptors of its own and whatever
        // environment it was given.
        ["door", program, args @ ..] => {
            let _file = File::open("/dev/null")?;
            let socket = PathBuf::from(format!("{}.sock", std::env::temp_dir().join(getpid().to_string()).display()));
            let _listener = UnixListener::bind(&socket)?;
            let argv = [program].into_iter().chain(args).map(|arg| (*arg).to_owned()).collect();
            let run = Invocation { argv, as_user: None, limit: Duration::from_secs(20) };
            let answer = Real::new("/nonexistent".into()).look(&Ask::Run(run));
            std::fs::remove_file(&socket)?;
            let Ok(Answer::Ran(Output { status, stdout, stderr })) = answer else {
                return Err(io::Error::other(format!("{answer:?}")));
            };
            out.write_all(&stdout)?;
            err.write_all(&stderr)?;
            return Ok(ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX)));
        }
        ["as-user", uid, "--", argv @ ..] => {
            let uid = uid.parse().map_err(io::Error::other)?;
            let argv: Vec<_> = argv.iter().map(Into::into).collect();
            return Err(as_user(uid, &argv));
        }
        _ => return Err(io::Error::other(format!("unknown: {args:?}"))),
    }
    Ok(ExitCode::SUCCESS)
}

fn count(text: &str) -> io::Result<usize> {
    text.parse().map_err(io::Error::other)
}

fn tell_group(file: &str) -> io::Result<()> {
    std::fs::write(Path::new(file), getpgrp().to_string())
}

/// Long beyond any limit of the tests, and yet not for ever should a test fail.
fn sleep_long() {
    std::thread::sleep(Duration::from_secs(60));
}

fn leave_behind(streams: fn() -> Stdio) -> io::Result<()> {
    start("hang-silently", &[], streams)
}

fn start(mode: &str, args: &[&str], streams: fn() -> Stdio) -> io::Result<()> {
    let own = std::env::current_exe()?;
    Command::new(own).arg(mode).args(args).stdin(Stdio::null()).stdout(streams()).stderr(streams()).spawn()?;
    Ok(())
}

/// What this process was given, one thing a line.
fn report(out: &mut impl Write) -> io::Result<()> {
    // First, before anything here opens a descriptor: closing succeeds for those that were inherited.
    let inherited: Vec<i32> = (3..1024).filter(|fd| close(*fd).is_ok()).collect();
    writeln!(out, "inherited {inherited:?}")?;
    writeln!(out, "folder {}", std::env::current_dir()?.display())?;
    writeln!(out, "leads its group {}", getpgrp() == getpid())?;
    writeln!(out, "standard input {} bytes", io::copy(&mut io::stdin(), &mut io::sink())?)?;
    let mut names: Vec<String> = std::env::vars_os().map(|(name, value)| format!("{name:?}={value:?}")).collect();
    names.sort();
    for name in names {
        writeln!(out, "env {name}")?;
    }
    Ok(())
}
