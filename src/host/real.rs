//! The real Mac: the one file that starts programs. Everything that the agent asks of a tool or has one change goes
//! through here.
//!
//! What every program gets, whoever started the agent and with whatever environment:
//!
//! - an absolute path and an argument array; no shell, no search along `PATH`;
//! - an environment of `PATH`, `LC_ALL` and `LANG` and nothing else, so that wordings are the ones the parsers know and
//!   nothing that a user exported (`DYLD_*`, `CFFIXED_USER_HOME`, `TMPDIR`) reaches a root process;
//! - `/` as working folder, `/dev/null` as standard input, the agent's umask, and none of the descriptors that the
//!   agent opened;
//! - a process group of its own, a time limit, and a cap on each output stream. When the call returns, the program has
//!   been reaped and what it left behind in its group has been killed.
//!
//! The program file's own owner and mode are not checked: the paths are constants of this release and lie on macOS's
//! sealed, read-only system volume. Whoever can replace a file there already is root with integrity protection off, and
//! could answer any check in the program's place. Where our own executable lies is a different matter: the
//! installation's check looks at that.
//!
//! Not covered: a program that leaves the process group (`setsid`) leaves our reach, as macOS has no other handle on a
//! family of processes. The call still returns in time. A descriptor above the three standard ones that the agent
//! itself was started with is passed on: launchd gives none, and closing a person's would break `<(...)` on the command
//! line. And if the agent itself is killed, a running tool goes on to its own end.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::future::{Future, poll_fn};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Look, ToolError, Touch, files, status};
use crate::mac::{Answer, Ask, Change, Invocation, Output};

/// The most that a program may print on one stream, in bytes. The longest known answer (`mdmclient QuerySecurityInfo`,
/// `system_profiler`) is under 100 KiB.
pub const CAP: usize = 1024 * 1024;

/// How long the output may stay open after the program itself has ended, within its limit.
pub const GRACE: Duration = Duration::from_secs(1);

/// How long to wait for killed processes to be gone. Only one that is stuck in the kernel takes longer, and nobody can
/// end that.
const LAST_RITES: Duration = Duration::from_secs(1);

/// How much longer a tool may run once the agent was told to stop: enough for every change to end by itself.
pub const LAST_WORK: Duration = Duration::from_secs(4);

/// For how long after the agent was told to stop a tool may still be started, to see what the step at hand came to.
pub const LAST_START: Duration = Duration::from_secs(6);

/// When the last tool is gone after the agent was told to stop, but for [`LAST_RITES`].
const LAST_END: Duration = Duration::from_secs(8);

/// How often a running tool's follower looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_millis(100);

/// The environment of every program.
const ENVIRONMENT: [(&str, &str); 3] = [("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"), ("LC_ALL", "C"), ("LANG", "C")];

/// Puts a program into a user's login session. It stays root: dropping to the user is left to us ([`super::as_user()`]).
const LAUNCHCTL: &str = "/bin/launchctl";

/// Held while a program is started: macOS has no `pipe2`, so the standard library opens a pipe and marks it
/// close-on-exec in two steps. A program started by another thread between the two would inherit the pipe and keep our
/// answer from ever ending.
static STARTING: Mutex<()> = Mutex::new(());

/// The process groups of the tools that run.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Kills every tool that runs, for a process that ends at once. No tool starts after that: whoever tries waits for the end.
pub fn abandon() {
    std::mem::forget(STARTING.lock().unwrap_or_else(PoisonError::into_inner));
    for group in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = killpg(Pid::from_raw(*group), Signal::SIGKILL);
    }
}

/// The Mac that this process runs on. May be shared among threads; must not be used from within async code, as every
/// call blocks.
#[derive(Debug)]
pub struct Real {
    own: PathBuf,
    stop: Option<Stop>,
}

/// Whether the agent was told to stop, and since when that is known here.
#[derive(Debug)]
struct Stop {
    flag: &'static AtomicBool,
    seen: OnceLock<Instant>,
}

impl Stop {
    /// When it was first seen that the agent is to stop; `None` where it is not.
    fn seen(&self) -> Option<Instant> {
        self.flag.load(Ordering::Relaxed).then(|| *self.seen.get_or_init(Instant::now))
    }
}

impl Real {
    /// `own` is the absolute path of this executable; it is started again, as a smaller self, for what runs as a user.
    #[must_use]
    pub fn new(own: PathBuf) -> Self {
        Self { own, stop: None }
    }

    /// The same, which is told by `flag` that the agent is to stop. Once that is seen, a tool that runs, or starts, has
    /// [`LAST_WORK`] left and is killed then ([`ToolError::Stopped`]), and after [`LAST_START`] none is started
    /// ([`ToolError::NotStarted`]), so that what may have been done is told from what was not. From the flag to the end of the last tool it is 9 s at most.
    #[must_use]
    pub fn stopping(self, flag: &'static AtomicBool) -> Self {
        Self { stop: Some(Stop { flag, seen: OnceLock::new() }), ..self }
    }

    fn run(&self, run: &Invocation) -> Result<Output, ToolError> {
        let argv = self.argv(run);
        self.check_absolute(run)?;
        let seen = self.stop.as_ref().and_then(Stop::seen);
        if seen.is_some_and(|seen| seen.elapsed() >= LAST_START) {
            let source = io::Error::new(io::ErrorKind::Interrupted, "the agent was told to stop");
            return Err(ToolError::NotStarted { command: run.to_string(), source: Arc::new(source) });
        }
        // One runtime a call: probes run on several plain threads at once, a current-thread runtime serves one of them
        // at a time, and a shared one would leave threads and descriptors behind. Making one costs a few descriptors
        // and microseconds, next to milliseconds for the program.
        let (runtime, child) = start(&argv).map_err(|why| not_started(&argv, why))?;
        let ended = runtime.block_on(follow(child, run.limit, self.stop.as_ref()));
        let command = || run.to_string();
        let (status, stdout, stderr) = ended.map_err(|cut| match cut {
            Cut::TooLong => ToolError::TooLong { command: command(), cap: CAP },
            Cut::After(limit) => ToolError::TimedOut { command: command(), limit },
            Cut::Stopped => ToolError::Stopped { command: command() },
            Cut::Lost(source) => ToolError::Lost { command: command(), source: Arc::new(source) },
        })?;
        match (status.code(), status.signal()) {
            (Some(status), _) => Ok(Output { status, stdout, stderr }),
            (None, Some(signal)) => Err(ToolError::Signalled { command: command(), signal }),
            (None, None) => {
                let source = Arc::new(io::Error::other(format!("neither ended nor killed: {status}")));
                Err(ToolError::Lost { command: command(), source })
            }
        }
    }

    /// What is really started for `run`.
    fn argv(&self, run: &Invocation) -> Vec<OsString> {
        let mut argv: Vec<OsString> = Vec::new();
        if let Some(uid) = run.as_user {
            argv.extend([LAUNCHCTL, "asuser"].map(Into::into));
            argv.push(uid.to_string().into());
            argv.push(self.own.clone().into());
            argv.push("as-user".into());
            argv.push(uid.to_string().into());
            argv.push("--".into());
        }
        argv.extend(run.argv.iter().map(Into::into));
        argv
    }

    /// Refuses what would be searched for along `PATH` or from the working folder, and a user's program that does not
    /// exist: from here on only the two programs in front of it would be seen to start.
    fn check_absolute(&self, run: &Invocation) -> Result<(), ToolError> {
        let program = Path::new(run.program());
        let is_absolute = program.is_absolute() && (run.as_user.is_none() || self.own.is_absolute());
        if !is_absolute {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "the program is not given by an absolute path");
            return Err(ToolError::NotStarted { command: run.to_string(), source: Arc::new(source) });
        }
        if run.as_user.is_some() && is_absent(program) {
            return Err(ToolError::Missing { command: run.to_string() });
        }
        Ok(())
    }
}

impl Look for Real {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        match ask {
            Ask::Run(run) => self.run(run).map(Answer::Ran),
            Ask::File(path) => files::read(path).map(Answer::File),
            Ask::Status(path) => status::of(path).map(Answer::Status),
            Ask::Folder(path) => status::names_in(path).map(Answer::Folder),
        }
    }
}

impl Touch for Real {
    fn touch(&self, change: &Change) -> Result<(), ToolError> {
        let output = self.run(&change.run)?;
        (change.read)(&output).map_err(|why| ToolError::from_misread(change.to_string(), Some(output.status), why))
    }
}

/// Starts the program. The runtime is the one that the child is bound to.
fn start(argv: &[OsString]) -> io::Result<(Runtime, Child)> {
    let (program, args) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    // A panic while it was held leaves nothing half-done: the guarded thing is a moment, not data.
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _context = runtime.enter();
    #[expect(clippy::disallowed_methods, reason = "this is the one door")]
    let mut command = Command::new(program);
    let child = command
        .args(args)
        .env_clear()
        .envs(ENVIRONMENT)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).extend(group(&child));
    drop(_context);
    Ok((runtime, child))
}

/// The process group that the program leads; `None` once it has been reaped.
fn group(child: &Child) -> Option<i32> {
    child.id().and_then(|id| i32::try_from(id).ok())
}

/// Names what could not be started: for a user's program that is the launcher in front of it.
fn not_started(argv: &[OsString], why: io::Error) -> ToolError {
    let argv: Vec<String> = argv.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let shown = Invocation { argv, as_user: None, limit: Duration::ZERO };
    let command = shown.to_string();
    // A script whose interpreter is missing gives ENOENT too, though there is such a program.
    if why.kind() == io::ErrorKind::NotFound && is_absent(Path::new(shown.program())) {
        ToolError::Missing { command }
    } else {
        ToolError::NotStarted { command, source: Arc::new(why) }
    }
}

fn is_absent(program: &Path) -> bool {
    matches!(program.symlink_metadata(), Err(why) if why.kind() == io::ErrorKind::NotFound)
}

/// A program's status, standard output and standard error.
type Ended = (ExitStatus, Vec<u8>, Vec<u8>);

/// Why a program was not followed to its own end.
enum Cut {
    /// It printed more than [`CAP`].
    TooLong,
    /// It, or what it left behind, had not ended after this time.
    After(Duration),
    /// The agent was told to stop.
    Stopped,
    /// It could not be read or waited for.
    Lost(io::Error),
}

/// Follows the program to its end or cuts it off, and leaves nothing of its group behind.
async fn follow(mut child: Child, limit: Duration, stop: Option<&Stop>) -> Result<Ended, Cut> {
    let number = group(&child);
    let group = number.map(Pid::from_raw);
    let ended = watch(&mut child, limit, stop).await;
    // Always, as even a program that ended well may have left something running that closed its output. The leader may
    // already be reaped, but its number cannot have gone to a stranger: the kernel gives out no number that is still a
    // group's (XNU `forkproc` looks in the table of groups; Linux keeps the number taken), and if the group is empty,
    // numbers would have to run once round (99,999 on macOS) within GRACE.
    if let Some(group) = group {
        let _ = killpg(group, Signal::SIGKILL);
    }
    let _ = child.start_kill();
    let _ = timeout(LAST_RITES, async {
        let _ = child.wait().await;
        // Orphans of the group are reaped by launchd. Any error means that none is left (macOS says EPERM where only
        // dead ones are).
        while group.is_some_and(|group| killpg(group, None).is_ok()) {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    if let Some(number) = number {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
    ended
}

/// Reads both streams and waits for the program, all at once, so that neither side can block the other.
///
/// The program's status counts only together with the end of both streams. When the program has ended but something
/// that it started still holds a stream after [`GRACE`], what was read so far may be half an answer, and half an answer
/// must not become a value: that is a [`Cut::After`].
async fn watch(child: &mut Child, limit: Duration, stop: Option<&Stop>) -> Result<Ended, Cut> {
    let started = Instant::now();
    let mut allowed = limit;
    let mut cut_off = pin!(sleep(allowed));
    let mut told_to_stop = pin!(told_to_stop(stop, started));
    let mut stdout = pin!(drain(child.stdout.take()));
    let mut stderr = pin!(drain(child.stderr.take()));
    let mut leader = pin!(child.wait());
    let (mut out, mut err, mut status) = (None, None, None);
    poll_fn(|context| {
        if out.is_none()
            && let Poll::Ready(bytes) = stdout.as_mut().poll(context)
        {
            out = Some(bytes?);
        }
        if err.is_none()
            && let Poll::Ready(bytes) = stderr.as_mut().poll(context)
        {
            err = Some(bytes?);
        }
        if status.is_none()
            && let Poll::Ready(ended) = leader.as_mut().poll(context)
        {
            status = Some(ended.map_err(Cut::Lost)?);
            let with_grace = started.elapsed() + GRACE;
            if with_grace < allowed {
                allowed = with_grace;
                cut_off.as_mut().reset(started + allowed);
            }
        }
        match (status, out.take(), err.take()) {
            (Some(status), Some(out), Some(err)) => return Poll::Ready(Ok((status, out, err))),
            (_, so_far, errors_so_far) => (out, err) = (so_far, errors_so_far),
        }
        if told_to_stop.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Cut::Stopped));
        }
        cut_off.as_mut().poll(context).map(|()| Err(Cut::After(allowed)))
    })
    .await
}

/// Ends when a tool that began at `started` must end, because the agent was told to stop; never where it is not.
async fn told_to_stop(stop: Option<&Stop>, started: Instant) {
    let Some(stop) = stop else { return std::future::pending().await };
    let seen = loop {
        match stop.seen() {
            Some(seen) => break seen,
            None => sleep(LOOK_UP).await,
        }
    };
    sleep_until((started.max(seen) + LAST_WORK).min(seen + LAST_END)).await;
}

/// Reads a stream to its end, or to just past the cap.
async fn drain(stream: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, Cut> {
    let stream = stream.ok_or_else(|| Cut::Lost(io::Error::other("the program was started without an output pipe")))?;
    let mut bytes = Vec::new();
    stream.take(CAP as u64 + 1).read_to_end(&mut bytes).await.map_err(Cut::Lost)?;
    if bytes.len() > CAP { Err(Cut::TooLong) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_users_program_goes_through_launchctl_and_our_own_smaller_self() {
        let real = Real::new("/Library/Holdfast/bin/holdfast".into());
        let run = Invocation::new("/usr/bin/defaults", &["read", "a b"]).as_user(501);
        let expected = "/bin/launchctl asuser 501 /Library/Holdfast/bin/holdfast as-user 501 -- /usr/bin/defaults read";
        let mut expected: Vec<&OsStr> = expected.split(' ').map(OsStr::new).collect();
        expected.push(OsStr::new("a b"));
        assert_eq!(real.argv(&run), expected);
    }

    #[test]
    fn roots_program_is_started_as_it_stands() {
        let run = Invocation::new("/usr/bin/defaults", &["read", ""]);
        assert_eq!(Real::new("/own".into()).argv(&run), ["/usr/bin/defaults", "read", ""]);
    }
}
