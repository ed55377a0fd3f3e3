//! Exit statuses. Published in the manual; a number once given is never given another meaning.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all that was asked holds.
    Fine,
    /// 1: could not run, or not to the end.
    CouldNotRun,
    /// 2: drift remains, or something is unknown.
    Drift,
    /// 3: there was drift, and all of it is mended.
    Mended,
    /// 64: wrong usage.
    Usage,
    /// 65: an input was not understood, or evidence does not hold.
    NotUnderstood,
    /// 77: not root.
    NotRoot,
    /// 78: bad policy.
    BadPolicy,
    /// 1 of an audit: something is not as policy wants it. Its numbers are what MDMs' script runners expect.
    NotCompliant,
    /// 2 of an audit: it cannot be told.
    CannotTell,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::CouldNotRun | Exit::NotCompliant => 1,
            Exit::Drift | Exit::CannotTell => 2,
            Exit::Mended => 3,
            Exit::Usage => 64,
            Exit::NotUnderstood => 65,
            Exit::NotRoot => 77,
            Exit::BadPolicy => 78,
        })
    }
}
