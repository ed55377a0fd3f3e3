//! The smaller self: started as root inside a user's login session, it becomes that user for good and turns into the
//! program.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Uid, User, geteuid, getuid};

/// Becomes user `uid` and executes `argv` (the program's absolute path, then its arguments) in place of this process.
///
/// User id, group id and the saved ones are the user's, no supplementary group is left, and the environment is `HOME`,
/// `USER`, `LOGNAME`, `PATH` and `LC_ALL` and nothing else. Returns only where that failed, with why: not root, user 0,
/// an unknown user, a path that is not absolute, or what the system said. This process then still is root and must end.
#[must_use]
pub fn as_user(uid: u32, argv: &[OsString]) -> io::Error {
    match prepare(uid, argv) {
        Ok(mut command) => command.exec(),
        Err(why) => why,
    }
}

fn prepare(uid: u32, argv: &[OsString]) -> io::Result<Command> {
    let refused = |kind, why: String| Err(io::Error::new(kind, why));
    if !getuid().is_root() || !geteuid().is_root() {
        return refused(io::ErrorKind::PermissionDenied, format!("only root can become user {uid}"));
    }
    if uid == 0 {
        return refused(io::ErrorKind::InvalidInput, "becoming user 0 would drop nothing".to_owned());
    }
    let Some((program, args)) = argv.split_first().filter(|(program, _)| Path::new(program).is_absolute()) else {
        return refused(io::ErrorKind::InvalidInput, "the program is not given by an absolute path".to_owned());
    };
    let Some(user) = User::from_uid(Uid::from_raw(uid))? else {
        return refused(io::ErrorKind::NotFound, format!("there is no user {uid}"));
    };
    #[expect(clippy::disallowed_methods, reason = "the second half of the one door: executes, does not start")]
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .env("HOME", &user.dir)
        .env("USER", &user.name)
        .env("LOGNAME", &user.name)
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LC_ALL", "C")
        .current_dir("/")
        // In the standard library's `do_exec` the order is setgid, then, as a user id is set and root sets it,
        // setgroups to none, then setuid; each failure but a refused setgroups ends it, and what would refuse that
        // refuses the setgid before it.
        .gid(user.gid.as_raw())
        .uid(uid);
    Ok(command)
}
