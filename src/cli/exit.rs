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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::CouldNotRun => 1,
            Exit::Drift => 2,
            Exit::Mended => 3,
            Exit::Usage => 64,
            Exit::NotUnderstood => 65,
            Exit::NotRoot => 77,
            Exit::BadPolicy => 78,
        })
    }
}
